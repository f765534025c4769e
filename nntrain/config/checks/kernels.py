"""Image kernels that do not fit the layer whose weights they are."""

from __future__ import annotations

from collections.abc import Iterator

from nntrain.config.network.graph import Graph, Step
from nntrain.config.schema import Config
from nntrain.config.vocabulary.image_kernels import matrix
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.errors import Problem

KERNEL = "kernel_initializer"


def check_kernels(config: Config) -> list[Problem]:
    """Every layer that has not as many filters as kernels, or not their size."""
    return list(_check(config.graph))


def kernels_of(layer: KerasObject) -> tuple[object, ...]:
    """The image kernels that a layer's weights begin with; none for other weights."""
    initializer = layer.argument(KERNEL)
    if (
        isinstance(initializer, KerasObject)
        and initializer.name == "ImageKernel"
        and not initializer.registered
    ):
        return tuple(initializer.arguments["kernels"])
    return ()


def _check(graph: Graph) -> Iterator[Problem]:
    for step in graph.steps:
        if isinstance(step.layer, Graph):
            yield from _check(step.layer)
        elif kernels_of(step.layer):
            yield from _check_layer(step, step.layer)


def _check_layer(step: Step, layer: KerasObject) -> Iterator[Problem]:
    kernels = kernels_of(layer)
    if layer.name != "Conv2D":
        message = (
            f"image kernels are weights of a Conv2D, and this is a {layer.name}; use Conv2D, or remove this"
        )
        yield Problem(message, (*step.path, KERNEL), id="kernel")
        return
    filters, count = layer.argument("filters"), len(kernels)
    if isinstance(filters, int) and filters != count:
        kernels_are = f"{count} image kernel{'s' if count > 1 else ''}"
        message = f"there are {kernels_are}, each a filter, and {filters} filters; set filters: {count}"
        yield Problem(message, (*step.path, "filters"), id="kernel")
    size = layer.argument("kernel_size")
    wanted = (size, size) if isinstance(size, int) else tuple(size or ())
    for i, kernel in enumerate(kernels):
        rows = matrix(kernel)
        have = (len(rows), len(rows[0]))
        if have != wanted:
            of = f"'{kernel}'" if isinstance(kernel, str) else "this kernel"
            message = f"{of} has {have[0]} x {have[1]} numbers, and kernel_size is {_sides(wanted)}"
            yield Problem(f"{message}; make them the same", (*step.path, KERNEL, "kernels", i), id="kernel")


def _sides(size: tuple[object, ...]) -> str:
    return " x ".join(map(str, size))
