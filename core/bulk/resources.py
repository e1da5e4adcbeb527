"""What can be written many rows at a time: each app declares its resources in its `bulk.py`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from core.audit import Written
from core.bulk import parse
from core.bulk.enums import Outcome

EARLIEST = date(2000, 1, 1)
LATEST = date(2100, 1, 1)

TEXT, CODE, WHOLE, NUMBER, FLAG, DAY, MONTH, MOMENT, CHOICE = (
    "text", "code", "whole", "number", "flag", "day", "month", "moment", "choice",
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column of a resource: its name in the API, its label, how its values are read.

    `required` means that a new row needs it. `aliases` are headers by which files call it.
    """

    name: str
    label: str
    kind: str = TEXT
    required: bool = False
    aliases: tuple[str, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)
    longest: int = 300
    low: Decimal | int | None = None
    high: Decimal | int | None = None
    earliest: date = EARLIEST
    latest: date = LATEST
    help: str = ""
    check: Callable[[Any], None] | None = None  # raises Django's ValidationError

    def read(self, cell: Any, *, is_1904: bool = False) -> parse.Read:
        """The value of a cell. Raises `parse.Wrong`."""
        read = self._read(cell, is_1904)
        if self.check is not None:
            try:
                self.check(read.value)
            except ValidationError as error:
                raise parse.Wrong(" ".join(error.messages)) from error
        return read

    def _read(self, cell: Any, is_1904: bool) -> parse.Read:
        match self.kind:
            case "text":
                return parse.text(cell, longest=self.longest)
            case "code":
                read = parse.code(cell)
                if len(read.value) > self.longest:
                    raise parse.Wrong(f"Длиннее {self.longest} знаков.")
                return read
            case "whole" | "number":
                read = parse.whole(cell) if self.kind == "whole" else parse.number(cell)
                self._bound(read.value)
                return read
            case "flag":
                return parse.yes_or_no(cell)
            case "day" | "month":
                reader = parse.day if self.kind == "day" else parse.month
                read = reader(cell, is_1904=is_1904)
                self._between(read.value)
                return read
            case "moment":
                read = parse.moment(cell)
                self._between(read.value.date())
                return read
            case "choice":
                return parse.choice(cell, dict(self.choices))
        raise LookupError(self.kind)

    def _bound(self, found: Any) -> None:
        if self.low is not None and found < self.low:
            if self.low == 0:
                raise parse.Wrong("Не может быть отрицательным.")
            raise parse.Wrong(f"Не меньше {self.low}.")
        if self.high is not None and found > self.high:
            raise parse.Wrong(f"Не больше {self.high}.")

    def _between(self, found: date) -> None:
        if found < self.earliest:
            raise parse.Wrong(f"{found:%d.%m.%Y}: раньше {self.earliest:%d.%m.%Y} не бывает.")
        if found >= self.latest:
            raise parse.Wrong(f"{found:%d.%m.%Y}: слишком далёкая дата.")


@dataclass
class Row:
    """A row on its way in. `values` holds the columns that were given, read and normalised."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    outcome: str = ""
    pk: Any = None
    changes: list[Written] = field(default_factory=list)

    def refuse(self, name: str, *messages: str) -> None:
        """Refuse the row: a column's name, or "" for the row as a whole."""
        self.errors.setdefault(name, []).extend(messages)
        self.outcome = Outcome.REFUSED

    def refuse_with(self, error: ValidationError, names: Mapping[str, str] | None = None) -> None:
        """Refuse with a service's messages; `names` maps a field to the column it came from."""
        told = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        for name, messages in told.items():
            name = "" if name == "__all__" else (names or {}).get(name, name)
            self.refuse(name, *messages)

    @property
    def is_refused(self) -> bool:
        return bool(self.errors)

    def done(self, outcome: str, pk: Any = None) -> None:
        """Say what became of it."""
        self.outcome, self.pk = outcome, pk


@dataclass
class Batch:
    """Rows that a resource writes together, in one transaction, on somebody's behalf.

    In a dry run everything is judged and nothing need be written: what is written is taken back.
    """

    actor: Any
    today: date
    rows: list[Row]
    dry_run: bool = False
    # What a row means → the number of the first row that meant it.
    seen: dict[Any, int] = field(default_factory=dict)

    def refuse_doubles(self, keys: Mapping[int, Any]) -> None:
        """Refuse the second of two rows that mean one thing; `keys` by the row's number."""
        for row in self.good:
            if row.number in keys:
                first = self.seen.setdefault(keys[row.number], row.number)
                if first != row.number:
                    row.refuse("", f"То же, что в строке {first}.")

    @property
    def good(self) -> list[Row]:
        """The rows nobody has refused yet."""
        return [row for row in self.rows if not row.is_refused]

    def given(self, name: str) -> set[Any]:
        """The values of a column over the good rows."""
        return {row.values[name] for row in self.good if row.values.get(name) is not None}


@dataclass(frozen=True)
class Resource:
    """A kind of rows. `write` refuses rows or says what became of each.

    `action` and `changing` are asked of the policy of `model` before anything is read. `key`
    says in words by what a row is recognised. `touched` hears of rows that an undo changed.
    """

    code: str
    label: str
    model: type[models.Model]
    columns: tuple[Column, ...]
    key: str
    write: Callable[[Batch], None]
    touched: Callable[[Iterable[models.Model]], None] = lambda rows: None
    actions: tuple[str, ...] = ("add", "change")
    order: int = 100
    # A row is alike another of the same call where these agree; empty ones are left out.
    same: tuple[tuple[str, ...], ...] = ()

    def column(self, name: str) -> Column:
        """The column of a name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]


_resources: dict[str, Resource] = {}


def register(resource: Resource) -> Resource:
    """Declare a resource; called from an app's `bulk.py`."""
    _resources[resource.code] = resource
    return resource


def all_resources() -> list[Resource]:
    """Every resource, in their order."""
    return sorted(_resources.values(), key=lambda found: (found.order, found.code))


def find(code: str) -> Resource:
    """The resource of a code. Raises LookupError."""
    return _resources[code]
