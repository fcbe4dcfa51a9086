"""What the same pages show of honest work: pictures, formulas, check lines, messages and hints in one's language."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.bad_input.classroom import Classroom, code, text
from tests.browser.conftest import feedback_page, grade_here
from tests.browser.payloads import PNG

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]
FORGOT = "def scaled(x):\n    return 3 * x"
TABLE = "<table><tr><th>x</th><td><b>2</b></td></tr></table>"
SHOWN = f"""from IPython.display import HTML, Markdown, display
display({{'image/png': {PNG!r}}}, raw=True)
display(HTML({TABLE!r}))
display(Markdown('A *word* with $x^2$'))
print('\\x1b[31mred\\x1b[0m text <3')
"""


@pytest.fixture(scope="module")
def room(make_room: Callable[[str], Classroom]) -> Classroom:
    made = make_room("honest")
    for student, language in (("ann", "en"), ("晴", "ja")):
        nb = made.answered(scaled=FORGOT, written_why="Because **one** is $x^0$, see ![it](attachment:it.png).")
        nb["cells"][-1]["attachments"] = {"it.png": {"image/png": PNG}}
        nb["metadata"]["nabla"] = {"language": language, "framework": "numpy"}
        nb["cells"] += [
            {**code(SHOWN), "id": "shown"},
            {**text("## 考察\n\n- [a link](https://example.org)"), "id": "note"},
        ]
        made.hand_in(student, nb)
    grade_here(made)
    return made


def test_a_page_says_which_check_failed_on_what_and_asks_the_hint(room, visit):
    page = visit.open(feedback_page(room, "ann")).page
    said = page.locator("body").inner_text()
    assert "is three times its argument and one" in said
    assert "called scaled(array(" in said
    assert "in which 2 of 2 entries are not right" in said
    assert "What does x = 0 give?" in said
    assert "keeps its argument" in said
    assert "is the sum of squares" in said


def test_a_page_in_japanese_asks_in_japanese(room, visit):
    said = visit.open(feedback_page(room, "晴")).page.locator("body").inner_text()
    assert "x = 0 のとき、何になりますか。" in said
    assert "What does x = 0 give?" not in said


def test_pictures_tables_colours_and_markdown_are_shown(room, visit):
    page = visit.open(feedback_page(room, "ann")).page
    drawn = page.evaluate("[...document.images].filter(i => i.complete && i.naturalWidth > 0).length")
    assert drawn >= 2
    assert page.locator("table td b").inner_text() == "2"
    assert page.locator("em", has_text="word").count() == 1
    assert page.locator(".ansi-red-fg").inner_text() == "red"
    assert page.get_by_text("text <3").count() >= 1
    assert page.locator("h2", has_text="考察").count() == 1
    assert page.locator("a", has_text="a link").get_attribute("href") == "https://example.org"


def test_formgrader_shows_the_answer_and_the_check_lines(room, visit, formgrader):
    import sqlite3

    database = sqlite3.connect(room.root / "gradebook.db")
    (submission,) = database.execute("select id from submitted_notebook limit 1").fetchone()
    database.close()
    page = visit.open(formgrader(room).format(f"/submissions/{submission}/")).page
    said = page.locator("body").inner_text()
    assert "is three times its argument and one" in said
    assert page.locator("strong", has_text="one").count() >= 1
