"""Zygotes that start ahead: a fork uses them, and whatever ends early leaves no process and no folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from nabla.sandbox.zygote import sweep

# In a process of its own: pytest's has threads.
BEGIN = """
import os, sys, time
from nabla.sandbox import SandboxUnavailable, SubmissionSession, Zygote
zygote = Zygote(level=sys.argv[1], preload=("numpy",), python=sys.argv[2])
zygote.begin_ahead()
print(zygote.started.pid, flush=True)
"""
FORKED = """
if os.fork() == 0:
    zygote.take_over()
    try:
        with SubmissionSession(zygote) as session:
            print(session.run_cell(0, "6 * 7").outputs[0]["data"]["text/plain"], flush=True)
    except SandboxUnavailable as error:
        print(error, flush=True)
    zygote.close()
    os._exit(0)
zygote.leave()
os.wait()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, here and in what is started."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@contextmanager
def begun(
    script: str, *, level: str = "sandlock", python: str = ""
) -> Iterator[tuple[subprocess.Popen, psutil.Process]]:
    """The running script, and its zygote's keeper."""
    command = [sys.executable, "-c", BEGIN + script, level, python]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, psutil.Process(int(process.stdout.readline()))
        finally:
            process.kill()


def family(keeper: psutil.Process) -> list[psutil.Process]:
    """The keeper and its zygote, when there is one."""
    deadline = time.monotonic() + 30
    while not (below := keeper.children()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert below
    return [keeper, *below]


def foreign_files(keeper: psutil.Process, folder: Path) -> list[str]:
    """What the keeper has open of the process that forked it, or of its zygote's."""
    found = [os.readlink(path) for path in Path(f"/proc/{keeper.pid}/fd").iterdir()]
    return [name for name in found if str(folder) in name or name.startswith("pipe:")]


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that are still there after a while."""
    return psutil.wait_procs(processes, timeout=15)[1]


@pytest.mark.parametrize("level", ["sandlock", "none"])
def test_a_fork_takes_over_what_was_begun_and_ends_it(folder: Path, level: str) -> None:
    with begun(FORKED, level=level) as (process, keeper):
        processes = family(keeper)
        assert process.communicate(timeout=60)[0] == "42\n"
    assert alive(processes) == []
    assert list(folder.glob("nabla-zygote-*")) == []


@pytest.mark.parametrize("level", ["sandlock", "none"])
def test_what_nobody_takes_over_ends_when_it_is_closed(folder: Path, level: str) -> None:
    with begun("sys.stdin.readline(); zygote.close(); print('closed', flush=True)", level=level) as (process, keeper):
        processes = family(keeper)
        assert process.communicate("\n", timeout=60)[0] == "closed\n"
    assert alive(processes) == []
    assert list(folder.glob("nabla-zygote-*")) == []


def test_a_killed_process_takes_its_zygote_along(folder: Path) -> None:
    with begun("time.sleep(60)") as (process, keeper):
        processes = family(keeper)
        process.kill()
    assert alive(processes) == []
    assert len(list(folder.glob("nabla-zygote-*"))) == 1
    sweep()
    assert list(folder.glob("nabla-zygote-*")) == []


def test_a_killed_fork_takes_along_what_it_has_taken_over(folder: Path) -> None:
    script = """
fork = os.fork()
if fork == 0:
    zygote.take_over()
    zygote.ensure()
    print(os.getpid(), flush=True)
    time.sleep(60)
zygote.leave()
os.wait()
sys.stdin.read()
"""
    with begun(script) as (process, keeper):
        processes = family(keeper)
        assert process.stdout is not None
        os.kill(int(process.stdout.readline()), signal.SIGKILL)
        assert alive(processes[1:]) == []
        assert process.poll() is None


def test_the_keeper_holds_nothing_of_the_process_that_forked_it(folder: Path) -> None:
    with begun("sys.stdin.read()") as (_, keeper):
        family(keeper)
        deadline = time.monotonic() + 15
        while (held := foreign_files(keeper, folder)) and time.monotonic() < deadline:
            time.sleep(0.01)
    assert held == []


def test_why_a_zygote_did_not_start_is_heard_where_it_is_used(folder: Path) -> None:
    with begun(FORKED, python="/nowhere/python") as (process, _):
        said, _ = process.communicate(timeout=60)
    assert "the runner did not start" in said
    assert "/nowhere/python can't be run as Python" in said
    assert list(folder.glob("nabla-zygote-*")) == []
