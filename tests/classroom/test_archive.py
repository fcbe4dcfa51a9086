"""The zip of an LMS: notebooks go to whom the roster says, and nothing in a zip can do harm."""

from __future__ import annotations

import stat
import warnings
import zipfile
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nabla.classroom.archive import Archive
from nabla.classroom.collect import Plan, collect
from nabla.classroom.roster import Person
from nabla.classroom.work import CannotCollect, NothingThere, Wanted, Window
from nabla.course import Course, CourseError

WANTED = Wanted("tiny", ("tiny",), 10_000)
NOW = Window(datetime(2026, 10, 5))
ANN, BEN = Person("ann", lms_id="11", name="Itō, Aiko"), Person("ben", lms_id="12")


def archive(tmp_path, members, wanted=WANTED, zone="UTC", compression=zipfile.ZIP_DEFLATED):
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
            info.compress_type = compression
            made.writestr(info, content)
    return Archive(path, wanted, ZoneInfo(zone))


def link(name):
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    "name",
    [
        "Itō, Aiko_11_assignsubmission_file_/tiny.ipynb",
        "Itō, Aiko_11_assignsubmission_file/tiny.ipynb",
        "Itō, Aiko_11_assignsubmission_file_/work/tiny.ipynb",
        "Itō, Aiko_11_assignsubmission_file_tiny.ipynb",
        "itoaiko_11_98765_tiny.ipynb",
        "itoaiko_11_98765_tiny-2.ipynb",
        "itoaiko_LATE_11_98765_tiny (1).ipynb",
        "submissions/itoaiko_11_98765_tiny.ipynb",
    ],
)
def test_a_notebook_is_found_under_every_name_that_an_lms_gives_it(tmp_path, name):
    found = archive(tmp_path, {name: b"mine"})
    work = found.work(ANN, NOW)
    assert work.notebooks == {"tiny": b"mine"}
    assert ("late, says Canvas" in work.remarks) == ("LATE" in name)
    assert found.strangers([ANN]) == []
    with pytest.raises(NothingThere):
        found.work(BEN, NOW)


def test_of_several_attempts_the_latest_counts(tmp_path):
    members = {"ito_11_20_tiny.ipynb": b"old", "ito_11_30_tiny-1.ipynb": b"new", "ito_11_25_data.csv": b"x"}
    assert archive(tmp_path, members).work(ANN, NOW).notebooks == {"tiny": b"new"}


@pytest.mark.parametrize("name", ["x_11", "11_12_x", "x-11"])
@pytest.mark.parametrize(
    "given", ["ito_11_98_{}.ipynb", "ito_LATE_11_98_{}-1.ipynb", "Itō_11_assignsubmission_file_{}.ipynb"]
)
def test_a_number_in_an_assignments_name_is_neither_a_students_nor_an_attempts(tmp_path, name, given):
    found = archive(tmp_path, {given.format(name): b"mine"}, Wanted(name, (name,), 10_000))
    assert found.work(ANN, NOW).notebooks == {name: b"mine"}
    assert found.strangers([ANN]) == []


def test_a_notebook_with_a_number_is_not_a_second_attempt_at_another(tmp_path):
    wanted = Wanted("tiny", ("x", "x-1"), 10_000)
    assert archive(tmp_path, {"ito_11_20_x-1.ipynb": b"1"}, wanted).work(ANN, NOW).notebooks == {"x-1": b"1"}


def test_the_only_notebook_is_taken_under_another_name_and_that_is_told(tmp_path):
    work = archive(tmp_path, {"ito_11_20_Untitled.ipynb": b"mine"}).work(ANN, NOW)
    assert (work.notebooks, work.remarks[0]) == ({"tiny": b"mine"}, "was called Untitled.ipynb")


def test_of_several_notebooks_under_other_names_none_is_guessed(tmp_path):
    members = {"ito_11_20_a.ipynb": b"a", "ito_11_21_b.ipynb": b"b"}
    with pytest.raises(CannotCollect, match=r"no tiny\.ipynb, but a\.ipynb, b\.ipynb"):
        archive(tmp_path, members).work(ANN, NOW)


def test_a_bomb_is_not_unpacked_further_than_the_limit(tmp_path):
    found = archive(tmp_path, {"ito_11_20_tiny.ipynb": b"\0" * 50_000_000})
    with pytest.raises(CannotCollect, match="is larger than"):
        found.work(ANN, NOW)


def test_a_member_that_lies_about_its_size_is_bounded_all_the_same(tmp_path):
    archive(tmp_path, {"ito_11_20_tiny.ipynb": b"\0" * 1_000_000})
    raw = (tmp_path / "all.zip").read_bytes()
    (tmp_path / "all.zip").write_bytes(raw.replace((1_000_000).to_bytes(4, "little"), (5).to_bytes(4, "little")))
    with pytest.raises(CannotCollect):
        Archive(tmp_path / "all.zip", WANTED, ZoneInfo("UTC")).work(ANN, NOW)


@pytest.mark.parametrize(
    "name",
    [
        "../ito_11_20_tiny.ipynb",
        "/ito_11_20_tiny.ipynb",
        "a\\ito_11_20_tiny.ipynb",
        "C:/ito_11_20_tiny.ipynb",
        "x/../../ito_11_2_tiny.ipynb",
    ],
)
def test_a_path_that_leads_out_is_nobodys(tmp_path, name):
    found = archive(tmp_path, {name: b"x"})
    assert found.strangers([ANN]) == [name]
    with pytest.raises(NothingThere):
        found.work(ANN, NOW)


@pytest.mark.parametrize(
    "name",
    [
        "X_11_assignsubmission_file__12_assignsubmission_file_/tiny.ipynb",
        "X_11_assignsubmission_12_assignsubmission_file_/tiny.ipynb",
        "Ben_12_assignsubmission_file_x_11_assignsubmission_file_tiny.ipynb",
        "ben_12_98765_x_11_assignsubmission_file_tiny.ipynb",
        "ben_LATE_12_98765_x_11_assignsubmission_file_/tiny.ipynb",
    ],
)
def test_who_calls_himself_or_a_file_like_work_of_another_hands_in_for_nobody(tmp_path, name):
    found = archive(tmp_path, {name: b"x"})
    assert found.strangers([ANN, BEN]) == [name]
    for person in (ANN, BEN):
        with pytest.raises(NothingThere):
            found.work(person, NOW)


def test_a_link_is_not_a_notebook(tmp_path):
    found = archive(tmp_path, {link("ito_11_20_tiny.ipynb"): b"/etc/passwd"})
    with pytest.raises(CannotCollect, match="is a link"):
        found.work(ANN, NOW)


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_fails_alone(tmp_path, compression):
    members = {"ito_11_20_tiny.ipynb": bytes(range(256)) * 20, "ben_12_21_tiny.ipynb": b"fine"}
    archive(tmp_path, members, compression=compression)
    raw = bytearray((tmp_path / "all.zip").read_bytes())
    raw[60:70] = b"\xff" * 10
    (tmp_path / "all.zip").write_bytes(raw)
    found = Archive(tmp_path / "all.zip", WANTED, ZoneInfo("UTC"))
    with pytest.raises(CannotCollect, match="can't be unpacked"):
        found.work(ANN, NOW)
    assert found.work(BEN, NOW).notebooks == {"tiny": b"fine"}


def test_what_is_no_zip_is_said_to_be_none(tmp_path):
    (tmp_path / "all.zip").write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(CourseError, match="Download it again"):
        Archive(tmp_path / "all.zip", WANTED, ZoneInfo("UTC"))


def test_files_of_people_outside_the_roster_are_named(tmp_path):
    found = archive(tmp_path, {"eve_66_20_tiny.ipynb": b"x", "notes.txt": b"x"})
    assert found.strangers([ANN, BEN]) == ["eve_66_20_tiny.ipynb", "notes.txt"]


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("Thursday, 1 October 2026, 11:59 PM", datetime(2026, 10, 1, 14, 59)),
        ("2026-10-01T23:59:00Z", datetime(2026, 10, 1, 23, 59)),
        ("01/10/2026 23:59", None),
        ("-", None),
        ("", None),
    ],
)
def test_the_time_is_the_worksheets_in_its_zone_unless_it_can_be_read_in_two_ways(tmp_path, said, time):
    found = archive(tmp_path, {"Aiko_11_assignsubmission_file_tiny.ipynb": b"x"}, zone="Asia/Tokyo")
    work = found.work(Person("ann", lms_id="11", submitted=said), NOW)
    assert work.time == time
    assert ("its time isn't known" in work.remarks) == (time is None)


def test_a_newer_zip_replaces_older_work_only_if_it_tells_its_time(tmp_path, released_course):
    course = Course.load(released_course)
    for number, day, state in ((1, "1", "collected"), (2, "2", "collected"), (3, "1", "kept"), (4, "", "kept")):
        found = archive(tmp_path, {"a_11_20_tiny.ipynb": f"{number}".encode()})
        person = Person("ann", lms_id="11", submitted=day and f"2026-10-0{day} 12:00")
        (line,) = collect(course, found, [person], Plan(WANTED, NOW))
        assert line.state == state
    assert (released_course / "submitted" / "ann" / "tiny" / "tiny.ipynb").read_bytes() == b"2"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=100)
@given(st.lists(st.text(alphabet="a1_/.\\\0é-", max_size=30), max_size=4, unique=True))
@example(["a_11_assignsubmission_file_/../../tiny.ipynb"])
@example(["a_11_assignsubmission_file_//tiny.ipynb"])
def test_whatever_members_are_called_nobody_gets_anothers_and_each_is_someones_or_named(tmp_path, names):
    names = [name for name in names if name.partition("\0")[0]]  # zipfile itself fails on no name at all
    path = tmp_path / "all.zip"
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as made:
        warnings.simplefilter("ignore")  # of a name that is there twice, once its end is cut off
        for name in names:
            made.writestr(name, name)
    found = Archive(path, WANTED, ZoneInfo("UTC"))
    with suppress(NothingThere, CannotCollect):
        for content in found.work(ANN, NOW).notebooks.values():
            assert "_11_" in content.decode()
            assert ".." not in content.decode().split("/")
    assert isinstance(found.strangers([ANN]), list)
