"""Texts in a graded notebook: a student's are made inert, the course's own stay as they are."""

from __future__ import annotations

from nbformat.v4 import new_markdown_cell, new_notebook, new_raw_cell

from nabla.grading.shown import make_texts_inert
from nabla.notebook.given import given_of

LOGO = "![logo](https://school.test/logo.png)"


def shown(source: str, **more: object) -> str:
    nb = new_notebook(cells=[new_markdown_cell(source, **more)])
    make_texts_inert(nb, frozenset({("markdown", LOGO)}))
    return str(nb.cells[0].source)


def test_a_given_text_keeps_its_picture() -> None:
    assert shown(LOGO) == LOGO


def test_a_changed_text_keeps_no_picture() -> None:
    assert shown(LOGO + " seen?").startswith("<pre>")


def test_a_given_text_with_an_attachment_of_the_students_is_looked_at() -> None:
    attached = {"x.svg": {"image/svg+xml": "<svg onload='x'>"}}
    assert shown(LOGO, attachments=attached).startswith("<pre>")


def test_a_given_text_copied_into_a_cell_of_another_kind_is_not_given() -> None:
    """What a course shows as code would be live in a raw cell."""
    about = "Never write `<script>alert(1)</script>`."
    nb = new_notebook(cells=[new_raw_cell(about)])
    make_texts_inert(nb, frozenset({("markdown", about)}))
    assert "<script>" not in nb.cells[0].source
    nb = new_notebook(cells=[new_raw_cell(about)])
    make_texts_inert(nb, given_of(new_notebook(cells=[new_markdown_cell(about)]), lambda source: None).texts)
    assert "<script>" not in nb.cells[0].source
