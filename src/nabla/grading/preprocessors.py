"""nbgrader's own door: what ``nbgrader autograde`` runs in the places of nbgrader's preprocessors.

`nbgrader_config.py` names these classes; they call what the fast door calls, and add nothing of their own.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from nbconvert.exporters import NotebookExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute, NbGraderPreprocessor

from nabla.course import Course, Nabla, limits_of
from nabla.gradebook import GradebookWriter, NotebookGrades, notebook_grades
from nabla.grading.record import remember_verdict, remembered_verdict
from nabla.grading.shown import clean_submitted_outputs, make_texts_inert, show_exercises, show_verdict
from nabla.grading.sources import Sources
from nabla.grading.submission import Engine, notebook_hash
from nabla.notebook.files import files_beside, links_in, require_plain_folders
from nabla.notebook.hardening import harden
from nabla.notebook.reading import UnreadableNotebook, read_notebook

_VERDICT = "nabla_verdict"
_PYTHON = ("python", "ipython", "python2", "python3")

_Kept = TypeVar("_Kept")


class UnknownKernel(Exception):
    """The notebook asks for a language that the engine doesn't run."""


class SafeNotebookExporter(NotebookExporter):
    """Reads notebooks through `read_notebook`: bounded, no links. ``c.Autograde.exporter_class``."""

    def from_filename(self, filename: str, resources: Any = None, **keywords: Any) -> tuple[Any, Any]:
        """The notebook in ``filename``, processed and as text. An unreadable one leaves no automatic score behind."""
        course = _course(self)
        resources = resources if resources is not None else ResourcesDict()
        path = Path(filename)
        resources["metadata"] = ResourcesDict(name=path.stem, path=str(path.parent))
        try:
            require_plain_folders(path.parent.parent, path.parent)
            nb = read_notebook(path, limit=course.limits.notebook)
            made: tuple[Any, Any] = self.from_notebook_node(nb, resources=resources, **keywords)
        except (UnreadableNotebook, UnknownKernel):
            _forget_scores(resources, course)
            raise
        return made


class Harden(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader ships no types
    """The first sanitising preprocessor: puts a submission back into the shape of its source."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """The notebook as it may be graded; what was put right is logged. Raises `UnreadableNotebook`."""
        course, info = _course(self), resources["nbgrader"]
        directory = _directory(self)
        _drop_copied_links(directory, info)
        sources = _sources(self, course, info)
        edition = sources.edition(nb)
        nb, remarks = harden(nb, sources.notebook(info["notebook"], edition), edition)
        for remark in remarks:
            self.log.warning("%s, %s.ipynb: %s", info["student"], info["notebook"], remark)
        clean_submitted_outputs(nb, limit=course.limits.output)
        return nb, resources


class SealedExecute(Execute):  # type: ignore[misc]  # nbgrader ships no types
    """In the place of ``Execute``: runs the cells in the sandbox and lets the judge grade what is sealed.

    ``c.Execute.enabled`` and ``c.Execute.timeout`` work as ever; its other options are about kernels: there is none.
    """

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict, km: object = None
    ) -> tuple[NotebookNode, ResourcesDict]:
        """The notebook with its outputs and verdicts; the verdict goes on in ``resources``."""
        _require_python(nb)
        course, info = _course(self), resources["nbgrader"]
        edition = _sources(self, course, info).edition(nb)
        verdict = _engine(self, course, info["assignment"]).grade(
            nb,
            assignment=info["assignment"],
            student=info["student"],
            files=_files(self, course, info),
            language=edition.language,
            framework=edition.framework,
            given=_sources(self, course, info).given(info["notebook"], edition),
        )
        show_verdict(nb, verdict, limit=course.limits.output)
        resources[_VERDICT] = verdict
        return nb, resources


class SaveVerdicts(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader ships no types
    """In the place of ``SaveAutoGrades``: scores come from the verdict, never from what stands in a cell's outputs."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """The notebook, its texts made inert. Without a verdict for this very notebook, graded cells have no score."""
        course, info = _course(self), resources["nbgrader"]
        place = (course.root, info["assignment"], info["student"], info["notebook"])
        verdict = resources.get(_VERDICT)
        if verdict is not None:
            remember_verdict(*place, verdict)
        elif (verdict := remembered_verdict(*place, notebook_hash(nb))) is not None:
            show_exercises(nb, verdict)
        with GradebookWriter(info["db_url"], course.config) as writer:
            writer.save_notebook(info["assignment"], info["student"], info["notebook"], notebook_grades(nb, verdict))
        sources = _sources(self, course, info)
        given = sources.given(info["notebook"], sources.edition(nb))
        make_texts_inert(nb, given.texts)
        return nb, resources


def _directory(part: Any) -> CourseDirectory:
    """The course directory of the nbgrader command that ``part`` works for."""
    owner = part
    while owner is not None:
        if getattr(owner, "coursedir", None) is not None:
            return owner.coursedir
        owner = getattr(owner, "parent", None)
    return CourseDirectory(config=part.config)


def _course(part: Any) -> Course:
    """The course as this nbgrader command is configured, its command line included."""
    directory = _directory(part)
    settings = Nabla(config=part.config)
    return Course(Path(directory.root), part.config, settings, limits_of(settings, part.config), directory.db_url)


def _engine(part: SealedExecute, course: Course, assignment: str) -> Engine:
    """One engine for all notebooks of a command; it ends with the command's converter."""

    def make(owner: Any) -> Engine:
        engine = Engine.for_course(course, [assignment])
        weakref.finalize(owner, engine.close)
        return engine

    return _kept(part, "_nabla_engine", make)


def _sources(part: Any, course: Course, info: dict[str, str]) -> Sources:
    """The sources of the command's assignment, read once."""
    directory = _directory(part)
    folder = Path(directory.format_path(directory.source_directory, ".", info["assignment"]))

    def make(owner: Any) -> Sources:
        return Sources.load(info["db_url"], info["assignment"], folder, course.config)

    return _kept(part, f"_nabla_sources_{info['assignment']}", make)


def _kept(part: Any, name: str, make: Callable[[Any], _Kept]) -> _Kept:
    """What the command's converter keeps under ``name``, made of it at first use."""
    owner = part
    while owner.parent is not None and not hasattr(owner, "coursedir"):
        owner = owner.parent
    kept: _Kept | None = getattr(owner, name, None)
    if kept is None:
        kept = make(owner)
        setattr(owner, name, kept)
    return kept


def _files(part: Any, course: Course, info: dict[str, str]) -> dict[str, bytes]:
    directory = _directory(part)
    submitted = Path(directory.format_path(directory.submitted_directory, info["student"], info["assignment"]))
    source = Path(directory.format_path(directory.source_directory, ".", info["assignment"]))
    kept = part.config.Autograde.get("exclude_overwriting", {}).get(info["assignment"], ())
    return files_beside(submitted, source, limit=course.limits.disk, ignored=directory.ignore, kept=kept)


def _drop_copied_links(directory: CourseDirectory, info: dict[str, str]) -> None:
    """Nbgrader follows a submission's links when it copies the files beside the notebook; those copies go again."""
    submitted = Path(directory.format_path(directory.submitted_directory, info["student"], info["assignment"]))
    copied = Path(directory.format_path(directory.autograded_directory, info["student"], info["assignment"]))
    source = Path(directory.format_path(directory.source_directory, ".", info["assignment"]))
    for link in links_in(submitted):
        if not (source / link).is_file() and (copied / link).is_file() and copied != submitted:
            (copied / link).unlink()


def _forget_scores(resources: ResourcesDict, course: Course) -> None:
    info = resources["nbgrader"]
    with GradebookWriter(info["db_url"], course.config) as writer:
        writer.save_notebook(info["assignment"], info["student"], info["notebook"], NotebookGrades())


def _require_python(nb: NotebookNode) -> None:
    kernel = nb.metadata.get("kernelspec", {})
    language = str(kernel.get("language") or kernel.get("name") or "python").lower()
    if language not in _PYTHON:
        name = kernel.get("name", language)
        raise UnknownKernel(f"kernel '{name}' ({language}): only Python notebooks can be graded. Change the kernel.")
