"""The network as boxes and arrows."""

import pytest

from nntrain.report.layers import layered
from nntrain.report.structure import MOST_DOWN, MOST_LAYERS, Node, structure_plot

STACK = [
    Node("features", "Input", (4,)),
    Node("hidden", "Dense", (None, 8), 40),
    Node("out", "Dense", (3,), 27),
]
CHAIN = [(0, 1), (1, 2)]
SKIP = [(0, 1), (1, 2), (0, 2)]


def stack(count):
    return [Node(f"layer_{i}", "Dense", (4,), 1) for i in range(count)], [
        (i, i + 1) for i in range(count - 1)
    ]


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_ranks_lead_down():
    places, paths = layered(3, CHAIN)
    assert [places[i].rank for i in range(3)] == [0, 1, 2]
    assert paths == [[0, 1], [1, 2]]
    assert len({place.across for place in places.values()}) == 1


def test_an_arrow_over_a_rank_bends_beside_what_stands_there():
    places, paths = layered(3, SKIP)
    assert paths[2] == [0, 3, 2]
    assert places[3].rank == places[1].rank
    assert places[3].across != places[1].across


def test_branches_stand_side_by_side_and_do_not_cross():
    places, _ = layered(6, [(0, 2), (1, 3), (2, 4), (3, 4), (4, 5)])
    assert [places[i].rank for i in range(6)] == [0, 0, 1, 1, 2, 3]
    assert (places[0].across < places[1].across) == (places[2].across < places[3].across)
    assert places[4].across == pytest.approx((places[2].across + places[3].across) / 2)


def test_an_input_stands_right_above_its_reader():
    places, _ = layered(4, [(0, 1), (1, 3), (2, 3)])
    assert places[2].rank == places[1].rank


@pytest.mark.usefixtures("drawn")
def test_each_layer_has_its_kind_name_shape_and_parameters():
    figure = structure_plot(STACK, CHAIN, 40)
    assert texts(figure) == [
        "Input", "features", "4", "Dense", "hidden", "? x 8", "40 params", "Dense", "out", "3", "27 params",
        "2 layers, 67 parameters, 27 of them not trained",
    ]  # fmt: skip
    assert len(figure.axes[0].patches) == 3 + 2


@pytest.mark.usefixtures("drawn")
def test_of_very_many_layers_one_box_stands_for_those_between():
    nodes, edges = stack(MOST_LAYERS + 21)
    figure = structure_plot(nodes, edges, len(nodes))
    assert "22 more layers" in texts(figure)
    assert "22 params" in texts(figure)
    assert len(figure.axes[0].patches) == MOST_LAYERS + MOST_LAYERS - 1
    assert texts(figure)[-1] == "101 layers, 101 parameters"


@pytest.mark.usefixtures("drawn")
def test_a_deep_network_goes_on_at_the_right():
    nodes, edges = stack(MOST_DOWN + 1)
    width = structure_plot(nodes[:MOST_DOWN], edges[: MOST_DOWN - 1], 0).get_figwidth()
    assert structure_plot(nodes, edges, 0).get_figwidth() > width


def test_a_network_without_layers_is_a_bug():
    with pytest.raises(ValueError, match="there is no layer to draw"):
        structure_plot([], [], 0)
