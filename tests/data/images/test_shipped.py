"""The images that are shipped are those that their script writes."""

import runpy

import numpy as np
from PIL import Image

from tests.conftest import CONFIGS


def test_the_shipped_images_are_those_of_their_script(tmp_path):
    runpy.run_path(str(CONFIGS / "data/make_digits_images.py"))["main"](tmp_path)
    shipped = CONFIGS / "data/digits_images"
    names = sorted(file.relative_to(shipped) for file in shipped.rglob("*.png"))
    assert names == sorted(file.relative_to(tmp_path) for file in tmp_path.rglob("*.png"))
    assert len(names) == 400
    for name in names:
        with Image.open(shipped / name) as ours, Image.open(tmp_path / name) as made:
            np.testing.assert_array_equal(np.asarray(ours), np.asarray(made))
    assert sum((shipped / name).stat().st_size for name in names) < 100_000
