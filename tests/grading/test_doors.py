"""`nbgrader autograde` and the fast door leave the same rows and the same bytes."""

import copy
import json
import os
import re
import sqlite3
import sys
from pathlib import Path

import pytest
from nbgrader.converters import Autograde

from nabla.grading import preprocessors
from tests.grading.doors.both import BothDoors, FakeEngine, dump, release_course, start

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own, in its add_submission


@pytest.fixture(autouse=True)
def fake_engine(monkeypatch):
    monkeypatch.setattr(preprocessors, "Engine", FakeEngine)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    root = tmp_path_factory.mktemp("released") / "course"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        release_course(root)
    return root


@pytest.fixture
def doors(released, tmp_path):
    return BothDoors(released, tmp_path)


def answered(nb, **answers):
    nb = copy.deepcopy(nb)
    for cell in nb["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in answers:
            cell["source"] = answers[name]
    return nb


def without(nb, *names):
    nb = copy.deepcopy(nb)
    nb["cells"] = [cell for cell in nb["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") not in names]
    return nb


def scores(rows, student):
    return {cell: (auto, needs) for who, _, cell, _, auto, _, _, needs in rows["grade"] if who == student}


def test_both_doors_leave_the_same_of_a_first_submission(doors):
    doors.submit(
        "ann", {"p1.ipynb": json.dumps(answered(doors.released(), one="answer = 1", why="Because")), "a.txt": "x"}
    )
    doors.submit("ben", {"p1.ipynb": json.dumps(doors.released()), "p2.ipynb": json.dumps(doors.released("p2"))})
    rows = doors.grade()
    assert scores(rows, "ann") == {
        "test_one": (2, 0),
        "test_unsealed": (1, 0),
        "why": (None, 1),
        "task": (None, 1),
        "test_two": (0, 0),
    }
    assert scores(rows, "ben")["why"] == (0, 0)
    comments = {(who, cell): comment for who, _, cell, _, comment, _ in rows["comment"]}
    assert comments["ben", "why"] == "No response."
    assert comments["ann", "why"] is None


def test_both_doors_leave_the_same_of_a_resubmission(doors):
    nb = doors.released()
    doors.submit("ann", {"p1.ipynb": json.dumps(answered(nb, one="good")), "timestamp.txt": "2030-01-01 00:00:00 UTC"})
    doors.grade()
    doors.submit("ann", {"p1.ipynb": json.dumps(answered(nb, one="half")), "timestamp.txt": "2030-01-02 00:00:00 UTC"})
    rows = doors.grade()
    assert scores(rows, "ann")["test_one"] == (1, 0)
    assert rows["submitted_assignment"][0][2] == "2030-01-02 00:00:00.000000"


def test_a_manual_mark_stays_and_asks_for_another_look(doors):
    doors.submit("ann", {"p1.ipynb": json.dumps(answered(doors.released(), one="good", why="Because"))})
    doors.grade()
    doors.sql("update grade set manual_score = 1.5, needs_manual_grade = 0, extra_credit = 0.5")
    doors.sql("update comment set manual_comment = 'Well done'")
    rows = doors.grade()
    assert scores(rows, "ann")["test_one"] == (2, 1)
    assert {row[5] for row in rows["grade"]} == {1.5}
    assert {row[5] for row in rows["comment"]} == {"Well done"}


@pytest.mark.parametrize("method", ["zero", "none"])
def test_both_doors_take_the_same_late_penalty(doors, method):
    doors.configure(f"c.LateSubmissionPlugin.penalty_method = '{method}'\n")
    doors.sql("update assignment set duedate = '2030-01-01 00:00:00.000000'")
    doors.submit(
        "ann",
        {"p1.ipynb": json.dumps(answered(doors.released(), one="half")), "timestamp.txt": "2030-01-02 00:00:00 UTC"},
    )
    doors.submit("ben", {"p1.ipynb": json.dumps(doors.released()), "timestamp.txt": "2029-12-31 00:00:00 UTC"})
    rows = doors.grade()
    penalties = {(who, name): penalty for who, name, _, penalty in rows["submitted_notebook"]}
    assert penalties["ann", "p1"] == (1.5 if method == "zero" else None)
    assert penalties["ben", "p1"] is None


DOCS = Path(__file__).parents[2] / "docs" / "lms.md"


def test_a_penalty_by_days_a_grace_and_extensions_as_the_page_says(doors):
    (policy,) = re.findall(r"```python\n(c\.AssignLatePenalties.*?)```", DOCS.read_text(encoding="utf-8"), re.S)
    doors.configure("\n" + policy.replace("hessians", "ps1"))
    doors.sql("update assignment set duedate = '2030-01-01 00:00:00.000000'")
    handed_in = {
        "ann": "2030-01-01 00:05:00 UTC",
        "ben": "2030-01-01 00:11:00 UTC",
        "cat": "2030-01-02 12:00:00 UTC",
        "dan": "2030-01-07 00:00:00 UTC",
        "eve": "2030-01-02 12:00:00 UTC",
        "fay": "2030-01-02 11:00:00 UTC",
    }
    for student, time in handed_in.items():
        doors.submit(student, {"p1.ipynb": json.dumps(doors.released()), "timestamp.txt": time})
    rows = doors.grade()
    penalties = {who: penalty for who, name, _, penalty in rows["submitted_notebook"] if name == "p1"}
    assert penalties == {"ann": None, "ben": 0.6, "cat": 1.2, "dan": 3.0, "eve": 0.6, "fay": None}


def test_an_extension_that_the_configuration_does_not_name_stays(doors):
    doors.configure("c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    doors.sql("update assignment set duedate = '2030-01-01 00:00:00.000000'")
    doors.submit("ann", {"p1.ipynb": json.dumps(doors.released()), "timestamp.txt": "2030-01-02 00:00:00 UTC"})
    doors.grade()
    doors.sql("update submitted_assignment set extension = '1970-01-03 00:00:00.000000'")
    rows = doors.grade()
    assert {penalty for _, name, _, penalty in rows["submitted_notebook"] if name == "p1"} == {None}


def test_both_doors_put_deleted_moved_doubled_and_edited_cells_right(doors):
    nb = doors.released()
    doors.submit("ann", {"p1.ipynb": json.dumps(without(nb, "test_one", "why", "task", "one"))})
    doors.submit("ben", {"p1.ipynb": json.dumps({**nb, "cells": nb["cells"][::-1]})})
    doors.submit("cat", {"p1.ipynb": json.dumps({**nb, "cells": nb["cells"] * 2})})
    doors.submit("dan", {"p1.ipynb": json.dumps(answered(nb, test_one="5", prelude="import os", task="done"))})
    rows = doors.grade()
    for student in ("ann", "ben", "cat", "dan"):
        assert scores(rows, student)["test_one"] == (2, 0)
        assert scores(rows, student)["why"] == (0, 0)


def test_a_deleted_cell_of_a_resubmission_keeps_no_old_score(doors):
    nb = doors.released()
    doors.submit("ann", {"p1.ipynb": json.dumps(answered(nb, one="good"))})
    doors.grade()
    doors.submit("ann", {"p1.ipynb": json.dumps(without(answered(nb, one="nothing"), "test_one"))})
    assert scores(doors.grade(), "ann")["test_one"] == (0, 0)


def test_no_verdict_is_no_score(doors):
    doors.submit("ann", {"p1.ipynb": json.dumps(answered(doors.released(), one="broken"))})
    assert scores(doors.grade(), "ann")["test_one"] == (None, 1)


def test_the_japanese_edition_unanswered_is_no_response(doors):
    source = json.loads((doors.roots["slow"] / "source" / "ps1" / "p1.ipynb").read_text())
    stub = "YOUR ANSWER HERE"
    cells = [cell for cell in source["cells"] if "en" not in cell["metadata"].get("tags", [])]
    nb = answered({**source, "cells": cells}, why=f"なぜ？\n\n{stub}")
    nb["metadata"]["nabla"] = {"language": "ja", "framework": "torch"}
    doors.submit("ann", {"p1.ipynb": json.dumps(nb)})
    doors.submit("ben", {"p1.ipynb": json.dumps(answered(nb, why="なぜ？\n\nだから"))})
    rows = doors.grade()
    assert scores(rows, "ann")["why"] == (0, 0)
    assert scores(rows, "ben")["why"] == (None, 1)


def test_an_unreadable_resubmission_keeps_no_old_score_and_stops_nobody_else(doors):
    doors.submit("ann", {"p1.ipynb": json.dumps(doors.released())})
    doors.submit("ben", {"p1.ipynb": json.dumps(doors.released())})
    doors.grade()
    doors.submit("ann", {"p1.ipynb": b'{"cells": ['})
    rows = doors.grade(failing=("ann",))
    assert scores(rows, "ann")["test_one"] == (None, 1)
    assert scores(rows, "ben")["test_one"] == (2, 0)


def test_live_text_is_inert_and_an_answer_of_it_counts_as_one(doors):
    script = "<script>alert(1)</script>"
    nb = answered(doors.released(), why=script)
    nb["cells"] += [
        {"cell_type": "raw", "metadata": {"raw_mimetype": "text/html"}, "source": script, "id": "raw"},
        {"cell_type": "markdown", "metadata": {}, "source": f"[x](javascript:1) {script}", "id": "more"},
    ]
    doors.submit("ann", {"p1.ipynb": json.dumps(nb)})
    rows = doors.grade()
    assert scores(rows, "ann")["why"] == (None, 1)
    written = (doors.roots["fast"] / "autograded" / "ann" / "ps1" / "p1.ipynb").read_text()
    assert "<script" not in written


def test_the_usual_options_of_nbgraders_own_steps_still_work(doors):
    doors.configure(
        "c.LimitOutput.max_lines = 5\nc.ClearMetadataPreprocessor.enabled = True\n"
        "c.ClearMetadataPreprocessor.clear_notebook_metadata = False\n"
        "c.ClearMetadataPreprocessor.preserve_cell_metadata_mask = [('nbgrader')]\n"
        "c.IgnorePattern.enabled = True\nc.IgnorePattern.pattern = 'warn'\nc.Autograde.permissions = 644\n",
    )
    doors.submit("ann", {"p1.ipynb": json.dumps(doors.released())})
    doors.grade()
    nb = json.loads((doors.roots["fast"] / "autograded" / "ann" / "ps1" / "p1.ipynb").read_text())
    streams = [out for cell in nb["cells"] for out in cell.get("outputs", ()) if out["output_type"] == "stream"]
    assert max(len(out["text"]) for out in streams) == 5


def test_a_link_beside_the_notebook_is_nowhere_in_what_is_published(doors, tmp_path):
    (tmp_path / "secret").write_text("secret")
    doors.submit("ann", {"p1.ipynb": json.dumps(doors.released())})
    for root in doors.roots.values():
        (root / "submitted" / "ann" / "ps1" / "notes.txt").symlink_to(tmp_path / "secret")
    doors.grade()
    assert not list(doors.roots["slow"].glob("autograded/**/notes.txt"))


def test_without_running_again_a_sealed_cell_keeps_its_verdict_for_the_same_notebook(doors):
    nb = answered(doors.released(), one="half")
    doors.submit("ann", {"p1.ipynb": json.dumps(nb)})
    doors.grade()
    slow = doors.roots["slow"]
    doors.configure("c.Execute.enabled = False\nc.ClearOutput.enabled = False\n")
    start(Autograde, slow)
    assert scores(dump(slow), "ann")["test_one"] == (1, 0)
    assert "law" in (slow / "autograded" / "ann" / "ps1" / "p1.ipynb").read_text()


def test_without_running_again_no_output_becomes_a_score(doors):
    nb = answered(doors.released(), one="half")
    doors.submit("ann", {"p1.ipynb": json.dumps(nb)})
    doors.grade()
    forged = {"output_type": "execute_result", "data": {"text/plain": "2"}, "metadata": {}, "execution_count": 1}
    for cell in nb["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [forged]
    nb["cells"][2]["source"] += " # changed since"
    doors.submit("ann", {"p1.ipynb": json.dumps(nb)})
    doors.configure("c.Execute.enabled = False\nc.ClearOutput.enabled = False\n")
    start(Autograde, doors.roots["slow"])
    rows = scores(dump(doors.roots["slow"]), "ann")
    assert rows["test_one"] == rows["test_unsealed"] == (None, 1)


def test_a_kernel_that_is_not_pythons_is_refused_and_named(doors, caplog):
    for root in doors.roots.values():
        with sqlite3.connect(root / "gradebook.db") as database:
            database.execute("update notebook set kernelspec = '{}'")
        database.close()
    nb = doors.released()
    nb["metadata"]["kernelspec"] = {"name": "bash", "language": "bash", "display_name": "Bash"}
    doors.submit("ann", {"p1.ipynb": json.dumps(nb)})
    start(Autograde, doors.roots["slow"], fails=True)
    assert "kernel 'bash'" in caplog.text
