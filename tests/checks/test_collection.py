"""Check files: what is collected from them, and what is said of one that can't be used."""

from __future__ import annotations

import os
import sys

import pytest
from _pytest.mark import MARK_GEN

from nabla.checks import CheckFileError, Judge

GOOD = '''
import pytest
from nabla.checks import assert_equal


class TestNewtonStep:
    """Shown to nobody."""

    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_solves_the_system(self, submission, rng):
        assert_equal(submission.newton_step(), 1)

    @pytest.mark.claim
    @pytest.mark.gpu
    @pytest.mark.limit(2)
    def test_stays_on_its_device(self, submission):
        """The result stays on the device of the input."""


class TestOther:
    def test_nothing(self, submission):
        pass
'''


def judged(folder, text):
    (folder / "test_toy.py").write_text(text)
    return Judge(folder, "toy")


def test_a_class_belongs_to_the_graded_cell_of_its_name(tmp_path):
    exercises = judged(tmp_path, GOOD).exercises
    assert list(exercises) == ["test_newton_step", "test_other"]
    first, second = exercises["test_newton_step"].checks
    assert (first.name, first.title, first.weight) == ("test_solves_the_system", "solves the system", 3.0)
    assert (first.law, first.claim, first.gpu, first.limit) == (True, False, False, None)
    assert second.title == "The result stays on the device of the input."
    assert (second.law, second.claim, second.gpu, second.limit, second.weight) == (False, True, True, 2.0, 1.0)


def test_an_assignment_without_checks_has_no_exercises(tmp_path):
    assert dict(Judge(tmp_path, "toy").exercises) == {}


BODY = "class TestF:\n    {}\n    def test_x(self, submission):\n        pass\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import no_such_module", r"test_toy.py:1: ModuleNotFoundError: .* correct it and try again"),
        ("x = 1\ndef broken(:\n", r"test_toy.py:2: invalid syntax. Correct the syntax"),
        ("\n1 / 0\n", r"test_toy.py:2: ZeroDivisionError"),
        ("raise SystemExit", r"test_toy.py:1: SystemExit"),
        ("import pytest\npytest.skip('x', allow_module_level=True)", "test_toy.py:2: Skipped"),
        ("import pytest\n" + BODY.format("@pytest.mark.skip"), "unknown mark skip. Use law, claim"),
        ("import pytest\n" + BODY.format("@pytest.mark.xfail"), "unknown mark xfail"),
        ("import pytest\n" + BODY.format("@pytest.mark.lwa"), "lwa"),
        ("import pytest\n" + BODY.format("@pytest.mark.weight(0)"), "weight takes one number above 0"),
        ("import pytest\n" + BODY.format("@pytest.mark.weight"), "weight takes one number above 0"),
        ("import pytest\n" + BODY.format("@pytest.mark.limit('2')"), "limit takes one number above 0"),
        ("import pytest\n" + BODY.format("@pytest.mark.frameworks(2)"), "frameworks takes names of frameworks"),
        ("class TestF:\n    def test_x(self, submission, accelerator): pass\n", "Mark it @pytest.mark.gpu"),
        (
            "import pytest\n"
            + BODY.format("@pytest.mark.parametrize('n', [1, 2])").replace("submission)", "submission, n)"),
            "parametrize isn't supported. Write a loop",
        ),
        (
            "class TestF:\n    def test_x(self, tmp_path): pass\n",
            "submission, rng and accelerator only, not for tmp_path",
        ),
        (
            "class TestF:\n    def setup_method(self): pass\n    def test_x(self, submission): pass\n",
            "submission, rng and accelerator only",
        ),
        ("def test_x(submission): pass\n", "a check is a method of a class"),
        ("class Test_f:\n    def test_x(self, submission): pass\n", "has no grade_id"),
        (
            "class TestAB:\n    def test_x(self): pass\nclass TestA_b:\n    def test_x(self): pass\n",
            "two classes|no grade_id",
        ),
    ],
)
def test_a_file_that_can_not_be_used_is_named_with_its_line(tmp_path, text, said):
    with pytest.raises(CheckFileError, match=said):
        judged(tmp_path, text)


def test_nothing_around_the_course_changes_what_is_collected(tmp_path, monkeypatch):
    (tmp_path / "conftest.py").write_text("raise RuntimeError('a conftest was read')\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "")
    before = dict(os.environ)
    path, marks = list(sys.path), MARK_GEN._config
    assert len(judged(tmp_path, GOOD).exercises) == 2
    assert (dict(os.environ), sys.path) == (before, path)
    assert MARK_GEN._config is marks
    assert "test_toy" not in sys.modules
