"""What a check says about an answer: each function returns nothing, or raises `CheckFailed` with a message.

Order: exists, callable, returns (`nabla.checks.examination`), then kind, shape, finite, value. Nothing is broadcast.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from nabla.checks import messages
from nabla.checks.answer import Answer, unexpected
from nabla.checks.comparison import Difference, difference, normalised
from nabla.checks.examination import current
from nabla.checks.failure import CheckFailed, StudentRaised
from nabla.checks.matching import matching_change, matching_return, matching_value
from nabla.checks.wrong_answers import WrongAnswer

_UNMEANT_ERRORS = {"RecursionError"}
"""Subclasses of what a check may ask for that only an accident raises: accepted where named, never as their parent."""


def assert_close(actual: Any, expected: Any, *, tolerance: Any, shape: tuple[int, ...] | None = None) -> None:
    """Nothing, if every entry is within ``tolerance`` (absolute) of ``expected`` and kinds and shapes agree.

    ``expected``: a number, an array (a list means one), or a tuple or dict of these; ``shape`` is the shape that the
    answer must have where that isn't expected's own. ``tolerance``: a number, an array of expected's shape, or a tuple
    or dict that gives each item its own.
    """
    wanted = normalised(_without_answers(expected))
    _settle(_answer(actual), wanted if shape is None else np.reshape(wanted, shape), tolerance)


def assert_equal(actual: Any, expected: Any) -> None:
    """Nothing, if ``actual`` is exactly ``expected``: numbers, strings, truth values, None, tuples, lists, arrays."""
    _settle(_answer(actual), normalised(_without_answers(expected), lists_are_arrays=False), 0.0)


def assert_one_of(actual: Any, choices: Collection[Any]) -> None:
    """Nothing, if ``actual`` is exactly one of ``choices``."""
    answer = _answer(actual)
    wanted = [normalised(choice, lists_are_arrays=False) for choice in choices]
    if not wanted:
        raise ValueError("assert_one_of needs at least one choice")
    found = [difference(answer.peek(), choice) for choice in wanted]
    closest = min(found, key=lambda one: (bool(one.problem), one.problem != "value"))
    _note_value(answer, closest.distance)
    if closest.problem:
        shown = " or ".join(sorted(messages.show(choice) for choice in wanted))
        raise _explained(answer, _problem(answer, closest), shown, closest.expected, 0.0)


def assert_shape(actual: Any, shape: tuple[int, ...]) -> None:
    """Nothing, if ``actual`` is an array (for ``()``: also a number) of finite real numbers of this shape."""
    _answer(actual).shaped(shape)


def assert_dtype(actual: Any, *names: str) -> None:
    """Nothing, if the array's element type is one of ``names`` (``"float64"``).

    A claim: the student's process says so.
    """
    answer = _answer(actual)
    _note_claim(answer)
    value = answer.peek()
    if type(value) is float or type(value) is int:
        actual_name = "float64" if type(value) is float else "int64"
    elif type(value) is np.ndarray or isinstance(value, np.generic):
        actual_name = _claimed_dtype(answer) or value.dtype.name
    else:
        raise CheckFailed(unexpected(answer, "an array"))
    if actual_name not in names:
        shown = messages.sanitise(actual_name, 60)
        raise CheckFailed(messages.WRONG_DTYPE.format(told=answer.told(), actual=shown, expected=" or ".join(names)))


def assert_unchanged(actual: Any) -> None:
    """Nothing, if the call left its positional arguments as they were. A claim: the student's process says so."""
    answer = _answer(actual)
    _note_claim(answer)
    if answer.call is None:
        raise TypeError("assert_unchanged takes what a student's function returned")
    before, after = answer.call.arguments, answer.arguments_after
    if type(after) is not tuple or len(after) != len(before):
        raise CheckFailed(messages.UNSEEN.format(call=answer.call))
    for number, (old, new) in enumerate(zip(before, after, strict=True), start=1):
        if not _same(new, old):
            text = messages.CHANGED.format(call=answer.call, number=number, value=messages.show(new))
            raise _hinted(answer, text, lambda examination: matching_change(examination, answer))


@contextmanager
def raises(*names: str) -> Iterator[None]:
    """Passes where the student's function raises an exception of one of these class names (or a subclass).

    A claim: the name comes from the student's process. ``NotImplementedError`` always means "not answered yet".
    """
    if not names or not all(isinstance(name, str) for name in names):
        raise TypeError("raises takes names of exception classes: raises('ValueError')")
    examination = current.get()
    if examination is None:
        raise RuntimeError("raises works inside a check only")
    examination.claims_used += 1
    before = examination.last
    try:
        yield
    except StudentRaised as raised:
        if _accepted(raised, names):
            return
        expected = messages.error_names(names)
        raise CheckFailed(messages.EXPECTED.format(told=raised.message, expected=expected)) from None
    answer = examination.last
    if answer is None or answer is before:
        raise RuntimeError("nothing was called inside raises(…)")
    text = messages.EXPECTED.format(told=answer.told(), expected=messages.error_names(names))
    raise _hinted(answer, text, lambda examination: matching_return(examination, answer))


def _accepted(raised: StudentRaised, names: tuple[str, ...]) -> bool:
    given = raised.error.names
    if given and given[0] in _UNMEANT_ERRORS:
        return given[0] in names
    return any(name in given for name in names)


def _answer(actual: Any) -> Answer:
    return actual if isinstance(actual, Answer) else Answer(actual, examination=current.get())


def _without_answers(expected: Any) -> Any:
    """``expected`` with arrays for answers: a law may compare two answers of the same student."""
    if isinstance(expected, Answer):
        return expected.array()
    if isinstance(expected, tuple):
        return tuple(_without_answers(item) for item in expected)
    return {k: _without_answers(item) for k, item in expected.items()} if isinstance(expected, dict) else expected


def _settle(answer: Answer, wanted: Any, tolerance: Any) -> None:
    found = difference(answer.peek(), wanted, tolerance)
    _note_value(answer, found.distance)
    if found.problem:
        raise _explained(answer, _problem(answer, found), messages.show(wanted), wanted, tolerance)


def _problem(answer: Answer, found: Difference) -> str:
    """The first thing that is wrong, in words, without telling the right value."""
    part = answer.child(found.actual, *found.path)
    told, expected = part.told(), found.expected
    if found.problem == "kind":
        return unexpected(part, _wanted_kind(expected))
    if found.problem == "shape":
        return messages.OF_SHAPE.format(told=told, actual=np.shape(found.actual), expected=np.shape(expected))
    if found.problem == "count":
        return messages.WRONG_COUNT.format(told=told, actual=len(found.actual), expected=len(expected))
    if found.problem == "keys":
        return messages.WRONG_KEYS.format(told=told, expected=messages.show(tuple(expected)))
    if found.problem == "value" and np.shape(expected) and found.wrong_entries:
        index = found.first_wrong[0] if len(found.first_wrong) == 1 else found.first_wrong
        size = np.size(expected)
        return messages.WRONG_ENTRIES.format(told=told, count=found.wrong_entries, size=size, index=index)
    return _SIMPLE[found.problem].format(told=told)


_SIMPLE = {"finite": messages.NOT_FINITE, "large": messages.TOO_LARGE, "value": messages.WRONG_VALUE}


def _wanted_kind(expected: Any) -> str:
    if isinstance(expected, bool):
        return "True or False"
    if isinstance(expected, np.ndarray) and expected.shape == () and expected.dtype.kind != "b":
        return "a number"
    return messages.kind(expected)


def _explained(answer: Answer, problem: str, shown: str, wanted: Any, tolerance: Any) -> CheckFailed:
    examination = answer.examination or current.get()
    if examination is not None and examination.reveal_expected:
        problem = messages.REVEALED.format(problem=problem, expected=shown)
    return _hinted(answer, problem, lambda examination: matching_value(examination, answer, wanted, tolerance))


def _hinted(answer: Answer, problem: str, match: Any) -> CheckFailed:
    examination = answer.examination
    wrong: WrongAnswer | None = match(examination) if examination is not None else None
    if examination is None or wrong is None:
        return CheckFailed(problem)
    return CheckFailed(problem, hint=wrong.hint_in(examination.language), wrong_answer=wrong.name)


def _claimed_dtype(answer: Answer) -> str:
    """What the runner says of the whole value (numpy has no bfloat16); nothing for a part of it."""
    claimed = answer.claims.get("dtype") if not answer.path else None
    return claimed.rpartition(".")[2] if isinstance(claimed, str) else ""


def _same(new: Any, old: Any) -> bool:
    """Whether data came back exactly as they were sent; functions and handles aren't looked at."""
    if type(old) is np.ndarray:
        return type(new) is np.ndarray and new.dtype == old.dtype and new.shape == old.shape and _equal(new, old)
    if type(old) in (tuple, list):
        return type(new) is type(old) and len(new) == len(old) and all(map(_same, new, old))
    if type(old) is dict:
        return type(new) is dict and list(new) == list(old) and all(_same(new[key], old[key]) for key in old)
    if old is None or type(old) in (bool, int, float, complex, str, bytes):
        return type(new) is type(old) and (new == old or (new != new and old != old))
    return True


def _equal(new: np.ndarray, old: np.ndarray) -> bool:
    return bool(np.array_equal(new, old, equal_nan=old.dtype.kind in "fc"))


def _note_value(answer: Answer, distance: float) -> None:
    examination = answer.examination or current.get()
    if examination is not None:
        examination.values_used += 1
        examination.distance = max(examination.distance, distance)


def _note_claim(answer: Answer) -> None:
    examination = answer.examination or current.get()
    if examination is not None:
        examination.claims_used += 1
