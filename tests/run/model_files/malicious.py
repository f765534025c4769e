"""Model files that were made to do harm, by name: each one is written by the test that wants it.

Those that would run code would leave a file behind, the canary.
"""

from __future__ import annotations

import base64
import io
import json
import marshal
import pickle
import struct
import zipfile
import zlib
from pathlib import Path

CANARY = "canary"
ZEROS = bytes(64 << 20)
METADATA = json.dumps({"keras_version": "3.15.1", "date_saved": "2026-01-01@00:00:00"})
NUMBERS = b"\x89HDF\r\n\x1a\n" + b"\0" * 500


def layer(class_name, module="keras.layers", registered=None, **config):
    return {"module": module, "class_name": class_name, "config": config, "registered_name": registered}


def model(*layers, **more):
    first = layer("InputLayer", batch_shape=[None, 2], dtype="float32", name="input")
    return {**layer("Sequential", "keras", name="m", layers=[first, *layers]), **more}


GOOD = model(layer("Dense", units=3, activation="softmax"))


def archive(config=GOOD, *, names=("metadata.json", "config.json", "model.weights.h5"), **contents):
    """A .keras file with a config of our own."""
    held = {
        "metadata.json": METADATA,
        "config.json": config if isinstance(config, (str, bytes)) else json.dumps(config),
        "model.weights.h5": NUMBERS,
        **contents,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in names:
            file.writestr(name, held[name])
    return buffer.getvalue()


def with_members(*members, compression=zipfile.ZIP_STORED):
    """A good file, and further members: name or ZipInfo, and content."""
    buffer = io.BytesIO(archive())
    with zipfile.ZipFile(buffer, "a", compression) as file:
        for name, content in members:
            file.writestr(name, content)
    return buffer.getvalue()


def harm(folder):
    """Code that leaves the canary."""
    return f"__import__('pathlib').Path({str(Path(folder) / CANARY)!r}).touch()"


def lambda_layer(folder):
    code = compile(f"lambda x: {harm(folder)}", "x", "eval").co_consts[0]
    text = base64.b64encode(marshal.dumps(code)).decode()
    function = {"class_name": "__lambda__", "config": {"code": text, "defaults": None, "closure": None}}
    return archive(model(layer("Lambda", function=function)))


def hidden_lambda(folder):
    code = base64.b64encode(marshal.dumps(compile(harm(folder), "x", "exec"))).decode()
    function = {"class_name": "__lambda__", "config": {"code": code, "defaults": None, "closure": None}}
    return archive(model(layer("Dense", units=3, activation=function)))


def called(module, name, *arguments):
    return archive(model(layer(name, module, args=list(arguments))))


class Harmful:
    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return eval, (harm(self.folder),)


def symlink(folder):
    info = zipfile.ZipInfo("assets/link")
    info.external_attr = 0o120777 << 16
    return with_members((info, "/etc/passwd"))


def bomb(folder):
    return with_members(("assets/zeros", ZEROS), compression=zipfile.ZIP_DEFLATED)


def lying_bomb(folder):
    """A packed config of 64 MiB that says that it has 1,000 bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("metadata.json", METADATA)
        file.writestr("config.json", b" " * (64 << 20))
        file.writestr("model.weights.h5", NUMBERS)
    return buffer.getvalue().replace(struct.pack("<I", 64 << 20), struct.pack("<I", 1_000_000))


def overlapping(folder):
    """Two entries of the table of contents that share one member's bytes."""
    content = with_members(("assets/a", b"x" * 100), ("assets/b", b"y" * 100))
    start = content.rindex(b"PK\x01\x02")
    first = content[: content.rindex(b"PK\x01\x02", 0, start)].rindex(b"PK\x01\x02")
    offset = content[first + 42 : first + 46]
    return content[: start + 42] + offset + content[start + 46 :]


def many_members(folder):
    return with_members(*((f"assets/{i}", b"") for i in range(2_000)))


def unlike_names(folder):
    """The table of contents calls a member otherwise than the member does."""
    content = with_members(("assets/a", b""))
    at = content.index(b"assets/a")
    return content[:at] + b"assets/z" + content[at + 8 :]


def encrypted(folder):
    content = with_members(("assets/a", b"abc"))
    at = content.rindex(b"PK\x01\x02")
    return content[: at + 8] + b"\x01" + content[at + 9 :]


def deep(folder):
    return archive(f'{json.dumps(GOOD)[:-1]}, "a": {"[" * 5_000}{"]" * 5_000}}}')


def nested(folder):
    inner = GOOD
    for _ in range(60):
        inner = layer("Sequential", "keras", layers=[inner])
    return archive(inner)


KERAS = "which is not a part of Keras that a model file may name"
NEVER = "which runs code of the file's own; such a model is never loaded"
CUT = "is not a .keras file, or was cut off"

CORPUS = {
    "lambda": (lambda_layer, f"holds a Lambda layer, {NEVER}"),
    "hidden_lambda": (hidden_lambda, f"holds a Python function, {NEVER}"),
    "os_system": (
        lambda f: called("os", "system", f"touch {Path(f) / CANARY}"),
        f"names 'system' of the module 'os', {KERAS}",
    ),
    "builtins_eval": (
        lambda f: archive(model(layer("function", "builtins", "eval") | {"config": "eval"})),
        f"names the Python function 'eval', {NEVER}",
    ),
    "builtins_class": (
        lambda f: called("builtins", "exec"),
        f"names 'exec' of the module 'builtins', {KERAS}",
    ),
    "keras_utility": (
        lambda f: called("keras.utils", "get_file", "https://example.org"),
        f"names 'get_file' of the module 'keras.utils', {KERAS}",
    ),
    "keras_backend": (
        lambda f: called("keras.config", "set_backend", "jax"),
        f"names 'set_backend' of the module 'keras.config', {KERAS}",
    ),
    "keras_source": (
        lambda f: called("keras.src.utils.file_utils", "get_file"),
        f"names 'get_file' of the module 'keras.src.utils.file_utils', {KERAS}",
    ),
    "saved_model_layer": (
        lambda f: archive(model(layer("TFSMLayer", filepath="/tmp/other"))),
        f"names 'TFSMLayer' of the module 'keras.layers', {KERAS}",
    ),
    "torch_layer": (
        lambda f: archive(model(layer("TorchModuleWrapper", pickled="gASV"))),
        f"names 'TorchModuleWrapper' of the module 'keras.layers', {KERAS}",
    ),
    "registered": (
        lambda f: archive(model(layer("Dense", registered="my>Dense", units=3))),
        f"names 'Dense' of the module 'keras.layers', {KERAS}",
    ),
    "no_module": (lambda f: archive({"class_name": "system"}), f"names 'system', {KERAS}"),
    "class_is_a_list": (
        lambda f: archive({"class_name": ["x"]}),
        "is damaged: its config names a class in a way that Keras does not",
    ),
    "in_compile_config": (
        lambda f: archive(model(compile_config={"loss": layer("loads", "pickle")})),
        f"names 'loads' of the module 'pickle', {KERAS}",
    ),
    "absolute_name": (
        lambda f: with_members(("/etc/cron.d/x", "")),
        "has a member whose name leads out of it: '/etc/cron.d/x'",
    ),
    "parent_name": (
        lambda f: with_members(("assets/../../x", "")),
        "has a member whose name leads out of it: 'assets/../../x'",
    ),
    "backslash_name": (
        lambda f: with_members(("assets\\x", "")),
        "has a member whose name leads out of it: 'assets\\\\x'",
    ),
    "symlink": (symlink, "has a member that is a link or no file: 'assets/link'"),
    "code_member": (
        lambda f: with_members(("model.py", harm(f))),
        "has a member 'model.py'; a .keras file has config.json, metadata.json and model.weights.h5",
    ),
    "encrypted": (encrypted, "has an encrypted member 'assets/a'"),
    "lzma": (
        lambda f: with_members(("assets/a", b"abc"), compression=zipfile.ZIP_LZMA),
        "has a member 'assets/a' that is packed in an unusual way",
    ),
    "bomb": (
        bomb,
        f"is a bomb: 'assets/zeros' has {len(zlib.compress(ZEROS)) - 6:,} bytes and would unpack to 67,108,864",
    ),
    "lying_bomb": (lying_bomb, "is damaged: config.json can't be unpacked"),
    "overlapping": (overlapping, "has members that overlap: 'assets/b' begins inside the one before it"),
    "many_members": (many_members, "claims 2,003 members; a .keras file has three"),
    "unlike_names": (unlike_names, "calls 'assets/a' something else in its table of contents"),
    "large_config": (
        lambda f: archive(b" " * (9 << 20)),
        "has 9,437,184 bytes of config.json; at most 8,388,608 are read",
    ),
    "many_parts": (lambda f: archive("[" * 600_000), "has a config of more than 500,000 parts"),
    "deep": (deep, "has a config that is nested more than 100 deep"),
    "deep_metadata": (
        lambda f: archive(**{"metadata.json": "[" * 50_000}),
        "has no metadata of Keras 3; save the model again with Keras 3",
    ),
    "nested": (nested, "has a config that is nested more than 100 deep"),
    "not_json": (lambda f: archive("{"), "is damaged: its config.json describes no model"),
    "no_config": (
        lambda f: archive(names=("metadata.json", "model.weights.h5")),
        "has no config.json, so it is not a .keras file",
    ),
    "old_metadata": (
        lambda f: archive(**{"metadata.json": '{"keras_version": "2.12"}'}),
        "has no metadata of Keras 3; save the model again with Keras 3",
    ),
    "pickle": (
        lambda f: pickle.dumps(Harmful(f)),
        "is a Python pickle called .keras: reading it would run what it says, so it is refused",
    ),
    "hdf5": (
        lambda f: NUMBERS,
        "is an HDF5 file called .keras; open it with Keras where you trust it, and save it again with "
        "model.save('model.keras')",
    ),
    "empty": (lambda f: b"", CUT),
    "text": (lambda f: b"units: 3\n", CUT),
    "yaml": (lambda f: b"!!python/object/apply:os.system [touch canary]\n", CUT),
    "behind_a_program": (lambda f: b"#!/bin/sh\nexit\n" + archive(), CUT),
    "before_a_comment": (lambda f: archive()[:-2] + b"\x03\x00abc", CUT),
}
"""What each file is, and what is said of it."""
