"""What holds for the text of every assignment, whatever it teaches: two languages, stubs, hints, and the text twin."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nabla.checks import Judge
from nabla.course import Course
from nabla.grading.translations import differences
from nabla.notebook.twin import check_equal, notebook_to_twin, twin_to_notebook

ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "nbgrader_config.py").exists())
EXERCISES = {
    "chain_rule": 6,
    "critical_points": 5,
    "exercises": 5,
    "gradients": 6,
    "hessians": 8,
    "matrix_calculus": 7,
}
AGAINST_THE_TABLE = (
    "グラデーション", "デリバティブ", "差別化", "パーシャル", "チェーンルール", "最も急な降下", "クリティカルポイント", "ヘッシアン",
    "移調", "記譜法", "行列因数分解", "作曲", "学期", "バックプロパゲーション", "サドル",
)  # fmt: skip


@pytest.fixture(scope="module", params=EXERCISES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def twin(name):
    return ROOT / "notebooks" / f"{name}.md"


@pytest.fixture(scope="module")
def notebook(twin):
    return twin_to_notebook(twin)


@pytest.fixture(scope="module")
def judge(name):
    return Judge(ROOT / "grader_tests", name)


def in_language(notebook, language):
    return [cell.source for cell in notebook.cells if language in cell.metadata.get("tags", [])]


def test_every_assignment_of_the_course_is_looked_at():
    assert sorted(EXERCISES) == Course.load(ROOT).assignments()


def test_the_source_notebook_and_its_text_twin_give_each_other(name, twin, notebook):
    check_equal(twin, ROOT / "source" / name / f"{name}.ipynb")
    assert notebook_to_twin(notebook) == twin.read_text(encoding="utf-8")


def test_both_languages_have_the_same_formulas_and_code(notebook):
    assert differences(notebook) == []


def test_brackets_stand_outside_of_japanese_emphasis(notebook):
    for text in in_language(notebook, "ja"):
        assert re.findall(r"[）」。、]\*\*[^\s、。（：]", text) == []


def test_japanese_text_keeps_to_the_table_of_words(notebook, judge):
    hints = [wrong.hint["ja"] for answers in judge.wrong_answers.values() for wrong in answers]
    for text in in_language(notebook, "ja") + hints:
        assert [word for word in AGAINST_THE_TABLE if word in text] == []


def test_japanese_text_is_polite_throughout(notebook):
    for text in in_language(notebook, "ja"):
        text = re.sub(r"=== BEGIN MARK SCHEME ===.*=== END MARK SCHEME ===", "", text, flags=re.S)
        sentences = re.findall(r"[^。\n]*[ぁ-ん][^。\n]*。", text)
        assert [found for found in sentences if re.search(r"(だ|である|する|ない|った|れる|く)。$", found)] == []


def test_every_exercise_states_difficulty_and_time_in_both_languages(name, notebook):
    for language, minutes in (("en", "minutes"), ("ja", "分")):
        text = "\n".join(in_language(notebook, language))
        assert len(re.findall(rf"^## .*[★☆]{{3}}.*\d+ {minutes}", text, flags=re.M)) == EXERCISES[name]


def test_a_stub_says_how_long_the_answer_is(notebook):
    for cell in notebook.cells:
        if not cell.metadata.get("nbgrader", {}).get("solution"):
            continue
        if cell.cell_type == "code":
            said = re.findall(r"# about \d+ lines?[^\n]*\n +### BEGIN SOLUTION", cell.source)
            assert len(said) == cell.source.count("### BEGIN SOLUTION") >= 1, cell.id
            assert "Example: " in cell.source, cell.id
        else:
            assert "=== BEGIN MARK SCHEME ===" in cell.source, cell.id


def test_every_exercise_has_three_wrong_answers_at_least(judge):
    assert [grade_id for grade_id in judge.exercises if len(judge.wrong_answers[grade_id]) < 3] == []


def test_hints_ask_in_both_languages_and_never_twice_the_same(judge):
    for answers in judge.wrong_answers.values():
        for wrong in answers:
            assert "?" in wrong.hint["en"], wrong.name
            assert re.search(r"(か|でしょう|ましょう)。", wrong.hint["ja"]), wrong.name
            assert wrong.hint["ja"].endswith("。"), wrong.name
        for language in ("en", "ja"):
            assert len({wrong.hint[language] for wrong in answers}) == len(answers), language
