"""What every test may use, and the rule that CI lets no test be skipped."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest
from hypothesis import HealthCheck, settings

from nabla.course import Course
from nabla.grading.release import release
from nabla.notebook.twin import write_source

collect_ignore = ["courses"]  # courses to grade, with checks of their own
# A busy machine is no fault of the code: no example of a property is timed.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The system's Chromium."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("no Chromium here; install the package chromium to run this test")
    return found


def pytest_configure():
    """nbgrader calls `alembic` by name: it lies beside the interpreter, wherever pytest was called from.

    Each test process has a cache of its own: an attack test looks at all that changes there.
    """
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    os.environ["XDG_CACHE_HOME"] = platformdirs.user_cache_dir(f"nabla-tests-{worker}")


def pytest_terminal_summary(terminalreporter, config):
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped and os.environ.get("CI"):
        terminalreporter.write_line(f"{len(skipped)} skipped: in CI a skip is a failure", red=True)


def pytest_sessionfinish(session, exitstatus):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter and reporter.stats.get("skipped")
    if skipped and exitstatus == pytest.ExitCode.OK and os.environ.get("CI"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def make_tiny_course() -> Callable[[Path], Path]:
    """Makes a copy of the course in tests/courses/tiny below a folder, with the project's configuration."""

    def make(folder: Path) -> Path:
        here, root = Path(__file__).parent, folder / "tiny"
        shutil.copytree(here / "courses" / "tiny", root)
        shutil.copy(here.parent / "nbgrader_config.py", root / "project_config.py")
        write_source(root / "notebooks" / "tiny.md", root / "source" / "tiny" / "tiny.ipynb")
        return root

    return make


@pytest.fixture
def tiny_course(make_tiny_course: Callable[[Path], Path], tmp_path: Path) -> Path:
    """A tiny course of the test's own; nothing is released yet."""
    return make_tiny_course(tmp_path)


@pytest.fixture(scope="session")
def released_once(make_tiny_course: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A released tiny course to copy: making a gradebook takes seconds."""
    root = make_tiny_course(tmp_path_factory.mktemp("released"))
    release(Course.load(root), ["tiny"])
    return root


@pytest.fixture
def released_course(released_once: Path, tmp_path: Path) -> Path:
    """A tiny course of the test's own, released."""
    return Path(shutil.copytree(released_once, tmp_path / "tiny"))
