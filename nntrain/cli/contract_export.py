"""What `nntrain export --json` prints."""

from __future__ import annotations

from nntrain.cli.schemas import COUNT, MAPPING, NUMBER, TEXT, TEXTS, Schema, fields, items, maybe

PORT: Schema = {
    "type": "object",
    "required": ["name", "shape", "dtype", "holds", "names"],
    "properties": {
        "name": TEXT,
        "shape": {**items(maybe(COUNT)), "description": "With null for the rows."},
        "dtype": TEXT,
        "holds": TEXT,
        "names": {**TEXTS, "description": "Columns, classes, labels or numbers."},
        "raw": {"type": "boolean", "description": "Of an input: whether rows go in as they are read."},
        "task": TEXT,
        "threshold": items({"type": "number"}),
        "unknown": {
            "enum": ["error", "zeros", "own"],
            "description": "Of texts: what becomes of unknown ones.",
        },
    },
    "additionalProperties": False,
}
EXPORTED: Schema = {
    "run": TEXT,
    "format": {"enum": ["saved_model", "onnx", "tflite", "keras"]},
    "quantize": {"enum": ["int8", "float16", None]},
    "path": TEXT,
    "bytes": COUNT,
    "inputs": items(PORT),
    "outputs": items(PORT),
    "tolerance": {**NUMBER, "description": "Null where weights are kept in fewer bits."},
    "compared": fields(
        {
            "runtime": TEXT,
            "split": TEXT,
            "rows": COUNT,
            "difference": {**NUMBER, "description": "The largest; of numbers beyond 1 as a share of them."},
            "scores": {**MAPPING, "additionalProperties": fields({"run": NUMBER, "exported": NUMBER})},
        }
    ),
    "notes": TEXTS,
}
