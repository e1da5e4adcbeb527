"""Contrast computed from the style sheet itself, for both themes."""

import re
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings

CSS = (Path(settings.BASE_DIR) / "static" / "css" / "lampa.css").read_text()
PAIRS = dict(
    (name, (light, dark))
    for name, light, dark in re.findall(
        r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", CSS
    )
)
BACKS = ["paper", "surface", "surface-2"]
TEXTS = ["ink", "ink-soft", "accent", "good", "warn", "bad"]
LAMPS = ["green", "yellow", "red", "none"]


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_measure_itself():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "back"), product(TEXTS + [f"lamp-{c}" for c in LAMPS], BACKS))
def test_text_on_every_ground(text, back, theme):
    assert contrast(PAIRS[text][theme], PAIRS[back][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("colour", LAMPS)
def test_lamp_text_on_its_own_tint(colour, theme):
    assert contrast(PAIRS[f"lamp-{colour}"][theme], PAIRS[f"lamp-{colour}-soft"][theme]) >= 4.5
    assert contrast(PAIRS["ink"][theme], PAIRS[f"lamp-{colour}-soft"][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("accent-ink", "accent-fill"),
        ("accent", "accent-soft"),
        ("ink", "accent-soft"),
        ("tblr-danger-fg", "bad"),
        ("tblr-success-fg", "good"),
        ("tblr-warning-fg", "warn"),
    ],
)
def test_text_on_coloured_grounds(text, back, theme):
    assert contrast(PAIRS[text][theme], PAIRS[back][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("colour", ["green", "yellow", "red"])
def test_the_mark_inside_a_sign_is_seen(colour, theme):
    assert contrast(PAIRS[f"lamp-{colour}-mark"][theme], PAIRS[f"lamp-{colour}-fill"][theme]) >= 3


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("back", ["paper", "surface"])
def test_edges_of_inputs_are_seen(back, theme):
    assert contrast(PAIRS["line-strong"][theme], PAIRS[back][theme]) >= 2.9
