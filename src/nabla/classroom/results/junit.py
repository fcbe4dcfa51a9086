"""JUnit XML: a suite for each submission, a case for each exercise. Written with the standard library's writer."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence

from nabla.classroom.results.harmless import one_line
from nabla.classroom.results.reading import Published, Row


def junit_text(submissions: Sequence[Published]) -> str:
    """The XML document. An exercise without full marks is a failure, one without a verdict an error."""
    root = ElementTree.Element("testsuites", name="nabla")
    for published in submissions:
        root.append(_suite(published))
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(published: Published) -> ElementTree.Element:
    name = one_line(f"{published.assignment}.{published.student}", 300)
    lost = [row for row in published.rows if row.score is None]
    failed = [row for row in published.rows if row.score is not None and not row.is_full]
    ungraded = not published.rows
    suite = ElementTree.Element(
        "testsuite",
        name=name,
        tests=str(len(published.rows) + ungraded),
        failures=str(len(failed)),
        errors=str(len(lost) + ungraded),
        skipped="0",
        time=f"{published.seconds:.3f}",
    )
    for row in published.rows:
        suite.append(_case(name, row))
    if ungraded:
        case = ElementTree.SubElement(suite, "testcase", name="graded", classname=name, time="0")
        ElementTree.SubElement(case, "error", message=one_line(published.reason) or "nothing could be graded")
    return suite


def _case(suite: str, row: Row) -> ElementTree.Element:
    case = ElementTree.Element("testcase", name=one_line(row.name, 200) or "exercise", classname=suite, time="0")
    said = one_line("; ".join(row.texts))
    if row.score is None:
        ElementTree.SubElement(case, "error", message=said or "no verdict")
    elif not row.is_full:
        ElementTree.SubElement(
            case, "failure", message=f"{row.score:g} of {row.max_score:g} points", type="points"
        ).text = said
    return case
