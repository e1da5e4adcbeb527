"""REST of agreements, which are tasks."""

from typing import Any

from django.core.exceptions import ValidationError

from core import clock
from core.api import Serializer, WriteViewSet
from visits import services
from visits.enums import AgreementStatus
from visits.filters.agreements import AgreementApiFilter
from visits.models import Agreement
from visits.selectors import agreements as selectors

_PARENTS = ("client", "visit", "control_point")


class AgreementSerializer(Serializer):
    """What it is about (`client`, `visit`, `control_point`) is given once, on creation.

    Without `due_on` it is due the usual number of working days later; without `responsible` it
    is the task of whoever serves the client.
    """

    class Meta:
        model = Agreement
        fields = [
            "id",
            "version",
            *_PARENTS,
            "what",
            "participant",
            "responsible",
            "agreed_on",
            "due_on",
            "status",
            "closed_on",
            "outcome",
        ]
        read_only_fields = ["agreed_on", "closed_on"]
        extra_kwargs = {"due_on": {"required": False, "allow_null": True}}

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        if isinstance(self.instance, Agreement):
            for name in _PARENTS:
                fields[name].read_only = True
        return fields


class Agreements(WriteViewSet):
    """Agreements with clients and decisions of control points.

    `status` moves an open one to `done` (with an `outcome`) or `dropped` (the `outcome` says
    why), or back to `open`; nothing else changes in the same request.
    """

    model = Agreement
    queryset = Agreement.objects.all()
    serializer_class = AgreementSerializer
    filterset_class = AgreementApiFilter
    ordering_fields = ["due_on", "id"]

    def get_queryset(self) -> Any:
        return selectors.with_names(super().get_queryset())

    def perform_add(self, data: dict[str, Any]) -> Any:
        status = data.pop("status", AgreementStatus.OPEN)
        if status != AgreementStatus.OPEN or data.pop("outcome", ""):
            raise ValidationError({"status": "Новая договорённость — в работе."})
        parents = {name: data.pop(name, None) for name in _PARENTS}
        visit, client = parents["visit"], parents["client"]
        if visit is not None and client is not None and visit.client_id != client.pk:
            raise ValidationError({"visit": "Это контакт с другим клиентом."})
        return services.add_agreement(
            actor=self.request.user, values=data, today=clock.today(), **parents
        )

    def perform_change(self, obj: Any, data: dict[str, Any], version: int | None) -> Any:
        status = data.pop("status", obj.status)
        outcome = data.pop("outcome", None)
        if status != obj.status:
            return self._move(obj, status, outcome or "", data, version)
        if outcome is not None:
            raise ValidationError({"outcome": "Итог записывают вместе с новым состоянием."})
        return services.update_agreement(
            actor=self.request.user,
            agreement=obj,
            values=data,
            today=clock.today(),
            version=version,
        )

    def _move(
        self, obj: Any, status: str, outcome: str, data: dict[str, Any], version: int | None
    ) -> Any:
        if data:
            raise ValidationError({name: "Вместе с состоянием не меняется." for name in data})
        shared = {"actor": self.request.user, "agreement": obj, "version": version}
        if status == AgreementStatus.OPEN:
            return services.reopen_agreement(**shared)
        if status == AgreementStatus.DONE:
            return services.close_agreement(outcome=outcome, today=clock.today(), **shared)
        return services.drop_agreement(reason=outcome, today=clock.today(), **shared)


routes = [("agreements", Agreements)]
