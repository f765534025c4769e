"""What `nntrain tune --json` prints."""

from __future__ import annotations

from nntrain.cli.schemas import COUNT, MAPPING, NUMBER, TEXT, Schema, fields, items, maybe

TRIAL: Schema = {
    "number": {**COUNT, "description": "From 1."},
    "state": {"enum": ["running", "finished", "pruned", "diverged", "failed", "interrupted", "lost"]},
    "value": {**NUMBER, "description": "Of the objective; of a trial that was ended early its last."},
    "values": {**MAPPING, "description": "What was tried, by the keys of search.space."},
    "seconds": NUMBER,
    "why": {**maybe(TEXT), "description": "Why it failed or diverged."},
}


def tuned(trained: Schema) -> list[Schema]:
    """What a search tells; with `--best` the best trained again among it.

    Args:
        trained: What all commands that train have in common.
    """
    again = fields({**trained, "epochs": COUNT, "best_epoch": maybe(COUNT)}, {"expectations": items(MAPPING)})
    return [
        fields(
            {
                "study": TEXT,
                "name": TEXT,
                "objective": fields({"name": TEXT, "direction": {"enum": ["minimize", "maximize"]}}),
                "wanted": COUNT,
                "counts": {**MAPPING, "additionalProperties": COUNT},
                "best": maybe(fields({**TRIAL, "run": TEXT})),
                "trials": items(fields(TRIAL)),
                "seconds": NUMBER,
            },
            {"best_run": again, "report": {**TEXT, "description": "The page, with pictures."}},
        )
    ]
