"""Rows as SQL has them: no form, no service, no validation; and which rule refused them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from needs.models import Need, NeedStage, NeedStep


def stage(code: str) -> NeedStage:
    return NeedStage.objects.get(code=code)


def judged_at_commit() -> None:
    """Ask what is put off until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def rule_of(write: Callable[[], Any]) -> str:
    """The name of the rule that refuses a write."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        write()
        judged_at_commit()
    return caught.value.__cause__.diag.constraint_name  # type: ignore[union-attr]


def run(statement: str, *values: Any) -> None:
    """A statement as it is."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def insert(**columns: Any) -> NeedStep:
    """A step."""
    return NeedStep.objects.bulk_create([NeedStep(**columns)])[0]


def take(**columns: Any) -> None:
    """A step with the stage that it leads to."""
    insert(**columns)
    Need.objects.filter(pk=columns["need"].pk).update(
        stage=columns["stage"], stage_on=columns["on"]
    )
    judged_at_commit()
