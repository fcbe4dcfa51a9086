"""The zip of all submissions that Moodle or Canvas makes: only the assignment's notebooks are unpacked, in memory.

Moodle: ``Full Name_123_assignsubmission_file_/x.ipynb`` (or ``…_file_x.ipynb``), 123 as in the worksheet's identifiers.
Canvas: ``name_[LATE_]<ID>_<submission>_x.ipynb``, ID as in the exported gradebook.
"""

from __future__ import annotations

import lzma
import re
import stat
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

import dateutil.parser

from nabla.classroom.roster import Person
from nabla.classroom.work import CannotCollect, NothingThere, Wanted, Window, Work
from nabla.course import CourseError

_MOST_MEMBERS = 50_000
_MOODLE = re.compile(r"(?P<name>[^/]+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?/?(?P<file>[^/].*)?")
_OWNER = re.compile(r"_\d+(?=_assignsubmission_)")
_CANVAS = re.compile(r"(?P<name>[^/_]+)_(?P<late>LATE_)?(?P<id>\d+)_(?P<order>\d+)_(?P<file>[^/]+)")
_NUMBERED = re.compile(r"(.+?)(?:-\d+| ?\(\d+\))(\.ipynb)", re.I)
_LONG_DATE = re.compile(r"\d{4}-\d\d-\d\d|[A-Za-z]{3}\D+\d{4}|[A-Za-z]{3}\D+\d\d?,? \d{4}")  # 01/10/2026 may be either
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)


@dataclass(frozen=True)
class _Member:
    info: zipfile.ZipInfo
    owner: str
    file: str
    late: bool = False
    order: int = 0


class Archive:
    """One zip file. Raises `CourseError` where it is none, or one that nobody should unpack."""

    def __init__(self, path: Path, wanted: Wanted, zone: ZoneInfo) -> None:
        self._path, self._wanted, self._zone = path, wanted, zone
        try:
            self._zip = zipfile.ZipFile(path)
            infos = self._zip.infolist()
        except _BROKEN as error:
            raise CourseError(f"{path}: is no zip file that can be read ({error}). Download it again.") from error
        if len(infos) > _MOST_MEMBERS:
            raise CourseError(f"{path}: has more than {_MOST_MEMBERS} files. Download one assignment alone.")
        self._others: list[str] = []
        self._members: dict[str, list[_Member]] = {}
        for info in infos:
            self._take(info)

    def strangers(self, people: Sequence[Person]) -> list[str]:
        """Files that are nobody's in the roster, or whose path is none that an LMS makes."""
        known = {person.lms_id for person in people}
        unknown = [found[0].info.filename for owner, found in self._members.items() if owner not in known]
        return sorted([*self._others, *unknown])

    def work(self, person: Person, window: Window) -> Work:
        """The notebooks of ``person``. Raises `NothingThere` or `CannotCollect`."""
        members = self._members.get(person.lms_id, []) if person.lms_id else []
        if not members:
            raise NothingThere("nothing in the zip" if person.lms_id else "no number of the LMS in the roster")
        chosen, remarks = self._chosen(members)
        notebooks = {name: self._content(member) for name, member in chosen.items()}
        time = self._time(person)
        if time is None:
            remarks.append("its time isn't known")
        if any(member.late for member in chosen.values()):
            remarks.append("late, says Canvas")
        return Work(notebooks, time, tuple(remarks))

    def _take(self, info: zipfile.ZipInfo) -> None:
        name = info.filename
        if name.endswith("/"):
            return
        if _is_unsafe(name):
            self._others.append(name)
        elif found := _MOODLE.fullmatch(name):
            if found["file"]:
                member = _Member(info, found["id"], PurePosixPath(found["file"]).name)
                self._members.setdefault(member.owner, []).append(member)
        elif found := _CANVAS.fullmatch(PurePosixPath(name).name):
            member = _Member(info, found["id"], found["file"], bool(found["late"]), int(found["order"]))
            self._members.setdefault(member.owner, []).append(member)
        else:
            self._others.append(name)

    def _chosen(self, members: Sequence[_Member]) -> tuple[dict[str, _Member], list[str]]:
        """The member of each notebook: by its name, by its name and the LMS's number, or the only notebook there is."""
        newest = sorted(members, key=lambda member: member.order)
        chosen: dict[str, _Member] = {}
        for name, file in zip(self._wanted.notebooks, self._wanted.files, strict=True):
            exact = [member for member in newest if member.file == file]
            numbered = [
                member
                for member in newest
                if member.file not in self._wanted.files and _NUMBERED.sub(r"\1\2", member.file) == file
            ]
            if exact or numbered:
                chosen[name] = max(exact + numbered, key=lambda member: (member.order, member in exact))
        notebooks = [member for member in newest if member.file.lower().endswith(".ipynb")]
        if chosen:
            return chosen, []
        if len(notebooks) == len(self._wanted.notebooks) == 1:
            return {self._wanted.notebooks[0]: notebooks[0]}, [f"was called {notebooks[0].file}"]
        files = ", ".join(sorted(member.file for member in members)[:3])
        raise CannotCollect(
            f"{self._path}: no {' or '.join(self._wanted.files)}, but {files}. Ask the student for the notebook itself."
        )

    def _content(self, member: _Member) -> bytes:
        info, where = member.info, f"{self._path}: {member.info.filename}"
        if stat.S_ISLNK(info.external_attr >> 16):
            raise CannotCollect(f"{where}: is a link, not a file. Ask the student for the notebook itself.")
        limit = self._wanted.limit
        try:
            with self._zip.open(info) as file:
                content = file.read(limit + 1)  # what the header says of its size may be a lie
        except _BROKEN as error:
            raise CannotCollect(f"{where}: can't be unpacked ({error}). Download the zip again.") from error
        if len(content) > limit:
            raise CannotCollect(f"{where}: is larger than {limit / 2**20:g} MiB. Ask the student to clear its outputs.")
        return content

    def _time(self, person: Person) -> datetime | None:
        """When the roster (a Moodle worksheet) says that it was handed in; zip files tell no time worth the name."""
        if not _LONG_DATE.search(person.submitted):
            return None
        try:
            found: datetime = dateutil.parser.parse(person.submitted)
        except (ValueError, OverflowError):
            return None
        zoned = found if found.tzinfo else found.replace(tzinfo=self._zone)
        return zoned.astimezone(UTC).replace(tzinfo=None)


def _is_unsafe(name: str) -> bool:
    """Whether a path leads out, or is none that an LMS writes, or can be read as work of several people.

    The last where somebody calls himself, or a file of his, like another's work.
    """
    parts = name.split("/")
    owners = len(_OWNER.findall(parts[0]))
    if owners > 1 or (owners and _CANVAS.fullmatch(parts[0])):
        return True
    return name.startswith("/") or "\\" in name or "\0" in name or ".." in parts or ":" in parts[0]
