"""Templates keep the content security policy, compile, and write Russian in Russian letters."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template, render_to_string

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
NAMES = [path.relative_to(ROOT / "templates").as_posix() for path in TEMPLATES]
TAGS = re.compile(r"{[%#].*?[%#]}|{{.*?}}", re.S)


@pytest.mark.parametrize("name", NAMES)
def test_compiles(name):
    get_template(name)


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_nothing_inline(path):
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"<style\b", text)
    assert not re.search(r"\son[a-z]+\s*=", TAGS.sub("", text))
    assert "hx-on" not in text
    assert "javascript:" not in text
    for attributes, body in re.findall(r"<script\b([^>]*)>(.*?)</script>", text, re.S):
        assert "src=" in attributes, path
        assert not body.strip(), path


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_no_word_mixes_latin_and_cyrillic(path):
    for word in re.findall(r"[A-Za-zА-Яа-яЁё]+", path.read_text()):
        assert not (re.search("[A-Za-z]", word) and re.search("[А-Яа-яЁё]", word)), word


@pytest.mark.parametrize("name", ["400", "403", "404", "403_csrf", "500"])
def test_error_pages_stand_alone(name):
    """Without a request there is no context processor, no session, no database."""
    html = render_to_string(f"{name}.html")
    assert '<html lang="ru"' in html
    assert "<h1>" in html
    assert "запрос " not in html


def test_the_number_of_the_request_is_on_500_only():
    from structlog.contextvars import bound_contextvars

    with bound_contextvars(request_id="abc-123"):
        assert "запрос abc-123" in render_to_string("500.html")
        for name in ("400", "403", "404", "403_csrf"):
            assert "abc-123" not in render_to_string(f"{name}.html")


def test_htmx_is_configured_without_eval():
    text = (ROOT / "templates" / "base.html").read_text()
    config = json.loads(re.search(r"name=\"htmx-config\" content='([^']+)'", text)[1])
    assert config["allowEval"] is False
    assert config["allowScriptTags"] is False
    assert config["includeIndicatorStyles"] is False
    assert config["selfRequestsOnly"] is True
    assert config["historyCacheSize"] == 0
