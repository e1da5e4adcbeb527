"""REST of contacts."""

from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core import clock
from core.api import ReadViewSet, Serializer, WriteViewSet
from visits import agenda, selectors, services
from visits.enums import VisitStatus
from visits.filters.visits import VisitFilter
from visits.models import Agreement, Visit, VisitCriterion


@extend_schema_field(
    {
        "oneOf": [
            {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "code": {"type": "string"},
                        "label": {"type": "string"},
                        "evidence": {"type": "string"},
                    },
                    "required": ["code", "label", "evidence"],
                },
            },
            {"type": "object", "additionalProperties": {"type": "string", "maxLength": 2000}},
        ]
    }
)
class MarksField(serializers.Field):
    """Read as a list of the criteria met; written as the evidence of those marked by hand."""

    default_error_messages = {
        "shape": "Ожидается объект: код критерия и подтверждение.",
        "words": "Подтверждение — текст до 2000 знаков.",
    }

    def to_representation(self, value: Any) -> list[dict[str, str]]:
        return [
            {"code": m.criterion.code, "label": m.criterion.label, "evidence": m.evidence}
            for m in value.all()
        ]

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if not isinstance(data, dict):
            self.fail("shape")
        wrong = [
            code for code, words in data.items() if not isinstance(words, str) or len(words) > 2000
        ]
        if wrong:
            told = self.default_error_messages["words"]
            raise serializers.ValidationError({code: [told] for code in wrong})
        return data


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"type": "integer"}},
    }
)
class AgendaField(serializers.Field):
    """What the plan takes along: ids by part. Read for a whole list in a query per part."""

    default_error_messages = {"shape": "Ожидается объект: часть и её номера."}

    def get_attribute(self, instance: Visit) -> Visit:
        return instance

    def to_representation(self, value: Visit) -> dict[str, list[int]]:
        taken = getattr(self.root, "_taken", None)
        if taken is None:
            rows = self.root.instance if isinstance(self.root, serializers.ListSerializer) else None
            pks = [row.pk for row in rows] if rows is not None else [value.pk]
            taken = self.root._taken = agenda.ids_by_visit(pks)  # type: ignore[attr-defined]
        return taken.get(value.pk, {})

    def to_internal_value(self, data: Any) -> dict[str, list[int]]:
        if not isinstance(data, dict):
            self.fail("shape")
        wrong = [
            code
            for code, ids in data.items()
            if not isinstance(ids, list) or not all(map(_is_id, ids))
        ]
        if wrong:
            raise serializers.ValidationError({code: ["Ожидаются номера."] for code in wrong})
        return data


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


class AgreedSerializer(serializers.ModelSerializer):
    """What was agreed at the contact; written through its own resource."""

    class Meta:
        model = Agreement
        fields = ["id", "what", "participant", "responsible", "due_on", "status", "closed_on"]
        read_only_fields = fields


class VisitSerializer(Serializer):
    """`client` is given once, on creation. `employee` is the caller's own unless given.

    A `submission` of the caller's making sent a second time gives the contact written the first.
    """

    is_prepared = serializers.BooleanField(read_only=True)
    marks = MarksField(
        required=False,
        help_text="Критерии К2У. Запись: {код: подтверждение} всех отметок словами; остальные "
        "ставит программа.",
    )
    agenda = AgendaField(
        required=False,
        help_text="Что взять на контакт: {needs: [...], advantages: [...]}. Части, которых нет в "
        "записи, не меняются.",
    )
    agreements = AgreedSerializer(many=True, read_only=True)
    reason = serializers.CharField(
        write_only=True, required=False, max_length=500, help_text="Почему контакт отменён"
    )

    class Meta:
        model = Visit
        fields = [
            "id",
            "version",
            "client",
            "level",
            "status",
            "reason",
            "channel",
            "employee",
            "companions",
            "participants",
            "planned_for",
            "started_at",
            "ended_at",
            "held_on",
            "goal",
            "goal_kind",
            "plan",
            "agenda",
            "prepared_at",
            "is_prepared",
            "materials",
            "services",
            "result",
            "feedback",
            "satisfaction",
            "satisfaction_scale",
            "marks",
            "agreements",
            "submission",
            "external_id",
        ]
        read_only_fields = ["held_on", "prepared_at", "satisfaction_scale"]
        extra_kwargs = {
            "employee": {"required": False},
            "satisfaction": {"min_value": 1},
            # Sent again it is the same contact, which the service knows, not a second one.
            "submission": {"validators": []},
        }

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        if isinstance(self.instance, Visit):
            fields["client"].read_only = True
        return fields


class Visits(WriteViewSet):
    """Contacts of the first and second level.

    Created as `planned` (the default) or `done`. Later `status` moves a planned contact to
    `done`, or any to `cancelled` with a `reason` in the same request.
    """

    model = Visit
    queryset = Visit.objects.all()
    serializer_class = VisitSerializer
    filterset_class = VisitFilter
    ordering_fields = ["id"]

    def get_queryset(self) -> Any:
        return selectors.with_outcome(selectors.with_people(super().get_queryset()))

    def perform_add(self, data: dict[str, Any]) -> Any:
        data.pop("reason", None)
        status = data.pop("status", VisitStatus.PLANNED)
        if status == VisitStatus.CANCELLED:
            raise ValidationError({"status": "Новый контакт — запланированный или состоявшийся."})
        outcome, taken = _outcome(data, status), data.pop("agenda", None)
        client, actor = data.pop("client"), self.request.user
        sent: dict[str, Any] = {"values": data, "now": clock.now(), "agenda": taken}
        if status == VisitStatus.DONE:
            return services.log_visit(actor=actor, client=client, outcome=outcome, **sent)
        return services.plan_visit(actor=actor, client=client, **sent)

    def perform_change(self, obj: Any, data: dict[str, Any], version: int | None) -> Any:
        status = data.pop("status", obj.status)
        reason = data.pop("reason", "")
        if status == obj.status:
            write: Any = services.update_visit
        elif status == VisitStatus.DONE:
            write = services.complete_visit
        elif status == VisitStatus.CANCELLED:
            return self._cancel(obj, data, reason, version)
        else:
            raise ValidationError({"status": "Состоявшийся контакт не становится планом."})
        outcome, taken = _outcome(data, status), data.pop("agenda", None)
        return write(
            actor=self.request.user,
            visit=obj,
            values=data,
            agenda=taken,
            now=clock.now(),
            version=version,
            outcome=outcome,
        )

    def _cancel(self, obj: Any, data: dict[str, Any], reason: str, version: int | None) -> Any:
        if data:
            raise ValidationError({name: "При отмене не меняется." for name in data})
        return services.cancel_visit(
            actor=self.request.user, visit=obj, reason=reason, version=version
        )


def _outcome(data: dict[str, Any], status: str) -> services.Outcome:
    """The marks that were sent, taken out of the contact's own values."""
    marks = data.pop("marks", None)
    if marks and status != VisitStatus.DONE:
        raise ValidationError({"marks": "Критерии отмечают только у состоявшегося К2У."})
    return services.Outcome(marks=marks)


class VisitCriterionSerializer(Serializer):
    class Meta:
        model = VisitCriterion
        fields = ["id", "code", "label", "hint", "is_scored", "is_on", "evidence"]


class VisitCriteria(ReadViewSet):
    """Criteria of a К2У, by whose codes contacts are marked: a dictionary."""

    model = VisitCriterion
    queryset = VisitCriterion.objects.all()
    serializer_class = VisitCriterionSerializer


routes = [("visits", Visits), ("visit-criteria", VisitCriteria)]
