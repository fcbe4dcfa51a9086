"""The mutants of the reference solutions: each must fail a check, or be known as a right answer too."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

from nabla.checks import messages
from nabla.grading.planting import independent_cells, solution_lines
from nabla.grading.verify.bench import Bench, Planned, failures
from nabla.grading.verify.equivalents import FOLDER, Equivalent, equivalents
from nabla.grading.verify.mutants import Mutant, mutants
from nabla.grading.verify.report import MutantCount
from nabla.grading.verify.rounds import rounds
from nabla.grading.verify.trials import Verdicts

Known = Mapping[str, Mapping[tuple, Equivalent]]
"""The declared equivalents by grade_id and name."""


def plan(bench: Bench) -> Iterator[Planned]:
    """One mutant of each exercise at a time. First the reference itself: within the same limits, it must get all."""
    yield bench.try_cells(
        "reference solutions, in a hurry", bench.alone, functools.partial(_fast_enough, bench), hurried=True
    )
    made = mutants_of(bench)
    known = _known(bench, made)
    for number, chosen in enumerate(rounds(made), start=1):
        cells = dict(bench.alone)
        for name, mutant in chosen.items():
            cell = bench.solution_cells[name]
            cells[cell] = independent_cells({**bench.reference, cell: mutant.source})[cell]
        then = functools.partial(_caught, bench, chosen, known)
        yield bench.try_cells(f"mutants, round {number}", cells, then, exercises=chosen, hurried=True)


def mutants_of(bench: Bench) -> dict[str, list[Mutant]]:
    """Those of each graded cell's solution, in what students don't get of it."""
    lines = solution_lines(bench.source, bench.edition)
    return {name: mutants(bench.reference[cell], lines[cell]) for name, cell in bench.solution_cells.items()}


def _fast_enough(bench: Bench, found: Verdicts) -> None:
    for name, verdict in found.items():
        record = bench.records[name]
        if verdict.score != record.points:
            record.problems.append(f"within the limits of a mutant the reference solution {failures(verdict)}")


def _known(bench: Bench, made: Mapping[str, list[Mutant]]) -> Known:
    """What is declared equivalent; where no such mutant is made, that is a problem."""
    known: dict[str, dict[tuple, Equivalent]] = {}
    for exercise, entries in equivalents(bench.course.grader_tests, bench.assignment).items():
        known[f"test_{exercise}"] = {entry.name: entry for entry in entries}
        names = {mutant.name for mutant in made.get(f"test_{exercise}", ())}
        bench.problems += [
            f"{FOLDER}/{bench.assignment}.toml: {exercise} has no mutant {_said(entry)}: take it out, or correct it"
            for entry in entries
            if entry.name not in names
        ]
    return known


def _caught(bench: Bench, chosen: Mapping[str, Mutant], known: Known, found: Verdicts) -> None:
    for name, mutant in chosen.items():
        record, verdict = bench.records[name], found[name]
        caught, equivalent = verdict.score != record.points, mutant.name in known.get(name, ())
        record.mutants += MutantCount(1, int(caught), int(equivalent and not caught))
        if caught and equivalent:
            record.problems.append(f"the mutant {_said(mutant)} is declared equivalent, but {failures(verdict)}")
        elif not caught and not equivalent:
            record.problems.append(f"the mutant {_said(mutant)} passes all checks")
        record.problems += [
            f"{check.name} itself breaks on the mutant {_said(mutant)}, with an exception of its own"
            for check in verdict.checks
            if check.outcome == "error" and check.message == messages.BROKEN
        ]


def _said(mutant: Mutant | Equivalent) -> str:
    place = mutant.function + (f", no. {mutant.nth}" if mutant.nth > 1 else "")
    return f"`{mutant.was}` → `{mutant.becomes}` (in {place})"
