"""Grading that is stopped, killed, started twice or out of room: nothing is lost, and nothing is graded wrongly."""

from __future__ import annotations

import contextlib
import io
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace

import psutil
import pytest

from nabla.cli import main
from nabla.course import Course, CourseError
from nabla.grading import pool
from nabla.grading.lean import LeanDoor
from nabla.grading.lock import only_one
from nabla.grading.pool import grade_class
from tests.bad_input.classroom import FULL, Classroom, OneProcess

CLASS = [f"student{number}" for number in range(5)]
SLOW = "import time\ntime.sleep(0.6)"
NABLA = [sys.executable, "-c", "from nabla.cli import main; main()"]


@pytest.fixture
def slow_class(classroom) -> Classroom:
    for student in CLASS:
        classroom.hand_in(student, classroom.with_scratch_cell(SLOW))
    return classroom


def graded_so_far(room: Classroom) -> set[str]:
    return {student for student, cells in room.rows().items() if cells["test_total"][0] is not None}


def wait_until(holds, seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while not (found := holds()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(found)


def nabla(*arguments: str) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["nabla", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
    return ended.value.code or 0


def running_below(process: psutil.Process) -> list[psutil.Process]:
    return [child for child in process.children(recursive=True) if child.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture(scope="module")
def killed(made_course, tmp_path_factory) -> SimpleNamespace:
    """A command that another one met at work, and that was then killed with part of the class graded."""
    room = Classroom(shutil.copytree(made_course, tmp_path_factory.mktemp("killed") / "course"))
    for student in CLASS:
        room.hand_in(student, room.with_scratch_cell(SLOW))
    command = subprocess.Popen(
        [*NABLA, "grade", "--course", str(room.root), "--workers", "2"], stdout=subprocess.DEVNULL
    )
    assert wait_until(lambda: graded_so_far(room))
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        code = nabla("grade", "--course", str(room.root))
    below, free = running_below(psutil.Process(command.pid)), False
    command.kill()
    command.wait()
    with contextlib.suppress(CourseError), only_one(Course.load(room.root)):
        free = True
    saved = graded_so_far(room)
    _, alive = psutil.wait_procs(below, timeout=15)
    results = room.grade()
    return SimpleNamespace(
        room=room, free=free, code=code, said=said.getvalue(), saved=saved, alive=alive, below=below, results=results
    )


def test_a_second_command_says_who_is_at_work_and_ends_with_code_2(killed):
    assert killed.code == 2
    assert "Another nabla grade (process" in killed.said
    assert "Wait until it has finished, or stop it" in killed.said
    assert "Traceback" not in killed.said


def test_a_killed_command_leaves_the_course_to_the_next_one_at_once(killed):
    assert killed.free


def test_a_killed_command_leaves_no_process(killed):
    assert killed.below
    assert killed.alive == []


def test_after_a_kill_the_next_command_grades_the_rest_and_loses_nothing(killed):
    assert 0 < len(killed.saved) < len(CLASS)
    assert {student: killed.room.scores(student) for student in CLASS} == dict.fromkeys(CLASS, FULL)
    killed.room.assert_gradebook_agrees()
    assert all(killed.room.autograded(student).is_file() for student in CLASS)


def test_a_killed_worker_costs_nobody_anything(slow_class):
    found = grade_class(Course.load(slow_class.root), ["sums"], workers=2)
    slow_class.results = {(first := next(found)).student: first}
    worker = worker_processes()[0]
    killed = [worker, *running_below(worker)]
    worker.kill()
    results = slow_class.results = {**slow_class.results, **{result.student: result for result in found}}
    assert len(killed) > 1
    assert psutil.wait_procs(killed, timeout=15)[1] == []
    assert {student: slow_class.scores(student) for student in results} == dict.fromkeys(CLASS, FULL)
    slow_class.assert_gradebook_agrees()


def test_a_killed_worker_of_the_command_costs_nobody_anything(slow_class):
    command = subprocess.Popen(
        [*NABLA, "grade", "--course", str(slow_class.root), "--workers", "2"], stdout=subprocess.DEVNULL
    )
    assert wait_until(lambda: graded_so_far(slow_class))
    coordinator = psutil.Process(command.pid)
    worker = max(coordinator.children(), key=lambda child: child.create_time())  # forked after the zygotes' keepers
    keepers = [child for child in coordinator.children() if running_below(child)]
    assert worker not in keepers
    assert len(keepers) == 2
    worker.kill()
    assert command.wait(timeout=60) == 0
    assert graded_so_far(slow_class) == set(CLASS)
    assert psutil.wait_procs([worker, *keepers], timeout=15)[1] == []
    results = slow_class.grade()
    assert {student: slow_class.scores(student) for student in results} == dict.fromkeys(CLASS, FULL)
    slow_class.assert_gradebook_agrees()


def worker_processes() -> list[psutil.Process]:
    forking = [child for child in psutil.Process().children() if any("forkserver" in part for part in child.cmdline())]
    return [worker for process in forking for worker in process.children()]


def test_stopping_with_control_c_keeps_what_is_graded(slow_class):
    command = subprocess.Popen(
        [*NABLA, "grade", "--course", str(slow_class.root), "--workers", "2"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # As in a terminal; what runs the tests may ignore it, and that would be inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert wait_until(lambda: graded_so_far(slow_class))
    below = running_below(psutil.Process(command.pid))
    os.killpg(command.pid, signal.SIGINT)
    _, said = command.communicate(timeout=60)
    assert command.returncode == 130
    assert "What was graded is saved; the same command goes on from there" in said
    assert "Traceback" not in said
    assert psutil.wait_procs(below, timeout=15)[1] == []
    saved = graded_so_far(slow_class)
    assert saved
    assert all(slow_class.autograded(student).is_file() for student in saved)


@pytest.fixture
def small_class(classroom, monkeypatch) -> Iterator[Classroom]:
    """Two students, graded without workers."""
    interrupt = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(pool, "local_pool", OneProcess)
    classroom.hand_in("ann")
    classroom.hand_in("ben", classroom.answered(scaled="def scaled(x): return x"))
    yield classroom
    signal.signal(signal.SIGINT, interrupt)


def test_a_full_disk_is_said_and_the_next_command_saves_what_it_kept_back(small_class):
    gradebook = small_class.root / "gradebook.db"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (gradebook.stat().st_size // 2, hard))
    try:
        results = small_class.grade(workers=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    for result in results.values():
        assert (result.status, result.score) == ("failed", None)
        assert "graded but not saved" in result.reason
        assert "then grade again" in result.reason
    small_class.grade(workers=1)
    assert small_class.scores("ann") == FULL
    small_class.assert_gradebook_agrees()


def test_no_room_for_one_notebook_is_said_and_costs_nobody_else(small_class, monkeypatch):
    publish = LeanDoor.publish

    def full(self, student, notebooks, files):
        if student == "ann":
            raise OSError(28, "No space left on device")
        return publish(self, student, notebooks, files)

    monkeypatch.setattr(LeanDoor, "publish", full)
    results = small_class.grade(workers=1)
    assert results["ann"].status == "failed"
    assert "graded but not saved ([Errno 28] No space left on device)" in results["ann"].reason
    assert small_class.scores("ben") == {"test_scaled": 0, "test_total": 2}
    monkeypatch.setattr(LeanDoor, "publish", publish)
    assert small_class.grade(workers=1)["ann"].status == "graded"
    small_class.assert_gradebook_agrees()


def test_a_gradebook_that_another_program_holds_is_said(small_class, monkeypatch):
    monkeypatch.setattr("nabla.gradebook.writer._LOCK_SECONDS", 0.01)
    monkeypatch.setattr("nabla.gradebook.writer._ATTEMPTS", 2)
    found = grade_class(Course.load(small_class.root), ["sums"], workers=1)
    other = sqlite3.connect(small_class.root / "gradebook.db")
    first = next(found)
    other.execute("begin immediate")
    second = next(found)
    other.rollback()
    other.close()
    found.close()
    assert first.status == "graded"
    assert second.status == "failed"
    assert "can't be written" in second.reason
    assert "locked" in second.reason
    assert small_class.grade(workers=1)[second.student].status == "graded"
    small_class.assert_gradebook_agrees()


def test_an_unreadable_second_attempt_leaves_nothing_of_the_first(small_class):
    small_class.grade(workers=1)
    small_class.hand_in("ann", b"{")
    results = small_class.grade(workers=1)
    assert results["ann"].score is None
    assert not small_class.autograded("ann").exists()
    small_class.assert_gradebook_agrees()
