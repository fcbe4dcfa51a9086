"""What a student does with a clone of the template: answer, break things, run pytest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat

from nabla.notebook.editions import Edition, keep_edition

AUTHOR = ["-c", "user.name=Course", "-c", "user.email=course@example.org", "-c", "commit.gpgsign=false"]


def git(folder: Path, *arguments: str) -> str:
    """What git says. The user's and the machine's configuration play no part."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = ["git", *AUTHOR, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True).stdout


def commit_all(folder: Path, message: str = "work") -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


def edit(notebook: Path, changes: dict[str, str | None]) -> None:
    """Give cells another source by their grade_id; ``None`` takes the cell out."""
    found = json.loads(notebook.read_text())
    kept = []
    for cell in found["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id in changes:
            if changes[grade_id] is None:
                continue
            cell["source"] = changes[grade_id]
        kept.append(cell)
    found["cells"] = kept
    notebook.write_text(json.dumps(found))


def answers(source: Path, edition: Edition) -> dict[str, str]:
    """The reference solution of each answer cell in a notebook of source/."""
    cells = keep_edition(nbformat.read(source, 4), edition).cells
    marks = [(cell.metadata.get("nbgrader", {}), cell.source) for cell in cells]
    return {mark["grade_id"]: text for mark, text in marks if mark.get("solution")}


def run_pytest(folder: Path, *arguments: str) -> tuple[int, str]:
    """The exit code of plain pytest in ``folder``, and what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    command = [sys.executable, "-m", "pytest", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr
