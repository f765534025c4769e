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


def test_several_numbers_to_predict_are_refused_once_they_are_read(tmp_path, write_config):
    random = np.random.default_rng(0)
    np.savez(tmp_path / "rows.npz", x=random.random((30, 2)), y=random.random((30, 2)))
    config = write_config(
        "name: c\ndata: {type: npz, path: rows.npz}\nmodel: {layers: [{type: Dense, units: 2}]}\n"
        "training: {loss: mean_squared_error, epochs: 1}\n"
    )
    assert f"data: {sentence('several numbers to predict')}" in told(eject, str(config)).replace(
        ".target", ""
    )


def test_yes_and_no_beside_gaps_are_refused(tmp_path, write_config):
    (tmp_path / "rows.csv").write_text("a,b,y\n" + "1,yes,0\n,no,1\n" * 20)
    config = write_config(TABLE % (", preprocess: {numeric: {impute: mean}}", "", ""))
    assert sentence("columns of yes and no beside gaps") in told(eject, str(config))
