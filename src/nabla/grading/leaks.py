"""What must never lie in a release, and whether it does: on the bytes, by a reader of its own.

Uses none of nbgrader's clearing code, so a mistake there is seen here. Knows nothing of submissions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nabla.course import Course

MARKERS = (
    "BEGIN SOLUTION",
    "END SOLUTION",
    "HIDDEN TESTS",
    "MARK SCHEME",
    "grader_tests",
    "from nabla",
    "import nabla",
)
REGION = re.compile(
    r"^[^\n]*BEGIN (?P<kind>SOLUTION|HIDDEN TESTS|MARK SCHEME)[^\n]*\n(?P<text>.*?)^[^\n]*END (?P=kind)", re.M | re.S
)
SHORTEST_LINE = 24
"""A shorter line (``return x``) may stand in a worked example too; whole blocks are searched whatever their length."""


@dataclass(frozen=True)
class Secret:
    """Lines that give something away, and where they come from."""

    where: str
    lines: tuple[str, ...]


def secrets(course: Course, assignment: str) -> list[Secret]:
    """Solutions, hidden tests and mark schemes in the source, and everything in the assignment's grader tests."""
    found = list(_source_secrets(course.folder("source") / assignment))
    tests = course.grader_tests
    for path in [tests / f"test_{assignment}.py", *sorted((tests / "wrong" / assignment).glob("**/*.py"))]:
        if path.is_file():
            lines = _lines(path.read_text(encoding="utf-8"))
            found.append(
                Secret(str(path.relative_to(course.root)), tuple(line for line in lines if not _is_import(line)))
            )
    return found


def find_leaks(folder: Path, hidden: Iterable[Secret]) -> list[str]:
    """One sentence for each secret or marker found in the files of ``folder``; empty: nothing leaks."""
    hidden = list(hidden)
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        raw = path.read_bytes().decode("utf-8", "replace")
        name = path.relative_to(folder)
        found += [f"{name}: contains {marker!r}" for marker in MARKERS if marker in raw]
        shown = _lines(_text_of(path, raw))
        found += [f"{name}: {why}" for secret in hidden for why in _told(secret, shown)]
    return found


def _source_secrets(folder: Path) -> Iterator[Secret]:
    for path in sorted(folder.rglob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", cell.get("id", "?"))
            for region in REGION.finditer(source):
                yield Secret(f"{region['kind'].lower()} of {grade_id}", tuple(_lines(region["text"])))


def _told(secret: Secret, shown: list[str]) -> Iterator[str]:
    """Why ``shown`` tells ``secret``: a telling line of it, or all of it."""
    present = set(shown)
    for line in secret.lines:
        if len(line) >= SHORTEST_LINE and line in present:
            yield f"shows a line of the {secret.where}: {line[:80]!r}"
            return
    size = len(secret.lines)
    if size > 1 and any(tuple(shown[start : start + size]) == secret.lines for start in range(len(shown) - size + 1)):
        yield f"shows the whole {secret.where}"


def _text_of(path: Path, raw: str) -> str:
    """All strings of a notebook (sources, outputs, metadata), one under the other; any other file as it is."""
    if path.suffix != ".ipynb":
        return raw
    return "\n".join(_strings(json.loads(raw)))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        yield "".join(value)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _lines(text: str) -> list[str]:
    """Non-empty lines with single spaces, so that indentation hides nothing."""
    return [line for line in (" ".join(raw.split()) for raw in text.splitlines()) if line]


def _is_import(line: str) -> bool:
    return line.startswith(("import ", "from ")) or line == '"""'
