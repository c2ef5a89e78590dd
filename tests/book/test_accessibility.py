"""What axe-core finds in every built page: nothing serious, in the light theme or the dark.

Formulas are left as TeX here: MathJax's markup is not the book's, hides itself from readers of
the screen, and gives them MathML instead. Pages are then quick to open.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser, BrowserContext

from book.contents import documents

# Code is highlighted alike everywhere; axe weighs each of its thousand words, so one page does.
CODE, ALL_OF_IT = ".highlight pre", "chapters/solver_primer"
GRAVE = {"serious", "critical"}
RUN = """async ([except, only]) => {
    const options = only ? {runOnly: {type: "rule", values: only}} : {};
    const found = await axe.run({exclude: except}, {...options, resultTypes: ["violations"]});
    return found.violations;
}"""
WEAR = """async (theme) => {
    document.documentElement.dataset.theme = theme;
    document.documentElement.dataset.mode = theme;
    await new Promise(requestAnimationFrame);
    await Promise.all(document.getAnimations().map((animation) => animation.finished));
}"""


@pytest.fixture(scope="module")
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A profile that typesets no formulas."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce", offline=True
    )
    context.route("**/mathjax/**", lambda route: route.abort())
    yield context
    context.close()


def complaints(violations: list[dict[str, Any]]) -> list[str]:
    """Return the grave ones of what axe found, an element each, with what to mend."""
    return [
        f"{one['id']} at {node['target']}: {node['failureSummary']}"
        for one in violations
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("name", [*documents(), "search", "genindex", "404"])
def test_axe_finds_nothing_serious(html: Path, context: BrowserContext, name: str) -> None:
    page = context.new_page()
    page.goto((html / f"{name}.html").as_uri())
    page.evaluate(Path(AXE_FILE_PATH).read_text(encoding="utf-8"))
    unread = [] if name == ALL_OF_IT else [[CODE]]
    found = {}
    # Only colours change with the theme.
    for theme, only in {"light": None, "dark": ["color-contrast"]}.items():
        page.evaluate(WEAR, theme)
        found[theme] = complaints(page.evaluate(RUN, [unread, only]))
    page.close()
    assert found == {"light": [], "dark": []}


def test_on_a_phone_a_figure_that_scrolls_is_reached_by_keys(
    html: Path, context: BrowserContext
) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto((html / "chapters" / "reading_digits.html").as_uri())
    page.locator(".scrolls[tabindex]").first.wait_for(state="attached")
    page.evaluate(Path(AXE_FILE_PATH).read_text(encoding="utf-8"))
    found = complaints(page.evaluate(RUN, [[[".math"]], ["scrollable-region-focusable"]]))
    page.close()
    assert found == []


def test_axe_would_find_a_pale_word_and_a_nameless_button(context: BrowserContext) -> None:
    page = context.new_page()
    page.set_content(
        "<!doctype html><html lang='en'><title>t</title><main><button></button>"
        "<p style='color: #bbb; background: #fff'>Pale.</p></main></html>"
    )
    page.evaluate(Path(AXE_FILE_PATH).read_text(encoding="utf-8"))
    found = complaints(page.evaluate(RUN, [[], None]))
    page.close()
    assert {line.split()[0] for line in found} == {"button-name", "color-contrast"}
