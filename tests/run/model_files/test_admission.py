"""What is neither a run nor a .keras file is refused by its name, with what to do."""

import pytest

from nntrain import evaluate
from nntrain.errors import ArtefactError

REFUSALS = {
    "old/model.h5": "is a model in the HDF5 format of older versions of Keras, which nntrain does not read; "
    "where you trust it, save it again: keras.models.load_model('model.h5').save('model.keras')",
    "model.joblib": "is a pickle or may be one: reading it runs what it says, so it is refused; save the model "
    "with Keras as a .keras file",
    "model.onnx": "is a compiled network and no model of Keras; save the model with Keras as a .keras file",
    "hf://somebody/model": "is an address, and nntrain downloads no models; fetch the file yourself",
    "https://x.org/m.keras": "is an address, and nntrain downloads no models; fetch the file yourself",
}


@pytest.mark.parametrize("name", REFUSALS)
def test_other_kinds_of_models_are_refused_with_what_to_do(name):
    with pytest.raises(ArtefactError) as raised:
        evaluate(name)
    assert str(raised.value) == f"{name}: {REFUSALS[name]}"


def test_a_saved_model_is_never_loaded(tmp_path):
    (tmp_path / "saved_model.pb").touch()
    with pytest.raises(ArtefactError) as raised:
        evaluate(tmp_path)
    assert str(raised.value) == (
        f"{tmp_path}: is a SavedModel of TensorFlow, which is a program and not only numbers, so it is never "
        "loaded; save the model with Keras as a .keras file"
    )
