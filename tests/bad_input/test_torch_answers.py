"""Answers of the torch edition: what is a tensor with the right values counts, whatever its kind."""

import pytest

from tests.bad_input.classroom import FULL

SETTINGS = '\nc.Nabla.preload = ["numpy", "torch"]\nc.Nabla.framework = "torch"\n'
RIGHT = {
    "tensor": "return 3 * x + 1",
    "float32": "return (3 * x + 1).float()",
    "subclass": "class Mine(torch.Tensor): pass\n    return (3 * x + 1).as_subclass(Mine)",
    "parameter": "return torch.nn.Parameter(3 * x + 1)",
    "needs_gradient": "return 3 * x.clone().requires_grad_() + 1",
    "view": "return (3 * x + 1).flip(0).flip(0)",
    "expanded": "return torch.stack([3 * x + 1] * 2).T[:, 0]",
    "numpy": "return (3 * x + 1).numpy()",
    "sparse": "return (3 * x + 1).to_sparse()",
    "negated": "return torch._neg_view(-3 * x - 1)",
    "inference": "with torch.inference_mode(): return 3 * x + 1",
    "default_dtype": "torch.set_default_dtype(torch.float16)\n    return 3 * x + 1",
    "seeds": "torch.manual_seed(0)\n    return 3 * x + 1",
}
WRONG = {
    "half": ("return (3 * x + 1).half()", "are not right"),
    "integers": ("return (3 * x + 1).long()", "are not right"),
    "list_of_tensors": ("return list(3 * x + 1)", "returned a list"),
    "nan": ("return x * float('nan')", "NaN or infinite"),
    "shape": ("return (3 * x + 1)[None]", "of shape (1, 2), expected shape (2,)"),
    "meta": ("return torch.empty(2, device='meta')", "expected an array"),
    "quantised": ("return torch.quantize_per_tensor((3 * x + 1).float(), 0.1, 0, torch.qint8)", ""),
    "agreeable": (
        "class Yes(torch.Tensor):\n        @classmethod\n        def __torch_function__(cls, f, t, a=(), k=None): return True\n"
        "    return torch.zeros(2).as_subclass(Yes)",
        "",
    ),
    "huge": ("return torch.zeros(10**9)", ""),
    "huge_view": ("return torch.zeros(1).expand(10**9)", ""),
    "module": ("return torch.nn.Linear(2, 2)", "expected an array"),
    "dtype": ("return torch.float64", "expected an array"),
    "autograd_off": ("raise RuntimeError('no')", "it raised RuntimeError"),
}


def submissions(room):
    with (room.root / "nbgrader_config.py").open("a") as file:
        file.write(SETTINGS)
    room.hand_in("honest", torch_answers(room, "return 3 * x + 1"))
    for name, body in RIGHT.items():
        room.hand_in(name, torch_answers(room, body))
    for name, (body, _) in WRONG.items():
        room.hand_in(name, torch_answers(room, body))
    room.hand_in("mutates", torch_answers(room, "return x.mul_(3).add_(1)"))


def torch_answers(room, body):
    return room.answered(scaled=f"import torch\ndef scaled(x):\n    {body}")


@pytest.mark.parametrize("student", ["honest", *RIGHT])
def test_a_right_tensor_in_an_unusual_form_gets_all_points(graded, student):
    assert graded.scores(student) == FULL


@pytest.mark.parametrize("student", WRONG)
def test_a_wrong_tensor_costs_its_exercise_and_says_why(graded, student):
    assert graded.results[student].status == "graded"
    assert graded.scores(student) == {"test_scaled": 0, "test_total": 2}
    assert WRONG[student][1] in graded.message(student, "test_scaled")


def test_a_changed_argument_costs_the_check_that_forbids_it(graded):
    assert graded.scores("mutates") == {"test_scaled": 3, "test_total": 2}


def test_each_of_the_class_stands_in_the_gradebook(graded):
    graded.assert_gradebook_agrees()
