"""Images: a folder for each class, with masks or without, or a list of files and of what they show."""

from __future__ import annotations

import csv
from pathlib import Path

from nntrain.config.data import Column, ImagesSource
from nntrain.data.images.folders import SPLITS
from nntrain.run.eject.code import WIDTH, Call, Expression, lines, literal, text
from nntrain.run.eject.draft import Draft, Source
from nntrain.run.eject.sources import tables

PIXELS = '''
def pixels(file):
    """An image as bytes, shape `(height, width, {channels})`."""
    image = Image.open(file).convert("{mode}")
{steps}    return np.asarray(image).reshape({shape})
'''
MASK = '''
def mask(file):
    """The class of each pixel, shape `(height, width)`."""
    image = Image.open(file)
{steps}    return np.asarray(image){classes}
'''
MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def images(draft: Draft, data: ImagesSource) -> Source:
    """The lines that give `x`, bytes, and what each image or each of its pixels shows."""
    draft.need("from PIL import Image", "from pathlib import Path")
    height, width, channels = next(iter(draft.dataset.input_shapes.values()))
    steps = _steps(data, "Image.Resampling.BILINEAR")
    shape = f"{height}, {width}, {channels}"
    draft.define(PIXELS.format(channels=channels, mode=MODES[channels], shape=shape, steps=steps))
    if data.task == "segmentation":
        two = " > 0" if len(draft.dataset.classes) == 2 else ""
        draft.define(MASK.format(steps=_steps(data, "Image.Resampling.NEAREST"), classes=two))
    return _of_list(draft, data) if data.list is not None else _of_folder(draft, data)


def _of_list(draft: Draft, data: ImagesSource) -> Source:
    """Files that a table names; it holds the targets too."""
    assert data.list is not None
    draft.need("import pandas as pd")
    header = _header(draft, data)
    found = lines("table = ", Call("pd.read_csv", [draft.path(data.list)], _written(draft, data, header)))
    if not data.header:
        found.append('table.columns = [f"c{i}" for i in range(table.shape[1])]')
    folder = draft.path(Path(data.list).parent.as_posix())
    found.append(f"files = [Path({folder}, name) for name in {_column(data.file_column, header)}]")
    found.append("x = np.stack([pixels(file) for file in files])")
    if data.task == "segmentation":
        (masks,) = data.target_columns
        found.append(f"masks = [Path({folder}, name) for name in {_column(masks, header)}]")
        found.append("y = np.stack([mask(file) for file in masks])")
    else:
        found += tables.targets(draft)
    return Source(found, "len(x)")


def _written(draft: Draft, data: ImagesSource, header: list[str]) -> dict[str, Expression]:
    """How the list is written, for pandas; names of groups stay texts where they look like numbers."""
    named: dict[str, Expression] = {}
    if _delimiter(data) != ",":
        named["sep"] = text(_delimiter(data))
    if not data.header:
        named["header"] = "None"
    if data.split.by_group is not None:
        group = data.split.by_group
        group = header[group] if header and isinstance(group, int) else group
        named["dtype"] = literal({group: "str"})
    if tables.PANDAS & {name for target in draft.dataset.targets for name in target.names}:
        named["keep_default_na"] = "False"
    return named


def _header(draft: Draft, data: ImagesSource) -> list[str]:
    """The names of the list's columns; none where it has no header."""
    assert data.list is not None
    if not data.header:
        return []
    with Path(draft.config.origin.folder, data.list).open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file, delimiter=_delimiter(data)))


def _delimiter(data: ImagesSource) -> str:
    tabs = data.list is not None and data.list.lower().endswith(".tsv") and data.delimiter == ","
    return "\t" if tabs else data.delimiter


def _column(column: Column, header: list[str]) -> str:
    if isinstance(column, int):
        column = header[column] if header else f"c{column}"
    return f"table[{text(column)}]"


def _of_folder(draft: Draft, data: ImagesSource) -> Source:
    """Files of a folder, in one for each class, in one for each set, or side by side."""
    assert data.path is not None
    folder = Path(draft.config.origin.folder, data.path)
    own = [name for name in SPLITS if (folder / name).is_dir()]
    inside = folder / own[0] if own else folder
    nested = any(entry.is_dir() for entry in inside.iterdir())
    pattern, path = text("*/*" if nested else "*"), draft.path(data.path)
    divided: tuple[str, ...] = ()
    if own:
        found = [f"{name} = sorted(Path({path}, {text(name)}).glob({pattern}))" for name in own]
        found.append(f"files = [*{', *'.join(own)}]")
    else:
        found = [f"files = sorted(Path({path}).glob({pattern}))"]
    found.append("x = np.stack([pixels(file) for file in files])")
    if data.task == "segmentation":
        assert isinstance(data.masks, str)
        beside = f"Path({draft.path(data.masks)}{', file.parent.name' if nested else ''})"
        each = f'next({beside}.glob(f"{{file.stem}}.*")) for file in files'
        flat = f"masks = [{each}]"
        found += [flat] if len(flat) <= WIDTH else ["masks = [", f"    {each}", "]"]
        found.append("y = np.stack([mask(file) for file in masks])")
    elif data.task != "reconstruction":
        found.append("y = np.array([file.parent.name for file in files])")
    if own:
        ends = ", ".join(f"len({name})" for name in own[:-1])
        cuts = f"[{ends}]" if len(own) == 2 else f"np.cumsum([{ends}])"
        found.append(f"{', '.join(own)} = np.split(np.arange(len(files)), {cuts})")
        divided = tuple(name for name in own if name != "train")
    return Source(found, "len(x)", divided)


def _steps(data: ImagesSource, how: str) -> str:
    """The lines that resize and crop, within a function."""
    steps, found = data.preprocess.image, []
    if isinstance(steps.resize, tuple):
        height, width = steps.resize
        found.append(f"    image = image.resize(({width}, {height}), {how})")
    elif steps.resize is not None:
        found.append(f"    times = {steps.resize} / min(image.size)")
        found.append("    width, height = (round(side * times) for side in image.size)")
        found.append(f"    image = image.resize((width, height), {how})")
    if steps.crop is not None:
        height, width = steps.crop
        found += [
            f"    left, top = (image.width - {width}) // 2, (image.height - {height}) // 2",
            f"    image = image.crop((left, top, left + {width}, top + {height}))",
        ]
    return "".join(f"{line}\n" for line in found)
