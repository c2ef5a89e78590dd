"""Sphinx extension: everything a page needs lies beside it, so the book reads without a network."""

import re
import shutil
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageChops
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.fileutil import copy_asset
from sphinx.util.images import get_image_size
from sphinx.util.typing import ExtensionMetadata

# The part of MathJax that a page can ask for: what `mathjax3_config` loads, the autoloaded
# extensions of TeX, the fonts, and the menu of a formula with its screen-reader explorer.
MATHJAX_PARTS = (
    "startup.js",
    "core.js",
    "input/tex.js",
    "input/tex/extensions",
    "output/chtml.js",
    "output/chtml/fonts/tex.js",
    "output/chtml/fonts/woff-v2",
    "ui/menu.js",
    "input/mml.js",
    "a11y",
    "sre",
)

# A browser refuses (and reports) the theme's font preloads on file:// pages. The style sheets load
# the same fonts, so nothing else changes.
FONT_PRELOAD = re.compile(r'<link rel="preload" as="font"[^>]*>\n?')
# The theme draws its icons twice: by a font, and by a script of 1.5 MB that replaces them.
ICON_SCRIPT = re.compile(r'<script src="[^"]*/fontawesome/[^"]*"></script>\n?')
PICTURE = re.compile(r'<img (?![^>]*\bloading=)(?=[^>]*\bsrc="(?P<source>[^"]*_images/[^"]+)")')

UNSEEN = 16  # of 255 steps of a colour, on the soft edge of a line


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


def lighten(text: str, folder: Path) -> str:
    """Return a page of ``folder`` with pictures that load when they come near, and less beside.

    A picture gets its size too, so that the page does not jump when it arrives.
    """

    def lazy(found: re.Match[str]) -> str:
        size = get_image_size(str(folder / found["source"]))
        shape = f'width="{size[0]}" height="{size[1]}" ' if size else ""
        return f'<img loading="lazy" {shape}'

    for needless in (FONT_PRELOAD, ICON_SCRIPT):
        text = needless.sub("", text)
    return PICTURE.sub(lazy, text)


def lighten_picture(file: Path) -> None:
    """Rewrite an opaque PNG with a palette, a third of the bytes, if nobody could see that."""
    with Image.open(file) as picture:
        if picture.mode != "RGBA" or picture.getextrema()[3] != (255, 255):
            return
        whole = picture.convert("RGB")
    few = whole.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    off = ImageChops.difference(whole, few.convert("RGB")).getextrema()
    light = few if max(most for _, most in off) <= UNSEEN else whole
    light.save(file, optimize=True)


def lighten_pages(app: Sphinx, error: Exception | None) -> None:
    """Take from all pages what only costs time; see :func:`lighten`."""
    if error is not None or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        if (light := lighten(text, page.parent)) != text:
            page.write_text(light, encoding="utf-8")
    for picture in Path(app.outdir, "_images").glob("*.png"):
        lighten_picture(picture)
    for scripts in Path(app.outdir, "_static", "vendor", "fontawesome").glob("*/js"):
        shutil.rmtree(scripts)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the extension with Sphinx."""
    # Jupyter Book always sets this value of sphinx-comments, which this book leaves out.
    app.add_config_value("comments_config", {}, "env")
    app.connect("build-finished", copy_mathjax)
    app.connect("build-finished", lighten_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
