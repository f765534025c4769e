from typing import Annotated

import keras
import pytest
from pydantic import TypeAdapter

from nntrain.config.vocabulary.keras_object import KerasObject, Kind
from tests.model.stacks import entries


@pytest.fixture(autouse=True)
def fresh_names():
    """Keras numbers its layers from 1 again, and draws the same weights."""
    keras.utils.clear_session(free_memory=False)
    keras.utils.set_random_seed(0)


@pytest.fixture
def layers():
    """Reads `{type: Dense, units: 2}, Flatten` as a config does."""
    return entries


@pytest.fixture
def read():
    """Reads one object of any kind."""

    def one(kind, value):
        adapter = TypeAdapter(Annotated[KerasObject, Kind(kind)])
        return adapter.validate_python(value)

    return one
