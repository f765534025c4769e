"""Windows over the rows of a file, and the values that come after each."""

from __future__ import annotations

from nntrain.config.data import SeriesSource
from nntrain.run.eject.code import text
from nntrain.run.eject.draft import Draft, Source
from nntrain.run.eject.preparing import columns
from nntrain.run.eject.sources import tables


def series(draft: Draft, data: SeriesSource) -> Source:
    """The lines that give `starts`, the first row of each window, `y`, and all splits."""
    found = tables.csv(draft, data)
    time = None if data.time is None else f"table[{text(_named(data.time))}]"
    if data.group is not None:
        group = text(_named(data.group))
        found += [
            f"series = pd.factorize(table[{group}])[0]",
            'table = table.iloc[np.argsort(series, kind="stable")]',
            "series = np.sort(series)",
        ]
    column, *_ = draft.dataset.preprocess["targets"]["target"]
    name = column if data.steps == 1 else column.rsplit("+", 1)[0]
    found += [f'target = table[{text(name)}].to_numpy("float32")', ""]
    found += _parts(data, time)
    found += _starts(data)
    ahead = "starts + WINDOW + HORIZON - 1"
    if data.steps > 1:
        found.append(f"ahead = ({ahead})[:, None] + np.arange({data.steps})")
        ahead = "ahead"
    found.append(f"y = target[{ahead}]")
    if data.preprocess.numeric.impute is not None:
        known = "~np.isnan(y)" if data.steps == 1 else "~np.isnan(y).any(axis=1)"
        found += [f"known = {known}", "starts, y = starts[known], y[known]"]
    names = ("train", "validation", "test")
    own = [name for name in names if name in draft.dataset.splits]
    found += [f"{name} = np.flatnonzero(part[starts] == {names.index(name)})" for name in own]
    return Source(found, "len(starts)", names)


def _parts(data: SeriesSource, time: str | None) -> list[str]:
    """The lines that say of each row whether it trains (0), validates (1) or tests (2)."""
    sizes = [
        f"test_from = len(rows) - round(len(rows) * {data.split.test or 0.0})",
        f"validation_from = test_from - round(test_from * {data.split.validation})",
    ]
    if data.group is None:
        sizes = [line.replace("len(rows)", "len(table)") for line in sizes]
        return [
            *sizes,
            "part = np.zeros(len(table), int)",
            "part[validation_from:], part[test_from:] = 1, 2",
        ]
    if time is not None:
        sizes = [line.replace("len(rows)", "len(table)") for line in sizes]
        return [
            *sizes,
            f"times = {time}.to_numpy()",
            "ordered = np.sort(times)",
            "part = np.zeros(len(table), int)",
            "for number, first in (1, validation_from), (2, test_from):",
            "    if first < len(table):",
            "        part[times >= ordered[first]] = number",
        ]
    return [
        "part = np.zeros(len(table), int)",
        "for one in np.unique(series):",
        "    rows = np.flatnonzero(series == one)",
        *(f"    {line}" for line in sizes),
        "    part[rows[validation_from:]], part[rows[test_from:]] = 1, 2",
    ]


def _starts(data: SeriesSource) -> list[str]:
    """The lines that give the windows that lie in one split, with all that they predict."""
    stride = "" if data.stride == 1 else f", {data.stride}"
    if data.group is None:
        found = [
            f"starts = np.arange(0, len(table) - REACH + 1{stride})"
            if stride
            else "starts = np.arange(len(table) - REACH + 1)"
        ]
    else:
        step = "" if data.stride == 1 else f":{data.stride}"
        found = [
            "of_series = [np.flatnonzero(series == one) for one in np.unique(series)]",
            f"starts = np.concatenate([rows[: 1 - REACH{step}] for rows in of_series])",
        ]
    return [*found, "starts = starts[part[starts] == part[starts + REACH - 1]]"]


def constants(data: SeriesSource) -> list[str]:
    """The lines above the script that say how long a window is and how far it looks."""
    reach = "WINDOW + HORIZON" if data.steps == 1 else f"WINDOW + HORIZON + {data.steps - 1}"
    return [f"WINDOW = {data.window}", f"HORIZON = {data.horizon}", f"REACH = {reach}"]


def windows(draft: Draft) -> list[str]:
    """The lines that prepare the rows, by those that training windows show, and lay windows over them."""
    (state,) = draft.dataset.preprocess["inputs"].values()
    return [
        "shown = starts[:, None] + np.arange(WINDOW)",
        "seen = np.unique(shown[train])",
        *columns.columns(draft, "rows", state["windows"]["of"]["columns"], "seen"),
        "x = rows[shown]",
    ]


def _named(column: str | int) -> str:
    return str(column)
