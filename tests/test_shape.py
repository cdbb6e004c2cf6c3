"""The shape of the code: files and functions that can be read in one sitting, rooms that keep their privacy."""

import ast
from functools import cache
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
GENERATED = ROOT / "parsim" / "models" / "mechanisms"  # compiled from NMODL
PACKAGE = sorted(path for path in (ROOT / "parsim").rglob("*.py") if GENERATED not in path.parents)
ALL = [*PACKAGE, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "scripts").rglob("*.py"))]

# These are still to be made shorter; nothing is to be added.
LONG_FILES: set[str] = set()
MANY_PARAMETERS: set[str] = set()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def functions(path: Path) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)]


def parameters(function: ast.FunctionDef) -> int:
    """How many a caller gives: without `self`."""
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    return len([one for one in every if one.arg not in ("self", "cls")])


def has_no_types(function: ast.FunctionDef) -> bool:
    """Neither of what it is given nor of what it returns."""
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return function.returns is None and not any(one.annotation for one in every)


@cache
def compiled(path: Path) -> set[ast.FunctionDef]:
    """Kernels, ops, what these are made of and what is defined within them: numba knows the types."""
    found: set[ast.FunctionDef] = set()
    for function in functions(path):
        marks = {ast.unparse(mark).split("(")[0].split(".")[-1] for mark in function.decorator_list}
        given = [one.arg for one in function.args.args]
        inside = [f for f in ast.walk(function) if isinstance(f, ast.FunctionDef) and f is not function]
        if marks & {"kernel", "lean_kernel", "inlined", "shared", "intrinsic"} or given[:1] == ["at"]:
            found |= {function, *inside}
        elif "cache" in marks:  # it makes kernels, one for each of its arguments
            found |= set(inside)
    return found


def room(module: str) -> str:
    """`engine` of `parsim.engine.rank`; a file of the ground floor is a room of its own."""
    return module.split(".")[1]


def test_a_file_has_at_most_400_lines():
    long = {name(path) for path in ALL if len(path.read_text().splitlines()) > 400}
    assert long - LONG_FILES == set(), "split into nouns"
    assert LONG_FILES - long == set(), "no longer long: take it from the list"


def test_a_file_of_the_package_has_120_lines_in_the_middle():
    """Blank ones apart."""
    assert (
        median(len(path.read_text().split("\n")) - path.read_text().count("\n\n") for path in PACKAGE) <= 120
    )


def test_a_function_has_at_most_60_lines():
    long = [
        f"{name(path)}:{f.name}" for path in ALL for f in functions(path) if f.end_lineno - f.lineno >= 60
    ]
    assert long == []


def test_a_function_outside_of_kernels_has_at_most_8_parameters():
    many = {
        f"{name(path)}:{f.name}"
        for path in PACKAGE
        for f in functions(path)
        if parameters(f) > 8 and f not in compiled(path)
    }
    assert many - MANY_PARAMETERS == set()
    assert MANY_PARAMETERS - many == set(), "take it from the list"


def test_who_is_not_compiled_says_types():
    """mypy sees that a definition says all of them or none."""
    silent = [
        f"{name(path)}:{f.name}"
        for path in PACKAGE
        for f in functions(path)
        if has_no_types(f) and f not in compiled(path)
    ]
    assert silent == []


def test_no_private_name_leaves_its_room():
    private = [
        f"{name(path)} takes {one.name} of {node.module}"
        for path in PACKAGE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("parsim.")
        for one in node.names
        if one.name.startswith("_")
        and room(node.module) != path.relative_to(ROOT).parts[1].removesuffix(".py")
    ]
    assert private == []
