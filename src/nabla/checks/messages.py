"""Every sentence that a student reads from a check, and how a value of theirs is printed in it.

Plain text, capped, without control characters: no student's string can break a line, a terminal or a log.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import numpy as np

from nabla.answers import Handle, Outline

VALUE_LIMIT = 300
MESSAGE_LIMIT = 1500
_ITEMS = 8
_DEPTH = 3
_ENTRIES = 24
_INTEGER_BITS = 256

RETURNED = "called {call}, it returned {value}"
PART = "called {call}, item {path} of what it returned is {value}"
GIVEN = "{source} {value}"
RAISED = "called {call}, it raised {name}: {text}"
RAISED_SILENTLY = "called {call}, it raised {name}"
NOT_ANSWERED = "not answered yet: {name} raises NotImplementedError"
MISSING = "There is no function `{name}` in the notebook. Keep the name that the exercise gives."
NOT_CALLABLE = "`{name}` in the notebook is not a function. Keep the name for the function that the exercise asks for."
LOST = "called {call}, and no answer came back: {reason}"
EXPECTED = "{told}, expected {expected}"
WAS = "{problem} (it was {value})"
OF_SHAPE = "{told} of shape {actual}, expected shape {expected}"
NOT_FINITE = "{told}, which holds NaN or infinite values, expected finite ones"
TOO_LARGE = "{told}, which is too large for a floating-point number"
WRONG_VALUE = "{told}, which is not the right value"
WRONG_ENTRIES = "{told}, in which {count} of {size} entries are not right, the first at index {index}"
WRONG_COUNT = "{told}, which has {actual} items, expected {expected}"
WRONG_KEYS = "{told}, expected the keys {expected}"
REVEALED = "{problem}; expected {expected}"
WRONG_DTYPE = "{told} of type {actual}, expected {expected}"
CHANGED = "called {call}, it changed its argument number {number} (afterwards {value}), expected it unchanged"
UNSEEN = "called {call}, and what became of its arguments can't be told"
NO_ITEM = "{told}, which has no item {key}"
CANNOT_COMBINE = "{told}, which can't be used in this check's calculation"
TOO_MANY = "{told}, which has {actual} items, far more than expected"
TOO_DEEP = "what it returned is nested too deeply to be used again"
REFUSED_CALL = "the function that you were given can't be called with these arguments"
DOES_NOT_HOLD = "{told}, for which the check does not hold"
DOES_NOT_HOLD_ALONE = "the check does not hold"
WRONG_DEVICE = "{told} on {actual}, expected on {expected}, where its arguments are"
TRANSFER = "{told} it copied one of them to the CPU ({event}): each such copy waits for the device"
READ = "{told} it read numbers back ({event}): that waits for the device. A test such as `if norm == 0` may stay"
CPU_ARRAY = (
    "{told} it combined them with an array on the CPU ({event}). Make new ones where the old are: `x.new_zeros(n)`"
)
UNTRIED = "{told} it used {event}, which can't be tried without an accelerator. Is there another way?"
LEFT_BEHIND = "{told} it returned something on the CPU ({event}), expected all of it on the device of the arguments"
OTHER_DTYPE = "{told} it returned {event} elements, expected {dtype} as in the arguments"
OTHER_SHAPE = "{told} it returned {event}"
LOOPS = "{told} it took {event}: all problems at once are asked for, in one call, without a loop"
RAISED_THERE = "{told} it raised {event}"
ON_ACCELERATOR = "called {name} with {dtype} arrays on an accelerator,"
UNTOLD = "called {name} with arrays on an accelerator, and what it did can't be told"
BROKEN = "The check itself broke, and your instructor has been told. Nobody's points depend on it."
NEEDS_GPU = "Not graded: this check needs an accelerator."
CLAIM_ALONE = "Counts as soon as a check of this exercise that compares values passes too."


def sanitise(text: str, limit: int = VALUE_LIMIT) -> str:
    """``text`` in one line: capped, everything that isn't printable escaped."""
    kept = text if len(text) <= limit else text[:limit]
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in kept)
    return safe if len(safe) <= limit and len(text) <= limit else safe[: limit - 1] + "…"


def show(value: Any, limit: int = VALUE_LIMIT) -> str:
    """``value`` much as Python writes it, in one capped line; never runs code of the value, never takes long."""
    return sanitise(_show(value, 0), limit)


def kind(value: Any) -> str:
    """What sort of thing ``value`` is, with its article: ``an array``, ``a list``, ``None``."""
    if value is None:
        return "None"
    if type(value) is Outline:
        return f"an array of shape {tuple('k' if length is None else length for length in value.shape)}"
    if type(value) is Handle:
        return "a function" if value.callable else f"an object of type {sanitise(str(value.type_name), 60)}"
    if type(value) is np.ndarray:
        return "an array" if value.dtype.kind in "biufc" else f"an array of {_family(value.dtype)}"
    for name, types in _KINDS.items():
        if type(value) in types or (isinstance(value, np.generic) and isinstance(value, types)):
            return name
    return f"an object of type {sanitise(type(value).__name__, 60)}"


_KINDS: dict[str, tuple[type, ...]] = {
    "a truth value": (bool, np.bool_),
    "a number": (int, float, np.integer, np.floating),
    "a complex number": (complex, np.complexfloating),
    "a string": (str, np.str_),
    "a byte string": (bytes, np.bytes_),
    "a tuple": (tuple,),
    "a list": (list,),
    "a dict": (dict,),
}


_BRACKETS: dict[type, tuple[str, str]] = {tuple: ("(", ")"), list: ("[", "]"), dict: ("{", "}")}


def error_names(names: Iterable[str]) -> str:
    """``a ValueError``, ``a ValueError or a LinAlgError``."""
    return " or ".join(f"{'an' if name[:1] in 'AEIOU' else 'a'} {name}" for name in names)


def path_text(path: tuple[Any, ...]) -> str:
    """``[0]['u']``."""
    return "".join(f"[{show(key, 60)}]" for key in path)


def _family(dtype: np.dtype) -> str:
    return {"O": "objects", "U": "strings", "S": "byte strings", "T": "strings"}.get(dtype.kind, "records or dates")


def _show(value: Any, depth: int) -> str:
    if type(value) is np.ndarray:
        return _show_array(value)
    if isinstance(value, np.generic):
        plain = value.dtype.kind in "biufcUS" and value.dtype.itemsize <= 4096
        return _show(value.item(), depth) if plain and not isinstance(value.item(), np.generic) else str(kind(value))
    if type(value) is str or type(value) is bytes:
        return repr(value[:VALUE_LIMIT]) + ("…" if len(value) > VALUE_LIMIT else "")
    if type(value) is int and value.bit_length() > _INTEGER_BITS:
        return f"an integer of {value.bit_length()} bits"
    if value is None or type(value) in (bool, int, float, complex):
        return repr(value)
    if type(value) in (tuple, list, dict):
        return _show_items(value, depth)
    return "<function>" if type(value) is not Handle and callable(value) else kind(value)


def _show_items(value: tuple | list | dict, depth: int) -> str:
    opening, closing = _BRACKETS[type(value)]
    if depth == _DEPTH and value:
        return f"{opening}…{closing}"
    if isinstance(value, dict):
        items = [f"{_show(k, depth + 1)}: {_show(v, depth + 1)}" for k, v in _first(value.items())]
    else:
        items = [_show(item, depth + 1) for item in _first(value)]
    more = ["…"] if len(value) > _ITEMS else []
    comma = "," if isinstance(value, tuple) and len(value) == 1 else ""
    return opening + ", ".join(items + more) + comma + closing


def _first(items: Iterable[Any]) -> list[Any]:
    return list(islice(items, _ITEMS))


def _show_array(array: np.ndarray) -> str:
    if array.dtype.kind not in "biufc":
        return f"{kind(array)} of shape {array.shape}"
    dtype = "" if array.dtype in (np.float64, np.int64, np.bool_) else f", dtype={array.dtype}"
    if array.size <= _ENTRIES and array.ndim <= _DEPTH:
        return f"array({_entries(array)}{dtype})"
    return f"array({_entries(array.flat[:4])[:-1]}, …], shape={array.shape}{dtype})"


def _entries(array: np.ndarray) -> str:
    plain: Any = {"float_kind": _float}
    text = np.array2string(array, separator=", ", max_line_width=10**6, threshold=10**6, formatter=plain)
    return " ".join(text.split()).replace("[ ", "[")


def _float(number: float) -> str:
    """Eight digits, as numpy writes them, without padding."""
    text = f"{number:.8g}"
    return f"{text}." if text.lstrip("-").isdigit() else text
