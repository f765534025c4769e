"""Damaged configs: each loads, or is explained at a place; nothing else is ever raised."""

import random
import time
from pathlib import Path

import pytest

from nntrain.config import load_config
from nntrain.errors import NntrainError

SHIPPED = sorted((Path(__file__).parents[2] / "configs").rglob("*.yaml"))
MUTANTS, PARTS = 1_500, 6
LONGEST_S = 2.0

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


def mutant(content, rng):
    for _ in range(rng.choice([1, 1, 1, 2, 3, 6])):
        content = rng.choice(EDITS)(content, rng) or b"a"
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


EDITS = [flip, insert, delete, swap(b"\n"), swap(b" "), repeat_line, drop_line, replace_word]


def outcome(file):
    """`loads` or `explained`; anything else that is raised is a bug."""
    start = time.process_time()
    try:
        load_config(file)
        found = None
    except NntrainError as error:
        found = error
        text = str(error)
    assert time.process_time() - start < LONGEST_S
    if found is None:
        return "loads"
    assert text
    assert all(problem.location and problem.location.source for problem in found.problems)
    return "explained"


@pytest.mark.parametrize("part", range(PARTS))
def test_a_damaged_config_loads_or_is_explained(part, tmp_path):
    rng = random.Random(part)
    originals = [file.read_bytes() for file in SHIPPED]
    outcomes = []
    for number in range(MUTANTS // PARTS):
        file = tmp_path / f"{number}.yaml"
        file.write_bytes(mutant(rng.choice(originals), rng))
        outcomes.append(outcome(file))
    assert {"loads", "explained"} == set(outcomes), "the mutants are neither harmless nor hopeless"


DENSE = "type: Dense, units: 2}"


def layered(layers):
    """A config of which only the layers are out of the ordinary."""
    network = "".join(f"    - {layer}\n" for layer in layers)
    training = "training: {loss: sparse_categorical_crossentropy, epochs: 1}"
    return f"data: {{type: sklearn, name: iris}}\nmodel:\n  layers:\n{network}{training}\n"


BOMBS = {
    "aliases": "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 60)),
    "anchors": "a: [" + ", ".join(f"&a{i} 1" for i in range(15_000)) + "]",
    "nested anchors": "a: " + "".join(f"&a{i} [" for i in range(35)) + "]" * 35,
    "one alias many times": "a: &a 1\nb: [" + ", ".join(["*a"] * 15_000) + "]",
    "brackets": "a: " + "[" * 300_000,
    "braces": "{" * 300_000,
    "steps": "\n".join(" " * i + "a:" for i in range(500)),
    "dashes": "- " * 300_000,
    "question marks": "? " * 300_000,
    "documents": "---\n" * 100_000,
    "equal keys": "{" + "a: 1, " * 9_000 + "}",
    "tags": "a: [" + "!!int 1, " * 9_000 + "]",
    "long numbers": "a: [" + ("9" * 30 + ", ") * 9_000 + "]",
    "a long number": "a: " + "9" * 300_000,
    "a long quoted number": "training: {epochs: '" + "9" * 300_000 + "'}",
    "unknown keys": "\n".join(f"k{i}: 1" for i in range(9_000)),
    "unknown layers": "model: {layers: [" + "Dens, " * 9_000 + "]}",
    "unknown arguments": "model: {layers: [{type: Dense, "
    + ", ".join(f"k{i}: 1" for i in range(4_000))
    + "}]}",
    "a long name": "model: {layers: [" + "D" * 300_000 + "]}",
    "references that double": "a0: [x, x]\n"
    + "".join(f"a{i}: ['${{a{i - 1}}}', '${{a{i - 1}}}']\n" for i in range(1, 60)),
    "text that doubles": "a0: xx\n" + "".join(f"a{i}: '${{a{i - 1}}}${{a{i - 1}}}'\n" for i in range(1, 60)),
    "a ladder of references": "".join(f"a{i}: ${{a{i + 1}}}\n" for i in range(5_000)),
    "deep references": "".join(f"a{i}: {'[' * 37}'${{a{i + 1}}}'{']' * 37}\n" for i in range(100)),
    "references to nothing": "".join(f"a{i}: ${{b{i}}}\n" for i in range(9_000)),
    "long references to nothing": "".join(f"a{i}: ${{{'b' * 190}{i}}}\n" for i in range(1_000)),
    "many references": "seed: 1\na: [" + ", ".join(["${seed}"] * 19_000) + "]",
    "open references": "a: '" + "${" * 100_000 + "'",
    "a reference to everything": "".join(f"a{i}: '${{model}}'\n" for i in range(900))
    + "model: {layers: ["
    + "Flatten, " * 90
    + "]}",
    "layers that each read the next": layered(
        f"{{name: a{i}, inputs: a{i + 1}, {DENSE}" for i in range(2_000)
    ),
    "a cycle of all": layered(f"{{name: a{i}, inputs: a{(i + 1) % 2000}, {DENSE}" for i in range(2_000)),
    "layers that read nothing known": layered(f"{{name: a{i}, inputs: b{i}, {DENSE}" for i in range(2_000)),
    "layers that nobody reads": layered(f"{{name: a{i}, inputs: features, {DENSE}" for i in range(2_000)),
    "calls of one layer": layered([f"{{name: a, {DENSE}", *["{call: a}"] * 1_999]),
    "many blocks": layered([f"{{repeat: 2000, layers: [{{{DENSE}]}}"] * 500),
    "blocks in blocks": layered(["{repeat: 2000, layers: [" * 15 + "Flatten" + "]}" * 15]),
    "a tower of arguments": "model: {layers: ["
    + "{type: TimeDistributed, layer: " * 18
    + "Dens"
    + "}" * 18
    + "]}",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_time(name, tmp_path):
    file = tmp_path / "bomb.yaml"
    file.write_text(BOMBS[name])
    assert outcome(file) == "explained"
