"""The checks of one assignment, collected once through pytest and ready to run again and again.

Knows pytest and the check file; nothing of verdicts, scores or the sandbox. A check asks for ``submission`` and ``rng``
only, so that nothing which pytest would keep between two runs can carry anything from one student to the next.
"""

from __future__ import annotations

import os
import re
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from _pytest.config import _prepareconfig  # pytest offers no public way to collect without running
from _pytest.mark import MARK_GEN

from nabla.checks.examination import Examination, Submission
from nabla.checks.failure import CheckFileError
from nabla.checks.wrong_answers import WrongAnswer, import_problem

_MARKS = {
    "law": "law: the law itself; these checks carry at least 60 % of an exercise's weight",
    "claim": "claim: rests on what the student's process says of itself",
    "gpu": "gpu: about an accelerator; in the torch edition only. One that asks for accelerator is not graded without",
    "frameworks": "frameworks(name, …): the editions that have this check; all where not given",
    "weight": "weight(number): weight of the check, 1 where not given",
    "limit": "limit(seconds): time for each call of this check",
}
_FIXTURES = {"submission", "rng", "accelerator"}
_MAY_ASK = "submission, rng and accelerator"
_PLUGINS_OFF = (
    "terminal", "cacheprovider", "logging", "warnings", "unraisableexception", "threadexception", "faulthandler",
    "doctest", "junitxml", "pastebin", "debugging", "stepwise", "unittest", "setupplan", "setuponly", "skipping",
    "recwarn", "tmpdir", "legacypath", "subtests",
)  # fmt: skip
_ENVIRONMENT = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_CURRENT_TEST", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")


@dataclass(frozen=True)
class Check:
    """One check as the course declares it. ``title`` is what students read; ``limit`` seconds for each call."""

    name: str
    title: str
    weight: float = 1.0
    law: bool = False
    claim: bool = False
    gpu: bool = False
    needs_accelerator: bool = False
    frameworks: tuple[str, ...] | None = None
    limit: float | None = None

    def occurs_in(self, framework: str) -> bool:
        """Whether the ``framework`` edition has this check."""
        return self.frameworks is None or framework in self.frameworks


@dataclass(frozen=True)
class ExerciseChecks:
    """The checks of one graded cell, in the order of the file, and the class that holds them."""

    grade_id: str
    class_name: str
    checks: tuple[Check, ...]

    def failed_by(self, answer: WrongAnswer, framework: str) -> frozenset[str]:
        """The checks that ``answer`` must fail as a submission to this edition.

        One in plain numpy leaves every device, whatever else is wrong with it.
        """
        known = [check for check in self.checks if check.occurs_in(framework)]
        left = {check.name for check in known if check.gpu and not check.needs_accelerator and not answer.framework}
        return frozenset(answer.fails) | left


class CheckFile:
    """A collected check file: ``exercises`` by grade_id; `run` makes one check ask one submission."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._code = _compiled(path)
        self._fresh_module()
        self._fixtures = _Fixtures()
        self._items: dict[tuple[str, str], pytest.Function] = {}
        self.exercises: dict[str, ExerciseChecks] = {}
        for item in _collected(path, self._fixtures):
            self._add(item)

    def class_of_fresh_module(self, grade_id: str) -> type:
        """The class with the checks of this exercise, from a new run of the file: no state of an earlier submission."""
        found = vars(self._fresh_module())[self.exercises[grade_id].class_name]
        assert isinstance(found, type)
        return found

    def run(
        self,
        grade_id: str,
        check: str,
        fresh: type,
        examination: Examination,
        seed: int,
        accelerator: str = "",
    ) -> BaseException | None:
        """What the check raised, or ``None`` where it passed. Only ``KeyboardInterrupt`` gets out."""
        item = self._items[grade_id, check]
        item._instance = fresh()
        item._obj = getattr(item._instance, check)
        self._fixtures.examination, self._fixtures.seed = examination, seed
        self._fixtures.accelerated = accelerator
        try:
            return _outcome(item)
        finally:
            self._fixtures.examination = None
            item._instance = item._obj = None

    def _fresh_module(self) -> types.ModuleType:
        module = types.ModuleType(self.path.stem)
        module.__file__ = str(self.path)
        try:
            with _marks_unchecked():
                exec(self._code, vars(module))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # pytest.skip and sys.exit too
            raise CheckFileError(import_problem(self.path, error)) from error
        return module

    def _add(self, item: pytest.Item) -> None:
        line = (item.reportinfo()[1] or 0) + 1
        problem = _item_problem(item)
        if problem:
            raise CheckFileError(f"{self.path}:{line}: {item.name}: {problem}")
        assert isinstance(item, pytest.Function)
        assert item.cls is not None
        grade_id = grade_id_of(item.cls.__name__)
        known = self.exercises.setdefault(grade_id, ExerciseChecks(grade_id, item.cls.__name__, ()))
        if known.class_name != item.cls.__name__ or any(check.name == item.name for check in known.checks):
            problem = f"{grade_id} has two classes or two checks named {item.name}. Rename one."
            raise CheckFileError(f"{self.path}:{line}: {problem}")
        try:
            check = _check(item)
        except ValueError as error:
            raise CheckFileError(f"{self.path}:{line}: {item.name}: {error}") from None
        self.exercises[grade_id] = replace(known, checks=(*known.checks, check))
        self._items[grade_id, item.name] = item


def grade_id_of(class_name: str) -> str:
    """The graded cell that belongs to a class.

    >>> grade_id_of("TestNewtonStep")
    'test_newton_step'
    """
    return re.sub(r"(?<!^)(?=[A-Z])", "_", class_name).lower()


class _Fixtures:
    """The plug-in that gives a check ``submission`` and ``rng``, and hears of what pytest couldn't collect."""

    def __init__(self) -> None:
        self.examination: Examination | None = None
        self.seed = 0
        self.accelerated = ""
        self.errors: list[str] = []

    @pytest.fixture
    def submission(self) -> Submission:
        assert self.examination is not None
        return Submission(self.examination)

    @pytest.fixture
    def rng(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)

    @pytest.fixture
    def accelerator(self) -> str:
        """The device that ``submission`` computes on."""
        return self.accelerated

    def pytest_configure(self, config: pytest.Config) -> None:
        for line in _MARKS.values():
            config.addinivalue_line("markers", line)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.errors.append(str(report.longrepr))


def _compiled(path: Path) -> types.CodeType:
    try:
        return compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        raise CheckFileError(import_problem(path, error)) from error


def _collected(path: Path, fixtures: _Fixtures) -> list[pytest.Item]:
    options = ["--assert=plain", "--capture=no", "--noconftest", "--import-mode=importlib", "--strict-markers"]
    options += ["-c", os.devnull, f"--rootdir={path.parent}"]
    options += [f"-pno:{name}" for name in _PLUGINS_OFF]
    with _without_pytest_environment(), _without_module(path.stem), _marks_unchecked():
        config = _prepareconfig([*options, str(path)], plugins=[fixtures])
        config._do_configure()
        session = pytest.Session.from_config(config)
        config.hook.pytest_sessionstart(session=session)
        try:
            items = list(session.perform_collect())
        except pytest.UsageError:
            items = []
    if fixtures.errors:
        problems = "\n".join(fixtures.errors)
        raise CheckFileError(f"{path}:1: pytest can't collect it. Correct it and try again.\n{problems}")
    return items


@contextmanager
def _without_pytest_environment() -> Iterator[None]:
    """No options, no plug-ins of whoever started this process; all of it as before afterwards."""
    before = {name: os.environ.pop(name) for name in _ENVIRONMENT if name in os.environ}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        os.environ.update(before)


@contextmanager
def _marks_unchecked() -> Iterator[None]:
    """``pytest.mark`` takes any name; afterwards it is as it was before (pytest itself may be running this judge)."""
    before = MARK_GEN._config
    MARK_GEN._config = None
    try:
        yield
    finally:
        MARK_GEN._config = before


@contextmanager
def _without_module(name: str) -> Iterator[None]:
    """No module of this name known: pytest would take another course's file, collected here before, for this one."""
    before = sys.modules.pop(name, None)
    try:
        yield
    finally:
        sys.modules.pop(name, None)
        if before is not None:
            sys.modules[name] = before


def _outcome(item: pytest.Function) -> BaseException | None:
    """Runs the item by pytest's own hooks, without its report: that would print expected values and take longer."""
    item._initrequest()
    after: BaseException | None = None
    try:
        raised = _raised(lambda: item.ihook.pytest_runtest_setup(item=item))
        if raised is None:
            raised = _raised(item.runtest)
    finally:
        after = _raised(lambda: item.ihook.pytest_runtest_teardown(item=item, nextitem=None))
        item._request = False  # type: ignore[assignment]  # as pytest's own runner leaves it: drops what fixtures gave
        item.funcargs = {}
    return raised if raised is not None else after


def _raised(step: Callable[[], Any]) -> BaseException | None:
    try:
        step()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return error
    return None


def _item_problem(item: pytest.Item) -> str:
    if not isinstance(item, pytest.Function) or item.cls is None:
        return "a check is a method of a class. Move it into the class Test<Exercise>."
    if hasattr(item, "callspec"):
        return "parametrize isn't supported. Write a loop, or two checks."
    marks = sorted({mark.name for mark in item.iter_markers()} - set(_MARKS))
    if marks:
        return f"unknown mark {', '.join(marks)}. Use {', '.join(_MARKS)}."
    fixtures = sorted(set(item.fixturenames) - _FIXTURES - {"request"})
    if fixtures:
        return f"a check may ask for {_MAY_ASK} only, not for {', '.join(fixtures)}. Make it inside the check."
    if "accelerator" in item.fixturenames and "gpu" not in {mark.name for mark in item.iter_markers()}:
        return "a check that asks for accelerator needs one. Mark it @pytest.mark.gpu."
    if grade_id_of(item.cls.__name__).replace("_", "") != item.cls.__name__.lower():
        return "the class has no grade_id. Name it Test<Exercise> in CamelCase."
    return ""


def _check(item: pytest.Function) -> Check:
    title = (item.function.__doc__ or "").strip().partition("\n")[0]
    return Check(
        name=item.name,
        title=title or item.name.removeprefix("test_").replace("_", " "),
        weight=_number(item, "weight", 1.0),
        law=item.get_closest_marker("law") is not None,
        claim=item.get_closest_marker("claim") is not None,
        gpu=item.get_closest_marker("gpu") is not None,
        needs_accelerator="accelerator" in item.fixturenames,
        frameworks=_frameworks(item),
        limit=_number(item, "limit", None),
    )


def _frameworks(item: pytest.Function) -> tuple[str, ...] | None:
    """The editions of a check; only torch's work on an accelerator."""
    found = item.get_closest_marker("frameworks")
    if found is None:
        return ("torch",) if item.get_closest_marker("gpu") else None
    if not found.args or found.kwargs or not all(isinstance(name, str) for name in found.args):
        raise ValueError('the mark frameworks takes names of frameworks: @pytest.mark.frameworks("torch", "jax")')
    return found.args


def _number(item: pytest.Function, mark: str, default: Any) -> Any:
    found = item.get_closest_marker(mark)
    if found is None:
        return default
    value = found.args[0] if len(found.args) == 1 and not found.kwargs else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise ValueError(f"the mark {mark} takes one number above 0: @pytest.mark.{mark}(2)")
    return float(value)
