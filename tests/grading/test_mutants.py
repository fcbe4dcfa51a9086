"""Mutants of a solution: each kind of slip is made, each once, and only where a student writes."""

from __future__ import annotations

import ast

import pytest

from nabla.grading.verify.mutants import mutants


def function(*statements, arguments="x, y, A"):
    return f"def f({arguments}):\n" + "".join(
        f"    {line}\n" for statement in statements for line in statement.split("\n")
    )


def becomes(*statements):
    """What the last statement becomes in the mutants."""
    was = ast.unparse(ast.parse(function(*statements)).body[0].body[-1])
    return {mutant.becomes for mutant in mutants(function(*statements)) if mutant.was == was}


@pytest.mark.parametrize(
    ("statement", "some"),
    [
        ("return x + y", {"return x - y", "return x", "return y", "return -(x + y)"}),
        ("return x - y", {"return x + y", "return x", "return -y", "return y - x"}),
        ("return x * y", {"return x + y", "return x / y", "return x", "return y"}),
        ("return x ** 2", {"return x * 2", "return x ** 3", "return x ** 1", "return x", "return 2 ** x"}),
        ("return -x", {"return x"}),
        ("return x", {"return -x"}),
        ("return x[0]", {"return x[1]", "return x[-1]", "return -x[0]"}),
        ("return x[-1]", {"return x[-2]", "return x[0]", "return x[1]"}),
        ("return x[1:]", {"return x[0:]", "return x[2:]", "return x[:]"}),
        ("return 0.5", {"return 1.0", "return 0.25"}),
        ("return A.T @ x", {"return A @ x", "return x @ A.T", "return A.T * x"}),
        ("return A @ x", {"return A.T @ x", "return x @ A"}),
        ("return g(x, y)", {"return g(y, x)", "return -g(x, y)"}),
        ("return (x, y)", {"return (y, x)", "return (-x, y)", "return (x, -y)"}),
        ("return [i for i in range(x)]", {f"return [i for i in range({r})]" for r in ("x - 1", "x + 1", "1, x")}),
        ("return x.max()", {"return x.min()"}),
        ("return x < y", {"return x <= y", "return x >= y"}),
        ("return 0 < x < y", {"return 0 < x", "return x < y"}),
        ("return x and y", {"return x or y", "return x", "return y"}),
        ("return x if y else 0", {"return x if not y else 0"}),
        ("x += y", {"x -= y", "pass"}),
        ("x.append(y)", {"pass"}),
        ("return True", {"return False"}),
    ],
)
def test_each_kind_of_slip_is_made(statement, some):
    assert some <= becomes(statement)


def test_a_condition_is_turned_around_moved_by_one_and_dropped():
    found = {mutant.becomes for mutant in mutants(function("if x == 0:\n    y = 1", "return y")) if "if" in mutant.was}
    assert {"if x != 0:", "if x == 1:", "if x == -1:", "pass"} <= found


def test_an_answer_becomes_the_next_of_the_possible_ones():
    found = [(mutant.was, mutant.becomes) for mutant in mutants(function("if x:\n    return 'low'", "return 'high'"))]
    assert ("return 'low'", "return 'high'") in found
    assert ("return 'high'", "return 'low'") in found


def test_no_two_mutants_are_alike_and_none_is_the_original():
    source = function("y = x + x * 2 - 1", "return (y, -y, [x[0], x[1]])")
    found = [mutant.source for mutant in mutants(source)]
    assert len(found) == len(set(found)) > 20
    assert ast.unparse(ast.parse(source)) not in found


def test_every_mutant_is_a_program():
    for mutant in mutants(function("for i in range(y - 1):\n    x[i:] -= A.T[0, -1] @ x", "return {'a': x, 'b': -x}")):
        compile(mutant.source, "mutant", "exec")


def test_what_only_says_what_is_wrong_is_left_alone():
    source = function('"""Adds 1 + 1."""', "if x:\n    raise ValueError('at least 1 + 1')", "return y")
    assert {mutant.was for mutant in mutants(source)} == {"if x:", "return y"}


def test_only_the_given_lines_are_changed():
    source = function("y = 1", "return y")
    assert {mutant.was for mutant in mutants(source, {3})} == {"return y"}
    assert {mutant.was for mutant in mutants(source, {2, 3})} == {"y = 1", "return y"}


def test_a_symmetric_function_keeps_the_order_of_its_arguments():
    assert "return max(y, x)" not in becomes("return max(x, y)")
    assert "return min(x, y)" in becomes("return max(x, y)")


def test_equal_statements_of_a_function_are_numbered():
    found = [mutant for mutant in mutants(function("x = x + y", "x = x + y", "return A")) if mutant.was == "x = x + y"]
    assert {mutant.nth for mutant in found} == {1, 2}
    assert len({mutant.name for mutant in found}) == len(found)


def test_a_method_and_an_inner_function_have_their_owners_name():
    source = "class V:\n    def add(self, x):\n        def inner(y):\n            return y\n        return inner(x)\n"
    assert {mutant.function for mutant in mutants(source)} == {"V.add", "V.add.inner"}


def test_changing_one_statement_leaves_the_names_of_the_others_mutants():
    one = {mutant.name for mutant in mutants(function("x = x * 3", "return x + y")) if "return" in mutant.was}
    other = {
        mutant.name for mutant in mutants(function("z = y", "x = x * 2", "return x + y")) if "return" in mutant.was
    }
    assert one == other
