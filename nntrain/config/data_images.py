"""Image files: folders of them, or a list that says what each shows."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, Strict, model_validator

from nntrain.config.data_preprocess import Preprocess
from nntrain.config.data_section import (
    Column,
    SomeColumns,
    as_columns,
)
from nntrain.config.data_streaming import StreamedSection
from nntrain.config.section import Fault, Section, fault, faults

Side = Annotated[int, Field(ge=1, le=16384)]
HeightAndWidth = Annotated[tuple[Side, Side], Strict(False)]
Color = Literal["auto", "grey", "rgb", "rgba"]


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
    path: str | None = Field(default=None, min_length=1, examples=["data/flowers"])
    """The folder; relative to the config file. It holds a folder of images for each class, or `train` with
    such folders and, where there are any, `validation` and `test`. Either `path` or `list` is required."""
    list: str | None = Field(default=None, min_length=1)
    """A CSV file instead of `path`: each line names an image, relative to the list, and what it shows."""
    file: Column | None = None
    """The column of the list that names the images, by name or position; the first if left out."""
    target: Column | SomeColumns | None = None
    """The column of the list to predict, or several of them; the second if left out."""
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
    def file_column(self) -> Column:
        """The column of the list that names the images."""
        return 0 if self.file is None else self.file

    @property
    def target_columns(self) -> tuple[Column, ...]:
        """The columns of the list to predict."""
        return (1,) if self.target is None else as_columns(self.target)

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
            own = {"file": self.file, "target": self.target}
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
        if found:
            raise faults(*found)
        return self


def _sides(size: tuple[int, int]) -> str:
    return f"[{size[0]}, {size[1]}]"
