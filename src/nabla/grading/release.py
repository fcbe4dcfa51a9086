"""From ``source/`` to what students get, through nbgrader's own chain; nothing that gives an answer away may be in it.

The default edition goes to ``release/`` and into the gradebook, as ``nbgrader generate_assignment --force`` does it.
Another edition goes where it is told to, and never touches the gradebook.
"""

from __future__ import annotations

import copy
import logging
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from nabla.course import Course, CourseError
from nabla.grading.leaks import find_leaks, secrets
from nabla.notebook.editions import FRAMEWORKS, LANGUAGES, Edition, default_edition

PREPROCESSORS_WITH_GRADEBOOK = "SaveCells"


@dataclass(frozen=True)
class Released:
    """One released assignment: where it lies, and what was found in it that must not be there."""

    assignment: str
    folder: Path
    leaks: tuple[str, ...]


def release(course: Course, assignments: Sequence[str]) -> list[Released]:
    """The default edition of ``assignments``, in ``release/`` and in the gradebook. Raises `CourseError`."""
    config = copy.deepcopy(course.config)
    config.CourseDirectory.db_url = course.db_url
    return [_checked(course, name, course.folder("release") / name, config) for name in assignments]


def release_edition(course: Course, assignments: Sequence[str], edition: Edition, to: Path) -> list[Released]:
    """``edition`` of ``assignments`` in ``to/<assignment>/``; the gradebook isn't opened. Raises `CourseError`."""
    with tempfile.TemporaryDirectory() as scratch:
        config = edition_config(course, edition, to.resolve(), Path(scratch))
        return [_checked(course, name, to / name, config) for name in assignments]


def chosen_edition(course: Course, language: str | None, framework: str | None) -> Edition:
    """The default edition with what is given in its place. Raises `CourseError` for one that no notebook can have."""
    usual = default_edition(course.config)
    edition = Edition(language or usual.language, framework or usual.framework)
    if edition.language not in LANGUAGES:
        raise CourseError(f"No language {edition.language!r}. There are: {', '.join(LANGUAGES)}.")
    if edition.framework not in FRAMEWORKS:
        raise CourseError(f"No framework {edition.framework!r}. There are: {', '.join(FRAMEWORKS)}.")
    return edition


def edition_config(course: Course, edition: Edition, to: Path, scratch: Path) -> Config:
    """nbgrader's configuration for a release outside the gradebook (an empty one in ``scratch`` is never filled)."""
    config = copy.deepcopy(course.config)
    config.KeepEdition.language = edition.language
    config.KeepEdition.framework = edition.framework
    config.GenerateAssignment.no_database = True
    config[PREPROCESSORS_WITH_GRADEBOOK].enabled = False
    config.CourseDirectory.release_directory = str(to)
    config.CourseDirectory.db_url = f"sqlite:///{scratch / 'unused.db'}"
    return config


def _checked(course: Course, assignment: str, folder: Path, config: Config) -> Released:
    _generate(course, assignment, config)
    found = find_leaks(folder, secrets(course, assignment))
    return Released(assignment, folder, tuple(found))


def _generate(course: Course, assignment: str, config: Config) -> None:
    """Run nbgrader's converter as its command line would, and turn what it logs into one sentence."""
    config = copy.deepcopy(config)
    config.CourseDirectory.root = str(course.root)
    config.CourseDirectory.assignment_id = assignment
    directory = CourseDirectory(config=config)
    converter = GenerateAssignment(coursedir=directory, config=config, force=True)
    converter.log = _Kept()
    try:
        converter.start()
    except NbGraderException as error:
        reason = converter.log.reason or str(error)
        raise CourseError(
            f"{assignment}: can't be released ({reason}). Correct source/{assignment} and try again."
        ) from error


class _Kept(logging.Logger):
    """A logger that shows nothing and keeps the reason: the last line of a traceback, or what was said before it."""

    def __init__(self) -> None:
        super().__init__("nabla.release", logging.ERROR)
        self.reason = ""

    def handle(self, record: logging.LogRecord) -> None:
        """Keep the first reason: what follows only says that there was one."""
        text = record.getMessage().strip()
        if text.startswith("Traceback"):
            self.reason = text.splitlines()[-1]
        elif not self.reason and not text.startswith("There was an error processing"):
            self.reason = text.splitlines()[0]
