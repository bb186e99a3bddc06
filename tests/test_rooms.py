"""The house rules on imports: they point down, and what does no I/O imports none."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

ROWS = (
    ("cli", "tui", "pytest_plugin", "__main__"),
    ("lab", "analysis", "campaign", "interop", "testing", "asking"),
    ("capture", "inject", "endpoint", "files"),
    ("text",),
    ("packet", "batch", "leased", "columns", "plan", "ragged", "checksums", "template", "fragments",
     "filter", "frame", "plugins", "transform", "fuzz", "strategies"),
    ("schema",),
    ("engine",),
)
"""The rooms of rawlab, from the doors down to the engine; those of a row share a height."""

HEIGHT = {room: -row for row, rooms in enumerate(ROWS) for room in rooms}
FACADE = "rawlab"  # rawlab/__init__.py, which offers names of all rooms
INTERTWINED = {"packet", "batch", "columns", "plan", "ragged", "checksums"}
"""One subject in several files."""

IO_MODULES = frozenset(
    "_socket asyncio ctypes fcntl glob http io mmap multiprocessing os pathlib select"
    " selectors shutil signal socket socketserver sqlite3 ssl subprocess tempfile threading"
    " time urllib".split()
)


def sources(*parts: str) -> list[Path]:
    """The Python files below a part of the tree, stubs too."""
    return sorted(p for part in parts for p in (ROOT / part).rglob("*.py*") if is_source(p))


def is_source(path: Path) -> bool:
    return path.suffix in (".py", ".pyi")


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def imports_of(path: Path) -> tuple[tuple[int, str], ...]:
    """(line, module) of every import, at whatever depth; `from a import b` gives `a` and `a.b`."""
    package = path.relative_to(ROOT).parent.parts
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*above, *filter(None, [node.module])))
            found.append((node.lineno, module))
            found += [(node.lineno, f"{module}.{alias.name}") for alias in node.names]
    return tuple(found)


def room_of_file(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return FACADE if parts[1] == "__init__" else parts[1]


def rooms_imported(path: Path) -> Iterator[tuple[int, str]]:
    """(line, room) of what a file imports of rawlab."""
    names = imports_of(path)
    lines_with_room = {
        line for line, name in names if name.startswith("rawlab.") and name.split(".")[1] in HEIGHT
    }
    for line, name in names:
        top, *rest = name.split(".")
        if top != "rawlab":
            continue
        if rest and rest[0] in HEIGHT:
            yield line, rest[0]
        elif line not in lines_with_room:
            yield line, FACADE


RAWLAB = sources("rawlab")


@pytest.mark.parametrize("path", RAWLAB, ids=relative)
def test_every_file_has_a_room(path: Path) -> None:
    room = room_of_file(path)
    assert room == FACADE or room in HEIGHT, f"{room} is in no row of ROWS in {__file__}"


@pytest.mark.parametrize("path", RAWLAB, ids=relative)
def test_imports_point_down(path: Path) -> None:
    room = room_of_file(path)
    if room == FACADE:
        return
    height = HEIGHT[room]
    for line, other in rooms_imported(path):
        assert other != FACADE or height == 0, f"{relative(path)}:{line} imports all of rawlab"
        assert other == FACADE or HEIGHT[other] <= height, (
            f"{relative(path)}:{line}: {room} imports {other}, which is above it"
        )


def test_rooms_of_a_row_do_not_import_each_other_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for path in RAWLAB:
        room = room_of_file(path)
        others = {other for _, other in rooms_imported(path)}
        if room in INTERTWINED:
            others -= INTERTWINED
        graph.setdefault(room, set()).update(others - {room, FACADE})
    graph.pop(FACADE, None)
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("path", sources("rawlab/schema", "rawlab/engine"), ids=relative)
def test_schema_and_engine_do_no_io(path: Path) -> None:
    for line, name in imports_of(path):
        top = name.split(".")[0]
        assert top not in IO_MODULES, f"{relative(path)}:{line} imports {name}"
        assert top in {"rawlab", "cython", *sys.stdlib_module_names}, (
            f"{relative(path)}:{line} imports {name}, which is neither Python's nor rawlab's"
        )


@pytest.mark.parametrize("path", sources("dissectors"), ids=relative)
def test_dissectors_import_only_what_a_plugin_may(path: Path) -> None:
    for line, name in imports_of(path):
        top, _, rest = name.partition(".")
        if top == "rawlab":
            assert rest.split(".")[0] == "schema", f"{relative(path)}:{line} imports {name}"
        else:
            assert top == "dissectors" or top in sys.stdlib_module_names - IO_MODULES, (
                f"{relative(path)}:{line} imports {name}"
            )


def test_every_package_is_in_the_wheel() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    present = {
        relative(init.parent).replace("/", ".")
        for top in ("rawlab", "dissectors")
        for init in (ROOT / top).rglob("__init__.py")
    }
    assert present == set(listed)


def is_compiled(path: Path) -> bool:
    """Whether a file of the engine is compiled: it says so in its first line."""
    return path.read_text().startswith("# cython:")


COMPILED = [path for path in sorted((ROOT / "rawlab/engine").glob("*.py")) if is_compiled(path)]


@pytest.mark.parametrize("path", COMPILED, ids=relative)
def test_engine_leaves_its_checks_to_the_build(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if line.startswith("# cython:")]
    assert lines == ["# cython: language_level=3"], "setup.py holds the other directives"


@pytest.mark.parametrize("path", COMPILED, ids=relative)
def test_stubs_are_in_step_with_the_engine(path: Path) -> None:
    stub = path.with_suffix(".pyi")
    assert signatures(stub, only_in_c(path)) == signatures(path, only_in_c(path))


def only_in_c(path: Path) -> set[str]:
    """The functions that a .pxd beside the module keeps from Python, by `cdef`."""
    declarations = path.with_suffix(".pxd")
    text = declarations.read_text() if declarations.exists() else ""
    return set(re.findall(r"^\s*cdef\b[^(\n]*?(\w+)\(", text, re.M))


def signatures(path: Path, hidden: set[str]) -> dict[str, tuple[str, ...]]:
    """The names that Python sees of a module or its stub; functions with their parameters."""
    found = dict(public(ast.parse(path.read_text()).body, ""))
    return {name: given for name, given in found.items() if name.split(".")[-1] not in hidden}


def public(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for node in body:
        if isinstance(node, ast.FunctionDef):
            if not node.name.startswith("_") and not is_internal(node):
                yield prefix + node.name, tuple(a.arg for a in parameters(node.args))
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield prefix + node.name, ()
            yield from public(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name) and is_seen(target.id, node, prefix):
                    yield prefix + target.id, ()


def parameters(arguments: ast.arguments) -> list[ast.arg]:
    return arguments.posonlyargs + arguments.args + arguments.kwonlyargs


def is_internal(node: ast.FunctionDef) -> bool:
    """Whether a function exists in C only (`cython.cfunc`) and Python cannot see it."""
    return any("cfunc" in ast.unparse(decorator) for decorator in node.decorator_list)


def is_seen(name: str, node: ast.Assign | ast.AnnAssign, prefix: str) -> bool:
    """Whether Python sees an assigned name: a constant, not a C type, a C field or an alias."""
    if name.startswith("_") or prefix:
        return False
    return isinstance(node, ast.AnnAssign) or isinstance(node.value, ast.Constant)
