"""What is exported of a student: a grade for each assignment, and the total with the lowest ones dropped."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nabla.course import Course
from nabla.gradebook import ClassStandings, class_standings

TOTAL = "total"


@dataclass(frozen=True)
class ExportedGrade:
    """Points out of ``max_score``, late penalty taken away. ``open_points`` of them wait for a person."""

    score: float
    max_score: float
    open_points: float = 0.0
    dropped: tuple[str, ...] = ()
    """Of a total: the assignments that don't count."""


@dataclass(frozen=True)
class ClassGrades:
    """The grades of a class by student and assignment; who handed nothing in has no grade there."""

    standings: ClassStandings
    assignments: tuple[str, ...]
    drop_lowest: int = 0

    @classmethod
    def of(cls, course: Course, names: Sequence[str] = ()) -> ClassGrades:
        """The grades of these assignments, or of all with a submission. Raises `CourseError` where there are none."""
        standings = class_standings(course.db_url)
        return cls(standings, standings.chosen(names), course.settings.drop_lowest)

    def grade(self, student: str, assignment: str) -> ExportedGrade | None:
        """The grade, or ``None`` where nothing was handed in."""
        if assignment == TOTAL:
            return self.total(student)
        standing = self.standings.submissions.get((student, assignment))
        if standing is None:
            return None
        return ExportedGrade(standing.score, self.max_score(assignment), standing.open_points)

    def max_score(self, assignment: str) -> float:
        """The points of an assignment."""
        return self.standings.assignments[assignment].max_score

    def total(self, student: str) -> ExportedGrade:
        """The sum over the assignments that count; what wasn't handed in counts zero, and is dropped first."""
        grades = {
            name: self.grade(student, name) or ExportedGrade(0.0, self.max_score(name)) for name in self.assignments
        }
        dropped = lowest(grades, self.drop_lowest)
        counted = [grade for name, grade in grades.items() if name not in dropped]
        return ExportedGrade(
            score=math.fsum(grade.score for grade in counted),
            max_score=math.fsum(grade.max_score for grade in counted),
            open_points=math.fsum(grade.open_points for grade in grades.values()),
            dropped=dropped,
        )


def lowest(grades: Mapping[str, ExportedGrade], number: int) -> tuple[str, ...]:
    """The ``number`` assignments with the lowest share of their points, at least one is kept.

    Of equal shares the assignment with more points goes, then the later one: the order never depends on chance.

    >>> lowest({"a": ExportedGrade(5, 10), "b": ExportedGrade(9, 20), "c": ExportedGrade(1, 1)}, 1)
    ('b',)
    """
    worth = [name for name, grade in grades.items() if grade.max_score > 0]
    places = {name: place for place, name in enumerate(worth)}

    def rank(name: str) -> tuple[float, float, int]:
        grade = grades[name]
        return grade.score / grade.max_score, -grade.max_score, -places[name]

    going = sorted(worth, key=rank)[: max(0, min(number, len(worth) - 1))]
    return tuple(sorted(going, key=places.__getitem__))
