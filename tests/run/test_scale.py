"""Numbers that are fed to a network as large as they are: told, unless something scales them."""

import numpy as np
import pytest

from nntrain.config import load_config
from nntrain.run.reading import read_data
from nntrain.run.scale import unscaled

DENSE = "{type: Dense, units: 1}"
CONV = "{type: Conv2D, filters: 2, kernel_size: 3, activation: relu}"
ADVICE = ", and nothing scales them: networks learn badly from such numbers; set data.preprocess.numeric: "


def notes(folder, data, layers, preprocess=""):
    file = folder / "my.yaml"
    lines = "".join(f"    - {layer}\n" for layer in layers)
    steps = f"  preprocess: {preprocess}\n" if preprocess else ""
    file.write_text(f"data:\n  {data}\n{steps}model:\n  layers:\n{lines}training: {{loss: mse, epochs: 1}}\n")
    config = load_config(file)
    return list(unscaled(config, read_data(config)))


@pytest.fixture
def table(tmp_path):
    rows = "".join(f"{i % 60 + 1900},{i * 7 % 100},{i * 3 % 7},{i % 11}\n" for i in range(120))
    (tmp_path / "t.csv").write_text("year,share,rooms,y\n" + rows)
    return "type: csv\n  path: t.csv\n  target: y\n  task: regression"


@pytest.fixture
def images(tmp_path):
    x = np.random.default_rng(0).integers(0, 256, (40, 6, 6, 1), np.uint8)
    np.savez(tmp_path / "t.npz", x=x, y=np.arange(40.0))
    return "type: npz\n  path: t.npz\n  task: regression"


def test_columns_are_named_with_their_ends_the_farthest_first(tmp_path, table):
    assert notes(tmp_path, table, [DENSE]) == [
        f"columns 'year' (1900 to 1959), 'share' (0 to 99) hold large numbers{ADVICE}{{scale: standard}}"
    ]
    assert notes(tmp_path, table, [DENSE], "{columns: {year: {scale: standard}}}") == [
        f"column 'share' (0 to 99) holds large numbers{ADVICE}{{scale: standard}}"
    ]


def test_bytes_are_told_by_their_range(tmp_path, images):
    assert notes(tmp_path, images, [CONV, "Flatten", DENSE]) == [
        f"the features go from 0 to 255{ADVICE}{{scale: rescale, range: [0, 255]}}"
    ]


def test_other_arrays_are_standardised(tmp_path):
    np.savez(tmp_path / "t.npz", x=np.linspace(-500, 500, 400).reshape(40, 10), y=np.arange(40.0))
    assert notes(tmp_path, "type: npz\n  path: t.npz\n  task: regression", [DENSE]) == [
        f"the features go from -500 to 500{ADVICE}{{scale: standard}}"
    ]


SCALING = {
    "Rescaling": ["{type: Rescaling, scale: 0.004}", CONV, "Flatten", DENSE],
    "a normalisation": ["{type: RandomFlip, mode: horizontal}", "BatchNormalization", CONV, "Flatten", DENSE],
    "in a stack": ["{layers: [{type: Rescaling, scale: 0.004}, Flatten]}", DENSE],
}


@pytest.mark.parametrize("name", SCALING)
def test_a_layer_that_scales_says_enough(tmp_path, images, name):
    assert notes(tmp_path, images, SCALING[name]) == []


@pytest.mark.parametrize(
    "before", ["{type: RandomFlip, mode: horizontal}", CONV, f"{{layers: [MaxPooling2D, {CONV}]}}"]
)
def test_a_layer_that_does_not_scale_is_looked_through(tmp_path, images, before):
    assert len(notes(tmp_path, images, [before, "Flatten", DENSE])) == 1


def test_fit_says_so(tmp_path, nntrain, table):
    notes(tmp_path, table, [DENSE])
    done = nntrain("fit", "my.yaml", "--smoke", cwd=tmp_path)
    assert "note: columns 'year' (1900 to 1959), 'share' (0 to 99) hold large numbers, and" in done.err
