"""Each framework in the sandbox: its arrays cross the border as values, and its differentiation runs after the fork."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nabla.course import Course
from nabla.sandbox import SubmissionSession, Zygote

from .environments import needed_runtime

pytestmark = pytest.mark.frameworks

CELLS = {
    "numpy": "import numpy as np\ndef gradient(x):\n    return 3 * x**2",
    "torch": """
import torch
def gradient(x):
    return torch.func.grad(lambda t: (t**3).sum())(x)
""",
    "tensorflow": """
import tensorflow as tf
def gradient(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(x**3)
    return tape.gradient(y, x)
""",
    "jax": """
import jax
def gradient(x):
    return jax.grad(lambda t: (t**3).sum())(x)
""",
    "mxnet": """
from mxnet import autograd, npx
npx.set_np()
def gradient(x):
    x.attach_grad()
    with autograd.record():
        y = (x**3).sum()
    y.backward()
    return x.grad
""",
}
OWN_TYPE = """
def kind(x):
    return type(x).__module__.partition(".")[0]
def thrice(f, x):
    return f(x) + f(x) + f(x)
def overwritten(x):
    try:
        x[0] = 7.0
    except TypeError:
        pass
    return x
"""


@pytest.fixture(scope="module", params=sorted(CELLS))
def session(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SubmissionSession]:
    root: Path = tmp_path_factory.mktemp("course")
    (root / "nbgrader_config.py").write_text('get_config().Nabla.preload = ["numpy", "torch", "matplotlib"]')
    course, framework = Course.load(root), request.param
    runtime = needed_runtime(course, framework)
    with Zygote.for_runtime(course, runtime) as zygote, SubmissionSession(zygote, framework=framework) as session:
        assert session.run_cell(0, CELLS[framework] + OWN_TYPE).status == "ok"
        yield session


def test_it_differentiates_in_double_precision(session: SubmissionSession) -> None:
    x = np.array([1.0, -2.0, 1e-9])
    reply = session.call("gradient", (x,))
    assert reply.error is None
    np.testing.assert_allclose(reply.value, 3 * x**2, rtol=1e-15)
    assert reply.value.dtype == np.float64
    assert (reply.claims["framework"], reply.claims["dtype"]) == (session.framework, "float64")


def test_functions_get_its_own_arrays(session: SubmissionSession) -> None:
    root = {"jax": "jaxlib"}.get(session.framework, session.framework)
    assert session.call("kind", (np.ones(2),)).value == root


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (1, 1, 4)])
def test_arrays_cross_the_border_unchanged(session: SubmissionSession, dtype: str, shape: tuple[int, ...]) -> None:
    sent = np.arange(np.prod(shape), dtype=dtype).reshape(shape)
    reply = session.call("thrice", (lambda x: x, sent))
    assert reply.error is None
    assert (reply.value.dtype, reply.value.shape) == (sent.dtype, shape)
    assert (reply.value == 3 * sent).all()


def test_a_change_of_an_argument_is_seen_where_it_can_happen(session: SubmissionSession) -> None:
    reply = session.call("overwritten", (np.zeros(2),))
    changed = session.framework in ("numpy", "torch", "mxnet")
    assert reply.arguments is not None
    assert (reply.arguments[0][0] == 7.0) == changed
