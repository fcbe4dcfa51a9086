"""What the zygote has ready for its children, and what it leaves alone until somebody needs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nabla.sandbox import SubmissionSession, Zygote

FIGURE = "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]);"
SEEN_WHILE_DRAWN = "import sys\nprint('contourpy' in sys.modules, sorted(n for n in globals() if n in 'abcfx'))"


@pytest.fixture(scope="module")
def torch_zygote() -> Iterator[Zygote]:
    with Zygote(level="sandlock", preload=("numpy", "torch")) as zygote:
        yield zygote


def printed(session: SubmissionSession, source: str) -> str:
    result = session.run_cell(0, source)
    assert result.status == "ok", result.outputs
    return "".join(str(output.get("text", "")) for output in result.outputs).strip()


def test_arrays_without_numbers_leave_pytorchs_compiler_alone(torch_zygote: Zygote) -> None:
    source = "import sys, torch\ny = torch.ones(2, device='meta') + 1\nprint(y.device, 'torch._dynamo' in sys.modules)"
    with SubmissionSession(torch_zygote) as session:
        assert printed(session, source) == "meta False"


def test_once_the_compiler_is_there_it_is_told_what_not_to_compile(torch_zygote: Zygote) -> None:
    source = (
        "import torch, torch._dynamo\n"
        "from torch.utils.checkpoint import checkpoint\n"
        "marked = lambda: getattr(checkpoint.__wrapped__.__dynamo_disable, '_torchdynamo_disable', False)\n"
        "before = marked()\n"
        "value = checkpoint(lambda x: 2 * x, torch.ones(1), use_reentrant=False)\n"
        "print(value.item(), before, marked())"
    )
    with SubmissionSession(torch_zygote) as session:
        assert printed(session, source) == "2.0 False True"


def test_figures_are_warmed_after_the_first_that_a_submission_draws() -> None:
    with Zygote(level="sandlock", preload=("numpy", "matplotlib")) as zygote:
        with SubmissionSession(zygote) as session:
            assert printed(session, SEEN_WHILE_DRAWN) == "False []"
            session.run_cell(1, FIGURE)
        with SubmissionSession(zygote) as session:
            assert printed(session, SEEN_WHILE_DRAWN) == "True []"


def test_a_zygote_started_again_warms_figures_again() -> None:
    with Zygote(level="sandlock", preload=("numpy", "matplotlib")) as zygote:
        with SubmissionSession(zygote) as session:
            session.run_cell(0, FIGURE)
        zygote.stop()
        with SubmissionSession(zygote) as session:
            assert printed(session, SEEN_WHILE_DRAWN) == "True []"


def test_a_frame_of_a_cell_is_in_no_module_and_everything_else_in_its_own(zygote: Zygote) -> None:
    source = (
        "import inspect, json\n"
        "def f(): pass\n"
        "frame = inspect.currentframe()\n"
        "places = [inspect.getmodule(x) for x in (frame, f.__code__, json.dumps, json.dumps.__code__, json)]\n"
        "print([place and place.__name__ for place in places])"
    )
    with SubmissionSession(zygote) as session:
        assert printed(session, source) == "[None, None, 'json', 'json', 'json']"
