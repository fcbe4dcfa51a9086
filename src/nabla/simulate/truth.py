"""True scores of a sample class, from what is declared by hand: points, weights, checks that wrong answers fail.

Reads the course's files as data and imports nothing of the engine: if a check, the judge or a sum is wrong, given and
true score differ.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

CLAIM, LAW, GPU = "claim", "law", "gpu"
ACCELERATOR = "accelerator"
"""The argument by which a check needs an accelerator; among marks, it says so."""
VALUE_ASSERTIONS = {"assert_close", "assert_equal", "assert_one_of", "assert_shape"}


@dataclass(frozen=True)
class DeclaredCheck:
    """What is written above one check: its weight and its other marks."""

    name: str
    weight: float
    marks: frozenset[str]
    frameworks: tuple[str, ...] | None = None


@dataclass(frozen=True)
class DeclaredWrongAnswer:
    """What is written above one wrong answer: where it belongs, and the checks that it must fail."""

    name: str
    exercise: str
    function: str
    fails: tuple[str, ...]
    frameworks: tuple[str, ...] | None
    framework: str = ""

    def failed(self, checks: Sequence[DeclaredCheck]) -> frozenset[str]:
        """Which of ``checks`` it fails: what it declares and, in plain numpy, what asks it to stay on a device."""
        plain = {check.name for check in checks if GPU in check.marks and ACCELERATOR not in check.marks}
        return frozenset(self.fails) | (frozenset() if self.framework else plain)


def declared_points(notebook: Path) -> dict[str, Fraction]:
    """Points by grade_id of the code cells in ``notebook`` that are graded without a person."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    marked = ((cell, cell["metadata"].get("nbgrader", {})) for cell in cells if cell["cell_type"] == "code")
    return {mark["grade_id"]: Fraction(str(mark["points"])) for _, mark in marked if mark.get("grade")}


def declared_checks(test_file: Path) -> dict[str, tuple[DeclaredCheck, ...]]:
    """The checks of each exercise, by grade_id: ``class TestNewtonStep`` belongs to ``test_newton_step``."""
    tree = ast.parse(test_file.read_text(encoding="utf-8"))
    classes = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name.startswith("Test"))
    return {_grade_id(node.name): tuple(_check(item) for item in node.body if _is_check(item)) for node in classes}


def in_edition(checks: Sequence[DeclaredCheck], framework: str) -> tuple[DeclaredCheck, ...]:
    """Those of ``checks`` that the ``framework`` edition has."""
    return tuple(check for check in checks if check.frameworks is None or framework in check.frameworks)


def declared_wrong_answers(folder: Path) -> list[DeclaredWrongAnswer]:
    """The wrong answers in ``folder``, by file, then in the order in which they are written."""
    found = []
    for path in sorted(folder.glob("*.py")):
        names: dict[str, Any] = {}
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            declaration = _wrong_declaration(node)
            if isinstance(node, ast.FunctionDef) and declaration is not None:
                given = {name: _value(text, names) for name, text in declaration.items()}
                found.append(_wrong_answer(path.stem, node.name, given))
            elif isinstance(node, ast.Assign):
                names |= _named(node.targets[0], _value(node.value, names))
    return found


def score(
    points: Mapping[str, Fraction],
    checks: Mapping[str, Sequence[DeclaredCheck]],
    failing: Mapping[str, frozenset[str]],
) -> float:
    """The true score of a submission that fails ``failing[grade_id]`` and passes all else.

    Checks for an accelerator don't count, and one that rests on a claim counts only beside a passed one that doesn't.
    """
    total = sum(
        (exercise_score(points[name], checks[name], failing.get(name, frozenset())) for name in points), Fraction(0)
    )
    return round(float(total), 6)


def exercise_score(points: Fraction, checks: Sequence[DeclaredCheck], failing: frozenset[str]) -> Fraction:
    """points x weight passed / weight of all, exactly."""
    unknown = failing - {check.name for check in checks}
    if unknown:
        raise ValueError(f"no check called {', '.join(sorted(unknown))}")
    counted = [check for check in checks if ACCELERATOR not in check.marks]
    passed = [check for check in counted if check.name not in failing]
    if not any(CLAIM not in check.marks for check in passed):
        passed = []
    return points * _weight(passed) / _weight(counted)


def all_checks(checks: Sequence[DeclaredCheck]) -> frozenset[str]:
    """The names of ``checks``: what an exercise without an answer fails."""
    return frozenset(check.name for check in checks)


def _weight(checks: Sequence[DeclaredCheck]) -> Fraction:
    return sum((Fraction(str(check.weight)) for check in checks), Fraction(0))


def _grade_id(class_name: str) -> str:
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in class_name.removeprefix("Test"))
    return f"test{words}"


def _is_check(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name.startswith("test_")


def _check(node: ast.stmt) -> DeclaredCheck:
    assert isinstance(node, ast.FunctionDef)
    weight, marks, frameworks = 1.0, set(), None
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        name = _mark_name(call.func if call else decorator)
        if name == "weight" and call:
            weight = float(ast.literal_eval(call.args[0]))
        elif name == "frameworks" and call:
            frameworks = tuple(ast.literal_eval(argument) for argument in call.args)
        elif name:
            marks.add(name)
    if not _looks_at_values(node):
        marks.add(CLAIM)
    if any(argument.arg == ACCELERATOR for argument in node.args.args):
        marks.add(ACCELERATOR)
    if GPU in marks and frameworks is None:
        frameworks = ("torch",)
    return DeclaredCheck(node.name, weight, frozenset(marks), frameworks)


def _looks_at_values(check: ast.FunctionDef) -> bool:
    """Whether a check looks at any value; which exception came, a dtype or a kept argument rest on a claim alone."""
    called = {
        node.func.id for node in ast.walk(check) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    return bool(called & VALUE_ASSERTIONS) or any(isinstance(node, ast.Assert) for node in ast.walk(check))


def _mark_name(node: ast.expr) -> str:
    """``law`` for ``pytest.mark.law``; empty for any other decorator."""
    is_mark = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "mark"
    return node.attr if is_mark and isinstance(node, ast.Attribute) else ""


def _wrong_declaration(node: ast.stmt) -> dict[str, ast.expr] | None:
    """The keywords of ``@wrong(...)`` above a function, without the hint."""
    if not isinstance(node, ast.FunctionDef):
        return None
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "wrong":
            return {
                keyword.arg: keyword.value for keyword in decorator.keywords if keyword.arg and keyword.arg != "hint"
            }
    return None


def _named(target: ast.expr, value: Any) -> dict[str, Any]:
    """What ``target = value`` gives a name to; ``A, B = "a", "b"`` names two."""
    if isinstance(target, ast.Tuple):
        return {
            name: part for item, one in zip(target.elts, value, strict=True) for name, part in _named(item, one).items()
        }
    return {target.id: value} if isinstance(target, ast.Name) else {}


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """A literal, or a name that stands for one further up in the file, or a tuple of these."""
    if isinstance(node, ast.Name):
        return names[node.id]
    if isinstance(node, ast.Starred):
        return _value(node.value, names)
    if isinstance(node, ast.Tuple):
        parts = [(item, _value(item, names)) for item in node.elts]
        return tuple(value for item, part in parts for value in (part if isinstance(item, ast.Starred) else (part,)))
    return ast.literal_eval(node)


def _wrong_answer(exercise: str, name: str, declaration: Mapping[str, Any]) -> DeclaredWrongAnswer:
    frameworks, framework = declaration.get("frameworks"), declaration.get("framework", "")
    return DeclaredWrongAnswer(
        name=name,
        exercise=exercise,
        function=declaration.get("function") or exercise,
        fails=tuple(declaration["fails"]),
        frameworks=(framework,) if framework else tuple(frameworks) if frameworks else None,
        framework=framework,
    )
