"""The OpenAPI file that is kept is the one that the code gives, without a warning."""

from pathlib import Path

from django.core.management import call_command

KEPT = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
HOW = "./lampa manage spectacular --file docs/openapi.yaml --validate --fail-on-warn"


def test_the_kept_schema_is_the_present_one(tmp_path: Path) -> None:
    fresh = tmp_path / "openapi.yaml"
    call_command("spectacular", file=str(fresh), validate=True, fail_on_warn=True)
    assert fresh.read_text() == KEPT.read_text(), f"docs/openapi.yaml is old: {HOW}"
