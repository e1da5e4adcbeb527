"""REST of the decision scheme."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from contacts import selectors, services
from contacts.enums import ParticipantRole
from contacts.filters import ParticipantApiFilter
from contacts.models import ClientDepartment, Participant, Person
from core import clock
from core.api import ReadViewSet, Serializer, WriteViewSet


class ClientDepartmentSerializer(Serializer):
    class Meta:
        model = ClientDepartment
        fields = ["id", "code", "name", "order"]


class ClientDepartments(ReadViewSet):
    """Departments of clients: a dictionary."""

    model = ClientDepartment
    serializer_class = ClientDepartmentSerializer
    queryset = ClientDepartment.objects.all()


class PersonText(serializers.CharField):
    """A text of the participant's person, flat beside the participant's own fields."""

    def get_attribute(self, instance: Any) -> Any:
        return getattr(instance.person, str(self.field_name))


class RolesField(serializers.ListField):
    """The codes of the roles held today."""

    child = serializers.ChoiceField(choices=ParticipantRole.choices)

    def get_attribute(self, instance: Any) -> Any:
        return selectors.role_codes(instance)


class ParticipantSerializer(Serializer):
    """`client` and `person` are given once, on creation; without `person` a new one is made."""

    person = serializers.PrimaryKeyRelatedField(
        queryset=Person.objects.filter(merged_into=None), required=False
    )
    last_name = PersonText(max_length=100, required=False)
    first_name = PersonText(max_length=100, required=False)
    middle_name = PersonText(max_length=100, required=False, allow_blank=True)
    phone = PersonText(max_length=40, required=False, allow_blank=True)
    email = PersonText(max_length=254, required=False, allow_blank=True)
    roles = RolesField(required=False, max_length=len(ParticipantRole))
    roles_on = serializers.DateField(
        write_only=True, required=False, help_text="С какого дня действуют новые роли"
    )

    class Meta:
        model = Participant
        fields = [
            "id",
            "version",
            "client",
            "person",
            "last_name",
            "first_name",
            "middle_name",
            "phone",
            "email",
            "department",
            "job_title",
            "attitude",
            "influence",
            "reports_to",
            "roles",
            "roles_on",
            "notes",
            "starts_on",
            "ends_on",
            "verified_on",
            "external_id",
            "merged_into",
        ]
        read_only_fields = ["merged_into"]
        extra_kwargs = {"starts_on": {"required": False}}

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        if isinstance(self.instance, Participant):
            fields["client"].read_only = fields["person"].read_only = True
        return fields


class MergeSerializer(Serializer):
    """`duplicate` is a place of the other card of the same human being."""

    duplicate = serializers.PrimaryKeyRelatedField(queryset=Participant.objects.all())

    class Meta:
        model = Participant
        fields = ["duplicate"]


class Participants(WriteViewSet):
    """Participants of decision schemes.

    Roles change from `roles_on` (today unless given); `ends_on` takes a participant out of the
    scheme. Past months do not change. A place with `merged_into` turned out to be of the same
    human being as that one: it stands in no scheme and changes no more.
    """

    model = Participant
    queryset = Participant.objects.all()
    serializer_class = ParticipantSerializer
    filterset_class = ParticipantApiFilter
    ordering_fields = ["id", "starts_on"]
    policy_actions = WriteViewSet.policy_actions | {"merge": "change"}
    versioned_actions = ("merge",)

    def get_queryset(self) -> Any:
        return selectors.with_scheme(super().get_queryset(), clock.today())

    def perform_add(self, data: dict[str, Any]) -> Any:
        for name in ("ends_on", "roles_on"):
            if data.pop(name, None) is not None:
                raise ValidationError({name: "Поле меняют у того, кто уже в схеме."})
        return services.add_participant(
            actor=self.request.user,
            client=data.pop("client"),
            person=data.pop("person", None),
            roles=data.pop("roles", []),
            values=data,
            today=clock.today(),
        )

    def perform_change(self, obj: Any, data: dict[str, Any], version: int | None) -> Any:
        today = clock.today()
        ends_on = data.pop("ends_on", None)
        if data or ends_on is None:
            obj = services.update_participant(
                actor=self.request.user,
                participant=obj,
                roles=data.pop("roles", None),
                roles_on=data.pop("roles_on", None),
                values=data,
                today=today,
                version=version,
            )
            version = None
        if ends_on is None:
            return obj
        return services.close_participant(
            actor=self.request.user, participant=obj, on=ends_on, today=today, version=version
        )

    @extend_schema(request=MergeSerializer, responses=ParticipantSerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str) -> Response:
        """Make the person of another place the same human being as this one's; this card stays."""
        row = self.get_object()
        version = self.expected_version(row)
        serializer = MergeSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            services.merge_people(
                actor=request.user,
                keep=row.person,
                drop=serializer.validated_data["duplicate"].person,
                today=clock.today(),
                seen={} if version is None else {row.pk: version},
            )
            return self.answer(self._again(row))


routes = [("participants", Participants), ("client-departments", ClientDepartments)]
