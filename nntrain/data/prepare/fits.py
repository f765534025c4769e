"""Whether rows are such as a run's preprocessing was fitted to."""

from __future__ import annotations

import numpy as np

from nntrain.data.dataset import Array
from nntrain.data.npy_file import ArrayStore
from nntrain.data.prepare.arrays import FittedArray, FittedTokens
from nntrain.data.prepare.fitted import Fitted
from nntrain.data.prepare.tables import FittedTable
from nntrain.errors import DataError, Location, Problem


def fills(fitted: Fitted) -> bool:
    """Whether numbers that are missing are filled in."""
    if isinstance(fitted, FittedTable):
        return any(steps.fills for steps in fitted.steps.values())
    return isinstance(fitted, FittedArray) and fitted.numbers.fills


def check_shape(fitted: Fitted, features: Array | ArrayStore, shown: str) -> None:
    """Refuse rows of another shape than the run was trained on, and fractions where it takes word numbers.

    Raises:
        DataError: They are.
    """
    if isinstance(fitted, FittedTable):
        expected: tuple[int, ...] = (len(fitted.order),)
    elif isinstance(fitted, FittedArray | FittedTokens):
        expected = fitted.row_shape
    else:
        return
    if features.shape[1:] != expected:
        message = f"rows of shape {features.shape[1:]} where the run was trained on {expected}"
        raise DataError(Problem(message, location=Location(shown), id="row_shape"))
    if (
        isinstance(fitted, FittedTokens)
        and isinstance(features, np.ndarray)
        and features.dtype.kind not in "iu"
    ):
        message = f"the run was trained on word numbers, which are integers; these rows are {features.dtype}"
        raise DataError(Problem(message, location=Location(shown), id="row_dtype"))
