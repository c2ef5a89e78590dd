"""Terms of formulas in the colours of the figures: one palette, legible, and nothing moves."""

import colorsys
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from matplotlib.colors import to_rgb
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from book.pdf import print_documents
from book.roles import ROLES, WORDS, role_of_solver, roles_in, uncoloured
from ltcbook.teaching.figures import COLOURS, SOLVER_COLOURS
from tests.book.helpers import ROOT, load, notebooks
from tests.teaching.eyes import contrast

STYLE = (ROOT / "book" / "assets" / "book.css").read_text(encoding="utf-8")
CHAPTER = "membrane_equation"  # has three of the roles, three solvers and a folded formula
PAPER = {"light": "#ffffff", "dark": "#121212"}  # of the theme; the browser test looks again
# Parts of the book whose figures speak of leaks, synapses and inputs.
IN_ROLES = ("Networks as flows", "The membrane")
DRAWS_ROLES = re.compile(r"\bCOLOURS\b(?<!SOLVER_COLOURS)|\b(?:wire|loop)\(")
NUMBERED = re.compile(r"\$\$\n(.*?)\$\$( \([\w-]+\))?", re.DOTALL)
LEGIBLE = 4.5
FILL = re.compile(rb"([\d.]+) ([\d.]+) ([\d.]+) rg\b")  # in a PDF: what follows has this colour

Open = Any
# Every coloured term: its colour, that of its formula, and of the nearest background.
TERMS = """() => [...document.querySelectorAll("article mjx-math [class*=role-]")].map((term) => {
  let under = term;
  const clear = (e) => /, 0\\)$/.test(getComputedStyle(e).backgroundColor);
  while (under.parentElement && clear(under)) under = under.parentElement;
  return {
    role: /role-(\\w+)/.exec(term.getAttribute("class"))[1],
    ink: getComputedStyle(term.querySelector("mjx-c")).color,
    around: getComputedStyle(term.closest("mjx-container")).color,
    paper: getComputedStyle(under).backgroundColor,
  };
})"""
WEAR = "(theme) => { document.documentElement.dataset.theme = theme; }"
DONE = "window.MathJax.startup.promise.then(() => window.typesetAll?.()).then(() => true)"
WIDTHS = """() => [...document.querySelectorAll("article mjx-container")].map((formula) => {
  formula.closest("details")?.setAttribute("open", "");
  const { width, height } = formula.querySelector("mjx-math").getBoundingClientRect();
  return [width, height];
})"""


def hue(colour: str) -> float:
    """Return the hue of a colour, from 0 to 1."""
    return colorsys.rgb_to_hls(*to_rgb(colour))[0]


def rgb(colour: str) -> tuple[float, ...]:
    """Return a colour that a browser has computed."""
    return tuple(float(part) / 255 for part in re.findall(r"[\d.]+", colour)[:3])


def tones(theme: str) -> dict[str, str]:
    """Return what the style sheet gives to each role in a theme."""
    blocks = re.findall(rf'^html\[data-theme="{theme}"\] {{([^}}]*)}}', STYLE, re.MULTILINE)
    values = dict(re.findall(r"(--[\w-]+): (#\w+);", " ".join(blocks)))
    rules = re.findall(r"^mjx-container \.role-(\w+) { color: var\((--[\w-]+)\); }", STYLE, re.M)
    return {role: values[name] for role, name in rules}


def used() -> dict[str, list[str]]:
    """Return the roles in the formulas of each page of the book."""
    texts = {p.stem: "".join("".join(c["source"]) for c in load(p)["cells"]) for p in notebooks()}
    pages = (ROOT / "chapters").glob("*.md")
    texts |= {page.stem: page.read_text(encoding="utf-8") for page in pages}
    return {name: roles for name, text in texts.items() if (roles := roles_in(text))}


def test_the_style_sheet_has_the_palette_and_every_role_that_a_formula_has() -> None:
    assert COLOURS.keys() <= tones("light").keys()
    assert {role: tone.upper() for role, tone in tones("light").items()}.items() <= ROLES.items()
    assert {role for roles in used().values() for role in roles} <= set(tones("light"))
    assert set(tones("light")) == set(tones("dark"))


@pytest.mark.parametrize("theme", PAPER)
def test_a_role_keeps_its_hue_and_can_be_read(theme: str) -> None:
    for role, tone in tones(theme).items():
        assert abs(hue(tone) - hue(ROLES[role])) < 0.02, role
        assert contrast(tone, PAPER[theme]) >= LEGIBLE, role


def test_solvers_are_named_by_letters_alone_and_apart_from_what_they_step() -> None:
    names = [role_of_solver(name) for name in SOLVER_COLOURS]
    assert len({*names, *COLOURS}) == len(names) + len(COLOURS)
    for name in {role for roles in used().values() for role in roles}:
        assert re.fullmatch("[a-z]+", name), f"KaTeX refuses a colour of the name {name}"


def test_the_page_knows_the_command() -> None:
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    tex = config["sphinx"]["config"]["mathjax3_config"]["tex"]
    assert tex["macros"] == {"textcolor": [r"\class{role-#1}{#2}", 2]}


def test_a_term_in_ink_is_still_a_group() -> None:
    assert uncoloured(r"\dot x = \textcolor{leak}{-\textcolor{input}{w}x}") == r"\dot x = {-{w}x}"


def headlines(cells: list[dict[str, Any]]) -> list[str]:
    """Return the displayed formulas of a chapter that can be cited."""
    prose = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    return [tex for tex, label in NUMBERED.findall(prose) if label or r"\tag{" in tex]


def test_a_chapter_that_draws_in_roles_has_headline_formulas_in_them() -> None:
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    names = [c["file"] for part in parts if part["caption"] in IN_ROLES for c in part["chapters"]]
    drawn = []
    for name in names:
        cells = load(ROOT / f"{name}.ipynb")["cells"]
        if any(DRAWS_ROLES.search("".join(c["source"])) for c in cells if c["cell_type"] == "code"):
            drawn.append(name.removeprefix("chapters/"))
            assert any(map(roles_in, headlines(cells))), f"{name} has no formula in its roles"
    assert {"ct_rnns", "membrane_equation"} <= set(drawn)


def test_how_to_read_states_the_code() -> None:
    text = (ROOT / "chapters" / "how_to_read.md").read_text(encoding="utf-8")
    assert set(roles_in(text)) == set(tones("light"))
    for role, word in WORDS.items():
        assert rf"\textcolor{{{role}}}{{\text{{{word}}}}}" in text


@pytest.fixture
def open_page(html: Path, chromium: Browser) -> Iterator[Open]:
    """Open a page of the book, all of its formulas typeset."""
    contexts = []

    def open_(name: str, width: int = 1280, **options: Any) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.goto((html / "chapters" / f"{name}.html").as_uri())
        page.evaluate(DONE)
        return page

    yield open_
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", sorted(used()))
def test_each_term_has_its_tone_and_can_be_read_where_it_stands(open_page: Open, name: str) -> None:
    page = open_page(name)
    assert page.locator("mjx-merror").count() == 0
    for theme in PAPER:
        page.evaluate(WEAR, theme)
        found = page.evaluate(TERMS)
        assert len(found) == len(used()[name])
        for term in found:
            assert term["ink"] != term["around"]
            assert rgb(term["ink"]) == pytest.approx(to_rgb(tones(theme)[term["role"]]))
            assert contrast(rgb(term["ink"]), rgb(term["paper"])) >= LEGIBLE, (theme, term)


def test_with_forced_colours_all_terms_are_in_ink(open_page: Open) -> None:
    found = open_page(CHAPTER, forced_colors="active").evaluate(TERMS)
    assert found and all(term["ink"] == term["around"] for term in found)


def test_a_colour_moves_nothing_and_says_nothing(open_page: Open, html: Path) -> None:
    """The same formulas in ink have the same size, and read the same to readers of the screen."""
    page = open_page(CHAPTER)
    said = "() => [...document.querySelectorAll('mjx-assistive-mml')].map((e) => e.textContent)"
    coloured, words = page.evaluate(WIDTHS), page.evaluate(said)
    assert page.locator("mjx-assistive-mml .role-leak").count() > 3
    context = page.context.browser.new_context(viewport={"width": 1280, "height": 900})
    plain = context.new_page()
    plain.add_init_script(
        "addEventListener('DOMContentLoaded', () => {"
        " for (const math of document.querySelectorAll('.math'))"
        "   math.innerHTML = math.innerHTML.replace(/\\\\textcolor\\{\\w+\\}(?=\\{)/g, ''); });"
    )
    plain.goto((html / "chapters" / f"{CHAPTER}.html").as_uri())
    plain.evaluate(DONE)
    in_ink, read = plain.evaluate(WIDTHS), plain.evaluate(said)
    assert plain.locator("[class*=role-]").count() == 0
    context.close()
    assert words == read
    assert [size for pair in coloured for size in pair] == pytest.approx(
        [size for pair in in_ink for size in pair], abs=0.6
    )


def test_a_printer_that_does_not_wait_gets_the_colours(html: Path, chromium: Browser) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.add_init_script("window.requestIdleCallback = () => {};")
    page.goto((html / "chapters" / f"{CHAPTER}.html").as_uri())
    page.evaluate("window.MathJax.startup.promise.then(() => true)")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert len(page.evaluate(TERMS)) == len(used()[CHAPTER])
    context.close()


def test_on_paper_terms_keep_their_colours(html: Path, chromium: Browser) -> None:
    context = chromium.new_context()
    printed = print_documents(context.new_page(), html, ["chapters/how_to_read"])
    context.close()
    pages = PdfReader(io.BytesIO(printed)).pages
    content = b"\n".join(page.get_contents().get_data() for page in pages)
    inks = {tuple(map(float, found)) for found in FILL.findall(content)}
    for role, tone in tones("light").items():
        assert any(to_rgb(tone) == pytest.approx(ink, abs=1e-3) for ink in inks), role
