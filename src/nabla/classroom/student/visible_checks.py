"""The visible checks: `pytest` runs each notebook from top to bottom and looks at its graded cells.

It does what "Restart Kernel and Run All Cells" does, in a fresh kernel, with the graded cells as they were handed out.
The points that it counts are a help and not the grade: that comes from more inputs than you see here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

HERE = Path(__file__).parent
LIST = HERE / "visible_checks.json"
SECONDS_PER_CELL = 60
LONGEST_MESSAGE = 2000

A_HELP = "A help, not the grade: that comes from more inputs than these, after the deadline."

Cell = dict[str, Any]
Row = tuple[str, Cell, str]
ROWS: pytest.StashKey[list[Row]] = pytest.StashKey()


class Run:
    """One notebook, run once: what its kernel replied to each code cell."""

    def __init__(self, path: Path, given: dict[str, str]) -> None:
        self.cells: list[Cell] = []
        self.replies: dict[int, Cell] = {}
        self.ended = ""
        try:
            notebook = nbformat.read(path, as_version=4)
        except Exception as error:  # whatever is wrong with the file, the student has to hear it
            self.ended = f"{path.name} can't be read as a notebook ({type(error).__name__}). Get it back with git."
            return
        self.cells = notebook.cells
        for cell in self.cells:
            cell["source"] = given.get(grade_id(cell), cell["source"])
        # The kernel of this Python, whatever name an editor has written into the notebook.
        client = NotebookClient(
            notebook,
            kernel_name="python3",
            resources={"metadata": {"path": str(path.parent)}},
            allow_errors=True,
            timeout=SECONDS_PER_CELL,
            interrupt_on_timeout=True,
            on_cell_executed=self._keep,
            extra_arguments=["--IPKernelApp.log_level=40"],  # its warnings about the network are none of a student's
        )
        try:
            client.execute()
        except DeadKernelError:
            self.ended = "The kernel died: a cell has ended Python itself or used up the memory."

    def _keep(self, cell: Cell, cell_index: int, execute_reply: Cell) -> None:
        self.replies[cell_index] = execute_reply["content"]

    def failure(self, check: str) -> str:
        """What is wrong with the graded cell ``check`` and what to do; empty where it passed."""
        found = [place for place, cell in enumerate(self.cells) if grade_id(cell) == check]
        if self.cells and len(found) != 1:
            return f"The cell {check} is there {len(found)} times. Get the notebook's own one back, once, with git."
        reply = self.replies.get(found[0]) if found else None
        if reply is None:
            return self.ended or f"The cell {check} did not run. Has it got a tag that skips it?"
        if reply["status"] == "ok":
            return ""
        return explained(check.removeprefix("test_"), reply) + self._earlier(found[0])

    def _earlier(self, place: int) -> str:
        """The first cell above that failed by a mistake and isn't graded: often the true reason."""
        for number, cell in enumerate(self.cells[:place]):
            reply = self.replies.get(number, {"status": "ok"})
            mistake = reply["status"] != "ok" and reply["ename"] != "NotImplementedError"
            if mistake and not grade_id(cell).startswith("test_"):
                name = grade_id(cell) or f"number {number + 1}"
                return f"\nAbove it the cell {name} failed: {reply['ename']}: {one_line(reply['evalue'])}"
        return ""


def grade_id(cell: Cell) -> str:
    """The name that the course gave to the cell, or nothing."""
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def explained(exercise: str, error: Cell) -> str:
    """What a student can do about the exception in the graded cell of ``exercise``."""
    name, value = error["ename"], error["evalue"]
    trace = [plain(line) for part in error["traceback"] for line in part.splitlines()]
    if name == "NotImplementedError":
        called = re.findall(r"\bin (\w+)\(", "\n".join(trace))
        unanswered = called[-1] if called else exercise
        needed = "" if unanswered == exercise else f"{exercise} needs {unanswered}. "
        return (
            f"{needed}{unanswered} is not answered yet: replace the line `raise NotImplementedError(...)` in its cell "
            "by your answer, save the notebook, and run pytest again."
        )
    if name == "KeyboardInterrupt":
        return f"{exercise} took longer than {SECONDS_PER_CELL} seconds: does a loop never end?"
    if name == "AssertionError":
        failed = [line.split(maxsplit=2)[-1] for line in trace if re.match(r"-+> *\d+ ", line)]
        reason = value or (failed[-1] if failed else "an assert failed")
        return f"{exercise} gives another result than expected: {reason}"[:LONGEST_MESSAGE]
    shown = [line for line in trace if line.strip("- ") and "Traceback (most recent call last)" not in line]
    return "\n".join([f"{exercise} raised {name}: {value}"[:LONGEST_MESSAGE], *shown[-25:]])


def plain(text: str) -> str:
    """``text`` without the colours of a terminal."""
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)


def one_line(text: str, width: int = 200) -> str:
    """``text`` on one line of printable characters that starts no command of a CI log."""
    text = " ".join("".join(c if c.isprintable() else " " for c in plain(text)).split()).lstrip(": ")
    return text if len(text) <= width else text[: width - 1] + "…"


class GradedCell(pytest.Item):
    """A graded cell as a test of its own."""

    check: Cell
    message = "It did not run."

    def runtest(self) -> None:
        """Fail with a message for the student."""
        assert isinstance(self.parent, NotebookFile)
        self.message = self.parent.run().failure(self.check["grade_id"])
        if self.message:
            pytest.fail(self.message, pytrace=False)

    def reportinfo(self) -> tuple[Path, None, str]:
        """What pytest calls the test."""
        return self.path, None, f"{self.path.name}: {self.name}"


class NotebookFile(pytest.File):
    """A notebook with graded cells."""

    checks: list[Cell]
    _run: Run | None = None

    def collect(self) -> Iterator[GradedCell]:
        """A test for each graded cell that was handed out, whether it is still there or not."""
        for check in self.checks:
            item = GradedCell.from_parent(self, name=check["grade_id"])
            item.check = check
            yield item

    def run(self) -> Run:
        """The notebook after its run; it runs once."""
        if self._run is None:
            self._run = Run(self.path, {check["grade_id"]: check["source"] for check in self.checks})
        return self._run


def handed_out() -> dict[str, list[Cell]]:
    """The graded cells of each notebook, as they were handed out."""
    found: dict[str, list[Cell]] = json.loads(LIST.read_text(encoding="utf-8"))["notebooks"]
    return found


def pytest_addoption(parser: pytest.Parser) -> None:
    """Two files that the workflow asks for."""
    group = parser.getgroup("visible checks")
    group.addoption("--result-file", metavar="FILE", help="write the points as JSON for GitHub's reporter")
    group.addoption("--summary-file", metavar="FILE", help="append a table in Markdown")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Each notebook that was handed out."""
    name = file_path.relative_to(HERE).as_posix() if file_path.is_relative_to(HERE) else ""
    if file_path.suffix != ".ipynb" or name not in handed_out():
        return None
    found = NotebookFile.from_parent(parent, path=file_path)
    found.checks = handed_out()[name]
    return found


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what was asked for."""
    rows = session.config.stash[ROWS] = rows_of(session.items)
    if session.config.option.result_file:
        Path(session.config.option.result_file).write_text(json.dumps(reporter_json(rows)), encoding="utf-8")
    if session.config.option.summary_file:
        with open(session.config.option.summary_file, "a", encoding="utf-8") as file:
            file.write(markdown(rows))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The points, at the end of what pytest says."""
    reached, total = points(config.stash.get(ROWS, []))
    terminalreporter.write_line(f"Visible checks: {reached:g} of {total:g} points. {A_HELP}")


def rows_of(items: list[pytest.Item]) -> list[Row]:
    """Notebook, check, and what is wrong with it. What isn't there has no points, and stays in the sum."""
    ran = {
        (item.path.relative_to(HERE).as_posix(), item.name): item.message
        for item in items
        if isinstance(item, GradedCell)
    }
    return [
        (notebook, check, ran.get((notebook, check["grade_id"]), f"{notebook} did not run. Is it missing?"))
        for notebook, checks in handed_out().items()
        for check in checks
    ]


def points(rows: list[Row]) -> tuple[float, float]:
    """Reached, and in all."""
    reached = sum(check["points"] for _, check, message in rows if not message)
    return round(reached, 6), round(sum(check["points"] for _, check, _ in rows), 6)


def reporter_json(rows: list[Row]) -> Cell:
    """What classroom-resources/autograding-grading-reporter adds up."""
    tests = [
        {
            "name": one_line(f"{Path(notebook).stem}: {check['grade_id']}"),
            "status": "fail" if message else "pass",
            "score": 0 if message else check["points"],
            "message": one_line(message),
            "test_code": "",
            "filename": one_line(notebook),
            "line_no": 0,
            "execution_time": 0,
        }
        for notebook, check, message in rows
    ]
    return {
        "version": 1,
        "status": "fail" if any(message for *_, message in rows) else "pass",
        "max_score": points(rows)[1],
        "tests": tests,
    }


def markdown(rows: list[Row]) -> str:
    """A table for the job summary."""
    reached, total = points(rows)
    lines = [
        f"## Visible checks: {reached:g} of {total:g} points",
        "",
        A_HELP,
        "",
        "| notebook | exercise | points | |",
        "|---|---|---|---|",
    ]
    for notebook, check, message in rows:
        told = re.sub(r"([\\`*_{}\[\]<>()#+!|~&@:-])", r"\\\1", one_line(message)) if message else "passed"
        name, of = check["grade_id"].removeprefix("test_"), check["points"]
        lines.append(f"| {Path(notebook).stem} | {name} | {0 if message else of:g} / {of:g} | {told} |")
    return "\n".join([*lines, "", ""])
