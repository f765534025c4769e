"""One image file as bytes of pixels, by Pillow; what its header says is judged before it is decoded."""

from __future__ import annotations

import errno
import re
import struct
import warnings
import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from nntrain.config.data_images import ImageSteps

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")
LARGEST = 64_000_000
"""Pixels of an image at most."""
GREY = frozenset({"1", "L", "LA", "La", "I", "F"})
"""Pillow's modes without colours, but for those of 16 bits."""
MASK_FORMATS = ("PNG", "BMP", "TIFF", "GIF")
ONE_CHANNEL = frozenset({"1", "L", "P"})
"""Pillow's modes whose pixels are one number each, but for those of more than 8 bits."""
CHANNELS = {"grey": 1, "rgb": 3, "rgba": 4}
MODES = {"grey": "L", "rgb": "RGB", "rgba": "RGBA"}
ORIENTATION, LYING = 0x0112, 5
"""EXIF's tag for how the camera was held, and the least value that exchanges height and width."""
UNREADABLE = (
    *(OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError),
    *(struct.error, zlib.error, Image.DecompressionBombError),
)
"""What Pillow raises on files that are cut short, altered, or no images."""


class Header(NamedTuple):
    """What a file says of itself."""

    height: int
    width: int
    grey: bool
    alpha: bool
    """Whether pixels may be transparent."""
    deep: bool
    """Whether a number has more than 8 bits."""


def quiet() -> None:
    """Keep Pillow's warnings from the user: sizes are judged here, and what can't be read is told."""
    warnings.filterwarnings("ignore", module=r"PIL\.")


def read_header(path: str) -> Header | str:
    """The header of a file, or what is wrong with it, in words that follow its name."""
    try:
        with Image.open(path, formats=FORMATS) as image:
            return _header(image)
    except UNREADABLE as error:
        return reason(error)


def read_pixels(
    path: str, color: str, steps: ImageSteps, size: tuple[int, int]
) -> tuple[Header | str, NDArray[np.uint8] | None]:
    """A file's header, or what is wrong with the file; and its pixels if they are as expected.

    Args:
        path: The file.
        color: What the pixels become; a file with colours is not decoded to become grey unasked.
        steps: The other steps.
        size: Height and width that are expected once all steps are done.

    Returns:
        The pixels' shape is `(height, width, colours)`.
    """
    try:
        with Image.open(path, formats=FORMATS) as image:
            header = _header(image)
            unasked = (
                color == "grey" and steps.color == "auto" and isinstance(header, Header) and not header.grey
            )
            if isinstance(header, str) or unasked or shape_after(header, steps) != size:
                return header, None
            upright = ImageOps.exif_transpose(image) if _orientation(image) > 1 else image
            content = _stepped(_colored(upright, color), steps).tobytes()
    except UNREADABLE as error:
        return reason(error), None
    return header, np.frombuffer(content, np.uint8).reshape(*size, CHANNELS[color])


def _header(image: Image.Image) -> Header | str:
    width, height = image.size
    if width * height > LARGEST:
        return f"has {width:,} x {height:,} pixels, more than {LARGEST // 1_000_000} million"
    if _orientation(image) >= LYING:
        width, height = height, width
    alpha = "transparency" in image.info or image.mode in {"LA", "La", "PA", "RGBA", "RGBa"}
    deep = image.mode.startswith("I")
    return Header(height, width, image.mode in GREY or deep, alpha, deep)


def shape_after(header: Header, steps: ImageSteps) -> tuple[int, int]:
    """Height and width once all steps are done; a crop that an image is too small for leaves it as it is."""
    height, width = resized(header.height, header.width, steps)
    return steps.crop if steps.crop and _holds(height, width, steps.crop) else (height, width)


def resized(height: int, width: int, steps: ImageSteps) -> tuple[int, int]:
    """Height and width after `resize`."""
    if steps.resize is None:
        return height, width
    if isinstance(steps.resize, tuple):
        return steps.resize
    shorter = min(height, width)
    return round(height * steps.resize / shorter), round(width * steps.resize / shorter)


def _orientation(image: Image.Image) -> int:
    """How a camera says that it was held: 1 upright, 2 to 4 mirrored or upside down, 5 to 8 lying."""
    found = image.getexif().get(ORIENTATION, 1) if "exif" in image.info else 1
    return found if found in range(1, 9) else 1


def _colored(image: Image.Image, color: str) -> Image.Image:
    if image.mode.startswith("I"):
        numbers = np.clip(np.asarray(image), 0, 0xFFFF) >> 8
        image = Image.fromarray(numbers.astype(np.uint8))
    if image.mode == MODES[color]:
        return image
    if image.mode in {"P", "PA"}:  # by way of all four colours: a palette may be partly transparent
        image = image.convert("RGBA")
    return image.convert(MODES[color])


def _holds(height: int, width: int, crop: tuple[int, int]) -> bool:
    return height >= crop[0] and width >= crop[1]


def read_mask(path: str, steps: ImageSteps) -> tuple[tuple[int, int], NDArray[np.uint8]] | str:
    """A mask's height and width as in its file, and its numbers once all steps are done.

    Args:
        path: The file.
        steps: Those of the images; a number is never made of several.

    Returns:
        What is wrong with the file, in words that follow its name, where its numbers can't be read. The
        numbers of a palette image are indices of its palette.
    """
    try:
        with Image.open(path, formats=(*MASK_FORMATS, "JPEG", "WEBP")) as image:
            width, height = image.size
            fault = _no_mask(image)
            if fault:
                return fault
            numbers = np.asarray(image)
            if numbers.min() < 0 or numbers.max() > 255:
                return f"holds the number {numbers.max()}, and the numbers of masks go from 0 to 255"
            stepped = _stepped(Image.fromarray(numbers.astype(np.uint8)), steps, Image.Resampling.NEAREST)
            return (height, width), np.asarray(stepped)
    except UnidentifiedImageError:
        return "is no PNG, BMP, TIFF or GIF image"
    except UNREADABLE as error:
        return reason(error)


def _no_mask(image: Image.Image) -> str:
    """Why an image can't be a mask; empty where it can."""
    if image.width * image.height > LARGEST:
        return f"has {image.width:,} x {image.height:,} pixels, more than {LARGEST // 1_000_000} million"
    if image.format not in MASK_FORMATS:
        return f"is a {image.format} file, which need not keep numbers as they were; save it as PNG"
    if image.mode not in ONE_CHANNEL and not image.mode.startswith("I"):
        bands = len(image.getbands())
        what = f"has {bands} channels ({image.mode})" if bands > 1 else "holds fractions"
        return f"{what}, and a mask has one channel of class numbers: save it as grey or with a palette"
    return ""


def _stepped(
    image: Image.Image, steps: ImageSteps, how: Image.Resampling = Image.Resampling.BILINEAR
) -> Image.Image:
    height, width = resized(image.height, image.width, steps)
    if (height, width) != (image.height, image.width):
        image = image.resize((width, height), how)
    if steps.crop is not None and _holds(height, width, steps.crop):
        top, left = (height - steps.crop[0]) // 2, (width - steps.crop[1]) // 2
        image = image.crop((left, top, left + steps.crop[1], top + steps.crop[0]))
    return image


def reason(error: Exception) -> str:
    """What is wrong with a file, in words that follow its name."""
    if isinstance(error, UnidentifiedImageError):
        return "is no PNG, JPEG, GIF, BMP or WebP image"
    if isinstance(error, Image.DecompressionBombError):
        found = re.search(r"\d+", str(error))  # Pillow says how many before it says how many it allows
        count = f"{int(found[0]):,}, " if found else ""
        return f"has {count}more than {LARGEST // 1_000_000} million pixels"
    if isinstance(error, OSError) and error.errno is not None:
        return (
            "may not be read"
            if error.errno in {errno.EACCES, errno.EPERM}
            else f"can't be opened ({error.strerror})"
        )
    if "truncated" in str(error).lower() or isinstance(error, EOFError):
        return "is cut short"
    return "is damaged"
