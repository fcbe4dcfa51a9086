"""Where a command finds things: the course, its roster, another gradebook than the course's own."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from nabla.cli.app import app
from nabla.sandbox.runtimes import environment
from tests.classroom.git_class import StudentRepository
from tests.classroom.test_publish import submission


def nabla(*words, course, code=0):
    found = CliRunner().invoke(app, [*map(str, words), "--course", str(course)])
    if isinstance(found.exception, Exception):
        raise found.exception
    assert found.exit_code == code, found.output
    return found.output


def test_another_gradebook_serves_from_the_release_to_feedback_and_the_courses_own_is_never_made(tiny_course, tmp_path):
    db = ("--db", f"sqlite:///{tmp_path / 'other.db'}")
    nabla("release", *db, course=tiny_course)
    work = StudentRepository(tmp_path / "class" / "tiny-ann")
    work.commit("2026-10-01T00:00:00Z", {"tiny.ipynb": (tiny_course / "release/tiny/tiny.ipynb").read_bytes()})
    (tiny_course / "classroom").mkdir()
    (tiny_course / "classroom" / "roster.csv").write_text("student,username\nann,ann\n")
    said = nabla("classroom", "collect", "tiny", "--from", tmp_path / "class", *db, course=tiny_course)
    assert "ann: collected" in said
    assert "Locked cells weren't compared" not in said
    nabla("grade", "--workers", "1", *db, course=tiny_course)
    nabla("feedback", *db, course=tiny_course)
    assert (tiny_course / "feedback/ann/tiny/tiny.html").is_file()
    assert "0 of 4 points" in nabla("replay", "ann", "tiny", "double", *db, course=tiny_course)
    assert not (tiny_course / "gradebook.db").exists()


def test_results_are_of_the_class_in_the_courses_roster(tmp_path):
    course = tmp_path / "course"
    StudentRepository(tmp_path / "work").commit("2026-10-01T00:00:00Z", {"tiny.ipynb": "{}"}).git(
        "clone", "--quiet", "--bare", ".", str(tmp_path / "tiny-ann.git")
    )
    (course / "classroom").mkdir(parents=True)
    (course / "classroom" / "roster.csv").write_text("student,username\ns1,ann\n")
    address = f"file://{tmp_path}/tiny-{{username}}.git"
    (course / "classroom" / "assignments.csv").write_text(f"assignment,deadline,address\ntiny,2026-10-01,{address}\n")
    file = tmp_path / "result.json"
    file.write_text(json.dumps({"version": 1, "submissions": [submission("s1")]}))
    assert "3 / 4 points" in nabla("classroom", "result", file, "--format", "summary", course=course)
    assert "s1, tiny: published" in nabla("classroom", "publish", file, course=course)


def test_an_environment_that_the_course_does_not_use_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    made = environment("mxnet")
    made.folder.mkdir(parents=True)
    (made.folder / ".ready").touch()  # as if it had been installed
    (tmp_path / "course").mkdir()
    assert "this course runs it with" not in nabla("runtime", "install", "mxnet", course=tmp_path / "course")
    config = "c = get_config()\nc.Nabla.runtimes = {'mxnet': {'python': '/opt/python'}}\n"
    (tmp_path / "course" / "nbgrader_config.py").write_text(config)
    assert "this course runs it with /opt/python" in nabla("runtime", "install", "mxnet", course=tmp_path / "course")
