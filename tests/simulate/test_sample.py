"""A sample class: deterministic, of every kind, and never over anybody else's work."""

from __future__ import annotations

import hashlib
from pathlib import Path

import nbformat
import pytest

from nabla.course import Course, CourseError
from nabla.simulate.people import class_of
from nabla.simulate.sample import make_sample, true_scores
from nabla.simulate.tricks import BROKEN, DISHONEST
from nabla.simulate.truth import DeclaredWrongAnswer

SQUARED = DeclaredWrongAnswer("squared", "double", "double", ("test_is_twice_its_argument",), None)


def tree(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def course(tiny_course):
    return Course.load(tiny_course)


def test_the_same_seed_makes_the_same_class(course):
    make_sample(course, 20, seed=3)
    first = tree(course.folder("submitted"))
    make_sample(course, 20, seed=3)
    assert tree(course.folder("submitted")) == first
    make_sample(course, 20, seed=4)
    assert tree(course.folder("submitted")) != first


def test_who_answers_in_words_waits_for_a_person_and_who_leaves_it_out_does_not(course):
    notebook = course.folder("source") / "tiny" / "tiny.ipynb"
    nb = nbformat.read(notebook, 4)
    marking = {"grade": True, "solution": True, "locked": False, "grade_id": "words", "points": 2, "schema_version": 3}
    words = nbformat.v4.new_markdown_cell("Your answer.", metadata={"nbgrader": {**marking, "task": False}})
    nbformat.write(nbformat.v4.new_notebook(cells=[*nb.cells, words], metadata=nb.metadata), notebook)
    written = {}
    for paper in make_sample(course, 20, seed=0):
        if paper.student.trick is None:
            [content] = paper.files.values()
            cells = nbformat.reads(content.decode(), 4).cells
            written[paper.student.character] = "formgrader" in cells[-1].source
    assert written == {"good": True, "wrong": True, "several": True, "partial": True, "blank": False}


def test_a_smaller_class_leaves_nobody_behind(course):
    make_sample(course, 40, seed=0)
    make_sample(course, 3, seed=0)
    assert len(list(course.folder("submitted").iterdir())) == 3


def test_every_kind_of_student_is_in_a_class_of_twenty():
    characters = {student.character for student in class_of(20, 0, ["double"], [SQUARED], ["numpy"])}
    assert characters == {"good", "wrong", "several", "blank", "partial", "broken", "dishonest"}


def test_a_mixed_class_has_each_edition_equally_often_and_only_wrong_answers_that_can_occur_in_it():
    torchs = DeclaredWrongAnswer("kept", "double", "double", ("test_stays",), ("torch",), "torch")
    people = class_of(200, 0, ["double"], [SQUARED, torchs], ["numpy", "torch"])
    assert [sum(student.framework == name for student in people) for name in ("numpy", "torch")] == [100, 100]
    made = {(student.framework, answer.name) for student in people for answer in student.wrong.values()}
    assert made == {("numpy", "squared"), ("torch", "squared"), ("torch", "kept")}
    for framework in ("numpy", "torch"):
        of_it = [student for student in people if student.framework == framework]
        assert len({student.character for student in of_it}) == 7
        assert {student.language for student in of_it} == {"en", "ja"}


def test_a_mixed_class_is_told_apart_in_its_notebooks(course):
    course.settings.frameworks = course.config.Nabla.frameworks = ["torch"]
    papers = make_sample(course, 20, 0, ["numpy", "torch"])
    for paper in papers:
        if paper.student.character in ("good", "wrong", "blank"):
            [content] = paper.files.values()
            edition = {"framework": paper.student.framework, "language": paper.student.language}
            assert nbformat.reads(content.decode(), 4).metadata.nabla == edition
    assert {paper.student.framework for paper in papers} == {"numpy", "torch"}


def test_nobody_hands_in_an_edition_that_would_be_graded_as_another(course):
    with pytest.raises(CourseError, match=r"no jax edition.* c\.Nabla\.frameworks = \['jax'\]"):
        make_sample(course, 5, 0, ["numpy", "jax"])
    assert not course.folder("submitted").exists()


def test_a_large_class_uses_every_trick(course):
    papers = make_sample(course, 100, seed=0)
    used = {paper.student.trick.name for paper in papers if paper.student.trick}
    assert used == {trick.name for trick in (*BROKEN, *DISHONEST)}


def test_a_large_class_makes_every_wrong_answer(course):
    papers = make_sample(course, 40, seed=0)
    made = {answer.name for paper in papers for answer in paper.student.wrong.values()}
    assert made == {"squared", "in_place", "takes_everything"}


def test_somebody_elses_work_is_never_touched(course):
    make_sample(course, 5, seed=0)
    foreign = course.folder("submitted") / "carla" / "tiny" / "tiny.ipynb"
    foreign.parent.mkdir(parents=True, exist_ok=True)
    foreign.write_text("hers")
    before = tree(course.folder("submitted"))
    with pytest.raises(CourseError, match="was not made by nabla simulate"):
        make_sample(course, 5, seed=1)
    assert tree(course.folder("submitted")) == before


def test_a_sample_that_somebody_has_changed_counts_as_their_work(course):
    make_sample(course, 5, seed=0)
    notebook = next(course.folder("submitted").glob("*/tiny/tiny.ipynb"))
    notebook.write_text(notebook.read_text() + "\n")
    with pytest.raises(CourseError, match="was not made by nabla simulate"):
        make_sample(course, 5, seed=0)


def test_a_changed_paper_has_no_true_score_any_more(course):
    make_sample(course, 5, seed=0)
    before = true_scores(course)
    notebook = next(course.folder("submitted").glob("*/tiny/tiny.ipynb"))
    notebook.write_text(notebook.read_text() + "\n")
    assert set(before) - set(true_scores(course)) == {(notebook.parent.parent.name, "tiny")}


def test_a_course_without_a_sample_has_no_true_scores(course):
    assert true_scores(course) is None


def test_what_cannot_be_read_has_no_true_score_rather_than_zero(course):
    papers = make_sample(course, 100, seed=0)
    unreadable = {trick.name for trick in BROKEN if trick.worth == "unreadable"}
    scores = {paper.score for paper in papers if paper.student.trick and paper.student.trick.name in unreadable}
    assert scores == {None}
