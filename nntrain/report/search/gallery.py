"""What the pictures of a search are called, and what they show in a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from nntrain.report.gallery import Kind

SEARCH_GALLERY: Mapping[str, Kind] = {
    "progress": Kind(
        "Optimisation history",
        "The objective of every trial over its number, with a line for the best so far and a star at the "
        "best; trials that were ended early are hollow, those that failed or diverged stand at the foot.",
        of_rows=False,
    ),
    "importances": Kind(
        "Importances",
        "Bars of how much of the objective's variance each key explains by itself, the most important above, "
        "and what only several keys explain together.",
        of_rows=False,
    ),
    "slices": Kind(
        "Slices",
        "The objective over each key by itself, a point for each finished trial, dark for the first and "
        "light for the last.",
        of_rows=False,
    ),
    "contours": Kind(
        "Contours",
        "For pairs of keys the objective that a random forest expects, as shades, with the finished trials "
        "as points and a star at the best.",
        of_rows=False,
    ),
    "parallel": Kind(
        "Parallel coordinates",
        "An axis for each key and a line for each finished trial in the colour of its objective; the best "
        "line is framed.",
        of_rows=False,
    ),
}
"""By the stem of their files, in the order in which they are looked at."""
