"""REST of units, employees, positions, substitutions, the dictionary of services."""

from typing import Any

from accounts import filters, services
from accounts.models import Employee, Position, Service, Substitution, Unit
from core.api import Serializer, WriteViewSet


class UnitSerializer(Serializer):
    class Meta:
        model = Unit
        fields = ["id", "name", "kind", "parent", "path", "is_active", "external_id", "version"]
        read_only_fields = ["path", "version"]


class UnitViewSet(WriteViewSet):
    model = Unit
    serializer_class = UnitSerializer
    filterset_class = filters.UnitFilter
    ordering_fields = ["path", "name", "id"]

    def perform_add(self, data: dict[str, Any]) -> Unit:
        return services.save_unit(actor=self.request.user, values=data)

    def perform_change(self, obj: Unit, data: dict[str, Any], version: int | None) -> Unit:
        return services.save_unit(actor=self.request.user, unit=obj, values=data, version=version)


class EmployeeSerializer(Serializer):
    class Meta:
        model = Employee
        fields = [
            "id",
            "last_name",
            "first_name",
            "middle_name",
            "hired_on",
            "left_on",
            "external_id",
            "version",
        ]
        read_only_fields = ["version"]


class EmployeeViewSet(WriteViewSet):
    model = Employee
    serializer_class = EmployeeSerializer
    filterset_class = filters.EmployeeFilter
    ordering_fields = ["last_name", "id"]

    def perform_add(self, data: dict[str, Any]) -> Employee:
        return services.save_employee(actor=self.request.user, values=data)

    def perform_change(self, obj: Employee, data: dict[str, Any], version: int | None) -> Employee:
        return services.save_employee(
            actor=self.request.user, employee=obj, values=data, version=version
        )


class PositionSerializer(Serializer):
    class Meta:
        model = Position
        fields = ["id", "employee", "unit", "kind", "starts_on", "ends_on", "version"]
        read_only_fields = ["version"]


class PositionViewSet(WriteViewSet):
    """A new position closes the former one of the employee."""

    model = Position
    serializer_class = PositionSerializer
    filterset_class = filters.PositionFilter
    ordering_fields = ["starts_on", "id"]

    def perform_add(self, data: dict[str, Any]) -> Position:
        return services.save_position(actor=self.request.user, values=data)

    def perform_change(self, obj: Position, data: dict[str, Any], version: int | None) -> Position:
        return services.save_position(
            actor=self.request.user, position=obj, values=data, version=version
        )


class SubstitutionSerializer(Serializer):
    class Meta:
        model = Substitution
        fields = ["id", "absent", "substitute", "starts_on", "ends_on", "reason", "version"]
        read_only_fields = ["version"]


class SubstitutionViewSet(WriteViewSet):
    model = Substitution
    serializer_class = SubstitutionSerializer
    filterset_class = filters.SubstitutionFilter
    ordering_fields = ["starts_on", "id"]

    def perform_add(self, data: dict[str, Any]) -> Substitution:
        return services.add_substitution(actor=self.request.user, values=data)

    def perform_change(
        self, obj: Substitution, data: dict[str, Any], version: int | None
    ) -> Substitution:
        return services.update_substitution(
            actor=self.request.user, substitution=obj, values=data, version=version
        )


class ServiceSerializer(Serializer):
    class Meta:
        model = Service
        fields = ["id", "code", "label", "long_label", "order", "version"]
        read_only_fields = ["version"]


class ServiceViewSet(WriteViewSet):
    model = Service
    serializer_class = ServiceSerializer
    filterset_class = filters.ServiceFilter
    ordering_fields = ["order", "id"]

    def perform_add(self, data: dict[str, Any]) -> Service:
        return services.save_service(actor=self.request.user, values=data)

    def perform_change(self, obj: Service, data: dict[str, Any], version: int | None) -> Service:
        return services.save_service(
            actor=self.request.user, service=obj, values=data, version=version
        )
