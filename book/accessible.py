"""Sphinx extension: corrections to markup that readers of the screen would trip over."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from book.markup import Edit, Element, edited, elements

# docutils puts entries of this deprecated role into a list, whose children must be list items.
ENTRY = "doc-biblioentry"


def is_long_signature(element: Element) -> bool:
    """Return whether Sphinx has laid out a signature here, as definitions that define no term."""
    lines = element.children
    first = [line.children[0] for line in lines if line.name == "dd" and line.children]
    return (
        element.name == "dl"
        and not element.attributes
        and 0 < len(lines) == len(first)
        and all("sig-param" in child.classes for child in first)
    )


def plain_lines(signature: Element) -> Iterator[Edit]:
    """Yield the edits that make of a signature's definitions lines in an element."""
    for element in (signature, *signature.children):
        line = "" if element is signature else ' class="sig-line"'
        yield element.start, element.inside, f"<span{line}>"
        yield element.close, element.end, "</span>"


def targets_first(entry: Element, body: str) -> Iterator[Edit]:
    """Yield the edits that lay further targets of an entry before its list.

    Sphinx puts them between the list and its first term.
    """
    targets = list(itertools.takewhile(lambda child: child.name == "span", entry.children))
    if targets and all(target.attributes.get("id") for target in targets):
        yield entry.start, entry.start, "".join(body[one.start : one.end] for one in targets)
        yield entry.inside, targets[-1].end, ""


def corrected(body: str) -> str:
    """Return the ``body`` of a page with lists that are lists, and nothing else that says so."""
    edits = list[Edit]()
    for element in elements(body):
        if element.attributes.get("role") == ENTRY:
            tag = body[element.start : element.inside].replace(ENTRY, "listitem")
            edits.append((element.start, element.inside, tag))
        elif is_long_signature(element):
            edits += plain_lines(element)
        elif element.name == "dl" and "py" in element.classes:
            edits += targets_first(element, body)
    return edited(body, edits)


def correct(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Put :func:`corrected` in the place of what the page says."""
    if doctree is not None:
        context["body"] = corrected(context["body"])


def named(text: str) -> str:
    """Return a page with a name for each fold of the theme's, whose sign has no words."""
    folds = [
        element
        for element in elements(text)
        if element.name == "summary"
        and not element.attributes
        and element.children
        and "toctree-toggle" in element.children[0].classes
    ]
    return edited(text, [(f.start, f.inside, '<summary aria-label="Pages below">') for f in folds])


def name_folds(app: Sphinx, error: Exception | None) -> None:
    """Give each fold of the table of contents a name."""
    if error is not None or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        page.write_text(named(text), encoding="utf-8")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the extension with Sphinx."""
    app.connect("html-page-context", correct)
    app.connect("build-finished", name_folds)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
