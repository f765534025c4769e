"""What the pictures of a search show."""

import matplotlib
import pytest
from matplotlib.figure import Figure

from nntrain.config.search.section import Range
from nntrain.report.figure import STYLE, VALIDATION
from nntrain.report.search.axis import Axis, choice_labels
from nntrain.report.search.contours import contours_plot
from nntrain.report.search.importances import importances_plot
from nntrain.report.search.parallel import parallel_plot
from nntrain.report.search.progress import progress_plot
from nntrain.report.search.slices import slices_plot
from nntrain.report.search.tried import Found, Tried

AXES = (
    Axis("rate", Range(log=(1e-4, 1e-1))),
    Axis("units", Range(int=(32, 1024))),
    Axis("activation", Range(choice=("relu", "tanh", "linear"))),
)


@pytest.fixture
def drawn(monkeypatch):
    """Call a plot function and get its figure."""

    def keep(draw, width, height, fixed=False):
        with matplotlib.rc_context(STYLE):
            figure = Figure(figsize=(width, height), layout="constrained")
            draw(figure)
        return figure

    for name in ("contours", "importances", "parallel", "progress", "slices"):
        monkeypatch.setattr(f"nntrain.report.search.{name}.picture", keep)


def search(values, maximize=True, states=None):
    states = states or ["finished"] * len(values)
    tried = [
        Tried(i, state, value, (0.1 * i % 1, 0.3 * i % 1, (i % 3) / 2))
        for i, (value, state) in enumerate(zip(values, states, strict=True), 1)
    ]
    return Found("validation.accuracy" if maximize else "val_loss", maximize, AXES, tried)


def test_values_lie_on_the_scale_that_they_are_drawn_on():
    rate, units, activation = AXES
    assert [rate.at(v) for v in (1e-4, 1e-1)] == [0.0, 1.0]
    assert rate.at(10**-2.5) == pytest.approx(0.5)
    assert [label for _, label in rate.ticks] == ["0.0001", "0.001", "0.01", "0.1"]
    assert units.ticks[0] == (pytest.approx((200 - 32) / 992), "200")
    assert activation.ticks == [(0.0, "relu"), (0.5, "tanh"), (1.0, "linear")]
    assert activation.levels == (0.0, 0.5, 1.0)
    assert units.levels is None
    assert Axis("n", Range(int=(1, 5), step=2)).levels == (0.0, 0.5, 1.0)
    with pytest.raises(ValueError, match="none of the choices"):
        activation.at("elu")


def test_choices_are_called_by_what_tells_them_apart():
    dense = [{"type": "Dense", "units": 64, "activation": name} for name in ("relu", "tanh")]
    assert choice_labels(dense) == ["relu", "tanh"]
    assert choice_labels([*dense, {"type": "Maxout", "units": 64, "pieces": 2}]) == [
        "Dense relu",
        "Dense tanh",
        "Maxout 2",
    ]
    assert choice_labels([8, None, "x"]) == ["8", "null", "x"]
    long = [[{"type": "Dense", "name": f"l{i}", "units": 64}] * 3 for i in range(2)]
    assert [label[:3] for label in choice_labels(long)] == ["1: ", "2: "]


def lines_of(axes, colour):
    return [line for line in axes.get_lines() if line.get_color() == colour]


@pytest.mark.parametrize(("maximize", "bests"), [(True, [0.2, 0.5, 0.5, 0.7]), (False, [0.2, 0.2, 0.1, 0.1])])
def test_the_history_has_the_best_so_far_and_marks_what_failed(drawn, maximize, bests):
    states = ["finished", "finished", "finished", "finished", "failed", "diverged", "pruned"]
    found = search([0.2, 0.5, 0.1, 0.7, None, None, 0.4], maximize, states)
    axes = progress_plot(found).axes[0]
    best, star = lines_of(axes, VALIDATION)
    assert list(best.get_xdata()) == [1, 2, 3, 4, 7]
    assert list(best.get_ydata()) == [*bests, bests[-1]]
    winner = 4 if maximize else 3
    assert list(star.get_xdata()) == [winner]
    labels = {line.get_label(): list(line.get_xdata()) for line in axes.get_lines()}
    assert (labels["failed"], labels["diverged"], labels["ended early"]) == ([5], [6], [7])


def test_an_error_over_decades_is_drawn_by_powers_of_ten(drawn):
    assert progress_plot(search([0.01, 5.0, 0.2], maximize=False)).axes[0].get_yscale() == "log"
    assert progress_plot(search([0.1, 0.5, 0.2], maximize=False)).axes[0].get_yscale() == "linear"


def test_the_best_line_lies_on_top_and_is_framed(drawn):
    axes = parallel_plot(search([0.2, 0.9, 0.5])).axes[0]
    framed = max(
        (line for line in axes.get_lines() if len(line.get_xdata()) == 3), key=lambda line: line.get_zorder()
    )
    assert framed.get_linewidth() > 2
    assert framed.get_ydata()[0] == pytest.approx(0.2)
    labels = [tick.get_text() for tick in axes.get_xticklabels()]
    assert labels == ["rate", "units", "activation"]


def test_slices_have_a_panel_for_each_key_and_the_line_of_the_forest(drawn):
    found = search([0.2, 0.9, 0.5])
    figure = slices_plot(found, [([0, 1], [0.1, 0.2])] * 3)
    panels = [axes for axes in figure.axes if axes.get_xlabel()]
    assert [axes.get_xlabel() for axes in panels] == ["rate", "units", "activation"]
    assert list(panels[0].get_lines()[0].get_ydata()) == [0.1, 0.2]
    assert panels[2].get_lines()[0].get_linestyle() == "None"  # between choices there is nothing
    assert list(panels[0].collections[0].get_offsets()[:, 1]) == [0.2, 0.9, 0.5]
    shades = figure.axes[-1]
    assert (shades.get_ylabel(), [*shades.get_yticks()]) == ("trial", [1, 2, 3])


def test_contours_have_a_panel_for_each_pair_and_importances_a_bar_for_each_key(drawn):
    import numpy as np

    found = search([0.2, 0.9, 0.5])
    cells = (np.array([0, 1]), np.array([0, 0.5, 1]), np.array([[0.2, 0.3, 0.4], [0.5, 0.6, 0.7]]))
    figure = contours_plot(found, {(0, 1): cells, (0, 2): cells})
    assert [(a.get_xlabel(), a.get_ylabel()) for a in figure.axes[:2]] == [
        ("rate", "units"),
        ("rate", "activation"),
    ]
    marks = [figure.axes[0].collections[-1], *figure.axes[0].get_lines()]
    assert not any(mark.get_clip_on() for mark in marks)  # a value at the end of its range lies on the frame
    bars = importances_plot(found, [0.2, 0.5, 0.1]).axes[0]
    assert [tick.get_text() for tick in bars.get_yticklabels()] == [
        "several keys together",
        "activation",
        "rate",
        "units",
    ]
    assert [bar.get_width() for bar in bars.patches] == pytest.approx([0.2, 0.1, 0.2, 0.5])
