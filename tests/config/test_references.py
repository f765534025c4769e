"""`${...}`: what a reference becomes is what a person would have written there."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nntrain.config import load_config
from nntrain.config.reuse.references import put_in
from nntrain.config.reuse.template import escape, take_apart
from nntrain.config.text.masking import PRIVATE, mask, unmask
from nntrain.config.text.yaml_text import parse, parse_value
from nntrain.errors import ConfigError

BASE = """\
seed: 4
description: SEVERAL
data:
  type: csv
  path: pima.csv
  target: diabetes
model:
  layers:
    - {type: Dense, units: 12, activation: relu, kernel_initializer: {type: HeNormal, seed: 3}}
    - {type: Dense, units: 6}
    - {type: Dense, units: 1, activation: sigmoid}
training:
  loss: binary_crossentropy
  epochs: 5
  metrics: [accuracy, AUC]
"""


@pytest.fixture
def load(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NNTRAIN_TEST_NUMBER", "7")
    monkeypatch.setenv("NNTRAIN_TEST_ZEROS", "007")
    monkeypatch.setenv("NNTRAIN_TEST_EMPTY", "")
    monkeypatch.setenv("NNTRAIN_TEST_REFERENCE", "${seed}")

    def read(*arguments, text=BASE):
        Path("pima.yaml").write_text(text)
        return load_config("pima.yaml", arguments)

    return read


@pytest.mark.parametrize(
    ("reference", "written"),
    [
        ("training.batch_size=${training.epochs}", "training.batch_size=5"),
        ("training.batch_size=${ training.epochs }", "training.batch_size=5"),
        ("training.epochs=${training.batch_size}", "training.epochs=32"),
        ("description=${training.class_weight} and text", "description=null and text"),
        ("model.layers.1.units=${model.layers.0.units}", "model.layers.1.units=12"),
        ("model.layers[1].units=${model.layers[0].units}", "model.layers.1.units=12"),
        ("model.layers.1.activation=${model.layers.0.activation}", "model.layers.1.activation=relu"),
        ("model.layers.1=${model.layers[0]}", "model.layers.1={type: Dense, units: 12, activation: relu, "
         "kernel_initializer: {type: HeNormal, seed: 3}}"),
        ("training.callbacks=${data.drop}", "training.callbacks=[]"),
        ("evaluation.threshold=${training.optimizer.learning_rate}", "evaluation.threshold=0.001"),
        ("description=${training.optimizer}", "description=Adam"),
        ("description=${training.optimizer.type}", "description=Adam"),
        ("training.shuffle=${training.loss.from_logits}", "training.shuffle=false"),
        ("training.shuffle=${model.layers[1].use_bias}", "training.shuffle=true"),
        ("training.class_weight=${model.trainable}", "training.class_weight={}"),
        ("data.drop=${training.metrics}", "data.drop=[accuracy, AUC]"),
        ("description=${name} of ${data.type}", "description=pima of csv"),
        ("description=${seed}${training.shuffle}", "description=4true"),
        ("description=${evaluation.threshold} ${data.columns}", "description=0.5 null"),
        ("evaluation.threshold=${data.split.test}", "evaluation.threshold=0.15"),
        ("description=$${seed}", "description='$${seed}'"),
        ("training.epochs=${env:NNTRAIN_TEST_NUMBER}", "training.epochs=7"),
        ("training.epochs=${env:NNTRAIN_TEST_NOT_SET:-8}", "training.epochs=8"),
        ("training.epochs=${env:NNTRAIN_TEST_EMPTY:-8}", "training.epochs=8"),
        ("training.early_stopping=${env:NNTRAIN_TEST_NOT_SET:-null}", "training.early_stopping=null"),
        ("training.shuffle=${env:NNTRAIN_TEST_NOT_SET:-false}", "training.shuffle=false"),
        ("description=${env:NNTRAIN_TEST_NUMBER}", "description='7'"),
        ("description=${env:NNTRAIN_TEST_EMPTY}", "description=''"),
        ("description=${env:NNTRAIN_TEST_NOT_SET:-a: b, [c] #d}", "description=a: b, [c] #d"),
        ("description=run ${env:NNTRAIN_TEST_ZEROS}", "description=run 007"),
        ("training={loss: mse, epochs: ${seed}}", "training={loss: mse, epochs: 4}"),
    ],
)  # fmt: skip
def test_a_reference_is_what_is_written(load, reference, written):
    assert load(reference).plain() == load(written).plain()


def test_arguments_are_applied_before_references(load):
    text = BASE.replace("seed: 4", "seed: ${training.epochs}")
    assert load(text=text).seed == 5
    assert load("training.epochs=9", text=text).seed == 9


def test_a_reference_to_what_an_argument_removed_is_a_reference_to_the_default(load):
    text = BASE.replace("epochs: 5", "epochs: ${seed}")
    with pytest.raises(ConfigError, match="of at least 1, got 0"):
        load("~seed", text=text)


def test_references_lead_on(load):
    config = load("training.batch_size=${seed}", "training.epochs=${training.batch_size}")
    assert config.training.epochs == 4


def test_a_reference_leads_through_a_copied_mapping(load):
    config = load("model.layers.1=${model.layers.0}", "training.epochs=${model.layers[1].units}")
    assert config.training.epochs == 12


def test_a_copy_is_a_copy(load):
    value = load("model.layers.1=${model.layers.0}").origin.value
    assert value["model"]["layers"][0] is not value["model"]["layers"][1]


def test_text_of_the_command_line_stays_text_where_text_is_wanted(load):
    assert load("name=${description}", "description=0x10").name == "0x10"
    assert load("name=${env:NNTRAIN_TEST_ZEROS}").name == "007"
    assert load("name=${description}", "description=${env:NNTRAIN_TEST_ZEROS}").name == "007"


def test_what_a_variable_holds_is_not_read_again(load):
    assert load("description=${env:NNTRAIN_TEST_REFERENCE}").description == "${seed}"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{a: ${x.y}, b: 1}", {"a": "${x.y}", "b": 1}),
        ("[${x}, ${env:N:-a: b, [c] #d}]", ["${x}", "${env:N:-a: b, [c] #d}"]),
        ("{a: 'x ${b} #'}", {"a": "x ${b} #"}),
        ("{a: ${}}", {"a": "${}"}),
        ("{${a}: 1}", {"${a}": 1}),
        ("[\ue000, ${x}]", ["\ue000", "${x}"]),
    ],
)
def test_references_stand_in_braces_without_quotes(text, value):
    assert parse_value(text) == value


def test_text_of_private_use_is_left_as_it_is():
    assert mask(f"{PRIVATE[0]} ${{x}}") == (f"{PRIVATE[0]} ${{x}}", False)


@given(st.text(st.sampled_from("${}[],:#a \n"), max_size=20))
def test_masking_keeps_every_character_in_its_place(text):
    masked, changed = mask(text)
    assert len(masked) == len(text)
    assert [len(line) for line in masked.split("\n")] == [len(line) for line in text.split("\n")]
    assert unmask(masked) == text
    assert changed or masked == text


@given(st.text(st.sampled_from("${}a "), max_size=12))
def test_escaped_text_refers_to_nothing(text):
    assert "".join(take_apart(escape(text))) == text


SCALARS = st.one_of(
    st.integers(-5, 5), st.booleans(), st.none(), st.floats(allow_nan=False), st.text("ab $", max_size=5)
)
TREES = st.dictionaries(
    st.sampled_from("abcd"),
    st.recursive(
        SCALARS.map(lambda v: escape(v) if isinstance(v, str) else v),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3)
        ),
        max_leaves=8,
    ),
    min_size=1,
    max_size=4,
)


def paths(value, path=()):
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from paths(inner, (*path, key))


def resolved(value):
    document = parse("a: 1\n", "x.yaml")
    document.value.clear()
    document.value.update(value)
    return put_in(document, {}, {}).value


def test_copies_of_copies_are_copies():
    value = resolved({"a": {"b": 1}, "c": "${a}", "d": "${c}"})
    assert value == {"a": {"b": 1}, "c": {"b": 1}, "d": {"b": 1}}
    assert len({id(inner) for inner in value.values()}) == 3


def test_a_copied_section_remembers_the_text_of_what_is_in_it():
    found = put_in(parse("a: [{b: '${env:N}'}]\nc: ${a}\n", "x.yaml"), {}, {"N": "007"})
    assert found.value == {"a": [{"b": 7}], "c": [{"b": 7}]}
    assert found.texts == {("a", 0, "b"): "007", ("c", 0, "b"): "007"}
    assert found.variables == {("a", 0, "b"): ("N",)}


@settings(max_examples=100, deadline=None)
@given(TREES, st.data())
def test_a_reference_equals_the_value_that_it_refers_to(tree, data):
    path = data.draw(st.sampled_from(sorted(paths(tree), key=str)))
    found = tree
    for key in path:
        found = found[key]
    plain = resolved(tree)
    meant = resolved({**tree, "z": found})
    assert resolved({**tree, "z": f"${{{'.'.join(map(str, path))}}}"}) == meant
    assert {key: meant[key] for key in tree} == plain


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("n_classes", " (did you mean 'data.classes'?)"),
        ("classes", " (did you mean 'data.classes'?)"),
        ("data.num_classes", " (did you mean 'data.classes'?)"),
        ("features", " (did you mean 'data.features'?)"),
        ("n_features", " (did you mean 'data.features'?)"),
        ("training.optimizer.learning_rte", " (did you mean 'training.optimizer.learning_rate'?)"),
    ],
)
def test_what_a_reference_was_meant_to_be(load, name, said):
    with pytest.raises(ConfigError) as caught:
        load(f"seed=${{{name}}}")
    assert caught.value.problems[0].message == f"there is no {name} to refer to{said}"


def test_an_optimizer_has_only_its_arguments(load):
    with pytest.raises(ConfigError) as caught:
        load("seed=${training.optimizer.kind}")
    message = caught.value.problems[0].message
    assert message.startswith(
        "there is no training.optimizer.kind to refer to; known in training.optimizer: amsgrad, "
    )
