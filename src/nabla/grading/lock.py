"""One `nabla grade` at a time for a course: two would mix their rows and files."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from nabla.course import Course, CourseError

_LOCK = Path(".nabla", "grading.lock")


@contextmanager
def only_one(course: Course) -> Iterator[TextIO]:
    """Hold the course while a class is graded, by a file that forks have to close: they would hold it too.

    Raises `CourseError` where another command holds it.
    """
    with _lock_file(course.root / _LOCK) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            owner = file.read(20).strip() or "?"
            raise CourseError(
                f"Another nabla grade (process {owner}) is at work on {course.root}. "
                "Wait until it has finished, or stop it."
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield file


def _lock_file(path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a+", encoding="ascii")
    except OSError as error:
        hint = "Grading writes to the course's folder: let this account, or make room."
        raise CourseError(f"{path}: can't be written ({error.strerror}). {hint}") from error
