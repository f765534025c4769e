"""Many mask files as one array, beside the images that they belong to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import PIL

from nntrain.config.data_images import ImageSteps
from nntrain.data.files import check_memory
from nntrain.data.images import cache, decode
from nntrain.data.images.cache import Decoded
from nntrain.data.images.decode import Header
from nntrain.data.images.files import ImageFile
from nntrain.data.images.masks import Place, check_sizes
from nntrain.data.images.read import in_threads, moved_up, threads_for

KIND = "mask"
"""What masks are told from images by in the cache."""


def read_masks(
    images: Sequence[ImageFile],
    masks: Sequence[ImageFile],
    size: tuple[int, int],
    steps: ImageSteps,
    *,
    cached: bool,
    place: Place,
) -> Decoded:
    """Decode masks, or take what an earlier time has kept.

    Args:
        images: Readable images that become `size`.
        masks: The mask of each.
        size: Height and width once all steps are done.
        steps: What happens to each image, and so to its mask.
        cached: Whether numbers are kept for the next time.
        place: For messages.

    Returns:
        Numbers of shape `(masks, height, width, 1)`.

    Raises:
        DataError: A mask is not as large as its image. Files that can't be read are told in the result.
    """
    cached = cached and len(masks) >= cache.LEAST_FILES
    name = cache.name_of([*masks, *images], KIND, steps, PIL.__version__) if cached else ""
    kept = cache.find(name, stays=lambda count: False) if cached else None
    if kept is not None:
        return kept
    decoded = _decoded(images, masks, size, steps, place)
    if cached and len(decoded.pixels):
        cache.keep(name, decoded)
    return decoded


def _decoded(
    images: Sequence[ImageFile],
    masks: Sequence[ImageFile],
    size: tuple[int, int],
    steps: ImageSteps,
    place: Place,
) -> Decoded:
    check_memory(len(masks) * size[0] * size[1], f"the numbers of {len(masks):,} masks take", place.shown)
    pixels = np.empty((len(masks), *size, 1), np.uint8)
    sizes: dict[int, tuple[tuple[int, int], tuple[int, int]]] = {}

    def fill(row: int) -> str:
        """What is wrong with a mask; empty where nothing is."""
        if masks[row].fault:
            return masks[row].fault
        found = decode.read_mask(masks[row].path, steps)
        if isinstance(found, str):
            return found
        header = decode.read_header(images[row].path)
        if isinstance(header, Header) and (header.height, header.width) != found[0]:
            sizes[row] = ((header.height, header.width), found[0])
        else:
            pixels[row, ..., 0] = found[1]
        return ""

    told = list(in_threads(fill, len(masks), threads_for(size[0] * size[1])))
    check_sizes(images, masks, dict(sorted(sizes.items())), place)
    faults = {row: fault for row, fault in enumerate(told) if fault}
    if faults:
        pixels = moved_up(pixels, [row for row in range(len(masks)) if row not in faults])
    return Decoded(pixels, faults, ())
