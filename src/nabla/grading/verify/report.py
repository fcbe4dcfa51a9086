"""What the self-check found out. Knows nothing of how."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from nabla.checks import Margin

MOST_EQUIVALENT = 0.05
"""Share of all mutants that may be written down as equivalent: beyond it, excuses are easier than checks."""


@dataclass(frozen=True)
class MutantCount:
    """Mutants made of reference solutions: each is caught by a check, known as equivalent, or neither."""

    made: int = 0
    caught: int = 0
    equivalent: int = 0

    @property
    def too_many_equivalent(self) -> bool:
        """Whether more are excused than `MOST_EQUIVALENT` allows."""
        return self.equivalent > MOST_EQUIVALENT * self.made

    def __add__(self, other: MutantCount) -> MutantCount:
        return MutantCount(self.made + other.made, self.caught + other.caught, self.equivalent + other.equivalent)


@dataclass
class ExerciseRecord:
    """What was found out about one exercise; `problems` says what is wrong."""

    id: str
    points: float
    law_share: float = 0.0
    checks: int = 0
    solution: list[float | None] = field(default_factory=list)
    untouched: list[float | None] = field(default_factory=list)
    lazy: dict[str, float | None] = field(default_factory=dict)
    wrong_caught: int = 0
    wrong_known: int = 0
    mutants: MutantCount = MutantCount()
    margins: list[Margin] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def margin(self) -> float:
        """The smallest distance at which a check of values tells a wrong answer from the right one, in tolerances."""
        return min((margin.distance for margin in self.margins if margin.distance > 0), default=math.inf)


@dataclass
class Report:
    """One assignment's self-check, in one framework's edition: all of it, or ``only_answers`` were tried."""

    assignment: str
    exercises: list[ExerciseRecord] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    framework: str = ""
    only_answers: bool = False

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems and not any(exercise.problems for exercise in self.exercises)

    @property
    def mutants(self) -> MutantCount:
        """Those of all exercises together."""
        return total(exercise.mutants for exercise in self.exercises)


def total(counts: Iterable[MutantCount]) -> MutantCount:
    """The sum of all ``counts``."""
    return sum(counts, MutantCount())
