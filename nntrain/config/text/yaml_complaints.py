"""PyYAML's complaints in words that say what to do."""

from __future__ import annotations

from typing import Any

import yaml

Position = tuple[int, int]
"""Line and column, both from 1."""


def position(mark: Any) -> Position:
    """Where a mark of PyYAML stands."""
    return mark.line + 1, mark.column + 1


def short_tag(tag: str) -> str:
    """A tag as it is written: `!!int`."""
    return tag.replace("tag:yaml.org,2002:", "!!")


def explain(error: yaml.MarkedYAMLError, lines: list[str]) -> tuple[str, Position]:
    """What is wrong, and where.

    Args:
        error: What PyYAML raised.
        lines: The lines of the file.
    """
    problem, context = error.problem or "", error.context or ""
    at = position(error.problem_mark or error.context_mark)
    start = position(error.context_mark) if error.context_mark else at
    line = lines[at[0] - 1] if at[0] <= len(lines) else ""
    if "'\\t'" in problem:
        return "a tab can't indent or separate here; use spaces", at
    if "expected the node content" in problem and line[at[1] - 1 :]:
        return f"a value can't start with '{line[at[1] - 1]}'; put it in quotes", at
    if context == "while scanning a block scalar" and lines[start[0] - 1][start[1] - 1] == ">":
        return "a value can't start with '>'; put it in quotes", start
    if context == "while parsing a flow node":
        return "a bracket above is never closed", at
    if context.startswith("while parsing a flow"):
        return _in_brackets("[]" if "sequence" in context else "{}", problem, start, at)
    if context in {"while scanning a double-quoted scalar", "while scanning a quoted scalar"}:
        return _in_quotes(problem, line, start, at)
    if "tag" in context or "tag" in problem:
        return "a tag is not allowed; remove it, or put the value in quotes", at
    if (
        context in {"while scanning an alias", "while scanning an anchor"}
        or "cannot start any token" in problem
    ):
        place = at if "token" in problem else start
        return f"a value can't start with '{lines[place[0] - 1][place[1] - 1]}'; put it in quotes", place
    if problem == "mapping values are not allowed here":
        if ": " in line[: at[1] - 1]:
            return "a second ': ' can't stand here; put the value in quotes", at
        return "this line goes on with the value above; indent it as its neighbours", at
    if problem == "could not find expected ':'":
        word = lines[start[0] - 1][start[1] - 1 :].split(" ")[0]
        if ":" in word:
            return "a space is missing after ':'; write 'key: value'", start
        return "a ':' is missing; write 'key: value'", start
    if problem.startswith("expected <block end>"):
        return _out_of_block(problem, line, at)
    return f"this is not YAML: {problem or context}", at


def _in_brackets(pair: str, problem: str, start: Position, at: Position) -> tuple[str, Position]:
    if "<stream end>" in problem:
        return f"this '{pair[0]}' is never closed", start
    if at[0] > start[0]:
        return f"this '{pair[0]}' is not closed before line {at[0]}, or a ',' is missing", start
    if problem.endswith("got ':'"):
        return "a second ':' in one value; a ',' is missing before its key", at
    return f"a ',' or '{pair[1]}' is expected here; the '{pair[0]}' is in column {start[1]}", at


def _in_quotes(problem: str, line: str, start: Position, at: Position) -> tuple[str, Position]:
    if "stream" in problem or "document" in problem:
        return "this quote is never closed", start
    backslash = line.rfind("\\", 0, at[1] - 1) + 1
    return "double quotes have no such escape; write '\\\\' for '\\', or use single quotes", (
        at[0],
        backslash,
    )


def _out_of_block(problem: str, line: str, at: Position) -> tuple[str, Position]:
    if line[: at[1] - 1].strip():
        return "nothing can follow the value here; put the whole value in quotes", at
    if problem.endswith("found ':'"):
        return "a key is missing before ':'", at
    if problem.endswith("found '-'"):
        return "a list item can't stand among keys; indent it under its key", at
    return "the indentation does not fit the lines above", at
