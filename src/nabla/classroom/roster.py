"""Who is in the class: the only place that identities come from.

Reads the rosters of GitHub Classroom and Classroom 50, a Moodle grading worksheet, an exported Canvas gradebook, and
any CSV with a column ``student``. Knows nothing of submissions.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from nabla.course import CourseError
from nabla.notebook.reading import UnreadableNotebook, read_bytes

_LIMIT = 16 * 2**20
_LONGEST = 128
# Of no use as a folder's name: to a shell, to formgrader, or to actions/upload-artifact, which carries submitted/ on.
_NOT_IN_IDS = re.compile(r"[/\\:|<>\"*?\[\]{}+\x00-\x1f\x7f]|[\ud800-\udfff]")


@dataclass(frozen=True)
class Person:
    """A student of the class. ``student`` is nbgrader's id, a folder's name; whatever else isn't known is empty."""

    student: str
    username: str = ""
    name: str = ""
    email: str = ""
    lms_id: str = ""
    address: str = ""
    submitted: str = ""
    """When the LMS says that the work was handed in, as it writes it."""


@dataclass(frozen=True)
class _Kind:
    """A known form of roster, by what its header has; a field is the first of its columns that is filled."""

    required: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]


_CANVAS = _Kind(
    ("student", "id", "section"),
    {"student": ("sis login id", "sis user id", "id"), "name": ("student",), "lms_id": ("id",)}
    | {"email": ("sis login id",)},
)
_MOODLE = _Kind(
    ("identifier", "full name"),
    {
        "student": ("id number", "email address", "identifier"),
        "name": ("full name",),
        "email": ("email address",),
        "lms_id": ("identifier",),
        "submitted": ("last modified (submission)",),
    },
)
_MOODLE_JA = _Kind(
    ("識別子", "メールアドレス"),
    {
        "student": ("idナンバー", "メールアドレス", "識別子"),
        "name": ("フルネーム", "氏名"),
        "email": ("メールアドレス",),
        "lms_id": ("識別子",),
        "submitted": ("最終更新日時 (提出)", "最終更新 (提出)"),
    },
)
_CLASSROOM_50 = _Kind(("username", "role"), {"student": ("username",), "username": ("username",), "email": ("email",)})
_ANY = _Kind(
    (),
    {
        "student": ("student", "student_id", "identifier", "roster_identifier"),
        "username": ("github_username", "username"),
        "name": ("name",),
        "email": ("email", "email address"),
        "lms_id": ("lms_id", "lms_user_id"),
        "address": ("address", "repository", "student_repository_url", "url"),
    },
)
_KINDS = (_CANVAS, _MOODLE, _MOODLE_JA, _CLASSROOM_50, _ANY)
_STUDENT_ROLES = ("", "student")


def read_roster(path: Path, *, student_column: str | None = None) -> list[Person]:
    """The students that the CSV file ``path`` names, in its order; ``student_column`` says which column is their id.

    Raises `CourseError` for a file that can't be read, an id that no folder can have, and who is there twice.
    """
    header, rows = _rows(path)
    kind = next(kind for kind in _KINDS if set(kind.required) <= set(header))
    columns = dict(kind.columns)
    if student_column is not None:
        columns["student"] = (student_column.strip().casefold(),)
    if not set(columns["student"]) & set(header):
        names = ", ".join(name for name in header if name) or "nothing"
        raise CourseError(
            f"{path}: no column with the students' ids; its header has {names}. "
            "Call that column 'student', or name it with --student-column."
        )
    found: list[Person] = []
    taken: set[str] = set()
    for number, row in rows:
        if kind is _CANVAS and not row.get("id"):
            continue  # Points Possible, and whatever else Canvas writes above the class
        if kind is _CLASSROOM_50 and row.get("role", "").casefold() not in _STUDENT_ROLES:
            continue
        person = _person(row, columns)
        if problem := why_no_id(person.student):
            raise CourseError(f"{path}, line {number}: {problem}. Correct the roster, or use --student-column.")
        for what in _marks(person):
            if what.casefold() in taken:
                raise CourseError(f"{path}, line {number}: {what} is there twice. Correct one of the two lines.")
            taken.add(what.casefold())
        found.append(person)
    if not found:
        raise CourseError(f"{path}: nobody is in this roster. Export it again from where the class is kept.")
    return found


def _marks(person: Person) -> Iterator[str]:
    """What names this person and nobody else."""
    yield person.student
    if person.username:
        yield f"user name {person.username}"
    if person.lms_id:
        yield f"number {person.lms_id} of the LMS"


def why_no_id(student: str) -> str:
    """Why ``student`` can't be the name of a submission's folder; empty where it can."""
    if not student:
        return "a student without an id"
    if student.startswith((".", "-")) or _NOT_IN_IDS.search(student) or len(student) > _LONGEST:
        shown = _NOT_IN_IDS.sub("?", student)[:40]
        return f"'{shown}' can't be a student's id (a folder's name without / \\ : | < > \" * ? + or brackets)"
    return ""


def _person(row: Mapping[str, str], columns: Mapping[str, tuple[str, ...]]) -> Person:
    known = {field.name for field in fields(Person)}
    values = {name: _first(row, names) for name, names in columns.items() if name in known}
    if not values.get("name"):
        values["name"] = " ".join(filter(None, (row.get("first_name", ""), row.get("last_name", ""))))
    values["lms_id"] = _number(values.get("lms_id", ""))
    return Person(**values)


def _number(text: str) -> str:
    """Of Moodle's ``Participant 123``, in whatever language, the number, which is what its zip files say."""
    found = re.fullmatch(r"\D*(\d+)", text)
    return found[1] if found else text


def _first(row: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((row[name] for name in names if row.get(name)), "")


def _rows(path: Path) -> tuple[list[str], Iterator[tuple[int, dict[str, str]]]]:
    try:
        text = read_bytes(path, limit=_LIMIT).decode("utf-8-sig")
    except UnreadableNotebook as error:
        raise CourseError(f"{error.file}: {error.wrong}. Give the class's roster, a CSV file.") from error
    except UnicodeDecodeError as error:
        raise CourseError(f"{path}: is not UTF-8 text (byte {error.start}). Save it as CSV in UTF-8.") from error
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    lines = _lines(path, text, delimiter)
    header = [name.casefold() for name in next(lines, (1, []))[1]]
    return header, ((number, dict(zip(header, row, strict=False))) for number, row in lines if any(row))


def _lines(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of its last line: a quoted cell may have several."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        raise CourseError(f"{path}: is no CSV file ({error}). Export it again.") from error
