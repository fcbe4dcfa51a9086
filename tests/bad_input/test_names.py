"""Students and files with odd names: graded as everybody, shown without harm, found again in every file."""

from __future__ import annotations

import json
import os
import sys

import pytest

from nabla.cli import main
from tests.bad_input.classroom import FULL

ODD = [
    "Ada Lovelace",
    " leading space",
    "-rf",
    "--help",
    "[red]x[bold]",
    "[#ff0000 on blink]",
    "O'Neil; drop table student",
    "100%s%d{}",
    "名前",
    "e\u0301",
    "a\x1b[31mb",
    "new\nline",
    "tab\there",
    "right\u202eleft",
    "$(reboot)`id`",
    "*",
    "!",
    "~",
    "x" * 200,
    "ann.json",
    "..hidden",
]
MARKUP = "<img src=x onerror=alert(1)>"
UNPRINTABLE = os.fsdecode(b"latin-\xe9")


@pytest.fixture(scope="module")
def graded(made_course, tmp_path_factory, request):
    """The class, graded by the command line: its results as written, and what it printed."""
    import contextlib
    import io
    import shutil

    from tests.bad_input.classroom import Classroom

    room = Classroom(shutil.copytree(made_course, tmp_path_factory.mktemp("names") / "course"))
    for name in [*ODD, MARKUP, UNPRINTABLE, "honest"]:
        room.hand_in(name)
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        patch.setattr(
            sys, "argv", ["nabla", "grade", "--course", str(room.root), "--json", str(room.root / "out.json")]
        )
        with pytest.raises(SystemExit) as ended:
            main()
    room.code, room.said = ended.value.code, said.getvalue()
    room.found = {item["student"]: item for item in json.loads((room.root / "out.json").read_text())["submissions"]}
    return room


@pytest.mark.parametrize("student", [name for name in ODD if not name.startswith(".")])
def test_an_odd_name_is_graded_as_any(graded, student):
    assert graded.found[student]["status"] == "graded"
    assert graded.found[student]["score"] == sum(FULL.values())
    assert graded.rows()[student]["test_total"] == (2, False)
    assert graded.autograded(student).is_file()


def test_a_hidden_folder_is_no_student(graded):
    assert "..hidden" not in graded.found


def test_a_name_that_no_gradebook_or_page_can_hold_is_said_and_costs_nobody_else(graded):
    assert graded.code == 1
    failed = {name: item["reason"] for name, item in graded.found.items() if item["status"] == "failed"}
    assert sorted(failed) == [MARKUP, r"latin-\udce9"]
    assert "not UTF-8 text" in failed[r"latin-\udce9"]
    assert "which formgrader would take for markup" in failed[MARKUP]
    assert all("Rename the folder to the student's id, then grade again" in reason for reason in failed.values())
    assert MARKUP not in graded.rows()


def test_nothing_of_a_name_reaches_the_terminal_as_control(graded):
    assert "\x1b" not in graded.said
    assert "\u202e" not in graded.said
    assert "[red]x[bold]" in graded.said
    assert "new line" in graded.said
    assert "Traceback" not in graded.said
