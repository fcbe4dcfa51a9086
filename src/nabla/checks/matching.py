"""Which known wrong answer a student's answer equals, on the inputs that the check happened to use.

Wrong answers get copies, a second each, and no way to fail a check: whatever they raise means that they don't match.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import numpy as np

from nabla.checks.answer import Answer, Call
from nabla.checks.comparison import difference, normalised
from nabla.checks.examination import Examination, Recorder, kept
from nabla.checks.wrong_answers import WrongAnswer

APART = 100.0
"""A wrong answer explains something only where it is this many tolerances away from the right one."""

_STEPS = 500_000
_NO_TOLERANCE = 1e-9
_ROUNDING = 1e-6


class _NoMatch(Exception):
    """This wrong answer says nothing about this call."""


def matching_value(examination: Examination, answer: Answer, expected: Any, tolerance: Any) -> WrongAnswer | None:
    """The wrong answer whose value the student's is, within ``tolerance``, and clearly not the right one."""

    def matches(wrong: WrongAnswer) -> bool:
        value = _value(wrong, answer)
        if difference(value, expected, tolerance).distance <= APART:
            return False
        return not difference(answer.peek(), _wanted(value), _loosest(tolerance), same_nan=True).problem

    return _first(examination, answer, matches)


def matching_return(examination: Examination, answer: Answer) -> WrongAnswer | None:
    """The wrong answer that returns what the student returned where an exception was asked for."""

    def matches(wrong: WrongAnswer) -> bool:
        value = _value(wrong, answer)
        return examination.check in wrong.fails and not callable(value) and not _differs(answer.peek(), value)

    return _first(examination, answer, matches)


def matching_change(examination: Examination, answer: Answer) -> WrongAnswer | None:
    """The wrong answer that leaves its arguments as the student left them, where they had to stay as they were."""

    def matches(wrong: WrongAnswer) -> bool:
        call, after = answer.call, answer.arguments_after
        if call is None or after is None or call.parent is not None or examination.check not in wrong.fails:
            return False
        arguments = [_argument(value) for value in call.arguments]
        _called(wrong, call.name, arguments, call)
        return not any(_differs(left, right) for left, right in zip(after, arguments, strict=True))

    return _first(examination, answer, matches)


def _first(examination: Examination, answer: Answer, matches: Callable[[WrongAnswer], bool]) -> WrongAnswer | None:
    """The first that matches; those declared to fail this very check come first."""
    if answer.call is None:
        return None
    known = [
        wrong for wrong in examination.wrong_answers if wrong.occurs_in(examination.framework) and not wrong.framework
    ]
    for wrong in sorted(known, key=lambda wrong: examination.check not in wrong.fails):
        try:
            with _quietly(), _bounded(_STEPS, wrong.evaluate.__code__.co_filename):
                if matches(wrong) and _explains_what_came_before(wrong, examination, answer):
                    return wrong
        except Exception:  # a wrong answer may break in any way on this input: then it doesn't match
            continue
    return None


def _explains_what_came_before(wrong: WrongAnswer, examination: Examination, answer: Answer) -> bool:
    """Whether ``wrong`` also gives what this check saw before: zeros and yes or no are what many mistakes give."""
    for earlier in examination.answers:
        if earlier.call is None or earlier.call is answer.call or earlier.call.name != wrong.function:
            continue
        value = _value(wrong, earlier)
        if callable(value):
            continue
        wanted = _wanted(value)
        tolerance = _ROUNDING * float(np.max(np.abs(wanted), initial=1.0)) if _has_size(wanted) else 0.0
        if difference(earlier.peek(), wanted, tolerance, same_nan=True).problem:
            return False
    return True


def _value(wrong: WrongAnswer, answer: Answer) -> Any:
    """What ``wrong`` gives in the place of ``answer``: the same call, then the same item of the result."""
    assert answer.call is not None
    result = _result(wrong, answer.call)
    for key in answer.path:
        result = result[key]
    return result


def _result(wrong: WrongAnswer, call: Call) -> Any:
    arguments = [_argument(value) for value in call.arguments]
    if call.parent is None:
        return _called(wrong, call.name, arguments, call)
    returned = _value(wrong, call.parent)
    return returned(*arguments, **{name: _argument(value) for name, value in call.keywords.items()})


def _called(wrong: WrongAnswer, name: str, arguments: list[Any], call: Call) -> Any:
    if wrong.function != name:
        raise _NoMatch
    return wrong(*arguments, **{key: _argument(value) for key, value in call.keywords.items()})


def _argument(value: Any) -> Any:
    """A fresh copy; recorders give way to the plain function, so that the check's own record stays as it is."""
    if isinstance(value, Recorder):
        return value.function
    if type(value) in (tuple, list):
        return type(value)(_argument(item) for item in value)
    return kept(value)


def _wanted(value: Any) -> Any:
    return normalised(value, lists_are_arrays=False, finite=False)


def _has_size(wanted: Any) -> bool:
    return isinstance(wanted, np.ndarray) and wanted.dtype.kind in "iufc" and bool(np.all(np.isfinite(wanted)))


def _differs(left: Any, right: Any) -> bool:
    """Whether ``left`` isn't ``right``, but for rounding: frameworks round differently."""
    if callable(right):
        return False
    wanted = _wanted(right)
    tolerance = _NO_TOLERANCE * float(np.max(np.abs(wanted), initial=0.0)) if _has_size(wanted) else 0.0
    return bool(difference(left, wanted, tolerance, same_nan=True).problem)


def _loosest(tolerance: Any) -> float:
    if isinstance(tolerance, dict):
        return max((_loosest(item) for item in tolerance.values()), default=0.0)
    if isinstance(tolerance, tuple):
        return max((_loosest(item) for item in tolerance), default=0.0)
    return float(np.max(tolerance, initial=0.0))


@contextmanager
def _quietly() -> Iterator[None]:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _bounded(steps: int, file: str) -> Iterator[None]:
    """Raises ``TimeoutError`` inside the code of ``file`` after so many lines of it.

    A clock would give other hints on a busy machine. Other code isn't traced: that makes it slow, and what the
    interpreter calls in between (a callback of its garbage collector) can't raise to us.
    """
    left = steps
    before = sys.gettrace()

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal left
        if frame.f_code.co_filename != file:
            return None
        left -= 1
        if left < 0:
            raise TimeoutError
        return trace

    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)
