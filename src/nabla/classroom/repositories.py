"""A class in git: each student's repository at a deadline or a tag, only the assignment's notebooks of it.

What git can't prove: a commit's date is what its author's computer said (docs/lms.md).
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nabla.classroom.git import Commit, Entry, GitError, Repository, fetched, hidden
from nabla.classroom.roster import Person
from nabla.classroom.template import WORKFLOW, workflow_text
from nabla.classroom.work import CannotCollect, NothingThere, Wanted, Window, Work
from nabla.course import CourseError
from nabla.notebook.files import links_in
from nabla.notebook.reading import UnreadableNotebook, read_bytes

WORKFLOWS = ".github"
_SMALL = 2**20
_USERNAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})\Z")


@dataclass(frozen=True)
class Selection:
    """Which commit counts: the last one in time on a branch (``None``: the default one), or the last fitting tag."""

    branch: str | None = None
    tag: str | None = None
    template: Path | None = None
    """The repository that students got. Without it the workflow that nabla hands out now is the measure."""


class GitClass:
    """Repositories by student, in folders or at addresses."""

    def __init__(
        self, places: Mapping[str, str], wanted: Wanted, selection: Selection, others: Sequence[str] = ()
    ) -> None:
        self._places, self._wanted, self._selection, self._others = places, wanted, selection, tuple(others)

    @classmethod
    def in_folder(
        cls, folder: Path, people: Sequence[Person], wanted: Wanted, selection: Selection, prefix: str | None = None
    ) -> GitClass:
        """A class that was cloned: ``<prefix>-<username>/`` in ``folder``, or in its one folder ``…-submissions``."""
        root = _class_folder(folder)
        names = sorted(path.name for path in root.iterdir() if not path.name.startswith(".") and path.is_dir())
        found, others = assign_folders(names, people, wanted.assignment, prefix)
        return cls({student: str(root / name) for student, name in found.items()}, wanted, selection, others)

    @classmethod
    def at_addresses(
        cls, people: Sequence[Person], wanted: Wanted, selection: Selection, pattern: str | None = None
    ) -> GitClass:
        """The addresses in the roster, or ``pattern`` with each ``{username}`` filled in. Raises `CourseError`."""
        places = {person.student: place for person in people if (place := address_of(person, pattern))}
        if not places:
            raise CourseError(
                "The roster has no addresses of repositories. Give it a column 'address', or say how they are made: "
                "--address 'https://github.com/ORGANISATION/PREFIX-{username}'"
            )
        return cls(places, wanted, selection)

    def strangers(self, people: Sequence[Person]) -> list[str]:
        """Folders that are nobody's in the roster."""
        return list(self._others)

    def work(self, person: Person, window: Window) -> Work:
        """The notebooks of ``person`` at the commit that counts. Raises `NothingThere` or `CannotCollect`."""
        place = self._places.get(person.student)
        if place is None:
            known = person.username or "no user name in the roster: not accepted yet"
            raise NothingThere(f"no repository ({known})")
        try:
            if Path(place).is_dir():
                _require_plain_repository(Path(place))
                if not (Path(place) / ".git").exists() and not (Path(place) / "objects").is_dir():
                    return self._unpacked(Path(place))
            with fetched(place, self._selection.branch, tags=self._selection.tag is not None) as repository:
                if repository is None:
                    raise NothingThere(f"no commit on {self._selection.branch or 'the default branch'} yet")
                return self._at(repository, window)
        except GitError as error:
            raise CannotCollect(f"{hidden(place)}: {error}. Look at the repository, then collect again.") from error

    def _at(self, repository: Repository, window: Window) -> Work:
        history = repository.commits()
        commit, tagged, remarks = self._chosen(repository, history, window)
        found, more = _notebooks(repository.entries(commit.id, *_paths(self._wanted)), self._wanted)
        if not found:
            raise NothingThere(f"no {' or '.join(self._wanted.files)} in commit {commit.id[:10]}")
        notebooks = {name: _content(repository, path, entry, self._wanted) for name, (path, entry) in found.items()}
        time = commit.time if tagged else max(repository.last_change(commit.id, path) for path, _ in found.values())
        remarks = [*remarks, *more, *self._altered(repository, history, commit)]
        return Work(notebooks, _utc(time), tuple(remarks))

    def _chosen(
        self, repository: Repository, history: Sequence[tuple[Commit, tuple[str, ...]]], window: Window
    ) -> tuple[Commit, bool, list[str]]:
        """The commit that counts, whether a tag names it, and what is odd about it."""
        until = None if window.until is None else int(window.until.replace(tzinfo=UTC).timestamp())
        pattern = self._selection.tag
        if pattern is not None:
            tags = {name: commit for name, commit in repository.tags().items() if fnmatch.fnmatchcase(name, pattern)}
            commits = sorted(tags.values(), key=lambda commit: commit.time, reverse=True)
        else:
            commits = [commit for commit, _ in history]
        chosen = next((commit for commit in commits if until is None or commit.time <= until), None)
        if chosen is None:
            raise NothingThere(_nothing_in_time(commits, pattern, window))
        later = sum(1 for commit in commits if until is not None and commit.time > until)
        remarks = [f"{later} later {'tag' if pattern else 'commit'}{'s' * (later > 1)} not looked at"] if later else []
        if until is not None and _has_later_ancestor(history, chosen, until):
            remarks.append("its dates are out of order: it follows a commit that says it is from after the deadline")
        return chosen, pattern is not None, remarks

    def _altered(
        self, repository: Repository, history: Sequence[tuple[Commit, tuple[str, ...]]], commit: Commit
    ) -> list[str]:
        now = repository.entries(commit.id, WORKFLOWS)
        if self._selection.template is not None:
            before = _files_of(self._selection.template)
            same = {path for path, entry in now.items() if path in before and _holds(repository, entry, before[path])}
            changed = sorted((set(now) | set(before)) - same)
        else:
            first = [found.id for found, parents in history if not parents][-1:]
            then = repository.entries(first[0], WORKFLOWS) if first else now
            changed = [path for path in {*now, *then} if path != WORKFLOW and now.get(path) != then.get(path)]
            ours = workflow_text().encode()
            if (WORKFLOW in now and not _holds(repository, now[WORKFLOW], ours)) or WORKFLOW in {*then} - {*now}:
                changed.append(WORKFLOW)
            changed.sort()
        return [f"altered workflow: {_few(changed)}"] if changed else []

    def _unpacked(self, folder: Path) -> Work:
        """Plain files, without a history: nothing is known of their time."""
        if (inner := folder / self._wanted.assignment).is_symlink():
            raise CannotCollect(f"{inner}: is a link, not a folder. Ask the student for the files themselves.")
        notebooks = {}
        for name, file in zip(self._wanted.notebooks, self._wanted.files, strict=True):
            for path in (folder / self._wanted.assignment / file, folder / file):
                if path.is_symlink() or path.exists():
                    try:
                        notebooks[name] = read_bytes(path, limit=self._wanted.limit)
                    except UnreadableNotebook as error:
                        raise CannotCollect(str(error)) from error
                    break
        if not notebooks:
            raise NothingThere(f"no {' or '.join(self._wanted.files)} in {folder}")
        return Work(notebooks, None, ("no git history, so its time isn't known",))


def assign_folders(
    names: Sequence[str], people: Sequence[Person], assignment: str, prefix: str | None = None
) -> tuple[dict[str, str], list[str]]:
    """Folder by student, and the folders that are nobody's. User names may hold ``-``, so the prefix decides.

    The prefix is the given one, else the one that ends with the assignment's name, else the one that fits most folders.

    >>> assign_folders(["hw-ann-lee", "hw-lee"], [Person("1", "lee"), Person("2", "Ann-Lee")], "hw")
    ({'2': 'hw-ann-lee', '1': 'hw-lee'}, [])
    """
    usernames = {person.username.casefold(): person.student for person in people if person.username}
    if prefix is None:
        prefix = _common_prefix(names, usernames, assignment)
    found: dict[str, list[str]] = {}
    others = []
    for name in names:
        head, tail = name[: len(prefix)], name[len(prefix) :].casefold()
        if head.casefold() == prefix.casefold() and tail in usernames:
            found.setdefault(usernames[tail], []).append(name)
        else:
            others.append(name)
    twice = [name for folders in found.values() if len(folders) > 1 for name in folders]
    return {student: folders[0] for student, folders in found.items() if len(folders) == 1}, [*others, *twice]


def _common_prefix(names: Sequence[str], usernames: Mapping[str, str], assignment: str) -> str:
    fitting = Counter(
        name[: -len(username)]
        for name in names
        for username in usernames
        if name.casefold() == username or name.casefold().endswith(f"-{username}")
    )
    slug = assignment.casefold().replace("_", "-")
    ours = [prefix for prefix in fitting if f"-{prefix.casefold().replace('_', '-')}".endswith(f"-{slug}-")]
    return max(ours or fitting or [""], key=lambda prefix: (fitting[prefix], -len(prefix)))


def _class_folder(folder: Path) -> Path:
    if not folder.is_dir():
        raise CourseError(f"{folder}: no such folder. Give the folder of the cloned class with --from.")
    inner = [path for path in folder.iterdir() if path.is_dir() and not path.is_symlink()]
    submissions = [path for path in inner if path.name.endswith("-submissions")]
    return submissions[0] if len(submissions) == 1 == len(inner) else folder


def address_of(person: Person, pattern: str | None) -> str:
    """Where the repository of ``person`` is; empty where that isn't known. Raises `CourseError`."""
    if pattern is None:
        return person.address
    if "{username}" not in pattern:
        raise CourseError("--address needs {username} in it, e.g. https://github.com/ORGANISATION/PREFIX-{username}")
    if person.username and not _USERNAME.match(person.username):
        raise CourseError(f"'{person.username}' is no user name of GitHub's. Correct the roster.")
    return pattern.replace("{username}", person.username) if person.username else ""


def _require_plain_repository(folder: Path) -> None:
    """Nothing, where a clone keeps everything within itself: else it could show other repositories of this computer."""
    git = folder / ".git"
    if folder.is_symlink() or git.is_symlink() or git.is_file() or _borrows(git if git.exists() else folder):
        raise CannotCollect(f"{folder}: leads to another repository. Clone it again, without --shared or --reference.")


def _borrows(inside: Path) -> bool:
    """Whether a repository, if ``inside`` is one, has parts that lie elsewhere."""
    if not os.path.lexists(inside / "objects"):
        return False
    borrowed = (inside / "objects" / "info" / "alternates", inside / "commondir")
    return any(map(os.path.lexists, borrowed)) or any((inside / path).is_symlink() for path in links_in(inside))


def _paths(wanted: Wanted) -> list[str]:
    return [path for file in wanted.files for path in (f"{wanted.assignment}/{file}", file)]


def _notebooks(entries: Mapping[str, Entry], wanted: Wanted) -> tuple[dict[str, tuple[str, Entry]], list[str]]:
    """Path and entry by notebook, those in the assignment's folder before those at the top."""
    found: dict[str, tuple[str, Entry]] = {}
    remarks = []
    for name, file in zip(wanted.notebooks, wanted.files, strict=True):
        there = [path for path in (f"{wanted.assignment}/{file}", file) if path in entries]
        if there:
            found[name] = (there[0], entries[there[0]])
        if len(there) > 1:
            remarks.append(f"{there[0]} was taken, and {there[1]} not looked at")
    return found, remarks


def _content(repository: Repository, path: str, entry: Entry, wanted: Wanted) -> bytes:
    if not entry.is_plain:
        raise CannotCollect(f"{path}: is a link or a repository. Ask the student to push the notebook itself.")
    content = repository.content(entry, limit=wanted.limit)
    if content is None:
        size = f"{wanted.limit / 2**20:g} MiB"
        raise CannotCollect(f"{path}: is larger than {size}. Ask the student to clear its outputs and push again.")
    return content


def _nothing_in_time(commits: Sequence[Commit], pattern: str | None, window: Window) -> str:
    what = f"tag {pattern}" if pattern else "commit"
    if not commits:
        return f"no {what}"
    first = _utc(min(commit.time for commit in commits))
    return f"no {what} until {window.until:%Y-%m-%d %H:%M} UTC; the first is of {first:%Y-%m-%d %H:%M} UTC"


def _has_later_ancestor(history: Sequence[tuple[Commit, tuple[str, ...]]], chosen: Commit, until: int) -> bool:
    times = {commit.id: commit.time for commit, _ in history}
    parents = {commit.id: found for commit, found in history}
    waiting, seen = [chosen.id], set()
    while waiting:
        key = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        if key != chosen.id and times.get(key, 0) > until:
            return True
        waiting += parents.get(key, ())
    return False


def _files_of(template: Path) -> dict[str, bytes]:
    """The workflow files of the repository that students got."""
    folder = template / WORKFLOWS
    if not folder.is_dir():
        raise CourseError(f"{folder}: no such folder. Give what nabla classroom template made with --template.")
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(template).as_posix(): path.read_bytes() for path in paths}


def _holds(repository: Repository, entry: Entry, content: bytes) -> bool:
    return entry.is_plain and repository.content(entry, limit=_SMALL) == content


def _few(paths: Sequence[str]) -> str:
    names = [path.removeprefix(f"{WORKFLOWS}/").removeprefix("workflows/") for path in paths]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _utc(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError) as error:
        raise CannotCollect(f"a commit says that it is of second {seconds}, which is no time") from error
