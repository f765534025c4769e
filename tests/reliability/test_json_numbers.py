"""JSON that every program reads: whatever numbers come up, no writer says NaN or Infinity."""

import ast
import io
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nntrain.cli.output import result_json
from nntrain.run import finite
from nntrain.run.checkpoint.content import STATE, files_of, read
from nntrain.run.files import json_bytes
from nntrain.run.model_files.tensors import to_bytes
from nntrain.training.state import Snapshot
from tests.conftest import ROOT

NUMBERS = st.one_of(st.floats(), st.sampled_from([math.nan, math.inf, -math.inf]))
VALUES = st.recursive(
    st.one_of(NUMBERS, st.integers(), st.text(max_size=5), st.booleans(), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
ELSEWHERE = {
    "config/guide/json_schema.py": "parts of the schema, which is written as a whole without NaN",
    "config/guide/reference.py": "a default in README",
    "config/reuse/difference.py": "a text to compare by",
    "data/csv_keep.py": "texts and whole numbers, for a digest",
    "data/images/cache.py": "texts and whole numbers, for a digest",
    "data/prepare/schema.py": "texts, for a digest",
    "data/sequences/json_lines.py": "a value of the user's, in a message",
    "data/unlabelled/json_rows.py": "a value of the user's, in a message or as a text",
    "distribution/local.py": "the addresses of workers, for a process",
    "model/catalogue.py": "a key of the catalogue",
    "run/checkpoint/content.py": "a manifest of whole numbers",
    "run/lock.py": "a process and its host",
    "run/model_files/foreign.py": "shapes and types, to a process",
    "run/search/study.py": "a config, for a digest",
    "run/search/workers.py": "what a process is to do",
    "run/reproduce.py": "a number as text, to compare by",
}
"""Files with a `json.dumps` that does not forbid NaN, and what it is given."""


def strict(text):
    return json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def same(one, other):
    if type(one) is not type(other):
        return False
    if isinstance(one, float) and math.isnan(one):
        return math.isnan(other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def at(content, path):
    for part in path.replace("[", ".[").split("."):
        if part:
            content = content[int(part[1:-1])] if part.startswith("[") else content[part]
    return content


@given(value=st.dictionaries(st.sampled_from(["a", "b"]), st.lists(NUMBERS, max_size=3)))
def test_what_a_command_prints_has_null_and_says_where(value):
    written = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", written)
        result_json(value)
    content = strict(written.getvalue())
    named = content.pop("nonfinite", [])
    assert [at(content, name) for name in named] == [None] * len(named)
    assert len(named) == sum(not math.isfinite(n) for numbers in value.values() for n in numbers)


@given(value=VALUES)
def test_a_file_of_a_run_has_no_nan_or_is_not_written(value):
    if same(finite._encoded(value), value):
        assert same(strict(json_bytes(value)), value)
    else:
        with pytest.raises(ValueError, match="Out of range float values are not JSON compliant"):
            json_bytes(value)


@given(value=VALUES)
def test_what_is_told_between_processes_comes_back_as_it_was(value):
    text = finite.dumps(value)
    strict(text)
    assert same(finite.loads(text), value)


@given(value=st.dictionaries(st.text(max_size=5), NUMBERS, max_size=4))
def test_a_checkpoint_keeps_what_json_lacks(value, tmp_path_factory):
    rows = [{"epoch": 1, "loss": 0.5, **value}]
    snapshot = Snapshot(1, False, {"w": np.zeros(1)}, value, value, rows, [0.1])
    folder = tmp_path_factory.mktemp("checkpoint") / "00001"
    folder.mkdir()
    for name, content in files_of(snapshot).items():
        (folder / name).write_bytes(content)
    strict((folder / STATE).read_bytes())
    found = read(folder)
    assert same(found.described, value)
    assert same(found.history, rows)


@given(shape=st.lists(st.integers(0, 3), max_size=3), number=NUMBERS)
def test_the_header_of_weights_has_no_numbers_but_whole_ones(shape, number):
    content = to_bytes({"w": np.full(shape, number)})
    strict(content[8 : 8 + int.from_bytes(content[:8], "little")])


def test_every_other_writer_is_given_no_such_numbers():
    found = set()
    for file in (ROOT / "nntrain").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"json.dumps", "json.dump"}:
                forbids = [ast.unparse(k.value) for k in node.keywords if k.arg == "allow_nan"] == ["False"]
                found |= set() if forbids else {file.relative_to(ROOT / "nntrain").as_posix()}
    assert found == set(ELSEWHERE)
