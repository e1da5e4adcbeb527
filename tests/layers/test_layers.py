"""The borders of the house: apps, files inside apps, and what each kind of file never holds."""

import ast
import subprocess
import sys

import pytest

from tests.layers.source import APPS, PACKAGES, ROOT, imports, kind, modules, name_of, tracked, tree

HTTP = ("django.http", "django.shortcuts", "django.views", "django.urls", "django.template")
WEB = (*HTTP, "django.forms", "rest_framework", "django_filters", "django_tables2", "crispy_forms",
       "core.views", "core.api", "core.rest", "core.forms", "core.filters")  # fmt: skip
QUEUE = ("celery", "config")
# Kind of file → what it never imports. The kinds and their order are the architecture's.
NEVER: dict[str, tuple[str, ...]] = {
    "enums": (*WEB, *QUEUE, "core.services", "core.models"),
    "querysets": (*WEB, *QUEUE, "core.services", "core.audit"),
    "models": (*WEB, *QUEUE, "core.services", "core.audit", "core.jobs"),
    "policy": (*WEB, *QUEUE, "core.services", "core.audit"),
    "selectors": (*WEB, *QUEUE, "core.services", "core.audit.record"),
    "services": (*WEB, *QUEUE),
    "forms": (*QUEUE, "core.services", "core.audit", "rest_framework"),
    "filters": (*QUEUE, "core.services", "core.audit"),
    "tables": (*QUEUE, "core.services", "core.audit", "rest_framework"),
    "views": (*QUEUE, "core.audit", "rest_framework"),
    "api": (*QUEUE, "core.audit", "django.forms", "core.views", "core.forms"),
    "tasks": WEB,
}
TOP = {
    ".ci", ".dockerignore", ".env.example", ".gitattributes", ".gitignore", ".github", "README.md",
    "docker-compose.yml", "docs", "lampa", "manage.py", "pyproject.toml", "static", "templates",
    "tests", *PACKAGES,
}  # fmt: skip
MANAGERS = {"objects", "_default_manager", "_base_manager"}
DICTIONARIES = {"ClientDepartment", "Indicator", "NeedStage", "ProductAdvantage", "Service", "Tool"}
VAGUE = {"utils", "helpers", "common", "constants", "managers", "misc"}
LONGEST = 450


def test_the_contracts_of_import_linter_are_kept() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_no_kind_of_file_imports_what_it_never_holds() -> None:
    broken = [
        f"{name_of(path)} imports {name}"
        for path in modules(*APPS)
        for name in sorted(imports(path))
        if any(name == never or name.startswith(f"{never}.") for never in NEVER.get(kind(path), ()))
    ]
    assert not broken, "\n".join(broken)


def test_the_rule_above_is_able_to_fail() -> None:
    """The negative control: a service that answers HTTP is seen."""
    page = next(path for path in modules("core") if path.name == "views.py")
    assert "django.http.HttpRequest" in imports(page)
    assert any(n.startswith("core.views.") for path in modules(*APPS) for n in imports(path))
    assert "core.views" in NEVER["services"]


def test_only_the_clock_module_reads_the_clock() -> None:
    """A business date is pinned once and passed on; `now()` stands in one module."""
    readers = {"now", "today", "utcnow", "localdate", "localtime"}
    broken = []
    for path in modules(*PACKAGES):
        if path in (ROOT / "core/clock.py",) or "launcher" in path.parts:
            continue
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            owner = node.func.value
            owner_name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
            converts = node.func.attr.startswith("local") and node.args
            if converts:
                continue
            if node.func.attr in readers and owner_name in {"timezone", "datetime", "date", "dt"}:
                broken.append(f"{name_of(path)}:{node.lineno}")
    assert not broken, broken


def test_nothing_asks_a_table_past_the_scope() -> None:
    """Pages and API take rows from a policy, a selector or a service.

    `queryset=…` of a field is narrowed by the base classes of forms, filters and serializers;
    dictionaries that everybody reads are nobody's secret.
    """
    broken = []
    for path in modules(*APPS):
        if kind(path) not in {"views", "api", "columns", "panels"}:
            continue
        parents = {
            child: parent
            for parent in ast.walk(tree(path))
            for child in ast.iter_child_nodes(parent)
        }
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Attribute) or node.attr not in MANAGERS:
                continue
            if isinstance(node.value, ast.Name) and node.value.id in DICTIONARIES:
                continue
            chain: ast.AST = node
            while isinstance(parents[chain], ast.Attribute | ast.Call):
                chain = parents[chain]
            named = parents[chain]
            given = isinstance(named, ast.keyword) and named.arg == "queryset"
            declared = isinstance(named, ast.Assign) and ast.unparse(named.targets[0]) == "queryset"
            asked = ast.unparse(chain)
            narrowed = ".visible_to(" in asked or ".none()" in asked
            if not (given or declared or narrowed):
                broken.append(f"{name_of(path)}:{node.lineno}: {asked[:80]}")
    assert not broken, "\n".join(broken)


def test_serializers_and_forms_name_their_fields() -> None:
    """`__all__` and `exclude` let a new column out by itself."""
    broken = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules(*PACKAGES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id in {"fields", "exclude"} for t in node.targets)
        and (
            (isinstance(node.value, ast.Constant) and node.value.value == "__all__")
            or any(isinstance(t, ast.Name) and t.id == "exclude" for t in node.targets)
        )
    ]
    assert not broken, broken


def test_no_model_acts_when_it_is_saved() -> None:
    """`save` and `delete` of a model write the row and nothing else: effects live in services."""
    broken = [
        f"{name_of(path)}: {klass.name}.{node.name}"
        for path in modules(*APPS, "core")
        if kind(path) == "models"
        for klass in ast.walk(tree(path))
        if isinstance(klass, ast.ClassDef)
        for node in klass.body
        if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete"}
    ]
    assert not broken, broken


def test_the_top_of_the_tree_holds_what_was_agreed() -> None:
    found = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert found <= TOP, sorted(found - TOP)


def test_files_are_short_and_have_names_that_say_something() -> None:
    vague = [name_of(path) for path in modules(*PACKAGES) if path.stem in VAGUE]
    long = {
        name_of(path): lines
        for path in modules(*PACKAGES)
        if (lines := len(path.read_text().splitlines())) > LONGEST
    }
    assert not vague, vague
    assert not long, long


@pytest.mark.parametrize(
    ("mark", "why"),
    [
        ("|safe", "typed text would be markup"),
        ("{% autoescape off", "typed text would be markup"),
        (" style=", "the content policy forbids styles in place"),
        (" onclick=", "the content policy forbids scripts in place"),
        (" onchange=", "the content policy forbids scripts in place"),
        (" hx-on", "the content policy forbids scripts in place"),
        ("javascript:", "the content policy forbids scripts in place"),
    ],
)
def test_templates_hold_no(mark: str, why: str) -> None:
    broken = [
        name_of(path)
        for path in tracked()
        if path.suffix in {".html", ".txt"}
        and "templates" in path.parts
        and mark in path.read_text()
    ]
    assert not broken, f"{why}: {broken}"


def test_templates_load_scripts_only_from_here() -> None:
    import re

    broken = []
    for path in tracked():
        if path.suffix != ".html" or "templates" not in path.parts:
            continue
        source = path.read_text()
        for tag in re.findall(r"<script\b[^>]*>", source):
            if "src=" not in tag and 'type="application/json"' not in tag:
                broken.append(f"{name_of(path)}: {tag}")
        if re.search(r"""(?:src|href)=["'](?:https?:)?//""", source):
            broken.append(f"{name_of(path)}: an address elsewhere")
    assert not broken, broken
