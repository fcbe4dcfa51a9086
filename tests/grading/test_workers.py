"""Worker processes: every task gets one result, whatever happens to the processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

import pytest

from nabla.grading.workers import Crew, TaskFailed, WorkerDied, local_pool, run_all


def nothing() -> None:
    """Initialise nothing."""


def pool() -> Executor:
    return local_pool(2, nothing, ())


def square(number: int) -> int:
    if number == 13:
        raise ValueError("unlucky")
    return number * number


def die_on_seven(number: int) -> int:
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


class DieOnce:
    """Dies at the first try of 3, then not again."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __call__(self, number: int) -> int:
        if number == 3 and not self.marker.exists():
            self.marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return number


def results(function: Callable[[int], int], count: int) -> dict[int, object]:
    found = list(run_all(range(count), function, pool, workers=2))
    assert len(found) == count
    return dict(found)


def test_each_task_gets_one_result_and_an_exception_is_its_own() -> None:
    found = results(square, 20)
    assert isinstance(found.pop(13), ValueError)
    assert found == {number: number * number for number in range(20) if number != 13}


def test_a_killed_worker_loses_no_result(tmp_path: Path) -> None:
    assert results(DieOnce(tmp_path / "died"), 12) == {number: number for number in range(12)}


@pytest.mark.parametrize("count", [1 + 7, 12])
def test_a_task_that_kills_every_worker_is_named_and_the_rest_is_done(count: int) -> None:
    found = results(die_on_seven, count)
    assert isinstance(found.pop(7), WorkerDied)
    assert found == {number: number for number in range(count) if number != 7}


class TwoWords(Exception):
    """Pickle reads this back with one argument, and fails."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} {second}")


def raise_on_three(number: int) -> int:
    if number == 3:
        raise TwoWords("not", "portable")
    return number


def test_an_exception_that_cannot_travel_costs_its_own_task_only() -> None:
    found = results(raise_on_three, 6)
    error = found.pop(3)
    assert isinstance(error, TaskFailed)
    assert str(error) == "TwoWords: not portable"
    assert found == {number: number for number in range(6) if number != 3}


def test_a_crew_begins_at_once_and_gives_its_first_executor_away_only_once() -> None:
    made: list[Executor] = []

    def make() -> Executor:
        made.append(local_pool(1, nothing, ()))
        return made[-1]

    with Crew(make, 1) as crew:
        assert len(made) == 1
        assert crew.executor() is made[0]
        assert crew.executor() is made[1]
    for executor in made:
        executor.shutdown()


def test_a_crew_that_got_no_work_ends() -> None:
    made: list[Executor] = []

    def make() -> Executor:
        made.append(local_pool(1, nothing, ()))
        return made[-1]

    with Crew(make, 1):
        pass
    with pytest.raises(RuntimeError, match="after shutdown"):
        made[0].submit(nothing)
