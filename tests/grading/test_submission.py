"""What an unsealed cell's result is worth, and which limits hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from nabla.course import Course, CourseError, Limits, Nabla, limits_of
from nabla.grading.submission import Engine, unsealed_score
from nabla.verdicts import CellResult


def result(data: Any) -> CellResult:
    return CellResult(outputs=({"output_type": "execute_result", "data": data},))


@pytest.mark.parametrize("data", [5, [1], "text", {"text/plain": [1]}, {"text/plain": "nan"}, {"text/plain": "4"}])
def test_a_result_that_is_no_number_of_points_is_left_to_a_person(data: Any) -> None:
    assert unsealed_score(result(data), 3.0) is None


def test_a_result_that_is_a_number_of_points_counts() -> None:
    assert unsealed_score(result({"text/plain": "1.5"}), 3.0) == 1.5
    assert unsealed_score(CellResult(), 3.0) == 3.0
    assert unsealed_score(CellResult(status="error"), 3.0) == 0.0


@pytest.mark.parametrize(("timeout", "seconds"), [(7, 7.0), (-1, 300.0), (None, 300.0)])
def test_nbgraders_own_time_out_sets_the_time_of_a_cell(timeout: int | None, seconds: float) -> None:
    config = Config({"Execute": {"timeout": timeout}})
    assert limits_of(Nabla(), config).cell_seconds == seconds


def test_without_one_the_course_says_it() -> None:
    settings = Nabla(config=Config({"Nabla": {"limits": {"cell_seconds": 4}}}))
    assert limits_of(settings, Config()).cell_seconds == 4


def test_an_unknown_limit_is_named_with_the_known_ones() -> None:
    settings = Nabla(config=Config({"Nabla": {"limits": {"call_second": 1}}}))
    with pytest.raises(CourseError, match=r"unknown call_second\. Known: answer, call_seconds"):
        limits_of(settings, Config())


def test_an_exercise_may_have_limits_of_its_own(tmp_path: Path) -> None:
    settings = {"exercise_limits": {"test_x": {"call_seconds": 2, "memory": 5}}}
    with Engine(Course(tmp_path, Config(), Nabla(config=Config({"Nabla": settings})), Limits(), "")) as engine:
        assert engine._limits_of("test_x") == replace(Limits(), call_seconds=2, memory=5)
        assert engine._limits_of("test_y") == Limits()


def test_an_unknown_limit_of_an_exercise_is_named(tmp_path: Path) -> None:
    settings = Nabla(config=Config({"Nabla": {"exercise_limits": {"test_x": {"call_second": 2}}}}))
    with pytest.raises(CourseError, match=r"exercise_limits\['test_x'\]: unknown call_second"):
        Engine(Course(tmp_path, Config(), settings, Limits(), ""))


def test_no_result_means_nothing_where_outputs_were_cut() -> None:
    assert unsealed_score(CellResult(cut=True), 3.0) is None
