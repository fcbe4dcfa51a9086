"""Who may import whom where import-linter can't say it: the runner, which lives among student code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import nabla

PACKAGE = Path(nabla.__file__).parent
RUNNER = PACKAGE / "sandbox" / "runner"


def imported_modules(path: Path) -> set[str]:
    package = ["nabla", *path.relative_to(PACKAGE).parent.parts]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {f"{module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.split(".")[0] == "nabla"}


@pytest.mark.parametrize("path", sorted(RUNNER.glob("**/*.py")), ids=lambda path: path.name)
def test_the_runner_imports_nothing_of_nabla_outside_its_folder(path):
    assert {name for name in imported_modules(path) if not name.startswith("nabla.sandbox.runner.")} == set()


def test_the_wire_and_the_reading_of_names_are_the_only_modules_on_both_sides():
    outside = [path for path in PACKAGE.glob("**/*.py") if RUNNER not in path.parents]
    used = {name for path in outside for name in imported_modules(path) if name.startswith("nabla.sandbox.runner")}
    shared = {name.removeprefix("nabla.sandbox.runner.").partition(".")[0] for name in used}
    assert shared == {"wire", "names"}
