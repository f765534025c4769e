"""One wrong letter: what was meant is named (T17 of RELIABILITY.md)."""

import copy
import json
import random
import string
from functools import cache

import pytest

from nntrain.config import load_config
from nntrain.config.problems import config_schema
from nntrain.config.vocabulary import catalogue
from nntrain.errors import ConfigError, suggestion

SOURCES = {
    "csv": {"type": "csv", "path": "a.csv", "target": "b"},
    "parquet": {"type": "parquet", "path": "a.parquet", "target": "b"},
    "tfrecord": {"type": "tfrecord", "path": "a.r", "features": {"a": {}, "b": {}}, "label": "b"},
    "openml": {"type": "openml", "name": "a", "version": 1},
    "npz": {"type": "npz", "path": "a.npz"},
    "npy": {"type": "npy", "x": "x.npy", "y": "y.npy"},
    "images": {"type": "images", "path": "flowers"},
    "sklearn": {"type": "sklearn", "name": "iris"},
    "keras": {"type": "keras", "name": "mnist"},
    "text": {"type": "text", "path": "texts"},
    "sequences": {"type": "sequences", "path": "a.jsonl"},
    "series": {"type": "series", "path": "a.csv", "target": "b", "window": 3},
}
REST = {
    "model": {"layers": [{"type": "Dense", "units": 3, "activation": "softmax"}]},
    "training": {"loss": "sparse_categorical_crossentropy", "epochs": 5},
}
GOAL = 0.95


def typos(word, rng):
    """A letter too few, too many, wrong, and two that changed places."""
    at = rng.randrange(len(word) - 1)
    letter = rng.choice(string.ascii_lowercase)
    made = {
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    }
    return sorted(made - {word})


def resolved(schema):
    if "$ref" in schema:
        return config_schema()["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def members(schema):
    schema = resolved(schema)
    return [m for member in schema.get("anyOf", schema.get("oneOf", [])) for m in members(member)] or [schema]


def fields(schema, path=()):
    """Every key of the schema with its path, source type and the words that it may be."""
    for key, field in schema["properties"].items():
        for member in members(field):
            words = member.get("enum", [member["const"]] if "const" in member else [])
            yield (*path, key), [word for word in words if isinstance(word, str)]
            if "properties" in member and "type" not in member["properties"]:
                yield from fields(member, (*path, key))


@cache
def places():
    """(source, path of a key, its words) for every key of the config."""
    top = config_schema()
    found = {}
    for name, member in resolved(top["properties"]["data"])["discriminator"]["mapping"].items():
        for path, words in fields(resolved({"$ref": member}), ("data",)):
            found.setdefault((name, path), []).extend(words)
    others = {"properties": {key: value for key, value in top["properties"].items() if key != "data"}}
    for path, words in fields(others):
        found.setdefault(("csv", path), []).extend(words)
    return found


def meant(source, path, value, tmp_path):
    """What the messages about a wrong key or value name as meant."""
    config = copy.deepcopy({"data": SOURCES[source], **REST})
    section = config
    for part in path[:-1]:
        section = section.setdefault(part, {})
    section[path[-1]] = value
    file = tmp_path / "typo.yaml"
    file.write_text(json.dumps(config))
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    return " ".join(p.message for p in caught.value.problems if p.key[: len(path)] == path)


def test_a_key_with_one_wrong_letter_is_understood(tmp_path):
    rng = random.Random(0)
    wrong, tried = [], 0
    for source, path in places():
        section = {p[-1] for s, p in places() if s == source and p[:-1] == path[:-1]}
        for typo in typos(path[-1], rng) if len(path[-1]) > 2 else []:
            if typo in section:
                continue
            tried += 1
            message = meant(source, (*path[:-1], typo), 1, tmp_path)
            if f"did you mean '{path[-1]}'" not in message:
                wrong.append((typo, path, message))
    assert tried > 300
    assert 1 - len(wrong) / tried >= GOAL, wrong


def test_a_word_with_one_wrong_letter_is_understood(tmp_path):
    rng = random.Random(0)
    wrong, tried = [], 0
    for (source, path), words in places().items():
        for word in words:
            for typo in typos(word, rng):
                if typo in words:
                    continue
                tried += 1
                message = meant(source, path, typo, tmp_path)
                if f"did you mean '{word}'" not in message:
                    wrong.append((typo, path, message))
    assert tried > 100
    assert 1 - len(wrong) / tried >= GOAL, wrong


@pytest.mark.parametrize("kind", catalogue.kinds())
def test_a_name_of_keras_with_one_wrong_letter_is_understood(kind):
    rng = random.Random(0)
    known = catalogue.every_name(kind)
    wrong, tried = [], 0
    for name in known if len(known) < 60 else rng.sample(known, 60):
        for typo in typos(name, rng) if len(name) > 4 else []:
            if catalogue.entry(kind, typo):
                continue
            tried += 1
            hint = suggestion(typo, known)
            if hint is None or catalogue.entry(kind, hint).name != catalogue.entry(kind, name).name:
                wrong.append((typo, name, hint))
    assert tried > 7
    assert 1 - len(wrong) / tried >= GOAL, wrong
