"""A file of somebody else's keeps its bytes, whatever they are."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nabla.course import CourseError
from nabla.export.table import Table, number_text, text_cell

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=5)


@given(ROWS, st.sampled_from(["\r\n", "\n"]), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), st.booleans())
def test_what_is_not_set_is_written_back_byte_for_byte(rows, end, quoting, bom):
    text = written(rows, end, quoting)
    text = ("\ufeff" if bom else "") + text.removeprefix("\ufeff")
    table = Table.parse(text)
    assert table.text() == text
    table.set_number(0, len(table.rows[0]), 1.5)
    assert table.text() != text


@given(ROWS)
@example([["Ito, Aiko", 'said "no"', "伊藤", "two\nlines"]])
def test_a_table_reads_what_python_writes(rows):
    text = written([["a", "b"], *rows], "\r\n", csv.QUOTE_MINIMAL)
    table = Table.parse(text)
    assert [[table.value(at, column) for column in range(len(row))] for at, row in enumerate(table.rows)] == list(
        csv.reader(io.StringIO(text, newline=""))
    )


def written(rows, end, quoting):
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue()


def test_a_number_takes_the_quotes_of_the_cell_that_it_replaces():
    table = Table.parse('a,b\r\n"1",2\r\n')
    table.set_number(1, 0, 7.25)
    table.set_number(1, 1, 7.25)
    assert table.text() == 'a,b\r\n"7.25",7.25\r\n'


def test_a_decimal_comma_is_quoted_where_commas_separate():
    comma, semicolon = Table.parse("a,b\n1,2\n"), Table.parse("a;b\n1;2\n")
    for table in (comma, semicolon):
        table.set_number(1, 0, 7.5, decimal_comma=True)
    assert (comma.text(), semicolon.text()) == ('a,b\n"7,5",2\n', "a;b\n7,5;2\n")


def test_an_open_quotation_mark_is_named_with_its_line(tmp_path):
    path = tmp_path / "grades.csv"
    path.write_text('a,b\n1,2\n"x,3\n')
    with pytest.raises(CourseError, match=r"grades\.csv, line 3: .*never closed"):
        Table.read(path)


def test_a_file_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "grades.csv"
    path.write_bytes("Müller".encode("latin-1"))
    with pytest.raises(CourseError, match="is not UTF-8"):
        Table.read(path)


def test_a_file_that_cannot_be_written_keeps_what_it_held(tmp_path, monkeypatch):
    path = tmp_path / "grades.csv"
    path.write_text("a,b\n1,2\n")
    table = Table.read(path)
    table.set_number(1, 0, 3)
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        table.write(path)
    assert path.read_text() == "a,b\n1,2\n"
    assert list(tmp_path.iterdir()) == [path]


@given(st.text(max_size=30))
@example("=1+1")
@example(" \t=1+1")
@example("＝cmd")
@example("\ud800")
def test_no_text_begins_a_formula_or_breaks_a_line(text):
    cell = text_cell(text)
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not set(cell) & set(map(chr, range(32)))
    cell.encode()


@given(st.floats(0, 1e6))
def test_a_number_is_read_back_to_six_digits(number):
    assert abs(float(number_text(number)) - number) <= 5.1e-7
    assert "e" not in number_text(number)
