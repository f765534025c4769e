import numpy as np
import pytest

from nntrain.config.vocabulary import catalogue
from nntrain.config.vocabulary.losses import LOSSES
from nntrain.run.experiment import score
from nntrain.run.recipe import recipe


def logits(loss):
    return {"type": loss, "from_logits": True}


COMBINATIONS = {
    # loss, units, activation, classes; whether Keras' accuracy reads the outputs as we do
    "sparse crossentropy, softmax": ("sparse_categorical_crossentropy", 3, "softmax", 3, True),
    "sparse crossentropy, logits": (logits("SparseCategoricalCrossentropy"), 3, "linear", 3, True),
    "sparse crossentropy, softmax of two": ("sparse_categorical_crossentropy", 2, "softmax", 2, True),
    "crossentropy, softmax": ("categorical_crossentropy", 3, "softmax", 3, True),
    "crossentropy, logits": (logits("CategoricalCrossentropy"), 3, "linear", 3, True),
    "focal, softmax": ("CategoricalFocalCrossentropy", 3, "softmax", 3, True),
    "generalized, softmax": ("CategoricalGeneralizedCrossEntropy", 3, "softmax", 3, True),
    "divergence, softmax": ("kl_divergence", 3, "softmax", 3, True),
    "binary, sigmoid": ("binary_crossentropy", 1, "sigmoid", 2, True),
    "binary, logit": (logits("BinaryCrossentropy"), 1, "linear", 2, False),
    "binary, two sigmoids": ("binary_crossentropy", 2, "sigmoid", 2, False),
    "binary, three logits": (logits("BinaryCrossentropy"), 3, "linear", 3, True),
    "binary focal, sigmoid": ("BinaryFocalCrossentropy", 1, "sigmoid", 2, True),
    "hinge, tanh": ("hinge", 1, "tanh", 2, False),
    "hinge, three": ("hinge", 3, "linear", 3, True),
    "squared hinge, linear": ("squared_hinge", 1, "linear", 2, False),
    "categorical hinge, linear": ("categorical_hinge", 3, "linear", 3, True),
    "categorical hinge, one": ("categorical_hinge", 1, "linear", 2, False),
    "margin hinge, linear": ({"type": "MarginHinge", "power": 2}, 3, "linear", 3, True),
    "margin hinge, one": ("margin_hinge", 1, "linear", 2, False),
    "expectation, softmax": ("expectation", 3, "softmax", 3, True),
    "regularized expectation, softmax": ("regularized_expectation", 3, "softmax", 3, True),
    "largest error, logits": (logits("Chebyshev"), 3, "linear", 3, True),
    "squared log, softmax of two": ("squared_log", 2, "softmax", 2, True),
    "tanimoto, softmax": ("tanimoto", 3, "softmax", 3, True),
    "cauchy schwarz, logits": (logits("CauchySchwarz"), 3, "linear", 3, True),
    "sum of absolutes, linear": ("l1_loss", 3, "linear", 3, True),
    "sum of squares, one": ("l2_loss", 1, "linear", 2, True),
    "squares, sigmoid": ("mse", 1, "sigmoid", 2, True),
    "squares, linear": ("mse", 1, "linear", 2, True),
    "squares, softmax": ("mse", 3, "softmax", 3, True),
}


@pytest.mark.parametrize("case", COMBINATIONS)
def test_what_a_combination_learns_is_what_is_scored(case, lesson):
    loss, units, activation, classes, same = COMBINATIONS[case]
    layer = {"type": "Dense", "units": units, "activation": activation}
    settings = {"optimizer": {"type": "Adam", "learning_rate": 0.3}, "metrics": ["accuracy"]}
    ours = lesson([layer], classes=classes, loss=loss, **settings)
    how, rows = recipe(ours.config, "CPU"), ours.dataset.test
    targets = ours.experiment.targets(rows)
    ours.model.compile(how.optimizer, how.loss, metrics=how.metrics, run_eagerly=True)
    for _ in range(2):
        ours.model.train_on_batch(rows.x, targets)
        keras_accuracy = ours.model.test_on_batch(rows.x, targets, return_dict=True)["accuracy"]
        if same:
            scored = score(ours.config, ours.experiment.predicted, ours.model, rows)[
                "target"
            ].scores.model.accuracy
            assert scored == pytest.approx(keras_accuracy, abs=1e-6)
    for _ in range(12):
        ours.model.train_on_batch(rows.x, targets)
    learnt = score(ours.config, ours.experiment.predicted, ours.model, rows)["target"]
    assert learnt.scores.model.accuracy > 0.95
    if learnt.probabilities is not None:
        np.testing.assert_allclose(learnt.probabilities.sum(axis=1), 1)


def test_every_loss_for_classes_is_among_the_combinations():
    tried = {loss["type"] if isinstance(loss, dict) else loss for loss, *_ in COMBINATIONS.values()}
    assert {catalogue.entry("losses", name).name for name in tried} == set(LOSSES) | {
        "MeanSquaredError",
        "L1Loss",
        "L2Loss",
    }
