"""When formulas are typeset: in view first, the rest in idle moments, all of them on paper."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

Open = Callable[..., Page]
CHAPTER = "neural_odes"  # has many formulas, and folded ones
REGISTER = "notation"  # has formulas in its first lines
SCREEN = {"width": 1280, "height": 900}
# The idle moments are handed out by the test.
NO_IDLENESS = "window.moments = []; window.requestIdleCallback = (next) => moments.push(next);"
IDLE = """async () => {
  moments.shift()({ timeRemaining: () => 0 });
  await MathJax.startup.promise;
}"""
NOT_PATIENT = "window.CSS.supports = () => false;"
# Every formula: whether it is typeset, and whether it is in view.
FORMULAS = """[...document.querySelectorAll(".math")].map((formula) => {
  const box = formula.getBoundingClientRect();
  const folded = !formula.checkVisibility();
  return {
    done: formula.querySelector("mjx-container mjx-assistive-mml math") !== null,
    tex: formula.textContent.includes("\\\\"),
    seen: !folded && box.bottom > 0 && box.top < innerHeight,
    folded,
  };
})"""
ALL_DONE = f"() => ({FORMULAS}).every((formula) => formula.done)"


@pytest.fixture
def open_page(html: Path, chromium: Browser) -> Iterator[Open]:
    """Open a page of the book from its folder, with a script before its own."""
    context = chromium.new_context(viewport=SCREEN)

    def open_(before: str = "", place: str = "", name: str = CHAPTER) -> Page:
        page = context.new_page()
        page.add_init_script(before)
        page.goto((html / "chapters" / f"{name}.html").as_uri() + place)
        page.evaluate("window.MathJax?.startup.promise.then(() => true)")
        return page

    yield open_
    context.close()


def test_what_is_in_view_comes_first(open_page: Open) -> None:
    page = open_page(NO_IDLENESS, name=REGISTER)
    formulas = page.evaluate(FORMULAS)
    assert len(formulas) > 100
    seen = [formula for formula in formulas if formula["seen"]]
    assert seen and all(formula["done"] for formula in seen)
    waiting = [formula for formula in formulas if not formula["done"]]
    assert len(waiting) > len(formulas) / 2
    assert all(formula["tex"] for formula in waiting), "neither typeset nor its source"


def test_an_idle_moment_goes_to_what_a_reader_has_scrolled_to(open_page: Open) -> None:
    page = open_page(NO_IDLENESS)
    page.locator("#exercises").scroll_into_view_if_needed()
    before = page.evaluate(FORMULAS)
    page.evaluate(IDLE)
    after = page.evaluate(FORMULAS)
    pairs = zip(before, after, strict=True)
    chosen = [old for old, new in pairs if new["done"] and not old["done"]]
    assert chosen and all(formula["seen"] for formula in chosen)


@pytest.mark.parametrize("name", [CHAPTER, "theorem_register"])
def test_after_a_while_every_formula_is_typeset(open_page: Open, name: str) -> None:
    page = open_page(name=name)
    page.wait_for_function(ALL_DONE)
    assert page.locator("mjx-merror").count() == 0


def test_on_paper_no_formula_is_its_source(open_page: Open) -> None:
    page = open_page(NO_IDLENESS)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(ALL_DONE)
    assert any(formula["folded"] for formula in page.evaluate(FORMULAS))


def test_a_browser_that_would_let_the_page_jump_typesets_it_at_once(open_page: Open) -> None:
    assert open_page(NOT_PATIENT).evaluate(ALL_DONE)


def test_a_link_to_an_equation_still_shows_it_when_all_is_typeset(open_page: Open) -> None:
    page = open_page(name="membrane_equation", place="#equation-b-13")
    page.wait_for_function(ALL_DONE)
    box = page.locator("#equation-b-13").bounding_box()
    assert 0 <= box["y"] < SCREEN["height"] / 2


def test_the_menu_of_a_formula_finds_all_typeset(open_page: Open) -> None:
    page = open_page(NO_IDLENESS, name=REGISTER)
    page.locator("article mjx-container").first.click(button="right")
    page.wait_for_function(ALL_DONE)
    page.wait_for_function("document.querySelectorAll('mjx-container[ctxtmenu_counter]').length")
