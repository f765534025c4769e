"""What no short script says is refused by the key that asks for it."""

import numpy as np
import pytest

from nntrain import load_config
from nntrain.errors import ConfigError
from nntrain.run.eject.eject import eject
from nntrain.run.eject.refusals import check_config
from tests.conftest import CONFIGS

TABLE = """\
name: c
data: {type: csv, path: rows.csv, target: y, task: classification%s}
model: {layers: [{type: Dense, units: 1, activation: sigmoid}]}
training: {loss: binary_crossentropy, epochs: 1%s}
%s"""


def told(call, *arguments):
    with pytest.raises(ConfigError) as caught:
        call(*arguments)
    return str(caught.value)


def sentence(what):
    return f"a plain script has no short way for {what}, so this config stays with nntrain"


@pytest.mark.parametrize(
    ("data", "training", "more", "place", "what"),
    [
        (", test_path: other.csv", "", "", "2:79 data.test_path", "data.test_path"),
        (
            "",
            ", precision: mixed_bfloat16",
            "",
            "4:61 training.precision",
            "training.precision: mixed_bfloat16",
        ),
        ("", ", split_batch: true", "", "4:63 training.split_batch", "training.split_batch"),
        (
            "",
            "",
            "evaluation: {threshold: f1}",
            "5:25 evaluation.threshold",
            "a threshold that is chosen on validation rows",
        ),
    ],
)
def test_keys_that_a_script_does_not_know_are_refused(data, training, more, place, what, write_config):
    config = write_config(TABLE % (data, training, more))
    assert f"{place}: {sentence(what)}" in told(check_config, load_config(config))


def test_a_layer_of_our_own_is_refused():
    what = sentence("ElasticDeformation, which is none of Keras' own")
    expected = f"18:7 model.layers[1]: {what}"
    assert expected in told(eject, str(CONFIGS / "digits_images.yaml"))


@pytest.mark.parametrize(
    ("before", "after", "place", "name"),
    [
        ("loss: mse", "loss: {type: MarginHinge, power: 2}", "4:18 training.loss", "MarginHinge"),
        ("activation: relu", "activation: arctan", "3:18 model.layers[0]", "arctan"),
        ("type: Dense, units: 3", "type: Maxout, units: 3", "3:18 model.layers[0]", "Maxout"),
    ],
)
def test_parts_of_our_own_are_refused_wherever_they_stand(before, after, place, name, write_config):
    written = (
        "name: c\ndata: {type: npz, path: rows.npz}\n"
        "model: {layers: [{type: Dense, units: 3, activation: relu}, {type: Dense, units: 1}]}\n"
        "training: {loss: mse, epochs: 1}\n"
    ).replace(before, after)
    written = written.replace("units: 3, activation: relu", "units: 3") if name == "Maxout" else written
    what = sentence(f"{name}, which is none of Keras' own")
    assert f"{place}: {what}" in told(check_config, load_config(write_config(written)))


def test_labels_that_come_together_are_refused_once_they_are_read(tmp_path, write_config):
    random = np.random.default_rng(0)
    np.savez(tmp_path / "rows.npz", x=random.random((30, 2)), y=random.integers(0, 2, (30, 2)))
    config = write_config(
        "name: c\ndata: {type: npz, path: rows.npz, task: multi_label}\n"
        "model: {layers: [{type: Dense, units: 2, activation: sigmoid}]}\n"
        "training: {loss: binary_crossentropy, epochs: 1}\n"
    )
    assert f"2:41 data.task: {sentence('the task multi_label')}" in told(eject, str(config))


def test_yes_and_no_beside_gaps_are_refused(tmp_path, write_config):
    (tmp_path / "rows.csv").write_text("a,b,y\n" + "1,yes,0\n,no,1\n" * 20)
    config = write_config(TABLE % (", preprocess: {numeric: {impute: mean}}", "", ""))
    assert sentence("columns of yes and no beside gaps") in told(eject, str(config))
