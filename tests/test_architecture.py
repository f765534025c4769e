"""The arrows between the parts, and the habits that hold in every module."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "nntrain"
FILES = sorted(ROOT.rglob("*.py"))
ENGINE_PARTS = {"data", "model", "training", "evaluation", "report", "distribution", "search"}
PARTS = {"cli", "run", "config", "errors", "arrays", "signals", "cgroups", *ENGINE_PARTS}
ALLOWED = {
    "errors": set(),
    "arrays": set(),
    "signals": set(),
    "cgroups": set(),
    "config": {"errors"},
    **{part: {"config", "errors", "arrays", "signals", "cgroups"} for part in ENGINE_PARTS},
    "run": {*ENGINE_PARTS, "config", "errors", "arrays", "signals"},
    "cli": {"run", *ENGINE_PARTS, "config", "errors"},
    "__init__": {"run", "config", "errors"},
    "__main__": {"cli"},
}
"""Which parts a part may import, apart from itself and the version in `nntrain`."""

HEAVY = {"numpy", "keras", "tensorflow", "sklearn", "matplotlib", "pyarrow", "scipy", "pandas", "h5py", "PIL"}
MAY_BE_HEAVY = {*ENGINE_PARTS, "run", "arrays"}
LONGEST_FILE = 330


def part_of(file, root=ROOT):
    inside = file.relative_to(root)
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def imported(node):
    """The full names that an import statement names."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def imports(tree):
    return [(node.lineno, name) for node in ast.walk(tree) for name in imported(node)]


def imports_on_load(tree):
    """Imports that run when the module is imported: not those of functions or for type checkers."""
    waiting = list(tree.body)
    while waiting:
        node = waiting.pop()
        for name in imported(node):
            yield node.lineno, name
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
            continue
        waiting += ast.iter_child_nodes(node)


def wrong_arrows(part, tree):
    wrong = []
    for line, name in imports(tree):
        words = name.split(".")
        if words[0] == "nntrain" and words[1] in PARTS - ALLOWED[part] - {part}:
            wrong.append((line, name))
    return wrong


def early_heavy_imports(part, tree):
    return [(n, m) for n, m in imports_on_load(tree) if m.split(".")[0] in HEAVY and part not in MAY_BE_HEAVY]


def catches_everything(tree):
    """Lines of `except:`, `except Exception` and of an `except BaseException` that does not pass it on."""
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and swallows(node)]


def swallows(handler):
    names = (
        {n.id for n in ast.walk(handler.type) if isinstance(n, ast.Name)} if handler.type else {"Exception"}
    )
    last = handler.body[-1]
    passes_on = isinstance(last, ast.Raise) and last.exc is None
    return "Exception" in names or ("BaseException" in names and not passes_on)


def parsed(file):
    return ast.parse(file.read_text(encoding="utf-8"))


each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))


def test_every_part_was_found_and_has_its_arrows():
    assert {part_of(file) for file in FILES} == set(ALLOWED)
    assert len(FILES) > 50


@each_file
def test_a_module_imports_only_lower_parts(file):
    assert wrong_arrows(part_of(file), parsed(file)) == []


@each_file
def test_light_modules_import_no_heavy_package(file):
    assert early_heavy_imports(part_of(file), parsed(file)) == []


@each_file
def test_no_module_catches_everything(file):
    assert catches_everything(parsed(file)) == []


@each_file
def test_a_module_can_be_read_in_one_go(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@each_file
def test_a_module_says_what_it_is(file):
    assert ast.get_docstring(parsed(file))


def test_reading_text_needs_to_know_nothing_of_keras():
    for file in sorted((ROOT / "config" / "text").glob("*.py")):
        assert "nntrain.config.vocabulary" not in file.read_text(), file


def test_config_needs_the_standard_library_yaml_and_pydantic_alone():
    outside = {
        name.split(".")[0]
        for file in FILES
        if part_of(file) in {"config", "errors"}
        for _, name in imports(parsed(file))
    }
    assert outside - set(sys.stdlib_module_names) == {"nntrain", "pydantic", "pydantic_core", "yaml"}


@pytest.mark.parametrize(
    ("part", "line"),
    [
        ("errors", "from nntrain.config import Config"),
        ("config", "import nntrain.data.load"),
        ("config", "def f():\n    from nntrain.run import fit"),
        ("data", "from nntrain.model import build"),
        ("data", "from nntrain import evaluation"),
        ("report", "if TYPE_CHECKING:\n    from nntrain.evaluation import Scores"),
        ("run", "from nntrain.cli.output import say"),
        ("__init__", "import nntrain.cli"),
    ],
)
def test_a_wrong_arrow_is_seen(part, line):
    assert wrong_arrows(part, ast.parse(line))


@pytest.mark.parametrize(
    "text",
    [
        "import numpy as np",
        "from keras import layers",
        "try:\n    import tensorflow.data\nexcept ImportError:\n    pass",
        "class A:\n    import sklearn",
        "if x:\n    import pyarrow.csv",
        "if TYPE_CHECKING:\n    pass\nelse:\n    import matplotlib",
    ],
)
def test_an_early_heavy_import_is_seen(text):
    assert early_heavy_imports("config", ast.parse(text))
    assert not early_heavy_imports("data", ast.parse(text))


@pytest.mark.parametrize("text", ["def f():\n    import numpy", "if TYPE_CHECKING:\n    import numpy"])
def test_a_late_heavy_import_is_fine(text):
    assert not early_heavy_imports("cli", ast.parse(text))


@pytest.mark.parametrize("clause", ["except:", "except Exception:", "except (OSError, BaseException) as e:"])
def test_a_clause_that_catches_everything_is_seen(clause):
    assert catches_everything(ast.parse(f"try:\n    pass\n{clause}\n    pass"))


@pytest.mark.parametrize(
    "clause", ["except (OSError, KeyError):\n    pass", "except BaseException:\n    raise"]
)
def test_a_clause_that_catches_what_it_names_is_fine(clause):
    assert not catches_everything(ast.parse(f"try:\n    pass\n{clause}"))
