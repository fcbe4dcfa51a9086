"""Rosters of every kind name the same people, and nobody whom no folder could hold."""

from __future__ import annotations

import pytest

from nabla.classroom.roster import Person, read_roster
from nabla.course import CourseError

KINDS = {
    "classroom": (
        '"identifier","github_username","github_id","name"\n"Ito, Aiko","aiko-i","7","Aiko"\n"ben","","",""\n',
        [Person("Ito, Aiko", username="aiko-i", name="Aiko"), Person("ben")],
    ),
    "classroom 50": (
        "username,first_name,last_name,email,section,github_id,role\nann,Ann,Lee,a@x.org,1,7,student\nta,T,A,,,,ta\n",
        [Person("ann", username="ann", name="Ann Lee", email="a@x.org")],
    ),
    "moodle": (
        "\ufeffIdentifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Last modified (submission)\n"
        'Participant 11,Aiko Ito,s11,a@x.org,Submitted,,10.00,"Thursday, 1 October 2026, 11:59 PM"\n'
        "Participant 12,Ben,,b@x.org,,,10.00,-\n",
        [
            Person(
                "s11", name="Aiko Ito", email="a@x.org", lms_id="11", submitted="Thursday, 1 October 2026, 11:59 PM"
            ),
            Person("b@x.org", name="Ben", email="b@x.org", lms_id="12", submitted="-"),
        ],
    ),
    "moodle in japanese": (
        "識別子,フルネーム,IDナンバー,メールアドレス\n参加者 11,伊藤 愛子,s11,a@x.org\n",
        [Person("s11", name="伊藤 愛子", email="a@x.org", lms_id="11")],
    ),
    "canvas": (
        "Student,ID,SIS User ID,SIS Login ID,Section,Tiny (9)\n    Points Possible,,,,,7\n"
        '"Ito, Aiko",11,S11,aiko,A,\n"Student, Test",99,,x,A,\n',
        [
            Person("aiko", name="Ito, Aiko", email="aiko", lms_id="11"),
            Person("x", name="Student, Test", email="x", lms_id="99"),
        ],
    ),
    "own": (
        "student;address\nann;https://example.org/a.git\n\n",
        [Person("ann", address="https://example.org/a.git")],
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_roster_of_each_kind_is_known_by_its_header(tmp_path, kind):
    text, people = KINDS[kind]
    (tmp_path / "roster.csv").write_text(text, encoding="utf-8")
    assert read_roster(tmp_path / "roster.csv") == people


def test_the_column_of_ids_can_be_named(tmp_path):
    (tmp_path / "roster.csv").write_text(KINDS["canvas"][0], encoding="utf-8")
    found = read_roster(tmp_path / "roster.csv", student_column="ID")
    assert [person.student for person in found] == ["11", "99"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name,email\nAnn,a@x\n", "no column with the students' ids"),
        ("student\n../ann\n", r"line 2: '\.\.\?ann' can't be"),
        ("student\n.hidden\n", "can't be a student's id"),
        ("student\n-rf\n", "can't be a student's id"),
        ("student\nann\nAnn\n", "line 3: Ann is there twice"),
        ("student,username\nann,U\nben,u\n", "line 3: user name u is there twice"),
        ("student,lms_id\nann,7\nben,7\n", "line 3: number 7 of the LMS is there twice"),
        ("student,name\n,Ann\n", "a student without an id"),
        ('name,student\n"Ann\nLee",ann\n"Ben",b|n\n', r"roster\.csv, line 4: 'b\?n' can't be"),
        ("student\n", "nobody is in this roster"),
        ("", "no column"),
        ('student\n"a\x00b"\n', "can't be|is no CSV"),
        (f"student,{'x' * 200_000}\nann\n", "is no CSV"),
    ],
)
def test_a_roster_that_cannot_be_used_says_why_and_where(tmp_path, text, told):
    (tmp_path / "roster.csv").write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match=told):
        read_roster(tmp_path / "roster.csv")


@pytest.mark.parametrize("character", '":<>|*?\r\n\\/')
def test_no_id_makes_a_file_that_github_refuses_to_carry_from_job_to_job(tmp_path, character):
    """What actions/upload-artifact refuses in a path; one such name would cost the whole class its grades."""
    cell = f"a{character}b".replace('"', '""')
    (tmp_path / "roster.csv").write_text(f'student\n"{cell}"\n', encoding="utf-8", newline="")
    with pytest.raises(
        CourseError, match=r"roster\.csv, line [23]: 'a\?b' can't .*Correct the roster, or use --student-col"
    ):
        read_roster(tmp_path / "roster.csv")


def test_a_roster_that_is_not_there_or_in_another_encoding_is_named(tmp_path):
    with pytest.raises(CourseError, match="does not exist"):
        read_roster(tmp_path / "roster.csv")
    (tmp_path / "roster.csv").write_bytes("student\nMüller\n".encode("latin-1"))
    with pytest.raises(CourseError, match="not UTF-8"):
        read_roster(tmp_path / "roster.csv")
