"""Pictures of labels, of several numbers, of rows that were given back, and of several outputs' training."""

import struct

import numpy as np
import pytest

from nntrain.report import reconstruction
from nntrain.report.plots import (
    errors_plot,
    history_plot,
    is_picture,
    labels_plot,
    numbers_plot,
    pictures_plot,
)

LABELS = [("news", 0.5, 0.25, 0.75, 1200), ("$x_{$\x1b[31m", 0.0, 0.0, 0.0, 0)]
ROWS = np.arange(3 * 64, dtype=np.float32).reshape(3, 64)


def title(axes):
    return axes.get_title(loc="left")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "make",
    [
        lambda: labels_plot(LABELS),
        lambda: numbers_plot(ROWS[:, :2], ROWS[:, 1:3], ["$a$", "b"]),
        lambda: pictures_plot(ROWS, ROWS + 1, [0, 1, 2]),
        lambda: errors_plot(ROWS[:, :3], ROWS[:, 1:4]),
        lambda: history_plot({"loss": [1.0], "a_loss": [2.0]}, outputs=("a",)),
    ],
    ids=["labels", "numbers", "pictures", "errors", "history"],
)
def test_every_picture_is_a_png_of_a_size_to_look_at(make):
    png = make().png
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    assert 400 < width < 1700
    assert 200 < height < 1700
    assert make().png == png


@pytest.mark.usefixtures("drawn")
def test_each_label_has_three_bars_and_its_rows():
    (axes,) = labels_plot(LABELS).axes
    lengths = {group.get_label(): [bar.get_width() for bar in group] for group in axes.containers}
    assert lengths == {"F1": [0.75, 0.0], "precision": [0.5, 0.0], "recall": [0.25, 0.0]}
    assert [text.get_text() for text in axes.texts] == ["1,200", "0", "rows"]
    assert axes.get_yticklabels()[0].get_text() == "news"
    low, high = axes.get_ylim()
    assert low > high
    assert title(axes) == "Scores of 2 labels"


@pytest.mark.usefixtures("drawn")
def test_of_many_labels_those_with_the_most_rows_are_drawn_in_their_order():
    rows = [(f"l{i}", 0.1, 0.2, 0.3, 5 if i in (3, 40) else 10 + i) for i in range(32)] + [LABELS[0]]
    (axes,) = labels_plot(rows).axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == [f"l{i}" for i in range(32) if i not in (0, 1, 3)] + ["news"]
    assert title(axes) == "Scores of the 30 of 33 labels with the most rows"


def test_labels_must_be_there():
    with pytest.raises(ValueError, match=r"^there is no label to draw$"):
        labels_plot([])


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize(("count", "shown"), [(2, 2), (4, 4), (5, 5), (9, 6)])
def test_each_number_has_a_panel_as_far_as_there_is_room(count, shown):
    actual = np.arange(3 * count, dtype=float).reshape(3, count)
    figure = numbers_plot(actual, actual + 1, [f"n{j}" for j in range(count)])
    panels = [axes for axes in figure.axes if axes.axison]
    assert [title(axes) for axes in panels] == [f"n{j}" for j in range(shown)]
    points = panels[1].collections[0].get_offsets().tolist()
    assert points == [[row[1], row[1] + 1] for row in actual.tolist()]
    more = ", the first 6 of 9 numbers" if count == 9 else ""
    assert figure.get_suptitle() == f"Predicted against actual, 3 rows{more}"


def test_numbers_must_pair_and_be_named():
    with pytest.raises(ValueError, match=r"^1 names for numbers of shape \(3, 2\) and \(3, 2\)$"):
        numbers_plot(np.ones((3, 2)), np.ones((3, 2)), ["a"])


@pytest.mark.parametrize(
    ("shape", "picture"),
    [
        ((28, 28), True),
        ((28, 28, 1), True),
        ((32, 48, 3), True),
        ((784,), True),
        ((64,), True),
        ((49,), False),
        ((4,), False),
        ((65,), False),
        ((100, 6), False),
        ((28, 28, 2), False),
        ((8, 28, 28, 1), False),
    ],
)
def test_rows_are_pictures_where_their_shape_is_one(shape, picture):
    assert is_picture(shape) == picture


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize("shape", [(64,), (8, 8), (8, 8, 1)])
def test_inputs_stand_above_outputs_in_the_same_shades(shape):
    rows = ROWS.reshape(3, *shape)
    figure = pictures_plot(rows, rows / 2, [7, 1234, 8])
    images = [axes.images[0] for axes in figure.axes]
    assert len(images) == 6
    assert {image.get_clim() for image in images} == {(0, 191)}
    np.testing.assert_array_equal(images[1].get_array(), ROWS[1].reshape(8, 8))
    np.testing.assert_array_equal(images[4].get_array(), ROWS[1].reshape(8, 8) / 2)
    assert [axes.get_title() for axes in figure.axes[:3]] == ["row 7", "row 1,234", "row 8"]
    assert figure.axes[3].get_xlabel() == f"MSE {np.mean((ROWS[0] / 2) ** 2):.3g}"
    assert (figure.axes[0].get_ylabel(), figure.axes[3].get_ylabel()) == ("input", "output")
    assert figure.get_suptitle() == "The first 3 rows, above what the model gave back"


@pytest.mark.usefixtures("drawn")
def test_what_was_given_with_noise_stands_between():
    rows = ROWS.reshape(3, 8, 8)
    figure = pictures_plot(rows, rows / 2, [0, 1, 2], noisy=ROWS + 1)
    assert len(figure.axes) == 9
    np.testing.assert_array_equal(figure.axes[4].images[0].get_array(), rows[1] + 1)
    assert [axes.get_ylabel() for axes in figure.axes[::3]] == ["input", "with noise", "output"]
    assert figure.axes[6].get_xlabel() == f"MSE {np.mean((ROWS[0] / 2) ** 2):.3g}"
    assert figure.get_suptitle() == "The first 3 rows, with noise, and what the model gave back of that"


@pytest.mark.usefixtures("drawn")
def test_colours_keep_the_range_of_the_inputs():
    rows = np.zeros((1, 8, 8, 3), np.float32)
    rows[0, 0, 0], rows[0, 1, 1] = -2, 2
    figure = pictures_plot(rows, rows * 4, [0])
    given, made = (axes.images[0].get_array() for axes in figure.axes)
    assert given[2, 2].tolist() == [0.5] * 3
    assert made[1, 1].tolist() == given[1, 1].tolist() == [1.0] * 3
    assert figure.get_suptitle() == "The only row, above what the model gave back"


@pytest.mark.usefixtures("drawn")
def test_no_more_than_eight_rows_are_drawn():
    rows = np.zeros((20, 8, 8), np.float32)
    assert len(pictures_plot(rows, rows, np.arange(20)).axes) == 16


@pytest.mark.usefixtures("drawn")
def test_errors_are_drawn_by_row_and_by_position_whatever_the_blocks(monkeypatch):
    monkeypatch.setattr(reconstruction, "BLOCK", 3)
    actual = np.zeros((4, 2))
    by_row, by_value = errors_plot(actual, [[3.0, 4.0], [0, 0], [0, 4], [0, 0]]).axes
    assert sum(bar.get_height() for bar in by_row.patches) == 4
    assert [bar.get_height() for bar in by_value.patches] == [1.5, pytest.approx(8**0.5)]
    assert (title(by_row), title(by_value)) == ("4 rows", "2 values in each row")
    assert by_value.get_xlabel() == "position in a row, from 0"


@pytest.mark.usefixtures("drawn")
def test_errors_of_long_rows_are_a_curve():
    rows = np.ones((2, 20, 3))
    curve = errors_plot(rows, rows * 3).axes[1]
    assert not list(curve.patches)
    assert curve.get_lines()[0].get_ydata().tolist() == [2.0] * 60
    assert curve.get_xlabel() == "position in a row, from 0 (rows of shape (20, 3), laid flat)"


def test_rows_must_pair():
    with pytest.raises(ValueError, match=r"^takes two arrays of one shape, received \(2, 3\) and \(2, 2\)$"):
        errors_plot(np.ones((2, 3)), np.ones((2, 2)))
    with pytest.raises(ValueError, match=r"^rows of shape \(3,\) and \(3,\) are no pairs of pictures$"):
        pictures_plot(np.ones((2, 3)), np.ones((2, 3)), [0, 1])


@pytest.mark.usefixtures("drawn")
def test_the_quantities_of_each_output_stand_in_lines_of_their_own():
    names = ["loss", "a_loss", "a_b_loss", "a_accuracy", "a_b_mae", "learning_rate"]
    history = {name: [1.0, 2.0] for name in [*names, *(f"val_{name}" for name in names[:-1])]}
    figure = history_plot(history, outputs=("a", "a_b"))
    grid = [title(axes) if axes.axison else None for axes in figure.axes]
    assert grid == ["loss", "learning_rate", "a_loss", "a_accuracy", "a_b_loss", "a_b_mae"]
    assert figure.axes[0].get_gridspec().ncols == 2
    many = {name: [1.0] for name in ["loss", *(f"a_m{i}" for i in range(4)), "b_loss"]}
    grid = [title(axes) if axes.axison else None for axes in history_plot(many, outputs=("a", "b")).axes]
    assert grid == ["loss", None, "a_m0", "a_m1", "a_m2", "a_m3", "b_loss", None]
