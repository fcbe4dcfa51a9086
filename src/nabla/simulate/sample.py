"""Writes a sample class into ``submitted/`` and remembers what it is worth in ``.nabla/sample.json``.

Never writes over anybody else's work: each of its files is listed with its hash before the first one is written.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from nabla.checks import load_wrong_answers
from nabla.course import Course, CourseError
from nabla.grading.atomic import write_atomically
from nabla.grading.planting import (
    independent_cells,
    notebooks_of,
    planted,
    read_source,
    reference_cells,
    untouched,
    with_cells,
)
from nabla.notebook.editions import Edition, handed_in, setting_to_hand_in
from nabla.simulate import truth
from nabla.simulate.people import LANGUAGES, Student, class_of
from nabla.simulate.tricks import as_bytes, spoilt_exercise

_WORDS = {
    "en": "What {name} writes here, a person reads and marks in formgrader.",
    "ja": "{name} さんがここに書いた文章は、formgrader で人が読んで採点します。",
}
_Checks = Mapping[str, tuple[truth.DeclaredCheck, ...]]
RECORD = Path(".nabla") / "sample.json"


@dataclass(frozen=True)
class Paper:
    """What one student hands in for one assignment: files by name, and the true score (``None``: can't be graded)."""

    student: Student
    assignment: str
    files: Mapping[str, bytes]
    score: float | None


def make_sample(course: Course, size: int, seed: int, frameworks: Sequence[str] = ()) -> list[Paper]:
    """A class of ``size`` in ``submitted/``, the sample class that was there before replaced. Raises `CourseError`.

    Students hand in the editions of ``frameworks`` in turn; where none is named, all that of the course's own.
    """
    folder = course.folder("submitted")
    frameworks = frameworks or (course.settings.framework,)
    _refuse_other_editions(course, frameworks)
    _refuse_other_work(course, folder)
    papers = [paper for name in course.assignments() for paper in _papers(course, name, size, seed, frameworks)]
    _remove_sample(course, folder)
    _remember(course, folder, papers, seed)
    for paper in papers:
        for name, content in paper.files.items():
            # Not half a paper either: that would be somebody else's work.
            write_atomically(_path(folder, paper, name), content, mode=0o644)
    return papers


def true_scores(course: Course) -> dict[tuple[str, str], float | None] | None:
    """True scores by (student, assignment) of the sample class as it was made; ``None`` where there is none.

    A paper that somebody has changed since has no true score any more.
    """
    record = _record(course)
    if record is None:
        return None
    folder = course.folder("submitted")
    return {
        (row["student"], row["assignment"]): row["score"]
        for row in record["papers"]
        if all(_digest(folder / name) == digest for name, digest in row["files"].items())
    }


def _papers(course: Course, assignment: str, size: int, seed: int, frameworks: Sequence[str]) -> list[Paper]:
    """The papers of the whole class for one assignment."""
    desk = _Desk(course, assignment, frameworks)
    people = class_of(size, seed, list(desk.declared), desk.wrong_declared, frameworks)
    return [desk.paper(student) for student in people]


class _Desk:
    """Everything that is needed to write papers for one assignment, read once."""

    def __init__(self, course: Course, assignment: str, frameworks: Sequence[str]) -> None:
        found = notebooks_of(course, assignment)
        if len(found) != 1:
            raise CourseError(
                f"{assignment}: a sample class needs exactly one notebook in its source, here are {len(found)}."
            )
        tests = course.grader_tests
        self.assignment, self.notebook = assignment, found[0].stem
        self.points = truth.declared_points(found[0])
        declared = truth.declared_checks(tests / f"test_{assignment}.py")
        self.declared = {name.removeprefix("test_"): checks for name, checks in declared.items()}
        self.wrong_declared = truth.declared_wrong_answers(tests / "wrong" / assignment)
        answers = load_wrong_answers(tests, assignment)
        self.wrong_sources = {
            (e.removeprefix("test_"), a.name): a.source for e, group in answers.items() for a in group
        }
        source = read_source(found[0])
        editions = [Edition(language, framework) for language in LANGUAGES for framework in frameworks]
        self.untouched = {edition: untouched(source, edition, course) for edition in editions}
        self.solutions = {edition: independent_cells(reference_cells(source, edition)) for edition in editions}

    def paper(self, student: Student) -> Paper:
        """What ``student`` hands in."""
        if student.trick is not None:
            return self._trick_paper(student)
        nb, checks = self._notebook(student), self._checks(student)
        failing = {name: answer.failed(checks[name]) for name, answer in student.wrong.items()}
        failing |= {name: truth.all_checks(checks[name]) for name in student.left_out}
        return Paper(student, self.assignment, {f"{self.notebook}.ipynb": as_bytes(nb)}, self._score(checks, failing))

    def _checks(self, student: Student) -> _Checks:
        """Those that the student's edition has."""
        return {name: truth.in_edition(checks, student.framework) for name, checks in self.declared.items()}

    def _notebook(self, student: Student) -> NotebookNode:
        solutions = self.solutions[_edition(student)]
        cells = {name: text for name, text in solutions.items() if name not in student.left_out}
        for exercise, answer in student.wrong.items():
            plain = self.wrong_sources[exercise, answer.name]
            cells[exercise] = planted(cells[exercise], answer.function, plain, answer.name, framework=answer.framework)
        nb = with_cells(self.untouched[_edition(student)], cells)
        return nb if student.character == "blank" else _answered_in_words(nb, student)

    def _trick_paper(self, student: Student) -> Paper:
        trick = student.trick
        assert trick is not None
        start, checks = self.untouched[_edition(student)], self._checks(student)
        if trick.begins == "solved":
            start = with_cells(start, self.solutions[_edition(student)])
        nb = json.loads(nbformat.writes(start))
        spoilt = spoilt_exercise(nb)
        files = {trick.file_name.format(notebook=self.notebook): trick.change(nb)}
        files |= {name: text.encode() for name, text in trick.extra_files}
        failing = {
            "everything": [],
            "nothing": list(checks),
            "all but one": [spoilt],
            "unreadable": [],
        }[trick.worth]
        score = self._score(checks, {name: truth.all_checks(checks[name]) for name in failing})
        return Paper(student, self.assignment, files, None if trick.worth == "unreadable" else score)

    def _score(self, checks: _Checks, failing: Mapping[str, frozenset[str]]) -> float:
        points: dict[str, Fraction] = {name.removeprefix("test_"): value for name, value in self.points.items()}
        return truth.score(points, checks, failing)


def _edition(student: Student) -> Edition:
    return Edition(student.language, student.framework)


def _answered_in_words(nb: NotebookNode, student: Student) -> NotebookNode:
    """``nb`` with a sentence in each cell that a person marks: it waits for one, and has no true score."""
    for cell in nb.cells:
        nbgrader = cell.metadata.get("nbgrader", {})
        if nbgrader.get("grade") and nbgrader.get("solution") and cell.cell_type == "markdown":
            cell.source = _WORDS[student.language].format(name=student.name.capitalize())
    return nb


def _refuse_other_editions(course: Course, frameworks: Sequence[str]) -> None:
    """Work of an edition that the class can't hand in would be graded as another's: its true score would be wrong."""
    foreign = [framework for framework in frameworks if framework not in handed_in(course.config)]
    if foreign:
        raise CourseError(
            f"This class hands in no {', '.join(foreign)} edition. Write into nbgrader_config.py: "
            + setting_to_hand_in(course.config, *foreign)
        )


def _refuse_other_work(course: Course, folder: Path) -> None:
    present = {path for path in folder.rglob("*") if not path.is_dir()} if folder.is_dir() else set()
    record = _record(course) or {"papers": []}
    own = {folder / name: digest for row in record["papers"] for name, digest in row["files"].items()}
    foreign = sorted(path for path in present if own.get(path) != _digest(path))
    if foreign:
        shown = foreign[0].relative_to(course.root) if foreign[0].is_relative_to(course.root) else foreign[0]
        raise CourseError(
            f"{shown} was not made by nabla simulate (or was changed since), and {len(foreign) - 1} more. "
            f"Nothing was written. Move {folder.name}/ away, or use another course folder: nabla simulate --course DIR."
        )


def _remove_sample(course: Course, folder: Path) -> None:
    record = _record(course) or {"papers": []}
    for row in record["papers"]:
        shutil.rmtree(folder / row["student"] / row["assignment"], ignore_errors=True)
        if (folder / row["student"]).is_dir() and not any((folder / row["student"]).iterdir()):
            (folder / row["student"]).rmdir()


def _remember(course: Course, folder: Path, papers: Sequence[Paper], seed: int) -> None:
    rows = [
        {
            "student": paper.student.name,
            "assignment": paper.assignment,
            "framework": paper.student.framework,
            "character": paper.student.trick.name if paper.student.trick else paper.student.character,
            "wrong_answers": {exercise: answer.name for exercise, answer in paper.student.wrong.items()},
            "score": paper.score,
            "files": {
                str(_path(folder, paper, name).relative_to(folder)): hashlib.sha256(content).hexdigest()
                for name, content in paper.files.items()
            },
        }
        for paper in papers
    ]
    path = course.root / RECORD
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"seed": seed, "papers": rows}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _path(folder: Path, paper: Paper, name: str) -> Path:
    return folder / paper.student.name / paper.assignment / name


def _record(course: Course) -> dict | None:
    path = course.root / RECORD
    if not path.is_file():
        return None
    loaded: dict = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _digest(path: Path) -> str | None:
    if path.is_symlink() or not path.is_file():
        return None
    return hashlib.sha256(path.read_bytes()).hexdigest()
