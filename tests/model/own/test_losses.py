"""The losses of Janocha and Czarnecki: values worked out by hand, slopes, saving and configs."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from nntrain.config.vocabulary.keras_object import Kind
from nntrain.config.vocabulary.losses import facts
from nntrain.model.objects import make
from nntrain.model.own import OWN

Y = np.array([[0, 1, 0], [1, 0, 0]], "float32")
OUTPUTS = np.array([[1, 0.5, -1], [0.25, -2, 3]], "float32")
P = np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]], "float32")
BY_HAND = {
    # |0-1| + |1-.5| + |0+1|, |1-.25| + |0+2| + |0-3|
    "L1Loss": (OUTPUTS, {}, [2.5, 5.75]),
    # 1 + .25 + 1, .5625 + 4 + 9
    "L2Loss": (OUTPUTS, {}, [2.25, 13.5625]),
    # max(0, .5+1) + max(0, .5-.5) + max(0, .5-1), (.5-.25) + max(0, .5-2) + (.5+3)
    "MarginHinge": (OUTPUTS, {}, [1.5, 3.75]),
    # 1.5^2, .25^2 + 3.5^2
    "MarginHinge squared": (OUTPUTS, {"power": 2}, [2.25, 12.3125]),
    # 1.5^3, .25^3 + 3.5^3
    "MarginHinge cubed": (OUTPUTS, {"power": 3}, [3.375, 42.890625]),
    # .2 + .5 + .3, .9 + .1 + .8
    "Expectation": (P, {}, [1.0, 1.8]),
    # .04 + .25 + .09, .81 + .01 + .64
    "RegularizedExpectation": (P, {}, [0.38, 1.46]),
    "Chebyshev": (P, {}, [0.5, 0.9]),
    # (ln .5)^2, (ln .1)^2
    "SquaredLog": (P, {}, [0.480453, 5.301898]),
    # -.5 / (.38 + 1 - .5), -.1 / (.66 + 1 - .1)
    "Tanimoto": (P, {}, [-0.568182, -0.064103]),
    # -ln(.5 / sqrt(.38)), -ln(.1 / sqrt(.66))
    "CauchySchwarz": (P, {}, [0.209355, 2.094827]),
}


def made(case, **arguments):
    name = case.split()[0]
    return make(Kind("losses").read({"type": name, **BY_HAND[case][1], **arguments}, Context), ())


class Context:
    context = None


@pytest.mark.parametrize("case", BY_HAND)
def test_a_loss_is_what_a_hand_works_out(case):
    outputs, _, expected = BY_HAND[case]
    found = made(case, reduction="none")(Y, outputs)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert float(made(case)(Y, outputs)) == pytest.approx(np.mean(expected), rel=1e-5)


def test_every_loss_of_ours_is_among_them():
    assert {case.split()[0] for case in BY_HAND} == set(OWN["losses"])


@pytest.mark.parametrize("case", [case for case in BY_HAND if BY_HAND[case][0] is P])
def test_a_loss_of_probabilities_takes_logits(case):
    logits = np.log(P) + 3
    np.testing.assert_allclose(made(case, from_logits=True)(Y, logits), made(case)(Y, P), rtol=1e-5)


@pytest.mark.parametrize("case", BY_HAND)
def test_the_slope_is_that_of_differences(case):
    loss, at = made(case), tf.Variable(BY_HAND[case][0])
    y = tf.constant(Y)
    with tf.GradientTape() as tape:
        value = loss(y, at)
    slope = tape.gradient(value, at).numpy()
    step = np.zeros((2, 3))
    for i in np.ndindex(2, 3):
        moved = [BY_HAND[case][0].copy() for _ in range(2)]
        moved[0][i] += 1e-3
        moved[1][i] -= 1e-3
        step[i] = (float(loss(Y, moved[0])) - float(loss(Y, moved[1]))) / 2e-3
    kinks = {("MarginHinge", (0, 1))}  # an output of .5 lies on the margin itself
    for i in np.ndindex(2, 3):
        if (case, i) not in kinks:
            assert slope[i] == pytest.approx(step[i], abs=3e-3), i


@pytest.mark.parametrize("name", ["SquaredLog", "CauchySchwarz", "Tanimoto"])
def test_a_probability_of_0_has_a_finite_loss(name):
    value = float(made(name)(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])))
    assert np.isfinite(value)
    assert value == pytest.approx({"SquaredLog": 259.793, "CauchySchwarz": 16.1181, "Tanimoto": 0.0}[name])


@pytest.mark.parametrize("case", BY_HAND)
def test_a_loss_is_made_again_from_its_config(case):
    loss = made(case)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert type(again) is type(loss)
    assert again.get_config() == loss.get_config()


@pytest.mark.parametrize("name", OWN["losses"])
def test_a_loss_is_known_by_its_name_in_words(name):
    words = "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
    read = Kind("losses").read(words, Context)
    assert read.name == name
    assert type(make(read, ())) is OWN["losses"][name]
    assert facts(read).labels == ("any" if name in {"L1Loss", "L2Loss"} else "one_hot")
