"""What one call of a student's function gave, for the check that asked: data that may be anything at all.

Whatever a check does with an `Answer` by its methods, indexing, numpy or arithmetic works or is a `CheckFailed`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from nabla.answers import Handle
from nabla.checks import messages
from nabla.checks.failure import CheckFailed

if TYPE_CHECKING:
    from nabla.checks.examination import Examination

_MOST_ITEMS = 10_000
"""A loop over an answer runs in the judge: no answer may make it a long one."""

_UNUSABLE = (IndexError, KeyError, TypeError, ValueError, OverflowError)


@dataclass(frozen=True, eq=False)
class Call:
    """One question to the submission, with copies of what was sent as it was then. Prints as Python would write it."""

    name: str
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]
    parent: Answer | None = None
    """The returned function that was called, where it wasn't one of the notebook's own."""

    def __str__(self) -> str:
        given = [messages.show(value) for value in self.arguments]
        given += [f"{name}={messages.show(value)}" for name, value in self.keywords.items()]
        target = self.name if self.parent is None else f"{self.parent.call}{messages.path_text(self.parent.path)}"
        return messages.sanitise(f"{target}({', '.join(given)})", 2 * messages.VALUE_LIMIT)


class Answer(NDArrayOperatorsMixin):
    """A value with the call that it came from; indexing and iteration give the answers inside it."""

    __slots__ = ("_value", "arguments_after", "call", "claims", "examination", "path", "source")
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        value: Any,
        *,
        call: Call | None = None,
        path: tuple[Any, ...] = (),
        claims: Mapping[str, Any] | None = None,
        arguments_after: tuple[Any, ...] | None = None,
        examination: Examination | None = None,
        source: str = "the value is",
    ) -> None:
        self._value = value
        self.call = call
        self.path = path
        self.claims = claims or {}
        self.arguments_after = arguments_after
        self.examination = examination
        self.source = source

    @property
    def value(self) -> Any:
        """The raw data. It may be anything: a check that computes with it must look at its type first."""
        self._used()
        return self._value

    def peek(self) -> Any:
        """The raw data, for the engine: reading it doesn't make a check one of values."""
        return self._value

    def child(self, value: Any, *keys: Any) -> Answer:
        """The answer for the item under ``keys``, whose data are ``value``."""
        return Answer(value, call=self.call, path=(*self.path, *keys), examination=self.examination, source=self.source)

    def told(self, value: str | None = None) -> str:
        """``called f(1), it returned 2``, or with the words ``value`` in the place of 2."""
        value = messages.show(self._value) if value is None else value
        if self.call is None:
            return messages.GIVEN.format(source=self.source, value=value)
        if self.path:
            return messages.PART.format(call=self.call, path=messages.path_text(self.path), value=value)
        return messages.RETURNED.format(call=self.call, value=value)

    def array(self, shape: tuple[int, ...] | None = None) -> np.ndarray:
        """A finite array of real numbers of this ``shape``; anything else is a `CheckFailed`."""
        self._used()
        return self.shaped(shape)

    def shaped(self, shape: tuple[int, ...] | None = None) -> np.ndarray:
        """As `array`, for the engine: a look at the shape doesn't make a check one of values."""
        array = self._real()
        if shape is not None and array.shape != tuple(shape):
            raise CheckFailed(messages.OF_SHAPE.format(told=self.told(), actual=array.shape, expected=tuple(shape)))
        return array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self.array().astype(dtype) if dtype is not None else self.array()

    def __float__(self) -> float:
        self._used()
        if np.shape(self._value if type(self._value) is np.ndarray else 0) != ():
            self._unexpected("a number")
        return float(self._real("a number"))

    def __int__(self) -> int:
        if type(self._value) is int:
            self._used()
            return self._value
        number = float(self)
        if number != math.floor(number):
            self._unexpected("a whole number")
        return int(number)

    def __bool__(self) -> bool:
        self._used()
        value = self._value
        flat = type(value) is np.ndarray and value.shape == () and value.dtype.kind == "b"
        if not flat and not isinstance(value, bool | np.bool_):
            self._unexpected("True or False")
        return bool(value)

    def __len__(self) -> int:
        value = self._value
        sized = value.ndim > 0 if type(value) is np.ndarray else type(value) in (tuple, list, dict)
        if not sized:
            self._unexpected("an array or a tuple")
        return len(value)

    def __iter__(self) -> Iterator[Answer]:
        count = len(self)
        if count > _MOST_ITEMS:
            self._fail(messages.TOO_MANY.format(told=self.told(), actual=count))
        if self.examination is not None:
            self.examination.unpacked = self
        if type(self._value) is dict:
            return (self.child(key, key) for key in self._value)
        return (self.child(self._value[index], index) for index in range(count))

    def __getitem__(self, key: Any) -> Answer:
        if type(self._value) not in (tuple, list, dict, np.ndarray):
            self._unexpected("an array or a tuple")
        try:
            return self.child(self._value[key], key)
        except _UNUSABLE:
            raise CheckFailed(messages.NO_ITEM.format(told=self.told(), key=messages.show(key))) from None

    def __call__(self, *arguments: Any, **keywords: Any) -> Answer:
        """Calls the function that the student's function returned."""
        if type(self._value) is not Handle or not self._value.callable or self.examination is None:
            self._unexpected("a function")
        return self.examination.ask(self._value, "", self, arguments, keywords)

    def __eq__(self, other: object) -> bool:
        raise TypeError("compare answers with assert_close, assert_equal or assert_one_of, not with ==")

    def __ne__(self, other: object) -> bool:
        raise TypeError("compare answers with assert_close, assert_equal or assert_one_of, not with !=")

    def __repr__(self) -> str:
        return messages.show(self._value)

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        return self._computed(getattr(ufunc, method), inputs, keywords)

    def __array_function__(self, function: Callable[..., Any], types: Any, arguments: Any, keywords: Any) -> Any:
        return self._computed(function, arguments, keywords)

    def _computed(self, function: Callable[..., Any], arguments: Any, keywords: Any) -> Any:
        arguments, keywords = _plain(tuple(arguments)), _plain(dict(keywords))
        try:
            with np.errstate(all="ignore"):
                result = function(*arguments, **keywords)
        except (*_UNUSABLE, ArithmeticError, np.linalg.LinAlgError, MemoryError):
            self._fail(messages.CANNOT_COMBINE.format(told=self.told()))
        numeric = isinstance(result, np.ndarray | np.generic) and result.dtype.kind in "fc"
        if numeric and not np.all(np.isfinite(result)):
            self._fail(messages.CANNOT_COMBINE.format(told=self.told()))
        return result

    def _real(self, expected: str = "an array") -> np.ndarray:
        value = self._value
        if type(value) is np.ndarray or isinstance(value, np.generic):
            if value.dtype.kind not in "iuf":
                self._unexpected(expected)
            array = np.array(value)
        elif type(value) in (int, float):
            array = self._number(value)
        else:
            self._unexpected(expected)
        if not np.all(np.isfinite(array)):
            self._fail(messages.NOT_FINITE.format(told=self.told()))
        return array

    def _number(self, value: int | float) -> np.ndarray:
        try:
            return np.array(float(value))
        except OverflowError:
            self._fail(messages.TOO_LARGE.format(told=self.told()))

    def _used(self) -> None:
        if self.examination is not None:
            self.examination.values_used += 1

    def _unexpected(self, expected: str) -> NoReturn:
        raise CheckFailed(unexpected(self, expected))

    def _fail(self, message: str) -> NoReturn:
        raise CheckFailed(message) from None


def unexpected(answer: Answer, expected: str) -> str:
    """``called f(1), it returned a list, expected an array (it was [1.0, 2.0])``."""
    value = answer.peek()
    problem = messages.EXPECTED.format(told=answer.told(messages.kind(value)), expected=expected)
    if value is None or messages.kind(value) == messages.show(value):
        return problem
    return messages.WAS.format(problem=problem, value=messages.show(value))


def _plain(value: Any) -> Any:
    """``value`` with arrays in the places of answers."""
    if isinstance(value, Answer):
        return value.array()
    if type(value) in (tuple, list):
        return type(value)(_plain(item) for item in value)
    return {key: _plain(item) for key, item in value.items()} if type(value) is dict else value
