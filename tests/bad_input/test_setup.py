"""A course that isn't as it should be: one sentence with what to do, code 2, and no traceback."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys

import pytest

from nabla.cli import main
from tests.bad_input.classroom import FULL

NABLA = [sys.executable, "-c", "from nabla.cli import main; main()"]
NO_PRIVILEGE = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]


@pytest.fixture
def refused(capsys, monkeypatch):
    """Runs a command that must end with code 2; gives the sentence."""

    def run(room, *arguments):
        monkeypatch.setattr(sys, "argv", ["nabla", *(arguments or ("grade",)), "--course", str(room.root)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        assert ended.value.code == 2, captured
        assert "Traceback" not in captured.err
        return " ".join(captured.err.split())

    return run


@pytest.fixture
def room(classroom):
    classroom.hand_in("ann")
    return classroom


def as_ordinary_user(room, *arguments):
    """A command whose rights end at the permissions of files, also where the tests run as root."""
    words = [*NABLA, *arguments, "--course", str(room.root)]
    words = [*NO_PRIVILEGE, *words] if os.geteuid() == 0 else words
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_a_class_of_nobody_is_told_how_to_get_one(classroom, refused):
    said = refused(classroom)
    assert "nothing is handed in for sums" in said
    assert "nabla simulate" in said


def test_an_empty_folder_of_submissions_is_told_the_same(classroom, refused):
    (classroom.root / "submitted").mkdir()
    assert "nothing is handed in for sums" in refused(classroom)


def test_a_student_who_handed_in_nothing_is_named(room, refused):
    assert "bob handed in nothing for sums" in refused(room, "grade", "--student", "bob")


def test_an_unknown_assignment_is_named_with_the_known_ones(room, refused):
    assert "No assignment called other in this course. It has: sums." in refused(room, "grade", "other")


def test_a_course_that_was_never_released_is_told_to_be(room, refused):
    (room.root / "gradebook.db").unlink()
    said = refused(room)
    assert "nabla release" in said or "generate_assignment" in said


def test_a_gradebook_without_this_assignment_is_told_the_same(room, refused):
    with sqlite3.connect(room.root / "gradebook.db") as database:
        database.execute("update assignment set name = 'other'")
    database.close()
    assert "no assignment 'sums'" in refused(room)


def test_a_gradebook_that_is_none_is_named(room, refused):
    (room.root / "gradebook.db").write_bytes(b"my grades: all full marks" * 100)
    said = refused(room)
    assert "gradebook.db" in said
    assert "not a database" in said


def test_a_gradebook_held_by_another_program_is_not_taken_for_a_missing_one(room, refused):
    other = sqlite3.connect(room.root / "gradebook.db")
    other.execute("begin exclusive")
    said = refused(room)
    other.rollback()
    other.close()
    assert "locked" in said
    assert "generate_assignment" not in said


def test_no_source_is_no_course(room, refused):
    shutil.rmtree(room.root / "source")
    assert "no assignment here, so this is no course. Give its folder with --course DIR" in refused(room)


def test_no_folder_is_no_course(room, refused):
    room.root = room.root / "nowhere"
    assert "no such folder" in refused(room)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("class TestScaled(\n", "test_sums.py:1"),
        ("import no_such_module\n", "no_such_module"),
        ("class TestScaled:\n    def test_x(self, other): pass\n", "test_sums.py:2"),
        ("raise RuntimeError('half done')\n", "half done"),
        ("\x00", "test_sums.py"),
    ],
)
def test_a_broken_check_file_is_named_with_its_line(room, refused, text, words):
    (room.root / "grader_tests" / "test_sums.py").write_text(text)
    said = refused(room)
    assert "test_sums.py" in said
    assert words in said


def test_a_broken_wrong_answer_file_is_named(room, refused):
    folder = room.root / "grader_tests" / "wrong" / "sums"
    folder.mkdir(parents=True)
    (folder / "scaled.py").write_text("def half(")
    assert "scaled.py:1" in refused(room)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("this is no python", "nbgrader_config.py: can't be read (SyntaxError"),
        ("c.Nabla.limits = {'seconds': 3}", "unknown seconds. Known: answer,"),
        ("c.Nabla.sandbox = 'docker'", "unknown sandbox level 'docker'"),
    ],
)
def test_a_broken_configuration_is_named(room, refused, line, words):
    with (room.root / "nbgrader_config.py").open("a") as file:
        file.write(f"\n{line}\n")
    assert words in refused(room)


def test_a_damaged_key_is_never_replaced(room, refused):
    (room.root / "nabla.key").write_text("secret\n")
    assert "not a course key (64 hex digits). Restore it from a backup" in refused(room)
    assert (room.root / "nabla.key").read_text() == "secret\n"


def test_without_hidden_checks_the_visible_ones_count_and_the_grade_says_so(room):
    shutil.rmtree(room.root / "grader_tests")
    (result,) = room.grade(workers=1).values()
    assert room.scores("ann") == FULL
    assert not any(exercise.sealed for exercise in result.exercises)


def test_what_may_not_be_read_is_named_and_the_rest_is_graded(room):
    room.hand_in("file").chmod(0)
    room.hand_in("folder")
    room.folder("folder").chmod(0)
    room.hand_in("person")
    room.folder("person").parent.chmod(0)
    room.hand_in("beside")
    room.hand_in("beside", "1,2", name="data.csv").chmod(0)
    done = as_ordinary_user(room, "grade", "--workers", "1")
    for path in [room.root / "submitted" / "person", *(room.root / "submitted").glob("*/*")]:
        path.chmod(0o700)
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    for student in ("file", "folder", "person", "beside"):
        (line,) = (line for line in lines if line.startswith(f"{student}, sums:"))
        assert "Permission denied" in line
        assert "not handed in" not in line
    rows = room.rows()
    assert rows["ann"]["test_total"] == (2, False)
    assert rows["person"]["test_total"] == (None, True)


def test_a_course_that_may_not_be_written_is_named(room):
    folders = [room.root, room.root / ".nabla", room.root / "submitted"]
    (room.root / ".nabla").mkdir(exist_ok=True)
    for path in (*folders, room.root / "gradebook.db"):
        path.chmod(path.stat().st_mode & ~0o222)
    done = as_ordinary_user(room, "grade", "--workers", "1")
    for path in folders:
        path.chmod(0o700)
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    assert str(room.root) in done.stderr
