"""Answers that know nothing: a value whatever is asked, the visible examples by heart, another exercise's answer.

Each must be worth nothing. Of functions only: what a class would be without knowing anything, nobody can say.
"""

from __future__ import annotations

import ast
import functools
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nabla.grading.planting import BRIDGE
from nabla.grading.verify.bench import Bench, Planned
from nabla.grading.verify.trials import Verdicts

CONSTANTS = "CONSTANTS"
"""Name in a file of checks: ``CONSTANTS = {"test_origin_is": "why"}``, exercises whose right answer is a constant."""

SAME_ANSWERS = "SAME_ANSWERS"
"""The same for ``SAME_ANSWERS = {("gradient_of_f", "gradient_of_g"): "why"}``, exercises with one answer."""

LAZY_ANSWERS: Mapping[str, str] = {
    "always ValueError": "raise ValueError('no')",
    "always RuntimeError": "raise RuntimeError('no')",
    "the argument itself": "return given[0]",
    "the argument changed in place": "changed = given[0]; changed += 1; return changed",
    "zeros": "return given[0] * 0",
    "None": "return None",
}
"""What a function can do without knowing anything."""

LEARNT_ANSWERS: Mapping[str, str] = {
    "a constant, the last visible value": "return learnt[-1][1]",
    "the visible examples by heart": "return next((v for k, v in learnt if k == key), learnt[-1][1])",
}
"""What a function can do that has seen the visible examples: ``learnt`` holds pairs of a call and its value."""

FUNCTION = re.compile(r"^def (\w+)", re.M)

# As long as a cell runs, the right answer is given and learnt: so the examples are learnt that students see. Afterwards
# the judge asks. What a call raises is learnt too.
LEARNING = """
import sys as _sys

def _key(value):
    value = _plain(value)
    if isinstance(value, _np.ndarray):
        return value.shape, value.tolist()
    if isinstance(value, (tuple, list)):
        return [_key(item) for item in value]
    if isinstance(value, dict):
        return [(name, _key(item)) for name, item in value.items()]
    return repr(value) if isinstance(value, (bool, int, float, complex, str, type(None), _np.generic)) else ""

def _in_a_cell():
    frame = _sys._getframe()
    while frame is not None and frame.f_code.co_name != "run_cell":
        frame = frame.f_back
    return frame is not None

def _learning(right, recall):
    learnt = []
    def answer(*given, **named):
        key = _key((given, named))
        if _in_a_cell():
            try:
                value = right(*given, **named)
            except Exception as error:
                value = error
            learnt.append((key, value))
        else:
            value = recall(key, learnt) if learnt else None
        if isinstance(value, Exception):
            raise value
        return value
    return answer
"""


Answers = Mapping[str, tuple[str, str]]
"""By grade_id, what is tried and the source of the solution cell."""


def plan(bench: Bench) -> Iterator[Planned]:
    """Each of these answers, in all exercises at once."""
    tests = bench.course.grader_tests / f"test_{bench.assignment}.py"
    constants = declared(tests, CONSTANTS)
    for answers in _answers(bench, [frozenset(pair) for pair in declared(tests, SAME_ANSWERS)]):
        cells = {bench.solution_cells[name]: source for name, (_, source) in answers.items()}
        then = functools.partial(_worth_nothing, bench, answers, constants)
        yield bench.try_cells("answers that know nothing", cells, then)


def _answers(bench: Bench, same: Sequence[frozenset[str]]) -> Iterator[Answers]:
    cells = {name: FUNCTION.findall(bench.reference[cell]) for name, cell in bench.solution_cells.items()}
    functions = {name: found for name, found in cells.items() if found}
    right = {name: bench.alone[bench.solution_cells[name]] for name in functions}
    for what, body in LAZY_ANSWERS.items():
        yield {name: (what, lazy_cell(found, body)) for name, found in functions.items()}
    for what, body in LEARNT_ANSWERS.items():
        yield {name: (what, learnt_cell(found, right[name], body)) for name, found in functions.items()}
    names = list(functions)
    for step in range(1, len(names)):
        lenders = dict(zip(names, [*names[step:], *names[:step]], strict=True))
        yield {
            name: (f"the answer of {lender}", borrowed_cell(functions[name], functions[lender][-1], right[lender]))
            for name, lender in lenders.items()
            if {name.removeprefix("test_"), lender.removeprefix("test_")} not in same
        }


def _worth_nothing(bench: Bench, answers: Answers, constants: Mapping[str, str], found: Verdicts) -> None:
    for name, (what, _) in answers.items():
        record, verdict = bench.records[name], found[name]
        record.lazy[what] = verdict.score
        if verdict.score != 0 and name not in constants:
            passed = ", ".join(check.name for check in verdict.checks if check.outcome == "passed")
            record.problems.append(f"{what!r} gets {verdict.score} of {record.points} points (passes {passed})")


def declared(tests: Path, name: str) -> dict[Any, str]:
    """What the file of checks ``tests`` says in the dictionary ``name``: exercises, each with a reason."""
    for node in ast.parse(tests.read_text(encoding="utf-8")).body if tests.is_file() else ():
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            return dict(ast.literal_eval(node.value))
    return {}


def lazy_cell(functions: Sequence[str], body: str) -> str:
    """A solution cell whose ``functions`` all have this one line as their body."""
    return "\n".join(f"def {name}(*given, **named):\n    {body}" for name in functions)


def learnt_cell(functions: Sequence[str], right: str, body: str) -> str:
    """A solution cell whose ``functions`` learn from ``right``, the right answer, while students' cells run.

    ``body`` says what they do afterwards.
    """
    recall = f"def _recall(key, learnt):\n    {body}"
    learning = [f"{name} = _learning({name}, _recall)" for name in functions]
    return "\n".join([right, BRIDGE, LEARNING, recall, *learning]) + "\n"


def borrowed_cell(functions: Sequence[str], other: str, right: str) -> str:
    """A solution cell whose ``functions`` all give what ``other`` does, a function of ``right``, another's answer.

    It takes as many of the arguments as it needs, and some of them twice where there are too few.
    """
    lines = [
        "def _borrowed():",
        textwrap.indent(right, "    "),
        f"    return {other}",
        "def _answering(function):",
        "    most = function.__code__.co_argcount",
        "    least = most - len(function.__defaults__ or ())",
        "    return lambda *given, **named: function(*(given * most)[: max(least, min(most, len(given)))])",
        *(f"{name} = _answering(_borrowed())" for name in functions),
    ]
    return "\n".join(lines) + "\n"
