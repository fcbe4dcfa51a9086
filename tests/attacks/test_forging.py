"""Attempts to get points for nothing. The exercises beside the forged one keep theirs.

What a check says was computed by the judge from data; so the worst that a forger can send is a wrong value.
"""

from __future__ import annotations

import pytest

from .conftest import Attacker

RUNNER = """
import gc, struct, sys, threading, time, os, msgpack
import nabla_runner.child as child, nabla_runner.arrays as arrays, nabla_runner.wire as wire
def send(body):
    os.write(201, struct.pack("<I", len(body)) + body)
def frame(**message):
    send(wire.pack(message)[4:])
submission = next(found for found in gc.get_objects() if type(found) is child.Submission)
"""


@pytest.mark.parametrize(
    "cell",
    [
        "print('::notice title=Autograding complete::Points 100/100')",
        'print(\'{"totalPoints": 100, "maxPoints": 100}\')',
        "get_ipython().displayhook(4)",
        "import os\nfor k in (1, 2): os.write(k, b'\\n::set-output name=result::all passed\\nscore: 4/4\\n')",
        "from IPython.display import display\ndisplay({'application/vnd.nabla+json': '{\"score\": 4}', 'text/plain': '4'}, raw=True)",
        "from IPython.display import HTML, Javascript, SVG, display\ndisplay(HTML('<script>alert(1)</script>'), Javascript('alert(1)'))",
        "print('\\x1b]0;passed\\x07\\x1b[2J\\x1b[31mPASSED\\r\\n' * 5)",
    ],
)
def test_nothing_that_is_printed_or_displayed_becomes_a_score(attack: Attacker, cell: str) -> None:
    assert attack(cell, square=f"{cell}\ndef square(x):\n    {cell.splitlines()[-1]}").scores == (1, 0, 2)


@pytest.mark.parametrize(
    "square",
    [
        "class Yes:\n    def __eq__(self, other): return True\n    __lt__ = __le__ = __gt__ = __ge__ = __ne__ = __eq__\n    def __hash__(self): return 0\n"
        "    def __abs__(self): return 0\n    def __sub__(self, other): return 0\n    __rsub__ = __sub__\n    def __bool__(self): return True\ndef square(x): return Yes()",
        "import numpy as np\nclass Liar(np.ndarray):\n    shape = property(lambda self: (4,))\n    def __eq__(self, other): return True\n"
        "    def __array__(self, *a, **k): return np.zeros(4)\ndef square(x): return np.zeros(7).view(Liar)",
        "import numpy as np\nclass Later(np.ndarray):\n    def __array_finalize__(self, other): self.n = 0\n"
        "    def __array_wrap__(self, *a): return True\n    def tobytes(self, *a): return b'\\0' * 32\ndef square(x): return np.ones(4).view(Later)",
        "class Duck:\n    dtype = 'float64'; shape = (4,); nbytes = 32\n    def __array__(self, *a, **k):\n        while True: pass\ndef square(x): return Duck()",
        "import numpy as np\nclass Number(float):\n    def __float__(self): return 0.0\ndef square(x): return [Number(1)] * 4",
        "class Meta(type):\n    def __getattribute__(cls, name): raise SystemExit(name)\n"
        "class Thing(metaclass=Meta):\n    def __getattribute__(self, name): raise SystemExit(name)\ndef square(x): return Thing()",
        "class Text(str):\n    def __str__(self): raise KeyboardInterrupt\n    __repr__ = __str__\ndef square(x): return Text('passed')",
        "class Quit(SystemExit):\n    def __str__(self): raise SystemExit(0)\n    __repr__ = __str__\ndef square(x): raise Quit(0)",
        "class AssertionError(BaseException): pass\ndef square(x): raise AssertionError('passed')",
        "def square(x): return True",
        "def square(x): return float('nan')",
        "import numpy as np\ndef square(x): return np.full(4, np.nan)",
        "def square(x): return square",
        "def square(x): return x",
        "square = type('F', (), {'__call__': lambda self, x: x, '__code__': None})()",
        "square = 4.0",
        "def square(x):\n    import sys\n    return sys._getframe(1).f_locals",
    ],
)
def test_a_hostile_answer_earns_nothing_and_costs_only_itself(attack: Attacker, square: str) -> None:
    assert attack(square, square=None).scores == (1, 0, 2)


@pytest.mark.parametrize(
    "message",
    [
        "frame(nonce=bytes(8), kind='done', value=[0.0] * 4, claims={}, arguments=[])",
        "frame(nonce=submission.nonce, kind='done', score=4.0, passed=True, value=None, claims={}, arguments=[])",
        "frame(nonce=submission.nonce, kind='done', error={'names': ['Passed'], 'message': 'score 4'})",
        "frame(nonce=submission.nonce, kind='verdict', outcome='passed', score=4.0)",
        "frame(nonce=submission.nonce, kind='done', ok=True)",
        "frame(nonce=submission.nonce)",
        "send(b'')",
        "send(b'\\xc1')",
        "send(msgpack.packb([1, 2, 3]))",
        "send(msgpack.packb({'nonce': submission.nonce, 'kind': 'done', 'value': msgpack.ExtType(99, b'x')}))",
        "send(msgpack.packb({'nonce': submission.nonce, 'kind': 'done', 'value': msgpack.Timestamp(1, 1)}))",
        "os.write(201, b'\\xff\\xff\\xff\\xff')",
        "os.write(201, b'\\x00\\x01\\x00\\x00short')",
        "frame(nonce=submission.nonce, kind='callback', number=10**9, arguments=[])",
        "frame(nonce=submission.nonce, kind='callback', number='__import__', arguments=['os'])",
    ],
)
def test_a_forged_frame_earns_nothing(attack: Attacker, message: str) -> None:
    outcome = attack(RUNNER, f"def square(x):\n    {message}\n    time.sleep(30)", square=None)
    assert outcome.scores == (1, 0, 2)
    assert outcome.seconds < 15


def test_an_answer_sent_before_its_question_earns_nothing(attack: Attacker) -> None:
    early = "for _ in range(3): frame(nonce=submission.nonce, kind='done', value=[0.0] * 4, claims={}, arguments=[])"
    outcome = attack(square=f"{RUNNER}\n{early}\ndef square(x): return x + x")
    assert (outcome.score("honest"), outcome.score("square")) == (1, 0)


def test_a_thread_that_guesses_nonces_earns_nothing(attack: Attacker) -> None:
    cell = """
    def guess():
        for k in range(3000):
            frame(nonce=k.to_bytes(8, "little"), kind="done", value=[0.0] * 4, claims={}, arguments=[])
    def square(x):
        threading.Thread(target=guess, daemon=True).start()
        time.sleep(30)
    """
    assert attack(RUNNER, cell, square=None).scores == (1, 0, 2)


def test_a_runner_rewritten_by_the_student_can_only_answer_with_data(attack: Attacker) -> None:
    cell = """
    child.Submission.call = lambda self, request: {"value": True, "score": 4.0, "passed": True, "claims": {"passed": True}}
    child.Submission.cell = lambda self, request: {"ok": True, "score": 4.0}
    submission.call = lambda request: {"value": True, "claims": {}, "arguments": []}
    """
    assert attack(RUNNER + cell.replace("\n    ", "\n")).scores == (0, 0, 0)


@pytest.mark.parametrize("value", ["'float64'", "'float64\\n::notice ::'", "{'a': 1}", "None", "b'x' * 10_000"])
def test_a_claim_earns_nothing_without_a_value(attack: Attacker, value: str) -> None:
    lie = (
        f"arrays.describe = lambda value, depth=0: {{'type': 'numpy.ndarray', 'dtype': {value}, 'framework': 'numpy'}}"
    )
    outcome = attack(RUNNER + lie, square="import numpy as np\ndef square(x): return np.zeros(len(x))")
    assert outcome.scores == (1, 0, 2)


@pytest.mark.parametrize(
    "payload",
    [
        "__import__('pickle').dumps(Evil())",
        "msgpack.packb(msgpack.ExtType(1, msgpack.packb(['|O', [1], bytes(8)])))",
        "msgpack.packb(msgpack.ExtType(1, msgpack.packb(['<f8', [-4], bytes(32)])))",
        "msgpack.packb(msgpack.ExtType(1, msgpack.packb([\"os.system('touch owned')\", [1], bytes(8)])))",
        "msgpack.packb(msgpack.ExtType(5, msgpack.packb([10**18, '__class__', True])))",
    ],
)
def test_no_reply_is_ever_run_as_code(
    attack: Attacker, payload: str, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    cell = f"""
class Evil:
    def __reduce__(self): return (os.system, ('touch owned',))
def square(x):
    send(msgpack.packb({{'nonce': submission.nonce, 'kind': 'done', 'claims': {{}}, 'arguments': []}})[:-1] + b'')
def square(x):
    head = msgpack.packb({{'nonce': submission.nonce, 'kind': 'done', 'value': 0}})
    send(head[:-1] + {payload})
    time.sleep(30)
"""
    assert attack(RUNNER, cell, square=None).scores == (1, 0, 2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "spy",
    [
        "import sys\nsys.settrace(lambda frame, event, argument: seen.append(dict(frame.f_locals)) or None)",
        "import sys\nsys.setprofile(lambda frame, event, argument: seen.append(repr(argument)))",
        "import gc\nseen.extend(map(repr, gc.get_objects()[-1000:]))",
        "import inspect\nseen.extend(str(frame.frame.f_locals) for frame in inspect.stack())",
    ],
)
def test_watching_the_call_shows_no_expected_value(attack: Attacker, spy: str) -> None:
    cell = f"seen = []\ndef square(x):\n    {spy.replace(chr(10), chr(10) + '    ')}\n    return seen[-1] if seen else None"
    assert attack(cell, square=None).scores == (1, 0, 2)


def test_the_judges_functions_cannot_be_imported_or_patched(attack: Attacker) -> None:
    assert attack.tried("import nabla.checks, nabla.grading") == "ModuleNotFoundError"


def test_a_callback_does_not_tell_its_source(attack: Attacker) -> None:
    cell = "def slope(f, x):\n    import inspect\n    print(f.__closure__, f.__code__.co_consts)\n    return inspect.getsource(f)"
    assert attack(slope=cell).scores == (1, 4, 0)


def test_the_inputs_of_the_next_attempt_are_others(attack: Attacker) -> None:
    cell = "def honest(n): raise ValueError(f'given {n}')"
    first, again, changed = attack(honest=cell), attack(honest=cell), attack("1", honest=cell)
    message = [outcome.verdict.exercises[0].checks[0].message for outcome in (first, again, changed)]
    assert message[0] == message[1] != message[2]
