"""Reads Python sources without running them: which of our modules imports which, where, and how long things are."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeGuard

# What is no part of the house that the rules are about, or comes from elsewhere: `make bench` installs its peers.
_ELSEWHERE = {".venv", ".peers", "instance", "migrations", "tests"}


@dataclass(frozen=True)
class Module:
    """One source file; `ours` are the names of all modules of the product."""

    name: str
    source: str
    ours: Collection[str]

    @property
    def package(self) -> str:
        """The first part of the name: a feature, `caching`, `web`, or the module itself."""
        return self.name.partition(".")[0]

    @property
    def room(self) -> str:
        """The rest of the name; empty for a package's `__init__` and for single modules."""
        return self.name.partition(".")[2]

    @property
    def is_package(self) -> bool:
        """Whether other modules stand inside it."""
        return any(name.startswith(f"{self.name}.") for name in self.ours)

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @cached_property
    def imports(self) -> set[str]:
        """Of our modules the full names, of libraries the first parts."""
        return {self._known(name) for name in self._imported_names()}

    @property
    def own_imports(self) -> set[str]:
        return {name for name in self.imports if name in self.ours}

    @property
    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))

    def docstrings(self) -> Iterator[tuple[str, str]]:
        """The docstrings of the module, its classes and its functions, with their names; the module's own is empty."""
        for node in ast.walk(self.tree):
            if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if text := ast.get_docstring(node):
                yield getattr(node, "name", ""), text

    def late_imports(self) -> list[int]:
        """The lines of imports that do not stand at the top level of the file, nor declare what `later.py` imports."""
        declared = [node for block in self.tree.body if _is_for_later(block) for node in block.body]
        nodes = (node for node in ast.walk(self.tree) if isinstance(node, ast.Import | ast.ImportFrom))
        return [node.lineno for node in nodes if node not in (*self.tree.body, *declared)]

    def _imported_names(self) -> Iterator[tuple[str, str]]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((alias.name, "") for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.name}, line {node.lineno}: use absolute imports."
                yield from ((node.module or "", alias.name) for alias in node.names)

    def _known(self, imported: tuple[str, str]) -> str:
        module, member = imported
        for name in (f"{module}.{member}", module):
            if name in self.ours:
                return name
        return module.partition(".")[0]


def _is_for_later(node: ast.stmt) -> TypeGuard[ast.If]:
    """Tell whether types come from an import here, and the module itself from `Later`."""
    if not isinstance(node, ast.If) or ast.unparse(node.test) != "TYPE_CHECKING":
        return False
    return bool(node.orelse) and all("Later(" in ast.unparse(each) for each in node.orelse)


def read_product(root: Path) -> dict[str, Module]:
    """Read all files of the product, and what measures it."""
    sources = {}
    for path in sorted(root.rglob("*.py")):
        relative = path.relative_to(root)
        if _ELSEWHERE.isdisjoint(relative.parts):
            sources[".".join(relative.with_suffix("").parts).removesuffix(".__init__")] = path.read_text()
    return parse(sources)


def parse(sources: Mapping[str, str]) -> dict[str, Module]:
    """Make modules of sources by name."""
    return {name: Module(name, source, sources.keys()) for name, source in sources.items()}


def find_cycle(modules: Mapping[str, Module]) -> list[str]:
    """Return the names along one cycle of imports, an empty list if there is none."""
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        for imported in sorted(modules[name].own_imports):
            if cycle := visit(imported, [*path, name]):
                return cycle
        done.add(name)
        return []

    return next((cycle for name in modules if (cycle := visit(name, []))), [])
