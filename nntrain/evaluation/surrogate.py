"""What a search says of its keys: a random forest over the trials, and what it explains by which key.

The share of a key is its main effect in a functional analysis of variance of the forest over the whole space
of the search: the variance of the forest's mean at each value of the key, over the forest's variance.

Source: Hutter, Hoos and Leyton-Brown, "An Efficient Approach for Assessing Hyperparameter Importance", 2014,
sections 3 and 4. The means are taken over drawn points rather than over the leaves of the trees.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nntrain.evaluation.outputs import FloatArray

LEAST = 8
"""Trials that a forest is fitted to at least."""
TREES = 64
DRAWN = 400
"""Points of the space that a mean is taken over."""
PLACES = 25
"""Values of a key without levels that means are taken at."""
FLAT = 1e-12
"""Of the variance, relative to the square of the mean: below, nothing differs."""

Levels = Sequence[float] | None
"""The places that a key can take, from 0 to 1; None for any number between."""


class Surrogate:
    """A forest that stands for the objective over the space of a search."""

    def __init__(self, at: FloatArray, heights: FloatArray, levels: Sequence[Levels], seed: int = 0) -> None:
        """Fit it.

        Args:
            at: Where each trial lies, shape `(trials, keys)`, from 0 to 1.
            heights: The objective, shape `(trials,)`; `LEAST` or more.
            levels: For each key.
            seed: Of the forest and of the points that are drawn.

        Raises:
            ValueError: There are too few trials, or no two that differ.
        """
        from sklearn.ensemble import RandomForestRegressor

        if len(heights) < LEAST:
            raise ValueError(f"{len(heights)} trials are too few for a forest")
        if np.var(heights) <= FLAT * max(float(np.mean(heights)) ** 2, FLAT):
            raise ValueError("all trials came to the same")
        self._levels = levels
        self._forest = RandomForestRegressor(TREES, min_samples_leaf=2, random_state=seed, n_jobs=1)
        self._forest.fit(at, heights)
        draw = np.random.default_rng(seed)
        columns = [
            draw.random(DRAWN) if one is None else draw.choice(np.asarray(one), DRAWN) for one in levels
        ]
        self._points = np.stack(columns, axis=1)

    def places(self, key: int) -> FloatArray:
        """The values of a key that means are taken at, shape `(places,)`."""
        levels = self._levels[key]
        return np.linspace(0.0, 1.0, PLACES) if levels is None else np.asarray(levels, float)

    def line(self, key: int) -> FloatArray:
        """The forest's mean at each of a key's places, shape `(places,)`."""
        return self._means([key], [self.places(key)])

    def plane(self, one: int, other: int) -> FloatArray:
        """The forest's mean at each pair of places of two keys, shape `(places of one, places of other)`."""
        return self._means([one, other], [self.places(one), self.places(other)])

    def shares(self) -> FloatArray:
        """What each key explains by itself, shape `(keys,)`; the rest to 1 only several explain together."""
        predicted: Any = self._forest.predict(self._points)
        whole = max(float(np.var(predicted)), FLAT)
        parts = np.array([np.var(self.line(key)) / whole for key in range(len(self._levels))])
        total = parts.sum()
        return parts if total <= 1.0 else parts / total

    def _means(self, keys: Sequence[int], places: Sequence[FloatArray]) -> FloatArray:
        grids = np.meshgrid(*places, indexing="ij")
        cells = np.stack([grid.ravel() for grid in grids], axis=1)
        few = self._points if len(keys) == 1 else self._points[: DRAWN // 4]
        points = np.repeat(few[None], len(cells), axis=0)
        for column, key in enumerate(keys):
            points[:, :, key] = cells[:, column, None]
        predicted: Any = self._forest.predict(points.reshape(-1, points.shape[-1]))
        found: FloatArray = predicted.reshape(len(cells), -1).mean(axis=1).reshape(grids[0].shape)
        return found
