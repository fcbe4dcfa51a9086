"""The hidden checks of a course as nbgrader's own HIDDEN TESTS, so that stock nbgrader can run the same checks.

Each graded cell gets its class of checks with the few words that checks use, in plain numpy, inside one function.
Checks marked ``gpu`` are left out: what they look at, no plain function can see.
"""

from __future__ import annotations

import ast
import copy
import textwrap

from nbformat import NotebookNode

WORDS = """
import math
import types
import numpy as np

class Mark:
    def __getattr__(self, name):
        return lambda *given: given[0] if given and callable(given[0]) else (lambda check: check)

pytest = types.SimpleNamespace(mark=Mark())

class Several(tuple):
    value = property(tuple)

def plain(value):
    if type(value) in (tuple, list):
        return (Several if type(value) is tuple else list)(plain(item) for item in value)
    return value if isinstance(value, (bool, str, int, float, type(None))) else to_numpy(value)

class Student:
    def __getattr__(self, name):
        def call(*given, **named):
            sent = [array(value.copy()) if isinstance(value, np.ndarray) else value for value in given]
            result = plain(globals()[name](*sent, **named))
            unchanged.append(all(np.array_equal(plain(one), plain(other)) for one, other in zip(sent, given)))
            return result
        return call

unchanged = []

def assert_close(actual, expected, *, tolerance, shape=None):
    if isinstance(expected, tuple):
        assert isinstance(actual, tuple) and len(actual) == len(expected), "another type or length"
        spread = tolerance if isinstance(tolerance, tuple) else [tolerance] * len(expected)
        for one, other, width in zip(actual, expected, spread):
            assert_close(one, other, tolerance=width)
        return
    assert np.shape(actual) == np.shape(expected), "another shape"
    assert np.all(np.isfinite(actual)), "not finite"
    assert np.all(np.abs(actual - expected) <= tolerance), "another value"

def assert_equal(actual, expected):
    assert (type(actual) is type(expected) or isinstance(actual, tuple)) and actual == expected, "another value"

def assert_one_of(actual, allowed):
    assert actual in allowed, "another value"

def assert_unchanged(answer):
    assert unchanged[-1], "an argument was changed"

class raises:
    def __init__(self, *names):
        self.names = names
    def __enter__(self):
        return self
    def __exit__(self, kind, error, trace):
        assert kind is not None and kind.__name__ in self.names, "no such exception"
        return True

def run(checks):
    for name in dir(checks):
        if name.startswith("test_"):
            check = getattr(checks, name)
            asked = check.__code__.co_varnames[1:check.__code__.co_argcount]
            given = {"submission": Student(), "rng": np.random.default_rng(7)}
            check(**{name: given[name] for name in asked})
"""


def with_hidden_tests(source: NotebookNode, check_file: str) -> NotebookNode:
    """A copy of ``source`` whose graded code cells end in HIDDEN TESTS that do what ``check_file`` does."""
    tree = ast.parse(check_file)
    classes = {_grade_id(node.name): _without_gpu(node) for node in tree.body if isinstance(node, ast.ClassDef)}
    shared = "\n".join(ast.unparse(node) for node in tree.body if isinstance(node, ast.FunctionDef | ast.Assign))
    nb = copy.deepcopy(source)
    for cell in nb.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if cell.cell_type == "code" and grade_id in classes:
            cell.source += "\n" + _hidden(shared, classes[grade_id])
    return nb


def _without_gpu(checks: ast.ClassDef) -> ast.ClassDef:
    marked = {
        node for node in checks.body if any("mark.gpu" in ast.unparse(d) for d in getattr(node, "decorator_list", []))
    }
    return ast.ClassDef(
        **{**dict(ast.iter_fields(checks)), "body": [node for node in checks.body if node not in marked]}
    )


def _hidden(shared: str, checks: ast.ClassDef) -> str:
    body = f"{WORDS}\n{shared}\n{ast.unparse(checks)}\nrun({checks.name}())"
    function = f"def hidden_checks():\n{textwrap.indent(body, '    ')}"
    return f"### BEGIN HIDDEN TESTS\n{function}\nhidden_checks()\n### END HIDDEN TESTS"


def _grade_id(class_name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in class_name).lstrip("_")
