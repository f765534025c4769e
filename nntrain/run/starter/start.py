"""Which config suits what lies at a path."""

from __future__ import annotations

from pathlib import Path

from nntrain.errors import UsageError
from nntrain.run.starter.lines import Start
from nntrain.run.starter.table import of_table


def start(place: Path, target: str | None, folder: Path, *, header: bool = True) -> Start:
    """Make a config.

    Args:
        place: A CSV file, or a folder with a folder of images for each class.
        target: The column to predict; None for images.
        folder: Where the config will lie; its paths start there.
        header: Whether the first line of the file may hold the columns' names.

    Raises:
        UsageError: No target is named, or there is no such column; or one is named of images.
        DataError: What lies there can't be read, or learnt from, or has a class of too few rows.
        MachineError: It may not be read.
    """
    if not place.is_dir():
        return of_table(place, target, folder, header=header)
    if target is not None or not header:
        option = "--target names a column" if target is not None else "--no-header is about the first line"
        raise UsageError(f"{option} of a file, and the classes of images are their folders; leave it out")
    from nntrain.run.starter.images import of_images

    return of_images(place, folder)
