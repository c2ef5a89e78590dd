"""The whole book as one PDF: every page of the contents, printed by Chromium, then bound.

    python -m book.pdf

Proofs, checks and solutions are unfolded, widgets are their still pictures; the code that draws is
left out. The bound book has a cover, an outline of parts, chapters and sections, page numbers,
links that lead within it, and the tags by which a reader of the screen knows headings, figures and
tables; see :mod:`book.pdf_tags`.
"""

import base64
import io
import os
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urldefrag

from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page, sync_playwright
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    Fit,
    NameObject,
    NullObject,
    NumberObject,
    TextStringObject,
)
from tqdm import tqdm

from book.address import ROOT
from book.browser import program
from book.contents import documents, parts
from book.pdf_tags import as_artifact, bind_tags
from book.site import ALT, COVER
from ltcbook import __version__

FOLDER = "downloads"  # inside the built pages, so that the book can link to what is in it
NAME = "ltcbook.pdf"
TITLE = "Liquid Time-Constant Networks: An Executable Textbook"
STYLE = Path(__file__).with_name("print.css")
# Folded parts open, pictures that would come later come now, and MathJax has finished.
UNFOLD = """async () => {
  document.documentElement.dataset.theme = "light";
  document.querySelectorAll("details").forEach((part) => { part.open = true; });
  document.querySelectorAll(".toggle-hidden").forEach((part) =>
    part.classList.remove("toggle-hidden"));
  document.querySelectorAll("img[loading]").forEach((image) => { image.loading = "eager"; });
  if (window.MathJax) await window.MathJax.startup.promise;
  await window.typesetAll?.();
  await Promise.all([...document.images].map((image) => image.decode().catch(() => null)));
  await document.fonts.ready;
}"""
# Chromium gives a place in the PDF a name only if a link of the same page leads there.
NAME_PLACES = """(names) => {
  const place = document.createElement("p");
  place.style.cssText = "position: absolute; top: 0; font-size: 1px; color: transparent";
  names.filter((name) => document.getElementById(name)).forEach((name) => {
    const link = document.createElement("a");
    link.href = "#" + encodeURIComponent(name);
    link.textContent = ".";
    link.style.cssText = "color: transparent; text-decoration: none; border: none";
    place.append(link);
  });
  document.querySelector("article").prepend(place);
}"""


COVER_PAGE = """<!DOCTYPE html><html lang="en"><title>Cover</title><style>
  @page {{ size: A4; margin: 0 }} body {{ margin: 0; font: 13pt sans-serif; color: #d9e6ee;
    background: #0b3c5d; height: 296mm; display: flex; flex-direction: column;
    justify-content: center }} img {{ width: 100% }} p {{ margin: 4mm 13mm }}</style>
<img src="{picture}" alt="{alt}"><p>The ltcbook authors</p>
<p>Version {version}. Text and figures: CC BY 4.0. Code: BSD 3-Clause.</p></html>"""


@dataclass(frozen=True)
class Printed:
    """One document of the book on paper."""

    document: str
    title: str
    sections: dict[str, str]  # by the name of their place
    reader: PdfReader


def headings(html: Path, document: str) -> tuple[str, dict[str, str]]:
    """Return the title of a document, and its sections by the names of their places."""
    path = html / f"{document}.html"
    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    article = soup.select_one("article") or soup
    for mark in article.select(".headerlink"):
        mark.decompose()
    title = article.h1.get_text().strip() if article.h1 else document
    sections = article.select("section > section > h2")
    return title, {h.parent["id"]: " ".join(h.get_text().split()) for h in sections if h.parent}


def places(html: Path, book: list[str]) -> dict[str, set[str]]:
    """Return, by document, the places in it that links of other documents lead to."""
    found: dict[str, set[str]] = {document: set() for document in book}
    for document in book:
        path = html / f"{document}.html"
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for link in soup.select("article a[href]"):
            target, fragment = urldefrag(str(link["href"]))
            if target and fragment and "://" not in target:
                there = path.parent / unquote(target)
                name = os.path.relpath(there, html).removesuffix(".html")
                found.get(name, set()).add(unquote(fragment))
    return found


def print_document(page: Page, html: Path, document: str, names: set[str]) -> Printed:
    """Print one document; ``names`` are places in it that links of others lead to."""
    title, sections = headings(html, document)
    page.goto((html / f"{document}.html").as_uri(), wait_until="load")
    page.add_style_tag(content=STYLE.read_text(encoding="utf-8"))
    page.evaluate(UNFOLD)
    page.evaluate(NAME_PLACES, sorted(names | set(sections)))
    pdf = page.pdf(format="A4", print_background=True, prefer_css_page_size=True, tagged=True)
    return Printed(document, title, sections, PdfReader(io.BytesIO(pdf)))


def print_cover(page: Page) -> Printed:
    """Print the cover: the picture of the book, and what book it is."""
    picture = f"data:image/png;base64,{base64.b64encode(COVER.read_bytes()).decode()}"
    page.set_content(COVER_PAGE.format(picture=picture, alt=escape(ALT), version=__version__))
    pdf = page.pdf(format="A4", print_background=True, prefer_css_page_size=True, tagged=True)
    return Printed("", "", {}, PdfReader(io.BytesIO(pdf)))


class Binder:
    """Printed documents, bound in their order, with links and an outline that lead within."""

    def __init__(self, printed: list[Printed], html: Path) -> None:
        self.printed, self.base = printed, html.as_uri() + "/"
        counts = [len(one.reader.pages) for one in printed]
        self.starts = {one.document: sum(counts[:number]) for number, one in enumerate(printed)}
        self.places = {
            (one.document, name.removeprefix("/")): (
                self.starts[one.document] + one.reader.get_destination_page_number(place),
                Fit.xyz(left=0, top=float(place.top or 0)),
            )
            for one in printed
            for name, place in one.reader.named_destinations.items()
        }
        self.writer = PdfWriter()

    def place(self, document: str, name: str) -> tuple[int, Fit] | None:
        """Return page and height of a place; the document's first page if it has no such name."""
        if document not in self.starts:
            return None
        return self.places.get((document, name), (self.starts[document], Fit.fit()))

    def target(self, document: str, link: DictionaryObject) -> tuple[int, Fit] | str | None:
        """Return where a link of a document leads: a place, an address outside, or nowhere."""
        if "/Dest" in link:
            return self.place(document, str(link["/Dest"]).removeprefix("/"))
        uri = str(cast(DictionaryObject, link.get("/A", DictionaryObject())).get("/URI", ""))
        if not uri.startswith("file:"):
            return uri or None
        path, fragment = urldefrag(uri)
        return self.place(unquote(path).removeprefix(self.base).removesuffix(".html"), fragment)

    def bind(self, parts: list[dict[str, Any]]) -> PdfWriter:
        """Return the book: pages, tags, links, outline."""
        links: list[tuple[str, int, DictionaryObject]] = []
        for one in self.printed:
            for number, page in enumerate(one.reader.pages, self.starts[one.document]):
                annotations = page.pop("/Annots", [])
                links += [(one.document, number, link.get_object()) for link in annotations]
            self.writer.append(one.reader, import_outline=False)
        pages = list(self.writer.pages)
        for document, number, link in links:
            self.add_link(document, number, link, pages)
        bind_tags(self.writer, [one.reader for one in self.printed], list(self.starts.values()))
        self.add_outline(parts)
        return self.writer

    def add_link(
        self, document: str, number: int, link: DictionaryObject, pages: list[PageObject]
    ) -> None:
        """Add a link to a bound page; one to a file that is not bound leads nowhere."""
        where = self.target(document, link)
        bound = cast(DictionaryObject, link.clone(self.writer))  # the one that the tags know
        for name in ("/Dest", "/A"):
            bound.pop(name, None)
        bound[NameObject("/Border")] = ArrayObject(map(NumberObject, (0, 0, 0)))
        if isinstance(where, str):
            action = {"/S": NameObject("/URI"), "/URI": TextStringObject(where)}
            bound[NameObject("/A")] = DictionaryObject(
                {NameObject(name): value for name, value in action.items()}
            )
        elif where is not None:
            page, fit = where
            there = pages[page].indirect_reference or NullObject()
            bound[NameObject("/Dest")] = ArrayObject([there, fit.fit_type, *fit.fit_args])
        else:
            return
        annotations = pages[number].setdefault(NameObject("/Annots"), ArrayObject())
        annotations.append(bound.indirect_reference)

    def add_outline(self, parts: list[dict[str, Any]]) -> None:
        """Add the outline: parts, documents, sections."""
        part_of = {
            chapter["file"]: part.get("caption") for part in parts for chapter in part["chapters"]
        }
        opened: dict[str, Any] = {}
        for one in filter(lambda printed: printed.document, self.printed):
            part = part_of.get(one.document)
            start = self.starts[one.document]
            if part and part not in opened:
                opened[part] = self.writer.add_outline_item(title=part, page_number=start)
            item = self.writer.add_outline_item(
                title=one.title, page_number=start, parent=opened.get(part or "")
            )
            for name, title in one.sections.items():
                page, fit = self.place(one.document, name) or (start, Fit.fit())
                self.writer.add_outline_item(
                    title=title, page_number=page, parent=item, fit=fit, is_open=False
                )


def number_pages(browser: Browser, writer: PdfWriter) -> None:
    """Put its number at the foot of each page."""
    page = browser.new_page()
    page.set_content('<p style="break-after: page">&nbsp;</p>' * (len(writer.pages) - 1) + "<p>")
    foot = (
        '<p style="width: 100%; text-align: center; font: 9px sans-serif" class="pageNumber"></p>'
    )
    numbers = page.pdf(
        format="A4", display_header_footer=True, header_template="<p></p>", footer_template=foot
    )
    for bound, number in zip(writer.pages, PdfReader(io.BytesIO(numbers)).pages, strict=True):
        if bound != writer.pages[0]:  # the cover
            bound.merge_page(as_artifact(number))
        bound.compress_content_streams()
    page.close()


def make(html: Path, browser: Browser, root: Path = ROOT) -> Path:
    """Write the PDF of the book in the folder ``root``, built in ``html``; return its path.

    Raises FileNotFoundError when the book is not built.
    """
    book = documents(root)
    for document in book:
        if not (html / f"{document}.html").is_file():
            raise FileNotFoundError(f"{document} is not built: run `make book` first")
    wanted = places(html, book)
    page = browser.new_page(color_scheme="light", reduced_motion="reduce")
    page.emulate_media(media="print")
    printed = [
        print_document(page, html, document, wanted[document])
        for document in tqdm(book, unit="page")
    ]
    printed.insert(0, print_cover(page))
    page.close()
    writer = Binder(printed, html).bind(parts(root))
    number_pages(browser, writer)
    writer.compress_identical_objects()
    writer.metadata = {"/Title": TITLE, "/Author": "The ltcbook authors"}
    path = html / FOLDER / NAME
    path.parent.mkdir(exist_ok=True)
    writer.write(path)
    return path


def main() -> int:
    """Make the PDF of the built book; return 1 where it cannot be had."""
    try:
        with sync_playwright() as playwright:
            arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
            browser = playwright.chromium.launch(
                executable_path=program(playwright), args=arguments
            )
            path = make(ROOT / "_build" / "html", browser)
            browser.close()
    except FileNotFoundError as error:
        print(f"pdf: {error}", file=sys.stderr)
        return 1
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
