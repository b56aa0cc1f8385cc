"""The wings of the package: which may import which, and what each may hold.

A wing is a folder for one stage of the data's way, or for one heavy dependency. Imports
point one way, so that a wing can be understood from the wings below it alone.
"""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import skmnist

PACKAGE = Path(skmnist.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

# Imports inside functions count too.
MAY_IMPORT = {
    "_data": set(),
    "_network": set(),
    "_pictures": set(),
    "_training": {"_data", "_network"},
    "_keras": {"_data", "_network", "_training"},
    "_displays": {"_data"},
    "_report": {"_data", "_displays"},
    "_estimator": {"_data", "_network", "_training", "_keras"},
    "_reading": {"_data", "_network", "_pictures", "_estimator"},
    "_cli": {"_data", "_pictures", "_displays", "_report", "_estimator", "_reading"},
}

# The libraries that take long to import, or that only one purpose needs.
DOORS = {
    "tensorflow": {"_keras"},
    "keras": {"_keras"},
    "scikeras": {"_keras"},
    "numba": set(),
    "llvmlite": {"_training"},
    "onnx": {"_network"},
    "onnxruntime": {"_network"},
    "PIL": {"_pictures", "_reading", "_cli"},
    "matplotlib": {"_displays", "_report", "_reading", "_cli"},
    "typer": {"_cli"},
    "rich": {"_cli"},
}


def wing_of(path):
    """Return the name of the wing, or of the file where it lies outside all wings."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def name_of(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {name_of(path): path for path in FILES}


def imports_of(path):
    """Yield the full name of each module that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            for alias in node.names:
                yield resolve(node.module, alias.name)


def resolve(module, name):
    """Return the module behind `from module import name`, public names looked up."""
    if module == "skmnist" and name in skmnist._HOMES:
        return f"skmnist.{skmnist._HOMES[name]}"
    inner = f"{module}.{name}"
    return inner if inner in MODULES else module


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_point_one_way(path):
    wing = wing_of(path)
    if wing not in MAY_IMPORT:
        return
    modules = {name for name in imports_of(path) if name.startswith("skmnist._")}
    targets = {name.split(".")[1] for name in modules} & {*MAY_IMPORT}
    assert targets - {wing} <= MAY_IMPORT[wing]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_heavy_libraries_have_one_door(path):
    for name in imports_of(path):
        library = name.split(".")[0]
        assert wing_of(path) in DOORS.get(library, {wing_of(path)}), library


def test_pictures_reach_the_estimator_by_the_pretrained_network_only():
    files = [path for path in FILES if wing_of(path) == "_reading"]
    names = {name for path in files for name in imports_of(path)}
    found = {name for name in names if name.startswith("skmnist._estimator")}
    assert found == {"skmnist._estimator.pretrained"}


def test_no_imports_run_in_a_circle():
    graph = {name: {*imports_of(path)} & {*MODULES} for name, path in MODULES.items()}
    # The package itself imports its public names when they are asked for.
    del graph["skmnist"]
    assert len([*TopologicalSorter(graph).static_order()]) >= len(MODULES) - 1


def test_there_are_at_most_ten_wings():
    wings = {path.parent.name for path in FILES if path.parent != PACKAGE}
    assert wings == {*MAY_IMPORT}
    assert len(wings) <= 10
    outside = {path.name for path in FILES if path.parent == PACKAGE}
    assert outside == {"__init__.py", "__main__.py", "_show_versions.py"}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_are_short(path):
    assert len(path.read_text().splitlines()) <= 400
