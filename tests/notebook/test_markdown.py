import pytest
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from nabla.notebook.markdown import inert_markdown, inert_tex, is_inert


@pytest.mark.parametrize(
    "source",
    [
        "The gradient of $a<b$ is $\\nabla f$.",
        "# A heading\n\n1. one\n2. two\n\n> quoted\n\n| a | b |\n|:-:|--:|\n| 1 | 2 |",
        "```python\nif a<b:\n    print('<script>')\n```",
        "`<script>` in code, a <b>bold</b> word<br>and H<sub>2</sub>O",
        "[a link](https://example.com/x?y=1&z=2), <https://example.com>, [below](#part) and [a file](data/x.csv)",
        "![a picture](plot.png)",
        "$$\\begin{bmatrix}1&2\\\\3&4\\end{bmatrix}$$",
        "3 < 4 & 5 > 2, R&D",
        "## Newton's method\n\n$\\nabla f$",
    ],
)
def test_ordinary_markdown_stays_word_for_word(source):
    assert inert_markdown(source) == source


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "text <img src=x.png onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVa&#x73;cript:alert(1))",
        "[x]: javascript:alert(1)\n\n[x]",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](data:image/svg+xml;base64,PHN2Zz4=)",
        "![x](/logout)",
        "![x](a/../../logout)",
        "<javascript:alert(1)>",
        "<a href='vbscript:x'>x</a>",
        "<details open ontoggle=alert(1)>x</details>",
        "<iframe src=//evil></iframe>",
        "<form action=/formgrader/api><input name=x></form>",
        "<div style='position:fixed'>x</div>",
        "<!-- <script> -->",
        "<![CDATA[ <script> ]]>",
        "$\\href{javascript:alert(1)}{x}$",
        "&#92;href{javascript:alert(1)}{x}",
        "$\\mmlToken{mtext}[href='javascript:alert(1)']{x}$",
        "![x](attachment:missing.png)",
        "<style>*{display:none}</style>",
        "<a href='#' onclick='x'>y</a>",
        "<p id=a'b' onclick='x'>y</p>",
        "# a' onclick='x' <b onclick='y'>",
        '"><script>alert(1)</script>',
        "`unclosed <script>alert(1)</script>",
        "a\n\n    </pre><script>alert(1)</script>\n\n<p onmouseover=alert(1)>",
    ],
)
def test_markdown_that_could_run_is_shown_literally(source):
    inert = inert_markdown(source)
    assert inert != source
    assert is_inert_page(markdown2html_mistune(inert))


def is_inert_page(page):
    return page.startswith("<pre>") and page.count("<") == page.count("<pre>") + page.count("</pre>")


@pytest.mark.parametrize(
    "source",
    [
        "![x](https://elsewhere.test/seen.png)",
        "![x](//elsewhere.test/seen.png)",
        "![x][y]\n\n[y]: http://elsewhere.test/seen.png",
        '<img src="https://elsewhere.test/seen.png">',
    ],
)
def test_a_picture_that_lies_elsewhere_is_not_asked_for(source):
    assert is_inert_page(markdown2html_mistune(inert_markdown(source)))


def test_closing_the_box_from_inside_does_not_get_out_of_it():
    assert inert_markdown("</pre><script>alert(1)</script>").count("</pre>") == 1


def test_a_picture_that_is_attached_is_no_danger():
    assert is_inert("![x](attachment:x.png)", {"x.png": {"image/png": "iVBORw0KGgo="}})


@pytest.mark.parametrize("command", ["href", "style", "class", "cssId", "require", "HREF", "html"])
def test_tex_commands_with_effects_are_commands_no_longer(command):
    assert inert_tex(f"$\\{command}{{x}}{{y}}$") == f"$\\ {command}{{x}}{{y}}$"


def test_other_tex_commands_stay():
    assert (
        inert_tex(r"\frac{\partial f}{\partial x} \hrefx \classical")
        == r"\frac{\partial f}{\partial x} \hrefx \classical"
    )
