"""Sphinx extension: the reference of the package, from its docstrings, tied to the chapters.

A docstring says which chapter teaches it: ``Chapter: ``grammar``.`` One that does not say is
taught where its module is, or the package around it. From these lines alone come the links from
each entry to its chapters, and from each chapter to its entries.
"""

import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.pycode import ModuleAnalyzer
from sphinx.transforms import SphinxTransform
from sphinx.util.typing import ExtensionMetadata

from book.registers import Generated

# What a reader does, in one sentence, and the modules that do it: an object that two of them
# export is described under the first.
GROUPS = {
    "Build, count, show": ("The first names to type.", "ltcbook"),
    "Networks, cells and solvers": (
        "What `build` returns, and the parts it is put together from.",
        "ltcbook.sequence ltcbook.cells ltcbook.baseline_cells ltcbook.feedforward "
        "ltcbook.synapses ltcbook.linear_form ltcbook.solvers ltcbook.initialisation "
        "ltcbook.constraints",
    ),
    "The papers": (
        "Registers of the equations, theorems, errata and symbols.",
        "ltcbook.equations ltcbook.theorems ltcbook.theorems.flows ltcbook.theorems.state_forms "
        "ltcbook.theorems.universality ltcbook.errata ltcbook.notation",
    ),
    "Data": (
        "Robots, digits, and the windows to train on.",
        "ltcbook.data ltcbook.data.rollouts ltcbook.data.rollout_set ltcbook.data.sequences "
        "ltcbook.data.digits",
    ),
    "Training": (
        "The loop, many seeds at a time, and what to do when it diverges.",
        "ltcbook.training ltcbook.training.checkpoint ltcbook.training.divergence "
        "ltcbook.experiments",
    ),
    "Speed": (
        "Who computes the time loop, and how long it takes.",
        "ltcbook.kernels ltcbook.kernels.canonical ltcbook.kernels.problem "
        "ltcbook.bench ltcbook.bench.timing ltcbook.bench.peers",
    ),
    "Analysis": (
        "What the chapters find out about a network.",
        "ltcbook.analysis.*",
    ),
    "Exercises, widgets, figures": (
        "What makes the pages of this book.",
        "ltcbook.exercises ltcbook.widgets ltcbook.widgets.descriptor_explorer ltcbook.figures",
    ),
}
CHAPTERS = re.compile(r"\b(?:Chapters?|Appendix):\s+(``\w+``(?:(?:,|;| and)\s+``\w+``)*)")
NAME = re.compile(r"``(\w+)``")


@dataclass(frozen=True)
class Entry:
    """One public object: where it is imported from, and the chapters that teach it."""

    name: str
    directive: str
    chapters: tuple[str, ...]

    @property
    def markup(self) -> str:
        """Return the directive of autodoc that describes it."""
        option = {"autoclass": "\n   :members:", "autodata": "\n   :no-value:"}
        return f".. {self.directive}:: {self.name}{option.get(self.directive, '')}\n"


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


def modules_of(names: str) -> Iterator[ModuleType]:
    """Yield the modules of ``names``; ``package.*`` stands for all modules of a package."""
    for name in names.split():
        package = importlib.import_module(name.removesuffix(".*"))
        if not name.endswith(".*"):
            yield package
            continue
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(found.name)


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
    """Return the entries of each group, each object once."""
    seen: set[int] = set()
    groups = {}
    for title, (_, names) in GROUPS.items():
        entries = []
        for module in modules_of(names):
            for name, thing in public(module):
                if id(thing) not in seen:
                    seen.add(id(thing))
                    entries.append(entry(module, name, thing))
        groups[title] = tuple(entries)
    return groups


def entries_of(chapter: str, groups: Mapping[str, tuple[Entry, ...]] | None = None) -> list[Entry]:
    """Return the entries that a chapter teaches, of all unless ``groups`` is given."""
    groups = reference() if groups is None else groups
    return [entry for group in groups.values() for entry in group if chapter in entry.chapters]


class Reference(Generated):
    """``{ltcbook-reference}``: all entries, by what a reader does with them."""

    def content_now(self) -> list[nodes.Node]:
        return [self.group(title) for title in GROUPS]

    def group(self, title: str) -> nodes.section:
        modules = [f".. py:module:: {module.__name__}\n" for module in modules_of(GROUPS[title][1])]
        markup = "\n".join([*modules, *(entry.markup for entry in reference()[title])])
        text = f"{GROUPS[title][0]}\n\n```{{eval-rst}}\n{markup}\n```"
        return self.section(title, f"api-{title}", text)


class LinkToReference(SphinxTransform):
    """Lead from each chapter to what it teaches of the package, before its list of references."""

    default_priority = 300

    def apply(self, **kwargs: Any) -> None:
        from book.rebuild import facts

        groups = facts(self.env).reference
        entries = entries_of(self.env.docname.removeprefix("chapters/"), groups)
        sections = [s for s in self.document.findall(nodes.section) if "references" in s["names"]]
        if not entries or not sections:
            return
        line = nodes.paragraph("", "In the reference: ")
        for number, entry in enumerate(entries):
            line += [nodes.Text(", ")] if number else []
            line += self.link(entry)
        line += nodes.Text(".")
        home = sections[-1].parent
        home.insert(home.index(sections[-1]), addnodes.seealso("", line, classes=["in-reference"]))

    def link(self, entry: Entry) -> addnodes.pending_xref:
        text = nodes.literal("", entry.name.rpartition(".")[2], classes=["xref", "py", "py-obj"])
        return addnodes.pending_xref(
            "",
            text,
            refdomain="py",
            reftype="obj",
            reftarget=entry.name,
            refexplicit=True,
            refwarn=True,
            refdoc=self.env.docname,
        )


def link_chapters(
    app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]
) -> None:
    """Turn the chapters that a docstring names into links; add those of its module."""
    text = CHAPTERS.sub(lambda found: NAME.sub(r":doc:`/chapters/\1`", found[0]), "\n".join(lines))
    if text == "\n".join(lines) and what in {"class", "function", "exception", "data"}:
        module = importlib.import_module(name.rpartition(".")[0])
        links = ", ".join(f":doc:`/chapters/{c}`" for c in chapters_of(thing, module))
        text = f"{text.rstrip()}\n\nChapter: {links}."
    lines[:] = [*text.splitlines(), ""]


def skip_field(
    app: Sphinx, what: str, name: str, thing: object, skip: bool, options: object
) -> bool | None:
    """Leave out the fields of a named tuple, which its docstring describes."""
    return True if (inspect.getdoc(thing) or "").startswith("Alias for field number") else None


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the extension with Sphinx."""
    app.add_directive("ltcbook-reference", Reference)
    app.add_transform(LinkToReference)
    app.connect("autodoc-process-docstring", link_chapters, priority=100)
    app.connect("autodoc-skip-member", skip_field)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
