"""What a message tells to type or to set is there: every command line parses, and every key is a key."""

import ast
import re
import shlex

import pytest
import typer

from nntrain.cli.main import app
from nntrain.config.problems import config_schema
from tests.config.test_typos import members, resolved
from tests.conftest import ROOT

SOURCES = sorted(path for path in (ROOT / "nntrain").rglob("*.py"))
GOLDENS = sorted((ROOT / "tests/config/bad").glob("*.txt"))
GROUP = typer.main.get_command(app)
COMMAND = re.compile(rf"\bnntrain ((?:{'|'.join(GROUP.commands)})\b[^;\n,()`\"]*)")
KEY = re.compile(
    r"(?<![\w./'\"-])((?:data|model|training|evaluation)(?:\.(?:[a-z_]+|\d+)|\[\d+\])+)(?![\w(])"
)
SETTING = re.compile(KEY.pattern + r": (true|false|null|[a-z_]{3,}|\d+)\b")
NO_KEYS = {
    "model.keras",
    "data.classes",
    "data.features",
    "data.vocabulary",
    "data.classes.species",
    "model.fit",
    "model.compile",
    "data.data",
    "data.target_names",
    "model.save",
    "model.weights",
}
"""What looks like a key: files, methods of Keras, attributes of scikit-learn's sets, and facts of the data."""
PROSE = {
    "to",
    "and",
    "where",
    "or",
    "at",
    "as",
    "does",
    "again",
    "for",
    "reads",
    "is",
    "says",
    "scored",
    "with",
    "suits",
    "writes",
    "ended",
    "shows",
}


def texts():
    """What messages are made of, by where it stands: texts of the source, with `{}` for values, and goldens."""
    for file in SOURCES:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        documents = {id(n.body[0].value) for n in ast.walk(tree) if getattr(n, "body", None) and isinstance(n, ast.Module | ast.ClassDef | ast.FunctionDef) and isinstance(n.body[0], ast.Expr)}  # fmt: skip
        inside = {id(v) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for v in n.values}
        known = inside | documents
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = [v.value if isinstance(v, ast.Constant) else "{}" for v in node.values]
                yield f"{file.name}:{node.lineno}", "".join(map(str, parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in known:
                yield f"{file.name}:{node.lineno}", node.value
    for file in GOLDENS:
        said = [
            line for line in file.read_text(encoding="utf-8").splitlines() if not re.match(r" *\d+ \|", line)
        ]
        yield file.name, "\n".join(re.sub(r"^(\d+(:\d+)?|\S+:) (\S+: )?", "", line) for line in said)


TEXTS = list(texts())


def found(pattern):
    return sorted({(match.groups(), where) for where, text in TEXTS for match in pattern.finditer(text)})


def words(line):
    """The words of a command line, up to where prose goes on."""
    kept = []
    for word in shlex.split(re.sub(r"\{\}|\bN\b", "3", line).replace("'", "")):
        if kept and (word in PROSE or word.endswith(":")):
            break
        kept.append(word.rstrip(".:"))
    return kept


def test_every_command_line_of_a_message_parses(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = found(COMMAND)
    assert len(lines) > 15
    wrong = []
    for (line,), where in lines:
        name, *given = words(line)
        command = GROUP.commands[name]
        needs = [p for p in command.params if p.param_type_name == "argument" and p.required]
        try:
            command.make_context(name, [*given, *(["run"] * len(needs) if not given else [])])
        except Exception as error:  # noqa: BLE001
            wrong.append((where, line, str(error)))
    assert wrong == []


def nodes(schema, part):
    """What a key, or an item of a list, may be."""
    for member in members(schema):
        if part.isdecimal():
            yield from members(member.get("items", {})) if "items" in member else ()
        elif part in member.get("properties", {}):
            yield from members(member["properties"][part])
        elif isinstance(member.get("additionalProperties"), dict):
            yield from members(member["additionalProperties"])


def of_data():
    mapping = resolved(config_schema()["properties"]["data"])["discriminator"]["mapping"]
    return [resolved({"$ref": member}) for member in mapping.values()]


def at(key):
    """What may stand at a key: parts of the schema; `None` among them where Keras decides."""
    first, *rest = re.findall(r"[a-z_]+|\d+", key)
    now = of_data() if first == "data" else members(config_schema()["properties"][first])
    for part in rest:
        if any("type" in node.get("properties", {}) or node == {} for node in now) and first != "data":
            return [None]
        now = [inner for node in now for inner in nodes(node, part)]
    return now


def test_every_key_of_a_message_is_a_key():
    keys = {key: where for (key,), where in found(KEY)}
    assert len(keys) > 60
    wrong = {key: where for key, where in keys.items() if key not in NO_KEYS and not at(key)}
    assert {k: w for k, w in wrong.items() if not w.endswith(".txt")} == {}


def accepts(node, value):
    if node is None or node == {} or "$ref" in node:
        return True
    if "enum" in node or "const" in node:
        return value in [str(v) for v in node.get("enum", [node.get("const")])]
    kind = {"true": "boolean", "false": "boolean", "null": "null"}.get(value)
    kind = kind or ("integer" if value.isdecimal() else "string")
    types = {node.get("type")} | ({"integer"} if node.get("type") == "number" else set())
    return kind in types or (kind in {"string"} and "properties" in node)


def test_every_value_that_a_message_gives_a_key_is_accepted():
    settings = [(key, value, where) for (key, value), where in found(SETTING)]
    assert len(settings) > 15
    wrong = [
        (key, value, where)
        for key, value, where in settings
        if key not in NO_KEYS and not any(accepts(node, value) for node in at(key))
    ]
    assert wrong == []


@pytest.mark.parametrize("key", ["data.split.validation", "training.epochs", "model.layers.0.units"])
def test_a_key_is_found(key):
    assert at(key)


@pytest.mark.parametrize("key", ["data.splt", "training.epoch", "evaluation.no.such"])
def test_a_key_that_is_not_there_is_seen(key):
    assert not at(key)
