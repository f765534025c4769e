"""What `nntrain layers NAME` and its kin show builds the object of Keras that it is about."""

import keras
import pytest

from nntrain.config.guide.examples import example
from nntrain.config.vocabulary import catalogue
from nntrain.config.vocabulary.keras_object import Kind
from nntrain.model.catalogue import module_of
from nntrain.model.objects import MODULES, make
from nntrain.model.own import OWN

EVERY = [
    (kind, name)
    for kind in (*MODULES, "activations")
    for name in catalogue.names(kind)
    if catalogue.refusal(kind, name) is None
]


class _Context:
    context = None


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_an_example_builds(kind, name):
    read = Kind(kind).read(example(catalogue.entry(kind, name)), _Context())
    built = make(read, ())
    if isinstance(built, str):
        assert keras_knows(kind, built)
    else:
        own = OWN.get(kind, {}).get(name)
        assert built is own or isinstance(built, own or getattr(module_of(kind), name))


def keras_knows(kind, name):
    """Words such as `accuracy` are resolved by `compile`, from the shapes of labels and outputs."""
    if name in {"accuracy", "acc", "crossentropy", "ce"}:
        return True
    return callable(getattr(keras, kind).get(name))
