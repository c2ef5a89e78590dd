"""What a reader looks for is found, in a folder as on a server.

Sphinx's own search fetches each page for its excerpt, which a browser refuses for pages opened from
a folder, and it ranks a function of the package like a chapter. Here the text of every section lies
in one script, which the search page loads, and MiniSearch ranks it (``assets/search-page.js``).
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag
from docutils import nodes
from sphinx.application import Sphinx

from book.contents import numbered
from book.reference import REFERENCE
from book.roles import uncoloured

# What has a place of its own in the index, or no words that a reader would look for.
APART = (
    "section, dl.py, script, style, svg, .headerlink, .cell_input, div.math, summary, .widget-still"
)
LONGEST = 4000  # characters of a section: what comes after is a table, or a list of numbers
GREEK = "alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi"
LETTERS = dict(zip(GREEK.split(), "αβγδεζηθκλμνξπρστφ", strict=True))


def plain(tex: str) -> str:
    """Return an inline formula as the characters that a reader might type."""
    text = re.sub(r"\\([A-Za-z]+)", lambda found: LETTERS.get(found[1], " "), uncoloured(tex))
    return re.sub(r"\\[^A-Za-z]|[{}$]", "", text)


def words(element: Tag) -> str:
    """Return the text of ``element`` itself, without what stands apart in it."""
    for formula in element.select("span.math"):
        formula.string = plain(formula.get_text())
    for inner in element.select(APART):
        inner.decompose()
    text = re.sub(r"\s+", " ", element.get_text(" ")).strip()
    return re.sub(r" (?=[.,;:?!)])", "", text)[:LONGEST]


def introduced(element: Tag) -> str:
    """Return what a section introduces: its terms in bold, and the tags of its equations."""
    bold = [term.get_text(" ") for term in element.select("p strong")]
    tags = [str(place["id"]) for place in element.select('div.math[id^="equation-"]')]
    return "; ".join([*bold, *(tag.removeprefix("equation-").replace("-", ".") for tag in tags)])


def sections(body: str) -> Iterator[dict[str, str]]:
    """Yield what each section of a page holds, and each entry of the reference, the last first."""
    soup = BeautifulSoup(body, "html.parser")
    for element in reversed(soup.select("section[id], dl.py:has(> dt[id])")):  # inner ones first
        head = element.find(["h1", "h2", "h3", "h4", "h5", "dt"])
        if not isinstance(head, Tag):
            continue
        place = head.get("id") if head.name == "dt" else element.get("id")
        title = words(head) if head.name != "dt" else str(place).removeprefix("ltcbook.")
        head.extract()
        new = introduced(element)
        yield {"place": str(place), "title": title, "new": new, "text": words(element)}
        element.decompose()


def kept(app: Sphinx, document: str) -> Path:
    """Return where the sections of a document are kept from one build to the next."""
    return Path(app.doctreedir) / "search" / f"{document.replace('/', '-')}.json"


def keep_sections(app: Sphinx, page: str, context: dict[str, Any], doctree: nodes.document) -> None:
    """Keep the sections of a page that is written now."""
    file = kept(app, page)
    file.parent.mkdir(exist_ok=True)
    found = list(sections(context["body"]))[::-1]
    file.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


def kind(document: str, chapters: list[str]) -> str:
    """Return what a document is: a chapter, the reference, or something beside the chapters."""
    if document == REFERENCE:
        return "reference"
    return "chapter" if document.rpartition("/")[2] in chapters else "beside"


def write_index(app: Sphinx) -> None:
    """Write the script that tells the search page what there is."""
    chapters = numbered(Path(app.srcdir))
    order = [app.config.root_doc, *sorted(app.env.found_docs)]
    pages = [
        {
            "title": app.env.titles[document].astext(),
            "address": app.builder.get_target_uri(document),
            "kind": kind(document, chapters),
            "sections": json.loads(kept(app, document).read_text(encoding="utf-8")),
        }
        for document in dict.fromkeys(order)
        if kept(app, document).exists() and "nosearch" not in app.env.metadata[document]
    ]
    text = json.dumps(pages, ensure_ascii=False, separators=(",", ":"))
    script = Path(app.outdir, "search-texts.js")
    script.write_text(f"globalThis.searchTexts = {text};\n", encoding="utf-8")


def replace_sphinx_search(app: Sphinx) -> None:
    """Keep Sphinx from making an index of its own, which nothing would read."""
    vars(app.builder)["search"] = False


def pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the search page."""
    yield "search", {}, "search.html"
