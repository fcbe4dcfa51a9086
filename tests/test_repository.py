"""The commands of the repository itself: what `make` does with an environment, and that CI lets no test be skipped."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FAKE_PYTHON = """#!/bin/sh
# Stands in for Python: `-m venv --clear .venv` makes an environment whose pip works only if PIP_WORKS is set.
if [ "$1 $2" = "-m venv" ]; then
  rm -rf .venv && mkdir -p .venv/bin && printf '#!/bin/sh\\ntest -n "$PIP_WORKS"\\n' > .venv/bin/python && chmod +x .venv/bin/python
fi
"""


@pytest.fixture
def clone(tmp_path):
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "python").write_text(FAKE_PYTHON)
    (tmp_path / "python").chmod(0o755)
    return tmp_path


def make(clone, *, pip_works):
    environment = {**os.environ, "PIP_WORKS": "yes" if pip_works else ""}
    command = ["make", "PYTHON=./python", ".venv/.ready"]
    return subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False).returncode


def test_a_half_made_environment_is_made_again_from_nothing(clone):
    assert make(clone, pip_works=False) != 0
    assert not (clone / ".venv" / ".ready").exists()
    (clone / ".venv" / "half").write_text("left over")
    assert make(clone, pip_works=True) == 0
    assert not (clone / ".venv" / "half").exists()


def test_an_environment_that_is_ready_is_kept(clone):
    make(clone, pip_works=True)
    (clone / ".venv" / "mine").write_text("kept")
    (clone / "constraints.txt").touch()
    assert make(clone, pip_works=True) == 0
    assert (clone / ".venv" / "mine").exists()


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_a_skipped_test_fails_in_ci_and_nowhere_else(tmp_path, ci, code):
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_it.py").write_text("import pytest\ndef test_a(): pytest.skip('no')\ndef test_b(): pass\n")
    environment = {**os.environ, "CI": ci}
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", str(tmp_path), "-c", "/dev/null", str(tmp_path)]
    assert subprocess.run(command, env=environment, capture_output=True, check=False).returncode == code


def test_ci_calls_what_the_readme_says():
    script = (ROOT / ".ci" / "run").read_text()
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert re.search(r"^make lint$", script, re.M)
    assert re.search(r"^make test$", script, re.M)


def requirements():
    """What pyproject.toml asks for, by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    return {re.split(r"[<>=\[]", name)[0].lower() for name in wanted}


def test_every_requirement_is_pinned():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert requirements() <= {line.partition("==")[0].lower().replace("_", "-") for line in lines}


def test_every_requirement_has_its_reason():
    _, _, reasons = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("## Dependencies")
    assert sorted(requirements() - set(re.findall(r"[\w-]+", reasons.lower()))) == []
