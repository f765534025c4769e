"""Learning curves of several runs in one picture."""

import io

import numpy as np
import pytest
from PIL import Image

from nntrain.report.overlaid import LOOKS, overlaid_plot

COURSE = {
    "loss": [1.0, 0.5],
    "accuracy": [0.4, 0.6],
    "val_loss": [1.1, float("nan")],
    "learning_rate": [0.1, 0.1],
}


def size(png):
    return Image.open(io.BytesIO(png)).size


def test_training_stands_above_validation():
    both = size(overlaid_plot({"A": COURSE, "B": COURSE}))
    training = {name: values for name, values in COURSE.items() if not name.startswith("val_")}
    assert both[1] > 1.6 * size(overlaid_plot({"A": training, "B": training}))[1]


def test_six_runs_have_six_looks():
    picture = overlaid_plot({f"{i}  runs/a/{i}": {"loss": [i + 1.0, i + 0.5]} for i in range(6)})
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).reshape(-1, 3)
    known = {tuple(pixel) for pixel in np.unique(pixels, axis=0).tolist()}
    for colour, _, _ in LOOKS:
        assert tuple(bytes.fromhex(colour[1:])) in known
    assert len({line for _, line, _ in LOOKS}) == len({marker for _, _, marker in LOOKS}) == len(LOOKS)


def test_nothing_to_draw_is_a_bug():
    with pytest.raises(ValueError, match="hold no quantity to draw"):
        overlaid_plot({"A": {}})
