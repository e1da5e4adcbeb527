"""REST of bonuses: sheets, objections, rules, what is written down, what goes to payroll."""

from bonuses.api.facts import ManualFacts, PayBases, Upsells
from bonuses.api.schemes import BonusSchemes
from bonuses.api.sheets import Objections, PayrollExports, Sheets

routes = [
    ("bonus-sheets", Sheets),
    ("bonus-objections", Objections),
    ("bonus-schemes", BonusSchemes),
    ("pay-bases", PayBases),
    ("upsells", Upsells),
    ("manual-facts", ManualFacts),
    ("payroll-exports", PayrollExports),
]
