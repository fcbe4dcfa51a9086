"""Pages that tell how something is done are followed to the letter."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^(`{3,4})(\w+)\n(.*?)^\1$", re.M | re.S)
FILE = re.compile(r"(?:at the end of|new file) `([^`]+)`:\s*\Z")
SCRIPTS = Path(sys.executable).parent


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_an_exercise_with_two_wrong_answers_is_added_as_the_page_says(tmp_path):
    for name in ("source", "notebooks", "grader_tests", "release"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    page = (ROOT / "docs" / "writing-exercises.md").read_text(encoding="utf-8")
    said = ""
    for block in BLOCK.finditer(page):
        if block[2] == "console":
            said = follow(block[3], tmp_path)
        elif block[2] != "text":  # what something says, or an example of another exercise
            append(block[3], FILE.search(page[: block.start()])[1], tmp_path)
    assert "mean_gradient" in said
    assert "The course is sound." in said


def append(text: str, name: str, root: Path) -> None:
    path = root / name
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(before + text, encoding="utf-8")


def follow(commands: str, root: Path) -> str:
    """Run what stands after ``$``, and return what the last one says."""
    said = ""
    for line in commands.splitlines():
        command = line.removeprefix("$ ").replace(".venv/bin", str(SCRIPTS))
        environment = {**os.environ, "NO_COLOR": "1"}
        found = subprocess.run(
            command, shell=True, cwd=root, capture_output=True, text=True, env=environment, check=False
        )
        assert found.returncode == 0, found.stdout + found.stderr
        said = found.stdout
    return said
