"""The built pages, read as files: complete, self-contained, and with alternative text."""

import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag

import ltcbook
from book.contents import documents
from book.widget_state import STATE, VIEW
from tests.book.helpers import ROOT, load, notebooks

# Elements that make a browser fetch something by itself; a link that a reader may follow does not.
FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src"}
STYLES = re.compile(r"""(?:@import\s*|url\()\s*["']?([^"')\s]+)""")


@cache
def soup(path: Path) -> BeautifulSoup:
    """Return a page, parsed."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@cache
def names(path: Path) -> set[str]:
    """Return the places of a page to which a link can lead."""
    return {str(element["id"]) for element in soup(path).find_all(id=True)}


def article(path: Path) -> Tag:
    """Return what the chapter says on its page."""
    found = soup(path).select_one("article")
    assert found is not None, f"{path.name} has no article"
    return found


def pages(html: Path) -> list[Path]:
    """Return every HTML page."""
    return [p for p in html.rglob("*.html") if not p.is_relative_to(html / "_static")]


def fetched(path: Path) -> list[str]:
    """Return the addresses that a browser fetches for a page."""
    found = [
        element[attribute]
        for name, attribute in FETCHED.items()
        for element in soup(path).find_all(name)
        if element.get(attribute)
    ]
    found += [
        link["href"]
        for link in soup(path).find_all("link")
        if set(link.get("rel", [])) & {"stylesheet", "icon", "preload", "modulepreload", "manifest"}
    ]
    return found


@pytest.mark.parametrize("document", documents())
def test_every_page_of_the_contents_is_there_and_says_something(html: Path, document: str) -> None:
    text = article(html / f"{document}.html").get_text(" ", strip=True)
    assert len(text.split()) > 25, f"{document} is nearly empty: {text!r}"


def test_the_first_page_leads_to_the_cover(html: Path) -> None:
    refresh = soup(html / "index.html").select_one('meta[http-equiv="Refresh" i]')
    assert refresh["content"] == "0; url=chapters/intro.html"


def test_the_contents_name_every_chapter() -> None:
    sources = [p for p in (ROOT / "chapters").iterdir() if p.suffix in {".md", ".ipynb"}]
    assert sorted({f"chapters/{p.stem}" for p in sources}) == sorted(documents())


def test_nothing_is_published_but_the_book(html: Path) -> None:
    made = {"404", "genindex", "prf-prf", "py-modindex", "search", "index"}
    for path in pages(html):
        name = path.relative_to(html).with_suffix("").as_posix()
        reference = name.startswith(("_modules/", "chapters/api/"))
        assert name in documents() or name in made or reference, name


def test_no_page_fetches_from_another_host(html: Path) -> None:
    for path in pages(html):
        foreign = [a for a in fetched(path) if urlsplit(a).netloc]
        assert not foreign, f"{path.name} fetches {foreign}"


def test_no_style_sheet_fetches_from_another_host(html: Path) -> None:
    for path in (html / "_static").rglob("*.css"):
        addresses = STYLES.findall(path.read_text(encoding="utf-8"))
        foreign = [a for a in addresses if urlsplit(a).netloc]
        assert not foreign, f"{path.name} fetches {foreign}"


def test_every_file_that_a_page_fetches_is_there(html: Path) -> None:
    for path in pages(html):
        for address in fetched(path):
            target = path.parent / unquote(urlsplit(address).path)
            assert target.is_file(), f"{path.name} fetches {address}, which is not there"


def test_every_link_within_the_book_leads_somewhere(html: Path) -> None:
    for path in pages(html):
        for link in soup(path).select("a[href]"):
            parts = urlsplit(link["href"])
            if parts.scheme or parts.netloc or link["href"] == "#":
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.exists(), f"{path.name} links to {link['href']}, which is not there"
            if parts.fragment and target.suffix == ".html":
                name = unquote(parts.fragment)
                assert name in names(target), f"{path.name}: {link['href']} has no target"


def test_every_page_with_mathematics_loads_the_local_mathjax(html: Path) -> None:
    for path in pages(html):
        if soup(path).select(".math"):
            assert any("_static/mathjax/" in a for a in fetched(path)), path.name


def test_every_image_says_what_it_shows(html: Path) -> None:
    for path in pages(html):
        for image in article(path).find_all("img") if soup(path).article else []:
            words = image.get("alt", "").split()
            assert len(words) >= 4, f"{path.name}: {image.get('src')} has alt {image.get('alt')!r}"


def test_no_page_shows_a_failure_or_a_path_of_the_machine(html: Path) -> None:
    for path in pages(html):
        text = path.read_text(encoding="utf-8")
        assert "Traceback (most recent call last)" not in text, path.name
        assert str(ROOT) not in text, f"{path.name} shows where it was built"
        assert str(Path.home()) + "/" not in text, f"{path.name} shows a home folder"


def test_the_register_page_has_every_equation(html: Path) -> None:
    page = html / "chapters" / "equation_register.html"
    for number, equation in ltcbook.equations.items():
        entry = soup(page).find(id=f"register-{number.lower().replace('.', '-')}")
        assert entry is not None, f"the register page lacks {number}"
        assert f"\\tag{{{number}}}" in entry.get_text()
        assert f"def {equation.function.__name__}(" in entry.get_text()
        assert entry.select_one(f'a[href="{equation.chapter}.html"]'), f"{number} has no chapter"


def test_every_equation_has_a_home_in_its_chapter(html: Path) -> None:
    for number, equation in ltcbook.equations.items():
        page = html / "chapters" / f"{equation.chapter}.html"
        home = soup(page).find(id=f"equation-{number.lower().replace('.', '-')}")
        assert home is not None, f"{equation.chapter} does not show {number} with its tag"


def test_the_notation_page_has_every_symbol(html: Path) -> None:
    from ltcbook.papers.notation import SYMBOLS

    rows = soup(html / "chapters" / "notation.html").select("table.fixed-columns tbody tr")
    assert len(rows) == len(SYMBOLS)
    for row, symbol in zip(rows, SYMBOLS, strict=True):
        assert row.td.get_text(" ", strip=True), symbol


def test_a_page_with_a_widget_carries_its_state_and_the_script(html: Path) -> None:
    for source in notebooks():
        page = soup(html / "chapters" / f"{source.stem}.html")
        if "widgets" in load(source)["metadata"]:
            assert page.select_one('script[type="application/vnd.jupyter.widget-state+json"]')
            assert any("static-anywidget.js" in s.get("src", "") for s in page.find_all("script"))


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_every_piece_of_a_chapter_lives_in_its_page(html: Path, path: Path) -> None:
    notebook = load(path)
    state = notebook["metadata"].get("widgets", {}).get(STATE, {}).get("state", {})
    shown = [
        output["data"][VIEW]["model_id"]
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if VIEW in output.get("data", {})
    ]
    wanted = {model for model in shown if "_esm" in state[model]["state"]}
    page = soup(html / "chapters" / f"{path.stem}.html")
    script = page.find("script", {"type": STATE})
    there = json.loads(script.string)["state"] if script else {}
    assert wanted <= set(there), "a piece would say that it needs a running kernel"
