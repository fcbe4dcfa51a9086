"""Which submissions there are to grade: folder names under ``submitted/``. Opens no file of a student's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from nabla.course import Course, CourseError


class Task(NamedTuple):
    """A submission to grade. ``saved``: the gradebook has it already, so an unchanged one needn't be graded again."""

    student: str
    assignment: str
    saved: bool = False


def named_assignments(course: Course, names: Sequence[str]) -> list[str]:
    """The assignments called ``names``, or all of the course's. Raises `CourseError` for one that isn't there."""
    known = course.assignments()
    if not known:
        raise CourseError(
            f"{course.folder('source')}: no assignment here, so this is no course. Give its folder with --course DIR."
        )
    unknown = [name for name in names if name not in known]
    if unknown:
        raise CourseError(f"No assignment called {', '.join(unknown)} in this course. It has: {', '.join(known)}.")
    return list(dict.fromkeys(names)) or known


def submissions(course: Course, assignments: Sequence[str], students: Sequence[str] = ()) -> list[tuple[str, str]]:
    """(student, assignment) of all that was handed in, by assignment, then student; ``students`` keeps only those.

    Raises `CourseError` where nothing was handed in, or nothing by one of ``students``.
    """
    folder = course.folder("submitted")
    people = sorted(path.name for path in folder.iterdir() if _is_student(path.name)) if folder.is_dir() else []
    found = [
        (person, assignment)
        for assignment in assignments
        for person in people
        if _is_handed_in(folder / person / assignment) and (not students or person in students)
    ]
    silent = sorted(set(students) - {person for person, _ in found})
    if silent:
        raise CourseError(f"{', '.join(silent)} handed in nothing for {', '.join(assignments)}: look at {folder}.")
    if not found:
        raise CourseError(
            f"{folder}: nothing is handed in for {', '.join(assignments)}. "
            "Collect submissions (nbgrader collect), or make a sample class: nabla simulate."
        )
    return found


def _is_handed_in(folder: Path) -> bool:
    """Whether anything is there, also where it can't be looked at: who is left out here would never be heard of."""
    try:
        folder.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _is_student(name: str) -> bool:
    return not name.startswith(".")
