"""Attacks on a whole class: what dishonest students put into their files, and what their neighbours get for it.

Through the same door as `nabla grade` and `nabla feedback`; the bytes that are left behind are searched for canaries.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from nabla.course import Course, course_key
from nabla.grading.feedback import make_feedback
from tests.bad_input.classroom import CHECKS, FULL, Classroom, make_course

CHECK_CANARY = "canary_of_the_checks_f00d"
ENVIRONMENT_CANARY = "canary-of-the-environment-77e1"
NEIGHBOUR_CANARY = "canary-of-the-neighbour-2b9c"
SCRIPT = "document.title='owned'"
LIVE = [
    f"<script>{SCRIPT}</script>",
    f'<img src=x onerror="{SCRIPT}">',
    f'<svg onload="{SCRIPT}"><script>{SCRIPT}</script></svg>',
    f'<iframe srcdoc="<script>parent.{SCRIPT}</script>"></iframe>',
    "<meta http-equiv=refresh content=0;url=http://127.0.0.1:9/>",
    f'<a href="javascript:{SCRIPT}">x</a><form action=http://127.0.0.1:9><input autofocus onfocus="{SCRIPT}"></form>',
    "<style>@import url(http://127.0.0.1:9/x.css)</style><link rel=stylesheet href=http://127.0.0.1:9/x.css>",
    f'<math><mtext><table><mglyph><style><img src=x onerror="{SCRIPT}">',
]
MIMES = ("text/html", "image/svg+xml", "text/markdown", "text/latex", "application/javascript")
DISPLAY = "from IPython.display import display\nfor mime in {mimes!r}:\n    for text in {live!r}: display({{mime: text, 'text/plain': '<'}}, raw=True)"
SPY = """
import os, subprocess
found = []
for folder in {folders!r}:
    for place, _, names in os.walk(folder):
        for name in names:
            try: found.append(open(os.path.join(place, name)).read())
            except OSError as error: found.append(str(error))
print(found, dict(os.environ), subprocess.run('env; ls -laR ~ /tmp /proc 2>&1', shell=True, capture_output=True, text=True).stdout)
"""
REWRITE = """
import sqlite3, os, glob
for path in {paths!r}:
    for deed in (lambda: sqlite3.connect(path).execute('update grade set auto_score = 100').connection.commit(),
                 lambda: open(path, 'a').write(' '), lambda: os.chmod(path, 0o777), lambda: os.remove(path)):
        try: deed()
        except Exception: pass
"""


def hand_in_everything(room: Classroom) -> None:
    """A class with honest students between dishonest ones."""
    cheat = {"scaled": "def scaled(x):\n    return x"}
    room.hand_in("anna", room.answered(written_why=f"Because {NEIGHBOUR_CANARY}."))
    live = DISPLAY.format(mimes=MIMES, live=LIVE)
    room.hand_in("live", room.with_scratch_cell(live))
    room.hand_in("live_in_words", room.answered(written_why="\n\n".join(LIVE) + "\n$$\\href{javascript:x}{x}$$"))
    room.hand_in("live_in_errors", room.with_scratch_cell(f"raise type({LIVE[0]!r}, (Exception,), {{}})({LIVE[1]!r})"))
    room.hand_in("live_in_answers", room.answered(scaled=f"def scaled(x):\n    raise ValueError({LIVE[0]!r})"))
    places = [str(room.root), tempfile.gettempdir(), os.path.expanduser("~")]
    room.hand_in("spy", room.with_scratch_cell(SPY.format(folders=places)))
    paths = [
        str(room.root / name)
        for name in ("gradebook.db", "nabla.key", "grader_tests/test_sums.py", "submitted/anna/sums/sums.ipynb")
    ]
    room.hand_in("vandal", room.with_scratch_cell(REWRITE.format(paths=paths)))
    room.hand_in(
        "shown_score",
        room.answered(scaled="get_ipython().displayhook(4.0)\nprint('::notice ::Points 100/100')\n" + cheat["scaled"]),
    )
    room.hand_in("own_outputs", with_outputs(room.answered(**cheat)))
    room.hand_in("own_marks", with_marks(room.answered(**cheat)))
    room.hand_in("shadow", room.answered(**cheat))
    (room.folder("shadow") / "numpy.py").write_text("allclose = lambda *a, **k: True\ndef asarray(x): return x")
    (room.folder("shadow") / "conftest.py").write_text("import pytest; raise SystemExit(0)")
    (room.folder("shadow") / "test_sums.py").write_text("class TestScaled: pass")
    room.hand_in("link", room.answered())
    (room.folder("link") / "key.txt").symlink_to(room.root / "nabla.key")
    (room.folder("link") / "neighbour").symlink_to(room.root / "submitted" / "anna")
    room.hand_in(
        "daemon", room.with_scratch_cell("import os, time\nif os.fork() == 0:\n    os.setsid(); time.sleep(60)")
    )
    room.hand_in("zoe")


def with_outputs(nb: dict) -> dict:
    """The notebook with full marks in the outputs of every graded cell."""
    for cell in nb["cells"]:
        if cell["cell_type"] == "code":
            data = {"text/plain": "4.0", "application/vnd.nabla+json": {"score": 4}}
            cell["outputs"] = [
                {"output_type": "execute_result", "data": data, "metadata": {"score": 4}, "execution_count": 1}
            ]
    return nb


def with_marks(nb: dict) -> dict:
    """The notebook with points, scores and tags of the student's own."""
    for cell in nb["cells"]:
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception"]
        cell["metadata"]["nbgrader"] |= {
            "score": 4,
            "auto_score": 4,
            "manual_score": 4,
            "extra_credit": 9,
            "max_score": 1,
        }
    nb["metadata"]["nabla"] = {"score": 100, "verdict": "passed", "sandbox": "none"}
    return nb


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classroom]:
    root = tmp_path_factory.mktemp("class") / "course"
    make_course(root)
    checks = root / "grader_tests" / "test_sums.py"
    checks.write_text(f'{CHECKS}\nSECRET = "{CHECK_CANARY}"\n')
    found = Classroom(root)
    course_key(Course.load(root))
    hand_in_everything(found)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NABLA_TEST_SECRET", ENVIRONMENT_CANARY)
        patch.setenv("GITHUB_TOKEN", ENVIRONMENT_CANARY)
        found.grade(workers=1)
        make_feedback(Course.load(root), "sums")
    return found


HONEST = ("anna", "zoe", "live", "live_in_words", "live_in_errors", "spy", "vandal", "link", "daemon")
CHEATS = ("shown_score", "own_outputs", "own_marks", "shadow", "live_in_answers")


@pytest.mark.parametrize("student", HONEST)
def test_right_answers_get_all_points_whatever_stands_beside_them(room: Classroom, student: str) -> None:
    assert room.scores(student) == FULL


@pytest.mark.parametrize("student", CHEATS)
def test_a_dishonest_answer_gets_nothing_and_the_honest_one_beside_it_all(room: Classroom, student: str) -> None:
    assert room.scores(student) == {"test_scaled": 0, "test_total": 2}


def test_the_gradebook_says_what_the_judge_said(room: Classroom) -> None:
    rows = room.rows()
    for student in (*HONEST, *CHEATS):
        scores = {name: score for name, (score, _) in rows[student].items() if name in FULL}
        assert scores == room.scores(student), student


def left_behind(room: Classroom) -> Iterator[Path]:
    for folder in ("autograded", "feedback"):
        yield from (path for path in (room.root / folder).rglob("*") if path.is_file())


def test_no_secret_stands_in_any_notebook_or_page(room: Classroom) -> None:
    key = (room.root / "nabla.key").read_text().strip()
    for path in left_behind(room):
        text = path.read_bytes().decode("utf-8", "replace")
        for canary in (CHECK_CANARY, ENVIRONMENT_CANARY, key):
            assert canary not in text, path
        if "anna" not in path.parts:
            assert NEIGHBOUR_CANARY not in text, path


class Live(HTMLParser):
    """Collects everything in a page that could run or load something."""

    TAGS = frozenset(
        {"script", "iframe", "object", "embed", "form", "input", "meta", "link", "base", "svg", "style", "math"}
    )

    def __init__(self) -> None:
        """Start with nothing found."""
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag and its attributes where they could run or load."""
        if tag in self.TAGS:
            self.found.add(f"<{tag} {attrs}>")
        for name, value in attrs:
            address = (value or "").strip().lower()
            if name.startswith("on") or address.startswith(("javascript:", "vbscript:")) or "127.0.0.1" in address:
                self.found.add(f"{name}={value}")


def live(page: Path) -> set[str]:
    """What could run or load in ``page``."""
    parser = Live()
    parser.feed(page.read_text())
    return parser.found


@pytest.mark.parametrize("student", ["live", "live_in_words", "live_in_errors", "live_in_answers"])
def test_nothing_of_a_students_is_live_in_feedback(room: Classroom, student: str) -> None:
    pages = room.root / "feedback"
    assert live(pages / student / "sums" / "sums.html") <= live(pages / "zoe" / "sums" / "sums.html")


def test_the_files_of_the_course_are_as_they_were(room: Classroom) -> None:
    assert stat.S_IMODE((room.root / "nabla.key").stat().st_mode) == 0o600
    assert (room.root / "grader_tests" / "test_sums.py").read_text().endswith(f'SECRET = "{CHECK_CANARY}"\n')
    json.loads((room.root / "submitted" / "anna" / "sums" / "sums.ipynb").read_text())


def test_no_link_was_followed(room: Classroom) -> None:
    key = (room.root / "nabla.key").read_text().strip()
    for path in left_behind(room):
        assert not path.is_symlink()
        assert key.encode() not in path.read_bytes()
