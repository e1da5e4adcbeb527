"""The OpenAPI file that is kept is the one that the code gives, without a warning."""

from pathlib import Path

import yaml
from django.core.management import call_command

from config.api import router

METHODS = ("get", "post", "patch", "put", "delete")
KEPT = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
HOW = "./lampa manage spectacular --file docs/openapi.yaml --validate --fail-on-warn"


def test_the_kept_schema_is_the_present_one(tmp_path: Path) -> None:
    fresh = tmp_path / "openapi.yaml"
    call_command("spectacular", file=str(fresh), validate=True, fail_on_warn=True)
    assert fresh.read_text() == KEPT.read_text(), f"docs/openapi.yaml is old: {HOW}"


def test_every_route_is_told_in_it() -> None:
    """What is drawn from the schema, by the fuzzing and by generated clients, leaves none out."""
    paths = yaml.safe_load(KEPT.read_text())["paths"]
    silent = [prefix for prefix, _, _ in router.registry if f"/api/v1/{prefix}/" not in paths]
    assert silent == []
    asked = sum(len(set(found) & set(METHODS)) for found in paths.values())
    assert asked > 150
