"""A disk that is full, by the kernel's own limit of a file's size: one sentence, nothing lost, and a second run succeeds."""

from __future__ import annotations

import functools
import json
import resource
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.classroom.git_class import StudentRepository

NABLA = Path(sys.executable).with_name("nabla")
CANVAS = "Student,ID,SIS User ID,SIS Login ID,Section,Tiny (501)\nA,1,aiko,,,\nB,2,amara,,,\n"
TOO_SMALL = 32


def nabla(root, *arguments, room=resource.RLIM_INFINITY):
    """The exit code, what is printed, and what is complained of; no file gets more bytes than ``room``."""
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    limit = functools.partial(resource.setrlimit, resource.RLIMIT_FSIZE, (room, hard))
    command = [NABLA, *map(str, arguments), "--course", root]
    done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=limit)
    return done.returncode, done.stdout, done.stderr


def files_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows(root):
    with sqlite3.connect(root / "gradebook.db") as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
        return database.execute("select * from grade").fetchall(), database.execute("select * from student").fetchall()


@pytest.fixture(scope="module")
def graded(released_once, tmp_path_factory):
    """A tiny course with two students, graded once there was room; and what was said before."""
    root = Path(shutil.copytree(released_once, tmp_path_factory.mktemp("full") / "tiny"))
    assert nabla(root, "simulate", "--students", 2)[0] == 0
    before = rows(root), files_of(root / "submitted")
    room = (root / "gradebook.db").stat().st_size // 2
    full = nabla(root, "grade", "--workers", 1, "--json", root / "full.json", room=room)
    assert (rows(root), files_of(root / "submitted")) == before
    again = nabla(root, "grade", "--workers", 1, "--json", root / "again.json")
    with sqlite3.connect(root / "gradebook.db") as database:  # written answers are marked
        database.execute("update grade set manual_score = 1, needs_manual_grade = 0 where needs_manual_grade = 1")
    return root, full, again


def test_a_grade_that_cannot_be_saved_is_no_grade_and_the_next_command_saves_it(graded):
    root, (code, said, complaints), (again, _, _) = graded
    assert (code, again) == (1, 0), said + complaints
    assert "Traceback" not in said + complaints
    for found in json.loads((root / "full.json").read_text())["submissions"]:
        assert found["score"] is None
        assert found["reason"].startswith("graded but not saved (")
        assert found["reason"].endswith("Make room or mend that, then grade again.")
        assert said.count(f"{found['student']}, tiny: graded but not saved") == 1
    assert all(found["status"] == "graded" for found in json.loads((root / "again.json").read_text())["submissions"])
    assert len(rows(root)[1]) == 2


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("export", "csv", "--to"), "grades.csv"),
        (("export", "canvas"), "canvas.csv"),
        (("export", "gradescope", "--to"), "out"),
        (("report", "--to"), "report.html"),
    ],
)
def test_a_file_that_finds_no_room_is_named_and_the_old_one_stays(graded, tmp_path, command, name):
    path = tmp_path / name
    if name == "out":
        (path / "tiny" / "amara").mkdir(parents=True)
        (path / "tiny" / "amara" / "results.json").write_text("old")
    else:
        path.write_text(CANVAS)
    before = files_of(tmp_path)
    code, said, complaints = nabla(graded[0], *command, path, room=TOO_SMALL)
    assert (code, said) == (2, "")
    assert complaints.count("\n") == 1
    assert str(path) in complaints
    assert complaints.endswith("Make room there, or let this account write; then run the same command again.\n")
    assert files_of(tmp_path) == before
    assert nabla(graded[0], *command, path)[0] == 0
    assert files_of(tmp_path) != before


def test_work_that_finds_no_room_fails_alone_and_what_was_collected_stays(graded, tmp_path):
    root = Path(shutil.copytree(graded[0], tmp_path / "tiny"))
    given = (root / "release" / "tiny" / "tiny.ipynb").read_bytes()
    (tmp_path / "roster.csv").write_text("student,username\naiko,aiko\nzoe,zoe\n")
    for name, content in (("aiko", given + b" " * 50_000), ("zoe", given)):
        StudentRepository(tmp_path / "class" / f"tiny-{name}").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": content})
    places = ("--roster", tmp_path / "roster.csv", "--from", tmp_path / "class")
    command = ("classroom", "collect", "tiny", *places, "--force")
    before = files_of(root / "submitted")
    code, said, complaints = nabla(root, *command, room=len(given) + 1000)
    (failed,) = [line for line in said.splitlines() if line.startswith("aiko: failed")]
    assert failed.endswith(f"'{root}/submitted/aiko/tiny/tiny.ipynb'. Make that right, then collect again.")
    assert (code, complaints) == (1, "")
    assert "1 collected, 1 failed" in said
    assert before.items() <= files_of(root / "submitted").items()
    code, said, complaints = nabla(root, *command)
    assert (code, complaints) == (0, "")
    assert "1 collected, 1 unchanged" in said
    assert (root / "submitted" / "aiko" / "tiny" / "tiny.ipynb").stat().st_size == len(given) + 50_000


def test_a_sample_class_that_finds_no_room_is_made_by_the_next_command(released_once, tmp_path):
    root = Path(shutil.copytree(released_once, tmp_path / "tiny"))
    size = (released_once / "release" / "tiny" / "tiny.ipynb").stat().st_size
    code, said, complaints = nabla(root, "simulate", "--students", 4, room=size // 2)
    assert code == 2, said + complaints
    assert "Make room there" in complaints
    assert nabla(root, "simulate", "--students", 4)[0] == 0
    assert len(list((root / "submitted").iterdir())) == 4


def test_a_page_that_cannot_be_written_leaves_the_old_one_and_says_how_to_go_on(graded):
    root = graded[0]
    assert nabla(root, "feedback")[0] == 0
    before = files_of(root / "feedback")
    assert len(before) == 2
    code, said, complaints = nabla(root, "feedback", room=1000)
    assert code == 1
    assert "aiko: no new page (OSError: [Errno 27] File too large). Make that right, then: nabla feedback tiny" in said
    assert "above" not in said + complaints
    assert files_of(root / "feedback") == before
    code, said, _ = nabla(root, "feedback")
    assert (code, "2 pages" in said) == (0, True)
    assert set(files_of(root / "feedback")) == set(before)


@pytest.mark.parametrize("half_written", [False, True])
def test_a_page_that_a_killed_run_had_set_aside_comes_back_where_no_new_one_can_be_made(graded, half_written):
    root = graded[0]
    assert nabla(root, "feedback")[0] == 0
    before = files_of(root / "feedback")
    (root / "feedback" / "aiko" / "tiny").rename(root / "feedback" / "aiko" / ".tiny.nabla-old")
    if half_written:
        (root / "feedback" / "aiko" / "tiny").mkdir()
        (root / "feedback" / "aiko" / "tiny" / "tiny.html").write_text("<html>")
    assert nabla(root, "feedback", room=1000)[0] == 1
    assert files_of(root / "feedback") == before


def test_one_folder_that_cannot_be_moved_costs_one_page(graded):
    root = graded[0]
    assert nabla(root, "feedback")[0] == 0
    before = files_of(root / "feedback")
    shutil.rmtree(root / "feedback" / "aiko")
    (root / "feedback" / "aiko").touch()  # a file where her folder should be
    code, said, complaints = nabla(root, "feedback")
    assert code == 1
    assert "aiko: no new page (" in said
    assert "Traceback" not in said + complaints
    (root / "feedback" / "aiko").unlink()
    assert nabla(root, "feedback")[0] == 0
    assert set(files_of(root / "feedback")) == set(before)
