"""What the config keeps from learning, and no more, does not learn."""

import pytest

from tests.model.stacks import build_graph

DENSE = "{type: Dense, units: 4}"


@pytest.mark.parametrize(
    ("layers", "learns"),
    [
        (f"{{repeat: 2, trainable: false, layers: [{DENSE}]}}, {DENSE}", ["dense_2"]),
        (
            f"{{repeat: 2, trainable: false, layers: [{{repeat: 2, layers: [{DENSE}]}}]}}, {DENSE}",
            ["dense_4"],
        ),
        (f"{{repeat: 2, trainable: false, layers: [{{layers: [{DENSE}]}}]}}, {DENSE}", ["dense"]),
        (f"{{repeat: 1, layers: [{DENSE}, {{repeat: 2, trainable: false, layers: [{DENSE}]}}]}}", ["dense"]),
        (
            "{name: a, type: Dense, units: 3}, {repeat: 2, trainable: false, layers: [{call: a}, "
            "{type: Dense, units: 3}]}",
            ["a"],
        ),
    ],
)
def test_a_block_that_does_not_learn_keeps_its_layers_and_no_others(layers, learns):
    model = build_graph(layers, x=(3,))
    assert [weight.path for weight in model.trainable_weights] == [
        f"{name}/{weight}" for name in learns for weight in ("kernel", "bias")
    ]


def test_a_pattern_wakes_a_layer_of_a_block_that_does_not_learn():
    block = "{repeat: 2, trainable: false, layers: [{name: a, type: Dense, units: 3}]}"
    model = build_graph(block, trainable={"a_2": True}, x=(3,))
    assert [weight.path for weight in model.trainable_weights] == ["a_2/kernel", "a_2/bias"]
