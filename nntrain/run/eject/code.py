"""Python calls as text, broken into lines as Black breaks them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nntrain.config.vocabulary.keras_object import KerasObject

WIDTH = 88
STEP = "    "
MODULES = {
    "schedules": "keras.optimizers.schedules",
    **{
        kind: f"keras.{kind}"
        for kind in (
            "callbacks",
            "constraints",
            "initializers",
            "layers",
            "losses",
            "metrics",
            "optimizers",
            "regularizers",
        )
    },
}
"""Where Keras keeps each kind of object."""
SAID_SHORTLY = {"BoxIoU": "box_iou", "ImageKernel": "image_kernels"}
"""Parts of nntrain that a script defines in a few lines, and what it calls them."""


@dataclass(frozen=True)
class Call:
    """A call, or with another pair of brackets a list or a mapping."""

    name: str
    arguments: Sequence[Expression] = ()
    named: Mapping[str, Expression] = field(default_factory=dict)
    brackets: str = "()"

    def items(self) -> list[tuple[str, Expression]]:
        """What stands between the brackets, each with what stands before it."""
        if self.brackets == "{}":
            return [(f"{text(key)}: ", value) for key, value in self.named.items()]
        return [*(("", one) for one in self.arguments), *((f"{k}=", v) for k, v in self.named.items())]


Expression = Call | str


def listed(items: Sequence[Expression]) -> Call:
    """A list."""
    return Call("", items, brackets="[]")


def mapping(items: Mapping[str, Expression]) -> Call:
    """A mapping of texts."""
    return Call("", (), items, brackets="{}")


def lines(before: str, value: Expression, after: str = "", indent: str = "") -> list[str]:
    """A statement on one line, or on as many as it takes.

    Args:
        before: What stands before the value, such as `model = `.
        value: An expression.
        after: What stands behind it.
        indent: Before each line.
    """
    flat = indent + before + on_one_line(value) + after
    if len(flat) <= WIDTH or isinstance(value, str) or not value.items():
        return [flat]
    head = indent + before + on_one_line(value)
    if after.startswith("(") and len(head) < WIDTH:
        return [f"{head}(", indent + STEP + after[1:-1], f"{indent})"]
    opening, closing = value.brackets[0], value.brackets[1]
    items = value.items()
    inner = indent + STEP
    together = inner + ", ".join(start + on_one_line(one) for start, one in items)
    if len(together) <= WIDTH and value.brackets == "()" and len(items) > 0 and not _holds_lists(items):
        body = [together]
    else:
        body = [line for start, one in items for line in lines(start, one, ",", inner)]
    return [indent + before + value.name + opening, *body, indent + closing + after]


def _holds_lists(items: Sequence[tuple[str, Expression]]) -> bool:
    return any(isinstance(one, Call) and one.brackets == "[]" for _, one in items)


def on_one_line(value: Expression) -> str:
    """An expression without line breaks."""
    if isinstance(value, str):
        return value
    inside = ", ".join(start + on_one_line(one) for start, one in value.items())
    return f"{value.name}{value.brackets[0]}{inside}{value.brackets[1]}"


def text(value: str) -> str:
    """A string as Black quotes it."""
    written = repr(value)
    return written if written.startswith('"') or '"' in value else f'"{written[1:-1]}"'


def literal(value: Any) -> Expression:
    """A value of a config."""
    if isinstance(value, KerasObject):
        return keras_object(value)
    if isinstance(value, str):
        return text(value)
    if isinstance(value, (list, tuple)):
        if any(isinstance(one, KerasObject) for one in value):
            return listed([literal(one) for one in value])
        inside = ", ".join(on_one_line(literal(one)) for one in value)
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(k)}: {on_one_line(literal(v))}" for k, v in value.items()) + "}"
    return repr(value)


def kernel_name(kernel: Any) -> str:
    """An image kernel as a script names it; one that is written out stays so."""
    return kernel.upper() if isinstance(kernel, str) else str([list(row) for row in kernel])


def keras_object(spec: KerasObject, **more: Any) -> Expression:
    """What makes an object of Keras; a bare name where Keras takes one."""
    if spec.name == "ImageKernel":
        return Call(SAID_SHORTLY[spec.name], [kernel_name(kernel) for kernel in spec.arguments["kernels"]])
    if spec.name in SAID_SHORTLY:
        return SAID_SHORTLY[spec.name]
    if spec.kind == "activations":
        return text(spec.name)
    if not spec.arguments and spec.kind not in ("layers", "callbacks"):
        return text(spec.type)
    named = {key: literal(value) for key, value in {**spec.arguments, **more}.items()}
    return Call(f"{MODULES[spec.kind]}.{spec.name}", (), named)
