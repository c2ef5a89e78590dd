"""Sphinx extension: the reference of the package, from its docstrings, tied to the chapters.

Each module has a page of its own, which :func:`write_pages` lays where Sphinx reads it; the page
``chapters/api.md`` leads to them, by what a reader does.

A docstring says which chapter teaches it: ``Chapter: ``grammar``.`` One that does not say is
taught where its module is, or the package around it. From these lines alone come the links from
each entry to its chapters, and from each chapter to its entries.
"""

import importlib
import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.pycode import ModuleAnalyzer
from sphinx.transforms import SphinxTransform
from sphinx.util.typing import ExtensionMetadata

from book.address import ROOT
from book.registers import Generated

# The page of the reference, and the folder of its pages.
REFERENCE = "chapters/api"
PAGE = """\
# {name}

```{{ltcbook-module}} {name}
```
"""
# What a reader does, in one sentence, and the modules that do it: an object that two of them
# export is described under the first.
GROUPS = {
    "Build, count, show": ("The first names to type.", "ltcbook"),
    "Networks, cells and solvers": (
        "What `build` returns, and the parts it is put together from.",
        "ltcbook.nn.sequence ltcbook.nn.cell ltcbook.nn.cells ltcbook.nn.baselines "
        "ltcbook.nn.cfc ltcbook.nn.liquid_capacitance ltcbook.nn.mixed_memory ltcbook.nn.wirings "
        "ltcbook.nn.readout ltcbook.nn.request ltcbook.nn.feedforward ltcbook.nn.stability "
        "ltcbook.nn.synapses ltcbook.ode.linear_form ltcbook.ode.solvers ltcbook.nn.initialisation "
        "ltcbook.nn.constraints",
    ),
    "The papers": (
        "Registers of the equations, theorems, errata and symbols.",
        "ltcbook.papers.equations ltcbook.papers.theorems ltcbook.papers.theorems.flows "
        "ltcbook.papers.theorems.state_forms "
        "ltcbook.papers.theorems.universality ltcbook.papers.errata ltcbook.papers.notation",
    ),
    "Data": (
        "Robots, digits, and the windows to train on.",
        "ltcbook.data ltcbook.data.robots.rollouts ltcbook.data.robots.rollout_set "
        "ltcbook.data.robots.inverse "
        "ltcbook.data.sequences "
        "ltcbook.data.digits",
    ),
    "Training": (
        "The loop, many seeds at a time, and what to do when it diverges.",
        "ltcbook.training ltcbook.training.saved ltcbook.training.losses "
        "ltcbook.training.checkpoint "
        "ltcbook.experiments ltcbook.experiments.small ltcbook.experiments.small_studies "
        "ltcbook.experiments.plans ltcbook.experiments.profiles "
        "ltcbook.experiments.evidence ltcbook.experiments.claims ltcbook.experiments.divergence "
        "ltcbook.experiments.kinematics ltcbook.experiments.solver_study "
        "ltcbook.experiments.lost_runs "
        "ltcbook.experiments.driving ltcbook.experiments.closing_loop "
        "ltcbook.experiments.explorer",
    ),
    "Speed": (
        "Who computes the time loop, and how long it takes.",
        "ltcbook.kernels ltcbook.kernels.scan ltcbook.kernels.recurrence ltcbook.nn.canonical "
        "ltcbook.experiments.bench "
        "ltcbook.experiments.bench.peers",
    ),
    "Analysis": (
        "What the chapters find out about a network.",
        "ltcbook.analysis.*",
    ),
    "Exercises, widgets, figures": (
        "What makes the pages of this book.",
        "ltcbook.teaching.exercises ltcbook.teaching.sealed ltcbook.teaching.predict "
        "ltcbook.teaching.recordings ltcbook.teaching.widgets "
        "ltcbook.teaching.projects.holding ltcbook.teaching.projects.recording "
        "ltcbook.teaching.projects.solver_or_equation "
        "ltcbook.teaching.widgets.descriptor_explorer ltcbook.teaching.figures "
        "ltcbook.teaching.diagrams",
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


def names_of(names: str) -> Iterator[str]:
    """Yield the modules of ``names``, without importing any; ``package.*`` is all of a package."""
    for name in names.split():
        if not name.endswith(".*"):
            yield name
            continue
        package = name.removesuffix(".*")
        for file in sorted(ROOT.joinpath(*package.split(".")).glob("*.py")):
            if file.stem != "__init__":
                yield f"{package}.{file.stem}"


def modules() -> list[str]:
    """Return the names of all modules of the reference, in its order."""
    return [name for _, names in GROUPS.values() for name in names_of(names)]


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


def entries_of(chapter: str, entries: Mapping[str, tuple[Entry, ...]] | None = None) -> list[Entry]:
    """Return the entries that a chapter teaches, of all unless ``entries`` is given."""
    entries = reference() if entries is None else entries
    return [entry for some in entries.values() for entry in some if chapter in entry.chapters]


def first_line(module: str) -> str:
    """Return what a module says of itself in its first line, as Markdown."""
    doc = inspect.getdoc(importlib.import_module(module)) or ""
    return doc.partition("\n\n")[0].replace("\n", " ").replace("``", "`")


class Reference(Generated):
    """``{ltcbook-reference}``: all modules and what is in them, by what a reader does with them."""

    def content_now(self) -> list[nodes.Node]:
        return [self.group(title) for title in GROUPS]

    def group(self, title: str) -> nodes.section:
        sentence, names = GROUPS[title]
        parts = [sentence]
        for module in names_of(names):
            entries = ", ".join(
                f"{{py:obj}}`{one.name.rpartition('.')[2]} <{one.name}>`"
                for one in reference()[module]
            )
            link = f"{{doc}}`{module} </{page_of(module)}>`"
            parts.append(f"{link}\n: {first_line(module)} {entries}")
        return self.section(title, f"api-{title}", "\n\n".join(parts))


class ModuleReference(Generated):
    """``{ltcbook-module} NAME``: what a module says of itself, and its entries."""

    required_arguments = 1

    def content_now(self) -> list[nodes.Node]:
        name = self.arguments[0]
        markup = "\n".join(entry.markup for entry in reference()[name])
        return self.parse(f"```{{eval-rst}}\n.. automodule:: {name}\n\n{markup}\n```")


def write_pages(app: Sphinx, config: Config) -> None:
    """Lay a page for each module beside the page of the reference, for Sphinx to read."""
    folder = Path(app.srcdir, REFERENCE)
    if not folder.with_suffix(".md").is_file():
        return
    folder.mkdir(exist_ok=True)
    pages = {folder / f"{name}.md": PAGE.format(name=name) for name in modules()}
    for old in set(folder.iterdir()) - pages.keys():
        old.unlink()
    for file, text in pages.items():
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


class LinkToReference(SphinxTransform):
    """Lead from each chapter to what it teaches of the package, before its list of references."""

    default_priority = 300

    def apply(self, **kwargs: Any) -> None:
        from book.rebuild import facts

        known = facts(self.env).reference
        entries = entries_of(self.env.docname.removeprefix("chapters/"), known)
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
    app.add_directive("ltcbook-module", ModuleReference)
    app.connect("config-inited", write_pages)  # before the table of contents looks for pages
    app.add_transform(LinkToReference)
    app.connect("autodoc-process-docstring", link_chapters, priority=100)
    app.connect("autodoc-skip-member", skip_field)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
