"""Who may see and edit decision schemes: whoever serves the client."""

from typing import Any

from accounts.policy import SERVING, ClientRowPolicy, OpenPolicy
from contacts.models import ClientDepartment, Participant, Person, RolePeriod
from core.policy import Policy


class ClientDepartmentPolicy(OpenPolicy):
    model = ClientDepartment


class ParticipantPolicy(ClientRowPolicy):
    model = Participant
    grants = {"view": SERVING, "add": SERVING, "change": SERVING}


class RolePeriodPolicy(ClientRowPolicy):
    model = RolePeriod
    path = "participant__client__"
    grants = {"view": SERVING}


class PersonPolicy(Policy):
    """A person is visible through a place in the scheme of a visible client."""

    model = Person
    grants = {"view": SERVING, "change": SERVING}

    def scope(self, user: Any, queryset: Any) -> Any:
        return queryset.filter(pk__in=Participant.objects.visible_to(user).values("person"))
