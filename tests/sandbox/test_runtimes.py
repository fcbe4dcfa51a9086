"""Which interpreter runs which edition, and how the environment of a framework is made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nabla.course import Course, CourseError
from nabla.sandbox import SandboxUnavailable, Zygote, runtime_of
from nabla.sandbox import runtimes as room


def course(root: Path, *lines: str) -> Course:
    settings = ["c = get_config()", 'c.Nabla.preload = ["numpy", "torch"]', 'c.Nabla.framework = "torch"', *lines]
    (root / "nbgrader_config.py").write_text("\n".join(settings), encoding="utf-8")
    return Course.load(root)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of environments that holds none."""
    monkeypatch.setattr(room.platformdirs, "user_data_dir", lambda name: str(tmp_path / "data" / name))
    return tmp_path / "data"


def test_what_the_courses_own_runtime_has_runs_there(tmp_path: Path) -> None:
    made = course(tmp_path)
    assert runtime_of(made, "numpy") == runtime_of(made, "torch") == runtime_of(made)
    assert runtime_of(made).python == sys.executable


def test_another_framework_runs_in_an_environment_of_its_own(tmp_path: Path, elsewhere: Path) -> None:
    found = runtime_of(course(tmp_path), "mxnet")
    assert Path(found.python).is_relative_to(elsewhere)
    assert "mxnet" in found.preload
    assert "torch" not in found.preload


def test_a_course_may_name_the_interpreter(tmp_path: Path) -> None:
    made = course(tmp_path, 'c.Nabla.runtimes = {"jax": {"python": "/opt/jax/bin/python", "preload": ["jax"]}}')
    found = runtime_of(made, "jax")
    assert (found.python, found.preload) == ("/opt/jax/bin/python", ("jax",))


def test_a_misspelt_part_of_a_runtime_is_named(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"c\.Nabla\.runtimes\['jax'\]: give 'python' and 'preload' only"):
        runtime_of(course(tmp_path, 'c.Nabla.runtimes = {"jax": {"pyhton": "x"}}'), "jax")


def test_modules_of_one_framework_are_not_imported_for_another(tmp_path: Path, elsewhere: Path) -> None:
    made = course(tmp_path, 'c.Nabla.preload_for = {"hessians": ["torch.func"]}')
    assert "torch.func" in runtime_of(made, "torch", ["hessians"]).preload
    assert "torch.func" not in runtime_of(made, "mxnet", ["hessians"]).preload


def test_a_missing_environment_says_how_to_make_it(tmp_path: Path, elsewhere: Path) -> None:
    made = course(tmp_path)
    with pytest.raises(SandboxUnavailable, match="nabla runtime install mxnet"):
        Zygote.for_runtime(made, runtime_of(made, "mxnet"))


def test_a_missing_interpreter_that_the_course_names_is_its_to_correct(tmp_path: Path) -> None:
    made = course(tmp_path, 'c.Nabla.runtimes = {"jax": {"python": "/nowhere/python"}}')
    with pytest.raises(SandboxUnavailable, match=r"/nowhere/python can't be run .*c\.Nabla\.runtimes"):
        Zygote.for_runtime(made, runtime_of(made, "jax"))


def test_an_unknown_framework_is_answered_with_the_known_ones() -> None:
    with pytest.raises(CourseError, match=r"theano: no such framework\. Known: torch, numpy"):
        room.install("theano")


class FakePip:
    """Makes the folder that venv would make; pip fails until it is told not to."""

    def __init__(self) -> None:
        self.works = False
        self.commands: list[list[str]] = []

    def __call__(self, command: list[str], **_: Any) -> subprocess.CompletedProcess:
        self.commands.append(command)
        if "venv" in command:
            (Path(command[-1]) / "bin").mkdir(parents=True)
            return subprocess.CompletedProcess(command, 0, "", "")
        return subprocess.CompletedProcess(command, 0 if self.works else 1, "", "No matching distribution")


def test_a_failed_installation_says_why_and_starts_again_from_nothing(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pip = FakePip()
    monkeypatch.setattr(room.subprocess, "run", pip)
    with pytest.raises(CourseError, match=r"No matching distribution(.|\n)*nabla runtime install mxnet"):
        room.install("mxnet")
    assert not room.environment("mxnet").ready
    (room.environment("mxnet").folder / "half").touch()
    pip.works = True
    made = room.install("mxnet")
    assert made.ready
    assert not (made.folder / "half").exists()
    assert "mxnet==1.9.1" in pip.commands[-1]
    done = len(pip.commands)
    room.install("mxnet")
    assert len(pip.commands) == done


def test_the_interpreter_of_an_environment_is_a_copy_whose_name_makes_tensorflow_work(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pip = FakePip()
    pip.works = True
    monkeypatch.setattr(room.subprocess, "run", pip)
    python = Path(room.install("tensorflow").python)
    assert python.is_file()
    assert not python.is_symlink()
    assert "python" not in str(python.relative_to(elsewhere))
