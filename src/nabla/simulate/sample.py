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
from nabla.grading.planting import (
    independent_cells,
    notebooks_of,
    planted,
    read_source,
    reference_cells,
    untouched,
    with_cells,
)
from nabla.notebook.editions import Edition
from nabla.simulate import truth
from nabla.simulate.people import LANGUAGES, Student, class_of
from nabla.simulate.tricks import as_bytes, spoilt_exercise

RECORD = Path(".nabla") / "sample.json"


@dataclass(frozen=True)
class Paper:
    """What one student hands in for one assignment: files by name, and the true score (``None``: can't be graded)."""

    student: Student
    assignment: str
    files: Mapping[str, bytes]
    score: float | None


def make_sample(course: Course, size: int, seed: int) -> list[Paper]:
    """A class of ``size`` in ``submitted/``, the sample class that was there before replaced. Raises `CourseError`."""
    folder = course.folder("submitted")
    _refuse_other_work(course, folder)
    papers = [paper for name in course.assignments() for paper in _papers(course, name, size, seed)]
    _remove_sample(course, folder)
    _remember(course, folder, papers, seed)
    for paper in papers:
        for name, content in paper.files.items():
            path = _path(folder, paper, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
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


def _papers(course: Course, assignment: str, size: int, seed: int) -> list[Paper]:
    """The papers of the whole class for one assignment."""
    desk = _Desk(course, assignment)
    people = class_of(size, seed, list(desk.checks), desk.wrong_declared, course.settings.framework)
    return [desk.paper(student) for student in people]


class _Desk:
    """Everything that is needed to write papers for one assignment, read once."""

    def __init__(self, course: Course, assignment: str) -> None:
        found = notebooks_of(course, assignment)
        if len(found) != 1:
            raise CourseError(
                f"{assignment}: a sample class needs exactly one notebook in its source, here are {len(found)}."
            )
        tests = course.grader_tests
        self.assignment, self.notebook = assignment, found[0].stem
        self.points = truth.declared_points(found[0])
        declared = truth.declared_checks(tests / f"test_{assignment}.py")
        framework = course.settings.framework
        self.checks = {name.removeprefix("test_"): truth.in_edition(declared[name], framework) for name in declared}
        self.wrong_declared = truth.declared_wrong_answers(tests / "wrong" / assignment)
        answers = load_wrong_answers(tests, assignment)
        self.wrong_sources = {
            (e.removeprefix("test_"), a.name): a.source for e, group in answers.items() for a in group
        }
        source = read_source(found[0])
        editions = {language: Edition(language, course.settings.framework) for language in LANGUAGES}
        self.untouched = {language: untouched(source, edition, course) for language, edition in editions.items()}
        self.solutions = {
            language: independent_cells(reference_cells(source, edition)) for language, edition in editions.items()
        }

    def paper(self, student: Student) -> Paper:
        """What ``student`` hands in."""
        if student.trick is not None:
            return self._trick_paper(student)
        nb = self._notebook(student)
        failing = {name: answer.failed(self.checks[name]) for name, answer in student.wrong.items()}
        failing |= {name: truth.all_checks(self.checks[name]) for name in student.left_out}
        return Paper(student, self.assignment, {f"{self.notebook}.ipynb": as_bytes(nb)}, self._score(failing))

    def _notebook(self, student: Student) -> NotebookNode:
        cells = {name: text for name, text in self.solutions[student.language].items() if name not in student.left_out}
        for exercise, answer in student.wrong.items():
            plain = self.wrong_sources[exercise, answer.name]
            cells[exercise] = planted(cells[exercise], answer.function, plain, answer.name, framework=answer.framework)
        return with_cells(self.untouched[student.language], cells)

    def _trick_paper(self, student: Student) -> Paper:
        trick = student.trick
        assert trick is not None
        start = self.untouched[student.language]
        if trick.begins == "solved":
            start = with_cells(start, self.solutions[student.language])
        nb = json.loads(nbformat.writes(start))
        spoilt = spoilt_exercise(nb)
        files = {trick.file_name.format(notebook=self.notebook): trick.change(nb)}
        files |= {name: text.encode() for name, text in trick.extra_files}
        failing = {
            "everything": [],
            "nothing": list(self.checks),
            "all but one": [spoilt],
            "unreadable": [],
        }[trick.worth]
        score = self._score({name: truth.all_checks(self.checks[name]) for name in failing})
        return Paper(student, self.assignment, files, None if trick.worth == "unreadable" else score)

    def _score(self, failing: Mapping[str, frozenset[str]]) -> float:
        points: dict[str, Fraction] = {name.removeprefix("test_"): value for name, value in self.points.items()}
        return truth.score(points, self.checks, failing)


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
