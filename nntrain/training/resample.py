"""Training rows drawn anew, so that every class has as many."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[Any]


def resampled(labels: Labels, how: Literal["over", "under"], seed: int) -> NDArray[np.int64]:
    """Which rows to train on, so that each class that is there has the same number of them.

    Args:
        labels: Class indices, shape `(n,)`.
        how: `over`: every row stays, and rows of smaller classes are repeated, none of a class more than once
            more often than another; `under`: of larger classes some rows are left out.
        seed: Draws the rows.

    Returns:
        Row numbers, ascending; shape `(m,)`.
    """
    random = np.random.default_rng(seed)
    _, numbers, counts = np.unique(labels, return_inverse=True, return_counts=True)
    wanted = int(counts.max() if how == "over" else counts.min())
    found = []
    for own in np.split(np.argsort(numbers, kind="stable"), np.cumsum(counts)[:-1]):
        whole, rest = divmod(wanted, len(own))
        found += [np.tile(own, whole), random.permutation(own)[:rest]]
    return np.sort(np.concatenate(found)).astype(np.int64)
