import json
import os
import signal
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabla.notebook.reading import UnreadableNotebook, parse_notebook, read_bytes, read_notebook
from tests.notebook.building import code, notebook, raw_notebook, text

LIMIT = 2**20


@pytest.fixture(autouse=True)
def no_endless_read():
    """A read that waits for somebody to write fails this test and doesn't hang the suite."""
    signal.alarm(10)
    yield
    signal.alarm(0)


def refusal(content, tmp_path):
    path = tmp_path / "p1.ipynb"
    path.write_bytes(content)
    with pytest.raises(UnreadableNotebook) as caught:
        read_notebook(path, limit=LIMIT)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("content", "wrong", "remedy"),
    [
        (b"", "is empty", "submit it again"),
        (b" \n\t", "is empty", "submit it again"),
        (raw_notebook(code("x"))[:-20], "cut off", "submit it again"),
        (b'{"cells": [\xff\xfe', "not UTF-8", "save it"),
        (b"[1, 2]", "no notebook", "submit it again"),
        (b"3", "no notebook", "submit it again"),
        (b"{}", "no nbformat number", "submit it again"),
        (b'{"nbformat": true, "cells": []}', "no nbformat number", "submit it again"),
        (b'{"nbformat": 3, "worksheets": []}', "format 3", "save it"),
        (b'{"nbformat": 5, "cells": []}', "format 5", "save it"),
        (b'{"nbformat": 4}', "no list of cells", "save it"),
        (b'{"nbformat": 4, "cells": [7]}', "cell 1", "save it"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "sql", "source": ""}]}', "cell 1", "save it"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": {}}]}', "cell 1", "save it"),
        (b'{"nbformat": 4, "cells": ' + b"[" * 200_000, "nested too deep", "save it"),
        (b'{"nbformat": 4, "cells": ' + b"9" * 100_000 + b"}", "endless number", "save it"),
    ],
)
def test_what_is_no_notebook_gets_a_line_that_says_why_and_what_to_do(content, wrong, remedy, tmp_path):
    message = refusal(content, tmp_path)
    assert wrong in message
    assert remedy in message


def test_a_file_over_the_limit_is_not_read_whole(tmp_path):
    path = tmp_path / "p1.ipynb"
    with path.open("wb") as file:
        file.truncate(2**40)  # sparse: reading it would take all memory
    with pytest.raises(UnreadableNotebook, match="larger than 1 MiB"):
        read_bytes(path, limit=LIMIT)


def test_too_many_cells_are_refused(tmp_path):
    assert "10000 cells" in refusal(raw_notebook(*[code("")] * 10_001), tmp_path)


def test_a_link_is_refused_even_to_a_good_notebook(tmp_path):
    good = tmp_path / "good.ipynb"
    good.write_bytes(raw_notebook())
    link = tmp_path / "p1.ipynb"
    link.symlink_to(good)
    with pytest.raises(UnreadableNotebook, match="is a link"):
        read_notebook(link, limit=LIMIT)


def test_a_named_pipe_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "p1.ipynb")
    with pytest.raises(UnreadableNotebook, match="a named pipe"):
        read_notebook(tmp_path / "p1.ipynb", limit=LIMIT)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(UnreadableNotebook, match="a folder"):
        read_notebook(tmp_path, limit=LIMIT)


def test_a_socket_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("p1.ipynb")
        with pytest.raises(UnreadableNotebook, match=r"can't be opened|a device or socket"):
            read_notebook("p1.ipynb", limit=LIMIT)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UnreadableNotebook, match=r"none\.ipynb: does not exist"):
        read_notebook(tmp_path / "none.ipynb", limit=LIMIT)


def test_sources_in_lines_and_a_byte_order_mark_are_read():
    raw = b"\xef\xbb\xbf" + raw_notebook({**code(""), "source": ["a = 1\n", "b = 2"]})
    assert parse_notebook(raw, file="p1").cells[0].source == "a = 1\nb = 2"


def test_of_a_key_that_is_there_twice_the_last_counts():
    raw = b'{"nbformat": 4, "cells": [], "cells": [{"cell_type": "markdown", "source": "last"}]}'
    assert parse_notebook(raw, file="p1").cells[0].source == "last"


def test_every_cell_has_a_valid_id_of_its_own_and_always_the_same():
    cells = [
        {**code("a"), "id": "x"},
        {**code("b"), "id": "x"},
        {**code("c"), "id": "<b>"},
        code("d"),
        {**text("e"), "id": 5},
    ]
    ids = [cell.id for cell in notebook(*cells).cells]
    assert len(set(ids)) == 5
    assert ids[0] == "x"
    assert all(name.isalnum() for name in ids)
    assert ids == [cell.id for cell in notebook(*cells).cells]


def test_a_lone_surrogate_becomes_a_question_mark():
    raw = b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "s = \'\\ud800\'"}]}'
    assert parse_notebook(raw, file="p1").cells[0].source == "s = '?'"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
CELL = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "markdown", "raw"]), "source": st.text() | st.lists(st.text())},
    optional={"metadata": JSON, "outputs": JSON, "id": JSON, "attachments": JSON, "execution_count": JSON},
)


@given(st.lists(CELL, max_size=3), JSON)
def test_any_cells_become_a_valid_notebook_but_for_metadata_and_outputs(cells, metadata):
    raw = json.dumps({"nbformat": 4, "cells": cells, "metadata": metadata}).encode()
    nb = parse_notebook(raw, file="p1")
    assert [type(cell.source) for cell in nb.cells] == [str] * len(cells)
    assert all(isinstance(cell.metadata, dict) for cell in nb.cells)


@given(JSON)
def test_any_json_is_a_notebook_or_refused(document):
    try:
        parse_notebook(json.dumps(document).encode(), file="p1")
    except UnreadableNotebook:
        pass


@given(st.binary(max_size=200))
def test_any_bytes_are_a_notebook_or_refused(raw):
    with pytest.raises(UnreadableNotebook):
        parse_notebook(raw, file="p1")
