"""Workers that are forked from the coordinator: each has a zygote of its own, and beside threads there are none."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from nabla.course import Course, CourseError
from nabla.grading.pool import grade_class

# In a process of its own: pytest's has threads.
SCRIPT = """
import sys
import tempfile
import nabla.startup
from pathlib import Path
from nabla.course import Course, CourseError
from nabla.grading.pool import grading

if __name__ == "__main__":
    try:
        with grading(Course.load(Path(sys.argv[1])), ["tiny"], workers=2, force=True) as results:
            print("begun", flush=True)
            sys.stdin.readline()
            print(sorted((found.student, found.score) for found in results), flush=True)
    except CourseError as error:
        print(error, flush=True)
"""
THREAD = "\nimport threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"


@pytest.fixture
def course(released_course: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A released course with two students, and a folder for temporary files beside it."""
    temporary = tmp_path_factory.mktemp("temporary")
    monkeypatch.setenv("TMPDIR", str(temporary))
    notebook = (released_course / "release" / "tiny" / "tiny.ipynb").read_bytes()
    for student in ("ana", "ben"):
        folder = released_course / "submitted" / student / "tiny"
        folder.mkdir(parents=True)
        (folder / "tiny.ipynb").write_bytes(notebook)
    return released_course


@contextmanager
def graded(course: Path) -> Iterator[tuple[subprocess.Popen, str]]:
    """The command, and its first line."""
    (course / "script.py").write_text(SCRIPT)
    command = [sys.executable, str(course / "script.py"), str(course)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline()
        finally:
            process.kill()


def zygotes_folders(process: psutil.Process) -> list[str]:
    """The folders of zygotes that ``process`` holds."""
    found = [os.readlink(path) for path in Path(f"/proc/{process.pid}/fd").iterdir()]
    return [name for name in found if Path(name).name.startswith("nabla-zygote-")]


def test_each_worker_has_a_zygote_that_was_begun_for_it(course: Path) -> None:
    with graded(course) as (process, said):
        assert said == "begun\n"
        children = psutil.Process(process.pid).children()
        assert len(children) == 4  # two keepers, two workers
        assert not [child for child in children if any("forkserver" in part for part in child.cmdline())]
        output, _ = process.communicate("\n", timeout=60)
        assert output == "[('ana', 0.0), ('ben', 0.0)]\n"
    assert list(Path(os.environ["TMPDIR"]).glob("nabla-zygote-*")) == []


def test_the_zygotes_are_different_and_only_workers_hold_them(course: Path) -> None:
    with graded(course) as (process, _):
        coordinator = psutil.Process(process.pid)
        held = [folder for child in coordinator.children() for folder in zygotes_folders(child)]
        assert zygotes_folders(coordinator) == []
        assert len(held) == len(set(held)) == 2
        process.communicate("\n", timeout=60)


def test_beside_a_thread_of_a_check_file_nothing_is_forked_from_the_coordinator(course: Path) -> None:
    checks = course / "grader_tests" / "test_tiny.py"
    checks.write_text(checks.read_text() + THREAD)
    with graded(course) as (process, said):
        assert said == "begun\n"
        names = [" ".join(child.cmdline()) for child in psutil.Process(process.pid).children()]
        assert sum("forkserver" in name for name in names) == 1
        assert not [name for name in names if "script.py" in name and "forkserver" not in name]
        output, _ = process.communicate("\n", timeout=60)
        assert output == "[('ana', 0.0), ('ben', 0.0)]\n"


@pytest.mark.parametrize("thread", ["", THREAD])
def test_a_course_with_a_fault_leaves_no_process_and_no_folder(course: Path, thread: str) -> None:
    checks = course / "grader_tests" / "test_tiny.py"
    checks.write_text(checks.read_text() + thread + "\ndef broken(:\n")
    with graded(course) as (process, said):
        assert "test_tiny.py" in said
        process.communicate("\n", timeout=60)
    assert list(Path(os.environ["TMPDIR"]).glob("nabla-zygote-*")) == []


def test_beside_threads_a_course_with_a_fault_leaves_no_folder_either(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", os.environ["TMPDIR"])
    checks = course / "grader_tests" / "test_tiny.py"
    checks.write_text(checks.read_text() + "\ndef broken(:\n")
    with pytest.raises(CourseError, match="test_tiny"):
        list(grade_class(Course.load(course), ["tiny"], workers=1))
    assert list(Path(os.environ["TMPDIR"]).glob("nabla-zygote-*")) == []
