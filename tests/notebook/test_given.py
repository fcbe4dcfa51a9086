"""Which given cells need not run."""

from __future__ import annotations

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from nabla.notebook.given import Given, Names, given_of, unneeded
from nabla.sandbox.runner.names import names_of

from .building import code, marks, notebook, text

transform = TransformerManager().transform_cell
PICTURE = "x = 1\nfig = show(f(x))"
TEST = "x = 2\nassert f(x) == 4"
SHARED = "shared = 3"


def told(*sources: str) -> dict[str, Names | None]:
    return {source: Names.said(names_of(source, transform)) for source in sources}


GIVEN = Given(told(PICTURE, TEST, SHARED), cells=frozenset({PICTURE, SHARED}), pictures=frozenset({PICTURE}))


def left_out(*sources: str, given: Given = GIVEN) -> set[int]:
    theirs = told(*(source for source in sources if source not in given.names))
    return set(unneeded(sources, given, theirs))


def test_a_picture_whose_names_nobody_touches_is_left_out() -> None:
    assert left_out("def f(y):\n    return 2 * y", TEST, PICTURE) == {2}


def test_a_local_name_or_a_parameter_of_a_student_is_another_one() -> None:
    assert left_out("def f(x):\n    fig = x\n    return fig", TEST, PICTURE) == {2}


@pytest.mark.parametrize(
    "theirs",
    [
        "def f(y):\n    return x * y",
        "x = 5\ndef f(y):\n    return x * y",  # the picture would change it
        "fig",
        "def f(y):\n    return eval('x')",
        "%time f(1)",
        "def f(:",
    ],
)
def test_a_picture_runs_where_a_student_may_touch_a_name_of_it(theirs: str) -> None:
    assert left_out(theirs, TEST, PICTURE) == set()


def test_a_changed_picture_runs() -> None:
    assert left_out("def f(y):\n    return y", TEST, PICTURE + "\nmore = 1") == set()


def test_a_given_cell_that_needs_a_picture_keeps_it_and_what_that_needs() -> None:
    first, second, third = "a = 1", "b = a", "c = b"
    given = Given(told(first, second, third), pictures=frozenset({first, second}))
    assert left_out(first, second, third, given=given) == set()
    assert left_out(first, second, given=given) == {0, 1}


def test_what_is_given_is_told_by_tags_and_nbgraders_marks() -> None:
    nb = notebook(
        code("plot()", tags=["picture"]),
        code("example()"),
        code("assert f()", tags=["picture"], nbgrader=marks("test_f", grade=True)),
        code("def f(): ...", nbgrader=marks("f", solution=True)),
        text("# Given"),
        text("Your answer", nbgrader=marks("why", grade=True, solution=True)),
    )
    assert given_of(nb, lambda source: names_of(source, transform)) == Given(
        told("plot()", "example()", "assert f()"),
        cells=frozenset({"plot()", "example()"}),
        pictures=frozenset({"plot()"}),
        texts=frozenset({("markdown", "# Given")}),
    )


@pytest.mark.parametrize("said", [None, "x", {"binds": ["a"]}, {"binds": ["a"], "touches": "a", "needs": []}])
def test_of_a_broken_word_about_names_nothing_is_believed(said: object) -> None:
    assert Names.said(said) is None
