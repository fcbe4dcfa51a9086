"""Verdicts: what each check's end means, and that nothing goes from one submission to the next."""

from __future__ import annotations

import logging
import math
import os

import numpy as np
import pytest

from nabla.answers import QuestionLost
from nabla.checks import Judge
from nabla.checks.messages import BROKEN, MESSAGE_LIMIT, NEEDS_GPU
from tests.checks.fake_session import FakeSession

NORM = """
import numpy as np
import pytest
from nabla.checks import assert_close, assert_unchanged, raises


class TestNormGradient:
    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_v_over_its_length(self, submission, rng):
        for n in (2, 3, 5):
            v = rng.standard_normal(n)
            assert_close(submission.norm_gradient(v), v / np.linalg.norm(v), tolerance=4 * n * 2.2e-16)

    @pytest.mark.claim
    def test_keeps_its_argument(self, submission, rng):
        assert_unchanged(submission.norm_gradient(rng.standard_normal(3)))

    def test_zero_vector_is_refused(self, submission):
        with raises("ValueError"):
            submission.norm_gradient(np.zeros(3))

    @pytest.mark.gpu
    def test_is_right_on_the_device(self, submission, accelerator, rng):
        v = rng.standard_normal(4)
        assert_close(submission.norm_gradient(v), v / np.linalg.norm(v), tolerance=1e-12)
"""
WRONG = '''
from nabla.checks import wrong


@wrong(
    fails=("test_is_v_over_its_length", "test_zero_vector_is_refused"),
    hint={"en": "How long is it?", "ja": "長さは?"},
)
def forgot_to_normalise(v):
    """Returns v itself."""
    return v
'''
STATE = """
import numpy as np
from nabla.checks import assert_equal

SEEN = []
TABLE = np.zeros(2)


class TestF:
    seen = []

    def test_first(self, submission, default=[]):
        assert (SEEN, self.seen, default, TABLE.tolist(), hasattr(self, "answer")) == ([], [], [], [0, 0], False)
        self.answer = submission.f(1).value
        for kept in (SEEN, self.seen, default, type(self).seen):
            kept.append(self.answer)
        TABLE[:] = 1
        assert_equal(self.answer, 1)

    def test_second(self, submission):
        assert not hasattr(self, "answer")
        assert_equal(submission.f(2), 2)
"""


def judged(folder, text, **settings):
    (folder / "test_toy.py").write_text(text)
    return Judge(folder, "toy", **settings)


def checks(judge, grade_id, session, **settings):
    settings = {"max_score": 1, "seed": lambda name: 1, **settings}
    return {check.name: check for check in judge.grade(grade_id, session, **settings).checks}


def right(v):
    length = np.linalg.norm(v)
    if length == 0:
        raise ValueError("no direction")
    return v / length


@pytest.fixture
def judge(tmp_path):
    (tmp_path / "wrong" / "toy").mkdir(parents=True)
    (tmp_path / "wrong" / "toy" / "norm_gradient.py").write_text(WRONG)
    return judged(tmp_path, NORM)


def test_the_right_answer_gets_all_points_and_what_needs_a_gpu_is_left_out(judge):
    verdict = judge.grade("test_norm_gradient", FakeSession(norm_gradient=right), max_score=4, seed=lambda name: 1)
    assert (verdict.score, verdict.max_score, verdict.sealed) == (4.0, 4, True)
    assert [check.outcome for check in verdict.checks] == ["passed", "passed", "passed", "not_graded"]
    assert verdict.checks[-1].message == NEEDS_GPU


def test_a_wrong_answer_gets_what_it_has_right_and_its_hint(judge):
    session = FakeSession(norm_gradient=lambda v: v)
    verdict = judge.grade("test_norm_gradient", session, max_score=5, seed=lambda name: 1, language="ja")
    law, argument, zero, _ = verdict.checks
    assert [law.outcome, argument.outcome, zero.outcome] == ["failed", "passed", "failed"]
    assert (law.wrong_answer, law.hint) == ("forgot_to_normalise", "長さは?")
    assert (zero.wrong_answer, zero.hint) == ("forgot_to_normalise", "長さは?")
    assert verdict.score == 0  # the one check that passed rests on a claim


def always(error):
    def function(*arguments):
        raise error

    return function


@pytest.mark.parametrize(
    "function",
    [
        always(ValueError("no")),
        always(RuntimeError("no")),
        always(NotImplementedError("to do")),
        lambda v: v,
        lambda v: np.zeros_like(v),
        lambda v: None,
        lambda v: v.__imul__(2),
    ],
)
def test_what_is_the_same_for_every_question_earns_nothing(judge, function):
    verdict = judge.grade("test_norm_gradient", FakeSession(norm_gradient=function), max_score=4, seed=lambda name: 1)
    assert verdict.score == 0


def test_each_check_gets_its_own_seed_and_the_same_seed_gives_the_same_numbers(judge):
    seen = []

    def seed(name):
        seen.append(name)
        return 7

    def inputs():
        asked = []
        checks(judge, "test_norm_gradient", FakeSession(norm_gradient=lambda v: asked.append(v.tolist())), seed=seed)
        return asked

    assert inputs() == inputs()
    assert seen[:2] == [
        "test_norm_gradient:test_is_v_over_its_length",
        "test_norm_gradient:test_keeps_its_argument",
    ]


def test_no_state_goes_from_one_submission_to_the_next_in_either_order(tmp_path):
    judge = judged(tmp_path, STATE)
    good, bad = FakeSession(f=lambda x: x), FakeSession(f=lambda x: -x)

    def outcomes(session):
        return [check.outcome for check in checks(judge, "test_f", session).values()]

    for first, second in ((good, bad), (bad, good)):
        graded = {id(session): outcomes(session) for session in (first, second, first)}
        assert graded == {id(good): ["passed", "passed"], id(bad): ["failed", "failed"]}


BROKEN_BODIES = {
    "type error": "1 + 'a'",
    "name error": "undefined_name",
    "skip": "pytest.skip('later')",
    "xfail": "pytest.xfail('known')",
    "fail": "pytest.fail('no')",
    "exit": "raise SystemExit(0)",
    "pytest exit": "pytest.exit('stop')",
    "generator exit": "raise GeneratorExit",
    "lost memory": "raise MemoryError",
    "expects nan": "assert_close(submission.f(1), float('nan'), tolerance=1)",
    "bad tolerance": "assert_close(submission.f(1), 1.0, tolerance=-1)",
    "nothing called": "\n        with raises('ValueError'): pass",
    "equality": "assert submission.f(1) == 1",
    "sends what can't be sent": "submission.f(1) if not isinstance(open, int) and {}['x'] else None",
}


@pytest.mark.parametrize("name", BROKEN_BODIES)
def test_a_check_that_breaks_is_nobody_s_points_and_told_to_the_instructor_alone(name, tmp_path, caplog):
    body = BROKEN_BODIES[name]
    text = f"import pytest\nfrom nabla.checks import assert_close, raises\nclass TestF:\n    def test_x(self, submission):\n        {body}\n"
    judge = judged(tmp_path, text)
    verdict = judge.grade("test_f", FakeSession(f=lambda x: x), max_score=2, seed=lambda name: 1)
    assert (verdict.score, verdict.checks[0].outcome, verdict.checks[0].message) == (None, "error", BROKEN)
    assert f"{tmp_path}/test_toy.py:" in caplog.text
    assert "the check test_x of test_f broke" in caplog.text


def test_a_broken_check_s_log_is_one_line_whatever_the_student_sent(tmp_path, caplog):
    text = "class TestF:\n    def test_x(self, submission):\n        raise KeyError(submission.f(1).value)\n"
    checks(judged(tmp_path, text), "test_f", FakeSession(f=lambda x: "\n::error::\x1b[2J"))
    assert len(caplog.messages) == 1
    assert caplog.messages[0].isprintable()


def test_ctrl_c_stops_the_grading_and_leaves_the_judge_usable(tmp_path):
    text = (
        "class TestF:\n    def test_x(self, submission):\n        if submission.f(1).value: raise KeyboardInterrupt\n"
    )
    judge = judged(tmp_path, text)
    with pytest.raises(KeyboardInterrupt):
        checks(judge, "test_f", FakeSession(f=lambda x: 1))
    assert checks(judge, "test_f", FakeSession(f=lambda x: 0))["test_x"].outcome == "passed"


def test_a_bare_assert_shows_its_own_text_and_never_pytest_s(tmp_path):
    text = """
import numpy as np
class TestF:
    def test_with_text(self, submission):
        assert submission.f(1).value == 42, "f should know the answer"
    def test_without(self, submission):
        secret = 42
        assert submission.f(1).value == secret
    def test_of_numpy(self, submission):
        np.testing.assert_allclose(np.asarray(submission.f(1)), 42.0)
    def test_before_any_call(self, submission):
        assert False
"""
    found = checks(judged(tmp_path, text), "test_f", FakeSession(f=lambda x: 1))
    assert {name: check.message for name, check in found.items()} == {
        "test_with_text": "f should know the answer",
        "test_without": "called f(1), it returned 1, for which the check does not hold",
        "test_of_numpy": "called f(1), it returned 1, for which the check does not hold",
        "test_before_any_call": "the check does not hold",
    }


def test_a_student_s_text_in_the_text_of_an_assert_stays_in_its_line(tmp_path):
    text = "class TestF:\n    def test_x(self, submission):\n        assert False, 'got ' + submission.f(1).value\n"
    session = FakeSession(f=lambda x: "\n::notice title=Points::100/100\x1b[2J" + "x" * 10**5)
    message = checks(judged(tmp_path, text), "test_f", session)["test_x"].message
    assert message.startswith("got \\n::notice")
    assert message.isprintable()
    assert len(message) <= MESSAGE_LIMIT


def test_a_lost_question_fails_its_check_with_its_reason(judge):
    class Losing(FakeSession):
        def call(self, *arguments, **keywords):
            raise QuestionLost("timeout", "no answer within 10 seconds")

    found = checks(judge, "test_norm_gradient", Losing())
    assert found["test_is_v_over_its_length"].outcome == "failed"
    assert found["test_is_v_over_its_length"].message.endswith("no answer came back: no answer within 10 seconds")
    assert found["test_zero_vector_is_refused"].outcome == "failed"


def test_a_session_that_breaks_gives_no_verdict(judge, caplog):
    class Breaking(FakeSession):
        def call(self, *arguments, **keywords):
            raise OSError("no more descriptors")

    verdict = judge.grade("test_norm_gradient", Breaking(), max_score=2, seed=lambda name: 1)
    assert verdict.score is None
    assert "no more descriptors" in caplog.text


def test_the_limit_of_a_check_replaces_the_exercise_s(tmp_path):
    text = "import pytest\nclass TestF:\n    @pytest.mark.limit(2)\n    def test_x(self, submission): submission.f()\n"
    text += "    def test_y(self, submission): submission.f()\n"
    seconds = []

    class Timed(FakeSession):
        def call(self, *arguments, seconds=None, **keywords):
            given.append(seconds)
            return super().call(*arguments, **keywords)

    given = seconds
    checks(judged(tmp_path, text), "test_f", Timed(f=lambda: 1), call_seconds=5)
    assert given == [2.0, 5]


def test_grading_leaves_this_process_as_it_was(judge):
    before, errors = {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"}, np.geterr()
    checks(judge, "test_norm_gradient", FakeSession(norm_gradient=lambda v: v / 0))
    assert {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"} == before
    assert np.geterr() == errors


def test_warnings_of_an_oracle_cost_nobody_anything(tmp_path):
    text = "import numpy as np\nimport warnings\nclass TestF:\n    def test_x(self, submission):\n"
    text += "        warnings.warn('old')\n        assert np.isnan(np.zeros(1) / np.zeros(1)).all()\n"
    assert checks(judged(tmp_path, text), "test_f", FakeSession())["test_x"].outcome == "passed"


def test_distances_tell_how_far_an_answer_was(judge):
    distances: dict[str, float] = {}
    session = FakeSession(norm_gradient=right)
    checks(judge, "test_norm_gradient", session, distances=distances)
    assert 0 <= distances["test_is_v_over_its_length"] <= 1
    checks(judge, "test_norm_gradient", FakeSession(norm_gradient=lambda v: v + 1), distances=distances)
    assert distances["test_is_v_over_its_length"] > 100


def test_margins_measure_each_wrong_answer_in_each_check_that_it_must_fail(judge):
    margins = {margin.check: margin for margin in judge.margins()}
    assert set(margins) == {"test_is_v_over_its_length", "test_zero_vector_is_refused"}
    law = margins["test_is_v_over_its_length"]
    assert (law.exercise, law.wrong_answer, law.outcome) == ("test_norm_gradient", "forgot_to_normalise", "failed")
    assert 100 < law.distance < math.inf


def test_the_digest_changes_with_any_file_of_the_assignment(tmp_path):
    (tmp_path / "wrong" / "toy").mkdir(parents=True)
    wrong = tmp_path / "wrong" / "toy" / "norm_gradient.py"
    digests = []
    for text, misconception in ((NORM, WRONG), (NORM + "\n", WRONG), (NORM, WRONG + "\n"), (NORM, WRONG)):
        wrong.write_text(misconception)
        digests.append(judged(tmp_path, text).digest)
    assert len(set(digests)) == 3
    assert digests[0] == digests[3]


def test_nothing_of_pytest_s_output_is_printed(judge, capsys, caplog):
    caplog.set_level(logging.INFO)
    checks(judge, "test_norm_gradient", FakeSession(norm_gradient=lambda v: v + 1))
    assert capsys.readouterr() == ("", "")
