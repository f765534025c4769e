"""What is said of a training: of real ones that went wrong, of all that went well, and of arrays."""

import json
import math
from pathlib import Path

import pytest

from nntrain.config import load_config
from nntrain.run.page.course import Course, Edit, Outcome, read_curves
from nntrain.run.page.diagnosis import diagnose
from tests.conftest import BLOBS

COURSES = json.loads(Path(__file__).with_name("courses.json").read_text())
"""Histories and scores of real runs by config: the shipped ones, and those of `WRONG`, which overrides spoilt."""
ADAM = {"optimizer": {"type": "Adam", "learning_rate": 0.01}}
WRONG = {
    # digits_mlp with a learning rate of 1e-7
    "cold": [("flat", "training.optimizer={type: Adam, learning_rate: 0.001}")],
    # digits_mlp by SGD with a learning rate of 5
    "hot": [("flat", "training.optimizer={type: SGD, learning_rate: 0.5}"), ("majority", None)],
    # digits_mlp by Adam with a learning rate of 0.5
    "hot_adam": [("flat", "training.optimizer={type: Adam, learning_rate: 0.05}"), ("majority", None)],
    # digits_mlp with a patience of 0
    "impatient": [("impatient", "training.early_stopping.patience=10")],
    # moons_mlp with 150 noisy points and wide layers
    "overfit": [("overfitting", "training.early_stopping={monitor: val_loss, patience: 6}")],
    # digits_mlp for five epochs
    "short": [("short", "training.epochs=10")],
    # digits_mlp with a learning rate of 3e-5
    "slow": [("slow", "training.optimizer={type: Adam, learning_rate: 0.0003}")],
    # diabetes_regression with a learning rate of 1e-6
    "unlearnable": [("flat", "training.optimizer={type: Adam, learning_rate: 0.001}")],
    # iris_mlp by SGD with a learning rate of 1 and momentum
    "zig": [("zigzag", "training.optimizer={type: SGD, learning_rate: 0.1, momentum: 0.9}")],
    # shipped to show a network that is not trained enough; a_greater_b_learnt is what mends it
    "a_greater_b": [("slow", "training.optimizer={type: adam, learning_rate: 0.01}")],
}


def judged(name):
    known = COURSES[name]
    curves = {key: known[key] for key in ("loss", "val_loss", "learning_rate") if known[key]}
    course = Course(
        curves, known["epochs"], known["best_epoch"], known["stopped_early"], False, known["training"]
    )
    return diagnose(course, [Outcome(**outcome) for outcome in known["outcomes"]])


@pytest.mark.parametrize("name", WRONG)
def test_a_training_that_went_wrong_is_told_what_to_change(name):
    found = judged(name)
    assert [(f.id, None if f.edit is None else f.edit.argument) for f in found] == WRONG[name]


@pytest.mark.parametrize("name", sorted(set(COURSES) - set(WRONG)))
def test_a_training_that_went_well_is_not_accused(name):
    assert judged(name) == []


def test_the_words_of_a_finding():
    (found,) = judged("overfit")
    assert found.title == "Over-fitting from epoch 16 on."
    assert found.why == (
        "The validation loss was lowest, 0.545, at epoch 15 and rose by 31 % after it, while the training loss "
        "went on falling: the network learnt its rows by heart. Stop there and keep those weights; Dropout, "
        "weight decay or more rows put it off."
    )
    assert found.edit.text == "training:\n  early_stopping: {monitor: val_loss, patience: 6}"


def falling(count, start=2.0, rate=0.8, end=0.1):
    return [end + (start - end) * rate**i for i in range(count)]


def course(loss, val=None, **known):
    curves = {"loss": loss, **({} if val is None else {"val_loss": val}), "learning_rate": [0.01] * len(loss)}
    return Course(curves, **{"epochs": len(loss), "training": {**ADAM, "early_stopping": None}, **known})


def ids(*arguments):
    return [found.id for found in diagnose(*arguments)]


def test_a_loss_that_became_infinite_is_told_from_the_record_or_from_its_numbers():
    for found in (diagnose(course([], diverged=True)), diagnose(course([2.0, math.inf]))):
        assert [(f.id, f.title) for f in found] == [
            ("diverged", "The loss became infinite or no number: the learning rate is too high.")
        ]


def test_a_loss_that_climbs_has_a_learning_rate_that_is_too_high():
    (found,) = diagnose(course([1.0, 1.2, 1.5, 1.9, 2.4, 3.0]))
    assert (found.id, found.edit.argument) == (
        "climbing",
        "training.optimizer={type: Adam, learning_rate: 0.001}",
    )


def test_a_perfect_network_whose_tiny_loss_wanders_is_left_in_peace():
    right = outcome([[10, 0], [0, 10]], accuracy=1.0)
    assert ids(course([1e-7, 2e-7, 1e-7, 3e-7, 2e-7, 2e-7], epochs=6), [right]) == []


def test_overfitting_that_early_stopping_has_dealt_with_is_a_note_at_most():
    loss, val = falling(30), [*falling(10), *(0.2 * 1.08**i for i in range(20))]
    kept = {**ADAM, "early_stopping": {"monitor": "val_loss", "patience": 20}}
    assert ids(course(loss, val)) == ["overfitting"]
    (found,) = diagnose(course(loss, val, training=kept, stopped_early=True))
    assert (found.weight, found.edit) == ("note", None)
    assert found.title.startswith("Over-fitting from epoch 12 on; early stopping kept the weights")
    mild = [*falling(20), *(0.13 * 1.02**i for i in range(10))]
    assert ids(course(loss, mild, training=kept, stopped_early=True)) == []


def test_noise_on_the_validation_rows_is_no_overfitting():
    noisy = [value + (0.3 if i % 2 else 0.0) for i, value in enumerate(falling(30))]
    assert ids(course(falling(30), noisy)) == []


def test_training_that_was_cut_short_is_told_unless_nothing_is_left_to_gain():
    curve = [2.0 * 0.9**i for i in range(12)]
    assert ids(course(curve, curve)) == ["short"]
    assert ids(course(curve, curve), [outcome([[10, 0], [0, 10]], accuracy=1.0)]) == []
    assert ids(course(curve, curve, epochs=100)) == []


def outcome(matrix, counts=(10, 10), **scores):
    names = ["cat", "dog", "owl"][: len(matrix)]
    baseline = {"accuracy": max(map(sum, matrix)) / sum(map(sum, matrix))}
    return Outcome(
        "", "classification", {"confusion_matrix": matrix, "baseline": baseline, **scores}, names, counts
    )


def test_a_network_that_says_the_majority_class_is_found_out():
    (found,) = diagnose(
        course(falling(30), falling(30)), [outcome([[90, 0], [10, 0]], (90, 10), accuracy=0.9)]
    )
    assert found.title == "The model equals the majority class: it says 'cat' for all rows."
    assert found.edit == Edit(("training", "class_weight"), "balanced")


def test_a_majority_class_that_is_weighted_already_is_drawn_more_often():
    weighted = {**ADAM, "class_weight": "balanced", "early_stopping": None}
    rare = outcome([[90, 0], [10, 0]], (90, 10), accuracy=0.5)
    (found,) = diagnose(course(falling(30), falling(30), training=weighted), [rare])
    assert found.edit == Edit(("training", "resample"), "over")


def test_a_class_that_is_never_predicted_is_named_if_it_has_rows():
    matrix = [[40, 2, 0], [1, 30, 0], [5, 4, 0]]
    (found,) = diagnose(course(falling(30)), [outcome(matrix, (40, 30, 9), accuracy=0.85)])
    assert (found.title, found.edit.text) == (
        "Never predicted: 'owl'.",
        "training:\n  class_weight: balanced",
    )
    assert ids(course(falling(30)), [outcome([[40, 2, 0], [1, 30, 0], [1, 1, 0]], accuracy=0.9)]) == []


def test_a_model_that_the_majority_class_equals_is_told_what_may_help():
    weak = outcome([[112, 2], [5, 1]], (550, 29), accuracy=0.94)
    (found,) = diagnose(course(falling(30), falling(30)), [weak])
    assert (found.title, found.why, found.edit) == (
        "The model is no better than the majority class.",
        "Its accuracy is 0.9400, and 0.9500 is what that answer alone reaches. Rare classes hardly count in the "
        "loss; let every class count the same.",
        Edit(("training", "class_weight"), "balanced"),
    )
    weighted = {**ADAM, "class_weight": "balanced", "early_stopping": None}
    assert ids(course(falling(30), falling(30), training=weighted), [weak]) == []
    even = outcome([[3, 7], [5, 5]], accuracy=0.4)
    (found,) = diagnose(course(falling(30), falling(30)), [even])
    assert found.why.endswith(
        "The features may not tell the classes, are not scaled, or training was too short."
    )
    assert found.edit == Edit(("training", "epochs"), 60)
    (found,) = diagnose(course(falling(30), falling(30), stopped_early=True), [even])
    assert found.edit is None


def test_a_learning_rate_that_threw_the_loss_up_is_not_told_to_go_on():
    wild, poor = [59_580.0, 65.0, 76.0, 51.0, 35.0], outcome([[3, 7], [5, 5]], accuracy=0.4)
    curves = {"loss": wild, "val_loss": wild, "learning_rate": [100.0] * 5}
    training = {"optimizer": {"type": "Adam", "learning_rate": 100.0}}
    found, *_ = diagnose(Course(curves, 5, training=training), [poor])
    assert (found.title, found.why, found.edit.argument) == (
        "The learning rate of 100 is far too high.",
        "0.001 is usual for Adam. If the loss falls, then from where such steps threw it; the scores do not beat "
        "the baseline.",
        "training.optimizer={type: Adam, learning_rate: 0.001}",
    )
    assert ids(Course(curves, 5, training=training)) != ["hot"]


@pytest.mark.parametrize(("val", "threshold"), [(falling(30), "f1"), (None, 0.3)])
def test_a_label_that_is_never_predicted_wants_another_threshold(val, threshold):
    labels = [
        {"name": "red", "precision": 0.9, "recall": 0.8, "support": 20},
        {"name": "blue", "precision": 0.0, "recall": 0.0, "support": 12},
        {"name": "rare", "precision": 0.0, "recall": 0.0, "support": 2},
    ]
    (found,) = diagnose(course(falling(30), val), [Outcome("", "multi_label", {"per_label": labels})])
    assert (found.title, found.edit) == (
        "Never predicted: 'blue'.",
        Edit(("evaluation", "threshold"), threshold),
    )


def test_predictions_that_are_no_better_than_the_mean_are_told():
    (found,) = diagnose(course(falling(30), falling(30)), [Outcome("rent", "regression", {"r2": 0.01})])
    assert found.title == "The predictions of 'rent' are no better than the mean of the training rows."
    assert ids(course(falling(30), falling(30)), [Outcome("rent", "regression", {"r2": 0.4})]) == []


def test_a_schedule_begins_with_another_learning_rate():
    schedule = {
        "type": "ExponentialDecay",
        "initial_learning_rate": 0.2,
        "decay_steps": 10,
        "decay_rate": 0.9,
    }
    training = {"optimizer": {"type": "SGD", "learning_rate": schedule}}
    (found,) = diagnose(course([], diverged=True, training=training))
    assert found.edit.value["learning_rate"] == {**schedule, "initial_learning_rate": 0.02}


def test_every_edit_is_one_that_a_config_takes(write_config):
    file = write_config(BLOBS)
    edits = [edit for found in WRONG.values() for _, edit in found if edit and "patience=" not in edit]
    edits += [
        "training.class_weight=balanced",
        "training.resample=over",
        "training.early_stopping={patience: 5}",
    ]
    for edit in edits:
        load_config(file, [edit])


def test_a_history_is_read_with_gaps_and_without_its_broken_last_line():
    text = "epoch,loss,val_loss\n1,0.9,1\n2,nan,\n3,0.5"
    curves = read_curves(text)
    assert curves["loss"][0] == 0.9
    assert math.isnan(curves["loss"][1])
    assert math.isnan(curves["val_loss"][1])
    assert [len(values) for values in curves.values()] == [2, 2]
    assert read_curves("") == {}
