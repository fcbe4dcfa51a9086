"""Translations: other words, the same formulas and the same code."""

from __future__ import annotations

import nbformat
import pytest

from nabla.grading.translations import differences


def notebook(*cells):
    nb = nbformat.v4.new_notebook()
    for kind, language, source in cells:
        make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
        nb.cells.append(make(source, metadata={"tags": [language]}))
    return nb


def test_other_words_are_no_difference():
    english = "# Norm\n\nThe norm $\\|v\\|$ of `v`:\n\n$$\\|v\\| = 1 \\text{ if small}$$"
    japanese = "# ノルム\n\n`v` のノルム $\\|v\\|$ です。\n\n$$\\|v\\|=1 \\text{ 小さいとき}$$"
    assert differences(notebook(("markdown", "en", english), ("markdown", "ja", japanese))) == []


@pytest.mark.parametrize(
    ("english", "japanese", "told"),
    [
        ("$$a = b$$", "$$a = -b$$", "formulas"),
        ("the $x$", "その $y$", "formulas"),
        ("the `x`", "その `y`", "code"),
        ("```python\nx = 1  # one\n```", "```python\nx = 2  # 一\n```", "code"),
        ("# Norm", "## ノルム", "headings"),
    ],
    ids=["formula", "symbol", "name", "block", "heading"],
)
def test_another_formula_name_or_block_is_told(english, japanese, told):
    found = differences(notebook(("markdown", "en", english), ("markdown", "ja", japanese)))
    assert len(found) == 1
    assert told in found[0]


def test_a_cell_without_its_translation_is_told():
    found = differences(notebook(("markdown", "en", "one"), ("markdown", "ja", "一"), ("markdown", "en", "two")))
    assert found == ["cell 2 for en ('two') has none for ja"]


def test_code_may_differ_in_comments_and_texts_only():
    same = notebook(("code", "en", "x = 1  # one\nprint('one')"), ("code", "ja", "x = 1  # 一\nprint('一')"))
    other = notebook(("code", "en", "x = 1"), ("code", "ja", "x = 2"))
    assert differences(same) == []
    assert len(differences(other)) == 1
