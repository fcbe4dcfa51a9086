"""The command line as people and scripts use it: words, exit codes, and never a traceback for a user's mistake."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NABLA = Path(sys.executable).with_name("nabla")


def nabla(*arguments, course=None, code=0):
    where = ["--course", str(course)] if course else []
    environment = {**os.environ, "COLUMNS": "140", "NO_COLOR": "1"}
    found = subprocess.run(
        [str(NABLA), *map(str, arguments), *where], capture_output=True, text=True, env=environment, check=False
    )
    assert found.returncode == code, found.stdout + found.stderr
    assert "Traceback" not in found.stderr
    return found.stdout + found.stderr


@pytest.fixture(scope="module")
def graded(tmp_path_factory, released_once):
    """A tiny course with a graded sample class, and what grading said."""
    root = shutil.copytree(released_once, tmp_path_factory.mktemp("graded") / "tiny")
    nabla("simulate", "--students", "20", course=root)
    said = nabla("grade", "--workers", "2", "--json", root / "result.json", course=root)
    return root, said


@pytest.mark.parametrize("command", ["release", "simulate", "grade", "feedback", "verify", "replay"])
def test_every_command_explains_itself(command):
    text = nabla(command, "--help")
    assert "--course" in text
    assert len(text.splitlines()) > 8


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["grade", "--nope"], "No such option"),
        (["nope"], "No such command"),
        (["grade", "--course", "/nowhere"], "--course DIR"),
        (["simulate", "--students", "0"], "--students"),
    ],
)
def test_wrong_usage_ends_with_code_2_and_says_what_to_do(arguments, told):
    assert told in nabla(*arguments, code=2)


def test_a_folder_that_is_no_course_is_said_to_be_none(tmp_path):
    assert "no assignment here" in nabla("grade", course=tmp_path, code=2)


def test_an_unknown_assignment_is_answered_with_the_known_ones(tiny_course):
    assert "It has: tiny" in nabla("release", "huge", course=tiny_course, code=2)


def test_grading_nothing_says_how_to_get_something(released_course):
    assert "nabla simulate" in nabla("grade", course=released_course, code=2)


def test_grading_before_the_release_says_so(tiny_course):
    nabla("simulate", "--students", "3", course=tiny_course)
    assert "generate_assignment" in nabla("grade", course=tiny_course, code=2)


def test_feedback_before_grading_says_so(tiny_course):
    assert "nabla grade" in nabla("feedback", course=tiny_course, code=2)


def test_another_edition_needs_a_folder_of_its_own(tiny_course):
    assert "--to DIR" in nabla("release", "tiny", "--lang", "ja", course=tiny_course, code=2)
    assert not (tiny_course / "release").exists()


def test_a_released_edition_that_nobody_could_hand_in_is_told(tiny_course, tmp_path):
    release = ("release", "tiny", "--framework", "jax", "--to", tmp_path / "jax")
    assert "c.Nabla.frameworks = ['jax']" in nabla(*release, course=tiny_course)
    with (tiny_course / "nbgrader_config.py").open("a") as config:
        config.write("c.Nabla.frameworks = ['jax']\n")
    assert "c.Nabla.frameworks" not in nabla(*release, course=tiny_course)


def test_a_sample_class_of_all_editions_needs_more_than_one(tiny_course):
    assert "the numpy edition alone" in nabla("simulate", "--framework", "all", course=tiny_course, code=2)
    with (tiny_course / "nbgrader_config.py").open("a") as config:
        config.write("c.Nabla.frameworks = ['jax']\n")
    nabla("simulate", "--framework", "all", "--students", "6", course=tiny_course)
    record = json.loads((tiny_course / ".nabla" / "sample.json").read_text())
    assert {row["framework"] for row in record["papers"]} == {"numpy", "jax"}


def test_a_broken_configuration_is_named(tiny_course):
    (tiny_course / "nbgrader_config.py").write_text("c = get_config(\n")
    assert "nbgrader_config.py: can't be read" in nabla("grade", course=tiny_course, code=2)


def test_a_broken_check_file_is_named_with_its_line(released_course):
    nabla("simulate", "--students", "2", course=released_course)
    (released_course / "grader_tests" / "test_tiny.py").write_text("import numpy\nraise RuntimeError('oh')\n")
    assert "test_tiny.py:2: RuntimeError: oh" in nabla("grade", course=released_course, code=2)


def test_a_dry_run_runs_and_writes_nothing(released_course):
    nabla("simulate", "--students", "3", course=released_course)
    before = sorted(released_course.rglob("*"))
    assert "3 submissions would be graded" in nabla("grade", "--dry-run", course=released_course)
    assert sorted(released_course.rglob("*")) == before


def test_given_scores_of_a_sample_class_are_the_true_ones(graded):
    root, said = graded
    assert "given = true for all 20" in said
    assert "aiko" in said
    assert (root / "gradebook.db").is_file()


def test_what_could_not_be_graded_is_named_with_the_reason(graded):
    root, said = graded
    result = json.loads((root / "result.json").read_text())
    failed = {row["student"]: row for row in result["submissions"] if row["status"] == "failed"}
    assert failed
    for name, row in failed.items():
        assert row["score"] is None
        assert f"{name}, tiny: {row['reason']}" in said


def test_a_broken_check_shows_in_the_sample_class(graded, tmp_path):
    root = shutil.copytree(graded[0], tmp_path / "tiny")
    tests = root / "grader_tests" / "test_tiny.py"
    tests.write_text(tests.read_text().replace("2 * x, tolerance=1e-12", "2 * x, tolerance=1e9"))
    said = nabla("grade", "--workers", "2", course=root, code=1)
    assert "given scores aren't the true ones" in said


def test_with_closed_streams_grading_works_as_ever(graded, tmp_path):
    root = shutil.copytree(graded[0], tmp_path / "tiny")
    command = [
        str(NABLA),
        "grade",
        "--workers",
        "2",
        "--force",
        "--course",
        str(root),
        "--json",
        str(root / "again.json"),
    ]
    closed = functools.partial(os.closerange, 0, 3)
    assert subprocess.run(command, preexec_fn=closed, check=False, timeout=120).returncode == 0
    first, again = (json.loads((root / name).read_text())["submissions"] for name in ("result.json", "again.json"))
    assert [row["score"] for row in again] == [row["score"] for row in first]


def test_what_cannot_be_saved_is_no_fault_of_the_checks(graded, tmp_path):
    root = shutil.copytree(graded[0], tmp_path / "tiny")
    shutil.rmtree(root / "autograded" / "aiko")
    (root / "autograded" / "aiko").touch()
    said = nabla("grade", "--workers", "1", "--student", "aiko", "--force", course=root, code=1)
    assert "aiko, tiny: graded but not saved" in said
    assert "Sample class: 1 of 1 should have a score" in said
    assert "check is wrong" not in said
    assert "given = true" not in said


def test_feedback_is_one_page_for_each_graded_student(graded):
    root, _ = graded
    nabla("feedback", course=root)
    graded_notebooks = list((root / "autograded").glob("*/tiny/tiny.ipynb"))
    pages = list((root / "feedback").glob("*/tiny/tiny.html"))
    assert len(pages) == len(graded_notebooks) > 0
    assert any("Is 3 + 3 equal to 3 * 3?" in page.read_text() for page in pages)


def test_feedback_speaks_the_language_of_the_submission(graded):
    root, _ = graded
    nabla("feedback", course=root)
    pages = [page.read_text() for page in (root / "feedback").glob("*/tiny/tiny.html")]
    japanese = [page for page in pages if "二つの演習" in page]
    assert japanese
    assert not any("What about an empty array?" in page for page in japanese)
    assert any("空の配列ではどうですか" in page for page in japanese)


def test_a_replay_shows_calls_answers_and_expected_values(graded):
    root, _ = graded
    record = json.loads((root / ".nabla" / "sample.json").read_text())
    wrong = next(row for row in record["papers"] if row["wrong_answers"].get("double") == "squared")
    said = nabla("replay", wrong["student"], "tiny", "double", course=root)
    assert "double(array([" in said
    assert "failed: test_is_twice_its_argument" in said
    assert "squared" in said


def test_a_replay_of_what_is_not_there_lists_what_is(graded):
    root, _ = graded
    assert "test_double, test_halve" in nabla("replay", "aiko", "tiny", "triple", course=root, code=2)
    assert "handed in nothing" in nabla("replay", "nobody", "tiny", "double", course=root, code=2)


def test_verify_prints_how_many_mutants_were_made_caught_and_excused(released_course):
    said = nabla("verify", course=released_course)
    assert "18 made, 18 caught, 0 equivalent (0.0%), 0 unexplained." in said
    assert "The course is sound." in said
    assert "Mutants" not in nabla("verify", "--no-mutants", course=released_course)


def test_verify_says_which_editions_there_are_and_which_one_its_table_is_about(released_course):
    assert "There are: torch, numpy, tensorflow, jax, mxnet, and all" in nabla(
        "verify", "--framework", "java", course=released_course, code=2
    )
    said = nabla("verify", "--framework", "torch", course=released_course)
    assert "tiny, torch edition" in said
    assert "Mutants" not in said
    assert "The course is sound." in said


def test_verify_accepts_only_a_few_excuses(released_course):
    tests = released_course / "grader_tests" / "test_tiny.py"
    tests.write_text(tests.read_text().replace("rng.standard_normal(n)", "np.full(n, 2.0)"))
    (released_course / "grader_tests" / "equivalent").mkdir()
    (released_course / "grader_tests" / "equivalent" / "tiny.toml").write_text(
        "[[double]]\nwas = 'twice_as_much_as_before = 2 * x'\nbecomes = 'twice_as_much_as_before = 2 + x'\nwhy = 'no'\n"
    )
    said = nabla("verify", course=released_course, code=1)
    assert "17 caught, 1 equivalent (5.6%), 0 unexplained." in said
    assert "At most 5% may be equivalent" in said


def test_verify_prints_the_margin_of_each_wrong_answer_in_each_check(released_course):
    wrong = released_course / "grader_tests" / "wrong" / "tiny" / "double.py"
    wrong.write_text(wrong.read_text().replace("return x**2", "return 2 * x + 3e-12"))
    said = nabla("verify", "--margins", "--no-mutants", course=released_course)
    rows = {tuple(re.sub(r"[│\s]+", " ", line).split()) for line in said.splitlines()}
    assert {
        ("double", "squared", "is_twice_its_argument", "3e+00"),
        ("double", "in_place", "keeps_its_argument", "–"),
        ("halve", "takes_everything", "refuses_nothing", "–"),
    } <= rows, rows
    assert "margins below 100, where no hint is given" in nabla("verify", "--no-mutants", course=released_course)


def test_what_cannot_be_written_is_said_in_a_sentence(graded, tmp_path):
    (tmp_path / "file").touch()
    for command in (["export", "csv"], ["report"]):
        said = nabla(*command, "--to", tmp_path / "file" / "below", course=graded[0], code=2)
        assert "Make room there, or let this account write" in said
