"""Expectations as JUnit XML, which continuous integration shows as tests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from platform import node
from xml.etree import ElementTree

from nntrain.report.expectations import Judged, reached_text, sentence

NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML does not have, however they are written."""


def junit(name: str, run: str, found: Sequence[Judged], seconds: float, now: datetime) -> bytes:
    """The content of a JUnit file: a suite for the run, and in it a case for each expectation.

    The order of elements and the attributes are those of Jenkins' and of Ant's schema.

    Args:
        name: Of the config.
        run: The run's directory.
        found: What became of each expectation.
        seconds: That the command took.
        now: When it ended.
    """
    missed = sum(not one.met for one in found)
    root = ElementTree.Element("testsuites")
    suite = _element(
        root,
        "testsuite",
        id="0",
        package="nntrain",
        name=name,
        timestamp=now.strftime("%Y-%m-%dT%H:%M:%S"),
        hostname=node() or "localhost",
        tests=str(len(found)),
        failures=str(missed),
        errors="0",
        time=f"{seconds:.3f}",
    )
    _element(_element(suite, "properties"), "property", name="run", value=run)
    for one in found:
        case = _element(suite, "testcase", name=f"{one.name} {one.expected}", classname=name, time="0.000")
        if not one.met:
            text = sentence(one)
            _element(case, "failure", type="expectation", message=text).text = _clean(text)
    told = "\n".join(f"{one.name}: {reached_text(one)}" for one in found)
    _element(suite, "system-out").text = _clean(told)
    _element(suite, "system-err")
    ElementTree.indent(root)
    content: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return content + b"\n"


def _element(parent: ElementTree.Element, tag: str, **attributes: str) -> ElementTree.Element:
    return ElementTree.SubElement(parent, tag, {key: _clean(text) for key, text in attributes.items()})


def _clean(text: str) -> str:
    return NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
