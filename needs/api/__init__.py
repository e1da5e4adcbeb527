"""REST of needs."""

from needs.api.confirmations import Confirmations
from needs.api.dictionaries import NeedStages, ProductAdvantages, Tools
from needs.api.figures import NeedEffectsViewSet, NeedFunnelViewSet
from needs.api.files import NeedFiles
from needs.api.impact import NeedImpactViewSet
from needs.api.needs import Needs

routes = [
    ("needs", Needs),
    ("confirmations", Confirmations),
    ("need-files", NeedFiles),
    ("need-stages", NeedStages),
    ("need-funnel", NeedFunnelViewSet),
    ("need-effects", NeedEffectsViewSet),
    ("need-impact", NeedImpactViewSet),
    ("tools", Tools),
    ("product-advantages", ProductAdvantages),
]
