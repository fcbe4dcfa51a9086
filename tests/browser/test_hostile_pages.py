"""What instructors and students open of a hostile submission: nothing in it runs, asks the network or waits for a click."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
from collections.abc import Callable

import pytest

from nabla.notebook import outputs
from tests.bad_input.classroom import Classroom, code, text
from tests.browser.conftest import Visit, feedback_page, grade_here
from tests.browser.payloads import display_cells, markdown, markup, script

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]
ROW = re.compile("honest|Submission #1")
LIVE = ("image/svg+xml", "application/javascript", "text/markdown", "text/latex")
MALLORY = f'<img src=x onerror="{script("student")}">'.replace("//", "").replace("/", "")
SVG = base64.b64encode(f'<svg xmlns="http://www.w3.org/2000/svg" onload="{script("attachment")}"/>'.encode()).decode()


def hostile_notebook(room: Classroom) -> dict:
    raising = f"def scaled(x):\n    raise ValueError({' '.join(markup('message').values())[:1200]!r})"
    echoing = f"def total(x):\n    return {' '.join(list(markup('value').values())[:4])!r}"
    nb = room.answered(scaled=raising, total=echoing, written_why="\n\n".join(markdown("answer").values()))
    attachments = {"a.svg": {"image/svg+xml": SVG}, f'b" onerror="{script("attachment-name")}': {"image/png": "AA=="}}
    own = [{**text(source), "attachments": attachments} for source in markdown("cell").values()]
    own += [
        {"cell_type": "raw", "metadata": {"format": "text/html"}, "source": source} for source in markup("raw").values()
    ]
    own += [code(source) for source in display_cells()]
    nb["cells"] += [{**cell, "id": f"own-{number}"} for number, cell in enumerate(own)]
    nb["metadata"]["title"] = markup("title")["script"]
    nb["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": markup("widgets")}
    return nb


def hand_in(room: Classroom) -> None:
    for student in (MALLORY, "mallory"):
        room.hand_in(student, hostile_notebook(room))
        room.hand_in(
            student, "x", name=f'<img src=x onerror="{script("file")}">.txt'.replace("//", "").replace("/", "∕")
        )
    room.hand_in("honest")


@pytest.fixture(scope="module")
def room(make_room: Callable[[str], Classroom]) -> Classroom:
    made = make_room("hostile")
    hand_in(made)
    grade_here(made)
    return made


@pytest.fixture(scope="module")
def address(room, formgrader) -> str:
    return formgrader(room)


def submissions(room: Classroom) -> dict[str, str]:
    database = sqlite3.connect(room.root / "gradebook.db")
    query = """select s.student_id, n.id from submitted_notebook n
        join submitted_assignment s on s.id = n.assignment_id"""
    try:
        return dict(database.execute(query).fetchall())
    finally:
        database.close()


def test_the_hostile_submission_is_graded(room):
    assert room.scores("mallory") == {"test_scaled": 0, "test_total": 0}
    assert "script" in room.message("mallory", "test_scaled")


def test_an_id_of_markup_comes_into_no_page(room):
    assert room.results[MALLORY].status == "failed"
    assert MALLORY not in submissions(room)


def test_nothing_runs_on_a_feedback_page(room, visit):
    visit.open(feedback_page(room, "mallory"))
    assert visit.ran() == []
    assert visit.page.title() != "HACKED"
    assert visit.loaded() == []


def test_nothing_runs_where_formgrader_shows_the_submission(room, visit, address):
    usual = Visit(visit.page.context.browser).open(address.format(f"/submissions/{submissions(room)['honest']}/"))
    own = set(usual.loaded())
    usual.page.close()
    visit.open(address.format(f"/submissions/{submissions(room)['mallory']}/"))
    assert visit.page.locator(".nbgrader_cell").count() >= 3
    assert visit.ran() == []
    assert visit.page.title() != "HACKED"
    assert set(visit.loaded()) <= own


@pytest.mark.parametrize("place", ["/manage_submissions/sums", "/gradebook/sums/sums", "/manage_students"])
def test_nothing_runs_where_formgrader_lists_the_class(visit, address, place):
    visit.open(address.format(place))
    visit.page.locator("tbody tr", has_text=ROW).first.wait_for(state="attached")
    assert visit.ran() == []


@pytest.fixture(scope="module")
def undefended(make_room: Callable[[str], Classroom]) -> Classroom:
    """The same submission, graded with every defence of its pages taken out."""
    made = make_room("undefended")
    nb = json.dumps(hostile_notebook(made)).replace("attachment:a.svg", "a.svg")  # without it there is no page at all
    made.hand_in("mallory", nb)
    made.hand_in(MALLORY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outputs, "safe_html", lambda given: given)
        clean = outputs._clean_data
        patch.setattr(outputs, "_clean_data", lambda kind, value: value if kind in LIVE else clean(kind, value))
        patch.setattr("nabla.grading.lean.make_texts_inert", lambda nb, given: None)
        patch.setattr("nabla.grading.saving._why_no_id", lambda student: "")
        patch.setattr(outputs.html, "escape", lambda given, quote=True: given)
        grade_here(made)
    return made


@pytest.fixture(scope="module")
def ran_undefended(undefended, browser) -> list[str]:
    visit = Visit(browser).open(feedback_page(undefended, "mallory"))
    found = visit.ran()
    visit.page.close()
    return found


@pytest.mark.parametrize(
    "attack", ["html:onerror", "markdown-output:onerror", "cell:onerror", "answer:onerror", "message:script"]
)
def test_without_its_defence_each_attack_works(ran_undefended, attack):
    assert attack in ran_undefended


def test_without_its_defence_an_id_of_markup_runs_in_formgrader(undefended, visit, formgrader):
    visit.open(formgrader(undefended).format(f"/submissions/{submissions(undefended)[MALLORY]}/"))
    assert "student" in visit.ran()
