"""Folders of images, one for each class, or with a mask for each image."""

from __future__ import annotations

from nntrain.config.data import ImagesSource
from nntrain.run.eject.draft import Draft, Source

READ = '''
def pixels(file):
    """An image as bytes, shape `(height, width, {channels})`."""
    image = Image.open(file).convert("{mode}")
    return np.asarray(image).reshape({shape})
'''
STEPPED = '''
def pixels(file):
    """An image as bytes, shape `(height, width, {channels})`."""
    image = Image.open(file).convert("{mode}")
{steps}
    return np.asarray(image).reshape({shape})
'''
MASK = '''
def mask(file):
    """The class of each pixel, shape `(height, width)`."""
    image = Image.open(next(Path({folder}).glob(f"{{file.stem}}.*")))
{steps}    return np.asarray(image){classes}
'''
MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def images(draft: Draft, data: ImagesSource) -> Source:
    """The lines that give `x`, bytes, and the class of each image or of each of its pixels."""
    assert data.path is not None
    draft.need("from PIL import Image", "from pathlib import Path")
    height, width, channels = next(iter(draft.dataset.input_shapes.values()))
    steps = _steps(data, "Image.Resampling.BILINEAR")
    template = STEPPED if steps else READ
    shape = f"{height}, {width}, {channels}"
    draft.define(
        template.format(channels=channels, mode=MODES[channels], shape=shape, steps="\n".join(steps))
    )
    pattern = "*" if data.task == "segmentation" else "*/*"
    found = [f'files = sorted(Path({draft.path(data.path)}).glob("{pattern}"))']
    found.append("x = np.stack([pixels(file) for file in files])")
    if data.task == "segmentation":
        assert isinstance(data.masks, str)
        two = " > 0" if len(draft.dataset.classes) == 2 else ""
        lines = "".join(f"{line}\n" for line in _steps(data, "Image.Resampling.NEAREST"))
        draft.define(MASK.format(folder=draft.path(data.masks), steps=lines, classes=two))
        found.append("y = np.stack([mask(file) for file in files])")
    elif data.task != "reconstruction":
        found.append("y = np.array([file.parent.name for file in files])")
    return Source(found, "len(x)")


def _steps(data: ImagesSource, how: str) -> list[str]:
    """The lines that resize and crop, within a function."""
    steps, found = data.preprocess.image, []
    if isinstance(steps.resize, tuple):
        height, width = steps.resize
        found.append(f"    image = image.resize(({width}, {height}), {how})")
    if steps.crop is not None:
        height, width = steps.crop
        found += [
            f"    left, top = (image.width - {width}) // 2, (image.height - {height}) // 2",
            f"    image = image.crop((left, top, left + {width}, top + {height}))",
        ]
    return found
