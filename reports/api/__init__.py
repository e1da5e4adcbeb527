"""REST of cooperation reports and of letters about a price."""

from reports import api_letters
from reports.api.batches import Batches
from reports.api.blocks import TextBlocks
from reports.api.links import ReportLinks
from reports.api.reports import Reports

routes = [
    ("reports", Reports),
    ("report-links", ReportLinks),
    ("report-batches", Batches),
    *api_letters.routes,
    ("report-blocks", TextBlocks),
]
