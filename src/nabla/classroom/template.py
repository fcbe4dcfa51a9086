"""The repository that students get: notebooks, visible checks that need only pytest, workflow, dev container.

Made beside its destination, searched for everything hidden, and only then put there. What is in it besides the
notebooks lies in ``student/``, as it is handed out.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import requires
from importlib.resources import files
from pathlib import Path
from string import Template as Text
from typing import Any

from nabla.course import Course, CourseError
from nabla.grading.leaks import find_leaks, secrets
from nabla.grading.release import release_edition
from nabla.notebook.editions import Edition
from nabla.sandbox.scratch import held, sweep

LIST = "visible_checks.json"
WORKFLOW = ".github/workflows/classroom.yml"
GIVEN = {
    "conftest.py": "visible_checks.py",
    "pytest.ini": "pytest.ini",
    WORKFLOW: "classroom.yml",
    ".devcontainer/devcontainer.json": "devcontainer.json",
    ".gitignore": "gitignore",
}
"""Each file of the repository that is the same in all, and its name in ``student/``."""

ALWAYS = ("ipykernel", "matplotlib", "nbclient", "nbformat", "numpy", "pytest")
FRAMEWORK = {
    "torch": ("torch",),
    "numpy": (),
    "tensorflow": ("tensorflow",),
    "jax": ("jax",),
    # Its last release; newer versions of numpy have lost a name that it needs.
    "mxnet": ("mxnet==1.9.1", "numpy<1.24"),
}
TITLE = {"en": "Course notebooks", "ja": "授業のノートブック"}

Cell = dict[str, Any]


@dataclass(frozen=True)
class StudentRepository:
    """What was made, as paths in its folder; with ``leaks``, nothing was put there."""

    files: tuple[str, ...]
    leaks: tuple[str, ...]


def make_template(course: Course, assignments: Sequence[str], edition: Edition, to: Path) -> StudentRepository:
    """The students' repository of ``assignments`` in ``to``; nothing where it would give something away.

    Raises `CourseError` for a folder that holds anything but an earlier, unchanged template.
    """
    refuse_foreign(to)
    place = to.resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
    # Beside it: where the disk is full, nothing is put there at all.
    prefix = f".{place.name}.nabla-"
    sweep(prefix, lambda folder: (folder / "made").is_dir(), place.parent)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=place.parent) as scratch, held(Path(scratch)):
        made = Path(scratch, "made")
        made.mkdir()
        release_edition(course, assignments, edition, made)
        _add_given(made, assignments, edition)
        leaks = _leaks(course, assignments, made)
        names = tuple(sorted(_files(made)))
        for name in () if leaks else sorted(names, key=lambda name: (name != LIST, name)):
            # The list first: by it the next run knows what one that was killed has left.
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(made / name, place / name)
    return StudentRepository(names, tuple(leaks))


def refuse_foreign(folder: Path) -> None:
    """Raise `CourseError` unless ``folder`` is empty (but for ``.git``) or a template that nobody has changed since.

    A student's clone is a template too: there the notebooks have changed, and mustn't be overwritten.
    """
    if folder.exists() and not folder.is_dir():
        raise CourseError(f"{folder}: not a folder. Name an empty or new one with --to.")
    if not folder.is_dir() or all(path.name == ".git" for path in folder.iterdir()):
        return
    try:
        hashes = dict(json.loads((folder / LIST).read_text(encoding="utf-8"))["files"])
    except (OSError, ValueError, KeyError, TypeError):
        raise CourseError(f"{folder}: holds other files than a template. Name an empty or new folder.") from None
    changed = sorted(name for name, known in hashes.items() if _hash(folder / name) not in (known, None))
    if changed:
        raise CourseError(
            f"{folder}: {', '.join(changed[:3])} changed since the template was made; is it somebody's work? "
            "Name an empty or new folder."
        )


def workflow_text() -> str:
    """The workflow that students get."""
    return _given(GIVEN[WORKFLOW])


def graded_cells(notebook: Path) -> list[Cell]:
    """The graded cells of a released notebook: ``grade_id``, ``points``, ``source``."""
    return [
        {"grade_id": marks["grade_id"], "points": marks["points"], "source": "".join(cell["source"])}
        for cell, marks in _marked(notebook)
        if marks.get("grade") and not marks.get("solution")
    ]


def requirements(edition: Edition) -> list[str]:
    """What the notebooks and the visible checks need, with the versions that the course itself allows."""
    allowed = {re.split(r"[<>=!~;\[ ]", line)[0]: line for line in requires("nabla") or () if "extra ==" not in line}
    chosen = FRAMEWORK[edition.framework]
    instead = {re.split(r"[<>=]", name)[0] for name in chosen}
    usual = [name for name in ALWAYS if name not in instead]
    return sorted(["jupyterlab>=4", *(allowed.get(name, name) for name in [*usual, *chosen])])


def _add_given(folder: Path, assignments: Sequence[str], edition: Edition) -> None:
    """Everything but the notebooks, which are in ``folder`` already; last the list of it all."""
    notebooks = [path for name in assignments for path in sorted((folder / name).rglob("*.ipynb"))]
    for name, source in GIVEN.items():
        _write(folder / name, _given(source))
    _write(folder / "requirements.txt", "\n".join(requirements(edition)) + "\n")
    _write(folder / "README.md", _readme(folder, notebooks, edition.language))
    checks = {path.relative_to(folder).as_posix(): graded_cells(path) for path in notebooks}
    hashes = {name: _hash(folder / name) for name in sorted(_files(folder))}
    listed = {"version": 1, "notebooks": {name: cells for name, cells in checks.items() if cells}, "files": hashes}
    _write(folder / LIST, json.dumps(listed, ensure_ascii=False, indent=1) + "\n")


def _leaks(course: Course, assignments: Sequence[str], folder: Path) -> list[str]:
    """What must not be there: each assignment's own secrets in its notebooks, those of the whole course elsewhere."""
    found = []
    for name in assignments:
        found += [f"{name}/{leak}" for leak in find_leaks(folder / name, secrets(course, name))]
    with tempfile.TemporaryDirectory() as scratch:
        others = Path(shutil.copytree(folder, Path(scratch) / "others", ignore=shutil.ignore_patterns(*assignments)))
        everything = [secret for name in course.assignments() for secret in secrets(course, name)]
        found += find_leaks(others, everything)
    return found


def _readme(folder: Path, notebooks: Sequence[Path], language: str) -> str:
    rows = []
    for path in notebooks:
        visible = sum(cell["points"] for cell in graded_cells(path))
        written = sum(marks["points"] for _, marks in _marked(path) if marks.get("grade") and marks.get("solution"))
        rows.append(f"| [{_title(path)}]({path.relative_to(folder).as_posix()}) | {visible:g} | {written:g} |")
    title = _title(notebooks[0]) if len(notebooks) == 1 else TITLE[language]
    return Text(_given(f"README.{language}.md")).substitute(title=title, table="\n".join(rows))


def _title(notebook: Path) -> str:
    """The first heading of a notebook, or its name."""
    text = "\n".join("".join(cell["source"]) for cell in _cells(notebook) if cell["cell_type"] == "markdown")
    found = re.search(r"^# +(.+)$", text, re.M)
    return found[1].strip().replace("|", "\\|") if found else notebook.stem


def _marked(notebook: Path) -> Iterator[tuple[Cell, Cell]]:
    """The cells that nbgrader knows, with what it knows of them."""
    for cell in _cells(notebook):
        if marks := cell["metadata"].get("nbgrader"):
            yield cell, marks


def _cells(notebook: Path) -> list[Cell]:
    cells: list[Cell] = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return cells


def _given(name: str) -> str:
    return (files("nabla.classroom") / "student" / name).read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _files(folder: Path) -> Iterator[str]:
    return (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _hash(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
