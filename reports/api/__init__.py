"""REST of cooperation reports and of letters about a price."""

from reports.api.batches import Batches
from reports.api.blocks import TextBlocks
from reports.api.letters import LetterBatches, PriceLetters
from reports.api.links import ReportLinks
from reports.api.reports import Reports

routes = [
    ("reports", Reports),
    ("report-links", ReportLinks),
    ("report-batches", Batches),
    ("price-letters", PriceLetters),
    ("letter-batches", LetterBatches),
    ("report-blocks", TextBlocks),
]
