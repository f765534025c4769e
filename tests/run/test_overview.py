"""What stands over the sample images of a data page."""

import numpy as np
import pytest
from PIL import Image

from nntrain import load_config
from nntrain.run.overview import _images, _images_title, page, survey

CONFIG = """\
data: {type: images, list: list.csv, target: [a, b], task: TASK, split: {validation: 0, test: 0}}
model: {layers: [{type: Flatten}, {type: Dense, units: 2, activation: sigmoid}]}
training: {loss: LOSS, epochs: 1}
"""


@pytest.mark.parametrize(
    ("task", "loss", "rows", "labels", "title"),
    [
        (
            "regression",
            "mse",
            ["0.5,12345.678", "1,-2"],
            ["0.5, 1.235e+04", "1, -2"],
            "The first 2 training rows and their target",
        ),
        (
            "multi_label",
            "binary_crossentropy",
            ["1,1", "0,0", "0,1"],
            ["a, b", "no label", "b"],
            "The first 3 training rows and their labels",
        ),
    ],
)
def test_images_stand_under_what_is_to_be_predicted(task, loss, rows, labels, title, tmp_path, write_config):
    lines = ["file,a,b"]
    for i, row in enumerate(rows):
        Image.fromarray(np.full((8, 8), 20 * i, np.uint8)).save(tmp_path / f"{i}.png")
        lines.append(f"{i}.png,{row}")
    (tmp_path / "list.csv").write_text("\n".join(lines) + "\n")
    config = load_config(write_config(CONFIG.replace("TASK", task).replace("LOSS", loss)))
    view, found = survey(config)
    assert [label for label, _ in _images(view, "features", view.targets[0])] == labels
    assert _images_title(len(rows), view.targets[0]) == title
    assert page("t", view, found).startswith(b"\x89PNG")
