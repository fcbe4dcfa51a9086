"""The assignment `matrix_calculus`: honest answers of every style get all points, known mistakes exactly what is declared."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from nabla.checks import Judge
from nabla.checks.trusted import TrustedSession
from nabla.grading.translations import differences
from nabla.notebook.editions import Edition, keep_edition
from nabla.notebook.twin import check_equal, notebook_to_twin, twin_to_notebook

ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "grader_tests").is_dir())
TWIN = ROOT / "notebooks" / "matrix_calculus.md"
SOURCE = ROOT / "source" / "matrix_calculus" / "matrix_calculus.ipynb"
POINTS = {
    "linear_form_gradient": 2,
    "quadratic_form": 2,
    "quadratic_form_gradient": 2,
    "survivors": 1,
    "square_of_sum_gradient": 2,
    "factorization_loss": 1,
    "factorization_loss_gradients": 4,
    "written_6": 3,
    "factorize": 3,
}
AGAINST_THE_TABLE = (
    "グラデーション", "デリバティブ", "差別化", "パーシャル", "チェーンルール", "最も急な降下", "クリティカルポイント", "ヘッシアン",
    "移調", "記譜法", "行列因数分解", "作曲", "学期",
)  # fmt: skip


@pytest.fixture(scope="module")
def judge():
    return Judge(ROOT / "grader_tests", "matrix_calculus")


@pytest.fixture
def _float32_again():
    """The torch prelude makes float64 the default: no other test should see that."""
    yield
    torch.set_default_dtype(torch.float32)


@pytest.fixture(scope="module")
def notebook():
    return twin_to_notebook(TWIN)


def graded(judge, exercise, function, seed=1):
    session = TrustedSession({exercise: function})
    return judge.grade(f"test_{exercise}", session, max_score=1, seed=lambda name: seed + len(name))


def in_torch(function):
    """``function`` of tensors as the judge reaches it over the wire."""

    def bridged(*given, **named):
        return plain(function(*map(tensors, given), **named))

    return bridged


def tensors(value):
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value)
    if isinstance(value, dict):
        return {key: tensors(item) for key, item in value.items()}
    return (lambda *given: tensors(value(*map(plain, given)))) if callable(value) else value


def plain(value):
    if isinstance(value, torch.Tensor):
        return value.detach().numpy()
    return type(value)(plain(item) for item in value) if isinstance(value, tuple | list) else value


# ---- honest answers in several styles -------------------------------------------------------------------------------


def autograd(function, place):
    """The gradient of ``function`` with respect to one of its arguments."""

    def gradient(*given):
        moving = [value.clone().requires_grad_(number == place) for number, value in enumerate(given)]
        function(*moving).backward()
        return moving[place].grad

    return gradient


def linear_by_loop(beta, x):
    result = torch.zeros_like(x)
    for k in range(x.shape[0]):
        result[k] = beta[k]
    return result


def linear_by_differences(beta, x):
    flat = x.reshape(-1)
    moved = [(beta.reshape(-1) @ (flat + e) - beta.reshape(-1) @ (flat - e)) / 2 for e in np.eye(len(flat))]
    return np.array(moved).reshape(x.shape)


def form_by_loops(A, x):
    total = 0
    for i in range(len(x)):
        for j in range(len(x)):
            total = total + x[i] * A[i, j] * x[j]
    return total


def form_by_recursion(A, x):
    if len(x) == 0:
        return 0.0
    last = x[-1] * (A[-1] @ x + A[:-1, -1] @ x[:-1])
    return float(last + form_by_recursion(A[:-1, :-1], x[:-1]))


def gradient_by_loops(A, x):
    n = len(x)
    result = torch.zeros(n, dtype=x.dtype)
    for k in range(n):
        for i in range(n):
            result[k] += A[k, i] * x[i] + x[i] * A[i, k]
    return result


def survivors_by_random_numbers(candidates):
    rng = np.random.default_rng(0)
    names = []
    for name, formula in candidates.items():
        fits = True
        for n in (1, 2, 5):
            A, x = rng.standard_normal((n, n)), rng.standard_normal((n, 1))
            value = formula(A, x)
            fits = fits and value.shape == x.shape and (n > 1 or np.allclose(value, 2 * A * x))
        if fits:
            names.append(name)
    return names


def survivors_in_torch(candidates):
    a, x = torch.tensor([[0.7]], dtype=torch.float64), torch.tensor([[-1.3]], dtype=torch.float64)
    A, column = torch.rand(4, 4, dtype=torch.float64), torch.rand(4, 1, dtype=torch.float64)
    right = [name for name, formula in candidates.items() if abs(formula(a, x).item() + 2 * 0.7 * 1.3) < 1e-8]
    return [name for name in right if candidates[name](A, column).shape == column.shape]


def survivors_with_float32(candidates):
    a, x = np.array([[3.0]], dtype=np.float32), np.array([[5.0]], dtype=np.float32)
    A, column = np.ones((2, 2), dtype=np.float32), np.ones((2, 1), dtype=np.float32)
    return [
        name
        for name, formula in candidates.items()
        if (formula(a, x) == 30).all() and formula(A, column).shape == (2, 1)
    ]


def loss_by_loops(X, U, V):
    total = 0.0
    for i in range(X.shape[0]):
        for j in range(X.shape[1]):
            total += float(X[i, j] - sum(U[i, k] * V[k, j] for k in range(U.shape[1]))) ** 2
    return total


def gradients_by_autograd(X, U, V):
    U, V = U.clone().requires_grad_(), V.clone().requires_grad_()
    torch.linalg.norm(X - U @ V).square().backward() if (X != U @ V).all() else ((X - U @ V) ** 2).sum().backward()
    return U.grad, V.grad


def gradients_by_loops(X, U, V):
    rest = X - U @ V
    (n, m), r = X.shape, U.shape[1]
    for_U, for_V = np.zeros((n, r)), np.zeros((r, m))
    for i in range(n):
        for j in range(m):
            for k in range(r):
                for_U[i, k] -= 2 * rest[i, j] * V[k, j]
                for_V[k, j] -= 2 * rest[i, j] * U[i, k]
    return for_U, for_V


def gradients_by_einsum(X, U, V):
    rest = torch.einsum("ik,kj->ij", U, V) - X
    return 2 * torch.einsum("ij,kj->ik", rest, V), 2 * torch.einsum("ij,ik->kj", rest, U)


def gradients_multiplied_out(X, U, V):
    return [2 * (U @ (V @ V.T) - X @ V.T), 2 * ((U.T @ U) @ V - U.T @ X)]


def simultaneous(X, U0, V0, learning_rate, num_steps):
    U, V = U0.clone(), V0.clone()
    losses = torch.zeros(num_steps + 1, dtype=X.dtype)
    for step in range(num_steps):
        rest = X - U @ V
        losses[step] = (rest**2).sum()
        U, V = U + 2 * learning_rate * rest @ V.T, V + 2 * learning_rate * U.T @ rest
    losses[num_steps] = ((X - U @ V) ** 2).sum()
    return U, V, losses


def first_U_then_V(X, U0, V0, learning_rate, num_steps):
    U, V, losses = U0.copy(), V0.copy(), [np.linalg.norm(X - U0 @ V0) ** 2]
    for _ in range(num_steps):
        U -= learning_rate * (-2 * (X - U @ V) @ V.T)
        V -= learning_rate * (-2 * U.T @ (X - U @ V))
        losses.append(np.linalg.norm(X - U @ V) ** 2)
    return U, V, np.array(losses)


def first_V_then_U(X, U0, V0, learning_rate, num_steps):
    U, V, losses = U0, V0, [loss_by_loops(X, U0, V0)]
    for _ in range(num_steps):
        V = V - learning_rate * gradients_by_loops(X, U, V)[1]
        U = U - learning_rate * gradients_by_loops(X, U, V)[0]
        losses.append(loss_by_loops(X, U, V))
    return [U, V, np.array(losses)]


def by_recursion(X, U0, V0, learning_rate, num_steps):
    here = np.array([np.sum((X - U0 @ V0) ** 2)])
    if num_steps == 0:
        return U0, V0, here
    for_U, for_V = gradients_multiplied_out(X, U0, V0)
    U, V, losses = by_recursion(X, U0 - learning_rate * for_U, V0 - learning_rate * for_V, learning_rate, num_steps - 1)
    return U, V, np.concatenate([here, losses])


def by_autograd(X, U0, V0, learning_rate, num_steps):
    U, V = U0.clone().requires_grad_(), V0.clone().requires_grad_()
    optimiser = torch.optim.SGD([U, V], lr=learning_rate)
    losses = []
    for _ in range(num_steps):
        optimiser.zero_grad()
        loss = ((X - U @ V) ** 2).sum()
        losses.append(loss.detach())
        loss.backward()
        optimiser.step()
    losses.append(((X - U @ V) ** 2).sum().detach())
    return U, V, torch.stack(losses)


HONEST = {
    "linear_form_gradient": [
        in_torch(autograd(lambda beta, x: beta.flatten() @ x.flatten(), 1)),
        in_torch(linear_by_loop),
        linear_by_differences,
        lambda beta, x: np.zeros_like(x) + np.reshape(beta, x.shape),
        lambda beta, x: np.einsum("ij,j->i", np.eye(beta.size), beta.ravel()).reshape(x.shape),
    ],
    "quadratic_form": [
        in_torch(lambda A, x: torch.einsum("i,ij,j", x, A, x)),
        in_torch(lambda A, x: x @ (A @ x)),
        in_torch(form_by_loops),
        form_by_loops,
        form_by_recursion,
        lambda A, x: float(np.sum(A * np.outer(x, x))),
        lambda A, x: (x[None, :] @ A @ x[:, None])[0, 0],
        lambda A, x: x @ ((A + A.T) / 2) @ x,
    ],
    "quadratic_form_gradient": [
        in_torch(autograd(lambda A, x: x @ A @ x, 1)),
        in_torch(gradient_by_loops),
        in_torch(lambda A, x: torch.einsum("ki,i->k", A, x) + torch.einsum("ik,i->k", A, x)),
        lambda A, x: A @ x + x @ A,
        lambda A, x: ((A + A.T) @ x[:, None])[:, 0],
    ],
    "survivors": [
        survivors_by_random_numbers,
        in_torch(survivors_in_torch),
        survivors_with_float32,
        lambda candidates: tuple(survivors_by_random_numbers(candidates)),
    ],
    "square_of_sum_gradient": [
        in_torch(autograd(lambda x: x.sum() ** 2, 0)),
        in_torch(lambda x: 2 * x.sum() * torch.ones_like(x)),
        lambda x: np.array([2 * sum(x[i] for i in range(len(x))) for _ in x]),
        lambda x: 2 * np.ones((len(x), len(x))) @ x,
        lambda x: np.full(len(x), np.sum(x) + np.sum(x)),
    ],
    "factorization_loss": [
        in_torch(lambda X, U, V: torch.linalg.matrix_norm(X - U @ V) ** 2),
        in_torch(lambda X, U, V: torch.einsum("ij,ij", X - U @ V, X - U @ V)),
        loss_by_loops,
        lambda X, U, V: np.trace((X - U @ V).T @ (X - U @ V)),
        lambda X, U, V: np.sum(np.linalg.svd(X - U @ V, compute_uv=False) ** 2),
        lambda X, U, V: np.linalg.norm(X - U @ V) ** 2,
    ],
    "factorization_loss_gradients": [
        in_torch(gradients_by_autograd),
        in_torch(gradients_by_einsum),
        gradients_by_loops,
        gradients_multiplied_out,
        lambda X, U, V: (2 * (U @ V - X) @ V.T, 2 * ((U @ V - X).T @ U).T),
    ],
    "factorize": [in_torch(simultaneous), first_U_then_V, first_V_then_U, by_recursion, in_torch(by_autograd)],
}
RAISING = {"order_of_the_numbers"}
"""Wrong answers that fail by an exception: its own text says what happened, no value can be compared."""
STYLES = [(exercise, place) for exercise, answers in HONEST.items() for place in range(len(answers))]


@pytest.mark.parametrize(("exercise", "place"), STYLES)
def test_an_honest_answer_of_any_style_gets_all_points(judge, exercise, place):
    for seed in range(8):
        verdict = graded(judge, exercise, HONEST[exercise][place], seed)
        assert [(check.name, check.message) for check in verdict.checks if check.outcome != "passed"] == []
        assert verdict.score == 1


def test_every_exercise_is_answered_in_three_styles_at_least(judge):
    assert {f"test_{exercise}" for exercise in HONEST} == set(judge.exercises)
    assert min(map(len, HONEST.values())) >= 3


# ---- wrong answers --------------------------------------------------------------------------------------------------


def test_every_wrong_answer_fails_exactly_its_declared_checks_whatever_the_seed(judge):
    for grade_id, answers in judge.wrong_answers.items():
        for wrong in answers:
            for seed in range(12):
                checks = graded(judge, grade_id.removeprefix("test_"), wrong, seed).checks
                failed = {check.name for check in checks if check.outcome != "passed"}
                assert failed == set(wrong.fails), (grade_id, wrong.name, seed)


def test_every_exercise_has_three_wrong_answers_at_least(judge):
    assert all(len(judge.wrong_answers[grade_id]) >= 3 for grade_id in judge.exercises)


def test_a_wrong_answer_is_recognised_as_itself_in_the_first_check_that_it_fails(judge):
    for grade_id, answers in judge.wrong_answers.items():
        for wrong in (answer for answer in answers if answer.name not in RAISING):
            for seed in range(3):
                checks = graded(judge, grade_id.removeprefix("test_"), wrong, seed).checks
                first = next(check for check in checks if check.outcome != "passed")
                assert first.wrong_answer == wrong.name, (grade_id, wrong.name, first.name, first.message)


def test_hints_ask_in_both_languages(judge):
    for answers in judge.wrong_answers.values():
        for wrong in answers:
            assert re.search(r"\?", wrong.hint["en"]), wrong.name
            assert re.search(r"(か|でしょう|ましょう)。", wrong.hint["ja"]), wrong.name
            assert wrong.hint["ja"].endswith("。"), wrong.name


def test_two_wrong_answers_of_an_exercise_never_say_the_same(judge):
    for answers in judge.wrong_answers.values():
        assert len({wrong.hint["en"] for wrong in answers}) == len(answers)
        assert len({wrong.hint["ja"] for wrong in answers}) == len(answers)


def right_gradients(X, U, V):
    return -2 * (X - U @ V) @ V.T, -2 * U.T @ (X - U @ V)


def test_a_slip_in_one_of_the_two_gradients_costs_half(judge):
    for slip in ((1, -1), (0.5, 1)):

        def gradients(X, U, V, slip=slip):
            return tuple(factor * part for factor, part in zip(slip, right_gradients(X, U, V), strict=True))

        assert graded(judge, "factorization_loss_gradients", gradients).score == 0.5


def test_wrong_losses_leave_the_points_of_right_factors(judge):
    def factorize(X, U0, V0, learning_rate, num_steps):
        U, V, losses = first_U_then_V(X, U0, V0, learning_rate, num_steps)
        return U, V, losses / X.size

    assert graded(judge, "factorize", factorize).score >= 0.5


NONSENSE = [
    lambda *given: None,
    lambda *given: 0.0,
    lambda *given: given[0],
    lambda *given: given[-1],
    lambda *given: given[1:3],
    lambda *given: [],
    lambda *given: (np.zeros((2, 2)),) * 3,
    lambda *given: {"U": 1.0},
    lambda *given: np.array([np.nan, 1.0]),
    lambda *given: ("a", None, [[1.0]]),
]


@pytest.mark.parametrize("exercise", HONEST)
def test_nonsense_earns_nothing_and_breaks_no_check(judge, exercise):
    for answer in NONSENSE:
        verdict = graded(judge, exercise, answer)
        assert verdict.score == 0
        assert {check.outcome for check in verdict.checks} <= {"failed", "passed"}, verdict.checks


# ---- the notebook ---------------------------------------------------------------------------------------------------


def test_the_source_notebook_is_what_its_text_twin_gives():
    check_equal(TWIN, SOURCE)


def test_the_text_twin_is_what_the_notebook_gives(notebook):
    assert notebook_to_twin(notebook) == TWIN.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("framework", ["torch", "numpy"])
def test_twenty_points_in_every_edition(notebook, language, framework):
    cells = keep_edition(notebook, Edition(language, framework)).cells
    marks = [cell.metadata.nbgrader for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert {mark.grade_id.removeprefix("test_"): mark.points for mark in marks} == POINTS
    assert len(marks) == len(POINTS)
    assert sum(POINTS.values()) == 20


@pytest.mark.usefixtures("_float32_again")
@pytest.mark.parametrize("framework", ["torch", "numpy"])
def test_reference_solutions_pass_visible_asserts_and_hidden_checks(notebook, judge, framework):
    names = {"np": np}
    for cell in keep_edition(notebook, Edition("en", framework)).cells:
        if cell.cell_type == "code" and cell.id != "pictures":
            exec(compile(without_pictures(cell.source), cell.id, "exec"), names)
    for grade_id in judge.exercises:
        exercise = grade_id.removeprefix("test_")
        answer = names[exercise] if framework == "numpy" else in_torch(names[exercise])
        session = TrustedSession({exercise: answer})
        assert judge.grade(grade_id, session, max_score=1, seed=lambda name: 5).score == 1, grade_id


def without_pictures(source):
    """What a cell does apart from drawing: its functions and its asserts."""
    if "plt." not in source:
        return source
    return source.partition("\n\n\n")[0] if source.startswith("def slopes") else ""


def run_visible_asserts(notebook, exercise, function):
    cells = {cell.id: cell.source for cell in keep_edition(notebook, Edition("en", "numpy")).cells}
    names = {"np": np}
    for cell in ("prelude-numpy", "slopes", "six-formulas"):
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(without_pictures(cells[cell]), cell, "exec"), names)
    exec(compile(cells[f"test_{exercise}"], exercise, "exec"), names | {exercise: function})


def test_visible_asserts_accept_honest_answers(notebook):
    for exercise, answers in HONEST.items():
        for answer in answers[1:]:
            if exercise != "survivors" or answer is not answers[-1]:  # the docstring asks for a list
                run_visible_asserts(notebook, exercise, answer)


def refused(notebook, exercise, function):
    try:
        run_visible_asserts(notebook, exercise, function)
    except (AssertionError, ValueError) as refusal:
        return isinstance(refusal, AssertionError) or function.name in RAISING
    return False


def test_visible_asserts_refuse_every_known_wrong_answer(notebook, judge):
    for grade_id, answers in judge.wrong_answers.items():
        for wrong in answers:
            with np.errstate(all="ignore"):
                assert refused(notebook, grade_id.removeprefix("test_"), wrong), (grade_id, wrong.name)


def test_what_students_read_gives_no_written_answer_away(notebook):
    shown = [cell for cell in notebook.cells if not cell.metadata.get("nbgrader", {}).get("solution")]
    text = "\n".join(cell.source for cell in shown) + "".join(cell.id for cell in notebook.cells)
    found = r"mathbf\{U\}\^\\top ?\(\\mathbf\{X\}|mathbf\{V\}\^\\top|A is square|正方行列なので|on the left|左から掛け"
    assert re.findall(found, text) == []


def test_both_languages_have_the_same_formulas_and_code(notebook):
    assert differences(notebook) == []


def japanese(notebook):
    return [cell.source for cell in notebook.cells if "ja" in cell.metadata.get("tags", [])]


def test_brackets_stand_outside_of_japanese_emphasis(notebook):
    for text in japanese(notebook):
        assert re.findall(r"[）」。、]\*\*[^\s、。（：]", text) == []


def test_japanese_text_keeps_to_the_table_of_words(notebook, judge):
    hints = [wrong.hint["ja"] for answers in judge.wrong_answers.values() for wrong in answers]
    for text in japanese(notebook) + hints:
        assert [word for word in AGAINST_THE_TABLE if word in text] == []


def test_japanese_text_is_polite_throughout(notebook):
    for text in japanese(notebook):
        text = re.sub(r"=== BEGIN MARK SCHEME ===.*=== END MARK SCHEME ===", "", text, flags=re.S)
        sentences = re.findall(r"[^。\n]*[ぁ-ん][^。\n]*。", text)
        rude = [sentence for sentence in sentences if re.search(r"(だ|である|する|ない|った|れる)。$", sentence)]
        assert rude == []


def test_every_exercise_states_difficulty_and_time_in_both_languages(notebook):
    for language, minutes in (("en", "minutes"), ("ja", "分")):
        text = "\n".join(cell.source for cell in notebook.cells if language in cell.metadata.get("tags", []))
        assert len(re.findall(rf"^## .*[★☆]{{3}}.*\d+ {minutes}", text, flags=re.M)) == 7


def test_a_stub_says_how_long_the_answer_is(notebook):
    solutions = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    for cell in solutions:
        if cell.cell_type == "code":
            assert re.search(r"# about \d lines?[^\n]*\n    ### BEGIN SOLUTION", cell.source), cell.id
            assert "Example: " in cell.source, cell.id
        else:
            assert "=== BEGIN MARK SCHEME ===" in cell.source
