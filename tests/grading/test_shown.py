"""Texts in a graded notebook: a student's are made inert, the course's own stay as they are."""

from __future__ import annotations

from nbformat.v4 import new_markdown_cell, new_notebook

from nabla.grading.shown import make_texts_inert

LOGO = "![logo](https://school.test/logo.png)"


def shown(source: str, **more: object) -> str:
    nb = new_notebook(cells=[new_markdown_cell(source, **more)])
    make_texts_inert(nb, frozenset({LOGO}))
    return str(nb.cells[0].source)


def test_a_given_text_keeps_its_picture() -> None:
    assert shown(LOGO) == LOGO


def test_a_changed_text_keeps_no_picture() -> None:
    assert shown(LOGO + " seen?").startswith("<pre>")


def test_a_given_text_with_an_attachment_of_the_students_is_looked_at() -> None:
    attached = {"x.svg": {"image/svg+xml": "<svg onload='x'>"}}
    assert shown(LOGO, attachments=attached).startswith("<pre>")
