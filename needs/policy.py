"""Who may see and work needs: whoever serves the client."""

from accounts.policy import SERVING, ClientRowPolicy, OpenPolicy
from needs.models import Need, NeedStage, NeedStep, ProductAdvantage, Tool


class NeedPolicy(ClientRowPolicy):
    model = Need
    grants = {"view": SERVING, "add": SERVING, "change": SERVING, "advance": SERVING}


class NeedStepPolicy(ClientRowPolicy):
    model = NeedStep
    path = "need__client__"
    grants = {"view": SERVING}


class NeedStagePolicy(OpenPolicy):
    model = NeedStage


class ToolPolicy(OpenPolicy):
    model = Tool


class ProductAdvantagePolicy(OpenPolicy):
    model = ProductAdvantage
