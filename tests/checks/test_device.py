"""Checks marked gpu: what stays on the device and what leaves it, and how what the student's process says is judged.

Functions run here in the runner's own rehearsal; `tests/frameworks/test_gpu_checks.py` asks through the sandbox.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nabla.answers import Outline, QuestionLost, RemoteError, Reply
from nabla.checks import (
    BATCH,
    CheckFailed,
    CheckFileError,
    Judge,
    assert_close,
    assert_on_device,
    assert_stays_on_device,
    outline,
)
from nabla.checks.answer import Answer
from nabla.checks.device import FAULTS
from nabla.checks.wrong_answers import WrongAnswer
from nabla.sandbox.runner import rehearsal
from tests.checks.fake_session import FakeSession, ReplyingSession, examined

POINTS, MATRICES, VECTOR, MATRIX = outline(BATCH, 4), outline(BATCH, 4, 4), outline(4), outline(4, 4)
NEWTON = (POINTS, MATRICES, POINTS), POINTS
NORM = (VECTOR,), VECTOR
FORM = (MATRIX, VECTOR), VECTOR
SHARES = (POINTS, POINTS), (POINTS, POINTS)
FACTORS = (outline(5, 4), outline(5, 2), outline(2, 4), 0.01, 3), (outline(5, 2), outline(2, 4), outline(4))


class Rehearsing(FakeSession):
    """A session whose functions are rehearsed in this process, as the runner does it."""

    def rehearse(self, target, arguments, *, batches, dtypes, seconds=None):
        given = [{"outline": list(a.shape)} if isinstance(a, Outline) else a for a in arguments]
        return Reply(rehearsal.rehearse(self._functions[target], given, list(batches), list(dtypes)))


def stays(function, exercise, **settings):
    arguments, result = exercise
    with examined(Rehearsing(f=function), **settings) as submission:
        assert_stays_on_device(submission, "f", *arguments, result=result)
        return submission._examination


def fault_of(function, exercise):
    """The kind of fault that is found, by a wrong answer for each kind: the one that is named."""
    known = tuple(
        WrongAnswer(kind, function, ("x",), {"en": "?"}, "f", framework="torch", fault=kind) for kind in FAULTS
    )
    with pytest.raises(CheckFailed) as failed:
        stays(function, exercise, wrong_answers=known)
    return failed.value.wrong_answer


# ---- honest answers -----------------------------------------------------------------------------


def guarded(v):
    norm = torch.linalg.norm(v)
    if norm == 0:
        raise ValueError("zero vector")
    return v / norm


def scaled(v):
    largest = v.abs().max()
    if not largest > 0:
        raise ValueError("zero vector")
    return v / largest / torch.linalg.norm(v / largest)


def checked(g, H, x):
    p = torch.linalg.solve(H, g)
    if not torch.isfinite(p).all():
        raise ValueError("singular")
    return x - p


def twice_checked(g, H, x):
    if (torch.linalg.det(H) == 0).any() or torch.isnan(H).any() or torch.linalg.cond(H).max() > 1e15:
        raise ValueError("singular")
    return x - torch.linalg.solve(H, g)


def by_eigenvalues(g, H, x):
    values, vectors = torch.linalg.eigh(H)
    return x - (vectors @ ((vectors.mT @ g[..., None]) / values[..., None]))[..., 0]


def shifted(x, y):
    m = torch.maximum(x, y)
    u, v = torch.exp(x - m), torch.exp(y - m)
    return u / (u + v), v / (u + v)


def chosen(x, y):
    t = torch.exp(-(x - y).abs())
    larger, smaller = 1 / (1 + t), t / (1 + t)
    return torch.where(x > y, larger, smaller), torch.where(x > y, smaller, larger)


def backward(A, x):
    x = x.detach().clone().requires_grad_()
    (x @ A @ x).backward()
    return x.grad


def entry_by_entry(A, x):
    result = torch.zeros_like(x)
    for k in range(len(x)):
        for i in range(len(x)):
            result[k] += (A[k, i] + A[i, k]) * x[i]
    return result


def stacked(X, U, V, rate, steps):
    losses = [((X - U @ V) ** 2).sum()]
    for _ in range(steps):
        rest = X - U @ V
        U, V = U + 2 * rate * rest @ V.T, V + 2 * rate * U.T @ rest
        losses.append(((X - U @ V) ** 2).sum())
    return U, V, torch.stack(losses)


def in_place(X, U, V, rate, steps):
    U, V, losses = U.clone(), V.clone(), X.new_empty(steps + 1)
    for step in range(steps + 1):
        rest = X - U @ V
        losses[step] = (rest**2).sum()
        if step < steps:
            U += 2 * rate * rest @ V.T
            V += 2 * rate * U.T @ rest
    return [U, V, losses]


def optimised(X, U, V, rate, steps):
    U, V = U.clone().requires_grad_(), V.clone().requires_grad_()
    optimiser, losses = torch.optim.SGD([U, V], lr=rate), []
    for step in range(steps + 1):
        optimiser.zero_grad()
        loss = ((X - U @ V) ** 2).sum()
        losses.append(loss.detach())
        if step < steps:
            loss.backward()
            optimiser.step()
    return U.detach(), V.detach(), torch.stack(losses)


HONEST = {
    "the zero vector refused": (guarded, NORM),
    "scaled, refused by not": (scaled, NORM),
    "refused by any": (lambda v: v / torch.linalg.norm(v) if v.any() else 1 / 0, NORM),
    "refused by the truth of a length": (lambda v: v / torch.linalg.norm(v) if torch.linalg.norm(v) else 1 / 0, NORM),
    "refused by equal": (lambda v: 1 / 0 if torch.equal(v, torch.zeros_like(v)) else v / v.norm(), NORM),
    "refused by allclose": (lambda v: 1 / 0 if torch.allclose(v, torch.zeros_like(v)) else v / v.norm(), NORM),
    "vector_norm": (lambda v: v / torch.linalg.vector_norm(v), NORM),
    "normalize": (lambda v: torch.nn.functional.normalize(v, dim=0), NORM),
    "a number on the CPU": (lambda v: v * torch.tensor(2.0) / torch.tensor(2.0, dtype=torch.float64), NORM),
    "a constant carried to the device": (lambda v: v * torch.arange(4).to(v), NORM),
    "a constant made on the device": (lambda v: v * torch.tensor([1.0, 2, 3, 4], device=v.device, dtype=v.dtype), NORM),
    "an index on the CPU": (lambda v: v[torch.tensor([3, 2, 1, 0])], NORM),
    "solve": (lambda g, H, x: x - torch.linalg.solve(H, g), NEWTON),
    "solve, columns": (lambda g, H, x: x - torch.linalg.solve(H, g[..., None])[..., 0], NEWTON),
    "solve, then isfinite": (checked, NEWTON),
    "three questions before": (twice_checked, NEWTON),
    "lu_factor": (
        lambda g, H, x: x - torch.linalg.lu_solve(*torch.linalg.lu_factor(H), g[..., None])[..., 0],
        NEWTON,
    ),
    "ldl_factor": (
        lambda g, H, x: x - torch.linalg.ldl_solve(*torch.linalg.ldl_factor(H), g[..., None])[..., 0],
        NEWTON,
    ),
    "solve_ex": (lambda g, H, x: x - torch.linalg.solve_ex(H, g)[0], NEWTON),
    "eigh": (by_eigenvalues, NEWTON),
    "lstsq": (lambda g, H, x: x - torch.linalg.lstsq(H, g[..., None]).solution[..., 0], NEWTON),
    "vmap": (lambda g, H, x: x - torch.func.vmap(torch.linalg.solve)(H, g), NEWTON),
    "(A + A.T) x": (lambda A, x: (A + A.T) @ x, FORM),
    "einsum": (lambda A, x: torch.einsum("ij,j->i", A, x) + torch.einsum("ji,j->i", A, x), FORM),
    "func.grad": (lambda A, x: torch.func.grad(lambda t: t @ A @ t)(x), FORM),
    "jacrev": (lambda A, x: torch.func.jacrev(lambda t: t @ A @ t)(x), FORM),
    "backward": (backward, FORM),
    "entry by entry, no batch": (entry_by_entry, FORM),
    "max shift": (shifted, SHARES),
    "sigmoid": (lambda x, y: (torch.sigmoid(x - y), torch.sigmoid(y - x)), SHARES),
    "softmax": (lambda x, y: torch.softmax(torch.stack([x, y]), 0).unbind(), SHARES),
    "logaddexp": (lambda x, y: (torch.exp(x - torch.logaddexp(x, y)), torch.exp(y - torch.logaddexp(x, y))), SHARES),
    "where": (chosen, SHARES),
    "stacked losses": (stacked, FACTORS),
    "in place": (in_place, FACTORS),
    "an optimiser": (optimised, FACTORS),
}


@pytest.mark.parametrize("name", HONEST)
def test_what_stays_on_the_device_passes(name):
    stays(*HONEST[name])


# ---- wrong answers ------------------------------------------------------------------------------


def caught(v):
    try:
        return v / v.norm().item()
    except RuntimeError:
        return v


def filled(v):
    result = torch.zeros(4)
    for k in range(4):
        result[k] = v[k]
    return result.to(v)


def added_up(v):
    total = torch.zeros(())
    for entry in v:
        total += entry
    return v / total


def one_by_one(g, H, x):
    return torch.stack([x[i] - torch.linalg.solve(H[i], g[i]) for i in range(len(x))])


def numbers_of_losses(X, U, V, rate, steps):
    losses = [((X - U @ V) ** 2).sum().item() for _ in range(steps + 1)]
    return U, V, torch.tensor(losses, dtype=X.dtype, device=X.device)


def list_of_losses(X, U, V, rate, steps):
    return U, V, [((X - U @ V) ** 2).sum() for _ in range(steps + 1)]


def asks_forever(v):
    while True:
        bool(v.any())


WRONG = {
    "there and back": (lambda v: (v.cpu() / v.cpu().norm()).to(v.device), NORM, "transfer"),
    "cpu()": (lambda v: v.cpu() * 2, NORM, "transfer"),
    "to('cpu')": (lambda v: v.to("cpu", torch.float64).to(v), NORM, "transfer"),
    "a guard on the CPU": (lambda v: v if v.cpu().any() else 1 / 0, NORM, "transfer"),
    "an array of the CPU filled": (filled, NORM, "assignment"),
    "numpy()": (lambda v: torch.tensor(v.numpy()), NORM, "numpy"),
    "np.asarray": (lambda v: torch.as_tensor(np.asarray(v)), NORM, "numpy"),
    "np.linalg.norm": (lambda v: v / np.linalg.norm(v), NORM, "numpy"),
    "item()": (lambda v: v / torch.linalg.norm(v).item(), NORM, "read"),
    "item(), the error caught": (caught, NORM, "read"),
    "float()": (lambda v: v / float(torch.linalg.norm(v)), NORM, "read"),
    "int()": (lambda v: v * int(v.sum()), NORM, "read"),
    "math.sqrt": (lambda v: v / __import__("math").sqrt((v * v).sum()), NORM, "read"),
    "tolist()": (lambda v: torch.tensor(v.tolist()), NORM, "read"),
    "item() in a loop": (lambda v: sum(v[i].item() for i in range(4)) * torch.ones_like(v), NORM, "read"),
    "torch.tensor of entries": (lambda v: torch.tensor([v[0], v[1], v[2], v[3]]), NORM, "read"),
    "a mask": (lambda v: v[v != 0], NORM, "read"),
    "numbers of losses": (numbers_of_losses, FACTORS, "read"),
    "a constant with an axis": (lambda v: v + torch.ones(4, dtype=v.dtype), NORM, "cpu_array"),
    "added up on the CPU": (added_up, NORM, "cpu_array"),
    "stacked with the CPU's": (lambda v: torch.stack([v[0], v[1], v[2], torch.tensor(1.0)]), NORM, "cpu_array"),
    "unit vectors of the CPU": (lambda A, x: torch.stack([e @ (A + A.T) @ x for e in torch.eye(4)]), FORM, "cpu_array"),
    "float()s": (lambda v: v.float(), NORM, "dtype"),
    "double()s": (lambda v: v.double(), NORM, "dtype"),
    "one of two in double": (lambda x, y: (torch.sigmoid(x - y), torch.sigmoid(y.double() - x)), SHARES, "dtype"),
    "a result of the CPU": (lambda v: torch.zeros(4), NORM, "left_behind"),
    "a number": (lambda v: 1.0, NORM, "shape"),
    "nothing": (lambda v: None, NORM, "shape"),
    "another shape": (lambda v: v[:, None], NORM, "shape"),
    "the sum of the batch": (lambda g, H, x: x.sum(0), NEWTON, "shape"),
    "one of two": (lambda x, y: torch.sigmoid(x - y), SHARES, "shape"),
    "a list of losses": (list_of_losses, FACTORS, "shape"),
    "a loop over the batch": (one_by_one, NEWTON, "loop"),
    "a loop over the points": (lambda x, y: (x, torch.stack([torch.sigmoid(t) for t in y - x])), SHARES, "loop"),
    "always an error": (lambda v: 1 / 0, NORM, "raised"),
    "a loop without end": (asks_forever, NORM, "raised"),
    "an exit": (lambda v: __import__("sys").exit(), NORM, "raised"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_leaves_the_device_fails_with_its_reason(name):
    function, exercise, fault = WRONG[name]
    assert fault_of(function, exercise) == fault


def test_the_reason_says_what_was_called_and_what_happened():
    with pytest.raises(
        CheckFailed, match=r"^called f with float64 arrays on an accelerator, it read .* \(`float\(\)`\)"
    ):
        stays(lambda v: v / float(v.norm()), NORM)
    with pytest.raises(CheckFailed, match=r"float32 arrays .* returned float64 elements, expected float32"):
        stays(lambda v: v.double(), NORM)
    with pytest.raises(CheckFailed, match=r"it took \d+ operations for 2 problems and \d+ for 8"):
        stays(one_by_one, NEWTON)


def test_an_exercise_without_an_answer_is_not_answered():
    def f(v):
        raise NotImplementedError("Your answer goes here.")

    with pytest.raises(CheckFailed, match="not answered yet"):
        stays(f, NORM)


def test_nothing_of_a_rehearsal_stays():
    stays(guarded, NORM)
    x = torch.ones(2, requires_grad=True)
    assert (x * 2).sum().item() == 4
    assert bool(x.any())
    assert not torch.accelerator.is_available()


# ---- what the student's process says ------------------------------------------------------------


def test_what_is_said_of_a_rehearsal_is_a_claim():
    found = stays(guarded, NORM)
    assert found.claims_used == 1
    assert found.values_used == 0


FAIR = {"script": [], "batch": 2, "dtype": "float64", "asked": 0, "operations": 1, "error": None} | {
    event: [] for event in ("transfers", "reads", "mixed", "unknown")
}
GOOD = {**FAIR, "result": {"device": "accelerator", "dtype": "float64", "shape": [4]}}
HOSTILE = [
    None, [], [None], {}, "passed", [{}], [{**FAIR, "result": None}], [{**GOOD, "script": 3}], [{**GOOD, "reads": 1}],
    [{**GOOD, "error": {}}], [{**GOOD, "error": {"names": [], "message": ""}}], [{**GOOD, "operations": float("inf")}],
    [{**GOOD, "operations": None}], [{**GOOD, "result": {"items": 5}}], np.zeros(3), [GOOD] * 10_001, 7,
    [{**GOOD, "result": {"device": "accelerator"}}], [{**GOOD, "batch": "\n::notice::"}, {**GOOD, "operations": "x"}],
]  # fmt: skip


class Saying(ReplyingSession):
    """Says the same of every rehearsal."""

    def rehearse(self, *arguments, **keywords):
        return self.reply


@pytest.mark.parametrize("place", range(len(HOSTILE)))
def test_a_malformed_report_fails_the_check_and_breaks_nothing(place):
    with examined(Saying(HOSTILE[place])) as submission, pytest.raises(CheckFailed):
        assert_stays_on_device(submission, "f", VECTOR, result=VECTOR)


def test_a_well_formed_report_passes():
    with examined(Saying([GOOD])) as submission:
        assert_stays_on_device(submission, "f", VECTOR, result=VECTOR)


def test_what_a_report_says_cannot_break_a_line():
    told = {**GOOD, "reads": ["\n::notice::100/100"]}
    with examined(Saying([told])) as submission, pytest.raises(CheckFailed) as failed:
        assert_stays_on_device(submission, "f", VECTOR, result=VECTOR)
    assert "\n" not in failed.value.message


def test_a_missing_function_is_named():
    error = RemoteError(("NameError", "Exception"), "name 'f' is not defined")
    with examined(Saying(error=error)) as submission, pytest.raises(CheckFailed, match="There is no function `f`"):
        assert_stays_on_device(submission, "f", VECTOR, result=VECTOR)


def test_a_lost_rehearsal_says_with_which_shapes():
    class Losing(FakeSession):
        def rehearse(self, *arguments, **keywords):
            raise QuestionLost("timeout", "it took longer than 2 s")

    with examined(Losing()) as submission, pytest.raises(CheckFailed, match=r"f\(an array of shape \('k', 4\)\)"):
        assert_stays_on_device(submission, "f", POINTS, result=POINTS)


def test_a_hint_is_given_for_its_own_fault_and_edition_only():
    def known(**more):
        return (WrongAnswer("known", guarded, ("x",), {"en": "Why?", "ja": "なぜ？"}, "f", framework="torch", **more),)

    for more, hint in (
        ({"fault": "read"}, "なぜ？"),
        ({"fault": "loop"}, ""),
        ({"fault": "read", "frameworks": ("jax",)}, ""),
    ):
        with pytest.raises(CheckFailed) as failed:
            stays(lambda v: v * v.sum().item(), NORM, language="ja", wrong_answers=known(**more))
        assert failed.value.hint == hint


def test_a_wrong_answer_of_torchs_own_is_never_run_by_the_judge():
    ran = []

    def tripled(v):
        ran.append(v)
        return 3 * v

    known = WrongAnswer("theirs", tripled, ("x",), {"en": "Why?"}, "f", framework="torch")
    session = FakeSession(f=lambda v: 3 * v)
    with examined(session, wrong_answers=(known,)) as submission, pytest.raises(CheckFailed) as failed:
        assert_close(submission.f(np.ones(2)), 2 * np.ones(2), tolerance=1e-12)
    assert (ran, failed.value.hint) == ([], "")


# ---- where a result lies ------------------------------------------------------------------------


def claimed(*devices):
    claims = [{"device": device} for device in devices]
    return Answer(1.0, claims=claims[0] if len(claims) == 1 else {"items": claims})


def test_a_result_has_to_lie_where_its_arguments_do():
    assert_on_device(claimed("cuda:0"), "cuda")
    assert_on_device(claimed("cuda:0", "cuda:0"), "cuda")
    for devices in (("cpu",), ("cuda:0", "cpu"), (None,), ({},)):
        with pytest.raises(CheckFailed, match="expected on cuda"):
            assert_on_device(claimed(*devices), "cuda")


# ---- the judge ----------------------------------------------------------------------------------

TOY = """
import numpy as np
import pytest
from nabla.checks import assert_close, assert_on_device, assert_stays_on_device, outline


class TestDouble:
    @pytest.mark.law
    @pytest.mark.weight(4)
    def test_doubles(self, submission, rng):
        v = rng.standard_normal(3)
        assert_close(submission.double(v), 2 * v, tolerance=1e-12)

    @pytest.mark.gpu
    def test_stays(self, submission):
        assert_stays_on_device(submission, "double", outline(4), result=outline(4))

    @pytest.mark.gpu
    @pytest.mark.weight(3)
    def test_doubles_there(self, submission, accelerator):
        assert_close(submission.double(np.ones(3)), np.full(3, 2.0), tolerance=0)
        assert_on_device(submission.double(np.ones(3)), accelerator)

    @pytest.mark.frameworks("jax", "numpy")
    def test_elsewhere(self, submission):
        assert_close(submission.double(np.ones(2)), np.full(2, 2.0), tolerance=0)
"""


class There:
    """An accelerator by name, with a session of its own."""

    name = "acc"

    def __init__(self, session):
        self._session = session

    def session(self):
        return self._session


class OnDevice(FakeSession):
    def call(self, *arguments, **keywords):
        return Reply(super().call(*arguments, **keywords).value, claims={"device": "acc:0"})


@pytest.fixture
def judge(tmp_path):
    (tmp_path / "test_toy.py").write_text(TOY)
    return Judge(tmp_path, "toy")


def graded(judge, function, **settings):
    verdict = judge.grade("test_double", Rehearsing(double=function), max_score=1, seed=lambda name: 1, **settings)
    return verdict.score, {check.name: check.outcome for check in verdict.checks}


def test_discipline_is_graded_everywhere_and_numbers_only_where_an_accelerator_is(judge):
    score, outcomes = graded(judge, lambda v: 2 * v)
    assert outcomes == {"test_doubles": "passed", "test_stays": "passed", "test_doubles_there": "not_graded"}
    assert score == 1
    score, outcomes = graded(judge, lambda v: 2 * v, accelerator=There(OnDevice(double=lambda v: 3 * v)))
    assert outcomes == {"test_doubles": "passed", "test_stays": "passed", "test_doubles_there": "failed"}
    assert score == 5 / 8
    score, outcomes = graded(judge, lambda v: 2 * v, accelerator=There(OnDevice(double=lambda v: 2 * v)))
    assert outcomes["test_doubles_there"] == "passed"
    assert score == 1


def test_a_result_that_came_back_to_the_cpu_fails_on_an_accelerator(judge):
    _, outcomes = graded(judge, lambda v: 2 * v, accelerator=There(FakeSession(double=lambda v: 2 * v)))
    assert outcomes["test_doubles_there"] == "failed"


def test_discipline_earns_nothing_without_a_right_value(judge):
    score, outcomes = graded(judge, lambda v: v)
    assert (score, outcomes["test_stays"]) == (0, "passed")
    score, outcomes = graded(judge, lambda v: 2 * v.cpu() if isinstance(v, torch.Tensor) else 2 * v)
    assert (score, outcomes["test_stays"]) == (4 / 5, "failed")


def test_other_editions_have_their_own_checks(judge):
    assert graded(judge, lambda v: 2 * v, framework="jax") == (
        1,
        {"test_doubles": "passed", "test_elsewhere": "passed"},
    )
    assert graded(judge, lambda v: 2 * v, framework="mxnet") == (1, {"test_doubles": "passed"})


def test_margins_are_of_values_so_torchs_own_wrong_answers_have_none(tmp_path):
    (tmp_path / "test_toy.py").write_text(TOY)
    (tmp_path / "wrong" / "toy").mkdir(parents=True)
    text = "from nabla.checks import wrong\n\n\n"
    for name, more in (("tripled", "fails=('test_doubles',)"), ("carried", "fails=('test_stays',), framework='torch'")):
        text += f"@wrong({more}, hint={{'en': '?'}})\ndef {name}(v):\n    return 3 * v\n\n\n"
    (tmp_path / "wrong" / "toy" / "double.py").write_text(text)
    assert [(margin.wrong_answer, margin.check) for margin in Judge(tmp_path, "toy").margins()] == [
        ("tripled", "test_doubles")
    ]


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("fails=('test_stays',), hint={'en': '?'}", "plain numpy, which fails each check marked gpu"),
        (
            "fails=('test_stays',), hint={'en': '?'}, framework='torch', fault='slow'",
            "has the fault slow, .* Known: tra",
        ),
    ],
)
def test_a_wrong_answer_that_nothing_can_find_is_refused(tmp_path, declared, said):
    (tmp_path / "test_toy.py").write_text(TOY)
    (tmp_path / "wrong" / "toy").mkdir(parents=True)
    text = f"from nabla.checks import wrong\n\n\n@wrong({declared})\ndef tripled(v):\n    return 3 * v\n"
    (tmp_path / "wrong" / "toy" / "double.py").write_text(text)
    with pytest.raises(CheckFileError, match=said):
        Judge(tmp_path, "toy")
