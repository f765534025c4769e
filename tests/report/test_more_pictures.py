"""Curves, class balance, forecasts, latent spaces and tiles: what is drawn is what was given."""

import numpy as np
import pytest

from nntrain.report.curves import GREY, Line
from nntrain.report.figure import picture
from nntrain.report.forecast import MOST_STEPS
from nntrain.report.plots import (
    Maps,
    balance_plot,
    boxes_plot,
    confusion_plot,
    forecast_plot,
    history_plot,
    latent_plot,
    maps_plot,
    mistakes_plot,
    precision_recall_plot,
    predicted_actual_plot,
    reliability_plot,
    roc_plot,
    shrunk,
    weights_plot,
)
from nntrain.report.thinning import MOST_POINTS, rows_drawn, some_of
from nntrain.report.tiles import shades, together

LONG = "a very long class name that goes on and on"
BOX = [0.25, 0.25, 0.75, 1.0]
LINE = Line("yes", np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.9, 1.0]), 0.875, 0.25)


def lines(axes):
    return {line.get_label(): line for line in axes.get_lines() if not line.get_label().startswith("_")}


def many(count):
    return [LINE._replace(name=f"{LONG} {i}", area=1 - i / count) for i in range(count)]


MAKERS = {
    "roc": lambda: roc_plot(many(100), 5),
    "precision_recall": lambda: precision_recall_plot([LINE], 5),
    "reliability": lambda: reliability_plot([0.1, 0.9], [0.0, 1.0], [3, 100_000], error=0.1, what="a label"),
    "balance": lambda: balance_plot([(f"{LONG} {i}", {"train": i, "test": 1}) for i in range(100)]),
    "mistakes": lambda: mistakes_plot(
        np.arange(64.0).reshape(1, 8, 8), [LONG], ["猫"], [0.9], [7], wrong=1, rows=9
    ),
    "weights": lambda: weights_plot(np.arange(45.0).reshape(5, 3, 3) - 20, "Filters", 5),
    "maps": lambda: maps_plot(np.zeros((8, 8, 3)), [Maps("conv", np.ones((3, 4, 4)), 16)], 0),
    "named maps": lambda: maps_plot(
        np.zeros((8, 8, 1)), [Maps("c", np.ones((2, 4, 4)), 2, ("blur", LONG))], 0
    ),
    "boxes": lambda: boxes_plot(
        np.arange(128.0).reshape(2, 8, 8, 1), [BOX, BOX], [BOX[::-1], BOX], [3, 7], [0.5, 1.0]
    ),
    "latent": lambda: latent_plot(
        np.arange(60.0).reshape(30, 2), ("x", "y"), "t", np.arange(30), [LONG] * 30
    ),
    "forecast": lambda: forecast_plot([5], [1.0], [2.0]),
    "history": lambda: history_plot({"loss": [float("nan")], "val_loss": [1.0]}, best_epoch=1),
    "scatter": lambda: predicted_actual_plot(np.arange(100_000.0), np.arange(100_000.0)),
    "confusion": lambda: confusion_plot(np.eye(30, dtype=int), [LONG] * 30),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_every_picture_is_a_png_and_a_small_svg_and_always_the_same(make):
    shown = make()
    assert shown.png.startswith(b"\x89PNG")
    assert shown.svg.startswith(b"<?xml")
    assert len(shown.svg) < 700_000
    assert make().svg == shown.svg


def test_the_text_of_an_svg_is_text():
    svg = confusion_plot([[1, 0], [0, 1]], ["no", "猫"]).svg.decode()
    assert "actual class" in svg
    assert "猫" in svg
    assert "2 of 2 rows" in svg


def test_a_picture_is_drawn_once_for_both_formats():
    calls = []
    shown = picture(calls.append, 2, 2, fixed=True)
    assert calls == []
    assert shown.png
    assert shown.svg
    assert len(calls) == 1


def test_of_many_rows_the_same_some_are_drawn():
    assert some_of(7).tolist() == list(range(7))
    drawn = some_of(100_000)
    assert len(set(drawn)) == MOST_POINTS
    assert (np.diff(drawn) > 0).all()
    assert drawn.tolist() == some_of(100_000).tolist()
    assert rows_drawn(1) == "1 row"
    assert rows_drawn(100_000) == "100,000 rows (5,000 drawn, by chance)"


@pytest.mark.usefixtures("drawn")
def test_a_scatter_of_many_rows_says_that_it_is_thinned():
    values = np.arange(100_000.0)
    (axes,) = predicted_actual_plot(values, values + 1).axes
    points = axes.collections[0].get_offsets()
    assert np.asarray(points)[:, 0].tolist() == some_of(100_000).tolist()
    assert axes.get_title(loc="left").endswith("100,000 rows (5,000 drawn, by chance)")


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize("plot", [roc_plot, precision_recall_plot])
def test_a_single_curve_is_drawn_as_it_is(plot):
    figure = plot([LINE], 1)
    (line,) = lines(figure.axes[0]).values()
    assert (line.get_xdata().tolist(), line.get_ydata().tolist()) == (LINE.x.tolist(), LINE.y.tolist())
    assert "0.875 of 'yes', 1 row" in figure.get_suptitle()
    assert not figure.legends


@pytest.mark.usefixtures("drawn")
def test_of_many_curves_the_worst_are_named():
    figure = roc_plot(many(10), 50)
    named = [text.get_text() for text in figure.legends[0].get_texts()]
    assert [name.split()[-1] for name in named] == [
        "0.600",
        "0.500",
        "0.400",
        "0.300",
        "0.200",
        "0.100",
        "areas",
    ]
    assert named[-1] == "4 with larger areas"
    assert sum(line.get_color() == GREY for line in figure.axes[0].get_lines()) == 4
    assert figure.get_suptitle() == "ROC: mean area 0.550\n10 curves, 50 rows"


@pytest.mark.usefixtures("drawn")
def test_reliability_shows_frequencies_and_counts():
    axes, below = reliability_plot([0.2, 0.8], [0.1, 0.9], [4, 6], error=0.1, what="a label").axes
    line = lines(axes)["the model"]
    assert (list(line.get_xdata()), list(line.get_ydata())) == ([0.2, 0.8], [0.1, 0.9])
    assert [bar.get_height() for bar in below.patches] == [4, 6]
    assert [text.get_text() for text in below.texts] == ["4", "6"]
    assert below.get_xlabel() == "probability of a label"


@pytest.mark.usefixtures("drawn")
def test_the_bars_of_a_class_are_its_rows_in_each_split():
    (axes,) = balance_plot([("a", {"train": 3, "test": 1}), ("b", {"train": 5, "test": 2})], "pixels").axes
    assert [[bar.get_width() for bar in bars] for bars in axes.containers] == [[3, 5], [1, 2]]
    assert [text.get_text() for text in axes.texts] == [" 4", " 7"]
    assert axes.get_title(loc="left") == "Pixels of 2 classes"


@pytest.mark.usefixtures("drawn")
def test_a_forecast_is_in_the_order_of_time_and_broken_where_rows_are_missing():
    axes, below = forecast_plot([12, 10, 11, 20], [3.0, 1, 2, 9], [3.0, 1, 1, 7]).axes
    curves = lines(axes)
    np.testing.assert_array_equal(curves["actual"].get_ydata(), [1, 2, 3, np.nan, 9])
    np.testing.assert_array_equal(curves["forecast"].get_ydata(), [1, 1, 3, np.nan, 7])
    np.testing.assert_array_equal(below.get_lines()[1].get_ydata(), [0, 1, 0, np.nan, 2])
    assert axes.get_title(loc="left") == "Forecast, 4 rows"


@pytest.mark.usefixtures("drawn")
def test_of_a_long_forecast_the_end_is_drawn():
    axes = forecast_plot(np.arange(1000), np.arange(1000.0), np.zeros(1000), what="load").axes[0]
    assert lines(axes)["actual"].get_xdata().tolist() == list(range(1000 - MOST_STEPS, 1000))
    assert axes.get_title(loc="left") == "Forecast of load, the last 400 of 1,000 rows"


@pytest.mark.usefixtures("drawn")
def test_the_latent_space_is_coloured_by_class():
    points = np.arange(12.0).reshape(6, 2)
    figure = latent_plot(points, ("x", "y"), "Code", [0, 1, 0, 1, 1, 1], ["a", "b"])
    groups = {group.get_label(): group.get_offsets().tolist() for group in figure.axes[0].collections}
    assert groups == {"a": points[[0, 2]].tolist(), "b": points[[1, 3, 4, 5]].tolist()}
    assert figure.axes[0].get_title(loc="left") == "Code, 6 rows"


@pytest.mark.usefixtures("drawn")
def test_the_latent_space_without_classes_has_one_colour():
    points = np.arange(12.0).reshape(6, 2)
    (group,) = latent_plot(points, ("x", "y"), "Code").axes[0].collections
    assert group.get_offsets().tolist() == points.tolist()


@pytest.mark.usefixtures("drawn")
def test_mistakes_are_told_below_their_classes():
    images = np.arange(3 * 64.0).reshape(3, 64)
    figure = mistakes_plot(
        images, list("abc"), list("xyz"), [0.9, 0.8, 0.7], [4, 1234, 0], wrong=30, rows=500
    )
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == ["actual a\nsaid x (90%)", "actual b\nsaid y (80%)", "actual c\nsaid z (70%)", ""]
    assert [text.get_text() for text in figure.axes[1].texts] == ["row 1,234"]
    np.testing.assert_array_equal(figure.axes[1].images[0].get_array(), shades(images.reshape(3, 8, 8))[1])
    assert figure.get_suptitle() == "3 of 30 mistakes on 500 rows, the most confident"


def test_tiles_lie_side_by_side_with_white_between():
    tiles = np.stack([np.full((30, 30, 3), shade, np.uint8) for shade in (0, 50, 100)])
    whole = together(tiles, 2)
    assert whole.shape == (62, 62, 3)
    assert [whole[0, 0, 0], whole[0, 32, 0], whole[32, 0, 0], whole[32, 32, 0]] == [0, 50, 100, 255]
    assert (whole[:, 30:32] == 255).all()


def test_a_large_image_is_made_smaller():
    image = np.arange(200 * 100.0).reshape(200, 100)
    np.testing.assert_array_equal(shrunk(image), image[::3, ::3])
    assert shrunk(image[:50]) is not None
    assert shrunk(np.zeros(784)).shape == (784,)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: roc_plot([], 0), "there is no curve to draw"),
        (lambda: balance_plot([]), "there is no class to draw"),
        (lambda: latent_plot([1, 2], ("x", "y"), "t"), "takes points of shape"),
        (lambda: forecast_plot([1, 2], [1.0], [1.0]), "takes three arrays"),
        (lambda: reliability_plot([], [], [], error=0, what=""), "takes three arrays"),
    ],
)
def test_nothing_to_draw_is_a_bug(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_boxes_are_drawn_where_they_are_in_the_image():
    from nntrain.report import boxes

    figures = []
    made = boxes.picture

    def keep(draw, *sides):
        def drawn(figure):
            draw(figure)
            figures.append(figure)

        return made(drawn, *sides)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(boxes, "picture", keep)
        assert boxes_plot(np.zeros((1, 8, 4, 1)), [BOX], [[0, 0, 1, 1]], [7], [0.5]).png
    (axes, *_) = figures[0].axes
    actual, predicted = axes.get_lines()
    assert actual.get_xdata().tolist() == [0.5, 2.5, 2.5, 0.5, 0.5]
    assert actual.get_ydata().tolist() == [1.5, 1.5, 7.5, 7.5, 1.5]
    assert predicted.get_xdata().tolist() == [-0.5, 3.5, 3.5, -0.5, -0.5]
    assert (axes.get_title(), axes.get_xlabel()) == ("row 7", "IoU 0.500")


def test_names_stand_below_the_maps_that_have_them():
    from nntrain.report import tiles

    said = []

    class Axes:
        def annotate(self, text, below, *rest, **how):
            said.append((text, below))

    tiles._write_names(Axes(), ("blur", "emboss"), np.zeros((24, 240, 3), np.uint8))
    assert said == [("blur", (12.0, 24)), ("emboss", (36.0, 24))]
