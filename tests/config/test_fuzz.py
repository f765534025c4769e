"""Damaged configs: each loads, or is explained at a place; nothing else is ever raised.

`python -m tests.config.test_fuzz` prints how many of them load, and how long the slowest takes.
"""

import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from nntrain.config import load_config
from nntrain.errors import NntrainError
from tests.config.mutants import damaged_text, damaged_values, mutants

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "nntrain/config/guide/templates").glob("*.yaml"))
SHIPPED = sorted((ROOT / "configs").rglob("*.yaml"))
GRAPH = b"""
extends: base.yaml
seed: ${training.epochs}
data:
  type: csv
  path: ${env:NNTRAIN_TEST_FOLDER:-data}/iris.csv
  targets: {kind: species, width: petal_width}
  inputs: {sepal: [sepal_length, sepal_width], petal: [petal_length]}
model:
  outputs: [kind, width]
  trainable: {"tower/*": false}
  layers:
    - {name: s, type: Dense, units: 8, inputs: sepal}
    - {name: p, type: Dense, units: 8, inputs: petal}
    - {name: both, type: Concatenate, inputs: [s, p]}
    - {repeat: 3, name: block, layers: [{name: a, type: Dense, units: 16}, {type: Add, inputs: [a, input]}]}
    - {name: tower, layers: [{type: Dense, units: 16}, {layers: [Flatten, {type: Dense, units: 16}]}]}
    - {call: tower, name: again}
    - {name: width, type: Dense, units: 1}
    - {name: kind, type: Dense, units: "${data.classes.kind}", activation: softmax, inputs: again}
training:
  loss: {kind: sparse_categorical_crossentropy, width: {type: Huber, delta: 2}}
  loss_weights: {kind: 1.0, width: 0.2}
  metrics: {kind: [accuracy], width: [mae]}
  ~early_stopping:
  epochs: 5
  class_weight:
"""
BASE = b"training: {loss: mse, epochs: 1, early_stopping: {patience: 2}}\n"
OVER = b"extends: base.yaml\nname: over\ndata: {type: sklearn, name: iris}\ntraining: {epochs: 3}\n" + (
    b"model: {layers: [{type: Dense, units: 3}]}\n"
)
ORIGINALS = [*(file.read_bytes() for file in [*SHIPPED, *TEMPLATES]), GRAPH, GRAPH, OVER]
EXAMPLES, GROUPS = 300, 4
PARTS = [(damage, group) for damage in (damaged_text, damaged_values) for group in range(GROUPS)]
LONGEST_S = 2.0


def outcome(file):
    """`loads` or `explained`, and the seconds that it takes; anything else that is raised is a bug."""
    start = time.process_time()
    try:
        load_config(file)
        found = None
    except NntrainError as error:
        found = error
        text = str(error)
    took = time.process_time() - start
    assert took < LONGEST_S
    if found is None:
        return "loads", took
    assert text
    assert all(problem.location and problem.location.source for problem in found.problems)
    return "explained", took


def place_bases(folder):
    """A folder for originals, with the files that they extend in it and, as in the course, two above it."""
    place = folder / "course" / "topic"
    place.mkdir(parents=True, exist_ok=True)
    (place / "base.yaml").write_bytes(BASE)
    for config in SHIPPED:
        (place / config.name).write_bytes(config.read_bytes())
        (folder / config.name).write_bytes(config.read_bytes())
    return place


def try_all(damage, group, folder):
    """The outcome of every mutant of a part, and the longest time that one took."""
    counts = {"loads": 0, "explained": 0}
    slowest = 0.0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(mutants(damage, ORIGINALS[group::GROUPS]))
    def tried(content):
        nonlocal slowest
        file = place / "mutant.yaml"
        file.write_bytes(content)
        found, took = outcome(file)
        counts[found] += 1
        slowest = max(slowest, took)

    place = place_bases(folder)
    tried()
    return counts, slowest


@pytest.mark.parametrize(("damage", "group"), PARTS)
def test_a_damaged_config_loads_or_is_explained(damage, group, tmp_path):
    counts, _ = try_all(damage, group, tmp_path)
    assert counts["loads"] + counts["explained"] >= EXAMPLES
    assert min(counts.values()) > 10, "the mutants are neither harmless nor hopeless"


def test_the_originals_load(tmp_path):
    file = place_bases(tmp_path) / "original.yaml"
    for content in ORIGINALS:
        file.write_bytes(content)
        assert outcome(file)[0] == "loads", content


DENSE = "type: Dense, units: 2}"


def layered(layers):
    """A config of which only the layers are out of the ordinary."""
    network = "".join(f"    - {layer}\n" for layer in layers)
    training = "training: {loss: sparse_categorical_crossentropy, epochs: 1}"
    return f"data: {{type: sklearn, name: iris}}\nmodel:\n  layers:\n{network}{training}\n"


BOMBS = {
    "aliases": "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 60)),
    "anchors": "a: [" + ", ".join(f"&a{i} 1" for i in range(10_000)) + "]",
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
    assert outcome(file)[0] == "explained"


def report():
    """How every part goes."""
    with tempfile.TemporaryDirectory() as folder:
        for damage, group in PARTS:
            counts, slowest = try_all(damage, group, Path(folder) / f"{damage.__name__}-{group}")
            print(f"{damage.__name__} {group}: {counts}, the slowest {slowest:.3f} s")


if __name__ == "__main__":
    report()
