"""The glossary names what exists in the code, and invents no expansion."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from accounts.models import Service
from core import glossary
from lamps.models import Indicator

# Nobody could confirm what these stand for.
UNKNOWN = {"ГНД", "Навес", "ЦОК", "ЦО", "ККИ", "ПЭ", "УС"}


def known_names():
    """Models with their fields, choices with their members."""
    names = set()
    for model in apps.get_models():
        names.add(model.__name__)
        names |= {f"{model.__name__}.{field.name}" for field in model._meta.get_fields()}
    for label in ("accounts", "contacts", "visits", "needs", "lamps"):
        module = __import__(f"{label}.enums", fromlist=["enums"])
        for name, value in vars(module).items():
            if isinstance(value, type) and issubclass(value, models.Choices):
                names.add(name)
                names |= {f"{name}.{member.name}" for member in value}
    return names


@pytest.mark.django_db
def test_every_name_exists():
    codes = set(Indicator.objects.values_list("code", flat=True))
    codes |= set(Service.objects.values_list("code", flat=True))
    known = known_names() | codes
    missing = [n for term in glossary.terms() for n in term.names if n not in known]
    assert missing == []


def test_every_term_has_a_name_and_a_known_meaning():
    terms = glossary.terms()
    assert len(terms) > 30
    assert {t.term for t in terms if not t.meaning} == UNKNOWN
    assert all(t.names for t in terms)
    assert len({t.term for t in terms}) == len(terms)


def test_the_indicators_are_all_there():
    names = {n for term in glossary.terms() for n in term.names}
    assert {"activity", "cok", "co", "gnd", "overhang", "training"} <= names


def test_parse_takes_a_table_and_nothing_else():
    text = "# Т\n\n| а | б | в |\n|---|:--|---|\n| СПР | схема | `A`, `B.c` |\n| ЦО | | `x` |\nend"
    assert glossary.parse(text) == [
        glossary.Term("СПР", "схема", ("A", "B.c")),
        glossary.Term("ЦО", "", ("x",)),
    ]


def test_the_document_is_where_the_page_reads_it():
    path = Path(__file__).resolve().parents[2] / "docs" / "glossary.md"
    assert re.search(r"^\| СПР \|", path.read_text(encoding="utf-8"), re.M)
