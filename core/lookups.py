"""A lookup that Django does not have; registered when the kernel is ready."""

from typing import Any

from django.db.models import Field, Lookup


class AnyOf(Lookup):
    """`pk__any_of=ids`: one of many whole numbers, sent as a single parameter.

    `__in` makes a parameter of each of them: for the thousands of a unit's pool that costs more
    than the query itself. A relation is asked as `client__pk__any_of`, which joins nothing.
    """

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, params = self.process_lhs(compiler, connection)
        ids = ",".join(str(int(one)) for one in self.rhs)
        return f"{left} = ANY(%s::bigint[])", [*params, f"{{{ids}}}"]


def register() -> None:
    """Make it known to every field."""
    Field.register_lookup(AnyOf)
