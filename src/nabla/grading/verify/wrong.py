"""The wrong answers of a course: each must fail exactly the checks that it names."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

from nabla.checks import WrongAnswer
from nabla.grading.planting import planted
from nabla.grading.verify.bench import Bench, Planned
from nabla.grading.verify.rounds import rounds
from nabla.grading.verify.trials import Verdicts
from nabla.verdicts import ExerciseVerdict


def plan(bench: Bench) -> Iterator[Planned]:
    """All of them, one of each exercise at a time: solutions are independent, so they don't meet."""
    known = bench.judge.wrong_answers if bench.judge else {}
    todo = {
        name: [answer for answer in known.get(name, ()) if _can_stand(bench, name, answer)] for name in bench.records
    }
    for name, record in bench.records.items():
        record.wrong_known = len(todo[name])
        if not known.get(name):
            record.problems.append("no wrong answer is known: write one, so that its checks are tested")
    for number, chosen in enumerate(rounds(todo), start=1):
        cells = dict(bench.alone)
        for name, answer in chosen.items():
            cell = bench.solution_cells[name]
            cells[cell] = planted(cells[cell], answer.function, answer.source, answer.name, framework=answer.framework)
        then = functools.partial(_as_declared, bench, chosen)
        yield bench.try_cells(f"wrong answers, round {number}", cells, then, exercises=chosen)


def _can_stand(bench: Bench, name: str, answer: WrongAnswer) -> bool:
    """Whether ``answer`` can occur in this edition; one without a solution cell to stand in is a problem."""
    if name not in bench.solution_cells:
        bench.records[name].problems.append(f"wrong answer {answer.name}: there is no solution cell for it")
        return False
    return answer.occurs_in(bench.edition.framework)


def _as_declared(bench: Bench, chosen: Mapping[str, WrongAnswer], found: Verdicts) -> None:
    for name, answer in chosen.items():
        problem = _unlike_declared(_expected(bench, name, answer), found[name])
        bench.records[name].problems += [f"wrong answer {answer.name} {problem}"] if problem else []
        bench.records[name].wrong_caught += not problem


def _expected(bench: Bench, name: str, answer: WrongAnswer) -> frozenset[str]:
    assert bench.judge is not None
    return bench.judge.exercises[name].failed_by(answer, bench.edition.framework)


def _unlike_declared(expected: frozenset[str], verdict: ExerciseVerdict) -> str:
    """What the checks did other than it is declared; empty where nothing."""
    failed = {check.name for check in verdict.checks if check.outcome in ("failed", "error")}
    missed = sorted(expected - failed)
    parts = [f"passes {', '.join(missed)}"] if missed else []
    parts += [f"fails {c.name} too ({c.message})" for c in verdict.checks if c.name in failed - expected]
    return "; ".join(parts)
