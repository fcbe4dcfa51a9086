"""Which sandbox is in use is never a guess: it works, or grading refuses to start; `none` only by name, and marked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sandlock

from nabla.course import Course, course_key, fingerprint
from nabla.grading.submission import Engine
from nabla.sandbox import SandboxUnavailable, Zygote

from .conftest import Attacker, notebook


def test_without_a_working_sandbox_grading_refuses_to_start_and_says_what_is_missing(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandlock, "landlock_abi_version", lambda: 5)
    with pytest.raises(SandboxUnavailable, match=r"Landlock ABI 6.*this kernel has 5.*'none'"):
        Engine.for_course(course).grade(notebook(), assignment="tiny")


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(SandboxUnavailable, match="unknown sandbox level"):
        Zygote(level="bubblewarp").ensure()


def test_the_level_and_the_keys_fingerprint_stand_in_every_verdict(attack: Attacker, course: Course) -> None:
    verdict = attack("1").verdict
    assert verdict.sandbox == "sandlock"
    assert verdict.key_fingerprint == fingerprint(course_key(course))
    assert course_key(course).hex() not in str(verdict)


def test_no_protection_is_had_only_by_name_and_marked(course: Course, tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text(
        "c = get_config()\nc.Nabla.sandbox = 'none'\nc.Nabla.framework = 'numpy'\n"
    )
    with Engine.for_course(replace(Course.load(tmp_path), limits=course.limits)) as engine:
        verdict = engine.grade(notebook(), assignment="tiny")
    assert verdict.sandbox == "none (NOT SANDBOXED)"
    assert not any(exercise.sealed for exercise in verdict.exercises)
