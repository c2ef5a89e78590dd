"""The whole book as one PDF: its pages laid into one, which Chromium prints.

    python -m book.pdf

Proofs, checks and solutions are unfolded, widgets are their still pictures; the code that draws is
left out. Chromium makes the page numbers, an outline of parts, chapters and sections, links that
lead within the book, and the tags by which a reader of the screen knows headings, figures, tables.
"""

import posixpath
import sys
from collections.abc import Iterable
from html import escape
from pathlib import Path
from urllib.parse import unquote, urldefrag

from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, Page, sync_playwright

from book.address import ROOT
from book.archive import FOLDER
from book.browser import program
from book.contents import documents, parts
from book.site import ALT, COVER
from ltcbook import __version__

NAME = "ltcbook.pdf"
STYLE = Path(__file__).with_name("print.css")
# Beside the pages while it is printed, so that it finds what they find.
WHOLE = "whole-book.html"
# What a page needs of its head: how it looks, and its formulas.
HEAD = 'link[rel="stylesheet"], script[src*="mathjax/"], script[src*="formulas.js"]'
# Attributes that name places in a page.
PLACES = ("id", "for", "aria-labelledby", "aria-describedby")
# A script that fails would be waited for without an end; ten minutes are enough for any machine.
READY = """async () => {
  const late = (_, fail) => setTimeout(fail, 600000, new Error("the book's formulas never came"));
  const ready = async () => {
    if (window.MathJax) await window.MathJax.startup.promise;
    await window.typesetAll?.();
    await Promise.all([...document.images].map((image) => image.decode().catch(() => null)));
    await document.fonts.ready;
  };
  await Promise.race([ready(), new Promise(late)]);
}"""
FRAME = """<!DOCTYPE html><html lang="en" data-theme="light" data-mode="light"><head>
<meta charset="utf-8"><title>Liquid Time-Constant Networks: An Executable Textbook</title>
{head}<style>{style}</style></head><body><div class="bd-main"><div class="bd-content">
<div class="bd-article-container">{articles}</div></div></div></body></html>"""
FIRST = """<article class="cover"><img src="{picture}" alt="{alt}"><p>The ltcbook authors</p>
<p>Version {version}. Text and figures: CC BY 4.0. Code: BSD 3-Clause.</p></article>"""


def read(html: Path, document: str) -> BeautifulSoup:
    """Return the built page of a document, its files addressed as from the book's own folder."""
    page = html / f"{document}.html"
    if not page.is_file():
        raise FileNotFoundError(f"{document} is not built: run `make book` first")
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    for element in soup.select("link[href], script[src], img[src]"):
        name = "src" if "src" in element.attrs else "href"
        if ":" not in (address := str(element[name])):
            # Without its version, which a page that was built later has and others have not:
            # MathJax that is loaded twice never starts.
            path = address.partition("?")[0]
            element[name] = posixpath.normpath(f"{posixpath.dirname(document)}/{path}")
    return soup


def place(document: str, name: str = "") -> str:
    """Return what a place of a document is called in the one page, in which no two are alike."""
    return document.replace("/", "-") + (f"--{name}" if name else "")


def target(document: str, address: str, book: list[str]) -> str | None:
    """Return where a link of a document leads in the one page; None if to a page not in it."""
    path, fragment = urldefrag(address)
    if ":" in path:
        return address
    there = posixpath.normpath(posixpath.join(posixpath.dirname(document), unquote(path)))
    name = there.removesuffix(".html") if path else document
    return f"#{place(name, unquote(fragment))}" if name in book else None


def article(soup: BeautifulSoup, document: str, book: list[str], part: str = "") -> Tag:
    """Return what a document says, to stand with others: unfolded, with names of its own.

    Its headings are a level lower, below the ``part`` that begins with it.
    """
    found = soup.select_one("article")
    if found is None:
        raise ValueError(f"{document} has no article")
    for unseen in found.select("script, noscript, .headerlink"):
        unseen.decompose()
    for fold in found.select("details"):
        fold["open"] = ""
    for name in PLACES:
        for element in found.select(f"[{name}]"):
            if element.name != "svg" and not element.find_parent("svg"):  # a drawing names its own
                element[name] = place(document, str(element[name]))
    for link in found.select("a[href]"):
        where = target(document, str(link["href"]), book)
        if where is None:
            del link["href"]
        else:
            link["href"] = where
    for heading in found.select("h1, h2, h3, h4, h5"):
        heading["role"], heading["aria-level"] = "heading", str(int(heading.name[1]) + 1)
    for picture in found.select("img[loading]"):
        del picture["loading"]
    if part:
        line = soup.new_tag("p", attrs={"class": "part", "role": "heading", "aria-level": "1"})
        line.string = part
        found.insert(0, line)
    found["id"] = place(document)
    return found


def whole(html: Path, book: list[str], part_of: dict[str, str]) -> str:
    """Return documents as one page; ``part_of`` names the parts that begin with one of them."""
    head: dict[str, None] = {}  # each element once, in its order
    articles = []
    for document in book:
        soup = read(html, document)
        own = [one for one in soup.select("head script") if "window.MathJax =" in one.get_text()]
        head |= dict.fromkeys(map(str, [*own, *soup.select(f"head :is({HEAD})")]))
        articles.append(str(article(soup, document, book, part_of.get(document, ""))))
    cover = FIRST.format(picture=COVER.as_uri(), alt=escape(ALT), version=__version__)
    style = STYLE.read_text(encoding="utf-8")
    return FRAME.format(head="\n".join(head), style=style, articles="\n".join([cover, *articles]))


def print_documents(
    page: Page, html: Path, book: Iterable[str], part_of: dict[str, str] | None = None
) -> bytes:
    """Return documents of the book that is built in ``html`` as a PDF, printed in ``page``."""
    file = html / WHOLE
    file.write_text(whole(html, list(book), part_of or {}), encoding="utf-8")
    try:
        page.emulate_media(media="print", color_scheme="light", reduced_motion="reduce")
        page.goto(file.as_uri(), wait_until="load", timeout=0)
        page.evaluate(READY)
        return page.pdf(prefer_css_page_size=True, print_background=True, tagged=True, outline=True)
    finally:
        file.unlink()


def make(html: Path, browser: Browser, root: Path = ROOT) -> Path:
    """Write the PDF of the book in the folder ``root``, built in ``html``; return its path.

    Raises FileNotFoundError when the book is not built.
    """
    part_of = {part["chapters"][0]["file"]: part.get("caption", "") for part in parts(root)}
    page = browser.new_page()
    pdf = print_documents(page, html, documents(root), part_of)
    page.close()
    path = html / FOLDER / NAME
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(pdf)
    return path


def main() -> int:
    """Make the PDF of the built book; return 1 where it cannot be had."""
    print("Printing the book, which takes some minutes.", flush=True)
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
