"""A link to an equation or a glossary term shows it, when pointed at or focused.

What can be shown is gathered while the documents are read. Each page carries the previews of its
own links, so that they work without a network; ``previews.js`` shows them.
"""

import html
import json
import posixpath
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

KINDS = ("equation-", "term-")
KEPT = "ltcbook-previews"  # among what Sphinx keeps of each document, from build to build


def words_of(node: nodes.Node) -> str:
    r"""Return the text of ``node`` as HTML, its formulas between ``\(`` and ``\)``."""
    if isinstance(node, nodes.math):
        return html.escape(rf"\({node.astext()}\)")
    if isinstance(node, nodes.Text):
        return html.escape(node.astext())
    return "".join(words_of(child) for child in node.children)


def formula(block: nodes.math_block) -> str:
    """Return the TeX of ``block``, its lines kept together as Sphinx has them on the page."""
    tex = block.astext().strip()
    if r"\\" in tex and r"\begin{" not in tex and r"\tag" not in tex:
        return rf"\begin{{split}}{tex}\end{{split}}"
    return tex


def equation(block: nodes.math_block) -> str:
    r"""Return the formula of ``block`` as TeX between ``\[`` and ``\]``."""
    tex = formula(block)
    return html.escape(tex if block.get("nowrap") else rf"\[{tex}\]")


def definition(item: nodes.definition_list_item) -> str:
    """Return a term of the glossary with the first paragraph of what it means."""
    paragraph = next(iter(item.findall(nodes.paragraph)), None)
    terms = " or ".join(words_of(term) for term in item.findall(nodes.term))
    return f"<strong>{terms}</strong> {words_of(paragraph) if paragraph else ''}"


def gather(app: Sphinx, doctree: nodes.document) -> None:
    """Keep what the document that has been read can show, by the target of a link to it."""
    found = {
        name: equation(block)
        for block in doctree.findall(nodes.math_block)
        for name in block["ids"]
    }
    for item in doctree.findall(nodes.definition_list_item):
        for term in item.findall(nodes.term):
            found.update((name, definition(item)) for name in term["ids"])
    app.env.metadata[app.env.docname][KEPT] = found


def add_previews(app: Sphinx, page: str, context: dict[str, Any], doctree: nodes.document) -> None:
    """Put into a page the previews of its links."""
    known, shown = app.env.metadata, {}
    for reference in doctree.findall(nodes.reference):
        link = reference.get("refuri") or f"#{reference.get('refid')}"
        path, _, target = link.partition("#")
        if target.startswith(KINDS):
            there = posixpath.normpath(posixpath.join(posixpath.dirname(page), path))
            found = known.get(there.removesuffix(".html") if path else page, {}).get(KEPT, {})
            if target in found:
                shown[link] = found[target]
    if shown:
        text = json.dumps(shown, ensure_ascii=False).replace("</", r"<\/")
        context["body"] += f'<script type="application/json" id="previews">{text}</script>\n'
