"""The losses of Janocha and Czarnecki (2017), "On loss functions for deep neural networks in classification".

arXiv 1702.05659, table 1, with `y` the one-hot label, `o` the outputs and `p` their softmax. Each gives one
number a row; Keras averages over rows. Keras has the log loss itself: `categorical_crossentropy`.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("nntrain")
class L1Loss(keras.losses.Loss):
    """Sum of the absolute errors of a row's outputs: `sum |y - o|`."""

    def __init__(self, reduction: str = "sum_over_batch_size", name: str = "l1_loss", **kwargs: Any) -> None:
        super().__init__(name=name, reduction=reduction, **kwargs)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """One number a row, from `(rows, outputs)` each."""
        return ops.sum(ops.abs(y_true - y_pred), axis=-1)


@keras.saving.register_keras_serializable("nntrain")
class L2Loss(keras.losses.Loss):
    """Sum of the squared errors of a row's outputs: `sum (y - o)^2`."""

    def __init__(self, reduction: str = "sum_over_batch_size", name: str = "l2_loss", **kwargs: Any) -> None:
        super().__init__(name=name, reduction=reduction, **kwargs)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """One number a row, from `(rows, outputs)` each."""
        return ops.sum(ops.square(y_true - y_pred), axis=-1)


@keras.saving.register_keras_serializable("nntrain")
class MarginHinge(keras.losses.Loss):
    """Hinge with a margin of one half: `sum max(0, margin - (2 y - 1) o)^power`.

    Labels 0 and 1 stand for -1 and 1; the outputs are those of a last layer without an activation.

    Args:
        power: 1 for the hinge, 2 for the squared, 3 for the cubed one.
        margin: How far on its side of 0 an output has to lie to cost nothing.
        reduction: How rows are put together.
        name: What the loss is called.
        **kwargs: As every loss's.
    """

    def __init__(
        self,
        power: int = 1,
        margin: float = 0.5,
        reduction: str = "sum_over_batch_size",
        name: str = "margin_hinge",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, reduction=reduction, **kwargs)
        self.power = power
        self.margin = margin

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """One number a row, from `(rows, outputs)` each."""
        short = ops.relu(self.margin - (2 * y_true - 1) * y_pred)
        return ops.sum(short**self.power, axis=-1)

    def get_config(self) -> dict[str, Any]:
        """What makes the same loss again."""
        return {**super().get_config(), "power": self.power, "margin": self.margin}


class _OfProbabilities(keras.losses.Loss):
    """A loss of probabilities: those of a softmax layer, or the softmax of logits."""

    def __init__(
        self,
        from_logits: bool = False,
        reduction: str = "sum_over_batch_size",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, reduction=reduction, **kwargs)
        self.from_logits = from_logits

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """One number a row, from `(rows, classes)` each."""
        return self.of(y_true, ops.softmax(y_pred) if self.from_logits else y_pred)

    @abstractmethod
    def of(self, y: Any, p: Any) -> Any:
        """One number a row, from labels and probabilities."""

    def get_config(self) -> dict[str, Any]:
        """What makes the same loss again."""
        return {**super().get_config(), "from_logits": self.from_logits}


@keras.saving.register_keras_serializable("nntrain")
class Expectation(_OfProbabilities):
    """Expectation loss: `sum |y - p|`, twice the probability of a wrong class drawn from `p`."""

    def of(self, y: Any, p: Any) -> Any:
        """One number a row, in [0, 2]."""
        return ops.sum(ops.abs(y - p), axis=-1)


@keras.saving.register_keras_serializable("nntrain")
class RegularizedExpectation(_OfProbabilities):
    """Regularised expectation loss: `sum (y - p)^2`, also known as the Brier score of several classes."""

    def of(self, y: Any, p: Any) -> Any:
        """One number a row, in [0, 2]."""
        return ops.sum(ops.square(y - p), axis=-1)


@keras.saving.register_keras_serializable("nntrain")
class Chebyshev(_OfProbabilities):
    """Chebyshev loss: `max |y - p|`, the largest error of a row."""

    def of(self, y: Any, p: Any) -> Any:
        """One number a row, in [0, 1]."""
        return ops.max(ops.abs(y - p), axis=-1)


@keras.saving.register_keras_serializable("nntrain")
class SquaredLog(_OfProbabilities):
    """Squared log loss: `sum (y log p)^2`.

    The paper's table has a minus before the sum, which would reward wrong answers.
    """

    def of(self, y: Any, p: Any) -> Any:
        """One number a row, at least 0; probabilities below Keras' epsilon count as that."""
        return ops.sum(ops.square(y * ops.log(ops.maximum(p, keras.config.epsilon()))), axis=-1)


@keras.saving.register_keras_serializable("nntrain")
class Tanimoto(_OfProbabilities):
    """Tanimoto loss: `- sum p y / (sum p^2 + sum y^2 - sum p y)`."""

    def of(self, y: Any, p: Any) -> Any:
        """One number a row, in [-1, 0]."""
        both = ops.sum(y * p, axis=-1)
        return -both / (ops.sum(ops.square(p), axis=-1) + ops.sum(ops.square(y), axis=-1) - both)


@keras.saving.register_keras_serializable("nntrain")
class CauchySchwarz(_OfProbabilities):
    """Cauchy-Schwarz divergence: `- log (sum p y / (|p| |y|))`."""

    def of(self, y: Any, p: Any) -> Any:
        """One number a row, at least 0; a cosine below Keras' epsilon counts as that."""
        lengths = ops.sqrt(ops.sum(ops.square(p), axis=-1) * ops.sum(ops.square(y), axis=-1))
        cosine = ops.sum(y * p, axis=-1) / lengths
        return -ops.log(ops.maximum(cosine, keras.config.epsilon()))
