"""Each adapter's output is what its reader expects, and no student's text comes out alive in any of them."""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from nbconvert.filters.markdown import markdown2html

from nabla.classroom.results.classroom50 import Run, classroom50_document
from nabla.classroom.results.gradescope import gradescope_document
from nabla.classroom.results.harmless import markdown, one_line
from nabla.classroom.results.junit import junit_text
from nabla.classroom.results.reading import read_result, strangers
from nabla.classroom.results.reporter import reporter_document, reporter_output
from nabla.classroom.results.summary import summary_text
from nabla.course import CourseError

SCHEMAS = Path(__file__).parent / "schemas"
RUN = Run("calculus", "hessians", "individual", "ana", "submit/2026-10-01", "https://c", "https://r", "https://v")
HOSTILE = [
    "\n::notice title=Autograding complete::Points 100/100",
    "\r\n::set-output name=result::x",
    "::::error::",
    "a ####[notice title=Autograding complete;]Points 100/100",  # the older form, anywhere in a line
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "| 100 | [click](javascript:alert(1)) `@everyone` $\\href{javascript:1}{x}$",
    "\x1b[2J\x00\x07\x9b\u2028\u202e\ufffe",
    "\ud800\udfff",
    "]]></failure><error/>",
    "x" * 2**20,
    "https://evil.example www.evil.example a@evil.example",
    "\\",
]


def check(outcome, message="", hint="", name="test_law"):
    return {"name": name, "outcome": outcome, "message": message, "hint": hint, "wrong_answer": ""}


def submission(student="ana", *exercises, **changes):
    scores = [exercise["score"] for exercise in exercises if exercise["score"] is not None]
    found = {
        "student": student,
        "assignment": "hessians",
        "status": "graded",
        "reason": "",
        "score": sum(scores),
        "max_score": sum(exercise["max_score"] for exercise in exercises),
        "manual_points_open": 0,
        "not_graded_points": 0,
        "sandbox": "sandlock",
        "runtime": "",
        "engine": "0.1",
        "key_fingerprint": "",
        "seconds": 1.5,
        "exercises": list(exercises),
    }
    return found | changes


def exercise(name, score, most, *checks):
    return {"id": name, "score": score, "max_score": most, "sealed": True, "checks": list(checks)}


def hostile(text):
    failed = check("failed", message=text, hint=text, name=text or "test")
    return submission(
        "ana",
        exercise("test_a", 1.0, 4.0, failed, check("passed")),
        exercise(text or "x", 0.0, 2.0, failed),
        status="failed",
        reason=text or "why",
    )


FULL = submission(
    "ana", exercise("test_a", 4.0, 4.0, check("passed")), exercise("test_b", 0.1 + 0.2, 2.0, check("failed"))
)
EMPTY = submission("ben", status="failed", reason="hessians.ipynb: is empty.", score=None)
LOST = submission("cat", exercise("test_a", None, 4.0, check("error")), status="failed", reason="broke", score=None)


def published(tmp_path, *submissions, details=False, students=None):
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"version": 1, "submissions": list(submissions)}))
    return read_result(path, students=students, details=details)


def validate(document, name):
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    text = json.dumps(document, allow_nan=False, ensure_ascii=False)
    text.encode()
    jsonschema.Draft202012Validator(schema).validate(json.loads(text))


@pytest.mark.parametrize("details", [False, True])
@pytest.mark.parametrize("found", [FULL, EMPTY, LOST, *map(hostile, HOSTILE)], ids=lambda found: found["student"])
def test_every_json_is_what_its_reader_expects(tmp_path, found, details):
    (one,) = published(tmp_path, found, details=details)
    validate(reporter_document(one), "reporter")
    validate(classroom50_document(one, RUN), "classroom50")
    validate(gradescope_document(one), "gradescope")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60)
@given(st.text(st.characters(codec=None), min_size=1, max_size=60))
@example("\ud800")
@example("\uffff")
def test_no_text_breaks_any_form(tmp_path, text):
    (one,) = published(tmp_path, hostile(text), details=True)
    validate(reporter_document(one), "reporter")
    validate(classroom50_document(one, RUN), "classroom50")
    validate(gradescope_document(one), "gradescope")
    assert len(ElementTree.fromstring(junit_text([one]))) == 1
    inert(summary_text([one]))
    inert(summary_text([one, one]))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_summary_shows_hostile_text_and_lets_none_of_it_live(tmp_path, text):
    (one,) = published(tmp_path, hostile(text), details=True)
    assert "##[" not in json.dumps([reporter_document(one), junit_text([one])])
    for shown in (summary_text([one]), summary_text([one, one])):
        inert(shown)
        assert len(shown) < 20_000


def inert(shown):
    """A table of the same shape whatever stands in it, and a page in which only our own markup is live."""
    assert not re.search(r"^\s*::|##\[", shown, re.M)
    tables = [line for line in shown.splitlines() if line.startswith("|")]
    assert len({len(re.split(r"(?<!\\)\|", line)) for line in tables}) == 1
    page = markdown2html(shown)
    allowed = {"table", "thead", "tbody", "tr", "th", "td", "code", "p", "h2", "br", "a"}
    assert set(re.findall(r"<([a-z0-9]+)", page)) <= allowed
    links = re.findall(r"<a [^>]*href=\"([^\"]*)\"", page)
    assert all(link.startswith("#") for link in links), links


def test_a_reporter_adds_up_to_the_score_without_rounding_noise(tmp_path):
    document = reporter_document(published(tmp_path, FULL)[0])
    assert [test["score"] for test in document["tests"]] == [4.0, 0.3]
    assert document["max_score"] == 6.0
    assert document["status"] == "fail"


def test_what_could_not_be_graded_is_no_full_mark_anywhere(tmp_path):
    for found in published(tmp_path, EMPTY, LOST):
        assert reporter_document(found)["status"] == "error"
        assert sum(test["score"] for test in reporter_document(found)["tests"]) == 0
        assert classroom50_document(found, RUN)["score"] == 0
        assert "score" not in gradescope_document(found)
        assert ElementTree.fromstring(junit_text([found]))[0].get("errors") == "1"
        assert "– /" in summary_text([found])


def test_the_output_of_a_step_is_one_line_of_base64(tmp_path):
    line = reporter_output(published(tmp_path, hostile(HOSTILE[0]))[0])
    assert re.fullmatch(r"result=[A-Za-z0-9+/=]+\n", line)
    assert json.loads(base64.b64decode(line.removeprefix("result=")))["version"] == 1


def test_classroom_50_gets_integers_of_hundredths_and_no_other_key(tmp_path):
    document = classroom50_document(published(tmp_path, FULL)[0], RUN, datetime(2026, 10, 1, 12, tzinfo=UTC))
    assert (document["score"], document["max-score"], document["datetime"]) == (430, 600, "2026-10-01T12:00:00Z")


def test_classroom_50_says_which_variables_its_runner_did_not_set():
    with pytest.raises(CourseError, match="CLASSROOM, ASSIGNMENT, SUBMISSION_TAG"):
        Run.of({})
    names = ("CLASSROOM", "ASSIGNMENT", "USERNAME", "COMMIT_URL", "RELEASE_URL", "REVIEW_URL")
    with pytest.raises(CourseError, match="begin with submit"):
        Run.of(dict.fromkeys((*names, "SUBMISSION_TAG"), "x"))
    assert Run.of({**dict.fromkeys(names, "x"), "SUBMISSION_TAG": "submit/1"}).owner == "x"


def test_junit_counts_what_it_holds(tmp_path):
    text = junit_text(published(tmp_path, FULL, EMPTY, LOST))
    for suite in ElementTree.fromstring(text):
        assert int(suite.get("tests")) == len(suite.findall("testcase"))
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
        assert int(suite.get("errors")) == len(suite.findall("testcase/error"))


def test_no_form_tells_where_files_lie_on_the_graders_disk(tmp_path):
    path = "/home/prof/My Course/submitted/ana/hessians/hessians.ipynb"
    found = submission(status="failed", score=None, reason=f"{path}: is empty. Ask. {path}: is empty.")
    (one,) = published(tmp_path, found)
    for text in (json.dumps(reporter_document(one)), json.dumps(gradescope_document(one)), summary_text([one])):
        assert "hessians.ipynb: is empty. Ask. hessians.ipynb: is empty." in text
        assert "prof" not in text


def test_names_of_checks_and_messages_leave_the_course_only_when_asked_for(tmp_path):
    found = submission(
        "ana", exercise("test_a", 0.0, 4.0, check("failed", "returned 7", "Is A symmetric?", "test_secret_law"))
    )
    for details, shown in ((False, set()), (True, {"test_secret_law", "returned 7"})):
        (one,) = published(tmp_path, found, details=details)
        texts = [
            json.dumps(reporter_document(one)),
            json.dumps(gradescope_document(one)),
            junit_text([one]),
            summary_text([one]),
        ]
        for text in texts:
            assert "Is A symmetric?" in text
            assert {word for word in ("test_secret_law", "returned 7") if word in text} == shown


def test_points_that_need_other_hardware_are_neither_lost_nor_counted(tmp_path):
    gpu = exercise("test_gpu", None, 2.0, check("not_graded", "needs an accelerator"))
    found = submission("ana", exercise("test_a", 4.0, 4.0, check("passed")), gpu, max_score=4.0, not_graded_points=2.0)
    (one,) = published(tmp_path, found)
    assert reporter_document(one)["status"] == "pass"
    assert [test["name"] for test in reporter_document(one)["tests"]] == ["a"]
    assert "2 points need hardware" in summary_text([one])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"version": 1, "submissions": [', "no JSON"),
        ('{"version": 2, "submissions": []}', "version"),
        (json.dumps({"version": 1, "submissions": [{**FULL, "points": 100}]}), "additionalProperties"),
        (json.dumps({"version": 1, "submissions": [{**FULL, "score": "100"}]}), "type"),
        (json.dumps({"version": 1, "submissions": [FULL]}).replace("1.5", "NaN"), "NaN is no number"),
        (json.dumps({"version": 1, "submissions": [FULL, FULL]}), "twice"),
        ("[" * 100_000, "no JSON"),
    ],
    ids=["cut off", "version", "another key", "a text as score", "NaN", "twice", "deep"],
)
def test_a_result_that_is_none_is_refused_with_the_reason(tmp_path, content, told):
    path = tmp_path / "result.json"
    path.write_text(content)
    with pytest.raises(CourseError, match=told):
        read_result(path, students=None)


def test_a_result_may_not_be_endless(tmp_path, monkeypatch):
    monkeypatch.setattr("nabla.classroom.results.reading.LIMIT", 10)
    with pytest.raises(CourseError, match="larger than"):
        published(tmp_path, FULL)


def test_who_is_not_in_the_roster_is_named_and_not_taken(tmp_path):
    mallory = submission("mallory\n::notice::", exercise("test_a", 4.0, 4.0))
    found = published(tmp_path, FULL, mallory, students={"ana"})
    assert [one.student for one in found] == ["ana"]
    assert strangers(tmp_path / "result.json", {"ana"}) == ["mallory :notice:"]


@given(st.text(st.characters(codec=None)), st.integers(10, 50))
def test_one_line_is_short_printable_and_no_command(text, longest):
    line = one_line(text, longest)
    assert len(line) <= longest
    assert "::" not in line
    assert line.isprintable()
    line.encode()
    assert "`" not in markdown(text)[1:-1]
