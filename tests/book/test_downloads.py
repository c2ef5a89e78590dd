"""What a reader takes along: notebooks, the book as a zip file, the book as a PDF."""

import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser
from pypdf import PdfReader
from pypdf.generic import Destination, DictionaryObject

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


def test_every_chapter_can_be_downloaded_as_a_plain_notebook(html: Path) -> None:
    for path in notebooks():
        text = (html / "chapters" / f"{path.stem}.html").read_text(encoding="utf-8")
        links = BeautifulSoup(text, "html.parser").select(".dropdown-download-buttons a[href]")
        assert f"../notebooks/{path.name}" in {link["href"] for link in links}
        assert (html / "notebooks" / path.name).is_file()
    assert not list((html / "_sources").rglob("*.ipynb")), "a copy to which no link leads"


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
    for number, page in list(enumerate(printed.pages, start=1))[1:]:  # the cover has none
        lines = page.extract_text().split()
        assert str(number) in {lines[0], lines[-1]}, f"page {number} does not say its number"


def test_the_pdf_has_formulas_and_vector_figures_not_their_source(printed: PdfReader) -> None:
    text = "\n".join(page.extract_text() for page in printed.pages)
    assert "(B.13)" in text
    assert "1. The membrane equation" in text, "a title has lost its number"
    assert "\\begin" not in text and "\\dot" not in text
    assert "A line." in text
    cover, *pages = printed.pages
    assert len(cover.images) == 1 and "Version" in cover.extract_text()
    assert not any(page.images for page in pages), "the figure is no vector graphic"


def elements(holder: Any) -> Iterator[DictionaryObject]:
    """Yield the tagged elements in one, or in a list of them, at every depth."""
    holder = holder.get_object()
    if isinstance(holder, list):
        for one in holder:
            yield from elements(one)
    elif isinstance(holder, dict):  # an element, or the place of a piece of it
        yield holder
        if "/K" in holder:
            yield from elements(holder["/K"])


def test_the_pdf_tells_headings_figures_and_links_to_readers_of_the_screen(
    printed: PdfReader,
) -> None:
    catalog = printed.root_object
    assert catalog["/MarkInfo"]["/Marked"].value and catalog["/Lang"] == "en"
    tree = catalog["/StructTreeRoot"]
    found = [element for element in elements(tree["/K"]) if "/S" in element]
    kinds = {str(element["/S"]) for element in found}
    assert {"/P", "/Figure", "/Caption", "/Link", "/Document"} <= kinds
    told = [str(e["/Alt"]) for e in found if e["/S"] == "/Figure" and "/Alt" in e]
    assert "A straight line that rises from zero to one." in told
    # One in each document, none on the cover; the first level is that of parts.
    assert sum(e["/S"] == "/H2" for e in found) == 3


def test_a_break_between_pages_does_not_part_a_figure_from_its_caption(chromium: Browser) -> None:
    page = chromium.new_page()
    box = "<rect width='300' height='150'/>"
    picture = f"<svg xmlns='http://www.w3.org/2000/svg' width='300' height='150'>{box}</svg>"
    figure = (
        '<div style="height: {gap}px"></div><div class="cell"><div class="cell_output"><figure>'
        f'<img alt="A box." src="data:image/svg+xml,{quote(picture)}"><figcaption>'
        "Caption {number}, of some lines.<br>Two.<br>Three.</figcaption></figure></div></div>"
        '<p id="mark">End {number}</p>'
    )
    many = "".join(figure.format(gap=37 + 61 * n % 401, number=n) for n in range(40))
    page.set_content(f"<article>{many}</article>")
    parting = "figcaption { break-before: page }"
    for style, parted in ((parting, True), (pdf.STYLE.read_text(encoding="utf-8"), False)):
        page.add_style_tag(content=style)
        book = PdfReader(io.BytesIO(page.pdf(format="A4", tagged=True)))
        places = [where_figures_stand(book, element) for element in elements(tags(book))]
        found = [pages for pages in places if pages]
        assert len(found) == 40
        assert any(len(pages) > 1 for pages in found) == parted
    page.close()


def test_a_fold_is_printed_open_and_whole_but_for_the_code_that_draws(chromium: Browser) -> None:
    page = chromium.new_page()
    fading = "@keyframes come { from { opacity: 0 } } details[open] p { animation: come 60s }"
    cell = (
        '<div class="cell tag_hide-input"><details><summary>Fold</summary><p>Code</p></details>'
        '<div class="cell_output">{}</div></div>'
    )
    drawn = '<img alt="A point." src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'
    text = f"<article>{cell.format('0.5')}{cell.format(drawn)}</article>"
    folded = BeautifulSoup(text, "html.parser")
    page.set_content(f"<style>{fading}</style>{pdf.article(folded, 'fold', ['fold'])}")
    page.add_style_tag(content=pdf.STYLE.read_text(encoding="utf-8"))
    told, shown = page.locator("details p").all()
    assert told.is_visible() and told.evaluate("p => getComputedStyle(p).opacity") == "1"
    assert not shown.is_visible()
    page.close()


def tags(book: PdfReader) -> Any:
    """Return the tree of the elements of a PDF."""
    return book.root_object["/StructTreeRoot"]["/K"]


def where_figures_stand(book: PdfReader, element: DictionaryObject) -> set[int]:
    """Return the pages of a figure with a caption; none for another element."""
    inside = list(elements(element))[1:]
    kinds = {str(one.get("/S")) for one in inside}
    if element.get("/S") != "/Figure" or "/Caption" not in kinds:
        return set()
    return {book.get_page_number(one["/Pg"].get_object()) for one in inside if "/Pg" in one}


def test_the_links_of_the_pdf_lead_within_it_or_to_a_public_address(printed: PdfReader) -> None:
    targets = []
    for page in printed.pages:
        for reference in page.get("/Annots", []):
            link = reference.get_object()
            if "/Dest" in link:
                place = printed.named_destinations[str(link["/Dest"])]
                targets.append(printed.get_destination_page_number(place))
            else:
                assert link["/A"]["/URI"].startswith(LEADS_OUT), link
    assert targets and max(targets) > 0, "no link leads to another page"


def test_the_whole_book_is_in_its_pdf(html: Path) -> None:
    path = html / pdf.FOLDER / pdf.NAME
    if not path.is_file():
        give_up("no PDF of the book: run `make pdf` first")
    book = PdfReader(path)
    outline = {"".join(title.split()) for title in titles(book.outline)}
    for document in documents():
        page = BeautifulSoup((html / f"{document}.html").read_text("utf-8"), "html.parser")
        for mark in page.select(".headerlink"):
            mark.decompose()
        for heading in page.select("article h1, article h2"):
            if not heading.select(".math"):
                assert "".join(heading.get_text().split()) in outline, document
    assert len(book.pages) > 5 * len(documents())
    # To read every page takes minutes; one with a number alone is short.
    short = [p for p in enumerate(book.pages, 1) if len(p[1].get_contents().get_data()) < 5000]
    assert [n for n, page in short if page.extract_text().strip() in {"", str(n)}] == []


def test_links_lead_within_the_one_page_or_out_of_the_book() -> None:
    book = ["a/one", "a/two"]
    assert pdf.target("a/one", "two.html#b", book) == "#a-two--b"
    assert pdf.target("a/one", "two.html", book) == "#a-two"
    assert pdf.target("a/one", "#b", book) == "#a-one--b"
    assert pdf.target("a/one", "api/three.html#b", book) is None
    for outside in ("https://a.org/b.html#c", "mailto:a@b.org"):
        assert pdf.target("a/one", outside, book) == outside


def test_no_two_places_of_the_one_page_are_alike() -> None:
    text = '<article><p id="b">x</p><a href="#b">y</a><svg><g id="b"/></svg></article>'
    made = [pdf.article(BeautifulSoup(text, "html.parser"), name, ["one", "two"]) for name in "12"]
    first, second = (article.p["id"] for article in made)
    assert first != second and made[0].select_one("svg g")["id"] == "b"


def test_a_script_with_and_without_a_version_is_loaded_once(tmp_path: Path) -> None:
    """Sphinx gives one to pages that it writes again; MathJax, loaded twice, never starts."""
    for name, version in (("one", "?v=1"), ("other", "")):
        head = f'<script src="_static/mathjax/startup.js{version}"></script>'
        page = f"<html><head>{head}</head><body><article></article></body></html>"
        (tmp_path / f"{name}.html").write_text(page, encoding="utf-8")
    assert pdf.whole(tmp_path, ["one", "other"], {}).count("mathjax/startup.js") == 1


def test_a_start_page_without_a_place_for_downloads_is_refused(tmp_path: Path) -> None:
    start = tmp_path / archive.START
    start.parent.mkdir()
    start.write_text("<article></article>", encoding="utf-8")
    with pytest.raises(ValueError, match="has no place for downloads"):
        archive.make(tmp_path)
