"""No window knows what comes after its split, whatever the rows, the shares and the window are."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nntrain.config.data import SeriesSource, Split
from nntrain.data.series.cut import cut, parts_of
from nntrain.errors import DataError

COUNTS = st.integers(1, 6)


@given(
    lengths=st.lists(st.integers(1, 60), min_size=1, max_size=4),
    shares=st.tuples(st.floats(0, 0.45), st.floats(0, 0.45)),
    numbers=st.tuples(COUNTS, COUNTS, COUNTS, COUNTS),
    timed=st.booleans(),
)
def test_all_rows_of_a_window_are_of_one_split(lengths, shares, numbers, timed):
    window, horizon, steps, stride = numbers
    split = Split(validation=shares[0], test=shares[1])
    source = SeriesSource(
        type="series",
        path="s.csv",
        target="a",
        window=window,
        horizon=horizon,
        steps=steps,
        stride=stride,
        split=split,
    )
    series = np.repeat(np.arange(len(lengths)), lengths)
    pieces = [np.flatnonzero(series == number) for number in range(len(lengths))]
    times = np.concatenate([np.arange(n) + 3.0 * i for i, n in enumerate(lengths)]) if timed else None
    parts = parts_of(pieces, split, times, series)
    if timed:
        assert times[parts == 0].max(initial=-1) < times[parts > 0].min(initial=1e9)
        assert times[parts < 2].max(initial=-1) < times[parts == 2].min(initial=1e9)
    else:
        assert all((np.diff(parts[piece]) >= 0).all() for piece in pieces)
    try:
        found = cut(pieces, parts, source)
    except DataError:
        return
    rows = np.concatenate(pieces)
    for number, name in enumerate(("train", "validation", "test")):
        for start in found.starts.get(name, ()):
            used = rows[start : start + source.reach]
            assert len(used) == source.reach
            assert set(parts[used]) == {number}
            assert len(set(series[used])) == 1
    held = sum(map(len, found.starts.values())) + found.left_out
    assert held == sum(max(0, -(-(n - source.reach + 1) // stride)) for n in lengths)
