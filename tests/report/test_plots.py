import struct
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_hex

from nntrain.report.figure import TRAINING, VALIDATION, shorten
from nntrain.report.plots import confusion_plot, history_plot, predicted_actual_plot, residuals_plot

DIGITS = np.diag([9] * 10) + np.eye(10, k=1, dtype=int)


def lines(axes):
    return {line.get_label(): line for line in axes.get_lines() if not line.get_label().startswith("_")}


def size(png):
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


@pytest.mark.parametrize(
    "make",
    [
        lambda: history_plot({"loss": [2.0, 1.0, 0.5], "val_loss": [2.0, 1.5, 1.6]}, best_epoch=2),
        lambda: confusion_plot([[5, 1], [0, 7]], ["no", "yes"]),
        lambda: predicted_actual_plot([1.0, 2.0, 3.0], [1.5, 2.0, 2.5]),
        lambda: residuals_plot([1.0, 2.0, 3.0], [1.5, 2.0, 2.5]),
    ],
    ids=["history", "confusion", "predicted_actual", "residuals"],
)
def test_plots_are_the_same_png_whatever_the_reader_has_set(make):
    png = make().png
    width, height = size(png)
    assert 400 < width < 1400
    assert 300 < height < 1400
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "savefig.dpi": 20}):
        assert make().png == png


def test_no_backend_is_chosen_and_nothing_heavy_is_imported_early():
    code = (
        "import sys; from nntrain.report import plots, tables;"
        "assert not {'matplotlib', 'rich'} & set(sys.modules);"
        "plots.history_plot({'loss': [1.0]}).png; assert 'matplotlib.pyplot' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("drawn")
def test_training_and_validation_share_a_panel_and_keep_their_colours():
    figure = history_plot(
        {
            "loss": [3, 2, 1],
            "accuracy": [0.1, 0.2, 0.3],
            "val_loss": [3, 1, 2],
            "val_accuracy": [0.1, 0.4, 0.2],
        },
        best_epoch=2,
        stopped_epoch=3,
    )
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["loss", "accuracy"]
    for axes in figure.axes:
        curves = lines(axes)
        assert list(curves) == ["training", "validation", "best epoch", "stopped early"]
        assert list(curves["stopped early"].get_xdata()) == [3, 3]
        assert to_hex(curves["training"].get_color()).upper() == TRAINING
        assert to_hex(curves["validation"].get_color()).upper() == VALIDATION
        assert curves["training"].get_linestyle() != curves["validation"].get_linestyle()
        assert list(curves["best epoch"].get_xdata()) == [2, 2]
        assert axes.get_yscale() == "linear"
        assert all(float(tick).is_integer() for tick in axes.get_xticks())
    assert lines(figure.axes[1])["validation"].get_ydata().tolist() == [0.1, 0.4, 0.2]
    assert figure.get_suptitle() == "3 epochs of training, best after epoch 2, stopped early after epoch 3"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "training",
        "validation",
        "best epoch",
        "stopped early",
    ]


@pytest.mark.usefixtures("drawn")
def test_one_epoch_is_drawn_as_points():
    figure = history_plot({"loss": [0.5], "val_loss": [0.6]})
    curves = lines(figure.axes[0])
    assert {curve.get_marker() for curve in curves.values()} == {"o"}
    low, high = figure.axes[0].get_xlim()
    assert [tick for tick in figure.axes[0].get_xticks() if low <= tick <= high] == [1]
    assert figure.get_suptitle() == "1 epoch of training"


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize(
    ("name", "values", "scale"),
    [
        ("loss", [1.0, 0.0099], "log"),
        ("loss", [1.0, 0.0101], "linear"),
        ("loss", [1.0, 0.001, 0.0], "linear"),
        ("accuracy", [0.001, 0.9], "linear"),
        ("learning_rate", [1e-2, 1e-5], "log"),
    ],
)
def test_an_error_that_spans_more_than_two_decades_is_drawn_on_a_log_scale(name, values, scale):
    axes = history_plot({name: values}).axes[0]
    assert axes.get_yscale() == scale
    if scale == "log":
        assert "$" not in "".join(label.get_text() for label in axes.get_yticklabels())


@pytest.mark.usefixtures("drawn")
def test_thousands_of_a_large_loss_stand_apart():
    axes = history_plot({"loss": [90_000.0, 60_000.0, 40_000.0]}).axes[0]
    assert "60,000" in [label.get_text() for label in axes.get_yticklabels()]


@pytest.mark.usefixtures("drawn")
def test_epochs_without_a_number_are_left_out_and_the_rest_is_joined():
    nan = float("nan")
    figure = history_plot({"loss": [4, 3, 2, nan], "val_loss": [nan, 3, nan, 2], "auc": [nan, nan, nan, nan]})
    curves = lines(figure.axes[0])
    assert curves["training"].get_xdata().tolist() == [1, 2, 3]
    assert curves["validation"].get_xdata().tolist() == [2, 4]
    assert lines(figure.axes[1]) == {}


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize("count", [1, 3, 4, 7])
def test_every_quantity_has_a_panel_and_the_rest_of_the_grid_is_empty(count):
    figure = history_plot({f"metric_{i}": [1, 2] for i in range(count)})
    shown = [axes.get_title(loc="left") for axes in figure.axes if axes.axison]
    assert shown == [f"metric_{i}" for i in range(count)]


def test_a_history_without_quantities_is_refused():
    with pytest.raises(ValueError, match="no quantity"):
        history_plot({})


@pytest.mark.usefixtures("drawn")
def test_confusion_cells_hold_counts_and_their_colour_the_share_of_the_row():
    axes, bar = confusion_plot([[30, 10], [0, 1200]], ["no", "yes"]).axes
    assert [text.get_text() for text in axes.texts] == ["30\n75%", "10\n25%", "0", "1,200\n100%"]
    assert axes.images[0].get_array().tolist() == [[0.75, 0.25], [0, 1]]
    assert axes.images[0].get_clim() == (0, 1)
    assert axes.get_title(loc="left") == "1,230 of 1,240 rows classified correctly (99.2%)"
    assert [label.get_text() for label in axes.get_yticklabels()] == ["no", "yes"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted class", "actual class")
    assert bar.get_ylabel() == "share of the actual class's rows"


@pytest.mark.usefixtures("drawn")
def test_a_class_without_rows_has_no_share():
    axes, bar = confusion_plot([[3, 1], [0, 0]], ["a", "b"]).axes
    assert axes.images[0].get_array().mask.tolist() == [[False, False], [True, True]]
    assert bar.get_ylabel().endswith("(grey: no rows)")


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize(("classes", "texts", "names"), [(20, 400, 20), (21, 0, 21), (150, 0, 50)])
def test_many_classes_lose_the_counts_first_and_then_some_names(classes, texts, names):
    axes = confusion_plot(np.eye(classes, dtype=int), [str(i) for i in range(classes)]).axes[0]
    assert len(axes.texts) == texts
    assert len(axes.get_xticklabels()) == names


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize(("prefix", "angle"), [("", 0), ("a rather long class ", 90)])
def test_long_names_stand_upright(prefix, angle):
    axes = confusion_plot(DIGITS, [f"{prefix}{i}" for i in range(10)]).axes[0]
    assert {label.get_rotation() for label in axes.get_xticklabels()} == {angle}
    assert {label.get_rotation() for label in axes.get_yticklabels()} == {0}


@pytest.mark.filterwarnings("error")
def test_class_names_are_text_whatever_they_hold():
    size(confusion_plot([[1, 0], [0, 1]], ["$x_{$", "猫\x1b[31m"]).png)


def test_a_long_name_is_cut_in_its_middle():
    assert shorten("newsgroup.science.medicine.17", 16) == "newsgroup.…ne.17"
    assert len(shorten("newsgroup.science.medicine.17", 16)) == 16
    assert shorten("exact", 5) == "exact"
    assert shorten("a\x1b[31mb", 20) == "a\N{REPLACEMENT CHARACTER}[31mb"


def test_a_confusion_matrix_has_a_row_and_a_column_for_each_name():
    with pytest.raises(ValueError, match=r"^3 class names for a confusion matrix of shape \(2, 2\)$"):
        confusion_plot([[1, 0], [0, 1]], ["a", "b", "c"])


@pytest.mark.usefixtures("drawn")
def test_predicted_against_actual_has_equal_axes_and_the_identity():
    axes = predicted_actual_plot([1.0, 5.0], [2.0, 9.0]).axes[0]
    assert axes.get_xlim() == axes.get_ylim()
    identity = lines(axes)["predicted = actual"]
    assert identity.get_xdata().tolist() == identity.get_ydata().tolist()
    assert axes.collections[0].get_offsets().tolist() == [[1, 2], [5, 9]]
    assert axes.get_title(loc="left") == "Predicted against actual, 2 rows"


@pytest.mark.usefixtures("drawn")
def test_residuals_are_actual_minus_predicted():
    axes, side = residuals_plot([1.0, 5.0, 2.0], [2.0, 9.0, 2.0]).axes
    assert axes.collections[0].get_offsets().tolist() == [[2, -1], [9, -4], [2, 0]]
    assert sum(bar.get_width() for bar in side.patches) == 3
    assert axes.get_title(loc="left") == "Residuals, 3 rows: mean -1.667"


@pytest.mark.parametrize("actual", [[3.0], [0.0, 0.0], [1e8, 1e8 + 2e-8], [-1e12, 1e12]])
@pytest.mark.parametrize("make", [predicted_actual_plot, residuals_plot])
def test_numbers_that_hardly_differ_or_are_huge_can_be_drawn(make, actual):
    size(make(actual, [1.0] * len(actual)).png)


@pytest.mark.parametrize("make", [predicted_actual_plot, residuals_plot])
def test_numbers_must_pair(make):
    with pytest.raises(ValueError, match=r"^takes two arrays of shape \(n,\), received \(2,\) and \(2, 1\)$"):
        make([1, 2], [[1], [2]])
