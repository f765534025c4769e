"""Which way features are prepared: by what they are."""

from __future__ import annotations

from collections.abc import Mapping

from nntrain.config.data import Preprocess
from nntrain.data.dataset import Features, Table
from nntrain.data.kind import Kind
from nntrain.data.prepare.arrays import ArrayFitting, FittedTokens, check_array
from nntrain.data.prepare.fitted import Fitted
from nntrain.data.prepare.tables import TableFitting
from nntrain.data.prepare.unfit import check_table, refuse_unknown_columns
from nntrain.data.texts.features import Texts
from nntrain.errors import DataError, Problem


def check(inputs: Mapping[str, Features], settings: Preprocess, *, tokens: bool = False) -> None:
    """Refuse, before anything is split or fitted, what the steps can't be done to.

    Args:
        inputs: The features of some rows, by input.
        settings: What is asked for.
        tokens: Whether they are word numbers.

    Raises:
        DataError: Steps of a column that is not there or of another kind; missing values that nothing
            replaces, each column with their count and the place of the first; numbers without a logarithm.
    """
    tables = [features for features in inputs.values() if isinstance(features, Table | Texts)]
    if names := tuple(dict.fromkeys(name for table in tables for name in table.order)):
        refuse_unknown_columns(names, settings)
    elif settings.columns and not any(isinstance(f, Kind) for f in inputs.values()):
        message = (
            "the rows are arrays, whose columns have no names; set steps for all with data.preprocess.numeric"
        )
        raise DataError(Problem(message, ("data", "preprocess", "columns"), id="conflict"))
    problems: list[Problem] = []
    for features in inputs.values():
        try:
            if isinstance(features, Kind):
                features.check(settings)
            elif isinstance(features, Table):
                check_table(features, settings)
            else:
                check_array(features, settings, tokens=tokens)
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(*dict.fromkeys(problems))


def fit(features: Features, settings: Preprocess, *, tokens: bool = False) -> Fitted:
    """Learn from the training rows of one input, and from them alone.

    Args:
        features: The training rows, checked by `check`.
        settings: What to do.
        tokens: Whether they are word numbers.

    Raises:
        DataError: A column to be filled has no value in the training rows, or too many categories.
    """
    if isinstance(features, Kind):
        return features.fit(settings)
    if isinstance(features, Table):
        table = TableFitting(settings)
        table.add(features)
        return table.result()
    if tokens:
        return FittedTokens(len(features), features.shape[1:])
    array = ArrayFitting(settings)
    array.add(features)
    return array.result()
