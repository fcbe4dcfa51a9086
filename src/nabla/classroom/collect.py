"""Collects a class into ``submitted/``: a line for each student of the roster, and never over a newer submission.

Writes only notebooks of the assignment and ``timestamp.txt``. Where work comes from is a `Source`'s affair.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from nabla.classroom.roster import Person
from nabla.classroom.work import CannotCollect, NothingThere, Source, Wanted, Window, Work
from nabla.course import Course, CourseError
from nabla.grading.atomic import write_atomically
from nabla.grading.sources import Sources
from nabla.notebook.files import require_plain_folders, submission_time
from nabla.notebook.hardening import alterations, harden
from nabla.notebook.reading import UnreadableNotebook, parse_notebook

State = Literal["collected", "unchanged", "kept", "missing", "failed"]
TIMESTAMP = "timestamp.txt"
_AT_ONCE = 4
_READABLE = 0o644
"""Another account may be the one that grades."""


@dataclass(frozen=True)
class Line:
    """What became of one student's work. ``kept``: what was there already is newer, or may be."""

    student: str
    state: State
    time: datetime | None = None
    late_by: timedelta = timedelta()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What to collect, and how."""

    wanted: Wanted
    window: Window
    dry_run: bool = False
    force: bool = False
    """Replace what may be newer too."""
    extension: Callable[[str], timedelta | None] = lambda student: None


def collect(
    course: Course,
    source: Source,
    people: Sequence[Person],
    plan: Plan,
    *,
    sources: Sources | None = None,
    on_line: Callable[[Line], None] = lambda line: None,
) -> list[Line]:
    """A line for each of ``people``, in their order. One that fails doesn't stop the others.

    ``sources`` are the released notebooks, against which locked cells are compared.
    """

    def one(person: Person) -> Line:
        return _line(course, source, person, plan, sources)

    lines = []
    with ThreadPoolExecutor(_AT_ONCE) as pool:  # fetching is waiting
        for line in pool.map(one, people):
            lines.append(line)
            on_line(line)
    return lines


def _line(course: Course, source: Source, person: Person, plan: Plan, sources: Sources | None) -> Line:
    window = plan.window.longer(plan.extension(person.student))
    try:
        work = source.work(person, window)
        state, why = _store(course, person, plan, work)
    except NothingThere as nothing:
        return Line(person.student, "missing", remarks=(str(nothing),))
    except (CannotCollect, UnreadableNotebook) as error:
        return Line(person.student, "failed", remarks=(str(error),))
    except OSError as error:
        return Line(person.student, "failed", remarks=(f"{error}. Make that right, then collect again.",))
    except CourseError:  # wrong for everybody
        raise
    except Exception as error:  # what nobody foresaw in one student's work keeps no other's away
        what = f"{type(error).__name__}: {error}"
        return Line(person.student, "failed", remarks=(f"{what}. Look at the work by hand, and tell who keeps nabla.",))
    remarks = (*why, *_missing_notebooks(plan.wanted, work), *work.remarks, *_alterations(work, sources))
    return Line(person.student, state, work.time, window.late_by(work.time), remarks)


def _store(course: Course, person: Person, plan: Plan, work: Work) -> tuple[State, tuple[str, ...]]:
    folder = course.folder("submitted") / person.student / plan.wanted.assignment
    there = [path for path in (folder.parent, folder) if path.is_symlink() or path.exists()]
    require_plain_folders(*there)
    if _is_same(folder, plan.wanted, work):
        return "unchanged", ()
    if not plan.force and (reason := _may_be_newer(folder, plan.wanted, work)):
        return "kept", (reason,)
    if not plan.dry_run:
        _write(folder, plan.wanted, work)
    return "collected", ()


def _is_same(folder: Path, wanted: Wanted, work: Work) -> bool:
    stored = {name: folder / file for name, file in zip(wanted.notebooks, wanted.files, strict=True)}
    present = {name for name, path in stored.items() if os.path.lexists(path)}
    if present != set(work.notebooks) or submission_time_of(folder) != work.time:
        return False
    return all(_holds(stored[name], content) for name, content in work.notebooks.items())


def _holds(path: Path, content: bytes) -> bool:
    return (
        path.is_file()
        and not path.is_symlink()
        and path.stat().st_size == len(content)
        and path.read_bytes() == content
    )


def _may_be_newer(folder: Path, wanted: Wanted, work: Work) -> str:
    """Why what is there isn't replaced; empty where it is older, or nothing is there."""
    stored_files = {name: folder / file for name, file in zip(wanted.notebooks, wanted.files, strict=True)}
    there = {name: path for name, path in stored_files.items() if os.path.lexists(path)}
    if not there:
        return ""
    stored = submission_time_of(folder)
    if stored is None and all(name in work.notebooks and _holds(there[name], work.notebooks[name]) for name in there):
        return ""  # a part of this very work: a run was killed, or the disk was full
    if stored is None or work.time is None:
        return f"{folder} holds other work, and which is newer isn't known. Delete one, or use --force"
    if stored > work.time:
        return f"{folder} holds newer work, of {stored:%Y-%m-%d %H:%M:%S} UTC"
    return ""


def submission_time_of(folder: Path) -> datetime | None:
    """The time in ``timestamp.txt``; ``None`` without one. Raises `UnreadableNotebook`."""
    return submission_time(folder) if folder.is_dir() else None


def _write(folder: Path, wanted: Wanted, work: Work) -> None:
    """Notebooks first and the time last: a run that is killed in between is simply done again."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, file in zip(wanted.notebooks, wanted.files, strict=True):
        if name in work.notebooks:
            write_atomically(folder / file, work.notebooks[name], mode=_READABLE)
        else:
            (folder / file).unlink(missing_ok=True)  # of an earlier attempt
    if work.time is None:
        (folder / TIMESTAMP).unlink(missing_ok=True)
    else:
        write_atomically(folder / TIMESTAMP, f"{work.time:%Y-%m-%d %H:%M:%S} UTC\n", mode=_READABLE)


def _missing_notebooks(wanted: Wanted, work: Work) -> Iterator[str]:
    for name in wanted.notebooks:
        if name not in work.notebooks:
            yield f"{name}.ipynb is not handed in"


def _alterations(work: Work, sources: Sources | None) -> Iterator[str]:
    """What would be put right before grading: locked cells that were changed, deleted or doubled."""
    if sources is None:
        return
    for name, content in work.notebooks.items():
        try:
            nb = parse_notebook(content, file=f"{name}.ipynb")
            edition = sources.edition(nb)
            _, remarks = harden(nb, sources.notebook(name, edition), edition)
        except UnreadableNotebook as error:
            yield f"{name}.ipynb {error.wrong}"
            continue
        if altered := alterations(remarks):
            more = f" and {len(altered) - 3} more" if len(altered) > 3 else ""
            yield "altered cells: " + "; ".join(altered[:3]) + more
