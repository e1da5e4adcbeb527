"""Who may see and work needs: whoever serves the client."""

from accounts.policy import SERVING, ClientRowPolicy, OpenPolicy
from needs.models import (
    Confirmation,
    Need,
    NeedFile,
    NeedStage,
    NeedStep,
    ProductAdvantage,
    Tool,
    VisitAgenda,
)


class NeedPolicy(ClientRowPolicy):
    model = Need
    grants = {"view": SERVING, "add": SERVING, "change": SERVING, "advance": SERVING}


class NeedStepPolicy(ClientRowPolicy):
    model = NeedStep
    path = "need__client__"
    grants = {"view": SERVING}


class ConfirmationPolicy(ClientRowPolicy):
    """Whoever serves the client asks and decides; the service sees that it is not one person."""

    model = Confirmation
    path = "need__client__"
    grants = {"view": SERVING, "add": SERVING, "withdraw": SERVING, "decide": SERVING}


class NeedFilePolicy(ClientRowPolicy):
    model = NeedFile
    path = "need__client__"
    grants = {"view": SERVING, "add": SERVING, "delete": SERVING}


class VisitAgendaPolicy(ClientRowPolicy):
    """Written with the plan of its contact, by its power."""

    model = VisitAgenda
    path = "visit__client__"
    grants = {"view": SERVING}


class NeedStagePolicy(OpenPolicy):
    model = NeedStage


class ToolPolicy(OpenPolicy):
    model = Tool


class ProductAdvantagePolicy(OpenPolicy):
    model = ProductAdvantage
