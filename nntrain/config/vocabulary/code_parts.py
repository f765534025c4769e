"""What a file of the user's own Keras classes and functions offers, read without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nntrain.config.vocabulary import catalogue
from nntrain.config.vocabulary.catalogue import Argument
from nntrain.config.vocabulary.code_names import (
    REGISTER,
    Definition,
    definitions,
    full_name,
    imported_names,
    keras_class,
)
from nntrain.config.vocabulary.hints import SINGULAR

FUNCTION_KINDS = ("activations", "constraints", "initializers", "losses", "metrics", "regularizers")
"""What a function may be; its first arguments decide, which only Keras can tell."""
NEUTRAL = frozenset({"object", "abc.ABC", "ABC", "typing.Generic", "Generic"})
"""Bases that say nothing about Keras and take no arguments."""
NESTED = {
    "activation": "activations",
    "initializer": "initializers",
    "regularizer": "regularizers",
    "constraint": "constraints",
}
"""Last word of a layer's argument, and the Keras object that its value names."""


@dataclass(frozen=True)
class Part:
    """One registered class or function."""

    name: str
    """The name that a config uses."""
    key: str
    """The name that Keras saves: `package>name`."""
    line: int
    kinds: tuple[str, ...] | None
    """What it can be used as; None if only running the file can tell."""
    base: str | None
    """The nearest class of Keras that it derives from."""
    summary: str
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    """Arguments that its own code defines, so that no rule of Keras holds for their values."""
    takes_more: bool = False
    """Whether it may take arguments that can't be told from the file."""


@dataclass(frozen=True)
class Mistake:
    """What is wrong at a line and column (both from 1) of the file."""

    message: str
    line: int
    column: int


@dataclass
class Signature:
    """What a constructor takes."""

    arguments: dict[str, Argument] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    takes_more: bool = False


def parts_of(tree: ast.Module, text: str) -> tuple[list[Part], list[Mistake]]:
    """Every registered class and function of a module, and what is wrong with how they are registered."""
    return _Module(tree, text).read()


class _Module:
    """One parsed file."""

    def __init__(self, tree: ast.Module, text: str) -> None:
        self.imported = imported_names(tree)
        self.lines = text.encode().splitlines()
        self.defined = list(definitions(tree.body))
        self.classes = {node.name: node for node in self.defined if isinstance(node, ast.ClassDef)}
        self.mistakes: list[Mistake] = []

    def read(self) -> tuple[list[Part], list[Mistake]]:
        found: dict[str, Part] = {}
        for node in self.defined:
            part = self.part(node)
            if part is None:
                continue
            if part.name in found:
                line = found[part.name].line
                self.fail(f"line {line} registers '{part.name}' too; give each its own name", node)
            self.check(part, node)
            found[part.name] = part
        return list(found.values()), self.mistakes

    def fail(self, message: str, node: ast.expr | Definition) -> None:
        before = self.lines[node.lineno - 1][: node.col_offset]
        self.mistakes.append(Mistake(message, node.lineno, len(before.decode(errors="replace")) + 1))

    def part(self, node: Definition) -> Part | None:
        """The node as a part; None if it is not registered."""
        for decorator in node.decorator_list:
            call = decorator.func if isinstance(decorator, ast.Call) else decorator
            if full_name(call, self.imported).rpartition(".")[2] == REGISTER:
                break
        else:
            return None
        if not isinstance(decorator, ast.Call):
            self.fail(f"write the decorator with parentheses: @{ast.unparse(decorator)}()", decorator)
            return None
        registered = self.registered_as(decorator, node.name)
        if registered is None:
            return None
        package, name = registered
        key, summary = f"{package}>{name}", first_sentence(ast.get_docstring(node))
        if not isinstance(node, ast.ClassDef):
            return Part(name, key, node.lineno, FUNCTION_KINDS, None, summary)
        kinds, base = self.kind_of(node, ())
        takes = self.constructor(node, ())
        arguments = {name: _of_kind(argument, kinds) for name, argument in takes.arguments.items()}
        own = frozenset(takes.own)
        return Part(name, key, node.lineno, kinds, base, summary, arguments, own, takes.takes_more)

    def registered_as(self, call: ast.Call, name: str) -> tuple[str, str] | None:
        """Package and name; None where they are computed."""
        given = dict(zip(("package", "name"), call.args, strict=False))
        given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
        values = {"package": "Custom", "name": name}
        for key, node in given.items():
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
                values[key] = node.value
            elif not (key == "name" and isinstance(node, ast.Constant) and node.value is None):
                self.fail(f"the {key} must be text in quotes, got {ast.unparse(node)}", node)
                return None
        return values["package"], values["name"]

    def check(self, part: Part, node: Definition) -> None:
        for kind in part.kinds or ():
            if catalogue.entry(kind, part.name) is not None:
                what = SINGULAR[kind]
                article = "an" if what[0] in "aeiou" else "a"
                self.fail(f"Keras has {article} {what} named '{part.name}'; call yours otherwise", node)
                return
        if part.kinds == ("callbacks",) and not self.has(node, "get_config"):
            fix = "def get_config(self): return {}"
            self.fail(f"Keras registers no class without get_config; give {part.name} one: {fix}", node)

    def has(self, node: ast.AST, method: str) -> bool:
        """Whether a class, or a class of the file that it derives from, defines a method."""
        if not isinstance(node, ast.ClassDef):
            return False
        if any(isinstance(child, ast.FunctionDef) and child.name == method for child in node.body):
            return True
        bases = [full_name(base, self.imported) for base in node.bases]
        own = [self.classes[name] for name in bases if name in self.classes and name != node.name]
        return any(self.has(base, method) for base in own)

    def kind_of(self, node: ast.ClassDef, seen: tuple[str, ...]) -> tuple[tuple[str, ...] | None, str | None]:
        """The kind of a class and its Keras base: () and None if it has none, None twice if it is unknown."""
        unknown = False
        for base in node.bases:
            name = full_name(base, self.imported)
            known = keras_class(name)
            if known:
                return (known[0],), known[1]
            if name in self.classes and name not in seen and name != node.name:
                kinds, keras_base = self.kind_of(self.classes[name], (*seen, node.name))
                if kinds:
                    return kinds, keras_base
                unknown = unknown or kinds is None
            elif name not in NEUTRAL:
                unknown = True
        return (None if unknown else ()), None

    def constructor(self, node: ast.ClassDef, seen: tuple[str, ...]) -> Signature:
        """What the class takes: its own `__init__`, and through **kwargs those of its bases."""
        own = [c for c in node.body if isinstance(c, ast.FunctionDef) and c.name == "__init__"]
        if not own:
            takes = self.inherited(node, seen)
            takes.takes_more = takes.takes_more or bool(
                [d for d in node.decorator_list if "dataclass" in ast.unparse(d)]
            )
            return takes
        takes = Signature({argument.name: argument for argument in _parameters(own[-1])})
        takes.own = set(takes.arguments)
        if own[-1].args.kwarg is None:
            return takes
        popped, settled = _through(own[-1], own[-1].args.kwarg.arg)
        takes.own |= set(popped)
        takes.arguments |= {name: Argument(name) for name in popped if name not in takes.arguments}
        more = self.inherited(node, seen)
        for name, argument in more.arguments.items():
            if name not in settled:
                takes.arguments.setdefault(name, argument)
        takes.own |= more.own & set(takes.arguments)
        takes.takes_more = more.takes_more
        return takes

    def inherited(self, node: ast.ClassDef, seen: tuple[str, ...]) -> Signature:
        takes = Signature()
        for base in node.bases:
            name = full_name(base, self.imported)
            known = keras_class(name)
            entry = catalogue.entry(*known) if known else None
            if entry is not None:
                for key, argument in entry.arguments.items():
                    takes.arguments.setdefault(key, argument)
            elif name in self.classes and name not in seen and name != node.name:
                more = self.constructor(self.classes[name], (*seen, node.name))
                takes.arguments = {**more.arguments, **takes.arguments}
                takes.own |= more.own
                takes.takes_more = takes.takes_more or more.takes_more
            elif name not in NEUTRAL:
                takes.takes_more = True
        return takes


def _parameters(function: ast.FunctionDef) -> Iterator[Argument]:
    given = function.args
    named = [*given.posonlyargs, *given.args][1:]
    defaults: list[ast.expr | None] = [None] * (len(named) - len(given.defaults))
    defaults += given.defaults[-len(named) :] if named else []
    for parameter, default in [
        *zip(named, defaults, strict=True),
        *zip(given.kwonlyargs, given.kw_defaults, strict=True),
    ]:
        if default is None:
            yield Argument(parameter.arg, required=True)
            continue
        value = _literal(default)
        type_name = type(value).__name__
        known = type_name in {"bool", "int", "float", "str", "list"}
        yield Argument(parameter.arg, default=value, type=type_name if known else "any")


def _literal(node: ast.expr) -> Any:
    """The value of a default that is written out; the text of any other."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ast.unparse(node)


def _through(function: ast.FunctionDef, kwargs: str) -> tuple[list[str], set[str]]:
    """Arguments that a constructor takes out of **kwargs by hand, and those that it sets for its base."""
    popped: list[str] = []
    settled: set[str] = set()
    for call in ast.walk(function):
        if not isinstance(call, ast.Call):
            continue
        called = ast.unparse(call.func)
        first = call.args[0] if call.args else None
        if called in {f"{kwargs}.pop", f"{kwargs}.get"} and isinstance(first, ast.Constant):
            popped.append(str(first.value))
        if called.endswith(".__init__") and called.startswith("super("):
            settled |= {keyword.arg for keyword in call.keywords if keyword.arg}
    return popped, settled - set(popped)


def _of_kind(argument: Argument, kinds: tuple[str, ...] | None) -> Argument:
    """The argument with the kind of Keras object that its name promises and its default does not deny."""
    text = argument.required or argument.default is None or argument.type == "str"
    kind = NESTED.get(argument.name.rpartition("_")[2]) if kinds == ("layers",) and text else None
    if kinds == ("optimizers",) and argument.name == "learning_rate":
        kind = "schedules"
    if kind is None or argument.kind:
        return argument
    return Argument(argument.name, argument.required, argument.default, argument.type, kind)


def first_sentence(docstring: str | None) -> str:
    """The first sentence of a docstring, on one line."""
    paragraph = " ".join((docstring or "").split("\n\n")[0].split())
    return paragraph.partition(". ")[0].rstrip(".") + "." if paragraph else ""
