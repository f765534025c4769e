"""Small tables and settings for the tests beside this."""

import json

import numpy as np
from hypothesis import strategies as st

from nntrain.config.data import Preprocess
from nntrain.data.dataset import Table
from nntrain.data.prepare.document import from_json, to_json
from nntrain.errors import Location

NAN = np.nan
FLOATS = st.floats(-1e6, 1e6, width=32).map(lambda v: v if abs(v) > 1e-6 else 0.0)


def prep(numeric=None, categorical=None, **columns):
    return Preprocess(numeric=numeric or {}, categorical=categorical or {}, columns=columns)


def table(where=None, **columns):
    made = {
        name: np.array(v, object if isinstance(v[0], str | None) else float) for name, v in columns.items()
    }
    return Table(
        {name: v for name, v in made.items() if v.dtype != object},
        {name: v for name, v in made.items() if v.dtype == object},
        tuple(columns),
        np.arange(len(next(iter(made.values())))),
        where,
    )


def in_file(row, column):
    return Location("t.csv", row + 2, 1, f"row {row} of {column}")


def written(fitted, rows=3):
    """`preprocess.json` of one input."""
    return json.loads(json.dumps(to_json({"features": fitted}, {"target": ("y",)}, np.arange(rows))))


def reread(fitted):
    """The state as a later command has it."""
    states, targets = from_json(written(fitted))
    assert targets == {"target": ("y",)}
    return states["features"]
