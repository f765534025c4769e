"""The lines that make float32 of raw numbers which are all treated alike, by what the training rows teach."""

from __future__ import annotations

from nntrain.config.data import Numeric


def alike(variable: str, steps: Numeric, *, flat: bool, rows: str = "train") -> list[str]:
    """Steps of an array, or of all columns of a table.

    Args:
        variable: The array, which is prepared in place.
        steps: Without flags of gaps.
        flat: Whether rows are one number a feature, so that each feature is treated by itself.
        rows: The numbers of the rows that teach.
    """
    x, axis = variable, "axis=0" if flat else ""
    learnt_from = f"{x}[{rows}]"
    found = []
    if steps.impute in ("median", "mean"):
        given = ", ".join(filter(None, (learnt_from, axis)))
        found.append(f"{x} = np.where(np.isnan({x}), np.nan{steps.impute}({given}), {x})")
    elif steps.impute is not None:
        found.append(f"{x} = np.where(np.isnan({x}), {steps.impute!r}, {x})")
    if steps.clip is not None:
        found.append(f"{x} = np.clip({x}, {steps.clip[0]!r}, {steps.clip[1]!r})")
    if steps.log:
        found.append(f"{x} = np.log1p({x})")
    shift, divisor = "0", "1"
    if steps.scale == "standard":
        found.append(f"mean, std = {learnt_from}.mean({axis}), {learnt_from}.std({axis})")
        shift, divisor = "mean", "np.where(std == 0, 1, std)"
    elif steps.scale == "min_max":
        found.append(f"low, high = {learnt_from}.min({axis}), {learnt_from}.max({axis})")
        shift, divisor = "low", "np.where(high == low, 1, high - low)"
    elif steps.scale == "robust":
        given = ", ".join(filter(None, (learnt_from, "[0.25, 0.5, 0.75]", axis)))
        found.append(f"low, middle, high = np.quantile({given})")
        shift, divisor = "middle", "np.where(high == low, 1, high - low)"
    elif steps.range is not None:
        shift, divisor = number(steps.range[0]), number(steps.range[1] - steps.range[0])
    moved = x if shift == "0" else f"({x} - {shift})"
    scaled = moved if divisor == "1" else f"{moved} / {divisor}"
    whole = scaled if scaled in (x, moved) else f"({scaled})"
    return [*found, f'{x} = {whole}.astype("float32")']


def number(value: float) -> str:
    """A number as people write it."""
    return str(int(value)) if float(value).is_integer() else repr(value)
