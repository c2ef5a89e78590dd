"""The pages of the reference, one for each module, and the links between them and the chapters."""

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms import SphinxTransform

from book.reference import (
    CHAPTERS,
    GROUPS,
    NAME,
    REFERENCE,
    chapters_of,
    entries_of,
    modules,
    modules_of,
    page_of,
    reference,
)
from book.registers import Generated

FEW = 3
"""Names of one module that a chapter lists; of more it names the module."""
OPTIONS = {"autoclass": "\n   :members:", "autodata": "\n   :no-value:"}


def first_line(module: str) -> str:
    """Return what a module says of itself in its first line, as Markdown."""
    doc = inspect.getdoc(importlib.import_module(module)) or ""
    return doc.partition("\n\n")[0].replace("\n", " ").replace("``", "`")


class Reference(Generated):
    """``{ltcbook-reference}``: all modules and what is in them, by what a reader does with them."""

    def content_now(self) -> list[nodes.Node]:
        return [self.group(title) for title in GROUPS]

    def group(self, title: str) -> nodes.section:
        parts = [GROUPS[title]["does"]]
        for module in modules_of(title):
            links = [f"{{py:obj}}`{one.label} <{one.name}>`" for one in reference()[module]]
            page = f"{{doc}}`{module} </{page_of(module)}>`"
            parts.append(f"{page}\n: {first_line(module)} {', '.join(links)}")
        return self.section(title, f"api-{title}", "\n\n".join(parts))


def page(module: str) -> str:
    """Return the page of a module: what it says of itself, and its entries."""
    entries = "\n".join(
        f".. {entry.directive}:: {entry.name}{OPTIONS.get(entry.directive, '')}\n"
        for entry in reference()[module]
    )
    return f"# {module}\n\n```{{eval-rst}}\n.. automodule:: {module}\n\n{entries}\n```\n"


def write_pages(app: Sphinx, config: Config) -> None:
    """Lay a page for each module beside the page of the reference, for Sphinx to read."""
    folder = Path(app.srcdir, REFERENCE)
    if not folder.with_suffix(".md").is_file():
        return
    folder.mkdir(exist_ok=True)
    pages = {folder / f"{name}.md": page(name) for name in modules()}
    for old in set(folder.iterdir()) - pages.keys():
        old.unlink()
    for file, text in pages.items():
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


class LinkToReference(SphinxTransform):
    """Lead from each chapter to what it teaches of the package, before its list of references."""

    default_priority = 300

    def apply(self, **kwargs: Any) -> None:
        chapter = self.env.docname.removeprefix("chapters/")
        sections = [s for s in self.document.findall(nodes.section) if "references" in s["names"]]
        if not entries_of(chapter, reference()) or not sections:
            return
        line = nodes.paragraph("", "In the reference: ")
        for number, link in enumerate(self.links(chapter)):
            line += [nodes.Text(", ")] if number else []
            line += link
        line += nodes.Text(".")
        home = sections[-1].parent
        home.insert(home.index(sections[-1]), addnodes.seealso("", line, classes=["in-reference"]))

    def links(self, chapter: str) -> Iterator[addnodes.pending_xref]:
        """To a module of which the chapter teaches much, or to the few entries of one."""
        for module, entries in reference().items():
            taught = [entry for entry in entries if chapter in entry.chapters]
            if len(taught) > FEW:
                yield self.link(module, "std", "doc", f"/{page_of(module)}")
            else:
                yield from (self.link(e.label, "py", "obj", e.name) for e in taught)

    def link(self, text: str, domain: str, kind: str, target: str) -> addnodes.pending_xref:
        return addnodes.pending_xref(
            "",
            nodes.literal("", text, classes=["xref", domain]),
            refdomain=domain,
            reftype=kind,
            reftarget=target,
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
