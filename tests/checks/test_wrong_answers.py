"""Files of wrong answers: what is read from them, and what is said of one that can't be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from nabla.checks import CheckFileError, Judge, load_wrong_answers, wrong

CHECKS = """
from nabla.checks import assert_close


class TestTwice:
    def test_doubles(self, submission):
        assert_close(submission.twice(3.0), 6.0, tolerance=1e-9)
"""
WRONG = '''
import numpy as np
from nabla.checks import wrong


@wrong(
    fails=("test_doubles",),
    hint={"en": "How often?", "ja": "何回?"},
)
def kept(x):
    """Returns x itself."""
    return x


@wrong(fails=("test_doubles",), hint={"en": "Look at the sign."}, function="twice", frameworks=("torch",), uses=("once",))
def negative(x):
    """Loses the sign."""
    return -once(x) * 2
'''


def course(folder: Path, checks: str = CHECKS, **files: str) -> Path:
    (folder / "wrong" / "toy").mkdir(parents=True)
    (folder / "test_toy.py").write_text(checks)
    for name, text in files.items():
        (folder / "wrong" / "toy" / f"{name}.py").write_text(text)
    return folder


def test_wrong_answers_are_read_in_the_order_of_their_file(tmp_path):
    answers = load_wrong_answers(course(tmp_path, twice=WRONG), "toy")["test_twice"]
    assert [answer.name for answer in answers] == ["kept", "negative"]
    first, second = answers
    assert (first.function, first.fails, first.summary) == ("twice", ("test_doubles",), "Returns x itself.")
    assert (first.hint_in("ja"), first.hint_in("fr"), second.hint_in("ja")) == (
        "何回?",
        "How often?",
        "Look at the sign.",
    )
    assert (second.uses, second.occurs_in("torch"), second.occurs_in("jax")) == (("once",), True, False)
    assert first(3) == 3


def test_the_source_is_the_function_alone(tmp_path):
    answers = load_wrong_answers(course(tmp_path, twice=WRONG), "toy")["test_twice"]
    assert answers[0].source == 'def kept(x):\n    """Returns x itself."""\n    return x\n'


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("twice", "import no_such_module", "twice.py:1: ModuleNotFoundError: .*correct it and try again"),
        ("twice", "\nx = = 1", "twice.py:2: invalid syntax. Correct the syntax"),
        ("twice", "\n\nraise SystemExit(3)", "twice.py:3: SystemExit: 3"),
        ("other", WRONG, "other.py:1: no class of checks has the grade_id test_other"),
        (
            "twice",
            WRONG.replace("test_doubles", "test_trebles"),
            r"twice.py:\d+: kept must fail test_trebles, .* Known: test_doubles",
        ),
        ("twice", WRONG.replace('("test_doubles",)', '"test_doubles"'), "TypeError: fails takes a tuple"),
        (
            "twice",
            WRONG.replace('"en": "How often?", ', ""),
            "TypeError: hint takes a text by language, English at least",
        ),
    ],
)
def test_a_file_that_can_not_be_used_is_named_with_its_line(tmp_path, name, text, said):
    with pytest.raises(CheckFileError, match=said):
        Judge(course(tmp_path, **{name: text}), "toy")


def test_a_decorated_wrong_answer_still_is_its_function():
    @wrong(fails=("test_x",), hint={"en": "?"})
    def half(x):
        return x / 2

    assert half(4) == 2
