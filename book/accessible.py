"""Sphinx extension: corrections to markup that readers of the screen would trip over."""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

# docutils puts entries of this deprecated role into a list, whose children must be list items.
ENTRY, ITEM = 'role="doc-biblioentry"', 'role="listitem"'
# Sphinx lays out a long signature as a list of definitions that define no term.
SIGNATURE = re.compile(r'<dl>\s*((?:<dd><em class="sig-param">.*?</dd>\s*)+)</dl>', re.DOTALL)
# It puts further targets of an entry between the list and its first term.
TARGETS = re.compile(r'(<dl class="py [^>]*>)\s*((?:<span id="[^"]*"></span>\s*)+)')


def corrected(body: str) -> str:
    """Return the ``body`` of a page with lists that are lists, and nothing else that says so."""

    def lines(found: re.Match[str]) -> str:
        inside = found[1].replace("<dd>", '<span class="sig-line">').replace("</dd>", "</span>")
        return f"<span>{inside}</span>"

    return TARGETS.sub(r"\2\1", SIGNATURE.sub(lines, body.replace(ENTRY, ITEM)))


def correct(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Put :func:`corrected` in the place of what the page says."""
    if doctree is not None:
        context["body"] = corrected(context["body"])


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the extension with Sphinx."""
    app.connect("html-page-context", correct)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
