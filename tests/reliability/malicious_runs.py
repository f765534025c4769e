"""Runs that were made to do harm, by name: what is done to a good one, and what is said of it.

Those that would run code would leave a file behind, the canary.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import struct

from tests.run.model_files.malicious import NUMBERS, Harmful, harm

DAMAGED = "{run}/run.json: the record is damaged: "
WEIGHTS = "{run}/weights.safetensors: "
CONFIG = "{run}/resolved.yaml: 1 problem\n\n"


def record(**changes):
    """Other values in run.json; None takes a key away."""

    def change(run):
        content = json.loads((run / "run.json").read_text())
        content |= changes
        (run / "run.json").write_text(json.dumps({k: v for k, v in content.items() if v is not None}))

    return change


def vouched(name, make):
    """A file of another content, with its digest put right."""

    def change(run):
        content = make(run) if callable(make) else make
        content = content.encode() if isinstance(content, str) else content
        (run / name).write_bytes(content)
        known = json.loads((run / "run.json").read_text())["sha256"]
        record(sha256={**known, name: hashlib.sha256(content).hexdigest()})(run)

    return change


def replaced(name, make):
    """A file in whose place something else stands."""

    def change(run):
        (run / name).unlink()
        make(run / name)

    return change


def sparse(path):
    with path.open("wb") as stream:
        stream.truncate(5 << 30)


def tensors(header, data=b""):
    text = json.dumps(header).encode() if isinstance(header, dict) else header
    return struct.pack("<Q", len(text)) + text + data


def one(shape, offsets, kind="F32"):
    return {"w": {"dtype": kind, "shape": shape, "data_offsets": offsets}}


def config(layer):
    text = (
        "data: {type: sklearn, name: iris}\nmodel: {layers: [{type: %s}]}\ntraining: {loss: mse, epochs: 1}\n"
    )
    return vouched("resolved.yaml", text % layer)


RECORDS = {
    "record_deep": (
        lambda run: (run / "run.json").write_text("[" * 100_000),
        f"{DAMAGED}maximum recursion depth exceeded while decoding a JSON array from a unicode string",
    ),
    "record_bomb": (
        replaced("run.json", sparse),
        "{run}/run.json: has 5.0 GiB, and at most 16.0 MiB of such a file are read; put it back as the run wrote it",
    ),
    "record_pipe": (
        replaced("run.json", os.mkfifo),
        "{run}/run.json: is no regular file",
    ),
    "record_device": (
        replaced("run.json", lambda path: path.symlink_to("/dev/zero")),
        "{run}/run.json: is no regular file",
    ),
    "record_text": (
        lambda run: (run / "run.json").write_text("hello"),
        f"{DAMAGED}Expecting value: line 1 column 1 (char 0)",
    ),
    "record_list": (
        lambda run: (run / "run.json").write_text("[]"),
        "{run}/run.json: is not the record of a run: schema None, not 'nntrain.run/1'",
    ),
    "record_status": (record(status="ready"), f"{DAMAGED}'status' is not as nntrain writes it"),
    "record_no_status": (record(status=None), f"{DAMAGED}'status' is missing"),
    "record_no_data": (record(data=None), f"{DAMAGED}'data' is missing"),
    "record_data": (record(data={"fingerprint": 3}), f"{DAMAGED}'data.fingerprint' is not as nntrain writes it"),
    "record_config": (record(config={"file": ["/"]}), f"{DAMAGED}'config.file' is not as nntrain writes it"),
    "record_digests": (record(sha256=["x"]), f"{DAMAGED}'sha256' is not as nntrain writes it"),
    "record_targets": (record(targets=[{"name": "y"}]), f"{DAMAGED}'targets.0.task' is missing"),
    "record_process": (record(process="1; rm"), f"{DAMAGED}'process' is not as nntrain writes it"),
    "record_threads": (record(threads={"intra": -1, "inter": 1}), f"{DAMAGED}'threads.intra' is not as nntrain writes it"),
    "folds_of_itself": (record(folds=2, runs=["."]), f"{DAMAGED}'runs.0' is not as nntrain writes it"),
    "folds_elsewhere": (record(folds=2, runs=["../../x"]), f"{DAMAGED}'runs.0' is not as nntrain writes it"),
    "folds_many": (record(folds=10**12, runs=[]), f"{DAMAGED}'folds' is not as nntrain writes it"),
}  # fmt: skip

NO_WEIGHTS = f"{WEIGHTS}is not a file of weights, or was cut off"
NUMBERS_OF = {
    "weights_pickle": (vouched("weights.safetensors", lambda run: pickle.dumps(Harmful(run.parent))), NO_WEIGHTS),
    "weights_hdf5": (vouched("weights.safetensors", NUMBERS), NO_WEIGHTS),
    "weights_empty": (vouched("weights.safetensors", b""), NO_WEIGHTS),
    "weights_long_header": (vouched("weights.safetensors", struct.pack("<Q", 1 << 62) + bytes(99)), NO_WEIGHTS),
    "weights_sparse": (
        replaced("weights.safetensors", sparse),
        f"{WEIGHTS}has 5.0 GiB, and at most 8.0 MiB of such a file are read; put it back as the run wrote it",
    ),
    "weights_pipe": (
        replaced("weights.safetensors", os.mkfifo),
        f"{WEIGHTS}is no regular file",
    ),
    "weights_device": (
        replaced("weights.safetensors", lambda path: path.symlink_to("/dev/zero")),
        f"{WEIGHTS}is no regular file",
    ),
    "weights_bomb": (
        vouched("weights.safetensors", tensors(one([1 << 40], [0, 1 << 42]))),
        f"{WEIGHTS}holds 0 bytes of arrays and declares 4,398,046,511,104",
    ),
    "weights_overlap": (
        vouched("weights.safetensors", tensors(one([1], [0, 4]) | {"v": one([1], [2, 6])["w"]}, bytes(8))),
        f"{WEIGHTS}is damaged: 'v' overlaps another array, or leaves a hole",
    ),
    "weights_negative": (
        vouched("weights.safetensors", tensors(one([-1], [0, 4]), bytes(4))),
        f"{WEIGHTS}is damaged: what it says of 'w' makes no sense",
    ),
    "weights_objects": (
        vouched("weights.safetensors", tensors(one([1], [0, 8], "O"), bytes(8))),
        f"{WEIGHTS}is damaged: what it says of 'w' makes no sense",
    ),
    "weights_twice": (
        vouched("weights.safetensors", tensors(b'{"w": 1, "w": 2}')),
        f"{WEIGHTS}is damaged: its header can't be read",
    ),
    "weights_deep": (
        vouched("weights.safetensors", tensors(b"[" * 100_000)),
        f"{WEIGHTS}is damaged: its header can't be read",
    ),
}  # fmt: skip

CONFIGS = {
    "config_lambda": (
        config("Lambda"),
        f"{CONFIG}2:25 model.layers[0].type: layers can't be 'Lambda': it runs code that isn't part of the config",
    ),
    "config_saved_model": (
        config("TFSMLayer"),
        f"{CONFIG}2:25 model.layers[0].type: layers can't be 'TFSMLayer': it loads or runs code that isn't part of the config",
    ),
    "config_import": (
        config("os.system"),
        f"{CONFIG}2:25 model.layers[0].type: Keras has no layer named 'os.system'; a config imports nothing: your own classes come from 'code: FILE.py'",
    ),
    "config_tag": (
        vouched("resolved.yaml", "seed: !!python/object/apply:os.system [touch canary]\n"),
        f"{CONFIG}1:7 the tag '!!python/object/apply:os.system' is not allowed; remove it",
    ),
    "config_aliases": (
        vouched("resolved.yaml", "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 60))),
        f"{CONFIG}12:12 aliases expand to more than 10,000 values; use fewer of them",
    ),
    "config_depth": (
        vouched("resolved.yaml", "a: " + "[" * 90_000),
        f"{CONFIG}1:44 values are nested more than 40 levels deep; take some of them away",
    ),
    "config_size": (
        vouched("resolved.yaml", "#" * (1 << 20)),
        "{run}/resolved.yaml: has 1.0 MiB, and at most 256.0 KiB of such a file are read; put it back as the run wrote it",
    ),
    "config_code": (
        lambda run: (
            (run / "mine.py").write_text(harm(run.parent)),
            vouched("resolved.yaml", lambda r: f"code: mine.py\n{(r / 'resolved.yaml').read_text()}")(run),
            record(code={"file": "mine.py", "sha256": "0"})(run),
        ),
        "{run}/code.py: the file is missing from the run; bring back what was written, or train again",
    ),
    "config_digest": (
        lambda run: (run / "resolved.yaml").write_text("x: 1\n"),
        "{run}/resolved.yaml: the file was changed after the run: its SHA-256 is ",
    ),
}  # fmt: skip

CORPUS = {**RECORDS, **NUMBERS_OF, **CONFIGS}
"""By name: what is done to a run, and how the message begins."""
