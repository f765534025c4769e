"""What holds for every pair of configs that are laid over one another, and for every one that is written."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nntrain.config import load_config
from nntrain.config.dump import to_yaml
from nntrain.config.reuse.difference import differences
from nntrain.config.reuse.merge import merge
from nntrain.config.reuse.paths import FILES, files_of_kind
from nntrain.config.reuse.provenance import annotated
from nntrain.config.text.source import Place, Source
from nntrain.config.text.yaml_text import Document
from tests.conftest import CONFIGS

SHIPPED = sorted(CONFIGS.rglob("*.yaml"))
KEYS = st.sampled_from(["a", "b", "c", "optimizer", "type"])
SCALARS = st.one_of(st.integers(), st.booleans(), st.sampled_from(["adam", "Adam", "SGD", "x"]))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
MAPPINGS = st.dictionaries(KEYS, VALUES, max_size=5)
SIMPLE = st.recursive(
    st.integers(), lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3), max_leaves=10
)


def document(value, name="x.yaml"):
    source = Source(name, (), Path())
    places = {path: Place(source, (1, 1)) for path in paths(value)}
    return Document(source, copy.deepcopy(value), places)


def paths(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from paths(inner, (*path, key))


def merged(base, child):
    return merge(document(base, "base.yaml"), document(child, "child.yaml"))


def plain(base, child):
    return merged(base, child).value


@given(MAPPINGS)
def test_nothing_laid_over_changes_nothing(base):
    assert plain(base, {}) == base


@given(MAPPINGS)
def test_anything_laid_over_nothing_is_itself(child):
    assert plain({}, child) == child


@given(MAPPINGS)
def test_laying_a_config_over_itself_changes_nothing(base):
    assert plain(base, base) == base


@given(MAPPINGS, MAPPINGS)
def test_laying_over_twice_is_laying_over_once(base, child):
    once = plain(base, child)
    assert plain(once, child) == once


@given(*[st.dictionaries(st.sampled_from("abc"), SIMPLE, max_size=3)] * 3)
def test_levels_may_be_joined_from_either_end(one, two, three):
    def covered(value):
        return {key: covered(inner) for key, inner in value.items()} if isinstance(value, dict) else 0

    # A single value that covers a mapping, or the other way round, is where the order matters.
    if plain(covered(one), covered(two)) == plain(covered(two), covered(one)) and plain(
        covered(two), covered(three)
    ) == plain(covered(three), covered(two)):
        assert plain(plain(one, two), three) == plain(one, plain(two, three))


@given(MAPPINGS, MAPPINGS)
def test_every_value_has_a_place_in_the_file_that_says_it(base, child):
    result = merged(base, child)
    assert set(paths(result.value)) <= set(result.places) | {
        path for path in paths(result.value) if path[-1:] == ("type",)
    }
    for path in paths(child):
        assert result.places[path].source.name == "child.yaml"


@given(MAPPINGS, MAPPINGS)
def test_the_files_stay_as_they_were(base, child):
    one, other = document(base), document(child)
    merge(one, other)
    assert (one.value, other.value) == (base, child)


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "seed": st.integers(0, 9),
        "description": st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
        "training": st.fixed_dictionaries(
            {},
            optional={
                "epochs": st.integers(1, 9),
                "batch_size": st.integers(1, 9),
                "shuffle": st.booleans(),
                "optimizer": st.fixed_dictionaries({"type": st.sampled_from(["SGD", "adam"])}),
                "callbacks": st.just([]),
                "early_stopping": st.fixed_dictionaries(
                    {"patience": st.integers(0, 9), "monitor": st.just("loss")}
                ),
            },
        ),
        "evaluation": st.fixed_dictionaries({"threshold": st.floats(0.01, 0.99)}),
    },
)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(SHIPPED), CHANGES)
def test_a_merged_config_survives_being_written_out(tmp_path_factory, base, changes):
    folder = tmp_path_factory.mktemp("merged")
    escaped = json.dumps({"extends": str(base), **changes}).replace("${", "$${")
    child = folder / "child.yaml"
    child.write_text(escaped)
    config = load_config(child)
    for write in (to_yaml, annotated):
        copied = folder / "copy.yaml"
        copied.write_text(write(config), encoding="utf-8")
        again = load_config(copied)
        assert differences(again, config) == []
        assert to_yaml(again) == to_yaml(config)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_shipped_config_extended_by_nothing_is_itself(file, tmp_path):
    child = tmp_path / "child.yaml"
    child.write_text(f"extends: {file}\n")
    extended, own = load_config(child).plain(), load_config(file).plain()
    for values in (extended, own):
        del values["name"]  # the file's, where the config has none
        for section, key in (*(path for path in FILES if len(path) == 2), *files_of_kind(values["data"])):
            values[section].pop(key, None)  # relative to another folder now
    assert extended == own
