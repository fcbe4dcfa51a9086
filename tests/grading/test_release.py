"""A release: what `nbgrader generate_assignment` makes, other editions aside from the gradebook, and nothing that leaks."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from nabla.course import Course, CourseError
from nabla.grading.leaks import find_leaks, secrets
from nabla.grading.release import chosen_edition, release, release_edition
from nabla.notebook.editions import Edition


def rows(root: Path, table: str) -> list[tuple]:
    with sqlite3.connect(root / "gradebook.db") as database:
        names = [row[1] for row in database.execute(f"pragma table_info({table})")]
        kept = ", ".join(name for name in names if name != "id" and not name.endswith("_id"))
        return sorted(map(repr, database.execute(f"select {kept} from {table}")))


def test_a_release_is_what_nbgrader_makes(tiny_course, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(tiny_course, other)
    release(Course.load(tiny_course), ["tiny"])
    command = [str(Path(sys.executable).with_name("nbgrader")), "generate_assignment", "tiny", "--force"]
    subprocess.run(command, cwd=other, check=True, capture_output=True)
    path = Path("release") / "tiny" / "tiny.ipynb"
    assert (tiny_course / path).read_bytes() == (other / path).read_bytes()
    for table in ("assignment", "notebook", "source_cell", "grade_cells", "base_cell"):
        assert rows(tiny_course, table) == rows(other, table), table


def test_a_release_can_be_made_again_and_leaks_nothing(released_course):
    before = (released_course / "release" / "tiny" / "tiny.ipynb").read_bytes()
    again = release(Course.load(released_course), ["tiny"])[0]
    assert (again.folder / "tiny.ipynb").read_bytes() == before
    assert again.leaks == ()


def test_a_source_that_nbgrader_refuses_is_named_with_the_reason(released_course):
    notebook = released_course / "source" / "tiny" / "tiny.ipynb"
    notebook.write_text(notebook.read_text().replace("### END SOLUTION", "### FIN"))
    with pytest.raises(CourseError, match=r"no end solution statement found.*Correct source/tiny"):
        release(Course.load(released_course), ["tiny"])


def test_another_edition_never_opens_the_gradebook(tiny_course, tmp_path):
    course = Course.load(tiny_course)
    made = release_edition(course, ["tiny"], Edition("ja", "numpy"), tmp_path / "ja")[0]
    assert not (tiny_course / "gradebook.db").exists()
    assert not (tiny_course / "release").exists()
    notebook = json.loads((made.folder / "tiny.ipynb").read_text())
    assert notebook["metadata"]["nabla"] == {"language": "ja", "framework": "numpy"}
    assert any("二つの演習" in "".join(cell["source"]) for cell in notebook["cells"])
    assert not any("Two exercises" in "".join(cell["source"]) for cell in notebook["cells"])


def test_an_edition_that_no_notebook_can_have_is_refused(tiny_course):
    course = Course.load(tiny_course)
    with pytest.raises(CourseError, match="No language 'fr'"):
        chosen_edition(course, "fr", None)
    with pytest.raises(CourseError, match="No framework 'caffe'"):
        chosen_edition(course, None, "caffe")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("twice_as_much_as_before  =  2 * x", "solution of double"),
        ("- 1 point for any reason whatever that is given.", "mark scheme of written_why"),
        ("def test_is_twice_its_argument(self, submission, rng):", "grader_tests/test_tiny.py"),
        ("x *= 2\nreturn x", None),
        (
            '@wrong(fails=("test_refuses_nothing",), hint={"en": "What about an empty array?", "ja": "空の配列ではどうですか。"})',
            "halve.py",
        ),
        ("from nabla.checks import wrong", "from nabla"),
        ("see grader_tests", "grader_tests"),
        ("### BEGIN SOLUTION", "BEGIN SOLUTION"),
    ],
)
def test_what_must_stay_hidden_is_found_in_a_release(released_course, text, told):
    course = Course.load(released_course)
    folder = released_course / "release" / "tiny"
    notebook = json.loads((folder / "tiny.ipynb").read_text())
    notebook["cells"][2]["source"] = ["# a remark\n", *("    " + line + "\n" for line in text.splitlines())]
    (folder / "tiny.ipynb").write_text(json.dumps(notebook))
    found = find_leaks(folder, secrets(course, "tiny"))
    assert (told is None and found == []) or (len(found) > 0 and any(told in leak for leak in found))


def test_a_leak_beside_the_notebook_is_found_too(released_course):
    course = Course.load(released_course)
    folder = released_course / "release" / "tiny"
    shutil.copy(released_course / "grader_tests" / "wrong" / "tiny" / "halve.py", folder / "helper.py")
    assert any(leak.startswith("helper.py") for leak in find_leaks(folder, secrets(course, "tiny")))
