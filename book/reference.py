"""What the reference of the package holds, from its docstrings, tied to the chapters.

A docstring says which chapter teaches it: ``Chapter: ``grammar``.`` One that does not say is
taught where its module is, or the package around it. From these lines alone come the links from
each entry to its chapters, and from each chapter to its entries.
"""

import importlib
import inspect
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from sphinx.errors import ExtensionError
from sphinx.pycode import ModuleAnalyzer

from book.address import ROOT

# The page of the reference, and the folder of its pages.
REFERENCE = "chapters/api"
GROUPS: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
)
CHAPTERS = re.compile(r"\b(?:Chapters?|Appendix):\s+(``\w+``(?:(?:,|;| and)\s+``\w+``)*)")
NAME = re.compile(r"``(\w+)``")


@dataclass(frozen=True)
class Entry:
    """One public object: where it is imported from, and the chapters that teach it."""

    name: str
    directive: str
    chapters: tuple[str, ...]

    @property
    def label(self) -> str:
        """Return what the object is called without its module."""
        return self.name.rpartition(".")[2]


def chapters_in(docstring: str | None) -> tuple[str, ...]:
    """Return the chapters that a docstring names, in its order."""
    found = CHAPTERS.search(docstring or "")
    return tuple(dict.fromkeys(NAME.findall(found[1]))) if found else ()


def chapters_of(thing: Any, module: ModuleType) -> tuple[str, ...]:
    """Return the chapters of an object: its own, else of its module, or of a package above."""
    defined = inspect.isclass(thing) or inspect.isroutine(thing)
    if defined and (own := chapters_in(inspect.getdoc(thing))):
        return own
    parts = (thing.__module__ if defined else module.__name__).split(".")
    above = (".".join(parts[:end]) for end in range(len(parts), 1, -1))
    found = (chapters_in(importlib.import_module(name).__doc__) for name in above)
    return next(filter(None, found), ())


def public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Yield what ``module`` offers: its ``__all__``, else the functions and classes it defines."""
    for name in getattr(module, "__all__", vars(module)):
        thing = getattr(module, name)
        own = getattr(thing, "__module__", None) == module.__name__
        described = inspect.isclass(thing) or inspect.isroutine(thing)
        if hasattr(module, "__all__"):
            described |= isinstance(thing, Mapping | tuple)
        elif name.startswith("_") or name == "main" or not own:
            continue
        if described and (module.__name__, name) != ("ltcbook", "equations"):
            yield name, thing


def modules_of(group: str) -> Iterator[str]:
    """Yield the modules of a group, without importing any."""
    for name in GROUPS[group]["modules"]:
        if not name.endswith(".*"):
            yield name
            continue
        package = name.removesuffix(".*")
        for file in sorted(ROOT.joinpath(*package.split(".")).glob("*.py")):
            if file.stem != "__init__":
                yield f"{package}.{file.stem}"


def modules() -> list[str]:
    """Return the names of all modules of the reference, in its order."""
    return [name for group in GROUPS for name in modules_of(group)]


def page_of(module: str) -> str:
    """Return the document that describes a module."""
    return f"{REFERENCE}/{module}"


def described_in(module: ModuleType, name: str) -> str:
    """Return the module whose source describes the constant ``name`` that ``module`` passes on."""
    for candidate in sorted(key for key in sys.modules if key.startswith(module.__name__)):
        analyzer = ModuleAnalyzer.for_module(candidate)
        analyzer.analyze()
        if ("", name) in analyzer.attr_docs:
            return candidate
    raise ExtensionError(f"{module.__name__}.{name} has no docstring")


def directive_for(thing: object) -> str:
    """Return which directive of autodoc describes ``thing``."""
    if inspect.isclass(thing):
        return "autoexception" if issubclass(thing, Exception) else "autoclass"
    return "autofunction" if inspect.isroutine(thing) else "autodata"


def entry(module: ModuleType, name: str, thing: object) -> Entry:
    """Return the entry of what ``module`` offers under ``name``."""
    directive = directive_for(thing)
    home = described_in(module, name) if directive == "autodata" else module.__name__
    return Entry(f"{home}.{name}", directive, chapters_of(thing, importlib.import_module(home)))


@cache
def reference() -> dict[str, tuple[Entry, ...]]:
    """Return the entries of each module, each object once."""
    seen: set[int] = set()
    found = {}
    for name in modules():
        module, entries = importlib.import_module(name), []
        for attribute, thing in public(module):
            if id(thing) not in seen:
                seen.add(id(thing))
                entries.append(entry(module, attribute, thing))
        found[name] = tuple(entries)
    return found


def entries_of(chapter: str, entries: Mapping[str, tuple[Entry, ...]]) -> list[Entry]:
    """Return those of ``entries`` that a chapter teaches."""
    return [entry for some in entries.values() for entry in some if chapter in entry.chapters]
