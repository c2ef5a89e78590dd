"""The page for teachers: its graph, its plans and its sheets say what the chapters say."""

import io
import re
from graphlib import CycleError
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser
from pypdf import PdfReader

from book.cards import REFERENCE, Card, Need, cards, depths, needs
from book.chapter_graph import BOX, HEIGHT, WIDTH, arrows, places, svg
from book.contents import numbered
from tests.book.helpers import ROOT

PAGE = (ROOT / "chapters" / "teachers.md").read_text(encoding="utf-8")


def plan(title: str) -> list[str]:
    """Return the chapters of a course plan, in order."""
    text = PAGE.split(f"\n## {title}")[1].split("\n## ")[0]
    rows = [row for row in text.splitlines() if row.startswith("| ")]
    return [name for row in rows for name in REFERENCE.findall(row)]


def hard(name: str) -> set[str]:
    """Return all that a chapter needs, and what that needs."""
    direct = {need.chapter for need in cards()[name].needs if not need.helps}
    return direct.union(*map(hard, direct))


def test_a_clause_with_help_is_no_need() -> None:
    text = "{ref}`a` and {ref}`b`; the words of {ref}`c` help. Some algebra, as in {ref}`d`."
    assert needs(text) == (Need("a", False), Need("b", False), Need("c", True), Need("d", False))
    assert needs("{ref}`a`. {ref}`a` helps.") == (Need("a", False),)


def test_a_circle_is_found() -> None:
    def of(name: str, *before: str) -> Card:
        return Card(name, name, tuple(Need(n, False) for n in before), "", 1, (), ())

    with pytest.raises(CycleError):
        depths({"a": of("a", "b"), "b": of("b", "a")})


def test_every_chapter_says_what_a_teacher_asks() -> None:
    assert set(numbered()) <= set(cards())
    for name, card in cards().items():
        assert len(card.summary) == 5, name
        assert card.goals and card.exercises and card.minutes >= 20, name


def test_a_chapter_comes_after_those_it_needs() -> None:
    order = [name for name in cards() if name in numbered()]
    for name in order:
        for need in cards()[name].needs:
            if need.chapter in order and not need.helps:
                late = order.index(need.chapter) > order.index(name)
                assert not late, f"{name} needs {need.chapter}, which is later"


def test_the_drawing_has_what_the_cards_say_and_no_more() -> None:
    drawn = BeautifulSoup(svg(cards()), "html.parser")
    lines = {(p["data-from"], p["data-to"]) for p in drawn.find_all("path") if p.get("data-from")}
    said = {(need.chapter, name) for name, card in cards().items() for need in card.needs}
    assert lines <= said
    reached = {name: {name} | {a for a in cards() if leads(lines, a, name)} for name in cards()}
    assert all(before in reached[after] for before, after in said)
    assert {a["href"] for a in drawn.find_all("a")} == {f"{name}.html" for name in cards()}


def leads(lines: set[tuple[str, str]], start: str, end: str) -> bool:
    """Return whether arrows lead from one chapter to another."""
    return any(a == start and (b == end or leads(lines, b, end)) for a, b in lines)


def test_no_need_is_drawn_as_help_alone() -> None:
    solid = {(a.source, a.target) for a in arrows(cards()) if not a.helps}
    for name, card in cards().items():
        for need in card.needs:
            assert need.helps or leads(solid, need.chapter, name), (need.chapter, name)


def test_boxes_stand_apart_and_below_what_they_need() -> None:
    at = places(cards())
    spots = list(at.values())
    for k, (x, y) in enumerate(spots):
        assert all(abs(x - u) >= BOX or abs(y - v) >= HEIGHT for u, v in spots[:k])
        assert BOX / 2 < x < WIDTH - BOX / 2  # within the picture
    for name, card in cards().items():
        assert all(at[need.chapter][1] < at[name][1] for need in card.needs)


@pytest.mark.parametrize("title", ["A week", "A term"])
def test_a_plan_has_no_chapter_before_what_it_needs(title: str) -> None:
    chapters = [name for name in plan(title) if name in cards()]
    assert len(chapters) == len(set(chapters))
    for k, name in enumerate(chapters):
        late = hard(name) & set(chapters[k + 1 :])
        assert not late, f"{title}: {name} comes before {late}"


def test_the_term_has_every_chapter() -> None:
    assert set(plan("A term")) == set(cards())


def test_the_lecture_has_ninety_minutes() -> None:
    text = PAGE.split("\n## A lecture: ninety minutes")[1].split("\n## ")[0]
    assert sum(map(int, re.findall(r"^\| (\d+) \|", text, re.MULTILINE))) == 90


def test_the_built_pages_have_the_graph_and_a_sheet_for_each_chapter(html: Path) -> None:
    page = BeautifulSoup((html / "chapters" / "teachers.html").read_text("utf-8"), "html.parser")
    assert len(page.select(".chapter-graph a")) == len(cards())
    sheets = BeautifulSoup((html / "chapters" / "sheets.html").read_text("utf-8"), "html.parser")
    assert len(sheets.select("section.sheet")) == len(cards())
    for name, card in cards().items():
        shown = sheets.find(id=f"sheet-{name.replace('_', '-')}")
        assert shown is not None, name
        assert len(shown.find_all("ol")[0].find_all("li", recursive=False)) == len(card.exercises)


def test_each_sheet_is_a_page_on_paper(html: Path, chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto((html / "chapters" / "sheets.html").as_uri())
    page.evaluate("() => window.MathJax.startup.promise.then(() => window.typesetAll?.())")
    sheets = PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
    page.close()
    assert len(sheets) == 1 + len(cards())
