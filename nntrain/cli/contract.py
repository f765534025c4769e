"""The JSON Schema of what `--json` prints: one object, whatever the command."""

from __future__ import annotations

from nntrain.cli.contract_export import EXPORTED
from nntrain.cli.contract_tune import tuned
from nntrain.cli.discover import NAMES
from nntrain.cli.error_ids import EXITS, IDS
from nntrain.cli.output import RESULT_SCHEMA
from nntrain.cli.schemas import CONFIG, COUNT, LIST, MAPPING, NUMBER, TEXT, TEXTS, Schema
from nntrain.cli.schemas import fields as _object
from nntrain.cli.schemas import items as _items
from nntrain.cli.schemas import maybe as _maybe

PLACE: Schema = {
    "key": {**_maybe(TEXT), "description": "The config's key, such as model.layers[0].units."},
    "file": _maybe(TEXT),
    "line": {**_maybe({"type": "integer", "minimum": 1}), "description": "From 1."},
    "column": {**_maybe({"type": "integer", "minimum": 1}), "description": "From 1."},
    "text": {**_maybe(TEXT), "description": "The line of the file."},
}
SAID: Schema = {"id": {"$ref": "#/$defs/id"}, "message": TEXT, **PLACE}
DEFINED: dict[str, Schema] = {
    "problem": _object(SAID),
    "error": {
        **_object({**SAID, "rendered": TEXT}),
        "description": "The first problem, and as `rendered` all that a terminal would show.",
    },
    "outcome": {"enum": ["identical", "within tolerance", "different"]},
    "id": {"oneOf": [{"const": name, "description": text} for name, text in sorted(IDS.items())]},
    "exit": {"oneOf": [{"const": code, "description": text} for code, text in EXITS.items()]},
}
INTERVAL = _object({"low": {"type": "number"}, "high": {"type": "number"}, "resamples": COUNT})
BASELINE: Schema = {**MAPPING, "required": ["name"], "properties": {"name": TEXT}}
SPREAD: Schema = {
    "anyOf": [_object({"mean": NUMBER, "std": NUMBER, each: _items(NUMBER)}) for each in ("folds", "seeds")]
}
DEFINED["scores"] = {
    **MAPPING,
    "description": "Scores by name, null where one is not defined, and what they are to be read with.",
    "required": ["rows", "intervals", "baseline", "other_baselines", "undefined"],
    "properties": {
        "rows": COUNT,
        "intervals": {
            **MAPPING,
            "description": "95 % bootstrap intervals by the score's name.",
            "additionalProperties": INTERVAL,
        },
        "undefined": {**MAPPING, "description": "Why a score is null.", "additionalProperties": TEXT},
        "baseline": BASELINE,
        "other_baselines": _items(BASELINE),
        "little_support": {**TEXTS, "description": "Classes or labels of fewer than 10 rows."},
        "notes": TEXTS,
    },
}
DEFINED["spreads"] = {
    **MAPPING,
    "description": "Scores by name, each with its mean, deviation and the value of every fold or seed.",
    "required": ["rows"],
    "properties": {"rows": SPREAD},
}
PROBLEM: Schema = {"$ref": "#/$defs/problem"}
ERROR: Schema = {"$ref": "#/$defs/error"}
RUN = _object({"dir": TEXT, "status": TEXT}, {"name": TEXT})
METRICS: Schema = {
    **MAPPING,
    "description": "The scores of each split, as in metrics.json; of folds or seeds mean and deviation.",
    "additionalProperties": {
        "anyOf": [
            {"$ref": "#/$defs/scores"},
            _object({"outputs": {**MAPPING, "additionalProperties": {"$ref": "#/$defs/scores"}}}),
            {"$ref": "#/$defs/spreads"},
            _object({"outputs": {**MAPPING, "additionalProperties": {"$ref": "#/$defs/spreads"}}}),
        ]
    },
}
EXPECTED = _object(
    {"name": TEXT, "expected": TEXT, "value": NUMBER, "met": {"type": "boolean"}, "difference": NUMBER},
    {"baseline": NUMBER, "why": TEXT},
)
EXPECTATIONS: Schema = {"expectations": {**_items(EXPECTED), "minItems": 1}}
FITTED: Schema = {"run": RUN, "seconds": NUMBER, "notes": TEXTS, "metrics": METRICS}
HELPED = _object({"worker": COUNT, "workers": COUNT})
FOLD = _object({"dir": TEXT, "epochs": COUNT, "best_epoch": _maybe(COUNT), "seconds": NUMBER})
CHECK = _object({"name": TEXT, "status": TEXT, "text": TEXT, "layer": _maybe(TEXT)})
SMOKE = _object({"rows": COUNT, "checks": _items(CHECK)}, {"config": TEXT})
COMPARED = _object({"outcome": {"$ref": "#/$defs/outcome"}, "compared": COUNT, "difference": NUMBER})
ENTRY = _object({"name": TEXT, "group": _maybe(TEXT), "summary": TEXT})
DESCRIBED: Schema = {"name": TEXT, "summary": TEXT, "arguments": LIST, "aliases": TEXTS, "example": TEXT}
CHANGE = _object({"key": TEXT, "change": {"enum": ["changed", "added", "removed"]}}, {"old": {}, "new": {}})
FILE = _object(
    {"file": TEXT, "ok": {"type": "boolean"}, "exit": COUNT, "problems": _items(PROBLEM)},
    {
        "warnings": TEXTS,
        "error": ERROR,
        "resolved": MAPPING,
        "why": MAPPING,
        "build": MAPPING,
        "data": MAPPING,
    },
)
BENCH: Schema = {
    **CONFIG,
    "data": TEXT,
    "rows": COUNT,
    "batch_size": COUNT,
    "parameters": COUNT,
    "device": TEXT,
    "rounds": COUNT,
    "epochs_per_round": COUNT,
    "epochs_trained": COUNT,
    "engines": {**MAPPING, "additionalProperties": MAPPING},
    "left_out": MAPPING,
    "limit": MAPPING,
    "versions": MAPPING,
    "machine": MAPPING,
}
VERIFIED: Schema = {
    "run": RUN,
    "files": {**MAPPING, "additionalProperties": {"enum": ["ok", "damaged", "missing"]}},
    "extra": TEXTS,
    "notes": TEXTS,
}
PREDICTED: Schema = {
    "run": TEXT,
    "schema_sha256": {
        **TEXT,
        "description": "Of the columns with their kinds, or the shapes, that the run takes.",
    },
    "inputs": TEXTS,
    "to": {**_maybe(TEXT), "description": "The file or folder that holds the predictions."},
    "rows": COUNT,
    "skipped": {**COUNT, "description": "Rows that --skip-bad left out."},
    "problems": {**_items(PROBLEM), "description": "What is wrong with the first of them."},
    "notes": TEXTS,
    "seconds": {**NUMBER, "description": "For reading, predicting and writing, without the start."},
    "rows_per_second": NUMBER,
}
REPRODUCED: Schema = {
    "run": RUN,
    "reproduces": TEXT,
    "outcome": {"$ref": "#/$defs/outcome"},
    "tolerance": NUMBER,
    "compared": _object({"weights": COMPARED, "history": COMPARED, "scores": COMPARED}),
    "changed": _items(_object({"what": TEXT, "recorded": {}, "now": {}})),
}
ADVICE = _object(
    {
        "id": TEXT,
        "weight": {"enum": ["problem", "note"]},
        "title": TEXT,
        "why": TEXT,
        "edit": {**_maybe(TEXT), "description": "The edit of the config as an argument of fit."},
    }
)
REPORTED: Schema = {
    "run": RUN,
    "to": {**TEXT, "description": "The page."},
    "bytes": COUNT,
    "verdict": TEXTS,
    "findings": _items(ADVICE),
}
SCORE = _object({"value": NUMBER, "std": NUMBER})
LISTED = _object(
    {
        **dict.fromkeys(("run", "name", "status"), TEXT),
        **{name: _maybe(TEXT) for name in ("started", "task", "holds", "score", "problem")},
        **{name: _maybe(COUNT) for name in ("epochs", "of", "parameters", "seed")},
        "seconds": NUMBER,
        "scores": {**MAPPING, "additionalProperties": SCORE},
    }
)
REMOVED = _object({"run": TEXT, "status": TEXT, "bytes": COUNT})
PRUNED: Schema = {
    "dry_run": {"type": "boolean"},
    "removed": _items(REMOVED),
    "bytes": COUNT,
    "kept": {**MAPPING, "additionalProperties": TEXT},
}
SHOWN: Schema = {
    "run": RUN,
    "row": LISTED,
    "record": {**MAPPING, "description": "The content of run.json."},
    "metrics": {**MAPPING, "description": "The content of metrics.json; empty if the run has none."},
    "files": {**MAPPING, "additionalProperties": COUNT},
    "further": {**_maybe(TEXT), "description": "The command that goes on with the run."},
}
ENDS: Schema = {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}
NOISE: Schema = {"within_noise": {"type": "boolean"}}
PAIRED = _object(
    dict.fromkeys(("rows", "first", "second", "difference"), NUMBER) | {"interval": ENDS, **NOISE}
)
DISCORDANT = _object({"first_alone": COUNT, "second_alone": COUNT, "p": NUMBER, **NOISE})
TESTED = _object(
    {
        "output": _maybe(TEXT),
        "score": TEXT,
        "better": {"enum": ["higher", "lower"]},
        "bootstrap": PAIRED,
        "mcnemar": _maybe(DISCORDANT),
        **NOISE,
    }
)
AGAINST = _object({"differences": _items(CHANGE), "tests": _items(TESTED), "not_tested": _maybe(TEXT)})
CELL = _object({"value": NUMBER, "std": NUMBER, "interval": _maybe(ENDS)})
BY_TITLE: Schema = {**MAPPING, "additionalProperties": _items(_maybe(CELL))}
SIDE_BY_SIDE: Schema = {
    "runs": _items(RUN),
    "scores": {
        **MAPPING,
        "description": "By output ('' for the only one) and title, the score of each run.",
        "additionalProperties": BY_TITLE,
    },
    "against_first": _items(AGAINST),
    "notes": TEXTS,
}

PICTURE = _object({"files": TEXTS, "kind": TEXT, "title": TEXT, "alt": TEXT})

TRAINED = [
    _object({**FITTED, "epochs": COUNT, "best_epoch": _maybe(COUNT)}, EXPECTATIONS),
    _object({**FITTED, "folds": _items(FOLD)}, EXPECTATIONS),
    _object({**FITTED, "seeds": _items(FOLD), "median": TEXT}, EXPECTATIONS),
]
EVALUATED = _object(
    {"model": TEXT, "split": TEXT, "written": _maybe(TEXT), "notes": TEXTS, "metrics": METRICS},
    {"examples": _items(MAPPING), "pictures": TEXTS, "folds": COUNT, "seeds": COUNT, **EXPECTATIONS},
)
RESULTS: dict[str, list[Schema]] = {
    "fit": [*TRAINED, _object({"smoke": SMOKE}), HELPED],
    "resume": [*TRAINED, HELPED],
    "launch": [*TRAINED, HELPED],
    "evaluate": [EVALUATED],
    "predict": [_object(PREDICTED)],
    "export": [_object(EXPORTED)],
    "tune": tuned(FITTED),
    "check": [_object({"files": _items(FILE)})],
    "data": [_object({"file": TEXT, "data": MAPPING}, {"plot": TEXT})],
    "diff": [_object({"a": TEXT, "b": TEXT, "differences": _items(CHANGE)})],
    "bench": [_object(BENCH)],
    "verify": [_object(VERIFIED)],
    "reproduce": [_object(REPRODUCED)],
    "runs": [_object({"runs": _items(LISTED)}), _object(PRUNED)],
    "show": [_object(SHOWN)],
    "report": [_object(REPORTED)],
    "compare": [_object(SIDE_BY_SIDE, {"plot": TEXT})],
    "pictures": [_object({"run": TEXT, "pictures": _items(PICTURE), "drawn": COUNT})],
    "init": [
        _object({"templates": {**MAPPING, "additionalProperties": TEXT}}),
        _object({"config": TEXT, "found": TEXTS}),
        _object({"wrote": TEXTS, "found": TEXTS}),
    ],
    **{
        name: [_object({"kind": TEXT, "entries": _items(ENTRY)}), _object({"kind": TEXT, **DESCRIBED})]
        for name in NAMES
    },
}
"""By command, what it prints beside `schema`, `command`, `ok` and `exit` when it has something to say."""

WHEN_IT_FAILS: dict[str, list[Schema]] = {
    "fit": RESULTS["fit"],
    "resume": RESULTS["resume"],
    "evaluate": RESULTS["evaluate"],
    "check": RESULTS["check"],
    "tune": RESULTS["tune"],
    "verify": RESULTS["verify"],
    "reproduce": RESULTS["reproduce"],
}
"""What some commands print of their result though they do not leave with 0."""


def result_schema() -> Schema:
    """The JSON Schema, draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "nntrain result",
        "description": "What a command prints on stdout under --json: one object, and nothing else.",
        "type": "object",
        "required": ["schema", "command", "ok", "exit"],
        "oneOf": [
            *(_variant(command, one) for command, several in RESULTS.items() for one in several),
            _failure(None, {}),
            *(_failure(command, one) for command, several in WHEN_IT_FAILS.items() for one in several),
        ],
        "$defs": DEFINED,
    }


def _head(command: Schema, ok: bool, code: Schema) -> Schema:
    names = {**TEXTS, "description": "Numbers that are null here because they are not finite."}
    return {
        "properties": {
            "schema": {"const": RESULT_SCHEMA},
            "command": command,
            "ok": {"const": ok},
            "exit": code,
            "nonfinite": names,
        },
        "required": ["schema", "command", "ok", "exit"],
    }


def _joined(head: Schema, more: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {**head["properties"], **more.get("properties", {})},
        "required": [*head["required"], *more.get("required", [])],
        "additionalProperties": False,
    }


def _variant(command: str, result: Schema) -> Schema:
    return {"title": command, **_joined(_head({"const": command}, True, {"const": 0}), result)}


def _failure(command: str | None, result: Schema) -> Schema:
    code = {"$ref": "#/$defs/exit", "not": {"const": 0}}
    known = {"type": ["string", "null"]} if command is None else {"const": command}
    wrong: Schema = {"error": ERROR, "problems": {**_items(PROBLEM), "minItems": 1}}
    told = {} if command == "check" else wrong
    head = _head(known, False, code)
    found = {
        "properties": {**told, **result.get("properties", {})},
        "required": [*told, *result.get("required", [])],
    }
    return {"title": f"{command or 'any command'}, failed", **_joined(head, found)}
