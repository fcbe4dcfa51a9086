"""What a student handed in, wherever it was found: the words that every source of submissions shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from nabla.classroom.roster import Person


@dataclass(frozen=True)
class Work:
    """The assignment's notebooks of one student as bytes by name, and when they were handed in (UTC), if known."""

    notebooks: Mapping[str, bytes]
    time: datetime | None = None
    remarks: tuple[str, ...] = ()


class NothingThere(Exception):
    """A student has handed nothing in, as far as this source knows; the message says why that is thought."""


class CannotCollect(Exception):
    """A student's work is there and can't be taken; the message says what is wrong and what to do."""


@dataclass(frozen=True)
class Window:
    """When work is due, and until when it is taken, for one student; all in UTC, without a time zone."""

    due: datetime | None = None
    until: datetime | None = None

    def longer(self, extension: timedelta | None) -> Window:
        """The window of a student who has more time."""
        more = extension or timedelta()
        return Window(self.due and self.due + more, self.until and self.until + more)

    def late_by(self, time: datetime | None) -> timedelta:
        """How much after the due time; zero where either isn't known."""
        if time is None or self.due is None:
            return timedelta()
        return max(timedelta(), time - self.due)


class Source(Protocol):
    """Where submissions come from."""

    def work(self, person: Person, window: Window) -> Work:
        """What ``person`` handed in. Raises `NothingThere` or `CannotCollect`."""
        ...

    def strangers(self, people: Sequence[Person]) -> list[str]:
        """What is there of nobody in the roster."""
        ...


@dataclass(frozen=True)
class Wanted:
    """What is looked for: an assignment's notebooks, and how large each may be."""

    assignment: str
    notebooks: tuple[str, ...]
    limit: int

    @property
    def files(self) -> tuple[str, ...]:
        """The notebooks' file names."""
        return tuple(f"{name}.ipynb" for name in self.notebooks)
