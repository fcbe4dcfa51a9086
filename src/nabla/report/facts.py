"""What a class understood, as numbers: from the gradebook (scores) and the stored verdicts (checks, wrong answers).

Plain data for the page; knows nothing of how it is shown.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nabla.course import Course
from nabla.gradebook import AssignmentFacts, CellGrade, ClassStandings, Standing, class_standings
from nabla.grading.record import stored_verdicts
from nabla.verdicts import CheckVerdict

BINS = 10


@dataclass(frozen=True)
class CheckFacts:
    """How often one check was failed."""

    name: str
    title: str
    failed: int
    asked: int

    @property
    def rate(self) -> float:
        """Share of those asked who failed."""
        return self.failed / self.asked if self.asked else 0.0


@dataclass(frozen=True)
class WrongAnswer:
    """A named misconception and how many gave it; ``hints`` in each language that was used."""

    exercise: str
    name: str
    count: int
    hints: tuple[str, ...]


@dataclass(frozen=True)
class ExerciseFacts:
    """One graded cell over the class. ``full + some + none + open`` are all that were handed in."""

    id: str
    max_score: float
    full: int
    some: int
    none: int
    open: int
    mean: float | None
    checks: tuple[CheckFacts, ...] = ()
    unnamed: int = 0
    """Students who failed a check in a way that no named wrong answer explains."""
    is_test: bool = True

    @property
    def judged(self) -> int:
        """How many have a score."""
        return self.full + self.some + self.none


@dataclass(frozen=True)
class AssignmentReport:
    """One assignment over the class."""

    name: str
    max_score: float
    scores: tuple[float, ...]
    """Scores of all that have a full verdict, late penalties taken away, lowest first."""
    histogram: tuple[int, ...]
    exercises: tuple[ExerciseFacts, ...]
    wrong_answers: tuple[WrongAnswer, ...]
    missing: tuple[str, ...]
    ungraded: Mapping[str, str]
    """Student and why there is no full verdict."""
    late: int = 0
    open_submissions: int = 0
    """Submissions with written answers that nobody has marked."""

    @property
    def handed_in(self) -> int:
        """Submissions, graded or not."""
        return len(self.scores) + len(self.ungraded)

    @property
    def mean(self) -> float | None:
        """Mean score."""
        return statistics.fmean(self.scores) if self.scores else None

    @property
    def median(self) -> float | None:
        """Median score."""
        return statistics.median(self.scores) if self.scores else None


@dataclass
class _Tally:
    """What the verdicts say of one exercise."""

    failed: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    titles: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, set[str]] = field(default_factory=dict)
    hints: dict[str, Counter[str]] = field(default_factory=dict)
    unnamed: set[str] = field(default_factory=set)

    def add(self, student: str, checks: Iterable[CheckVerdict]) -> None:
        failing = [check for check in checks if check.outcome == "failed"]
        for check in checks:
            if check.outcome in ("passed", "failed"):
                self.asked[check.name] += 1
                self.failed[check.name] += check.outcome == "failed"
                self.titles[check.name] = check.title or check.name.removeprefix("test_").replace("_", " ")
        named = [check for check in failing if check.wrong_answer]
        for check in named:
            self.wrong.setdefault(check.wrong_answer, set()).add(student)
            if check.hint:
                self.hints.setdefault(check.wrong_answer, Counter())[check.hint] += 1
        if failing and not named:
            self.unnamed.add(student)


def class_report(course: Course, names: Sequence[str] = (), roster: Iterable[str] = ()) -> list[AssignmentReport]:
    """A report for each of ``names``, or for everything that was graded. ``roster`` adds who should have handed in.

    Raises `CourseError` where nothing is graded, `GradebookError` where there is no gradebook.
    """
    standings = class_standings(course.db_url)
    graded = {assignment for _, assignment in standings.submissions}
    chosen = [name for name in standings.chosen(names) if name in graded]
    people = {*standings.students, *roster}
    return [_assignment(course, standings, standings.assignments[name], people) for name in chosen]


def _assignment(
    course: Course, standings: ClassStandings, facts: AssignmentFacts, people: set[str]
) -> AssignmentReport:
    found = {student: standing for (student, name), standing in standings.submissions.items() if name == facts.name}
    ungraded = {student: _no_verdict(standing) for student, standing in found.items() if _no_verdict(standing)}
    ungraded |= {
        student: "handed in, and not graded yet: nabla grade"
        for student in _submitted(course, facts.name)
        if student not in found
    }
    graded = {student: standing for student, standing in found.items() if student not in ungraded}
    tallies = _tallies(course, facts.name, found)
    scores = sorted(standing.score for standing in graded.values())
    return AssignmentReport(
        name=facts.name,
        max_score=facts.max_score,
        scores=tuple(scores),
        histogram=histogram(scores, facts.max_score),
        exercises=_exercises(found.values(), tallies),
        wrong_answers=_wrong_answers(tallies),
        missing=tuple(sorted(people - found.keys() - ungraded.keys())),
        ungraded=dict(sorted(ungraded.items())),
        late=sum(standing.penalty > 0 for standing in found.values()),
        open_submissions=sum(_is_unmarked(standing) for standing in graded.values()),
    )


def histogram(scores: Sequence[float], most: float) -> tuple[int, ...]:
    """How many scores lie in each tenth of the points; full marks belong to the last one.

    >>> histogram([0, 1, 9.9, 10], 10)
    (1, 1, 0, 0, 0, 0, 0, 0, 0, 2)
    """
    bins = [0] * BINS
    for score in scores:
        share = score / most if most else 0.0
        bins[min(BINS - 1, max(0, int(share * BINS + 1e-9)))] += 1
    return tuple(bins)


def _no_verdict(standing: Standing) -> str:
    """Why a submission has no full verdict; empty where it has one."""
    tests = [cell for cell in standing.cells if cell.is_test]
    lost = [cell.id for cell in tests if cell.score is None]
    if not lost:
        return ""
    if len(lost) == len(tests):
        return "nothing of it could be graded; nabla grade --student … says why"
    return f"no verdict for {', '.join(lost)}; mark by hand, or grade again"


def _is_unmarked(standing: Standing) -> bool:
    return any(cell.is_open and not cell.is_test for cell in standing.cells)


def _submitted(course: Course, assignment: str) -> list[str]:
    folder = course.folder("submitted")
    names = [path.name for path in folder.iterdir() if not path.name.startswith(".")] if folder.is_dir() else []
    return sorted(name for name in names if (folder / name / assignment).is_dir())


def _tallies(course: Course, assignment: str, standings: Mapping[str, Standing]) -> dict[str, _Tally]:
    """By exercise. An old verdict of work that has none now doesn't count."""
    found: dict[str, _Tally] = {}  # in the order of the notebook
    cells = ((student, cell) for student, standing in standings.items() for cell in standing.cells)
    scored = {(student, cell.id) for student, cell in cells if cell.score is not None}
    for student, verdict in stored_verdicts(course.root, assignment):
        for exercise in verdict.exercises:
            if (student, exercise.id) in scored:
                found.setdefault(exercise.id, _Tally()).add(student, exercise.checks)
    return found


def _exercises(standings: Iterable[Standing], tallies: Mapping[str, _Tally]) -> tuple[ExerciseFacts, ...]:
    cells: dict[str, list[CellGrade]] = {name: [] for name in tallies}
    for standing in standings:
        for cell in standing.cells:
            cells.setdefault(cell.id, []).append(cell)
    found = []
    for name, same in ((name, same) for name, same in cells.items() if same):
        scores = [cell.score for cell in same if cell.score is not None]
        most, tally = same[0].max_score, tallies.get(name, _Tally())
        full = sum(score >= most for score in scores)
        none = sum(score <= 0 < most for score in scores)
        found.append(
            ExerciseFacts(
                id=name,
                max_score=most,
                full=full,
                some=len(scores) - full - none,
                none=none,
                open=len(same) - len(scores),
                mean=statistics.fmean(scores) / most if scores and most else None,
                checks=_checks(tally),
                unnamed=len(tally.unnamed),
                is_test=same[0].is_test,
            )
        )
    return tuple(found)


def _checks(tally: _Tally) -> tuple[CheckFacts, ...]:
    made = [CheckFacts(name, tally.titles[name], tally.failed[name], asked) for name, asked in tally.asked.items()]
    return tuple(sorted(made, key=lambda check: (-check.rate, check.name)))


def _wrong_answers(tallies: Mapping[str, _Tally]) -> tuple[WrongAnswer, ...]:
    made = [
        WrongAnswer(exercise, name, len(students), _usual_hints(tally, name))
        for exercise, tally in tallies.items()
        for name, students in tally.wrong.items()
    ]
    return tuple(sorted(made, key=lambda wrong: (-wrong.count, wrong.exercise, wrong.name)))


def _usual_hints(tally: _Tally, wrong_answer: str) -> tuple[str, ...]:
    """At most two: one in each language of the class."""
    return tuple(hint for hint, _ in tally.hints.get(wrong_answer, Counter()).most_common(2))


def class_size(reports: Sequence[AssignmentReport]) -> int:
    """How many people the class has, as far as any of ``reports`` knows."""
    return max((report.handed_in + len(report.missing) for report in reports), default=0)
