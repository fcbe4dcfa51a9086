"""Grades reach the right rows of other systems' files, and nothing else there changes."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import pytest
from typer.testing import CliRunner

from nabla.cli.app import app
from nabla.course import CourseError
from nabla.export.canvas import canvas_layout
from nabla.export.table import Table

BOM = "\ufeff"
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Tiny (501),Other (7),Final Score\r\n"
    "    Points Possible,,,,,7.00,10,(read only)\r\n"
    '"Lee ""the, first"", Ann",11,,annl,"A, B",,3,50\r\n'
    '伊藤 愛子,999,aiko,,A,"1",,\r\n'
    '"Müller, née O\'Brien, Zoë",13,,,A,EX,,\r\n'
    '"Open, Olga",14,,,A,,,\r\n'
    '"Nobody, Nina",15,,,A,2,,\r\n'
    '"Student, Test",98,,,A,,,\r\n'
)
WORKSHEET = BOM + (
    "Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (grade),Feedback comments\n"
    'Participant 1,"Ann Lee ""the, first""",,ANN@x.org,Submitted,,7.00,Yes,-,"keep, this\nand this"\n'
    "Participant 2,愛子 伊藤,aiko,,Submitted,,7.00,Yes,-,\n"
    "Participant 3,Zoë Müller,zoe,,Submitted,,7.00,No,-,\n"
    "Participant 4,Olga Open,open,,Submitted,,7.00,Yes,-,\n"
)


def export(root, *arguments, code=0):
    found = CliRunner().invoke(app, ["export", *map(str, arguments), "--course", str(root)])
    if isinstance(found.exception, Exception):
        raise found.exception
    assert found.exit_code == code, found.output
    return found.output


def put(root, text, name="file.csv"):
    path = root.parent / name
    path.write_bytes(text.encode())
    return path


def cells(path):
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def test_a_canvas_gradebook_gets_its_grades_and_keeps_every_other_byte(graded):
    path = put(graded, CANVAS)
    said = export(graded, "canvas", path, code=1)
    expected = CANVAS.replace('"A, B",,3', '"A, B",7,3').replace('A,"1",,', 'A,"4.333333",,')
    assert path.read_bytes().decode() == expected
    assert "2 grades of 2 students match." in said
    assert "zoe, tiny: left as it is (excused in Canvas)" in said
    assert "open, tiny: not written, 1 points are still to be marked" in said
    assert "not matched: evil (no such student in the file)" in said
    assert "without a grade here: Nobody, Nina; Student, Test" in said


def test_exporting_again_changes_nothing(graded):
    path = put(graded, CANVAS)
    export(graded, "canvas", path, code=1)
    before = path.read_bytes()
    assert "0 cells changed" in export(graded, "canvas", path, code=1)
    assert path.read_bytes() == before


def test_unmarked_grades_and_zeros_are_written_only_when_asked_for(graded):
    text = CANVAS + '"Gone, Gus",16,,,A,,,\r\n'
    path = put(graded, text)
    said = export(graded, "canvas", path, "--unmarked", "--missing-zero", code=1)
    rows = {row[0]: row[5] for row in cells(path)}
    assert (rows["Open, Olga"], rows["Gone, Gus"], rows["Nobody, Nina"]) == ("6", "0", "2")
    assert "written, though 1 points are still to be marked" in said


def test_another_file_can_be_written_and_the_original_stays(graded):
    path = put(graded, CANVAS)
    export(graded, "canvas", path, "--to", graded.parent / "new.csv", code=1)
    assert path.read_bytes().decode() == CANVAS
    assert cells(graded.parent / "new.csv")[2][5] == "7"
    export(graded, "canvas", path, "--dry-run", code=1)
    assert path.read_bytes().decode() == CANVAS


def test_points_that_differ_are_refused_or_scaled(graded):
    path = put(graded, CANVAS.replace("7.00,10", "14,10"))
    with pytest.raises(CourseError, match="tiny has 7 points here and 14 in the file"):
        export(graded, "canvas", path)
    export(graded, "canvas", path, "--scale", code=1)
    assert cells(path)[2][5] == "14"


def test_a_column_can_be_named_also_for_the_total(graded):
    path = put(graded, CANVAS)
    export(graded, "canvas", path, "--column", "tiny=Other (7)", "--column", "total=Tiny (501)", "--scale", code=1)
    assert cells(path)[2][5:7] == ["7", "10"]


@pytest.mark.parametrize(
    ("text", "arguments", "told"),
    [
        ("a,b\n1,2\n", (), "no Canvas gradebook"),
        (CANVAS.replace("Tiny", "Huge"), (), "Say which is which: --column 'tiny=TITLE'"),
        (CANVAS, ("--column", "tiny=Nope"), "Column 'Nope' is not there"),
        (CANVAS, ("--column", "tiny"), "write it as ASSIGNMENT=TITLE"),
        (CANVAS, ("--column", "huge=Tiny (501)"), "no such assignment"),
        (CANVAS, ("huge",), "The gradebook has no assignment huge. It has: tiny"),
        (CANVAS.replace("Other (7)", "tiny (8)"), (), "is there more than once"),
    ],
)
def test_a_file_or_a_column_that_does_not_fit_is_explained_and_untouched(graded, text, arguments, told):
    path = put(graded, text)
    with pytest.raises(CourseError, match=told.replace("(", r"\(").replace(")", r"\)")):
        export(graded, "canvas", path, *arguments)
    assert path.read_bytes().decode() == text


@pytest.mark.parametrize(
    ("assignment", "title"),
    [
        ("x_11", "x_11 (501)"),
        ("x_11", "X 11 (501)"),
        ("x_11", "x-11 (11)"),
        ("x", "X (11)"),
        ("x", "x(11)"),
        ("week_(3)", "Week (3) (501)"),
    ],
)
def test_a_number_in_a_name_is_no_number_of_canvas(assignment, title):
    header = "Student,ID,SIS User ID,SIS Login ID,Section,X 1 (11),X 11 1 (1),X Final Score,"
    found = canvas_targets(f"{header}{title}\n    Points Possible,,,,,1,2,(read only),9\n", assignment)
    assert found == [(assignment, 8, 9.0)]


def test_two_assignments_never_share_a_column():
    header = "Student,ID,SIS User ID,SIS Login ID,Section,X 11 (501),Y (7)\n"
    with pytest.raises(CourseError, match=r"'X 11 \(501\)' would be filled twice, with x-11 and x_11"):
        canvas_targets(header, "x-11", "x_11")
    with pytest.raises(CourseError, match="would be filled twice, with total and y"):
        canvas_targets(header, "y", total="Y (7)")
    assert canvas_targets(header, "x-11", "x_11", x_11="Y (7)") == [("x_11", 6, None), ("x-11", 5, None)]


def canvas_targets(text, *assignments, **columns):
    """What would be filled of a Canvas file: assignment, column, and what that is out of."""
    layout = canvas_layout(Table.parse(text), Path("grades.csv"), SimpleNamespace(assignments=assignments), columns)
    return [(target.name, target.column, target.max_score) for target in layout.targets]


def test_who_fits_two_rows_or_shares_one_gets_no_grade(graded):
    rows = CANVAS.replace('"Nobody, Nina",15,,', '"Nobody, Nina",15,ann,').replace(
        "伊藤 愛子,999,aiko", "伊藤 愛子,12,aiko"
    )
    rows = rows.replace('"Open, Olga",14,,,', '"Open, Olga",14,evil,open,')
    path = put(graded, rows)
    said = export(graded, "canvas", path, "--unmarked", code=1)
    assert 'not matched: ann (fits more than one row: Lee "the, first", Ann; Nobody, Nina)' in said
    assert "not matched: evil (another student fits the row of Open, Olga too)" in said
    assert "not matched: open (another student fits the row of Open, Olga too)" in said
    assert [row[5] for row in cells(path)[2:6]] == ["", "4.333333", "EX", ""]


def test_a_name_never_takes_a_row_that_a_number_or_a_login_claims(graded):
    path = put(graded, CANVAS.replace('"Open, Olga",14,,,', '"Open, Olga",14,evil,,'))
    said = export(graded, "canvas", path, "--unmarked", code=1)
    assert {row[0]: row[5] for row in cells(path)}["Open, Olga"] == "3"
    assert "not matched: open (no such student in the file)" in said


def test_a_roster_adds_what_the_gradebook_does_not_know(graded):
    roster = put(graded, "student,lms_id\nevil,15\n", "roster.csv")
    path = put(graded, CANVAS)
    export(graded, "canvas", path, "--roster", roster, code=1)
    assert {row[0]: row[5] for row in cells(path)}["Nobody, Nina"] == "3"


def test_a_moodle_worksheet_gets_its_grades_and_keeps_every_other_byte(graded):
    path = put(graded, WORKSHEET)
    said = export(graded, "moodle", path, "tiny", code=1)
    expected = WORKSHEET.replace("ANN@x.org,Submitted,,", "ANN@x.org,Submitted,7,")
    expected = expected.replace("aiko,,Submitted,,", "aiko,,Submitted,4.333333,")
    assert path.read_bytes().decode() == expected
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert "zoe, tiny: left as it is (Moodle lets nobody change this grade)" in said


def test_a_worksheet_in_japanese_is_filled_with_semicolons_and_decimal_commas(graded):
    text = "識別子;フルネーム;メールアドレス;評点;最大評点\n参加者 1;伊藤 愛子;;;7,00\n参加者 2;x;ann@x.org;;7,00\n"
    path = put(graded, text)
    export(graded, "moodle", path, "tiny", code=1)
    assert path.read_text() == text.replace("愛子;;;", "愛子;;4,333333;").replace("org;;", "org;7;")


def test_a_worksheet_in_another_language_is_filled_once_its_columns_are_named(graded):
    text = "ID;E-Mail-Adresse;Bewertung;Höchste Bewertung\n1;ann@x.org;;7,00\n2;aiko@x.org;;7,00\n"
    path = put(graded, text)
    with pytest.raises(CourseError, match="--column 'email=TITLE'"):
        export(graded, "moodle", path, "tiny")
    named = ("email=E-Mail-Adresse", "maximum=Höchste Bewertung", "tiny=Bewertung")
    export(graded, "moodle", path, "tiny", *(word for name in named for word in ("--column", name)), code=1)
    assert path.read_text() == text.replace("ann@x.org;", "ann@x.org;7").replace("aiko@x.org;", "aiko@x.org;4,333333")


def test_a_moodle_gradebook_has_a_column_for_each_assignment(graded):
    header = (
        "First name,Surname,ID number,Institution,Department,Email address,Assignment: Tiny (Real),Quiz: Other (Real)\n"
    )
    path = put(graded, header + 'Ann,"Lee ""the, first""",,,,,-,1\nZoë,x,zoe,,,,-,1\n')
    export(graded, "moodle", path, code=1)
    assert [row[6:] for row in cells(path)[1:]] == [["7", "1"], ["0", "1"]]


def test_a_file_without_students_is_none_of_moodles(graded):
    with pytest.raises(CourseError, match="Download grading worksheet"):
        export(graded, "moodle", put(graded, "a,b\n1,2\n"))


def test_a_late_penalty_and_a_mark_by_hand_are_in_the_exported_grade(graded):
    database = sqlite3.connect(graded / "gradebook.db")
    with database:
        database.execute("update submitted_notebook set late_submission_penalty = 1.5")
        database.execute(
            "update grade set manual_score = 1, needs_manual_grade = 0 where needs_manual_grade = 1 and auto_score is null"
        )
    database.close()
    path = put(graded, CANVAS)
    export(graded, "canvas", path, code=1)
    rows = {row[0]: row[5] for row in cells(path)}
    assert (rows['Lee "the, first", Ann'], rows["Open, Olga"]) == ("5.5", "5.5")


def test_the_plain_table_has_names_as_they_are_and_no_formula(graded):
    path = graded.parent / "grades.csv"
    said = export(graded, "csv", "--to", path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = {row[0]: row for row in cells(path)}
    assert rows["student_id"][4:] == ["tiny", "tiny out of", "total", "total out of", "dropped", "unmarked points"]
    assert rows["ann"][1:5] == ['Lee "the, first"', "Ann", "ann@x.org", "7"]
    assert rows["aiko"][1:3] == ["伊藤", "愛子"]
    assert rows["evil"][1:4] == ["'+evil", "'=cmd|' /C calc'!A0", "'@evil"]
    assert rows["gone"][4:8] == ["", "7", "0", "7"]
    assert rows["open"][-1] == "1"
    assert "1 of them have points that wait" in said


def test_nbgraders_own_export_writes_the_same_safely(graded):
    with (graded / "nbgrader_config.py").open("a") as config:
        config.write('\nc.ExportApp.plugin_class = "nabla.export.plain_csv.SafeCsvExport"\n')
    command = [str(Path(sys.executable).with_name("nbgrader")), "export", "--to", "all.csv"]
    subprocess.run(command, cwd=graded, check=True, capture_output=True)
    rows = {row[3]: row for row in cells(graded / "all.csv")}
    assert rows["student_id"][:11] == [
        "assignment",
        "duedate",
        "timestamp",
        "student_id",
        "last_name",
        "first_name",
        "email",
        "raw_score",
        "late_submission_penalty",
        "score",
        "max_score",
    ]
    assert rows["ann"][4] == 'Lee "the, first"'
    assert rows["evil"][5].startswith("'=")
    assert (rows["ann"][9], rows["open"][11]) == ("7", "1")


def test_gradescope_gets_a_document_for_each_student_whose_work_is_marked(graded):
    to = graded.parent / "gradescope"
    said = export(graded, "gradescope", "--to", to, code=1)
    found = {path.parent.name: json.loads(path.read_text()) for path in to.glob("tiny/*/results.json")}
    assert set(found) == {"ann", "aiko", "zoe", "evil"}
    assert "open, tiny: not written" in said
    schema = json.loads((Path(__file__).parents[1] / "classroom" / "schemas" / "gradescope.schema.json").read_text())
    for document in found.values():
        jsonschema.Draft202012Validator(schema).validate(document)
    assert found["ann"]["score"] == 7.0
    assert [test["name"] for test in found["ann"]["tests"]] == ["double", "halve", "written_why"]


def test_without_a_gradebook_the_next_command_is_named(tiny_course):
    with pytest.raises(Exception, match="nabla grade"):
        export(tiny_course, "csv")
