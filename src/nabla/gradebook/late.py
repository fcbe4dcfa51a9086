"""Late work: a penalty plug-in for nbgrader, and extensions for single students from ``nbgrader_config.py``.

Both doors use these: ``nbgrader autograde`` through `AssignLatePenalties`, ``nabla grade`` through `GradebookWriter`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Float
from traitlets.config import Config

from nabla.course import CourseError, Nabla

EVERY_ASSIGNMENT = "*"
_DAY = 86_400.0
_UNITS = ("weeks", "days", "hours", "minutes")


class LatePolicy(LateSubmissionPlugin):  # type: ignore[misc]  # nbgrader ships no types
    """score · min(at_most, per_day · begun days): ``c.AssignLatePenalties.plugin_class`` of a course with late days."""

    per_day = Float(0.1, help="share of the score that each begun day costs").tag(config=True)
    at_most = Float(1.0, help="no penalty is a larger share than this").tag(config=True)
    grace_minutes = Float(0.0, help="so much lateness costs nothing").tag(config=True)
    nothing_after_days = Float(math.inf, help="later than this, all points are lost").tag(config=True)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """Points to take away, or ``None`` within the grace.

        >>> LatePolicy(per_day=0.1).late_submission_penalty("ann", 20.0, 86_401)
        4.0
        """
        if total_seconds_late <= 60 * self.grace_minutes:
            return None
        days = total_seconds_late / _DAY
        if days > self.nothing_after_days:
            return float(score)
        return round(score * min(self.at_most, self.per_day * math.ceil(days)), 6)


class Extensions:
    """``c.Nabla.extensions``: ``{student: {assignment: days}}``, where ``"*"`` stands for every assignment.

    Instead of a number of days, ``{"hours": 36}`` (weeks, days, hours, minutes). Raises `CourseError` for all else.

    >>> Extensions({"ann": {"hessians": 2, "*": {"hours": 3}}}).of("ann", "hessians")
    datetime.timedelta(days=2)
    """

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = {student: _by_assignment(student, found) for student, found in given.items()}

    @classmethod
    def from_config(cls, config: Config) -> Extensions:
        """The extensions of the course that is configured like this."""
        return cls(Nabla(config=config).extensions)

    def of(self, student: str, assignment: str) -> timedelta | None:
        """How much longer ``student`` has, or ``None`` where the configuration doesn't say."""
        found = self._given.get(student, {})
        return found.get(assignment, found.get(EVERY_ASSIGNMENT))


def _by_assignment(student: str, found: Any) -> dict[str, timedelta]:
    if not isinstance(found, Mapping):
        raise _wrong(student, found)
    return {str(assignment): _duration(student, length) for assignment, length in found.items()}


def _duration(student: str, length: Any) -> timedelta:
    parts = length if isinstance(length, Mapping) else {"days": length}
    if not parts or set(parts) - set(_UNITS) or not all(_is_number(value) for value in parts.values()):
        raise _wrong(student, length)
    try:
        return timedelta(**parts)
    except OverflowError as error:
        raise _wrong(student, length) from error


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def _wrong(student: str, found: Any) -> CourseError:
    example = '{"ann": {"hessians": 2, "*": {"hours": 12}}}'
    return CourseError(f"c.Nabla.extensions[{student!r}]: {found!r} is no extension. Write it like {example}.")
