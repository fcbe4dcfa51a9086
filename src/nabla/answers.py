"""What comes back from a student's function, as plain data.

A leaf: both the room that talks to the sandbox and the room that judges know these types and nothing of each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Handle:
    """A function or object that stays with the student's process; only its number crosses the border."""

    number: int
    type_name: str
    callable: bool


@dataclass(frozen=True)
class RemoteError:
    """An exception raised by student code: class names along the MRO (most derived first) and capped text."""

    names: tuple[str, ...]
    message: str
    traceback: str = ""


@dataclass(frozen=True)
class Reply:
    """One answered question.

    ``value`` is decoded data (numpy arrays, Python numbers, strings, tuples, lists, dicts, ``None``, `Handle`).
    ``arguments`` holds the positional arguments as the student's process says they are after the call, and ``claims``
    what it says of the value (``type``, ``dtype``, ``device``, ``framework``): both can be forged.
    """

    value: Any = None
    error: RemoteError | None = None
    arguments: tuple[Any, ...] | None = None
    claims: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outline:
    """An array without numbers. ``None`` in its shape: the length of a batch."""

    shape: tuple[int | None, ...]


class QuestionLost(Exception):
    """The student's process gave no usable answer: it hung, died, used up a limit or broke the protocol.

    ``kind``: ``timeout``, ``crash``, ``memory``, ``output``, ``disk``, ``malformed``, ``too_large`` or ``budget``.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(kind, message)  # both, or another process could not read it back
        self.kind = kind

    def __str__(self) -> str:
        return str(self.args[1])


class Session(Protocol):
    """One submission in its sandbox, as the judge sees it."""

    def call(
        self,
        target: str | Handle,
        arguments: tuple[Any, ...] = (),
        keywords: Mapping[str, Any] | None = None,
        *,
        seconds: float | None = None,
    ) -> Reply:
        """The reply of the student's function ``target`` (a name in the notebook, or a handle).

        Arguments are Python data, numpy arrays (they arrive as the edition's own array type), `Handle`s, and Python
        callables: those stay with the judge, and the student's code gets a stand-in that calls back over the wire.
        Raises `QuestionLost`. A name that doesn't exist is a `Reply` whose error is ``NameError``.
        """
        ...

    def rehearse(
        self,
        target: str,
        arguments: tuple[Any, ...],
        *,
        batches: tuple[int, ...],
        dtypes: tuple[str, ...],
        seconds: float | None = None,
    ) -> Reply:
        """What the student's function ``target`` does on an accelerator that isn't there; `Outline`s become its arrays.

        The value is a list with a dict for each run (`nabla.sandbox.runner.rehearsal`), every word of it a claim.
        Raises `QuestionLost`.
        """
        ...


class Accelerator(Protocol):
    """The device for checks that need one, and the submission on it."""

    @property
    def name(self) -> str:
        """The device as the framework calls it, without a number: ``cuda``."""
        ...

    def session(self) -> Session:
        """The submission, run once more where the device is; its functions get arrays there."""
        ...
