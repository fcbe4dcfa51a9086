"""Puts each student's result into their repository, on a branch of its own. The gradebook counts; this is a copy.

Takes what was read of a result (`results.reading`): who somebody is and where the repository lies is the roster's word.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nabla.classroom.git import GitError, emptied, hidden
from nabla.classroom.repositories import address_of
from nabla.classroom.results.reading import Published, read_result, strangers
from nabla.classroom.results.summary import summary_text
from nabla.classroom.roster import Person, why_no_id
from nabla.course import CourseError

BRANCH = "grades"
HEADER = ("assignment", "deadline", "address")
README = "# Results\n\nA file for each assignment. What counts is your instructor's gradebook; this is a copy of it.\n"
_AT_ONCE = 4

State = Literal["published", "unchanged", "no repository", "failed"]


@dataclass(frozen=True)
class Copy:
    """What became of one result on its way."""

    student: str
    assignment: str
    state: State
    reason: str = ""


def read_addresses(path: Path) -> dict[str, str]:
    """Where the repositories of each assignment are, by its name: the file that also says what to collect.

    Raises `CourseError`.
    """
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CourseError(f"{path}: can't be read ({error}). Name the file of assignments.") from error
    if not rows or tuple(cell.strip() for cell in rows[0]) != HEADER:
        raise CourseError(f"{path}: its first line isn't '{','.join(HEADER)}'.")
    found = {}
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(HEADER):
            raise CourseError(f"{path}, entry {number}: not three columns. It needs {','.join(HEADER)}.")
        if why_no_id(row[0]):
            raise CourseError(f"{path}, entry {number}: {row[0][:40]!r} is no name of an assignment. Correct it.")
        found[row[0]] = row[2].strip()
    return found


def publish(result: Path, people: Sequence[Person], addresses: Mapping[str, str]) -> list[Copy]:
    """A copy of each result for each of ``people``; one that fails doesn't stop the others.

    Raises `CourseError`, with nothing published, where the file is no result or says something of anybody else.
    """
    known = {person.student: person for person in people}
    others = strangers(result, known)
    found = read_result(result, students=known)
    unknown = sorted({one.assignment for one in found} - set(addresses))
    if others or unknown:
        raise CourseError(
            f"{result}: holds {', '.join([*others, *map(repr, unknown)][:3])}, which neither the roster nor the list "
            "of assignments knows. Nothing was published: find out how it came there."
        )

    def one(published: Published) -> Copy:
        return _publish(published, address_of(known[published.student], addresses[published.assignment] or None))

    with ThreadPoolExecutor(_AT_ONCE) as pool:  # pushing is waiting
        return list(pool.map(one, found))


def _publish(published: Published, address: str) -> Copy:
    def copy(state: State, reason: str = "") -> Copy:
        return Copy(published.student, published.assignment, state, reason)

    if not address:
        return copy("no repository", "its address isn't in the roster, nor the student's user name")
    files = {"README.md": README.encode(), f"{published.assignment}.md": summary_text([published]).encode()}
    try:
        with emptied(address) as (repository, place):
            parent = "refs/nabla/head" if repository.fetch(place, BRANCH, tags=False) else None
            commit = repository.commit(files, f"Result: {published.assignment}", parent=parent)
            if commit is None:
                return copy("unchanged")
            repository.push(place, commit, BRANCH)
    except GitError as error:
        return copy("failed", f"{hidden(address)}: {error}. Look at the repository and its token, then publish again.")
    return copy("published")
