"""Grading a class: what is unchanged isn't done again, and anything that a grade comes from makes it new."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from nabla.course import Course, CourseError
from nabla.gradebook import GradebookWriter, Submission
from nabla.gradebook.writer import SavedSubmission
from nabla.grading import examiner, saving
from nabla.grading.examiner import Examiner
from nabla.grading.lean import LeanDoor
from nabla.grading.listing import Task
from nabla.grading.lock import only_one
from nabla.grading.pool import grade_class
from nabla.grading.result import SubmissionResult
from nabla.grading.workers import WorkerDied

ANSWERS = {"double": "def double(x):\n    return 2 * x", "halve": "def halve(x):\n    return x / 2"}


def hand_in(root: Path, student: str, answers: dict[str, str]) -> Path:
    """The released notebook with ``answers`` in it, in the student's folder."""
    nb = json.loads((root / "release" / "tiny" / "tiny.ipynb").read_text(encoding="utf-8"))
    for cell in nb["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = answers.get(name, cell["source"])
    path = root / "submitted" / student / "tiny" / "tiny.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(nb), encoding="utf-8")
    return path


def grade(root: Path, **options: object) -> dict[str, SubmissionResult]:
    results = grade_class(Course.load(root), ["tiny"], workers=1, **options)  # type: ignore[arg-type]
    return {result.student: result for result in results}


@pytest.fixture(scope="module")
def graded_once(released_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with one graded student, whose answer to the second exercise never refuses."""
    root = Path(shutil.copytree(released_once, tmp_path_factory.mktemp("graded") / "tiny"))
    hand_in(root, "ada", ANSWERS)
    found = grade(root)["ada"]
    assert (found.score, found.max_score, found.manual_points_open) == (5.5, 6.0, 0.0)
    return root


@pytest.fixture
def graded(graded_once: Path, tmp_path: Path) -> Path:
    """That course, for one test alone."""
    return Path(shutil.copytree(graded_once, tmp_path / "tiny"))


@pytest.fixture
def graded_anew(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The students whose papers were made anew by this process: only looks at what the coordinator saves."""
    seen: list[str] = []
    save = saving.save

    def watched(door, writer, task, found):
        if not found.recalled:
            seen.append(task.student)
        return save(door, writer, task, found)

    monkeypatch.setattr(saving, "save", watched)
    return seen


def test_unchanged_work_is_not_graded_again_and_its_result_is_the_same(graded: Path, graded_anew: list[str]) -> None:
    first, second = grade(graded)["ada"], grade(graded, force=True)["ada"]
    assert graded_anew == ["ada"]
    assert [exercise.score for exercise in first.exercises] == [exercise.score for exercise in second.exercises]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("grader_tests/test_tiny.py", "tolerance=1e-12", "tolerance=1e-11"),
        ("grader_tests/wrong/tiny/double.py", "def ", "def  "),
        ("nbgrader_config.py", "c.Nabla.preload", "c.Nabla.limits = {'call_seconds': 9}\nc.Nabla.preload"),
        ("submitted/ada/tiny/tiny.ipynb", "return 2 * x", "return x + x"),
        ("nabla.key", "", None),
        ("autograded/ada/tiny/tiny.ipynb", "", None),
        (".nabla/results/tiny/ada.json", '"key"', '"kex"'),
    ],
)
def test_a_change_of_anything_that_a_grade_comes_from_grades_again(
    graded: Path, graded_anew: list[str], file: str, old: str, new: str | None
) -> None:
    path = graded / file
    if new is None:
        path.unlink()
    else:
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    grade(graded)
    assert graded_anew == ["ada"]


def test_a_row_that_is_gone_from_the_gradebook_comes_back(graded: Path, graded_anew: list[str]) -> None:
    with sqlite3.connect(graded / "gradebook.db") as database:
        database.execute("delete from submitted_assignment")
    grade(graded)
    assert graded_anew == ["ada"]


def test_a_time_out_is_never_remembered(released_course: Path, graded_anew: list[str]) -> None:
    config = released_course / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.Nabla.limits = {'call_seconds': 0.5}\n")
    hand_in(released_course, "ben", {**ANSWERS, "double": "def double(x):\n    while True: pass"})
    assert grade(released_course)["ben"].score == 1.5
    grade(released_course)
    assert graded_anew == ["ben", "ben"]


def test_same_work_and_key_give_the_same_grade_and_another_key_other_inputs(graded: Path) -> None:
    wrong = {**ANSWERS, "double": "def double(x):\n    return 2 * x + 1e-9"}

    def message() -> str:
        hand_in(graded, "eve", wrong)
        return grade(graded, force=True)["eve"].exercises[0].checks[0].message

    first = message()
    assert first == message()
    (graded / "nabla.key").unlink()
    assert first != message()


def test_two_commands_at_once_do_not_mix(graded: Path) -> None:
    course = Course.load(graded)
    with only_one(course), pytest.raises(CourseError, match="Another nabla grade"):
        list(grade_class(course, ["tiny"]))
    assert grade(graded)["ada"].status == "graded"


def test_a_file_whose_name_is_not_text_costs_nothing(graded: Path) -> None:
    path = hand_in(graded, "eve", ANSWERS)
    name = os.fsdecode(b"\xfcbung.txt")
    (path.parent / name).write_text("seven")
    assert grade(graded)["eve"].score == 5.5
    assert (graded / "autograded" / "eve" / "tiny" / name).read_text() == "seven"


def test_another_version_of_the_engine_grades_again(
    graded: Path, graded_anew: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    course = Course.load(graded)
    (graded / "grader_tests").rename(graded / "no_checks")
    keys = []
    for version in ("1", "2"):
        monkeypatch.setattr(examiner, "__version__", version)
        fresh = Examiner(course, force=False)
        keys.append(fresh._frame("tiny"))
        fresh.engine.close()
    assert keys[0] != keys[1]


def test_what_no_gradebook_takes_costs_that_submission_only(graded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(graded, "eve", ANSWERS)
    hand_in(graded, "fay", ANSWERS)
    save = GradebookWriter.save

    def refusing(writer: GradebookWriter, submission: Submission) -> SavedSubmission:
        if submission.student == "eve":
            raise ValueError("no such column")
        return save(writer, submission)

    monkeypatch.setattr(GradebookWriter, "save", refusing)
    found = grade(graded)
    assert found["eve"].status == "failed"
    assert "graded but not saved (ValueError: no such column)" in found["eve"].reason
    assert (found["ada"].score, found["fay"].score) == (5.5, 5.5)


def test_a_publication_that_fails_leaves_the_old_files_and_nothing_else(graded: Path) -> None:
    door = LeanDoor(Course.load(graded), "tiny")
    folder = graded / "autograded" / "ada"
    before = (folder / "tiny" / "tiny.ipynb").read_bytes()
    with pytest.raises(TypeError):
        door.publish("ada", {"tiny": None}, {})  # type: ignore[dict-item]
    assert os.listdir(folder) == ["tiny"]
    assert (folder / "tiny" / "tiny.ipynb").read_bytes() == before


def test_what_a_killed_run_left_of_a_publication_goes_with_the_next(graded: Path) -> None:
    folder = graded / "autograded" / "ada"
    (folder / ".nabla-fresh-killed").mkdir()
    grade(graded, force=True)
    assert os.listdir(folder) == ["tiny"]


def test_an_interpreter_that_is_missing_is_told_before_the_first_submission(graded: Path) -> None:
    config = graded / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.Nabla.python = '/nowhere/python'\n")
    with pytest.raises(CourseError, match="/nowhere/python can't be run as Python"):
        grade(graded)


def test_workers_have_the_environment_of_the_command(
    graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that forks them has that of the first command."""
    grade(graded, force=True)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    grade(graded, force=True)
    assert (tmp_path / "cache" / "nabla" / "runner").is_dir()


def test_work_that_kills_its_worker_does_not_keep_the_score_before_it(graded: Path) -> None:
    course = Course.load(graded)
    door = LeanDoor(course, "tiny")
    with GradebookWriter(course.db_url, course.config) as writer:
        result = saving.save(door, writer, Task("ada", "tiny"), WorkerDied("each time"))
    assert (result.status, result.score) == ("failed", None)
    assert result.reason.startswith("not graded (WorkerDied: each time)")
    assert set(auto_scores(graded)) == {None}
    assert not (graded / "autograded" / "ada" / "tiny").exists()


def test_an_error_of_the_machine_leaves_the_score_before_it(graded: Path) -> None:
    course = Course.load(graded)
    with GradebookWriter(course.db_url, course.config) as writer:
        saving.save(LeanDoor(course, "tiny"), writer, Task("ada", "tiny"), OSError("no space left"))
    assert None not in auto_scores(graded)


def auto_scores(root: Path) -> list[float | None]:
    """Automatic scores of the graded code cells of everybody."""
    with contextlib.closing(sqlite3.connect(root / "gradebook.db")) as database:
        query = "select g.auto_score from grade g join base_cell c on c.id = g.cell_id where c.name like 'test_%'"
        return [score for (score,) in database.execute(query)]
