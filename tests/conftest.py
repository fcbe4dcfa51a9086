"""What every test may use, and the rule that CI lets no test be skipped."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from nabla.notebook.twin import write_source

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The system's Chromium."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("no Chromium here; install the package chromium to run this test")
    return found


def pytest_terminal_summary(terminalreporter, config):
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped and os.environ.get("CI"):
        terminalreporter.write_line(f"{len(skipped)} skipped: in CI a skip is a failure", red=True)


def pytest_sessionfinish(session, exitstatus):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter and reporter.stats.get("skipped")
    if skipped and exitstatus == pytest.ExitCode.OK and os.environ.get("CI"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def tiny_course(tmp_path: Path) -> Path:
    """A copy of the course in tests/courses/tiny, with the project's configuration; nothing is released yet."""
    here = Path(__file__).parent
    root = tmp_path / "tiny"
    shutil.copytree(here / "courses" / "tiny", root)
    shutil.copy(here.parent / "nbgrader_config.py", root / "project_config.py")
    write_source(root / "notebooks" / "tiny.md", root / "source" / "tiny" / "tiny.ipynb")
    return root
