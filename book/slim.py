"""What no reader would miss is left out of the built book.

Style rules and icons that no page uses: the theme brings the whole of Bootstrap and of Font
Awesome, 600 kB of which the book needs a tenth. A rule stays if each class and id that it asks for
is one of an element of a page, or a word of a script, which may give it to one. Fonts keep the
characters that pages and scripts have.

And elements around pieces of code that look like the text around them, and around operators: half
of all elements of a page with much code, which a browser has to lay out.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import tinycss2
from fontTools.subset import Options, Subsetter, load_font, save_font
from pygments.formatters import HtmlFormatter
from pygments.token import Name, Operator, Punctuation, Text, Whitespace
from sphinx.application import Sphinx

from book.roles import roles_in

WORD = re.compile(r"[\w-]+")
# Where Font Awesome has its icons: a private area of Unicode.
ICON = re.compile("[\ue000-\uf8ff]")
# A custom property where its value is wanted: after an opening bracket or a quotation mark.
ASKED_FOR = re.compile(r"[(\"'`]\s*(--[\w-]+)")
# Rules with rules inside, as against those with declarations.
NESTED = {"media", "supports", "layer", "container"}
SCRIPTS_OF_PAGES = ("*.js", "scripts/*theme.js")
# What Bootstrap's script gives to elements; its other words are of components that no page has.
GIVEN_BY_BOOTSTRAP = """show showing hiding fade active disabled collapse collapsing collapsed
    dropdown-menu tooltip tooltip-inner tooltip-arrow bs-tooltip-auto modal-open modal-backdrop"""


class Names(HTMLParser):
    """Finds what a page calls its elements: their classes and ids, and the words of its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        # MathJax gives a term the class of its role, as _config.yml says.
        self.found = {f"role-{role}" for role in roles_in(page)}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the names of an element."""
        for name, value in attrs:
            if name in {"class", "id"} or name.startswith("data-"):
                self.found.update(WORD.findall(value or ""))

    def handle_data(self, data: str) -> None:
        """Take the words of a script."""
        if self.cdata_elem == "script":
            self.found.update(WORD.findall(data))


def texts_of(files: Iterable[Path]) -> list[str]:
    """Return the texts of files."""
    return [file.read_text(encoding="utf-8") for file in files]


def known_names(pages: Iterable[str], scripts: Iterable[str]) -> set[str]:
    """Return every name that an element of ``pages`` has, or may get from one of ``scripts``."""
    of_scripts = (word for script in scripts for word in WORD.findall(script))
    of_pages = (Names(page).found for page in pages)
    return set().union(*of_pages, of_scripts, GIVEN_BY_BOOTSTRAP.split())


def asked_for(text: str) -> set[str]:
    """Return the custom properties that a style sheet, a page or a script asks for."""
    return set(ASKED_FOR.findall(text))


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


def declarations(rule: list[Any], known: set[str]) -> str:
    """Return what is in a rule without the custom properties that nothing asks for."""
    items = tinycss2.parse_blocks_contents(rule, skip_comments=True, skip_whitespace=True)
    kept = [
        item
        for item in items
        if item.type != "error"
        and (item.type != "declaration" or item.name in known or not item.name.startswith("--"))
    ]
    return ";".join(item.serialize().rstrip(";").strip() for item in kept)


def used_rules(rules: list[Any], known: set[str]) -> str:
    """Return the text of those ``rules`` that could apply where the words are ``known``."""
    kept = []
    for rule in rules:
        if rule.type == "qualified-rule":
            some = [s for s in selectors(rule.prelude) if known.issuperset(names(s))]
            if some:
                head = ",".join(tinycss2.serialize(s).strip() for s in some)
                kept.append(f"{head}{{{declarations(rule.content, known)}}}")
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
    """Return the style sheet ``css`` without the rules that can't apply; see the module.

    Of its comments those stay that begin with ``!``, as notices of a licence do.
    """
    rules = tinycss2.parse_stylesheet(css, skip_whitespace=True)
    return used_rules([r for r in rules if r.type != "comment" or r.value.startswith("!")], known)


def slim_font(file: Path, characters: set[int], **more: Any) -> None:
    """Leave in the font ``file``, in place, only ``characters``, with fontTools' options."""
    options = Options(flavor="woff2", notdef_outline=True, **more)
    font = load_font(str(file), options)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    save_font(font, str(file), options)


def slim_book(app: Sphinx) -> None:
    """Shrink the style sheets and the icon fonts of the built book to what its pages use."""
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of each table otherwise
    out = Path(app.outdir)
    static = out / "_static"
    pages = texts_of(page for page in sorted(out.rglob("*.html")) if static not in page.parents)
    scripts = texts_of(script for some in SCRIPTS_OF_PAGES for script in static.glob(some))
    known, icons = known_names(pages, scripts), set[int]()
    sheets = {s: s.read_text(encoding="utf-8") for s in sorted(static.rglob("*.css"))}
    known |= {name for text in (*pages, *scripts, *sheets.values()) for name in asked_for(text)}
    for sheet, text in sheets.items():
        css = slim_style(text, known)
        sheet.write_text(css, encoding="utf-8")
        icons.update(map(ord, ICON.findall(css)))  # tinycss2 has turned escapes into characters
    written = {ord(letter) for text in [*pages, *scripts] for letter in set(text)}
    for font in sorted((static / "vendor").rglob("fa-*.woff2")):
        slim_font(font, icons, drop_tables=["GSUB", "GPOS"])
    for font in sorted((static / "fonts").glob("*.woff2")):
        slim_font(font, written, layout_features=["*"])


class CodeInColour(HtmlFormatter):  # type: ignore[type-arg]
    """Code with an element around each piece that says something by its colour."""

    plain = frozenset({Name, Name.Namespace, Operator, Punctuation, Whitespace})

    def format_unencoded(self, tokensource: Iterable[tuple[Any, str]], outfile: Any) -> None:
        """Write the code."""
        pieces = ((Text if kind in self.plain else kind, text) for kind, text in tokensource)
        super().format_unencoded(pieces, outfile)


def write_less_around_code(app: Sphinx) -> None:
    """Have the builder of the pages write code with :class:`CodeInColour`."""
    if app.builder.format == "html":
        app.builder.highlighter.formatter = CodeInColour  # type: ignore[attr-defined]
