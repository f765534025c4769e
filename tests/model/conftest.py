from typing import Annotated

import keras
import pytest
import yaml
from pydantic import TypeAdapter

from nntrain.config.keras_object import KerasObject, Kind

_LAYERS = TypeAdapter(tuple[Annotated[KerasObject, Kind("layers")], ...])


@pytest.fixture(autouse=True)
def fresh_names():
    """Keras numbers its layers from 1 again, and draws the same weights."""
    keras.utils.clear_session(free_memory=False)
    keras.utils.set_random_seed(0)


@pytest.fixture
def layers():
    """Reads `{type: Dense, units: 2}, Flatten` as a config does."""

    def read(text):
        values = yaml.safe_load(f"[{text}]")
        return _LAYERS.validate_python(values, strict=False)

    return read


@pytest.fixture
def read():
    """Reads one object of any kind."""

    def one(kind, value):
        adapter = TypeAdapter(Annotated[KerasObject, Kind(kind)])
        return adapter.validate_python(value)

    return one
