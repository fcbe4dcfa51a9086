"""The last verdict on each submitted notebook, on disk beside the gradebook: what ``--no-execute`` goes by.

A verdict counts only for the very notebook that it was given for. Never lies where student code can write.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from nabla.grading.atomic import write_atomically
from nabla.verdicts import NotebookVerdict, exercise_from_data

FOLDER = Path(".nabla", "verdicts")
_KEPT = ("sandbox", "runtime", "engine", "key_fingerprint", "seconds", "notebook_hash")


def remember_verdict(root: Path, assignment: str, student: str, notebook: str, verdict: NotebookVerdict) -> None:
    """Keep what ``verdict`` says of the exercises; what the cells showed is in the autograded notebook."""
    content = {name: getattr(verdict, name) for name in _KEPT}
    content["exercises"] = [asdict(exercise) for exercise in verdict.exercises]
    write_atomically(_path(root, assignment, student, notebook), json.dumps(content))


def remembered_verdict(root: Path, assignment: str, student: str, notebook: str, digest: str) -> NotebookVerdict | None:
    """The last verdict, if it was given for the notebook with hash ``digest``; else ``None``."""
    found = stored_verdict(root, assignment, student, notebook)
    return found if found is not None and found.notebook_hash == digest else None


def stored_verdict(root: Path, assignment: str, student: str, notebook: str) -> NotebookVerdict | None:
    """The last verdict on a student's notebook; ``None`` where there is none that can be read."""
    return _read(_path(root, assignment, student, notebook))


def stored_verdicts(root: Path, assignment: str) -> Iterator[tuple[str, NotebookVerdict]]:
    """Every student's last verdicts on the notebooks of ``assignment``; one that can't be read is left out."""
    for path in sorted((root / FOLDER / assignment).glob("*/*.json")):
        if (verdict := _read(path)) is not None:
            yield path.parent.name, verdict


def _read(path: Path) -> NotebookVerdict | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        exercises = tuple(map(exercise_from_data, content["exercises"]))
        return NotebookVerdict(exercises=exercises, **{name: content[name] for name in _KEPT})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _path(root: Path, assignment: str, student: str, notebook: str) -> Path:
    return root / FOLDER / assignment / student / f"{notebook}.json"
