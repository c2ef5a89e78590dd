"""The first page: its live piece, its cards, what it says where it is shared."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.utils import new_document
from playwright.sync_api import Browser
from sphinx.errors import ExtensionError

from book.contents import numbered
from book.front_page import PICTURES, VERBS, live_in, picture
from book.live import add_state, kinds
from book.notebook import Notebook
from book.widget_state import STATE, anchor, as_json
from tests.book.helpers import ROOT, notebooks


def test_every_piece_has_an_id_of_its_own() -> None:
    ids = [anchor(name) for name in kinds()]
    assert len(set(ids)) == len(ids)
    assert anchor("ResNetToODE") == "live-resnet-to-ode"
    assert anchor("FiveNetworks") == "live-five-networks"


def test_every_chapter_says_how_long_it_takes_and_has_a_drawing() -> None:
    drawn = PICTURES.read_text(encoding="utf-8")
    chapters = numbered()
    for path in notebooks():
        if path.stem in chapters:
            prose = "\n".join(cell.source for cell in Notebook(path).prose)
            assert re.search(r"^\*\*Time\*\* \d+ minutes to read", prose, re.MULTILINE)
            assert f'id="{path.stem}"' in drawn
            assert "<path" in picture(path.stem) or "<rect" in picture(path.stem)


def test_what_is_live_in_a_chapter_is_read_from_its_cells() -> None:
    cells = [
        "from ltcbook.teaching.widgets import MotifBench, TugOfWar\n\nTugOfWar()",
        "bench = MotifBench('x')\nbench",
        "print(SynapseExplorer)",
        "other = MotifBench('y')",
    ]
    assert live_in(cells) == ["TugOfWar", "MotifBench"]
    assert VERBS.keys() == kinds().keys() - {"Prediction"}, "a card would be silent about a piece"


@pytest.fixture(scope="module")
def front(html: Path) -> BeautifulSoup:
    """The built first page."""
    return BeautifulSoup((html / "chapters" / "intro.html").read_text("utf-8"), "html.parser")


def test_a_card_for_each_chapter_in_order(front: BeautifulSoup) -> None:
    cards = front.select("li.chapter-card")
    assert len(cards) == len(numbered())
    assert [card.select_one(".number").text for card in cards] == [
        str(k + 1) for k in range(len(cards))
    ]
    for card in cards:
        sentence = card.select("p")[1].text
        assert sentence.endswith("."), f"{card.select_one('.name').text} has no sentence"
        assert "min to read" in card.select_one(".meta").text


def test_a_shared_link_is_described_in_words_about_the_book(front: BeautifulSoup) -> None:
    for wanted in ({"name": "description"}, {"property": "og:description"}):
        description = front.find("meta", wanted)["content"]
        assert "textbook" in description and "curves" not in description
    assert front.find("meta", {"property": "og:title"})["content"].startswith("Liquid Time")
    assert front.select_one("h1").text.startswith("What if the neuron")


def test_the_foot_of_every_page_says_version_and_licences(html: Path) -> None:
    for name in ("intro", "membrane_equation", "api"):
        page = BeautifulSoup((html / "chapters" / f"{name}.html").read_text("utf-8"), "html.parser")
        foot = page.select_one("footer.bd-footer-content, .bd-footer-content").get_text(" ")
        for words in ("The ltcbook authors", "Version 0.", "CC BY 4.0", "BSD 3-Clause"):
            assert words in foot


def test_the_first_piece_lives_and_without_scripts_it_is_a_picture(
    html: Path, chromium: Browser
) -> None:
    address = (html / "chapters" / "intro.html").as_uri()
    context = chromium.new_context(reduced_motion="reduce", offline=True)
    page = context.new_page()
    page.goto(address)
    page.get_by_role("button", name="LTC", exact=True).click()
    assert "it peaks at" in page.locator(".five .caption").inner_text()
    assert not any(still.is_visible() for still in page.locator(".widget-still").all())
    context.close()
    context = chromium.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(address)
    assert page.locator(".widget-still svg").first.bounding_box()["height"] > 100
    context.close()


@pytest.mark.parametrize(
    ("link", "piece"),
    [
        ("artificial_neurons.html#live-sigmoid-stack", ".stack"),
        ("membrane_equation.html#live-membrane-stepper", ".membrane"),
        ("grammar.html#live-descriptor-explorer", ".descriptors"),
    ],
)
def test_a_card_leads_to_the_piece_itself_on_a_phone(
    html: Path, chromium: Browser, front: BeautifulSoup, link: str, piece: str
) -> None:
    assert front.select(f'.chapter-card a[href="{link}"]')
    context = chromium.new_context(viewport={"width": 390, "height": 844}, offline=True)
    page = context.new_page()
    page.goto(f"{(html / 'chapters').as_uri()}/{link}")
    page.locator(f".ltcbook{piece}").first.wait_for()
    page.wait_for_timeout(1500)  # what is above comes alive meanwhile
    assert 0 < page.locator(f".ltcbook{piece}").first.bounding_box()["y"] < 250
    page.mouse.wheel(0, 900)  # and it does not hold the reader back
    page.wait_for_timeout(1000)
    assert page.locator(f".ltcbook{piece}").first.bounding_box()["y"] < 0
    context.close()


@pytest.mark.parametrize("screen", [1280, 1440])
def test_its_pieces_are_as_wide_as_those_of_the_chapters(
    html: Path, chromium: Browser, screen: int
) -> None:
    context = chromium.new_context(
        viewport={"width": screen, "height": 800}, reduced_motion="reduce", offline=True
    )
    page = context.new_page()
    page.goto((html / "chapters" / "intro.html").as_uri())
    for piece in page.locator(".ltcbook").all():
        assert piece.bounding_box()["width"] == pytest.approx(960, abs=16)
    assert page.evaluate("document.documentElement.scrollWidth") <= screen
    context.close()


def test_the_typefaces_are_the_books_own(html: Path, chromium: Browser) -> None:
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.goto((html / "chapters" / "membrane_equation.html").as_uri())
    page.evaluate("document.fonts.ready")
    loaded = page.evaluate(
        "[...document.fonts].filter((f) => f.status === 'loaded').map((f) => f.family)"
    )
    assert {"Literata", "Inter"} <= set(loaded)
    measure = "document.querySelector('article section > p').getBoundingClientRect().width"
    letters = page.evaluate(
        """() => {
            const probe = document.createElement("span");
            probe.style = "display: inline-block; white-space: nowrap";
            probe.textContent = "The potential rests where the pulls of its three springs cancel. ";
            document.querySelector("article section > p").append(probe);
            const width = probe.getBoundingClientRect().width / probe.textContent.length;
            probe.remove();
            return width;
        }"""
    )
    assert 62 < page.evaluate(measure) / letters < 82
    context.close()


def test_fonts_have_their_licences() -> None:
    fonts = ROOT / "book" / "assets" / "fonts"
    for family in ("Literata", "Inter"):
        assert "SIL OPEN FONT LICENSE" in (fonts / f"{family}-OFL.txt").read_text("utf-8")
    assert sum(file.stat().st_size for file in fonts.glob("*.woff2")) < 100_000


def test_the_figure_comes_first_and_then_a_sentence_and_two_doors(front: BeautifulSoup) -> None:
    order = [
        front.select_one(path).sourceline
        for path in ("h1", "#live-five-networks", ".lead", ".doors", "li.chapter-card")
    ]
    assert order == sorted(order)
    assert len(front.select(".doors a")) == 2


def test_a_chapter_is_described_by_its_text_and_not_by_its_picture(html: Path) -> None:
    for name in numbered():
        page = BeautifulSoup((html / "chapters" / f"{name}.html").read_text("utf-8"), "html.parser")
        description = page.find("meta", {"property": "og:description"})["content"]
        assert page.find("meta", {"name": "description"})["content"] == description
        pictures = [image.get("alt", "") for image in page.select("article img")]
        assert not [alt for alt in pictures if description[:40] in alt], name
        text = " ".join(page.select_one("article").get_text().split())
        assert description[:40] in text, name


def test_a_page_has_one_state_of_its_pieces_and_the_same_at_each_build() -> None:
    doctree = new_document("page")
    doctree += nodes.raw("", "", format="html", live=("SigmoidStack", {}))
    context = {"body": f'<script type="{STATE}">{{}}</script>'}
    with pytest.raises(ExtensionError, match="live pieces of its cells and of a directive"):
        add_state(None, "page", context, doctree)
    kind = kinds()["SigmoidStack"]
    first, again = (as_json({"one": {"state": kind().get_state()}}) for _ in range(2))
    assert first == again
