"""Files in the format HDF5 that are not what they should be; each is written by the test that wants it."""

from __future__ import annotations

import h5py
import numpy as np

KERNEL, BIAS = "layers/dense/vars/0", "layers/dense/vars/1"
WANTED = {KERNEL: ((20, 30), "float32"), BIAS: ((30,), "float32")}
NONE_THERE = "and the config's layers have none there"


def good(file):
    rng = np.random.default_rng(0)
    file[KERNEL] = rng.normal(size=(20, 30)).astype("float32")
    file[BIAS] = rng.normal(size=30).astype("float32")
    file["optimizer/vars/0"] = np.ones((400, 30))
    file["layers/dense/vars"].attrs["name"] = "dense"


def without_kernel(file):
    good(file)
    del file[KERNEL]


def external_link(file):
    without_kernel(file)
    file[KERNEL] = h5py.ExternalLink("/etc/passwd", "/x")


def soft_link(file):
    without_kernel(file)
    file[KERNEL] = h5py.SoftLink("/optimizer/vars/0")


def group_link(file):
    good(file)
    del file["layers/dense"]
    file["layers/dense"] = h5py.ExternalLink("other.h5", "/")


def virtual(file):
    without_kernel(file)
    layout = h5py.VirtualLayout((20, 30), "float32")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (20, 30))
    file.create_virtual_dataset(KERNEL, layout)


def external_storage(file):
    without_kernel(file)
    file.create_dataset(KERNEL, (20, 30), "float32", external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)])


def chunked(file):
    without_kernel(file)
    file.create_dataset(KERNEL, (20, 30), "float32", chunks=(20, 30), compression="gzip")


def huge_chunks(file):
    without_kernel(file)
    file.create_dataset(KERNEL, (20, 30), "float32", chunks=(16_000, 16_000), maxshape=(None, None))


def huge_shape(file):
    without_kernel(file)
    file.create_dataset(KERNEL, (1_000_000, 1_000_000), "float32")


def never_written(file):
    without_kernel(file)
    file.create_dataset(KERNEL, (20, 30), "float32")


def other_type(file):
    without_kernel(file)
    file[KERNEL] = np.zeros((20, 30))


def texts(file):
    without_kernel(file)
    file.create_dataset(KERNEL, (20, 30), h5py.string_dtype())


def references(file):
    without_kernel(file)
    file.create_dataset(KERNEL, (20, 30), h5py.ref_dtype)


def compound(file):
    without_kernel(file)
    file[KERNEL] = np.zeros((20, 30), [("a", "f4"), ("b", "f4")])


def empty_space(file):
    without_kernel(file)
    file[KERNEL] = h5py.Empty("float32")


def a_group(file):
    without_kernel(file)
    file.create_group(KERNEL)


def more_weights(file):
    good(file)
    file["layers/dense_1/vars/0"] = np.zeros(3)


def cycle(file):
    good(file)
    file["layers/dense/again"] = file["layers"]


def deep(file):
    good(file)
    file["layers/dense/" + "/".join("x" * 200)] = np.zeros(3)


def broad(file):
    """Each group holds the next one twice, so that there are 2 ** 50 ways down."""
    good(file)
    group = file["layers"]
    for _ in range(50):
        inner = group.create_group("a")
        group["b"] = inner
        group = inner


CORPUS = {
    "without_kernel": (without_kernel, f"has no weights '{KERNEL}', which the config's layers have"),
    "external_link": (external_link, f"has a link at '{KERNEL}' where numbers should be"),
    "soft_link": (soft_link, f"has a link at '{KERNEL}' where numbers should be"),
    "group_link": (group_link, "has a link at 'layers/dense' where numbers should be"),
    "virtual": (virtual, f"takes the numbers of '{KERNEL}' from another file"),
    "external_storage": (external_storage, f"takes the numbers of '{KERNEL}' from another file"),
    "chunked": (chunked, f"packs the numbers of '{KERNEL}', which Keras does not"),
    "huge_chunks": (huge_chunks, f"packs the numbers of '{KERNEL}', which Keras does not"),
    "huge_shape": (
        huge_shape,
        f"holds '{KERNEL}' (1000000, 1000000) float32, and the config's layers have (20, 30) float32",
    ),
    "never_written": (never_written, f"does not hold all numbers of '{KERNEL}'"),
    "other_type": (
        other_type,
        f"holds '{KERNEL}' (20, 30) float64, and the config's layers have (20, 30) float32",
    ),
    "texts": (texts, f"holds '{KERNEL}' (20, 30) object, and the config's layers have (20, 30) float32"),
    "references": (
        references,
        f"holds '{KERNEL}' (20, 30) object, and the config's layers have (20, 30) float32",
    ),
    "compound": (
        compound,
        f"holds '{KERNEL}' (20, 30) void64, and the config's layers have (20, 30) float32",
    ),
    "empty_space": (empty_space, f"has no numbers at '{KERNEL}'"),
    "a_group": (a_group, f"has no numbers at '{KERNEL}'"),
    "more_weights": (more_weights, f"holds weights 'layers/dense_1/vars/0', {NONE_THERE}"),
    "cycle": (cycle, "has groups of weights that never end"),
    "deep": (deep, "has groups of weights that never end"),
    "broad": (broad, "has groups of weights that never end"),
}
"""What each file is, and what is said of it."""
