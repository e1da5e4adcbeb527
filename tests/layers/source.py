"""The program's own source as trees: what each file imports and says."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "contacts", "visits", "needs", "lamps", "bonuses", "reports")
PACKAGES = ("config", "core", *APPS)


@lru_cache(maxsize=1)
def tracked() -> tuple[Path, ...]:
    """Files of the project, as git knows them, tracked or new."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    if listed.returncode:  # an unpacked archive: no git
        skipped = {".venv", "var", "node_modules", "__pycache__", ".git"}
        return tuple(
            p
            for p in ROOT.rglob("*")
            if p.is_file() and not skipped & set(p.relative_to(ROOT).parts)
        )
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def modules(*packages: str) -> Iterator[Path]:
    """Python files of packages, migrations left out."""
    for path in tracked():
        parts = path.relative_to(ROOT).parts
        if path.suffix == ".py" and parts[0] in packages and "migrations" not in parts:
            yield path


def kind(path: Path) -> str:
    """What a file of an app is: "views" for views.py and views/cards.py alike."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if len(parts) > 1 else parts[0]


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text())


def imports(path: Path) -> set[str]:
    """Everything that a file imports, by full name ("django.db.models")."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


def name_of(path: Path) -> str:
    """A file as messages show it."""
    return str(path.relative_to(ROOT))
