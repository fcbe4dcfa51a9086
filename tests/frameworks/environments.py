"""What the tests of a framework need: the environment that the course runs it in."""

from __future__ import annotations

from pathlib import Path

import pytest

from nabla.course import Course
from nabla.sandbox import Runtime, runtime_of


def needed_runtime(course: Course, framework: str) -> Runtime:
    """The runtime of ``framework``'s edition. Skips the test where it isn't installed, which CI counts as a failure."""
    runtime = runtime_of(course, framework)
    if not Path(runtime.python).exists():
        pytest.skip(f"no environment of {framework}: nabla runtime install {framework}")
    return runtime
