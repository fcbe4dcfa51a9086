import copy

import pytest
from nbgrader.utils import compute_checksum
from traitlets.config import Config

from nabla.notebook.editions import (
    Edition,
    KeepEdition,
    edition_of,
    keep_edition,
    master_notebook,
    release_notebook,
    setting_to_hand_in,
)
from tests.notebook.building import code, marks, notebook, text

EN, JA = Edition("en", "torch"), Edition("ja", "numpy")


def source(**metadata):
    return notebook(
        text("English", tags=["en"]),
        text("日本語", tags=["ja"]),
        code("import torch", tags=["torch"]),
        code("import numpy", tags=["numpy", "keep"]),
        code("common"),
        code(
            "def f():\n    ### BEGIN SOLUTION\n    secret\n    ### END SOLUTION",
            nbgrader=marks("f", solution=True),
            tags=["torch"],
        ),
        code(
            "def f(): # numpy\n    ### BEGIN SOLUTION\n    secret\n    ### END SOLUTION",
            nbgrader=marks("f", solution=True),
            tags=["numpy"],
        ),
        code("assert f()\n### BEGIN HIDDEN TESTS\nhidden\n### END HIDDEN TESTS", nbgrader=marks("test_f", grade=True)),
        text("Why?", nbgrader=marks("written_f", grade=True, solution=True), tags=["en"]),
        text("なぜ？", nbgrader=marks("written_f", grade=True, solution=True), tags=["ja"]),
        kernelspec={"name": "python3", "display_name": "Python 3", "language": "python"},
        **metadata,
    )


def sources(nb):
    return [cell.source.split("\n")[0] for cell in nb.cells]


@pytest.mark.parametrize(
    ("edition", "kept"),
    [
        (EN, ["English", "import torch", "common", "def f():", "assert f()", "Why?"]),
        (JA, ["日本語", "import numpy", "common", "def f(): # numpy", "assert f()", "なぜ？"]),
        (Edition("ja", "jax"), ["日本語", "common", "assert f()", "なぜ？"]),
    ],
)
def test_an_edition_holds_its_own_cells_and_the_common_ones(edition, kept):
    assert sources(keep_edition(source(), edition)) == kept


def test_an_edition_says_which_it_is_and_has_no_edition_tags_left():
    nb = keep_edition(source(jupytext={"formats": "md"}), JA)
    assert nb.metadata.nabla == {"language": "ja", "framework": "numpy"}
    assert "jupytext" not in nb.metadata
    assert [cell.metadata.get("tags") for cell in nb.cells][:3] == [None, ["keep"], None]


def test_keeping_an_edition_leaves_the_source_alone():
    nb = source()
    before = copy.deepcopy(nb)
    keep_edition(nb, JA)
    assert nb == before


def test_a_notebook_without_editions_stays_as_it_is():
    nb = notebook(code("x", tags=["hide"]), text("y"), jupytext={"formats": "md"})
    assert keep_edition(nb, EN) is nb


def test_the_preprocessor_takes_the_courses_edition_where_none_is_given():
    config = Config({"Nabla": {"language": "ja", "framework": "numpy"}})
    nb, _ = KeepEdition(config=config)(source(), {})
    assert nb.metadata.nabla == JA._asdict()
    nb, _ = KeepEdition(config=config, language="en")(source(), {})
    assert nb.metadata.nabla == {"language": "en", "framework": "numpy"}


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ({"language": "ja", "framework": "numpy"}, JA),
        ({"language": "ja"}, Edition("ja", "torch")),
        ({"language": "../ja", "framework": ["numpy"]}, EN),
        ({"language": {}, "framework": None}, EN),
        ("ja", EN),
        (None, EN),
    ],
)
def test_a_submission_is_the_edition_it_names_as_far_as_that_is_one(named, found):
    assert edition_of(notebook(nabla=named), EN) == found


def test_the_master_of_an_edition_has_stubs_hidden_tests_and_matching_checksums():
    master = master_notebook(source(), JA, Config())
    by_id = {cell.metadata.nbgrader.grade_id: cell for cell in master.cells if "nbgrader" in cell.metadata}
    assert "secret" not in by_id["f"].source
    assert "hidden" in by_id["test_f"].source
    assert by_id["written_f"].source == "YOUR ANSWER HERE"
    assert all(cell.metadata.nbgrader.checksum == compute_checksum(cell) for cell in by_id.values())


def test_a_release_has_neither_solutions_nor_hidden_tests():
    texts = " ".join(cell.source for cell in release_notebook(source(), EN, Config()).cells)
    assert "secret" not in texts
    assert "hidden" not in texts.lower()


def test_an_edition_that_the_class_may_not_hand_in_is_taken_for_the_default_one():
    nb = notebook(code("x"), nabla={"language": "ja", "framework": "numpy"})
    assert edition_of(nb, EN, ("numpy", "jax")) == Edition("ja", "numpy")
    assert edition_of(nb, EN, ("jax",)) == Edition("ja", "torch")


def test_the_setting_for_one_more_edition_keeps_those_that_are_named():
    config = Config({"Nabla": {"frameworks": ["numpy"]}})
    assert setting_to_hand_in(config, "jax") == "c.Nabla.frameworks = ['numpy', 'jax']"
