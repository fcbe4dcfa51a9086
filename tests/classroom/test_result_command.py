"""`nabla classroom result`: whose result it is says the command line or the roster, never the file."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from nabla.cli.app import app
from nabla.course import CourseError
from tests.classroom.test_results import FULL, check, exercise, submission

MALLORY = submission("mallory", exercise("test_a", 4.0, 4.0, check("passed")))
BEN = submission("ben", exercise("test_a", 2.0, 4.0, check("failed", hint="Is A symmetric?")))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"version": 1, "submissions": [FULL, BEN, MALLORY]}))
    (tmp_path / "roster.csv").write_text("student\nana\nben\ncat\n")
    return path


def result(file, *arguments, code=0):
    found = CliRunner().invoke(app, ["classroom", "result", str(file), *map(str, arguments)])
    if isinstance(found.exception, Exception):
        raise found.exception
    assert found.exit_code == code, found.output
    return found


def test_a_class_gets_one_file_a_student_and_only_those_in_the_roster(file, tmp_path):
    found = result(
        file, "--format", "gradescope", "--roster", tmp_path / "roster.csv", "--to", tmp_path / "out", code=1
    )
    assert sorted(path.name for path in tmp_path.glob("out/hessians/*")) == ["ana.json", "ben.json"]
    assert "mallory: in" in found.stderr
    assert "cat: no result in" in found.stderr


def test_one_student_is_printed_or_written_to_the_file_that_is_named(file, tmp_path):
    found = result(file, "--format", "reporter", "--student", "ben")
    printed = found.stdout
    assert found.stderr == ""
    result(file, "--format", "reporter", "--student", "ben", "--to", tmp_path / "ben.json")
    assert json.loads(printed) == json.loads((tmp_path / "ben.json").read_text())
    assert json.loads(printed)["tests"][0]["message"] == "Is A symmetric?"


@pytest.mark.parametrize("form", ["junit", "summary"])
def test_a_class_is_one_document(file, tmp_path, form):
    text = result(file, "--format", form, "--roster", tmp_path / "roster.csv", code=1).stdout
    assert text.count("ben") >= 1
    assert "mallory" not in text


def test_classroom_50_takes_its_facts_from_the_runner(file, monkeypatch):
    names = ("CLASSROOM", "ASSIGNMENT", "USERNAME", "COMMIT_URL", "RELEASE_URL", "REVIEW_URL")
    for name in names:
        monkeypatch.setenv(name, name.lower())
    monkeypatch.setenv("SUBMISSION_TAG", "submit/1")
    document = json.loads(result(file, "--format", "classroom50", "--student", "ana").stdout)
    assert (document["owner"], document["submission"], document["score"]) == ("username", "submit/1", 430)
    with pytest.raises(CourseError, match="one submission at a time"):
        result(file, "--format", "classroom50", "--student", "ana", "--student", "ben")


def test_nobodys_result_is_asked_for(file):
    with pytest.raises(CourseError, match="Say whose results"):
        result(file, "--format", "junit")


def test_no_file_gets_a_name_that_leads_elsewhere(tmp_path):
    path = tmp_path / "result.json"
    away = submission("ana", exercise("test_a", 4.0, 4.0), assignment="../../x")
    path.write_text(json.dumps({"version": 1, "submissions": [away]}))
    with pytest.raises(CourseError, match="No file is named like this"):
        result(path, "--format", "reporter", "--student", "ana", "--to", tmp_path / "out")
