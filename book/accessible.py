"""Sphinx extension: corrections to markup that readers of the screen would trip over."""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

# docutils puts entries of this deprecated role into a list, whose children must be list items.
ENTRY, ITEM = 'role="doc-biblioentry"', 'role="listitem"'


def correct(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give the entries of a bibliography the role that their list demands."""
    if doctree is not None:
        context["body"] = context["body"].replace(ENTRY, ITEM)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the extension with Sphinx."""
    app.connect("html-page-context", correct)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
