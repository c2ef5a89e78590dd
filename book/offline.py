"""Sphinx extension: everything a page needs lies beside it, so the book reads without a network."""

import re
from importlib.util import find_spec
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.fileutil import copy_asset
from sphinx.util.typing import ExtensionMetadata

# The part of MathJax that a page can ask for: the TeX reader, its autoloaded extensions, the fonts,
# and the screen-reader explorer that the context menu of a formula switches on.
MATHJAX_PARTS = (
    "tex-mml-chtml.js",
    "input/tex/extensions",
    "output/chtml/fonts/woff-v2",
    "a11y",
    "sre",
)

FONT_PRELOAD = re.compile(r'<link rel="preload" as="font"[^>]*>\n?')


def mathjax_folder() -> Path:
    """Return the MathJax files that the package sphinx-mathjax-offline brings.

    Raises ExtensionError when the package is missing.
    """
    # The package's name has hyphens: it can be found, but not imported by an import statement.
    spec = find_spec("sphinx-mathjax-offline")
    if spec is None or spec.origin is None:
        raise ExtensionError("install sphinx-mathjax-offline: it holds the book's copy of MathJax")
    return Path(spec.origin).parent / "static" / "mathjax"


def copy_mathjax(app: Sphinx, error: Exception | None) -> None:
    """Copy MathJax into the built pages, once."""
    if error is not None or app.builder.format != "html":
        return
    source, target = mathjax_folder(), Path(app.outdir) / "_static" / "mathjax"
    for part in MATHJAX_PARTS:
        if not (target / part).exists():
            into = target / part if (source / part).is_dir() else (target / part).parent
            copy_asset(str(source / part), str(into))


def drop_font_preloads(app: Sphinx, error: Exception | None) -> None:
    """Remove the theme's font preloads, which a browser refuses (and reports) on file:// pages.

    The style sheets load the same fonts, so nothing else changes.
    """
    if error is not None or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        if FONT_PRELOAD.search(text):
            page.write_text(FONT_PRELOAD.sub("", text), encoding="utf-8")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the extension with Sphinx."""
    # Jupyter Book always sets this value of sphinx-comments, which this book leaves out.
    app.add_config_value("comments_config", {}, "env")
    app.connect("build-finished", copy_mathjax)
    app.connect("build-finished", drop_font_preloads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
