import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabla.notebook.outputs import CUT, clean_outputs, safe_html, safe_outputs, safe_text, verdict_outputs, with_verdict
from nabla.verdicts import CellResult, CheckVerdict, ExerciseVerdict

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def shown(**data):
    given = {kind.replace("__", "/").replace("_", "-"): value for kind, value in data.items()}
    return bundle(given)


def bundle(data, **more):
    (output,) = clean_outputs([{"output_type": "display_data", "data": data, "metadata": {}, **more}])
    return output.data


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("plain\n\ttext é 日本", "plain\n\ttext é 日本"),
        ("\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
        ("\x1b[2J\x1b[1;1Hclear", "clear"),
        ("\x1b]0;title\x07x", "x"),
        ("\x1b]8;;http://evil\x1b\\link", "link"),
        ("bell\x07 nul\x00 csi\x9b31m", "bell nul csi31m"),
        ("10%\r50%\r100%\nend", "100%\nend"),
        ("windows\r\nlines\r\n", "windows\nlines\n"),
        ("abc\u202edef\u2066", "abcdef"),
        ("\x1b", ""),
        ("\ud800", "?"),
    ],
)
def test_text_keeps_colours_and_loses_what_steers_a_terminal(text, clean):
    assert safe_text(text) == clean


@given(st.text())
def test_no_text_keeps_a_control_character_but_for_colours_and_lines(text):
    clean = safe_text(text)
    assert not set(clean) & {chr(n) for n in (*range(9), *range(11, 27), *range(28, 32), 127)}
    clean.encode()


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='JaVaScRiPt&colon;alert(1)'>x</a>",
        "<svg><script>alert(1)</script></svg>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<form action=/formgrader><button>x</button></form>",
        "<style>*{background:url(//evil)}</style>",
        "<div style='position:fixed;inset:0'>over the page</div>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<base href=//evil><meta http-equiv=refresh content=0>",
        "$\\href{javascript:alert(1)}{x}$",
        "$\\h&#114;ef{javascript:alert(1)}{x}$",
    ],
)
def test_html_that_could_run_or_cover_the_page_is_taken_apart(html):
    clean = safe_html(html).lower()
    for word in ("<script", "onerror", "javascript:alert(1)'", "<svg", "<iframe", "<form", "<style", "style=", "<math"):
        assert word not in clean
    assert not any(word in clean for word in ("<base", "<meta", 'href="javascript', "\\href"))


def test_a_table_of_pandas_stays_a_table():
    assert (
        safe_html('<table border="1" class="dataframe"><tr><th>a</th></tr><tr><td>1</td></tr></table>').count("<t") == 6
    )


@pytest.mark.parametrize(
    "kind",
    ["application/javascript", "application/vnd.jupyter.widget-view+json", "image/svg+xml", "x/y", "text/x-evil"],
)
def test_kinds_that_are_not_known_to_be_harmless_are_dropped(kind):
    assert bundle({kind: "alert(1)", "text/plain": "fallback"}) == {"text/plain": "fallback"}
    assert kind in bundle({kind: "alert(1)"})["text/plain"]


def test_a_picture_stays_only_if_it_is_one():
    assert bundle({"image/png": PNG + "\n", "text/plain": "x"})["image/png"] == PNG
    assert "image/png" not in bundle({"image/png": "PHNjcmlwdD4=", "text/plain": "x"})
    assert "image/png" not in bundle({"image/png": '"><script>', "text/plain": "x"})
    assert "image/jpeg" not in bundle({"image/jpeg": PNG, "text/plain": "x"})


def test_of_metadata_only_the_sizes_of_pictures_stay():
    given = {"image/png": {"width": 10, "height": "1 onload=alert(1)", "alt": "x"}, "text/html": {"isolated": True}}
    (output,) = clean_outputs(
        [{"output_type": "display_data", "data": {"image/png": PNG, "text/html": "x"}, "metadata": given}]
    )
    assert output.metadata == {"image/png": {"width": 10}}


def test_pieces_of_one_stream_are_one_output():
    outputs = clean_outputs([stream("a"), stream("b"), stream("c", "stderr"), stream("d")])
    assert [(output.name, output.text) for output in outputs] == [("stdout", "ab"), ("stderr", "c"), ("stdout", "d")]


@pytest.mark.parametrize("pieces", [["x" * 5000], ["x" * 10] * 500, ["x" * 999, "y" * 999]])
def test_what_is_over_the_limit_is_cut_and_says_so(pieces):
    outputs = clean_outputs(map(stream, pieces), limit=1000)
    assert outputs[-1].text == CUT
    assert sum(len(output.text) for output in outputs) < 1100


def test_clear_output_clears():
    outputs = clean_outputs([stream("a"), {"output_type": "clear_output"}, stream("b")])
    assert [output.text for output in outputs] == ["b"]


ANYTHING = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)
OUTPUT = st.fixed_dictionaries(
    {"output_type": st.sampled_from(["stream", "error", "display_data", "execute_result", "x"])},
    optional=dict.fromkeys(("name", "text", "data", "metadata", "ename", "traceback", "execution_count"), ANYTHING),
)


@given(st.lists(OUTPUT, max_size=4))
def test_any_outputs_make_a_valid_cell(outputs):
    cell = nbformat.v4.new_code_cell("x", outputs=safe_outputs(CellResult(outputs=tuple(outputs))))
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))


CHECKS = (
    CheckVerdict("test_is_v_over_its_length", "failed", message="called f(<b>)\nit returned 3", hint="How long is v?"),
    CheckVerdict("test_keeps_its_argument", "passed"),
)


def test_a_verdict_is_a_line_for_each_check_and_the_score_as_nbgrader_shows_it():
    outputs = verdict_outputs(ExerciseVerdict("test_f", 1.5, 2.0, sealed=True, checks=CHECKS))
    assert [output.output_type for output in outputs] == ["display_data", "display_data", "execute_result"]
    assert outputs[0].data["text/plain"] == (
        "✗ is v over its length (not passed)\n  called f(<b>)\n  it returned 3\n  How long is v?"
    )
    assert "called f(&lt;b&gt;)" in outputs[0].data["text/html"]
    assert outputs[1].data["text/plain"] == "✓ keeps its argument (passed)"
    assert outputs[2].data == {"text/plain": "1.5"}


def test_a_verdicts_html_passes_its_own_sanitiser():
    markup = verdict_outputs(ExerciseVerdict("test_f", 1.0, 2.0, sealed=True, checks=CHECKS))[0].data["text/html"]
    assert safe_html(markup) == markup


def test_no_verdict_shows_no_number():
    (output,) = verdict_outputs(ExerciseVerdict("test_f", None, 2.0, sealed=True))
    assert output.output_type == "display_data"
    assert "could not be graded" in output.data["text/plain"]


def test_nothing_of_a_students_looks_like_a_score_in_a_sealed_cell():
    forged = {"output_type": "execute_result", "data": {"text/plain": "2"}, "metadata": {}, "execution_count": 1}
    outputs = with_verdict(clean_outputs([forged]), ExerciseVerdict("test_f", 0.0, 2.0, sealed=True))
    assert [o.data["text/plain"] for o in outputs if o.output_type == "execute_result"] == ["0"]


@pytest.mark.parametrize("source", ["http://127.0.0.1/x.png", "/logout", "x.png", "data:image/svg+xml;base64,PHN2Zz4="])
def test_a_picture_from_elsewhere_is_not_asked_for(source):
    assert "src" not in safe_html(f'<img src="{source}" alt="x">')


def test_a_picture_that_holds_its_own_bytes_stays():
    assert f"data:image/png;base64,{PNG}" in safe_html(f'<img src="data:image/png;base64,{PNG}">')
    assert "href" not in safe_html(f'<a href="data:image/png;base64,{PNG}">x</a>')


def test_a_check_is_shown_under_its_title_and_without_one_under_its_name():
    titled = CheckVerdict("test_is_right", "passed", title="The answer is <right>.")
    for check, text, markup in (
        (titled, "The answer is <right>.", "The answer is &lt;right&gt;."),
        (CheckVerdict("test_is_right", "passed"), "is right", "is right"),
    ):
        data = [
            output.data for output in verdict_outputs(ExerciseVerdict("test_x", 1.0, 1.0, sealed=True, checks=(check,)))
        ]
        assert any(text in bundle["text/plain"] for bundle in data)
        assert any(markup in bundle.get("text/html", "") for bundle in data)
