"""The part of the script that names the classes and encodes what is to be predicted, as losses take it."""

from __future__ import annotations

from dataclasses import dataclass

from nntrain.config.data import KerasSource, SklearnSource
from nntrain.config.network.outputs import NetworkOutput
from nntrain.data.dataset import TargetInfo
from nntrain.model.targets import Encoding
from nntrain.run.eject.code import lines, listed, text
from nntrain.run.eject.draft import Draft
from nntrain.run.eject.sources.tables import raw_name


@dataclass(frozen=True)
class Predicted:
    """An output of the network and its target."""

    output: NetworkOutput
    info: TargetInfo
    how: Encoding
    units: int
    y: str
    """The variable of the raw target; of a reconstruction that of the features."""
    classes: str
    """The variable of the classes' names."""


def predicted(draft: Draft, output: NetworkOutput, info: TargetInfo, how: Encoding, units: int) -> Predicted:
    """An output with its variables."""
    y = "x" if info.task == "reconstruction" else raw_name(draft, info.name)
    return Predicted(output, info, how, units, y, raw_name(draft, info.name, "classes"))


def classes(draft: Draft, one: Predicted) -> list[str]:
    """The lines that give the names of the classes, and the labels as their numbers."""
    if one.info.task == "segmentation":
        return lines(f"{one.classes} = ", listed([text(name) for name in one.info.names]))
    if one.info.task != "classification":
        return []
    data = draft.config.data
    by_name = bool(getattr(data, "inputs", None) or getattr(data, "targets", None))
    if isinstance(data, SklearnSource) and not data.name.startswith("make_") and not by_name:
        return [f"{one.classes} = [str(name) for name in data.target_names]"]
    named = isinstance(data, SklearnSource | KerasSource) or getattr(data, "class_names", None) is not None
    if not named:
        whole = ".astype(int)" if _as_numbers(one.info.names) else ""
        names = raw_name(draft, one.info.name, "names")
        return [
            f"{names}, {one.y} = np.unique({one.y}{whole}, return_inverse=True)",
            f"{one.classes} = [str(name) for name in {names}]",
        ]
    return lines(f"{one.classes} = ", listed([text(name) for name in one.info.names]))


def _as_numbers(names: tuple[str, ...]) -> bool:
    """Whether labels are whole numbers that the alphabet would bring into another order."""
    return all(name.isdecimal() for name in names) and sorted(names) != list(names)


def encoded(found: list[Predicted]) -> list[str]:
    """The lines that give `targets`; of several outputs a mapping by the output's name."""
    if len(found) == 1:
        return [f"targets = {_encoded(found[0])}"]
    inner = [f"    {text(one.output.name)}: {_encoded(one)}," for one in found]
    return ["targets = {", *inner, "}"]


def _encoded(one: Predicted) -> str:
    if one.info.task == "segmentation":
        return {"index": f'{one.y}.astype("int32")', "column": f'{one.y}[..., None].astype("float32")'}.get(
            one.how, f'np.eye({len(one.info.names)}, dtype="float32")[{one.y}]'
        )
    return {
        "index": f'{one.y}.astype("int32")',
        "one_hot": f'np.eye({len(one.info.names)}, dtype="float32")[{one.y}]',
        "column": f'{one.y}.astype("float32").reshape(-1, 1)',
        "as_is": one.y if one.info.task == "reconstruction" else f'{one.y}.astype("float32")',
    }[one.how]
