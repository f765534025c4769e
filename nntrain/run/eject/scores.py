"""The part of the script that prints the scores of the held-out rows."""

from __future__ import annotations

from nntrain.config.network.outputs import NetworkOutput
from nntrain.data.dataset import Dataset
from nntrain.evaluation.boxes import is_box
from nntrain.model.targets import output_kind
from nntrain.run.eject.code import Call, lines, text
from nntrain.run.eject.draft import Draft
from nntrain.run.eject.targets import Predicted
from nntrain.run.eject.training import BOX_IOU


def scored(dataset: Dataset) -> str:
    """The split whose rows are scored."""
    held_out = [name for name in ("test", "validation") if name in dataset.splits]
    return str(held_out[0]) if held_out else "train"


def scoring(draft: Draft, found: list[Predicted]) -> list[str]:
    """The lines that print the scores of every output."""
    split = scored(draft.dataset)
    several = len(draft.dataset.input_shapes) > 1
    read = f"some(x, {split})" if several else f"x[{split}]"
    lines_ = [f"outputs = model.predict({read}, batch_size=256, verbose=0)"]
    for one in found:
        outputs, prefix = "outputs", ""
        if len(found) > 1:
            outputs, prefix = f"outputs[{text(one.output.name)}]", f"{one.info.name} "
        lines_ += _of_one(draft, one, outputs, f"{one.y}[{split}]", prefix)
    return lines_


def _of_one(draft: Draft, one: Predicted, outputs: str, y: str, prefix: str) -> list[str]:
    task = one.info.task
    if task == "reconstruction":
        return [
            f'print(f"{prefix}MSE {{np.mean(({outputs} - {y}) ** 2):.4f}}")',
            f'print(f"{prefix}MAE {{np.mean(np.abs({outputs} - {y})):.4f}}")',
        ]
    if task == "regression":
        if one.info.shape not in ((), (1,)):
            return _of_numbers(draft, one, outputs, y, prefix)
        value = f"{outputs}[:, 0]"
        return [
            f"errors = {value} - {y}",
            f"spread = (({y} - {y}.mean()) ** 2).sum()",
            f'print(f"{prefix}MAE {{np.abs(errors).mean():.4f}}")',
            f'print(f"{prefix}RMSE {{np.sqrt((errors**2).mean()):.4f}}")',
            f'print(f"{prefix}R2 {{1 - (errors**2).sum() / spread:.4f}}")',
        ]
    decided = _decided(draft, one.output, one.units, outputs)
    found = [
        f"predicted = {decided}",
        f'print(f"{prefix}accuracy {{np.mean(predicted == {y}):.4f}}")',
    ]
    flat = (f"{y}.ravel()", "predicted.ravel()") if task == "segmentation" else (y, "predicted")
    draft.need("from sklearn.metrics import classification_report")
    report = Call(
        "classification_report",
        list(flat),
        {
            "labels": f"range(len({one.classes}))",
            "target_names": one.classes,
            "digits": "4",
            "zero_division": "0",
        },
    )
    return [*found, *lines("report = ", report), "print(report)"]


def _of_numbers(draft: Draft, one: Predicted, outputs: str, y: str, prefix: str) -> list[str]:
    """Of several numbers a row: the mean over them."""
    found = [
        f"errors = {outputs} - {y}",
        f"spread = (({y} - {y}.mean(axis=0)) ** 2).sum(axis=0)",
        f'print(f"{prefix}MAE {{np.abs(errors).mean():.4f}}")',
        f'print(f"{prefix}RMSE {{np.sqrt((errors**2).mean()):.4f}}")',
        f'print(f"{prefix}R2 {{(1 - (errors**2).sum(axis=0) / spread).mean():.4f}}")',
    ]
    if is_box(one.info.names):
        draft.define(BOX_IOU)
        found += [
            f"shared = np.mean(box_iou({y}, {outputs}))",
            f'print(f"{prefix}box IoU {{shared:.4f}}")',
        ]
    return found


def _decided(draft: Draft, output: NetworkOutput, units: int, outputs: str) -> str:
    if units > 1:
        return f"{outputs}.argmax(axis=-1)" if output.per_pixel else f"{outputs}.argmax(axis=1)"
    kind, boundary = output_kind(output)
    threshold = draft.config.evaluation.threshold
    assert isinstance(threshold, float)
    if kind == "sigmoid":
        cut = repr(threshold)
    elif kind == "sigmoid_logits":
        cut = "0" if threshold == 0.5 else f"np.log({threshold!r} / (1 - {threshold!r}))"
    else:
        cut = repr(boundary)
    return (
        f"({outputs}[..., 0] > {cut}).astype(int)"
        if output.per_pixel
        else f"({outputs}[:, 0] > {cut}).astype(int)"
    )
