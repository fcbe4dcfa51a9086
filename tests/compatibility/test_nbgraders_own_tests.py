"""nbgrader's own tests of ``nbgrader autograde``, unedited, with our preprocessors in the places of nbgrader's."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbgrader
import pytest

ROOT = Path(__file__).parents[2]
TESTS = Path(nbgrader.__file__).parent / "tests" / "apps" / "test_nbgrader_autograde.py"
# Each with its reason in docs/compatibility.md.
EXCEPTIONS = {"test_side_effects"}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nbgraders_own_tests_pass_but_for_the_named_exceptions(tmp_path):
    config = (ROOT / "nbgrader_config.py").read_text()
    # These tests bring their own stub and need no framework.
    config += "\ndel c.ClearSolutions\nc.Nabla.preload = ['numpy']\n"
    (tmp_path / "nbgrader_config.py").write_text(config)
    env = {**os.environ, "JUPYTER_CONFIG_PATH": str(tmp_path)}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        f"--rootdir={tmp_path}",
    ]
    done = subprocess.run([*command, str(TESTS), "-n", "2"], env=env, cwd=tmp_path, capture_output=True, text=True)
    failed = set(re.findall(r"^(?:FAILED|ERROR) \S*::(\w+)", done.stdout, re.MULTILINE))
    assert failed == EXCEPTIONS, done.stdout[-5000:]
    assert re.search(r"\b39 passed\b", done.stdout), done.stdout[-500:]


def test_each_exception_is_explained():
    page = (ROOT / "docs" / "compatibility.md").read_text()
    assert all(f"`{name}`" in page for name in EXCEPTIONS)
