"""A run on the rows of its own source: what it says of the test rows is what `predictions.csv` has."""

import csv
import io

import numpy as np

from nntrain.run.prediction.ask import Ask
from nntrain.run.prediction.predict import predict

TOLERANCE = 2e-6
"""Probabilities are rounded to six decimals; larger batches may sum in another order."""


def table(text):
    """The columns of a CSV text by name."""
    names, *rows = csv.reader(io.StringIO(text))
    return dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())


def predicted(run, *inputs, **asked):
    """The columns that a run gives on standard output, and what was done."""
    out = io.BytesIO()
    done = predict(str(run), Ask(tuple(map(str, inputs)), **asked), out)
    return table(out.getvalue().decode()), done


def check_own_rows(run, file, classes=False):
    """Compare each column that both have, row by row."""
    recorded = table((run / "predictions.csv").read_text())
    found, _ = predicted(run, file, probabilities=classes)
    position = {row: i for i, row in enumerate(found["row"])}
    rows = [position[row] for row in recorded["row"]]
    compared = [name for name in recorded if name in found and name != "row"]
    assert compared
    for name in compared:
        mine = [found[name][row] for row in rows]
        if all(map(is_number, recorded[name])) and all(map(is_number, mine)):
            truth = np.array(recorded[name], float)
            gap = np.abs(np.array(mine, float) - truth) / np.maximum(1, np.abs(truth))
            assert gap.max() < TOLERANCE, name
        else:
            assert mine == list(recorded[name]), name
    return compared


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True
