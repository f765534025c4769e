"""All that training changes, as it is between two steps: numbers and names from which it goes on exactly.

Nothing here needs TensorFlow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Row = dict[str, float]


@dataclass(frozen=True)
class Snapshot:
    """Training after a whole epoch, or after some steps of the next one."""

    epoch: int
    """Epochs that are done."""
    stopped: bool
    """Whether a callback had decided to end training."""
    arrays: Mapping[str, Any]
    """Weights, random generators, the optimizer's variables, what callbacks hold: by their place. Arrays, or
    tensors, which nobody changes any more and nobody has copied yet."""
    described: Mapping[str, Any]
    """JSON: what the arrays are, and what callbacks remember beside them."""
    engine: Mapping[str, Any]
    """JSON: what runs the steps."""
    rows: Sequence[Row] = field(repr=False)
    """The history. It may have grown since: the first `epoch` rows count."""
    times: Sequence[float] = field(repr=False)
    """Seconds of each epoch, likewise."""
    step: int = 0
    """Steps of the next epoch that are done too; 0 after a whole epoch."""
    elapsed: float = 0.0
    """Seconds that they took."""
    new_rate: bool = False
    """Whether the learning rate that the optimizer was made with now counts, rather than the one kept."""

    @cached_property
    def numbers(self) -> dict[str, NDArray[Any]]:
        """The arrays as NumPy can write them: of 16-bit floats that it does not know, the bits."""
        arrays = {name: np.asarray(array) for name, array in self.arrays.items()}
        return {
            name: array if array.dtype.kind in "biuf" else array.view(f"u{array.dtype.itemsize}")
            for name, array in arrays.items()
        }

    @property
    def history(self) -> list[Row]:
        """A row an epoch."""
        return list(self.rows[: self.epoch])

    @property
    def seconds(self) -> list[float]:
        """What each epoch took."""
        return list(self.times[: self.epoch])

    @property
    def lost(self) -> list[str]:
        """What callbacks of the user's own remember that can't be written down: `Class.attribute`."""
        packed = self.described["callbacks"]
        return [f"{one['class']}.{name}" for one in packed for name in one["lost"]]


Keep = Callable[[Snapshot, bool], None]
"""Takes the state after each epoch, and within one; True: nothing comes after it, so it must not be put
off."""
Due = Callable[[], bool]
"""Whether the state within a long epoch is wanted. Asked several times a second."""


def never() -> bool:
    """No state within an epoch is wanted."""
    return False
