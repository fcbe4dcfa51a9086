"""Whoever reads a gradebook that can't be read hears why, and what to do."""

from __future__ import annotations

import sqlite3

import pytest
from nbgrader.api import Gradebook

from nabla.gradebook import GradebookError, class_standings, saved_submissions, stored_assignment

READERS = (class_standings, saved_submissions, lambda url: stored_assignment(url, "ps1"))


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory):
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with Gradebook(f"sqlite:///{path}") as found:
        found.add_assignment("ps1")
    return path


@pytest.mark.parametrize("read", READERS)
def test_a_gradebook_that_another_program_holds_is_not_called_missing(gradebook, read):
    other = sqlite3.connect(gradebook)
    other.execute("begin exclusive")
    try:
        with pytest.raises(GradebookError, match=r"another program holds it .*close it, and try again"):
            read(f"sqlite:///{gradebook}?timeout=0.01")
    finally:
        other.close()


@pytest.mark.parametrize("read", READERS)
def test_a_file_that_is_no_gradebook_is_named_with_what_to_do(tmp_path, read):
    (tmp_path / "gradebook.db").write_bytes(b"not a database, " * 100)
    with pytest.raises(GradebookError, match=r"gradebook\.db.*Restore it from a backup"):
        read(f"sqlite:///{tmp_path / 'gradebook.db'}")
