"""The reference solutions, which must get all points, and the untouched release, which must get none."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from nabla.grading.planting import solved, untouched
from nabla.grading.verify.bench import Bench, Planned, failures
from nabla.grading.verify.trials import Verdicts
from nabla.notebook.editions import Edition, has_editions


def plan(bench: Bench) -> Iterator[Planned]:
    """Both, in every language; in another framework's edition in one, for languages have the same code."""
    for language in ("en", "ja") if bench.is_own and has_editions(bench.source) else (bench.edition.language,):
        edition = Edition(language, bench.edition.framework)
        full = solved(bench.source, edition, bench.course)
        stub = untouched(bench.source, edition, bench.course)
        then_full = functools.partial(_all_points, bench, language)
        then_stub = functools.partial(_no_points, bench, language)
        yield bench.try_notebook(f"reference solutions ({language})", full, then_full, language=language)
        yield bench.try_notebook(f"untouched release ({language})", stub, then_stub, language=language)


def _all_points(bench: Bench, language: str, found: Verdicts) -> None:
    for name, record in bench.records.items():
        record.solution.append(found[name].score)
        if found[name].score != record.points:
            record.problems.append(f"the reference solution ({language}) {failures(found[name])}")


def _no_points(bench: Bench, language: str, found: Verdicts) -> None:
    for name, record in bench.records.items():
        record.untouched.append(found[name].score)
        if found[name].score != 0:
            record.problems.append(f"the untouched release ({language}) gets {found[name].score}")
