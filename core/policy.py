"""One policy object per model answers both questions: which rows, and may they do this.

Pages, API, tabs, exports and jobs on somebody's behalf all ask here. Policies are written in
each app's `policy.py` and found by model.
"""

from typing import Any, ClassVar

from django.contrib.auth.models import AnonymousUser
from django.db import models

from core.errors import Refused

_policies: dict[type[models.Model], "Policy"] = {}


class Policy:
    """Powers over one model. `grants` maps an action to the roles that hold it.

    `scope` narrows a queryset to the rows the user may see. An action that is not declared is
    nobody's.
    """

    model: ClassVar[type[models.Model]]
    grants: ClassVar[dict[str, frozenset[str]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "model" in cls.__dict__:
            _policies[cls.model] = cls()

    def scope(self, user: Any, queryset: Any) -> Any:
        """Narrow `queryset` to what `user` may see. Called for users who may `view`."""
        raise NotImplementedError

    def visible_to(self, user: Any, queryset: Any = None) -> Any:
        """The rows of the model that `user` may see; none for a stranger."""
        queryset = self.model._default_manager.all() if queryset is None else queryset
        return self.scope(user, queryset) if self.can(user, "view") else queryset.none()

    def can(self, user: Any, action: str, obj: Any = None) -> bool:
        """Whether `user` may do `action`, to `obj` where one is given.

        An object outside the scope answers no; the caller makes that a 404 by looking the
        object up through `visible_to` first.
        """
        if isinstance(user, AnonymousUser) or not user.is_active:
            return False
        if user.role not in self.grants.get(action, frozenset()):
            return False
        return obj is None or self.can_object(user, action, obj)

    def can_object(self, user: Any, action: str, obj: Any) -> bool:
        """A further condition on one object; by default that it lies in the scope."""
        return self.visible_to(user).filter(pk=obj.pk).exists()

    def check(self, user: Any, action: str, obj: Any = None) -> None:
        """Raise Refused unless `can`."""
        if not self.can(user, action, obj):
            raise Refused("Недостаточно прав для этого действия.")


def policy_for(model: type[models.Model]) -> Policy:
    """The policy of a model; KeyError where nobody wrote one: nothing is open by default."""
    return _policies[model]


class ScopedQuerySet(models.QuerySet):
    """A queryset that knows its policy."""

    def visible_to(self, user: Any) -> "ScopedQuerySet":
        """The rows that `user` may see."""
        return policy_for(self.model).visible_to(user, self)
