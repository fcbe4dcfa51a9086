import sqlite3
import threading
import time
from datetime import datetime

import pytest
from nbgrader.api import Gradebook

from nabla.gradebook import GradebookError, GradebookWriter, NotebookGrades, Submission, stored_assignment

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


@pytest.fixture(scope="module")
def empty_gradebook(tmp_path_factory):
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    GradebookWriter(f"sqlite:///{path}").close()
    with Gradebook(f"sqlite:///{path}") as gradebook:
        gradebook.add_assignment("ps1")
        for name in ("p1", "p2"):
            gradebook.add_notebook(name, "ps1", kernelspec='{"name": "python3"}')
            gradebook.add_grade_cell("test_one", name, "ps1", max_score=2, cell_type="code")
            gradebook.add_solution_cell("one", name, "ps1")
            gradebook.add_source_cell(
                "test_one", name, "ps1", cell_type="code", source="x", locked=True, checksum="0" * 32
            )
        gradebook.add_task_cell("task", "p1", "ps1", max_score=4, cell_type="markdown")
    return path


@pytest.fixture
def path(empty_gradebook, tmp_path):
    path = tmp_path / "gradebook.db"
    path.write_bytes(empty_gradebook.read_bytes())
    return path


@pytest.fixture
def writer(path):
    with GradebookWriter(f"sqlite:///{path}") as writer:
        yield writer


def rows(path, query):
    database = sqlite3.connect(path)
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


def graded(score=2.0, **more):
    grades = {"p1": NotebookGrades({"test_one": score}, {"one": None, "task": None})}
    return Submission("ps1", "ann", notebooks=grades, **more)


def test_a_saved_submission_stands_as_its_verdict_says(writer, path):
    standing = writer.save(graded(1.5))
    assert (standing.score, standing.max_score, standing.needs_manual_grade) == (1.5, 8.0, True)
    assert rows(path, "select count(*) from student") == [(1,)]


def test_a_submission_is_saved_whole_or_not_at_all(writer, path, monkeypatch):
    def fails(*_):
        raise RuntimeError("the power went")

    monkeypatch.setattr("nabla.gradebook.rows.SubmissionRows.penalise", fails)
    with pytest.raises(RuntimeError, match="power"):
        writer.save(graded())
    for table in ("student", "submitted_assignment", "submitted_notebook", "grade", "comment"):
        assert rows(path, f"select count(*) from {table}") == [(0,)]


def test_a_locked_gradebook_is_waited_for(path, monkeypatch):
    monkeypatch.setattr("nabla.gradebook.writer._LOCK_SECONDS", 0.05)
    with GradebookWriter(f"sqlite:///{path}") as writer:
        other = sqlite3.connect(path, check_same_thread=False)
        other.execute("begin exclusive")
        unlock = threading.Timer(0.6, other.rollback)
        unlock.start()
        assert writer.save(graded()).score == 2.0
        unlock.join()
        other.close()


def test_a_gradebook_that_stays_locked_is_named(path, monkeypatch):
    monkeypatch.setattr("nabla.gradebook.writer._LOCK_SECONDS", 0.01)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with GradebookWriter(f"sqlite:///{path}") as writer:
        other = sqlite3.connect(path)
        other.execute("begin exclusive")
        with pytest.raises(GradebookError, match=r"gradebook\.db: can't be written .*locked.*--db"):
            writer.save(graded())
        other.close()


def test_two_writers_at_once_lose_nothing(path):
    def write(prefix):
        with GradebookWriter(f"sqlite:///{path}") as writer:
            for number in range(10):
                writer.save(Submission("ps1", f"{prefix}{number}", notebooks={"p1": NotebookGrades({"test_one": 1.0})}))

    threads = [threading.Thread(target=write, args=(prefix,)) for prefix in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rows(path, "select count(*) from grade where auto_score = 1.0") == [(20,)]


def test_an_assignment_that_was_never_released_is_named(writer):
    with pytest.raises(GradebookError, match=r"no assignment 'ps9'.*generate_assignment ps9"):
        writer.save(Submission("ps9", "ann"))


def test_an_unknown_student_is_refused_where_none_may_be_made(path):
    writer = GradebookWriter(f"sqlite:///{path}", create_student=False)
    with writer, pytest.raises(GradebookError, match=r"no student 'ann'.*db student add ann"):
        writer.save(graded())


def test_cells_added_since_get_their_rows(path):
    with GradebookWriter(f"sqlite:///{path}") as writer:
        writer.save(graded())
    with Gradebook(f"sqlite:///{path}") as gradebook:
        gradebook.add_grade_cell("test_two", "p1", "ps1", max_score=3, cell_type="code")
    grades = NotebookGrades({"test_one": 1.0, "test_two": 3.0})
    with GradebookWriter(f"sqlite:///{path}") as writer:
        assert writer.save(Submission("ps1", "ann", notebooks={"p1": grades})).score == 4.0


def test_a_time_stays_until_another_is_given(writer, path):
    writer.save(graded(timestamp=datetime(2030, 1, 1)))
    writer.save(graded())
    assert rows(path, "select timestamp from submitted_assignment") == [("2030-01-01 00:00:00.000000",)]


def test_a_failed_notebook_keeps_no_old_score(writer, path):
    writer.save(graded())
    standing = writer.save(Submission("ps1", "ann", failed=("p1",)))
    assert (standing.score, standing.needs_manual_grade) == (0.0, True)


def test_what_was_released_is_read_with_its_marks(path):
    stored = stored_assignment(f"sqlite:///{path}", "ps1")
    assert sorted(stored.notebooks) == ["p1", "p2"]
    (cell,) = stored.notebooks["p1"].cells
    assert (cell.id, cell.grade, cell.solution, cell.locked, cell.points) == ("test_one", True, False, True, 2.0)
    assert stored.notebooks["p1"].kernelspec == {"name": "python3"}


def test_no_gradebook_is_named(tmp_path):
    with pytest.raises(GradebookError, match="no gradebook there"):
        stored_assignment(f"sqlite:///{tmp_path / 'none.db'}", "ps1")
