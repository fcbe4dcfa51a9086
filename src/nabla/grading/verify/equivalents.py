"""Mutants that a course's author knows to be right answers too, from ``grader_tests/equivalent/<assignment>.toml``.

An entry stands below its exercise and says which statement becomes which, and why it is right all the same::

    [[backward]]
    was = "plus, minus = (through_a + through_b, through_a - through_b)"
    becomes = "plus, minus = (through_b + through_a, through_a - through_b)"
    why = "A sum doesn't depend on the order."

Spaces, brackets and quotes may be as one likes. ``becomes`` may be a list. ``function`` where it isn't the exercise's
name, ``nth`` where statements are equal.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nabla.checks import CheckFileError
from nabla.grading.verify.mutants import normal

FOLDER = "equivalent"
_KINDS = {"was": str, "becomes": list, "why": str, "function": str, "nth": int}


@dataclass(frozen=True)
class Equivalent:
    """A mutant of ``exercise`` that is no mistake."""

    exercise: str
    was: str
    becomes: str
    why: str
    function: str
    nth: int = 1

    @property
    def name(self) -> tuple[str, str, str, int]:
        """As `nabla.grading.verify.mutants.Mutant.name`."""
        return self.function, normal(self.was), normal(self.becomes), self.nth


def equivalents(grader_tests: Path, assignment: str) -> dict[str, list[Equivalent]]:
    """The declared ones by exercise; none without a file. Raises `CheckFileError` for one that can't be read."""
    path = grader_tests / FOLDER / f"{assignment}.toml"
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CheckFileError(f"{path}: {error}. Correct it and try again.") from error
    return {
        exercise: [one for entry in _list(entries) for one in _entry(path, exercise, entry)]
        for exercise, entries in found.items()
    }


def _list(entries: Any) -> list:
    return entries if isinstance(entries, list) else [entries]


def _entry(path: Path, exercise: str, entry: Any) -> list[Equivalent]:
    fields: dict[str, Any] = dict(entry) if isinstance(entry, dict) else {}
    fields["becomes"] = _list(fields.get("becomes", ""))
    wrong = [f"{name} is not right" for name, value in fields.items() if type(value) is not _KINDS.get(name)]
    wrong += [f"{name} is missing" for name in ("was", "why") if not fields.get(name)]
    if not all(text and isinstance(text, str) for text in fields["becomes"]):
        wrong.append("becomes is missing")
    if wrong:
        raise CheckFileError(
            f"{path}: [[{exercise}]] takes was, becomes and why, and may have function (text) and nth (a number); "
            f"{', '.join(wrong)}."
        )
    becomes = fields.pop("becomes")
    return [Equivalent(**{"exercise": exercise, "function": exercise, **fields}, becomes=text) for text in becomes]
