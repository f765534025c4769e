"""Image files: folders of them, or a list that says what each shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from nntrain.config.data_beside import beside_faults
from nntrain.config.data_preprocess import Preprocess
from nntrain.config.data_section import (
    FROM_LIST,
    TARGET,
    Column,
    Names,
    SomeColumns,
    as_columns,
    column_faults,
    port_faults,
)
from nntrain.config.data_streaming import REMEDY, StreamedSection
from nntrain.config.data_tables import target_columns
from nntrain.config.section import Fault, Section, fault, faults

Side = Annotated[int, Field(ge=1, le=16384)]
HeightAndWidth = Annotated[tuple[Side, Side], FROM_LIST]
Color = Literal["auto", "grey", "rgb", "rgba"]
ImageTask = Literal["auto", "classification", "regression", "multi_label", "reconstruction", "segmentation"]


class ImageSteps(Section):
    """What is done to every image before its bytes are numbers, in this order; nothing is learnt for it."""

    color: Color = "auto"
    """`grey`: one number a pixel; `rgb`: three; `rgba`: four, the last being opacity. `auto`: grey if every
    image is grey, rgb otherwise."""
    resize: HeightAndWidth | Side | None = Field(default=None, examples=[[32, 32]])
    """Height and width that every image is brought to, whatever its shape was; or one number, the length of
    the shorter side, which keeps the shape."""
    crop: HeightAndWidth | None = Field(default=None, examples=[[28, 28]])
    """Height and width of the middle that is kept."""

    @model_validator(mode="after")
    def _crop_is_inside(self) -> Self:
        if self.crop is None or self.resize is None:
            return self
        if isinstance(self.resize, tuple):
            too_large = self.crop[0] > self.resize[0] or self.crop[1] > self.resize[1]
            left = f"which is {_sides(self.resize)}"
        else:
            too_large = min(self.crop) > self.resize
            left = f"whose shorter side is {self.resize}"
        if too_large:
            message = (
                f"{_sides(self.crop)} is more than 'resize' leaves, {left}; crop less, or resize to more"
            )
            raise fault(message, "crop")
        return self


class ImagePreprocess(Preprocess):
    """What happens to images between the file and the model."""

    image: ImageSteps = ImageSteps()
    """Images as wholes; `numeric` is for the numbers of their pixels."""


class ImagesSource(StreamedSection):
    """PNG, JPEG, GIF, BMP and WebP files as arrays of bytes, shape (rows, height, width, colours)."""

    type: Literal["images"]
    task: ImageTask = "auto"  # type: ignore[assignment]
    """What the target is. `classification`: the class of an image, which its folder or the list names;
    `segmentation`: the class of each of its pixels, which `masks` hold; `regression` and `multi_label`:
    numbers, or labels of 0 and 1, from a list; `reconstruction`: the prepared images themselves. `auto`:
    classes for folders and for texts in a list, else what suits the loss."""
    path: str | None = Field(default=None, min_length=1, examples=["data/flowers"])
    """The folder; relative to the config file. It holds a folder of images for each class, or `train` with
    such folders and, where there are any, `validation` and `test`. Either `path` or `list` is required."""
    list: str | None = Field(default=None, min_length=1)
    """A CSV file instead of `path`: each line names an image, relative to the list, and what it shows."""
    file: Column | None = None
    """The column of the list that names the images, by name or position; the first if left out."""
    target: Column | SomeColumns | None = None
    """The column of the list to predict, or several of them; the second if left out."""
    targets: dict[str, Column | SomeColumns] | None = None
    """What each output of the network predicts, by the output layer's name: a column of the list, or several
    columns of numbers; in place of `target`."""
    masks: Column | None = None
    """For `task: segmentation`: the folder of the masks, each called like its image and in the same folder
    inside; with a `list` the column that names them. A mask is a PNG, BMP, TIFF or GIF file of one channel,
    as large as its image, whose numbers are classes: of a palette the index; 0 and 255 alone are read as 0
    and 1."""
    class_names: Names | None = None
    """What the numbers 0, 1, 2, ... of masks are called; without it they are their own names."""
    ignore_label: int | None = Field(default=None, ge=0, le=255)
    """A number above the classes', such as 255: loss and scores leave out pixels that masks mark with it."""
    header: bool = True
    """Whether the first line of the list holds the columns' names."""
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    """The character between two cells of the list."""
    skip_bad: bool = False
    """Leave out files that can't be read as images, and say how many, instead of stopping."""
    cache: bool = True
    """Keep the pixels of sets of 1,000 images and more in `$NNTRAIN_CACHE_HOME` (`~/.cache/nntrain` without
    it), to be read again while no file's name, size or time has changed."""
    preprocess: ImagePreprocess = ImagePreprocess()
    """Steps that every image goes through, and those fitted on the training rows; stored with the run."""

    @property
    def undivided(self) -> str:
        """Why images can't be divided by a group or a time; empty for those of a list."""
        if self.list is not None:
            return ""
        return (
            "names a column, and a folder of images has none; name the images, what they show and this "
            "column in a 'list', or remove this"
        )

    @property
    def columns_beside(self) -> dict[tuple[str, ...], Column]:
        """Columns of the list that divide images, by the keys under `data` that name them."""
        given = {("split", key): getattr(self.split, key) for key in ("by_group", "by_time")}
        return {keys: column for keys, column in given.items() if column is not None}

    @property
    def file_column(self) -> Column:
        """The column of the list that names the images."""
        return 0 if self.file is None else self.file

    @property
    def target_columns(self) -> tuple[Column, ...]:
        """The columns of the list to predict, or the one that names the masks."""
        if self.task == "segmentation":
            return (1 if self.path is not None or self.masks is None else self.masks,)
        return (1,) if self.target is None else as_columns(self.target)

    @property
    def predicted_columns(self) -> dict[str, tuple[Column, ...]]:
        """The columns of the list to predict, by output; the only target is called `target`."""
        several = target_columns(None, self.targets)
        return several or {TARGET: self.target_columns}

    @property
    def streaming_faults(self) -> tuple[Fault, ...]:
        """What is asked for that takes all rows in memory."""
        found = super().streaming_faults
        if self.task == "segmentation":
            found += ((f"'segmentation' takes all rows in memory, {REMEDY}", ("task",), "conflict"),)
        return found

    @model_validator(mode="after")
    def _folder_or_list(self) -> Self:
        found: list[Fault] = []
        if self.path is None and self.list is None:
            message = "is missing; name a folder that holds a folder of images for each class, or a 'list'"
            found.append((message, ("path",), "missing-key"))
        if self.streaming is True and not self.cache:
            message = "is needed by 'streaming: true', whose rows stay in the cache; remove one of the two"
            found.append((message, ("cache",), "conflict"))
        if self.path is not None and self.list is not None:
            found.append(("is given besides 'path'; keep one of the two", ("list",), "conflict"))
        elif self.path is not None:
            own: dict[str, object] = {"file": self.file, "target": self.target, "targets": self.targets}
            own |= {"header": None if self.header else False}
            own |= {"delimiter": None if self.delimiter == "," else self.delimiter}
            found += [
                ("is about a 'list' of images, and this is a folder; remove it", (key,), "conflict")
                for key, value in own.items()
                if value is not None
            ]
            if self.task in ("regression", "multi_label"):
                message = (
                    f"the folder of an image is its class, and '{self.task}' needs numbers; give them in a "
                    "'list' of images, or remove this"
                )
                found.append((message, ("task",), "conflict"))
        elif self.task == "reconstruction" and self.target is not None:
            message = "'task: reconstruction' predicts the images themselves; remove this"
            found.append((message, ("target",), "conflict"))
        if self.list is not None:
            found += self._list_faults()
        found += _mask_faults(self)
        if found:
            raise faults(*found)
        return self

    def _list_faults(self) -> Iterator[Fault]:
        """What is wrong with the parts that columns of a list play."""
        if self.targets is not None and self.target is not None:
            yield "is given besides 'targets'; keep one of the two", ("target",), "conflict"
            return
        if self.task in ("reconstruction", "segmentation") and self.targets is not None:
            what = "the images themselves" if self.task == "reconstruction" else "the masks"
            yield f"'task: {self.task}' predicts {what}; remove this", ("targets",), "conflict"
            return
        named = self.targets is not None
        yield from port_faults(self.task, None, self.predicted_columns if named else None)
        predicted = {} if self.task == "reconstruction" else self.predicted_columns
        claimed: dict[tuple[str, ...], tuple[Column, ...]] = {
            ("targets", name) if named else ("target",): columns for name, columns in predicted.items()
        }
        yield from column_faults({}, claimed) if named else ()
        yield from beside_faults({}, claimed, self.columns_beside)


def _mask_faults(source: ImagesSource) -> Iterator[Fault]:
    """What is wrong with the keys about masks."""
    if source.task != "segmentation":
        own = {"masks": source.masks, "class_names": source.class_names, "ignore_label": source.ignore_label}
        for key, value in own.items():
            if value is not None:
                message = f"is for 'task: segmentation', and the task is {source.task}"
                yield f"{message}; set task: segmentation, or remove this", (key,), "conflict"
        return
    if source.masks is None:
        what = "the folder of the masks, each called like its image"
        what = "the column of the list that names each image's mask" if source.list is not None else what
        yield f"is missing: 'task: segmentation' learns from masks; name {what}", ("masks",), "missing-key"
    elif source.path is not None and source.list is None and not isinstance(source.masks, str):
        yield f"must name the folder of the masks, got {source.masks}", ("masks",), "conflict"
    if source.list is not None and source.target is not None:
        yield "'task: segmentation' predicts the masks; remove this", ("target",), "conflict"
    names = source.class_names
    if names is None:
        return
    if len(names) < 2:
        message = "a segmentation needs at least two classes; name what the numbers 0 and 1 of masks mean"
        yield message, ("class_names",), "conflict"
    for i, name in enumerate(names):
        if name in names[:i]:
            yield f"'{name}' is named twice; give each class its own name", ("class_names", i), "conflict"
    if source.ignore_label is not None and source.ignore_label < len(names):
        named = names[source.ignore_label]
        message = f"{source.ignore_label} is the class '{named}' of class_names; ignore a number above those"
        yield message, ("ignore_label",), "conflict"


def _sides(size: tuple[int, int]) -> str:
    return f"[{size[0]}, {size[1]}]"
