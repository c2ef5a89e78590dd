"""Sphinx extension: what no reader would miss is left out of the built book.

Style rules and icons that no page uses: the theme brings the whole of Bootstrap and of Font
Awesome, 600 kB of which the book needs a tenth. What a page could use is judged generously: a rule
stays if each class and id that it asks for occurs as a word anywhere in a page or a script.

And elements around pieces of code that look like the text around them: half of all elements of a
page with much code, which a browser has to lay out.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import tinycss2
from fontTools.subset import Options, Subsetter, load_font, save_font
from pygments.formatters import HtmlFormatter
from pygments.token import Name, Punctuation, Text, Whitespace
from sphinx.application import Sphinx
from sphinx.highlighting import PygmentsBridge
from sphinx.util.typing import ExtensionMetadata

WORD = re.compile(r"[\w-]+")
# Where Font Awesome has its icons: a private area of Unicode.
ICON = re.compile("[\ue000-\uf8ff]")
# Rules with rules inside, as against those with declarations.
NESTED = {"media", "supports", "layer", "container"}
SCRIPTS_OF_PAGES = ("*.js", "scripts/*.js")


def sources(out: Path) -> list[Path]:
    """Return the pages of the built book, and the scripts that may put a class into one."""
    static = out / "_static"
    pages = [page for page in out.rglob("*.html") if static not in page.parents]
    return pages + [script for pattern in SCRIPTS_OF_PAGES for script in static.glob(pattern)]


def words(files: Iterable[Path]) -> set[str]:
    """Return every word of ``files`` that could be the name of a class or an id."""
    found: set[str] = set()
    for file in files:
        found.update(WORD.findall(file.read_text(encoding="utf-8")))
    return found


def names(selector: list[Any]) -> Iterator[str]:
    """Yield the classes and ids that an element must have for ``selector`` to choose it."""
    for before, token in zip([None, *selector], selector, strict=False):
        if token.type == "hash" or (token.type == "ident" and before == "."):
            yield from WORD.findall(token.value)


def selectors(prelude: list[Any]) -> Iterator[list[Any]]:
    """Split the ``prelude`` of a rule at its commas."""
    one: list[Any] = []
    for token in prelude:
        if token == ",":
            yield one
            one = []
        else:
            one.append(token)
    yield one


def used_rules(rules: list[Any], known: set[str]) -> str:
    """Return the text of those ``rules`` that could apply where the words are ``known``."""
    kept = []
    for rule in rules:
        if rule.type == "qualified-rule":
            some = [s for s in selectors(rule.prelude) if known.issuperset(names(s))]
            if some:
                head = ",".join(tinycss2.serialize(s).strip() for s in some)
                kept.append(f"{head}{{{tinycss2.serialize(rule.content).strip()}}}")
        elif rule.type == "at-rule" and rule.lower_at_keyword in NESTED and rule.content:
            inside = tinycss2.parse_blocks_contents(
                rule.content, skip_comments=True, skip_whitespace=True
            )
            if text := used_rules(inside, known):
                kept.append(f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{text}}}")
        else:
            kept.append(rule.serialize())
    return "\n".join(kept)


def slim_style(css: str, known: set[str]) -> str:
    """Return the style sheet ``css`` without the rules that can't apply; see the module."""
    return used_rules(
        tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), known
    )


def slim_style_once(css: str, known: set[str], kept: Path) -> str:
    """Return :func:`slim_style` as the folder ``kept`` has it, from a build that asked the same."""
    asked = sorted(known.intersection(WORD.findall(css)))
    file = kept / hashlib.sha256("\n".join([css, *asked]).encode()).hexdigest()
    if not file.exists():
        kept.mkdir(exist_ok=True)
        file.write_text(slim_style(css, known), encoding="utf-8")
    return file.read_text(encoding="utf-8")


def slim_font(file: Path, icons: set[int]) -> None:
    """Leave in the font ``file``, in place, only the characters ``icons``."""
    options = Options(flavor="woff2", notdef_outline=True, drop_tables=["GSUB", "GPOS"])
    font = load_font(str(file), options)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=icons)
    subsetter.subset(font)
    save_font(font, str(file), options)


def slim_book(app: Sphinx, error: Exception | None) -> None:
    """Shrink the style sheets and the icon fonts of the built book to what its pages use."""
    if error is not None or app.builder.format != "html":
        return
    out = Path(app.outdir)
    known, icons = words(sources(out)), set[int]()
    kept = Path(app.doctreedir) / "slim"
    for sheet in sorted((out / "_static").rglob("*.css")):
        css = slim_style_once(sheet.read_text(encoding="utf-8"), known, kept)
        sheet.write_text(css, encoding="utf-8")
        icons.update(map(ord, ICON.findall(css)))  # tinycss2 has turned escapes into characters
    for font in sorted((out / "_static" / "vendor").rglob("fa-*.woff2")):
        slim_font(font, icons)


class CodeInColour(HtmlFormatter):  # type: ignore[type-arg]
    """Code with an element around each piece that has a colour of its own, in either theme."""

    plain = frozenset({Name, Name.Namespace, Punctuation, Whitespace})

    def format_unencoded(self, tokensource: Iterable[tuple[Any, str]], outfile: Any) -> None:
        """Write the code."""
        pieces = ((Text if kind in self.plain else kind, text) for kind, text in tokensource)
        super().format_unencoded(pieces, outfile)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the extension with Sphinx."""
    PygmentsBridge.html_formatter = CodeInColour
    app.connect("build-finished", slim_book, priority=900)  # after every other change of a page
    return {"parallel_read_safe": True, "parallel_write_safe": True}
