"""Everything a page needs lies beside it, so the book reads without a network."""

import shutil
from importlib.util import find_spec
from pathlib import Path

from fontTools.ttLib import TTFont
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.fileutil import copy_asset

from book.drawings import lighten_drawing

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

# Scripts of Sphinx's extensions that come as they were written.
SPACIOUS = ("togglebutton.js", "copybutton.js")


def mathjax_folder() -> Path:
    """Return the MathJax files that the package sphinx-mathjax-offline brings.

    Raises ExtensionError when the package is missing.
    """
    # The package's name has hyphens: it can be found, but not imported by an import statement.
    spec = find_spec("sphinx-mathjax-offline")
    if spec is None or spec.origin is None:
        raise ExtensionError("install sphinx-mathjax-offline: it holds the book's copy of MathJax")
    return Path(spec.origin).parent / "static" / "mathjax"


def copy_mathjax(app: Sphinx) -> None:
    """Copy MathJax into the built pages, once."""
    source, target = mathjax_folder(), Path(app.outdir) / "_static" / "mathjax"
    for part in MATHJAX_PARTS:
        if not (target / part).exists():
            into = target / part if (source / part).is_dir() else (target / part).parent
            copy_asset(str(source / part), str(into))
    compress_fonts(target / "output" / "chtml")


def compress_fonts(output: Path) -> None:
    """Turn MathJax's WOFF fonts into WOFF2: 11 kB a page, which the heaviest page needs."""
    fonts = sorted((output / "fonts" / "woff-v2").glob("*.woff"))
    if not fonts:
        return
    for file in fonts:
        font = TTFont(file, recalcTimestamp=False)  # the same bytes from each build
        font.flavor = "woff2"
        font.save(file.with_suffix(".woff2"))
        file.unlink()
    for script in (output.with_suffix(".js"), output / "fonts" / "tex.js"):
        text = script.read_text(encoding="utf-8")
        new = text.replace('.woff") format("woff")', '.woff2") format("woff2")')
        if new == text:
            raise ExtensionError(f"{script.name} names its fonts otherwise")
        script.write_text(new, encoding="utf-8")


def lighten_script(text: str) -> str:
    """Return a script without what its writers need: indents, blank lines, lines of comment."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


def lighten_files(app: Sphinx) -> None:
    """Take from drawings and scripts what only costs time, and take out the script of icons."""
    for drawing in Path(app.outdir, "_images").glob("*.svg"):
        lighten_drawing(drawing)
    for name in SPACIOUS:
        script = Path(app.outdir, "_static", name)
        script.write_text(lighten_script(script.read_text("utf-8")), encoding="utf-8")
    for scripts in Path(app.outdir, "_static", "vendor", "fontawesome").glob("*/js"):
        shutil.rmtree(scripts)  # no page asks for them: see templates/static/webpack-macros.html
