"""Bad input in every form of contacts, visits, needs: said at its field, nothing lost or written.

Each kind of field is given everything it may not hold, first in all fields at once, then, where
a rule comes after the form, in that field alone.
"""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils.html import escape

from core.views import FormPage
from tests.access.walk import Ledger, patterns
from tests.conftest import browser_of
from tests.input.cases import CASES, Case
from tests.input.controls import PostForm, main_form
from tests.personas import MISSING, World

pytestmark = pytest.mark.django_db
APPS = {"contacts", "visits", "needs"}
MEGABYTE = "я" * 524_288
HIDDEN = {"version", "other_version", "submission"}  # typed by nobody, sent by whoever likes
TEXTS = ["а\u202eб", "а\u2066б", "а\x00б", "а\x07б"]
BLANK = ["", "   ", "\u200b\u200d\ufeff"]
WORDS_FOR_NUMBERS = ["много", "-1", "9" * 30, "NaN"]
DAYS = ["завтра", "2026-02-31", "1976-09-16", "2076-09-16", "0001-01-01", "9999-12-31"]
FILES = [
    ("письмо.exe", b"MZ"),
    ("письмо.pdf", b"not a pdf"),
    ("пусто.txt", b""),
    ("большой.txt", b"x" * (11 * 1024 * 1024)),
]


def test_every_form_page_is_in_the_table() -> None:
    found = {
        pattern.name
        for pattern in patterns()
        if pattern.view is not None
        and pattern.view.__module__.partition(".")[0] in APPS
        and issubclass(pattern.view, FormPage)
    }
    assert {name.partition("#")[0] for name in CASES} == found


def bad_values(case: Case, world: World, name: str, field: forms.Field) -> list[Any]:
    """What a field may not hold."""
    if isinstance(field, forms.FileField):
        return [SimpleUploadedFile(file, content) for file, content in FILES]
    if isinstance(field, forms.ModelChoiceField):
        return [str(MISSING), "нет", str(2**70), *another(case, world, name)]
    if isinstance(field, forms.ChoiceField):
        return ["nosuch", str(2**70), *another(case, world, name)]
    if isinstance(field, forms.DateField):
        return DAYS
    if isinstance(field, forms.DateTimeField):
        return [f"{day}T09:00" for day in DAYS]
    if isinstance(field, forms.DecimalField | forms.IntegerField):
        return WORDS_FOR_NUMBERS if name not in HIDDEN else ["много", "-1"]
    if isinstance(field, forms.UUIDField):
        return ["не номер"]
    if isinstance(field, forms.BooleanField):
        return []
    assert isinstance(field, forms.CharField), f"{name}: a kind of field that nobody thought of"
    return TEXTS + (BLANK if field.required else [])


def another(case: Case, world: World, name: str) -> list[str]:
    """The row of a client out of sight, where the field chooses rows of a client."""
    label = case.foreign.get(name)
    return [str(world.row(label, "foreign").pk)] if label else []


class Filled:
    """A form page as its user has filled it in."""

    def __init__(self, world: World, key: str) -> None:
        self.world, self.case = world, CASES[key]
        case, name = self.case, key.partition("#")[0]
        known = world.rows["own"] | world.rows["office"]
        row = case.make(world) if case.make else (case.of and known[case.of])
        self.path = reverse(name, args=[row.pk] if row else []) + case.query(world)
        self.browser = browser_of(world, case.who)
        page = self.browser.get(self.path)
        assert page.status_code == 200
        self.drawn = main_form(page.content.decode())
        typed = {n: v(world) if callable(v) else v for n, v in case.fill.items()}
        undrawn = set(typed) - self.drawn.names
        assert not undrawn, f"the page has no {undrawn}"
        self.sent: dict[str, Any] = {
            n: values if len(values) != 1 else values[0] for n, values in self.drawn.values.items()
        } | typed
        for file in self.drawn.files:
            self.sent[file] = SimpleUploadedFile("письмо.txt", "здравствуйте".encode())
        self.form = page.context["form"]
        self.ledger = Ledger()

    def fields(self) -> Iterator[tuple[str, forms.Field]]:
        """Every field that is drawn, by its name in the page."""
        for part in parts_of(self.form):
            for name, field in part.fields.items():
                if part.add_prefix(name) in self.drawn.names and not field.disabled:
                    yield part.add_prefix(name), field

    def post(self, more: dict[str, Any]) -> tuple[Any, bool]:
        """Send it with changes and put everything back; the answer, and whether anything stayed."""
        sent = self.sent | more
        for value in sent.values():
            if isinstance(value, SimpleUploadedFile):
                value.seek(0)
        with transaction.atomic():
            self.ledger.moved()
            answer = self.browser.post(self.path, sent)
            wrote = self.ledger.moved() and bool(self.ledger.changed())
            transaction.set_rollback(True)
        return answer, wrote

    def judged(self, bad: dict[str, Any], at: str = "") -> tuple[set[str], list[str]]:
        """Send bad values: the fields at which something was said, and what was wrong with it."""
        answer, wrote = self.post(bad)
        told = f"{ {name: shown(value) for name, value in bad.items()} }"
        if answer.status_code not in (422, 409):
            return set(), [f"{told}: {answer.status_code}"]
        html, wrong = answer.content.decode(), []
        if wrote:
            wrong.append(f"{told}: something was written")
        said: set[str] = set()
        if answer.status_code == 409:  # a version that is not the present one
            return set(bad), wrong
        for part in parts_of(answer.context["form"]):
            for name, errors in part.errors.items():
                said.add(part.add_prefix(name) if name != "__all__" else name)
                for error in errors:
                    if escape(error) not in html:
                        wrong.append(f"{told}: «{error}» is not in the page")
        wrong += [f"{told}: {lost}" for lost in self.lost(main_form(html), bad)]
        return said, wrong

    def lost(self, drawn: PostForm, bad: dict[str, Any]) -> Iterator[str]:
        """What was typed and is not in the page any more."""
        for name, value in (self.sent | bad).items():
            if name in HIDDEN or name in drawn.files or name == "csrfmiddlewaretoken":
                continue
            kept = drawn.values.get(name, [])
            typed = [str(one) for one in value] if isinstance(value, list) else [str(value)]
            typed = [one.replace("\r\n", "\n") for one in typed]
            is_choice = not isinstance(self.field(name), forms.CharField | forms.DateField)
            if name in bad and is_choice and not set(typed) & set(kept):
                continue  # what is not on offer cannot be drawn as chosen
            if [one.strip() for one in kept] != [one.strip() for one in typed]:
                yield f"{name}: {shown(typed)} became {shown(kept)}"

    def field(self, name: str) -> forms.Field | None:
        return dict(self.fields()).get(name)


def parts_of(form: Any) -> list[Any]:
    """A form and the forms that are drawn inside it."""
    inside = [row for row in getattr(form, "rows", []) if isinstance(row, forms.BaseForm)]
    return [form, *inside[:1]]


def shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 60 else f"{text[:40]}… ({len(text)})"


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("key", CASES)
def test_as_filled_in_it_is_saved(world: World, key: str) -> None:
    """Otherwise a refusal below would prove nothing."""
    form = Filled(world, key)
    answer, wrote = form.post({})
    told = [part.errors.as_text() for part in parts_of(answer.context["form"])] if (
        answer.status_code == 422
    ) else []  # fmt: skip
    assert (answer.status_code, told) == (form.case.saved, [])
    assert wrote or key == "staff_training_attendance"  # nobody is marked, nothing changes


@pytest.mark.parametrize("key", CASES)
def test_bad_values_are_said_at_their_fields(world: World, key: str) -> None:
    form = Filled(world, key)
    given = {n: bad_values(form.case, world, n, field) for n, field in form.fields()}
    wrong: list[str] = []
    for number in range(max(map(len, given.values()), default=0)):
        together = {n: values[number] for n, values in given.items() if len(values) > number}
        together = {n: value for n, value in together.items() if n not in HIDDEN}
        said, problems = form.judged(together) if together else (set(), [])
        wrong += [one for one in problems if "302" not in one]
        for name in set(given) - said:
            if len(given[name]) <= number:
                continue
            said_alone, problems = form.judged({name: given[name][number]})
            wrong += problems
            if not problems and not said_alone & {name, name.rpartition("-")[2]}:
                wrong.append(f"{name} {shown(given[name][number])}: said at {said_alone}")
    assert wrong == []


@pytest.mark.parametrize("key", CASES)
def test_a_megabyte_of_text_is_said_at_its_field(world: World, key: str) -> None:
    form = Filled(world, key)
    wrong: list[str] = []
    for name, field in form.fields():
        if type(field).__name__ in {"CharField", "CleanCharField", "EmailField"}:
            said, problems = form.judged({name: MEGABYTE})
            wrong += problems
            if name not in said:
                wrong.append(f"{name}: said at {said}")
            # Sent as a form of plain text it would be six megabytes, more than is taken in.
            assert form.drawn.enctype == "multipart/form-data"
    assert wrong == []


CROSSED = [(key, typed, at) for key, case in CASES.items() for typed, at in case.crossed]


@pytest.mark.parametrize(("key", "typed", "at"), CROSSED)
def test_what_does_not_go_together(world: World, key: str, typed: dict, at: str) -> None:
    assert Filled(world, key).judged(typed) == ({at}, [])


@pytest.mark.parametrize("key", CASES)
def test_emoji_and_zero_width_are_text_like_any_other(world: World, key: str) -> None:
    """Saved, or said at the field: never an error of the server."""
    form = Filled(world, key)
    for typed in ("Рост 📈 на 5 % 👩‍⚖️", "сло\u200bво\ufeff", "й и\u0306 ё е\u0308"):
        texts = {
            name: typed
            for name, field in form.fields()
            if type(field).__name__ in {"CharField", "CleanCharField"} and name not in HIDDEN
        }
        answer, _ = form.post(texts)
        assert answer.status_code in (form.case.saved, 422), typed
        if answer.status_code == 422:
            said = {part.add_prefix(name) for part in parts_of(answer.context["form"])
                    for name in part.errors}  # fmt: skip
            # words of evidence may want the mark they belong to
            assert said <= set(texts) | {name.replace("evidence_", "mark_") for name in texts}
