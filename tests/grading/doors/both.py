"""A small course, twice; an engine that needs no sandbox; and what each door leaves of it."""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from nabla.course import Course
from nabla.gradebook import GradebookWriter, Submission
from nabla.grading import preprocessors
from nabla.grading.lean import LeanDoor
from nabla.grading.submission import notebook_hash
from nabla.notebook.files import submission_time
from nabla.notebook.given import is_test
from nabla.notebook.reading import UnreadableNotebook, read_bytes
from nabla.verdicts import CellResult, CheckVerdict, ExerciseVerdict, NotebookVerdict

CONFIG = Path(__file__).parents[3] / "nbgrader_config.py"
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class FakeEngine:
    """Gives half of the points where a notebook says ``half``, none where ``lost``, no verdict where ``broken``."""

    def __init__(self, course: Course) -> None:
        self.course = course

    @classmethod
    def for_course(cls, course: Course, assignments: Sequence[str] = ()) -> FakeEngine:
        return cls(course)

    def close(self) -> None:
        pass

    def grade(
        self, nb: NotebookNode, *, assignment, student, files, language, framework, given=frozenset()
    ) -> NotebookVerdict:
        text = "\n".join(cell.source for cell in nb.cells)
        share = 0.5 if "half" in text else 0.0 if "nothing" in text else 1.0
        cells, exercises = {}, []
        for index, cell in enumerate(nb.cells):
            if cell.cell_type != "code":
                continue
            cells[index] = _ran(index, f"{sorted(files)} {language} {framework}")
            if is_test(cell):
                points = float(cell.metadata.nbgrader.points)
                score = None if "broken" in text else points * share
                check = CheckVerdict(
                    "test_law", "passed" if share == 1 else "failed", message="<b> & $x$", hint="日本語?"
                )
                sealed = cell.metadata.nbgrader.grade_id != "test_unsealed"
                exercises.append(ExerciseVerdict(cell.metadata.nbgrader.grade_id, score, points, sealed, (check,)))
        return NotebookVerdict(tuple(exercises), cells, notebook_hash=notebook_hash(nb))


def _ran(index: int, words: str) -> CellResult:
    if index % 5 == 4:
        return CellResult(status="lost", reason="the process ended")
    outputs = (
        {
            "output_type": "stream",
            "name": "stdout",
            "text": f"cell {index}\x07\n{words}\n" * (1 if index % 2 else 1000),
        },
        {
            "output_type": "display_data",
            "data": {"image/png": PNG, "text/html": "<script>x</script><b>b</b>"},
            "metadata": {},
        },
        {"output_type": "execute_result", "data": {"text/plain": "2"}, "metadata": {}, "execution_count": 1},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[31mline\x1b[0m"] * 150},
    )
    return CellResult(outputs=outputs, status="error")


def code(source: str, tags: tuple[str, ...] = (), **marks) -> dict:
    return {**_cell("code", source, tags, marks), "outputs": [], "execution_count": None}


def text(source: str, tags: tuple[str, ...] = (), **marks) -> dict:
    return _cell("markdown", source, tags, marks)


def _cell(kind: str, source: str, tags: tuple[str, ...], marks: dict) -> dict:
    metadata: dict = {"tags": list(tags)} if tags else {}
    if marks:
        base = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
        metadata["nbgrader"] = base | marks
    return {"cell_type": kind, "metadata": metadata, "source": source}


def notebook(*cells: dict, **metadata) -> str:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    numbered = [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells)]
    metadata = {"kernelspec": kernel, **metadata}
    return json.dumps({"cells": numbered, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


SOLUTION = "### BEGIN SOLUTION\nanswer = 42\n### END SOLUTION"
P1 = notebook(
    text("# Title", ("en",)),
    text("# 題", ("ja",)),
    code("import math", grade_id="prelude", locked=True),
    code(SOLUTION, grade_id="one", solution=True),
    code("assert answer\n### BEGIN HIDDEN TESTS\n1\n### END HIDDEN TESTS", grade_id="test_one", grade=True, points=2),
    code("assert True", grade_id="test_unsealed", grade=True, locked=True, points=1),
    text(
        "Why?\n\n### BEGIN SOLUTION\nso\n### END SOLUTION", ("en",), grade_id="why", grade=True, solution=True, points=3
    ),
    text(
        "なぜ？\n\n### BEGIN SOLUTION\nso\n### END SOLUTION",
        ("ja",),
        grade_id="why",
        grade=True,
        solution=True,
        points=3,
    ),
    text("A task", grade_id="task", task=True, locked=True, points=4),
)
P2 = notebook(code(SOLUTION, grade_id="two", solution=True), code("1", grade_id="test_two", grade=True, points=5))


def release_course(root: Path) -> None:
    """The small course in ``root``, released."""
    (root / "source" / "ps1" / "data").mkdir(parents=True)
    (root / "source" / "ps1" / "p1.ipynb").write_text(P1)
    (root / "source" / "ps1" / "p2.ipynb").write_text(P2)
    (root / "source" / "ps1" / "data" / "x.csv").write_text("1,2\n")
    (root / "nbgrader_config.py").write_text(CONFIG.read_text() + "\n")
    start(GenerateAssignment, root)


class BothDoors:
    """The same course in two folders, one for each door."""

    def __init__(self, released: Path, folder: Path) -> None:
        self.roots = {"slow": folder / "slow", "fast": folder / "fast"}
        for root in self.roots.values():
            shutil.copytree(released, root)

    def configure(self, settings: str) -> None:
        for root in self.roots.values():
            with (root / "nbgrader_config.py").open("a") as file:
                file.write(settings)

    def submit(self, student: str, files: dict[str, str | bytes]) -> None:
        for root in self.roots.values():
            folder = root / "submitted" / student / "ps1"
            folder.mkdir(parents=True, exist_ok=True)
            for name, content in files.items():
                (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)

    def released(self, name: str = "p1") -> dict:
        return json.loads((self.roots["slow"] / "release" / "ps1" / f"{name}.ipynb").read_text())

    def sql(self, statement: str, *values) -> None:
        for root in self.roots.values():
            with sqlite3.connect(root / "gradebook.db") as database:
                database.execute(statement, values)
            database.close()

    def grade(self, *, failing: tuple[str, ...] = ()) -> dict:
        """Grades through both doors, checks that they leave the same, and returns the rows."""
        start(Autograde, self.roots["slow"], fails=bool(failing))
        assert fast_door(self.roots["fast"]) == list(failing)
        rows = [dump(root) for root in self.roots.values()]
        assert rows[0] == rows[1]
        files = [autograded(root) for root in self.roots.values()]
        assert files[0].keys() == files[1].keys()
        for name in files[0]:
            assert files[0][name] == files[1][name], name
        return rows[0]


def start(converter, root: Path, *, fails: bool = False) -> None:
    course = Course.load(root)
    config = course.config
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.assignment_id = "ps1"
    made = converter(coursedir=CourseDirectory(config=config), config=config, force=True)
    made.log = logging.getLogger("both doors")
    try:
        made.start()
    except NbGraderException:
        assert fails
    else:
        assert not fails


def fast_door(root: Path) -> list[str]:
    """Grades everything in ``root`` as the fast door does; returns who couldn't be graded."""
    course = Course.load(root)
    door = LeanDoor(course, "ps1")
    engine = preprocessors.Engine.for_course(course)
    failing = []
    with GradebookWriter(course.db_url, course.config) as writer:
        for student in sorted(path.name for path in (root / "submitted").iterdir()):
            failed = _grade_one(course, door, engine, writer, student)
            failing += [student] if failed else []
    engine.close()
    return failing


def _grade_one(course, door, engine, writer, student) -> tuple[str, ...]:
    folder = course.folder("submitted") / student / "ps1"
    files = door.files(student)
    finished, failed = [], []
    for name in door.names:
        path = folder / f"{name}.ipynb"
        if not path.exists():
            continue
        try:
            clean = door.sanitise(name, read_bytes(path, limit=course.limits.notebook), file=path)
        except UnreadableNotebook:
            failed.append(name)
            break
        language, framework = clean.edition
        verdict = engine.grade(
            clean.notebook, assignment="ps1", student=student, files=files, language=language, framework=framework
        )
        finished.append(door.finish(clean, verdict))
    grades = {done.name: done.grades for done in finished}
    writer.save(Submission("ps1", student, submission_time(folder), grades, tuple(failed)))
    if failed:
        shutil.rmtree(course.folder("autograded") / student / "ps1", ignore_errors=True)
    else:
        door.publish(student, {done.name: done.content for done in finished}, files)
    return tuple(failed)


QUERIES = {
    "grade": "select s.student_id, n.name, c.name, c.type, g.auto_score, g.manual_score, g.extra_credit, "
    "g.needs_manual_grade from grade g join base_cell c on c.id = g.cell_id "
    "join submitted_notebook m on m.id = g.notebook_id join notebook n on n.id = m.notebook_id "
    "join submitted_assignment s on s.id = m.assignment_id",
    "comment": "select s.student_id, n.name, c.name, c.type, g.auto_comment, g.manual_comment "
    "from comment g join base_cell c on c.id = g.cell_id join submitted_notebook m on m.id = g.notebook_id "
    "join notebook n on n.id = m.notebook_id join submitted_assignment s on s.id = m.assignment_id",
    "submitted_notebook": "select s.student_id, n.name, m.flagged, m.late_submission_penalty from submitted_notebook m "
    "join notebook n on n.id = m.notebook_id join submitted_assignment s on s.id = m.assignment_id",
    "submitted_assignment": "select a.name, s.student_id, s.timestamp, s.extension from submitted_assignment s "
    "join assignment a on a.id = s.assignment_id",
    "student": "select * from student",
    "assignment": "select name, duedate, course_id from assignment",
    "course": "select * from course",
}


def dump(root: Path) -> dict[str, list]:
    database = sqlite3.connect(root / "gradebook.db")
    try:
        return {name: sorted(database.execute(query).fetchall(), key=repr) for name, query in QUERIES.items()}
    finally:
        database.close()


def autograded(root: Path) -> dict[str, tuple[int, bytes]]:
    folder = root / "autograded"
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): (path.stat().st_mode, path.read_bytes()) for path in paths}
