"""The same numbers as scikit-learn's transformers, on real data and on drawn data."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

from nntrain.data.prepare import statistics
from nntrain.data.prepare.preparation import fit
from tests.data.prepare.made import FLOATS, NAN, prep, table

SCALERS = {"standard": StandardScaler, "min_max": MinMaxScaler, "robust": RobustScaler}
SETS = {"wine": load_wine, "breast_cancer": load_breast_cancer}


def features(name):
    return SETS[name]().data


def as_table(x):
    return table(**{f"c{i}": column for i, column in enumerate(x.T)})


def with_gaps(x, share=0.1):
    """Gaps in every other column, none in the rest."""
    gaps = np.random.default_rng(0).random(x.shape) < share
    gaps[:, ::2] = False
    return np.where(gaps, NAN, x)


@pytest.mark.parametrize("scale", SCALERS)
@pytest.mark.parametrize("name", SETS)
def test_scaled_columns_are_those_of_scikit_learn(name, scale):
    x = features(name)
    train, new = x[: len(x) // 2], x[len(x) // 2 :]
    expected = SCALERS[scale]().fit(train).transform(new)
    ours = fit(train, prep({"scale": scale})).apply(new)
    np.testing.assert_allclose(ours, expected.astype(np.float32), rtol=2e-6, atol=1e-7)
    assert fit(as_table(train), prep({"scale": scale})).apply(as_table(new)).tobytes() == ours.tobytes()


@pytest.mark.parametrize("name", SETS)
def test_statistics_are_scikit_learns_to_the_last_digits(name):
    x = features(name)
    numbers = fit(x, prep({"scale": "standard"})).numbers
    reference = StandardScaler().fit(x)
    np.testing.assert_allclose(numbers.statistics.mean, reference.mean_, rtol=1e-13)
    np.testing.assert_allclose(numbers.statistics.std, reference.scale_, rtol=1e-12)
    robust = fit(x, prep({"scale": "robust"})).numbers.affine
    np.testing.assert_allclose(
        robust, [RobustScaler().fit(x).center_, RobustScaler().fit(x).scale_], rtol=1e-14
    )


def test_a_small_deviation_around_a_large_mean_is_exact(monkeypatch):
    monkeypatch.setattr(statistics, "BLOCK", 1000)
    x = 1e9 + np.random.default_rng(0).normal(0, 1e-3, (50_000, 1))
    found = fit(x, prep({"scale": "standard"})).numbers.statistics
    np.testing.assert_allclose(found.std, x.std(axis=0), rtol=1e-6)
    np.testing.assert_allclose(found.mean, x.mean(axis=0), rtol=1e-15)


@settings(deadline=None)
@given(
    arrays(np.float64, st.tuples(st.integers(2, 30), st.integers(1, 4)), elements=FLOATS),
    st.sampled_from(sorted(SCALERS)),
)
def test_any_numbers_are_scaled_as_scikit_learn_does(x, scale):
    ours = fit(x, prep({"scale": scale})).apply(x)
    expected = SCALERS[scale]().fit_transform(x)
    spread = np.ptp(np.percentile(x, (25, 75), axis=0), axis=0) if scale == "robust" else x.std(axis=0)
    moving = spread > 1e-9 * (1 + np.abs(x).max(axis=0))
    np.testing.assert_allclose(ours[:, moving], expected[:, moving], rtol=1e-4, atol=1e-5)
    constant = x.min(axis=0) == x.max(axis=0)
    assert not ours[:, constant].any()


@pytest.mark.parametrize("impute", ["mean", "median", "most_frequent", 7.5])
@pytest.mark.parametrize("scale", SCALERS)
def test_gaps_are_filled_and_flagged_as_by_a_pipeline(impute, scale):
    x = with_gaps(features("wine"))
    train, new = x[::2], x[1::2]
    strategy = (
        {"strategy": impute} if isinstance(impute, str) else {"strategy": "constant", "fill_value": impute}
    )
    filled = make_pipeline(SimpleImputer(**strategy), SCALERS[scale]()).fit(train).transform(new)
    flags = SimpleImputer(add_indicator=True, **strategy).fit(train).transform(new)[:, x.shape[1] :]
    steps = prep({"impute": impute, "scale": scale, "flag_missing": True})
    ours = fit(train, steps).apply(new)
    np.testing.assert_allclose(ours[:, : x.shape[1]], filled, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(ours[:, x.shape[1] :], flags)
    fitted = fit(as_table(train), steps)
    prepared = fitted.apply(as_table(new))
    flagged = [column.endswith("missing") for column in fitted.columns]
    assert prepared[:, flagged].tolist() == flags.tolist()
    assert prepared[:, np.invert(flagged)].tobytes() == np.ascontiguousarray(ours[:, : x.shape[1]]).tobytes()


@pytest.mark.parametrize("scale", SCALERS)
def test_all_steps_together_are_those_of_a_pipeline(scale):
    x = with_gaps(features("breast_cancer"))
    train, new = x[::2], x[1::2]
    pipeline = make_pipeline(
        SimpleImputer(strategy="median"),
        FunctionTransformer(lambda numbers: np.log1p(np.clip(numbers, 0.05, 500))),
        SCALERS[scale](),
    )
    expected = pipeline.fit(train).transform(new)
    steps = prep({"impute": "median", "clip": [0.05, 500], "log": True, "scale": scale})
    np.testing.assert_allclose(fit(train, steps).apply(new), expected, rtol=1e-4, atol=1e-5)


def test_texts_are_encoded_as_scikit_learn_does():
    draw = np.random.default_rng(0)
    train = draw.choice(["red", "green", "blue", "Ärger", ""], (60, 1)).astype(object)
    new = draw.choice(["red", "blue", "Ärger", "violet"], (60, 1)).astype(object)
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(train).transform(new)
    fitted = fit(table(c=train[:, 0]), prep(None, {"unknown": "zeros"}))
    assert fitted.apply(table(c=new[:, 0])).tolist() == one_hot.tolist()
    reference = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=5).fit(train)
    fitted = fit(table(c=train[:, 0]), prep(None, {"encode": "ordinal", "unknown": "own"}))
    assert fitted.apply(table(c=new[:, 0])).tolist() == reference.transform(new).tolist()
