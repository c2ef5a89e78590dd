"""What a reader takes along: notebooks, the book as a zip file, the book as a PDF."""

import re
import shutil
import zipfile
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser
from pypdf import PdfReader
from pypdf.generic import Destination

from book import archive, pdf
from book.contents import documents
from tests.book.helpers import give_up, notebooks

LEADS_OUT = ("http://", "https://", "mailto:")


@pytest.fixture(scope="module")
def pages(small_book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built pages of the small book, with a start page that has a place for downloads."""
    html = tmp_path_factory.mktemp("downloads") / "html"
    shutil.copytree(small_book / "_build" / "html", html)
    start = html / archive.START
    shutil.copy(html / "chapters" / "home.html", start)
    text = start.read_text(encoding="utf-8")
    start.write_text(text.replace("</article>", f"{archive.MARK}</article>"), encoding="utf-8")
    return html


@pytest.fixture(scope="module")
def printed(pages: Path, small_book: Path, chromium: Browser) -> PdfReader:
    """The small book as a PDF."""
    return PdfReader(pdf.make(pages, chromium, small_book))


def titles(outline: list[Destination | list[Destination]]) -> list[str]:
    """Return all titles of an outline, in order."""
    return [
        title
        for item in outline
        for title in (titles(item) if isinstance(item, list) else [str(item.title)])
    ]


def test_every_chapter_can_be_downloaded_as_the_notebook_it_is(html: Path) -> None:
    for path in notebooks():
        source = html / "_sources" / "chapters" / path.name
        assert source.read_bytes() == path.read_bytes(), path.name
        text = (html / "chapters" / f"{path.stem}.html").read_text(encoding="utf-8")
        links = BeautifulSoup(text, "html.parser").select(".dropdown-download-buttons a[href]")
        assert f"../_sources/chapters/{path.name}" in {link["href"] for link in links}


def test_the_zip_file_is_the_book_and_has_the_same_bytes_again(pages: Path, tmp_path: Path) -> None:
    first = archive.make(pages).read_bytes()
    (pages / "index.html").touch()
    path = archive.make(pages)
    assert path.read_bytes() == first
    with zipfile.ZipFile(path) as book:
        names = book.namelist()
        book.extractall(tmp_path)
    assert names == sorted(names)
    assert all(name.startswith("ltcbook/") and ".." not in name for name in names)
    kept = {p.relative_to(pages).as_posix() for p in pages.rglob("*") if p.is_file()}
    assert {name.removeprefix("ltcbook/") for name in names} == kept - archive.LEFT_OUT
    unpacked = tmp_path / "ltcbook" / "chapters" / "widgets.html"
    assert unpacked.read_bytes() == (pages / "chapters" / "widgets.html").read_bytes()
    inside = (tmp_path / "ltcbook" / archive.START).read_text(encoding="utf-8")
    assert archive.NAME not in inside, "an archive links to itself"


def test_the_start_page_links_to_what_was_made(pages: Path, printed: PdfReader) -> None:
    archive.make(pages)
    soup = BeautifulSoup((pages / archive.START).read_text(encoding="utf-8"), "html.parser")
    links = [link["href"] for link in soup.select("article a[download]")]
    assert links == ["../downloads/ltcbook.pdf", "../downloads/ltcbook.zip"]
    assert all((pages / "chapters" / link).resolve().is_file() for link in links)


def test_the_pdf_has_every_page_in_order_and_an_outline(
    printed: PdfReader, small_book: Path
) -> None:
    assert titles(printed.outline)[0] == "Home"
    found = [title for title in titles(printed.outline) if title.endswith(("equation", "Widgets"))]
    assert [re.sub(r"^[\d. ]+", "", title) for title in found] == [
        "The membrane equation",
        "Widgets",
    ]
    assert len(printed.pages) >= len(documents(small_book))
    for number, page in enumerate(printed.pages, start=1):
        lines = page.extract_text().split()
        assert str(number) in {lines[0], lines[-1]}, f"page {number} does not say its number"


def test_the_pdf_has_formulas_and_figures_not_their_source(printed: PdfReader) -> None:
    text = "\n".join(page.extract_text() for page in printed.pages)
    assert "(B.13)" in text
    assert "\\begin" not in text and "\\dot" not in text
    assert "A line." in text
    assert sum(len(page.images) for page in printed.pages) >= 1


def test_the_links_of_the_pdf_lead_within_it_or_to_a_public_address(printed: PdfReader) -> None:
    targets = []
    for page in printed.pages:
        for reference in page.get("/Annots", []):
            link = reference.get_object()
            if "/Dest" in link:
                targets.append(printed.get_page_number(link["/Dest"][0].get_object()))
            else:
                assert link["/A"]["/URI"].startswith(LEADS_OUT), link
    assert targets and max(targets) > 0, "no link leads to another page"


def test_the_whole_book_is_in_its_pdf(html: Path) -> None:
    path = html / pdf.FOLDER / pdf.NAME
    if not path.is_file():
        give_up("no PDF of the book: run `make pdf` first")
    book = PdfReader(path)
    outline = titles(book.outline)
    for document in documents():
        title, sections = pdf.headings(html, document)
        assert title in outline, document
        assert set(sections.values()) <= set(outline), document
    assert len(book.pages) > 5 * len(documents())
