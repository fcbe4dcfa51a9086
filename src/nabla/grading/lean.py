"""The fast door's way from a submitted file to the autograded one: what nbgrader's preprocessors do, in one go.

Made once per process and assignment: no nbconvert, no query per cell. Leaves byte for byte what the slow door leaves.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbformat import NotebookNode
from nbformat.v4.rwbase import split_lines, strip_transient
from nbgrader.preprocessors import ClearOutput, IgnorePattern, LimitOutput

from nabla.course import Course
from nabla.gradebook import NotebookGrades, notebook_grades
from nabla.grading.shown import clean_submitted_outputs, make_texts_inert, show_verdict
from nabla.grading.sources import Sources
from nabla.notebook.editions import Edition
from nabla.notebook.files import IGNORED, files_beside
from nabla.notebook.hardening import harden
from nabla.notebook.reading import parse_notebook
from nabla.verdicts import NotebookVerdict

_FRESH = ".nabla-fresh-"
_AFTER_RUNNING = (IgnorePattern, ClearMetadataPreprocessor, LimitOutput)


@dataclass(frozen=True)
class Sanitised:
    """A submitted notebook that may be graded, its edition, and what had to be put right in it."""

    name: str
    notebook: NotebookNode
    edition: Edition
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finished:
    """A graded notebook as it is to be written, and what it means for the gradebook."""

    name: str
    content: bytes
    grades: NotebookGrades


class LeanDoor:
    """One assignment's sources and steps, loaded once. Raises `GradebookError` where it was never released."""

    def __init__(self, course: Course, assignment: str) -> None:
        self.course, self.assignment = course, assignment
        folder = course.folder("source") / assignment
        self.sources = Sources.load(course.db_url, assignment, folder, course.config)
        self._clear = ClearOutput(config=course.config)
        self._after = [made for kind in _AFTER_RUNNING if (made := kind(config=course.config)).enabled]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the assignment's notebooks, sorted."""
        return self.sources.names

    def sanitise(self, name: str, raw: bytes, *, file: Path | str | None = None) -> Sanitised:
        """The submitted file ``raw`` of notebook ``name``, ready to be graded. Raises `UnreadableNotebook`."""
        nb = parse_notebook(raw, file=file or f"{name}.ipynb")
        edition = self.sources.edition(nb)
        nb, remarks = harden(nb, self.sources.notebook(name, edition), edition)
        if self._clear.enabled:
            nb, _ = self._clear.preprocess(nb, {})
        else:
            clean_submitted_outputs(nb, limit=self.course.limits.output)
        return Sanitised(name, nb, edition, tuple(remarks))

    def finish(self, sanitised: Sanitised, verdict: NotebookVerdict) -> Finished:
        """The notebook with outputs and verdicts, as bytes. Changes ``sanitised.notebook``."""
        nb = sanitised.notebook
        show_verdict(nb, verdict, limit=self.course.limits.output)
        for step in self._after:
            nb, _ = step.preprocess(nb, {})
        grades = notebook_grades(nb, verdict)
        make_texts_inert(nb, self.sources.given(sanitised.name, sanitised.edition).texts)
        return Finished(sanitised.name, written(nb), grades)

    def files(self, student: str) -> dict[str, bytes]:
        """The files beside the student's notebooks, the source's before the student's. Raises `UnreadableNotebook`."""
        config = self.course.config
        ignored = config.CourseDirectory.get("ignore", IGNORED)
        kept = config.Autograde.get("exclude_overwriting", {}).get(self.assignment, ())
        submitted = self.course.folder("submitted") / student / self.assignment
        source = self.course.folder("source") / self.assignment
        return files_beside(submitted, source, limit=self.course.limits.disk, ignored=ignored, kept=kept)

    def publish(self, student: str, notebooks: Mapping[str, bytes], files: Mapping[str, bytes]) -> Path:
        """``autograded/<student>/<assignment>`` with exactly these files, put there whole or not at all."""
        target = self.course.folder("autograded") / student / self.assignment
        mode = int(str(self.course.config.Autograde.get("permissions", 444)), 8)
        target.parent.mkdir(parents=True, exist_ok=True)
        for left in target.parent.glob(f"{_FRESH}*"):  # by a run that was killed; no other writes here meanwhile
            shutil.rmtree(left, ignore_errors=True)
        fresh = Path(tempfile.mkdtemp(prefix=_FRESH, dir=target.parent))
        try:
            _fill(fresh, {**files, **{f"{name}.ipynb": content for name, content in notebooks.items()}}, mode)
            _swap(fresh, target)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        return target

    def withdraw(self, student: str) -> None:
        """Takes away what an earlier attempt left: work that can't be graded shows no old grade."""
        shutil.rmtree(self.course.folder("autograded") / student / self.assignment, ignore_errors=True)


def written(nb: NotebookNode) -> bytes:
    """A notebook as nbconvert's NotebookExporter and nbgrader write it. Leaves ``nb`` split into lines."""
    text = json.dumps(strip_transient(split_lines(nb)), indent=1, sort_keys=True, ensure_ascii=False)
    return (text + "\n").encode()


def _fill(folder: Path, files: Mapping[str, bytes], mode: int) -> None:
    folder.chmod(0o755)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(mode)


def _swap(fresh: Path, target: Path) -> None:
    old = fresh.with_name(fresh.name + ".old")
    if os.path.lexists(target):
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)
