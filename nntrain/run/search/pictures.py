"""The pictures of a study, drawn from what its trials came to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from pathlib import Path

import numpy as np

from nntrain.evaluation.surrogate import LEAST, Surrogate
from nntrain.report.figure import Picture
from nntrain.report.search.contours import Surface, contours_plot
from nntrain.report.search.gallery import SEARCH_GALLERY
from nntrain.report.search.importances import importances_plot
from nntrain.report.search.parallel import parallel_plot
from nntrain.report.search.progress import progress_plot
from nntrain.report.search.slices import slices_plot
from nntrain.report.search.tried import Found
from nntrain.run.files import explained, write_whole

PLOTS = "plots"
PAIRED = 4
"""Keys, the most important ones, of which each pair has contours."""
Pictures = Mapping[str, Picture]


def draw(found: Found) -> tuple[Pictures, str]:
    """The pictures that a study allows, in their order, and what is missing.

    Args:
        found: The search.

    Returns:
        By the stem of its file, each picture; and a sentence that says why some are missing, or an empty one.
    """
    if not found.finished:
        return {}, "No trial has finished, so there is nothing to draw."
    forest, why = _forest(found)
    drawn = {"progress": progress_plot(found), "parallel": parallel_plot(found)}
    told = _of_heights(found)
    if forest is None:
        return _in_order({**drawn, "slices": slices_plot(found)}), why
    lines = [(forest.places(i), told(forest.line(i))) for i in range(len(found.axes))]
    drawn["slices"] = slices_plot(found, lines)
    shares = [float(share) for share in forest.shares()]
    drawn["importances"] = importances_plot(found, shares)
    surfaces = dict(_surfaces(forest, shares, told))
    if surfaces:
        drawn["contours"] = contours_plot(found, surfaces)
    return _in_order(drawn), why


def write(study: Path, pictures: Pictures) -> list[str]:
    """Write each as PNG and SVG into the study's `plots/`; their paths in it.

    Raises:
        MachineError: One can't be written.
    """
    folder = study / PLOTS
    with explained(folder):
        folder.mkdir(exist_ok=True)
    files: dict[str, bytes] = {}
    for stem, shown in pictures.items():
        files |= {f"{PLOTS}/{stem}.png": shown.png, f"{PLOTS}/{stem}.svg": shown.svg}
    for name, content in files.items():
        write_whole(study / name, content)
    return list(files)


def _in_order(drawn: Pictures) -> Pictures:
    return {stem: drawn[stem] for stem in SEARCH_GALLERY if stem in drawn}


def _of_heights(found: Found) -> Callable[[np.ndarray], np.ndarray]:
    """From what the forest was told back to the objective."""
    return np.exp if found.is_logarithmic else np.asarray


def _forest(found: Found) -> tuple[Surrogate | None, str]:
    """What stands for the objective; None, and why, where the trials do not suffice."""
    count = len(found.finished)
    if count < LEAST:
        said = f"Importances and contours need {LEAST} finished trials, and there are {count}."
        return None, said
    heights = np.array(found.values)
    at = np.array([trial.at for trial in found.finished])
    levels = [axis.levels for axis in found.axes]
    try:
        return Surrogate(at, np.log(heights) if found.is_logarithmic else heights, levels), ""
    except ValueError:
        return None, "All trials came to the same, so there are neither importances nor contours."


def _surfaces(
    forest: Surrogate, shares: list[float], told: Callable[[np.ndarray], np.ndarray]
) -> Iterator[tuple[tuple[int, int], Surface]]:
    """The mean over pairs of the most important keys."""
    chief = sorted(sorted(range(len(shares)), key=lambda i: -shares[i])[:PAIRED])
    for one, other in combinations(chief, 2):
        yield (one, other), (forest.places(one), forest.places(other), told(forest.plane(one, other)))
