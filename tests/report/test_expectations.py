"""Expectations as a table, and as JUnit XML that any reader takes."""

import io
from datetime import datetime
from xml.etree import ElementTree

import pytest
from rich.console import Console

from nntrain.report.expectations import expectations_table, reached_text, sentence
from nntrain.report.junit import junit
from nntrain.run.expectations import Outcome

FOUND = (
    Outcome("test.accuracy", ">= 0.97", 0.96996),
    Outcome("test.mae", "< baseline", 0.25, 1.25),
    Outcome("test.r2", "> 0", None, None, "only one row"),
    Outcome("params", "< 50k", 7960.0),
    Outcome("seconds", "< 60", 9.7321),
)
WHEN = datetime(2026, 11, 21, 10, 0, 0)


def test_the_table_says_what_was_expected_and_reached():
    console = Console(file=io.StringIO(), width=80)
    console.print(expectations_table(FOUND))
    lines = [line.rstrip() for line in console.file.getvalue().splitlines()]
    assert lines == [
        "Expectation               expected  reached  difference  outcome",
        "────────────────────────────────────────────────────────────────",
        "test.accuracy              >= 0.97  0.96996      -4e-05   missed",
        "test.mae       < baseline (1.2500)   0.2500          -1       ok",
        "test.r2                        > 0        -           -   missed",
        "params                       < 50k    7,960     -42,040       ok",
        "seconds                       < 60     9.73       -50.3       ok",
    ]


@pytest.mark.parametrize(
    ("value", "expected", "text"),
    [
        (0.98, ">= 0.97", "0.9800"),
        (0.96996, ">= 0.97", "0.96996"),
        (0.97, "> 0.97", "0.9700"),
        (0.9700000001, "> 0.97", "0.9700000001"),
        (0.97 - 1e-16, ">= 0.97", "0.9699999999999999"),
        (0.33333333, "== 0.3333", "0.33333"),
        (12345.66, "< 12345.67", "12,345.66000"),
    ],
)
def test_as_many_digits_are_shown_as_tell_the_side(value, expected, text):
    assert reached_text(Outcome("test.x", expected, value)) == text


def test_a_sentence_says_what_is_missed():
    assert [sentence(one) for one in FOUND if not one.met] == [
        "test.accuracy is 0.96996, and >= 0.97 is expected",
        "test.r2 is no number, and > 0 is expected (only one row)",
    ]


# Attributes and order of elements, as in junit-10.xsd of Jenkins and JUnit.xsd of Ant.
SUITE = ["name", "package", "id", "timestamp", "hostname", "tests", "failures", "errors", "time"]
CHILDREN = ["properties", "testcase", "system-out", "system-err"]


def suite_of(content):
    root = ElementTree.fromstring(content)
    assert (root.tag, root.attrib) == ("testsuites", {})
    (suite,) = root
    return suite


def test_a_junit_file_is_as_its_schemas_say():
    suite = suite_of(junit("digits", "runs/digits/1", FOUND, 12.3456, WHEN))
    assert sorted(suite.attrib) == sorted(SUITE)
    assert {key: suite.get(key) for key in ("name", "tests", "failures", "errors", "time", "timestamp")} == {
        "name": "digits",
        "tests": "5",
        "failures": "2",
        "errors": "0",
        "time": "12.346",
        "timestamp": "2026-11-21T10:00:00",
    }
    tags = [child.tag for child in suite]
    assert tags == sorted(tags, key=CHILDREN.index)
    assert (tags.count("properties"), tags.count("system-out"), tags.count("system-err")) == (1, 1, 1)
    cases = suite.findall("testcase")
    assert all(sorted(case.attrib) == ["classname", "name", "time"] for case in cases)
    assert [case.get("name") for case in cases][:2] == ["test.accuracy >= 0.97", "test.mae < baseline"]
    failures = [[failure.attrib for failure in case] for case in cases]
    assert failures[0] == [
        {"type": "expectation", "message": "test.accuracy is 0.96996, and >= 0.97 is expected"}
    ]
    assert [len(found) for found in failures] == [1, 0, 1, 0, 0]


def test_characters_that_xml_lacks_are_replaced_and_others_escaped():
    name = 'a<&>"\x00\x1b\ud800\uffff é'
    suite = suite_of(junit(name, "runs/<x>", [Outcome(f"test.{name}.f1", "> 1", 0.5)], 0.0, WHEN))
    assert suite.get("name") == 'a<&>"\ufffd\ufffd\ufffd\ufffd é'
    assert suite.find("properties/property").attrib == {"name": "run", "value": "runs/<x>"}
