"""What a training and its scores say in plain words, each with the edit of the config that it suggests.

Every rule holds for medians of some epochs rather than single ones, and says nothing where a fair judge would
not: a healthy run has no finding.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median

from nntrain.run.page.course import LEAST, Course, Edit, Outcome, level, smooth, steps
from nntrain.run.page.edits import FASTER, SLOWER, rate
from nntrain.run.page.finding import Finding
from nntrain.run.page.predicted import better, perfect, predicted

USUAL_RATE = 0.001
USUAL = {"SGD": 0.01}
"""What Keras takes for a learning rate where it is not `USUAL_RATE`, by optimizer."""
SHORT = 5
"""Epochs below which a curve is not judged."""


def diagnose(course: Course, outcomes: Sequence[Outcome] = ()) -> list[Finding]:
    """What stands out, the gravest first; empty for a training without a fault that numbers show.

    Args:
        course: How the training went.
        outcomes: What each output came to; empty for a run without scores.
    """
    found = [*_learning(course, outcomes)]
    if not found:
        found += [*_overfitting(course), *_ended(course, outcomes)]
    for outcome in outcomes:
        found += predicted(course, outcome, learns=not found)
    return sorted(found, key=lambda finding: finding.weight == "note")


def _learning(course: Course, outcomes: Sequence[Outcome]) -> Iterator[Finding]:
    """Whether the learning rate suits: at most one finding, because one rate causes all of these."""
    loss = course.loss
    if course.diverged or not all(map(math.isfinite, loss)):
        yield Finding(
            "diverged",
            "The loss became infinite or no number: the learning rate is too high.",
            "Each step overshot further than the one before. Smaller steps, or clipnorm: 1 on the optimizer, "
            "keep it finite.",
            rate(course, SLOWER),
        )
    elif len(loss) < 3:
        return
    elif not any(map(better, outcomes)) and (stuck := _stuck(course, scored=bool(outcomes))) is not None:
        yield stuck
    elif outcomes and not any(map(better, outcomes)) and (hot := _hot(course)) is not None:
        yield hot
    elif _zigzags(loss):
        yield Finding(
            "zigzag",
            "The training loss jumps up and down: the learning rate is too high.",
            f"In the second half of training it moved by {_typical(loss):.3g} from one epoch to the next, "
            f"at a level of {level(loss, len(loss) // 2, len(loss)):.3g}: steps leap over the minimum.",
            rate(course, SLOWER),
        )
    elif _crawls(course):
        yield Finding(
            "slow",
            "The loss falls in nearly a straight line: the learning rate is too low.",
            f"It went from {loss[0]:.3g} to {loss[-1]:.3g} in {len(loss)} epochs and was still falling as "
            "fast as at the beginning. Larger steps arrive in a fraction of the time.",
            rate(course, FASTER),
        )


def _stuck(course: Course, *, scored: bool) -> Finding | None:
    """The loss ends 5 % above where it began, or falls by less than 2 % from its second epoch on.

    The middle one of the last epochs is what counts as its end. Only asked where the scores do not beat the
    baseline, so that a network which learns everything in its first epoch is left in peace; without scores,
    where the loss has not halved.
    """
    loss = course.loss
    first, second = loss[0], loss[1]
    last = level(loss, len(loss) - max(2, len(loss) // 5), len(loss))
    if last > first + 0.05 * abs(first):
        return Finding(
            "climbing",
            "The training loss rises: the learning rate is too high.",
            f"It began at {first:.3g} and ended about {last:.3g}: each step makes the network worse.",
            rate(course, SLOWER),
        )
    if second - last > 0.02 * abs(second) or (not scored and last < 0.5 * first):
        return None
    cause, factor = "features are far from 0 and 1 (scale them in data.preprocess), or units died of", SLOWER
    usual = _usual(course)
    if course.rate is not None and course.rate < 0.5 * usual:
        cause, factor = "steps are too small. The usual learning rate is", max(FASTER, usual / course.rate)
        cause += f" {usual:g}"
    elif course.rate is not None and course.rate > 5 * usual:
        cause = f"steps are too large. The usual learning rate is {usual:g}"
    else:
        cause += " steps that are too large"
    return Finding(
        "flat",
        "The loss is flat: the network learns nothing.",
        f"It was {second:.3g} after the second epoch and {last:.3g} at the end, "
        f"{'no better than guessing' if scored else 'hardly less than at first'}. Mostly, {cause}.",
        rate(course, factor),
    )


def _usual(course: Course) -> float:
    """The learning rate that Keras takes where none is given."""
    return USUAL.get(_optimizer(course), USUAL_RATE)


def _hot(course: Course) -> Finding | None:
    """That the learning rate is a hundred times the usual one, or more; asked where scores are poor."""
    usual = _usual(course)
    if course.rate is None or course.rate < 100 * usual:
        return None
    return Finding(
        "hot",
        f"The learning rate of {course.rate:g} is far too high.",
        f"{usual:g} is usual for {_optimizer(course)}. If the loss falls, then from where such steps threw "
        "it; the scores do not beat the baseline.",
        rate(course, usual / course.rate),
    )


def _optimizer(course: Course) -> str:
    """The type of the optimizer."""
    found = course.training.get("optimizer")
    return str(found.get("type") if isinstance(found, dict) else found)


def _zigzags(loss: Sequence[float]) -> bool:
    """Whether the second half of training moves by much in both directions.

    From epoch to epoch more than 15 % of its level, and more than 5 % of all that training gained, with at
    least a quarter of the epochs up and a quarter down. Noise of small batches stays below both.
    """
    if len(loss) < 8:
        return False
    half = steps(loss[len(loss) // 2 :])
    up = sum(step > 0 for step in half) / len(half)
    gained = max(loss[:3]) - min(loss)
    moved = _typical(loss)
    at = abs(level(loss, len(loss) // 2, len(loss)))
    return 0.25 <= up <= 0.75 and moved > 0.15 * at and moved > 0.05 * gained


def _typical(loss: Sequence[float]) -> float:
    """By how much a loss moves from one epoch to the next in the second half of training."""
    return median(map(abs, steps(loss[len(loss) // 2 :])))


def _crawls(course: Course) -> bool:
    """Whether the loss falls nearly in a straight line and has not even halved.

    9 of 10 epochs are lower than the one before, and the last third gains at least half of what the first
    third does; a rate that suits gains most at the start. A learning rate that warms up is no such line.
    """
    loss = course.loss
    if len(loss) < SHORT or course.stopped_early or loss[-1] < 0.5 * loss[0] or loss[0] <= 0:
        return False
    third = max(1, len(loss) // 3)
    down = sum(step < 0 for step in steps(loss)) / (len(loss) - 1)
    begun, ended = loss[0] - loss[third], loss[-third - 1] - loss[-1]
    rates = course.curves.get("learning_rate", ())
    warm = bool(rates) and rates[-1] > rates[0]
    return down >= 0.9 and ended >= 0.5 * begun > 0 and not warm


def _overfitting(course: Course) -> Iterator[Finding]:
    """From which epoch on the validation loss rises while the training loss falls.

    The middle validation loss of the last fifth of the epochs, all of them after the best one, lies 20 %
    above the lowest (smoothed over three epochs), by more than twice what it moves from epoch to epoch and by
    a 50th of what it had gained; the training loss fell by 5 % meanwhile.
    """
    loss, watched = course.loss, course.watched
    if len(watched) < SHORT or not all(map(math.isfinite, watched)):
        return
    even = smooth(watched)
    best = min(range(len(even)), key=even.__getitem__)
    tail = len(watched) - max(3, len(watched) // 5)
    if best >= tail:
        return
    lowest, last = even[best], level(watched, tail, len(watched))
    rise = (last - lowest) / max(abs(lowest), LEAST)
    fell = level(loss, tail, len(loss)) < 0.95 * smooth(loss)[best]
    beyond = last - lowest > max(2 * _typical(watched), 0.02 * (watched[0] - lowest))
    if rise < 0.2 or not fell or not beyond:
        return
    seen = (
        f"The validation loss was lowest, {lowest:.3g}, at epoch {best + 1} and rose by {100 * rise:.0f} % "
        "after it, while the training loss went on falling: the network learnt its rows by heart."
    )
    if course.training.get("early_stopping") is None:
        patience = max(5, min(20, len(watched) // 10))
        yield Finding(
            "overfitting",
            f"Over-fitting from epoch {best + 2} on.",
            f"{seen} Stop there and keep those weights; Dropout, weight decay or more rows put it off.",
            Edit(("training", "early_stopping"), {"monitor": "val_loss", "patience": patience}),
        )
    elif rise >= 0.5:
        yield Finding(
            "overfitting",
            f"Over-fitting from epoch {best + 2} on; early stopping kept the weights from before.",
            f"{seen} The scores are not harmed by it. Dropout, weight decay or more rows would let it learn "
            "longer.",
            weight="note",
        )


def _ended(course: Course, outcomes: Sequence[Outcome]) -> Iterator[Finding]:
    """Whether training was cut short while it was still getting better.

    By its epochs: the last fifth's middle loss lies 5 % below that of the fifth before, two of three of these
    epochs were better than the one before, they gained 2 % of all that was, and no score is perfect.
    By early stopping: a patience of at most 2 ended it in the first half, and the validation loss had risen
    by no more than it moves from epoch to epoch.
    """
    curve = course.watched or course.loss
    if len(curve) < SHORT or not all(map(math.isfinite, curve)):
        return
    count, fifth = len(curve), max(2, len(curve) // 5)
    if not course.stopped_early and count == course.epochs and not any(map(perfect, outcomes)):
        before = level(curve, count - 2 * fifth, count - fifth)
        now = level(curve, count - fifth, count)
        gained = curve[0] - min(curve)
        least = min(range(count), key=curve.__getitem__)
        end = steps(curve[count - 2 * fifth - 1 if count > 2 * fifth else 0 :])
        falls = sum(step < 0 for step in end) >= 2 / 3 * len(end)
        if before - now > max(0.05 * abs(before), 0.02 * gained) and least >= count - fifth and falls:
            yield Finding(
                "short",
                "Training ended while the loss was still falling.",
                f"{'Validation' if course.watched else 'Training'} loss fell from {before:.3g} to {now:.3g} "
                f"over the last {2 * fifth} of {count} epochs. More epochs would make it better still.",
                Edit(("training", "epochs"), 2 * count),
            )
    stopping = course.training.get("early_stopping")
    patience = stopping.get("patience") if isinstance(stopping, dict) else None
    if course.stopped_early and isinstance(patience, int) and patience <= 2 and course.watched:
        risen = curve[-1] - min(curve)
        moves = median(map(abs, steps(curve)))
        if risen <= moves and course.epochs is not None and count <= course.epochs / 2:
            yield Finding(
                "impatient",
                f"Early stopping ended training after {count} of {course.epochs} epochs for a chance rise.",
                f"The validation loss was {risen:.3g} above its lowest, and moves by {moves:.3g} from epoch "
                "to epoch anyway. Wait longer before giving up.",
                Edit(("training", "early_stopping", "patience"), 10),
            )
