"""Nothing that a student wrote steers the terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from nabla.cli.progress import progress
from nabla.cli.tables import agrees, points, print_class
from nabla.cli.text import plain, safe
from nabla.grading.result import SubmissionResult
from nabla.verdicts import ExerciseVerdict


@pytest.mark.parametrize("evil", ["\x1b[2J", "\x1b]0;title\x07", "\u202e", "\x9b31m", "\r", "\x00", "\u2066"])
def test_no_control_or_direction_character_reaches_the_terminal(evil):
    shown = plain(f"a{evil}b")
    assert shown.isprintable()


def test_markup_is_shown_and_not_obeyed():
    out = io.StringIO()
    Console(file=out, force_terminal=True, color_system="truecolor").print(safe("[red]x[/red]"))
    assert "[red]x[/red]" in out.getvalue()


def test_long_text_is_cut():
    assert len(plain("x" * 10_000, 50)) == 50


@pytest.mark.parametrize("terminal", [True, False])
def test_a_table_survives_hostile_names(terminal):
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=200, color_system=None)
    name = "[bold]bo\x1b[2Jb\n::notice::Points 100/100"
    print_class(console, [SubmissionResult.failed(name, "tiny", "[/] \x1b]8;;evil\x07 why")])
    text = out.getvalue()
    assert "\x1b[2J" not in text
    assert "\x1b]8" not in text
    assert "[bold]bo" in text
    assert not any(line.startswith("::") for line in text.splitlines())


def test_what_was_put_right_is_told_below_the_table_of_the_first_few():
    out = io.StringIO()
    console = Console(file=out, width=200, color_system=None)
    remarks = ("test_a: points put back to 2", "\x1b[2Jdeleted cells were put back: test_b")
    results = [SubmissionResult(f"s{n:02}", "tiny", "graded", score=1.0, remarks=remarks) for n in range(12)]
    print_class(console, results)
    text = out.getvalue()
    assert "s09, tiny: put right before grading: test_a: points put back to 2; " in text
    assert "s10, tiny: put right" not in text
    assert "Put right in 2 more submissions" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(("width", "heading"), [(200, "gradient_of_the_first"), (80, "1")])
def test_a_table_that_is_too_wide_has_numbers_over_its_columns_and_their_names_below(width, heading):
    names = [f"gradient_of_the_{which}" for which in ("first", "second", "third", "fourth")]
    exercises = tuple(ExerciseVerdict(f"test_{name}", 1.0, 1.0, sealed=True) for name in names)
    result = SubmissionResult("ana", "tiny", "graded", score=4.0, max_score=4.0, exercises=exercises)
    out = io.StringIO()
    print_class(Console(file=out, force_terminal=True, width=width, color_system=None), [result])
    head = next(line for line in out.getvalue().splitlines() if "student" in line)
    assert heading in head.replace("┃", " ").split()
    assert all(name in out.getvalue() for name in names)


@pytest.mark.parametrize(("value", "shown"), [(None, "–"), (7.0, "7"), (8 / 3, "2.67"), (0.0, "0"), (10.0, "10")])
def test_points_are_shown_as_people_write_them(value, shown):
    assert points(value) == shown


def test_no_score_agrees_with_no_score_only():
    assert agrees(None, None)
    assert not agrees(None, 0.0)
    assert not agrees(0.0, None)
    assert agrees(2.666667, 8 / 3)
    assert not agrees(2.6, 2.7)


def test_progress_in_a_log_is_plain_lines():
    out = io.StringIO()
    with progress(Console(file=out, width=200), "grading", 2) as step:
        step("one")
        step("two\x1b[2J")
    assert out.getvalue().count("\n") == 1
    assert "grading 2/2" in out.getvalue()
    assert "\x1b[2J" not in out.getvalue()
