"""A text that no training row had stops an exported network where it stops the run."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from nntrain.config.data import Preprocess
from nntrain.data.dataset import Table
from nntrain.data.prepare.tables import TableFitting
from nntrain.run.export.steps import inside


@pytest.mark.parametrize("encode", ["one_hot", "ordinal"])
@pytest.mark.parametrize("format", ["saved_model", "keras"])
def test_an_unknown_text_stops_the_network(format, encode, tmp_path):
    rows = np.array(["red", "blue", "red"], object)
    table = Table({}, {"colour": rows}, ("colour",), np.arange(3), None)
    fitting = TableFitting(Preprocess.model_validate({"categorical": {"encode": encode}}))
    fitting.add(table)
    state = fitting.result()
    one = inside("features", state, table, state.apply(table), texts=True, alone=True)
    assert one.ports[0].extra == {"raw": True, "unknown": "error"}
    fed = keras.Input((1,), dtype="string", name="colour")
    model = keras.Model(fed, one.graph({"colour": fed}))
    if format == "keras":
        model.save(tmp_path / "m.keras")
        found = keras.saving.load_model(tmp_path / "m.keras")
    else:
        archive = keras.export.ExportArchive()
        archive.track(model)
        archive.add_endpoint("serve", model.__call__, input_signature=[tf.TensorSpec((None, 1), tf.string)])
        archive.write_out(tmp_path / "m", verbose=False)
        found = tf.saved_model.load(str(tmp_path / "m")).serve
    known = found(tf.constant([["blue"], ["red"]]))
    assert np.asarray(known).tolist() == ([[1, 0], [0, 1]] if encode == "one_hot" else [[0], [1]])
    with pytest.raises((tf.errors.InvalidArgumentError, ValueError), match="lilac"):
        found(tf.constant([["blue"], ["lilac"]]))
