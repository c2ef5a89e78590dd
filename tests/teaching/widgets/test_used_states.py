"""Axe on every interactive piece after it has been used, and with all that is folded open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ltcbook.teaching import widgets
from ltcbook.teaching.widgets.front_end import BookWidget
from tests.book.helpers import give_up

Mounted = Callable[..., Any]

ALL = [
    kind
    for kind in (getattr(widgets, name) for name in widgets.__all__)
    if isinstance(kind, type) and issubclass(kind, BookWidget)
]
PRESSED = ("Now the current", "Step", "Double", "Zoom in", "Skip", "Let equal ones run together")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_axe_finds_nothing_serious_in_a_used_piece(
    kind: type[BookWidget], mounted: Mounted, theme: str
) -> None:
    try:
        from axe_playwright_python.base import AXE_FILE_PATH
    except ImportError:
        give_up("no axe-playwright-python here: the used pieces are NOT checked")
    page = mounted(kind(), theme=theme, reduced_motion="reduce")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.evaluate(
        """(names) => [...document.querySelectorAll("button")]
            .filter((button) => names.includes(button.textContent))
            .forEach((button) => { button.click(); })""",
        PRESSED,
    )
    page.add_script_tag(path=str(AXE_FILE_PATH))
    grave = page.evaluate(
        """async () => {
            const found = await axe.run(document.querySelector(".ltcbook"),
                {resultTypes: ["violations"]});
            return found.violations
                .filter(({impact}) => impact === "serious" || impact === "critical")
                .flatMap(({id, nodes}) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
        }"""
    )
    assert grave == []
    assert page.complaints == []


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_in_forced_colours_every_button_says_what_it_does(
    kind: type[BookWidget], mounted: Mounted
) -> None:
    page = mounted(kind(), forced_colors="active", color_scheme="dark", reduced_motion="reduce")
    for button in page.locator("button.primary:enabled:visible").all():
        look = """(e) => (({color, backgroundColor, forcedColorAdjust}) =>
            [color, backgroundColor, forcedColorAdjust])(getComputedStyle(e))"""
        letters, ground, adjusted = button.evaluate(look)
        assert letters != ground, button.inner_text()
        assert adjusted == "none", "the browser lays a plate of its own under the letters"
