"""Images that tests make, and a source that reads them."""

import zlib

import numpy as np
import pytest
from PIL import Image

from nntrain.config.data import ImagesSource
from nntrain.data.load import load


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """Nothing is written into the user's own cache."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("NNTRAIN_CACHE_HOME", str(folder))
    return folder / "images"


@pytest.fixture
def draw(tmp_path):
    """Write an image whose pixels differ from those of others: `draw('a/1.png', size=(4, 6), mode='RGB')`."""

    def write(name, size=(4, 6), mode="L", level=None, **options):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        channels = {"L": (), "LA": (2,), "RGB": (3,), "RGBA": (4,), "I;16": ()}[mode]
        random = np.random.default_rng(zlib.crc32(name.encode()))
        kind = np.uint16 if mode == "I;16" else np.uint8
        pixels = random.integers(0, np.iinfo(kind).max, (*size, *channels), kind)
        if level is not None:
            pixels[...] = level
        Image.fromarray(pixels).save(file, **options)
        return pixels

    return write


@pytest.fixture
def classes(draw):
    """Two classes of five grey images each in `set/`, four rows by six columns."""
    return {f"{kind}/{i}.png": draw(f"set/{kind}/{i}.png") for kind in ("cat", "dog") for i in range(5)}


@pytest.fixture
def read(tmp_path):
    """Read images as a config in the test's folder would."""

    def loaded(**settings):
        given = {} if "list" in settings else {"path": "set"}
        source = ImagesSource.model_validate({"type": "images", **given, **settings})
        return load(source, base=tmp_path, seed=0)

    return loaded
