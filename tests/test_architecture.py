"""The rooms and who may talk to whom; what the web process may load; how large a function may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median, quantiles

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("app", "engine", "review_db")
MAY_IMPORT = {"app": {"app", "engine", "review_db"}, "engine": {"engine"}, "review_db": {"review_db"}}
FOREIGN = {
    "engine": {"streamlit", "sqlalchemy", "alembic", "plotly"},
    "review_db": {"streamlit", "torch", "plotly", "neurokit2", "wfdb"},
    "app": {"torch", "safetensors"},
}
# Loading these takes seconds and hundreds of megabytes; the web process does it inside functions, or never.
HEAVY = (
    "torch",
    "neurokit2",
    "sklearn",
    "statsmodels",
    "wfdb",
    "pandas",
    "scipy.signal",
    "scipy.stats",
    "matplotlib",
    "ray",
)
LONGEST_FILE, LONGEST_FUNCTION = 350, 50
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "manager", "misc", "common"}


def sources(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


PRODUCT = sources(*ROOMS)


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path, nodes: Iterator[ast.AST]) -> Iterator[str]:
    """Dotted names that the nodes import: the module, and each name taken from it, which may be one too."""
    package = name_of(path).split(".") if path.name == "__init__.py" else name_of(path).split(".")[:-1]
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def at_import_time(node: ast.AST) -> Iterator[ast.AST]:
    """Nodes that run when the module is imported: not in functions, not for type checking only."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from at_import_time(child)


def belongs(module: str, family: str) -> bool:
    return module == family or module.startswith(family + ".")


def loaded_with(start: Path) -> set[Path]:
    """The product's files that importing `start` runs."""
    seen: set[Path] = set()
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        names = set(imports(path, at_import_time(tree(path))))
        names |= {name.rsplit(".", depth)[0] for name in names for depth in range(1, name.count(".") + 1)}
        waiting += [other for other in PRODUCT if name_of(other) in names]
    return seen


def web_process() -> list[Path]:
    """What the reading page may load: all that can be reached from the entry script and the screens."""
    entries = [path for path in sources("app") if path.name == "main.py" or path.parent.name == "screens"]
    entries += [ROOT / "app/settings.py", ROOT / "app/display/figure.py", ROOT / "app/display/print_page.py"]
    return sorted(set().union(*map(loaded_with, entries)))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first statement to the last, without the docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PRODUCT, ids=shown)
def test_rooms_talk_only_to_whom_they_may(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    families = {name.split(".")[0] for name in imports(path, ast.walk(tree(path)))}
    assert families & set(ROOMS) <= MAY_IMPORT[room]
    assert not families & FOREIGN[room]


@pytest.mark.parametrize("path", web_process(), ids=shown)
def test_the_web_process_loads_nothing_heavy(path: Path) -> None:
    found = {name for name in imports(path, at_import_time(tree(path))) for heavy in HEAVY if belongs(name, heavy)}
    assert not found


@pytest.mark.parametrize("path", PRODUCT, ids=shown)
def test_a_file_is_an_idea_and_a_function_fits_the_screen(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
    long = {function.name: body_lines(function) for function in functions(path)}
    assert not {name: lines for name, lines in long.items() if lines > LONGEST_FUNCTION}


@pytest.mark.parametrize("room", ROOMS)
def test_most_functions_are_short(room: str) -> None:
    lines = [body_lines(function) for path in sources(room) for function in functions(path)]
    assert median(lines) <= 8
    assert quantiles(lines, n=10)[-1] <= 25


@pytest.mark.parametrize("path", [path for path in PRODUCT if path.name == "__init__.py"], ids=shown)
def test_a_package_file_holds_a_docstring_only(path: Path) -> None:
    assert ast.get_docstring(tree(path)) and len(tree(path).body) == 1


@pytest.mark.parametrize("path", PRODUCT, ids=shown)
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(tree(path))
    assert path.stem not in VAGUE_NAMES


def test_no_folder_is_called_pages() -> None:
    # Streamlit would take it for its old multipage layout and switch the router off.
    assert not [path for room in ROOMS for path in (ROOT / room).rglob("pages")]


def test_the_repository_names_no_folder_outside_itself() -> None:
    outside = "../" + "shared"
    texts = [*PRODUCT, *sources("tests"), *ROOT.glob("*.*"), ROOT / "Makefile"]
    assert not [shown(path) for path in texts if path.is_file() and outside in path.read_text(errors="ignore")]
