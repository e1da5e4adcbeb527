"""What is served to the browser: files as released, nothing from outside, no dangling url()."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.storage import FileSystemStorage

ROOT = Path(settings.BASE_DIR)
STATIC = ROOT / "static"
MANIFESTS = [STATIC / "vendor" / "manifest.json", ROOT / "tests" / "vendor" / "manifest.json"]
ROWS = [
    pytest.param(manifest.parent, row, id=row["file"])
    for manifest in MANIFESTS
    for row in json.loads(manifest.read_text())
]


@pytest.mark.parametrize(("folder", "row"), ROWS)
def test_vendored_file_is_the_released_one(folder, row):
    path = (folder / row["file"]).resolve()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", row["version"])
    assert row["licence"] in {"MIT", "0BSD", "OFL-1.1", "MPL-2.0"}
    assert len((folder / row["licence_file"]).read_text()) > 500


def test_every_vendored_file_is_in_a_manifest():
    for manifest in MANIFESTS:
        rows = json.loads(manifest.read_text())
        named = {
            (manifest.parent / row[key]).resolve()
            for row in rows
            for key in ("file", "licence_file")
        }
        found = {p.resolve() for p in manifest.parent.rglob("*") if p.is_file()} - {
            manifest.resolve()
        }
        assert found <= named


def test_collected_files_have_no_dangling_reference(tmp_path):
    """The strict storage of production stops at the first url() that leads nowhere."""
    storage = ManifestStaticFilesStorage(location=tmp_path, base_url="/static/")
    source = FileSystemStorage(location=STATIC)
    paths = {}
    for path in sorted(p for p in STATIC.rglob("*") if p.is_file()):
        name = path.relative_to(STATIC).as_posix()
        with source.open(name) as file:
            storage.save(name, file)
        paths[name] = (storage, name)
    for name, _, result in storage.post_process(paths):
        assert not isinstance(result, Exception), (name, result)


def test_nothing_is_fetched_from_outside():
    for path in [
        *STATIC.rglob("*.css"),
        *(STATIC / "js").glob("*.js"),
        *(ROOT / "templates").rglob("*.html"),
    ]:
        text = (
            path.read_text()
            .replace("http://www.w3.org/", "")
            .replace("https://github.com/tabler/", "")
        )
        text = text.replace("(https://tabler.io)", "")
        assert not re.search(r"(?:https?:)?//[a-z0-9-]+\.[a-z]{2,}", text), path


def test_icons_asked_for_are_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()))
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text()
        asked = set(re.findall(r'{% icon "([^"]+)"', text)) | set(
            re.findall(r'icon_name="([^"]+)"', text)
        )
        assert asked <= sprite, (path, asked - sprite)


def test_icons_of_the_navigation_are_in_the_sprite():
    from core.context import NavLink  # noqa: F401  (the registry is filled by the apps)
    from core.navigation import all_items

    sprite = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()))
    assert {item.icon for item in all_items()} <= sprite
