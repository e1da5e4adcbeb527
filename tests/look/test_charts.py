"""Charts: hostile text stays text, no style attributes, well-formed markup, numbers in words."""

import re
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from core import charts
from core.charts import paper

EVIL = '"><script>alert(1)</script><b onload=x>&'
DAYS = [date(2026, month, 1) for month in range(1, 13)]


def every_chart(title=EVIL, palette=None):
    values = [1, 2, None, Decimal("4.5"), *range(8)]
    steps = [
        (DAYS[0], "none", None),
        (DAYS[2], "red", 0.3),
        (DAYS[5], EVIL, 0.5),
        (DAYS[8], "green", 0.9),
    ]
    return {
        "line": charts.line_chart(
            [EVIL, *DAYS[1:]],
            [charts.Series(EVIL, values)],
            title=title,
            norm=3,
            norm_label=EVIL,
            suffix=EVIL,
            palette=palette,
        ),
        "columns": charts.column_chart([EVIL, *DAYS[1:]], values, title=title, palette=palette),
        "pool": charts.stacked_columns(
            [EVIL, *DAYS[1:]],
            [1] * 12,
            [2] * 12,
            [9] * 12,
            [0, 1] * 6,
            title=title,
            palette=palette,
        ),
        "spark": charts.sparkline(values, title=title, palette=palette),
        "steps": charts.step_chart(
            steps, date(2026, 12, 31), title=title, maximum=1.1, limits=(0.4, 0.8), palette=palette
        ),
        "empty steps": charts.step_chart([], date(2026, 12, 31), title=title, palette=palette),
    }


@pytest.mark.parametrize("palette", [None, charts.PRINT], ids=["page", "paper"])
@pytest.mark.parametrize("name", list(every_chart()))
def test_markup(name, palette):
    markup = every_chart(palette=palette)[name]
    assert "<script" not in markup
    assert "<b " not in markup
    assert not re.search(r"\sstyle=", markup)
    ElementTree.fromstring(str(markup).replace("\u00a0", " "))
    if name != "empty steps":
        assert 'role="img"' in markup
        assert "<title" in markup


def test_paper_has_plain_colours_and_pages_have_classes():
    paper, page = every_chart(palette=charts.PRINT), every_chart()
    for name in ("line", "columns", "pool", "steps"):
        assert 'class="c-' not in paper[name]
        assert "#1a5cad" in paper[name] or "#c9362a" in paper[name]
        assert "#1a5cad" not in page[name]


def test_ids_do_not_meet_on_one_page():
    """Charts differ in their ids whichever process drew them; the same chart is the same markup."""
    page = every_chart()
    both = [page["pool"], page["steps"], page["line"], every_chart(title="Другой")["pool"]]
    ids = re.findall(r'\sid="([^"]+)"', "".join(both))
    assert len(ids) == len(set(ids))
    assert every_chart() == page


def test_the_same_numbers_stand_in_the_table():
    markup = charts.line_chart(
        DAYS[:2], [charts.Series("Доля", [1234.5, None])], title="Т", suffix="%"
    )
    assert "<td>1\u00a0234,5\u00a0%</td>" in markup
    assert "<td>нет данных</td>" in markup
    assert '<th scope="row">01.01.2026</th>' in markup


def test_a_gap_is_not_a_nought():
    markup = charts.line_chart(DAYS[:3], [charts.Series("А", [5, None, 5])], title="Т")
    line = re.search(r'<path d="(M[^"]+)" fill="none" stroke-width="2"', markup)[1]
    assert line.count("M") == 2


@pytest.mark.parametrize("values", [[], [None], [0], [5, 5, 5], [-3, 4], [0.001], [10**9]])
def test_odd_data_draws(values):
    labels = DAYS[: len(values)]
    assert "<svg" in charts.line_chart(labels, [charts.Series("А", values)], title="Т", zero=False)
    assert "<svg" in charts.column_chart(labels, values, title="Т")
    assert "<svg" in charts.sparkline(values, title="Т")
    assert "nan" not in charts.line_chart(labels, [charts.Series("А", values)], title="Т").lower()


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 100, [0, 25, 50, 75, 100]),
        (0, 1, [0, 0.25, 0.5, 0.75, 1]),
        (72, 88, [70, 75, 80, 85, 90]),
    ],
)
def test_ticks_are_round(low, high, ticks):
    assert paper.nice_ticks(low, high) == ticks
