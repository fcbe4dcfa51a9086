"""How far plain data is from what was expected, structure before shape before value; nothing is ever broadcast.

Knows values only, no students and no wording. ``actual`` may be anything at all; ``expected`` is the course's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Problem = Literal["", "kind", "shape", "finite", "large", "value", "count", "keys"]
_REAL = "iuf"


@dataclass(frozen=True)
class Difference:
    """The largest distance in tolerances (``inf`` where there's none), and the first thing that is wrong, if any."""

    distance: float
    problem: Problem = ""
    path: tuple[Any, ...] = ()
    actual: Any = None
    expected: Any = None
    wrong_entries: int = 0
    first_wrong: tuple[int, ...] = ()


def normalised(expected: Any, *, lists_are_arrays: bool = True, finite: bool = True) -> Any:
    """``expected`` as arrays, strings, truth values and ``None`` in tuples and dicts.

    Raises ``TypeError`` or ``ValueError`` for what a check can't expect: objects, and NaN or infinity where ``finite``.
    """
    if expected is None or isinstance(expected, str | bool | np.bool_):
        return bool(expected) if isinstance(expected, np.bool_) else expected
    if isinstance(expected, dict):
        return {k: normalised(item, lists_are_arrays=lists_are_arrays, finite=finite) for k, item in expected.items()}
    if isinstance(expected, tuple) or (isinstance(expected, list) and not lists_are_arrays):
        return tuple(normalised(item, lists_are_arrays=lists_are_arrays, finite=finite) for item in expected)
    if type(expected) is int:
        return expected
    array = np.asarray(expected)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"a check can't expect {type(expected).__name__}")
    if finite and not np.all(np.isfinite(array)):
        raise ValueError("a check can't expect NaN or infinity")
    return array


def difference(actual: Any, expected: Any, tolerance: Any = 0.0, *, same_nan: bool = False) -> Difference:
    """How ``actual`` differs from ``expected`` (`normalised`); ``same_nan``: NaN and inf equal themselves.

    ``tolerance`` is absolute: a number, an array of expected's shape, or a tuple or dict of them like expected.
    """
    return _difference(actual, expected, tolerance, (), same_nan)


def _difference(actual: Any, expected: Any, tolerance: Any, path: tuple[Any, ...], same_nan: bool) -> Difference:
    if isinstance(expected, tuple | dict):
        return _items_difference(actual, expected, tolerance, path, same_nan)
    if expected is None or isinstance(expected, str):
        plain = str(actual) if type(actual) is np.str_ else actual
        if type(plain) is not type(expected):
            return Difference(math.inf, "kind", path, actual, expected)
        return _plain(plain == expected, path, actual, expected)
    if isinstance(expected, bool) or (isinstance(expected, np.ndarray) and expected.dtype.kind == "b"):
        return _truth_difference(actual, expected, path)
    return _number_difference(actual, expected, tolerance, path, same_nan)


def _plain(equal: bool, path: tuple[Any, ...], actual: Any, expected: Any) -> Difference:
    return Difference(0.0) if equal else Difference(math.inf, "value", path, actual, expected)


def _items_difference(
    actual: Any, expected: tuple | dict, tolerance: Any, path: tuple[Any, ...], same_nan: bool
) -> Difference:
    wanted: tuple[type, ...] = (dict,) if isinstance(expected, dict) else (tuple, list)
    if type(actual) not in wanted:
        return Difference(math.inf, "kind", path, actual, expected)
    if len(actual) != len(expected):
        return Difference(math.inf, "count", path, actual, expected)
    if isinstance(expected, dict) and any(key not in actual for key in expected):
        return Difference(math.inf, "keys", path, actual, expected)
    keys = list(expected) if isinstance(expected, dict) else list(range(len(expected)))
    parts = [_difference(actual[key], expected[key], _part(tolerance, key), (*path, key), same_nan) for key in keys]
    largest = max((part.distance for part in parts), default=0.0)
    first = next((part for part in parts if part.problem), None)
    if first is None:
        return Difference(largest)
    return Difference(largest, *_fields_after_distance(first))


def _fields_after_distance(part: Difference) -> tuple[Any, ...]:
    return part.problem, part.path, part.actual, part.expected, part.wrong_entries, part.first_wrong


def _part(tolerance: Any, key: Any) -> Any:
    return tolerance[key] if isinstance(tolerance, tuple | dict) else tolerance


def _truth_difference(actual: Any, expected: Any, path: tuple[Any, ...]) -> Difference:
    if not isinstance(actual, bool | np.bool_) and not (type(actual) is np.ndarray and actual.dtype.kind == "b"):
        return Difference(math.inf, "kind", path, actual, expected)
    if np.shape(actual) != np.shape(expected):
        return Difference(math.inf, "shape", path, actual, expected)
    return _plain(bool(np.all(np.equal(actual, expected))), path, actual, expected)


def _number_difference(actual: Any, expected: Any, tolerance: Any, path: tuple[Any, ...], same_nan: bool) -> Difference:
    wanted = "c" if isinstance(expected, np.ndarray) and expected.dtype.kind == "c" else ""
    shape = np.shape(expected)
    if not _is_numeric(actual, _REAL + wanted) or (shape and type(actual) is not np.ndarray):
        return Difference(math.inf, "kind", path, actual, expected)
    if np.shape(actual) != shape:
        return Difference(math.inf, "shape", path, actual, expected)
    if type(actual) is int and type(expected) is int and not np.any(tolerance):
        return _plain(actual == expected, path, actual, expected)
    try:
        found, right = _as_float(actual, wanted), _as_float(expected, wanted)
    except OverflowError:
        return Difference(math.inf, "large", path, actual, expected)
    if not same_nan and not np.all(np.isfinite(found)):
        return Difference(math.inf, "finite", path, actual, expected)
    return _value_difference(found, right, _allowed(tolerance, shape), path, (actual, expected))


def _is_numeric(value: Any, kinds: str) -> bool:
    if type(value) in (int, float) or (type(value) is complex and "c" in kinds):
        return True
    return (type(value) is np.ndarray or isinstance(value, np.generic)) and value.dtype.kind in kinds


def _as_float(value: Any, wanted: str) -> np.ndarray:
    return np.asarray(value, dtype=np.complex128 if wanted else np.float64)


def _allowed(tolerance: Any, shape: tuple[int, ...]) -> np.ndarray:
    allowed = np.asarray(tolerance, dtype=np.float64)
    if allowed.shape not in ((), shape):
        raise ValueError(f"a tolerance of shape {allowed.shape} for a value of shape {shape}")
    if not np.all(np.isfinite(allowed)) or np.any(allowed < 0):
        raise ValueError("a tolerance must be finite and not negative")
    return allowed


def _value_difference(
    found: np.ndarray, right: np.ndarray, allowed: np.ndarray, path: tuple[Any, ...], given: tuple[Any, Any]
) -> Difference:
    with np.errstate(all="ignore"):
        apart = np.abs(found - right)
        alike = _alike(found, right, given)
        distances = np.where(alike, 0.0, np.where(allowed > 0, apart / allowed, np.inf))
    distances = np.where(np.isnan(distances), np.inf, distances)
    wrong = ~alike & ~((apart <= allowed) & (allowed > 0))
    largest = float(np.max(distances, initial=0.0))
    if not np.any(wrong):
        return Difference(largest)
    first = tuple(int(i) for i in np.unravel_index(int(np.argmax(wrong)), wrong.shape))
    return Difference(largest, "value", path, *given, int(np.count_nonzero(wrong)), first)


def _alike(found: np.ndarray, right: np.ndarray, given: tuple[Any, Any]) -> np.ndarray:
    """Equal entries; integers are compared as integers, since floats stop telling them apart at 2⁵³."""
    if all(isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "iu" for value in given):
        return np.asarray(given[0] == given[1])
    return np.asarray((found == right) | (np.isnan(found) & np.isnan(right)))
