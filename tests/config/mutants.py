"""Damaged configs: bytes that are changed, and values that are moved, exchanged and nested."""

from copy import deepcopy

import yaml
from hypothesis import strategies as st

from nntrain.config.text.yaml_text import parse

TOKENS = [
    *(
        b"[",
        b"]",
        b"{",
        b"}",
        b":",
        b": ",
        b"- ",
        b"&a ",
        b"*a",
        b"!!int ",
        b"<<: ",
        b"'",
        b'"',
        b"\t",
        b"\xff",
    ),
    *(
        b"\x00",
        b"null",
        b"true",
        b"[]",
        b"{}",
        b"1e999",
        b"-1",
        b".nan",
        b"#",
        b"|",
        b">",
        b"%",
        b"? ",
        b"---\n",
    ),
    *(b"...", b"\xe2\x80\xa8", b"\xc2\x85", b"\r", b"@", b"~", b"0x", b"9" * 30, b"'" + b"9" * 5000 + b"'"),
    *(
        b"type",
        b"type: ",
        b"layers",
        b"\\",
        b"{type: {}}",
        b"[[1]]",
        b"{type: [a]}",
        b"1: ",
        b"''",
        b"no",
        b'"1"',
    ),
    *(b"${", b"${seed}", b"${data}", b"${model.layers}", b"${data.classes}", b"${env:HOME}", b"}", b"$${"),
    *(b"extends: ", b"version: ", b"~seed:\n"),
]


def damaged_text(content, rng):
    """The bytes of a file, changed in one to six places."""
    for _ in range(rng.choice([1, 1, 1, 2, 3, 6])):
        content = rng.choice(TEXT_EDITS)(content, rng) or b"a"
    return content


def flip(content, rng):
    at = rng.randrange(len(content))
    return content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :]


def insert(content, rng):
    at = rng.randrange(len(content) + 1)
    return content[:at] + rng.choice(TOKENS) + content[at:]


def delete(content, rng):
    at = rng.randrange(len(content))
    return content[:at] + content[at + rng.randrange(1, 20) :]


def swap(separator):
    def edit(content, rng):
        parts = content.split(separator)
        a, b = rng.randrange(len(parts)), rng.randrange(len(parts))
        parts[a], parts[b] = parts[b], parts[a]
        return separator.join(parts)

    return edit


def repeat_line(content, rng):
    lines = content.split(b"\n")
    lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines))
    return b"\n".join(lines)


def drop_line(content, rng):
    lines = content.split(b"\n")
    del lines[rng.randrange(len(lines))]
    return b"\n".join(lines)


def replace_word(content, rng):
    words = content.split(b" ")
    words[rng.randrange(len(words))] = rng.choice(TOKENS)
    return b" ".join(words)


TEXT_EDITS = [flip, insert, delete, swap(b"\n"), swap(b" "), repeat_line, drop_line, replace_word]


VALUES = [
    *(
        None,
        True,
        False,
        0,
        -1,
        3,
        2.5,
        1e300,
        float("nan"),
        float("inf"),
        2**70,
        "",
        "x",
        "5",
        "adam",
        "mse",
    ),
    *([], {}, [None], [[]], [1, "a"], {"a": 1}, {"type": "Dense"}, {"type": None}, {"type": ["a"]}, {1: 2}),
    *("${seed}", "${data.classes}", "${model.layers}", "${env:HOME}", "input", "features", "Dense", "Add"),
    *({"type": "Add", "inputs": ["features"]}, {"repeat": 3, "layers": ["Flatten"]}, {"call": "a"}),
    *({"layers": [{"type": "Dense", "units": 2}]}, {"kind": "mse"}, {"kind": ["accuracy"]}, "balanced"),
]
KEYS = [
    *(
        "type",
        "name",
        "layers",
        "inputs",
        "outputs",
        "repeat",
        "call",
        "trainable",
        "target",
        "targets",
        "task",
    ),
    *(
        "loss",
        "loss_weights",
        "metrics",
        "extends",
        "code",
        "version",
        "~seed",
        "seed",
        "units",
        "cell",
        "",
        "a",
    ),
]


def places(value, path=()):
    """The way to everything that is nested in a value."""
    yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(item, (dict, list)):
            yield from places(item, (*path, key))
        else:
            yield (*path, key)


def at(config, path):
    for key in path:
        config = config[key]
    return config


def set_at(config, path, value):
    at(config, path[:-1])[path[-1]] = value


def exchange(config, paths, rng):
    one, two = rng.choice(paths), rng.choice(paths)
    if one[: len(two)] != two[: len(one)]:
        first, second = at(config, one), at(config, two)
        set_at(config, one, second)
        set_at(config, two, first)


def copy(config, paths, rng):
    value = deepcopy(at(config, rng.choice(paths)))
    set_at(config, rng.choice(paths), value)


def other_value(config, paths, rng):
    set_at(config, rng.choice(paths), deepcopy(rng.choice(VALUES)))


def remove(config, paths, rng):
    path = rng.choice(paths)
    del at(config, path[:-1])[path[-1]]


def double(config, paths, rng):
    *way, key = rng.choice(paths)
    parent = at(config, way)
    if isinstance(parent, list):
        parent.insert(rng.randrange(len(parent) + 1), deepcopy(parent[key]))
    else:
        parent[rng.choice(KEYS)] = deepcopy(parent[key])


def rename(config, paths, rng):
    *way, key = rng.choice(paths)
    parent = at(config, way)
    if isinstance(parent, dict):
        parent[rng.choice(KEYS)] = parent.pop(key)


def add(config, paths, rng):
    parent = at(config, rng.choice([(), *paths]))
    if isinstance(parent, dict):
        parent[rng.choice(KEYS)] = deepcopy(rng.choice(VALUES))
    elif isinstance(parent, list):
        parent.append(deepcopy(rng.choice(VALUES)))


def wrap(config, paths, rng):
    path = rng.choice(paths)
    value = at(config, path)
    key = rng.choice(KEYS)
    for _ in range(rng.choice([1, 1, 1, 2, 45])):
        value = [value] if rng.random() < 0.5 else {key: value}
    set_at(config, path, value)


def unwrap(config, paths, rng):
    path = rng.choice(paths)
    value = at(config, path)
    if isinstance(value, (list, dict)) and value:
        set_at(config, path, rng.choice(list(value.values() if isinstance(value, dict) else value)))


VALUE_EDITS = [exchange, copy, other_value, remove, double, rename, add, wrap, unwrap]


def damaged_values(content, rng):
    """A config whose values are changed in one to six places."""
    config = parse(content.decode(), "original.yaml").value
    for _ in range(rng.choice([1, 1, 1, 2, 3, 6])):
        paths = [path for path in places(config) if path]
        if paths:
            rng.choice(VALUE_EDITS)(config, paths, rng)
    return yaml.safe_dump(deepcopy(config), sort_keys=False, allow_unicode=True).encode()


def mutants(damage, originals):
    """Damaged forms of some texts, as bytes."""
    rng = st.randoms(use_true_random=False)
    return st.builds(damage, st.sampled_from(originals), rng)
