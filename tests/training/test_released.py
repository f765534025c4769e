"""Nothing of a training stays in the process once nobody has its model."""

import gc

from tensorflow.python.framework import ops
from tensorflow.python.framework.func_graph import FuncGraph

from nntrain.training.released import CUSTOM
from nntrain.training.train import train
from tests.training.twins import Notes, layer, numbers, regression


def graphs_of_steps():
    gc.collect()
    return [one for one in gc.get_objects() if isinstance(one, FuncGraph) and one.name == "_all_steps"]


def test_the_graph_of_the_steps_goes_with_the_model():
    before, custom = len(graphs_of_steps()), [n for n in ops.gradient_registry.list() if n.startswith(CUSTOM)]
    case = regression(layer("Dense", 4), batch_size=30, epochs=1, validation=(numbers(5, 6), numbers(5, 1)))
    model = case.seeded()
    train(model, case.rows, case.validation, case.recipe(), Notes(), lambda row: None, lambda: False)
    del model, case
    assert len(graphs_of_steps()) <= before
    assert [n for n in ops.gradient_registry.list() if n.startswith(CUSTOM)] == custom
