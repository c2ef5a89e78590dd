"""Pieces whose picture is the control: worked by buttons, and by touch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ltcbook.teaching.widgets import Clicks, FiveNetworks, SigmoidStack, TugOfWar

Mounted = Callable[..., Any]


def use_tug(page: Any) -> None:
    page.get_by_role("button", name="Ten times").click()
    page.get_by_role("button", name="Let go").click()


def use_line(page: Any) -> None:
    page.get_by_role("button", name="LTC", exact=True).click()
    page.get_by_role("slider", name="Loudness").press("PageUp")


def use_clicks(page: Any) -> None:
    page.get_by_role("button", name="Add a click").click()
    page.get_by_role("checkbox", name="leak").first.uncheck()


def use_stack(page: Any) -> None:
    page.get_by_role("button", name="Add a step").click()
    page.get_by_role("button", name="Train three steps").click()


USES = {TugOfWar: use_tug, FiveNetworks: use_line, Clicks: use_clicks, SigmoidStack: use_stack}


@pytest.mark.parametrize("kind", USES, ids=lambda kind: kind.__name__)
def test_all_of_it_is_worked_by_touch(mounted: Mounted, kind: Any) -> None:
    page = mounted(kind(), width=390, has_touch=True, is_mobile=True, reduced_motion="reduce")
    first = page.locator("svg .handle").first
    before = page.evaluate("JSON.stringify(model.state)")
    box = first.bounding_box()
    client = page.context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def touch(kind_of_event: str, points: list[dict[str, float]]) -> None:
        event = {"type": kind_of_event, "touchPoints": points}
        client.send("Input.dispatchTouchEvent", event)

    touch("touchStart", [{"x": x, "y": y}])
    for k in range(1, 6):
        touch("touchMove", [{"x": x + 6 * k, "y": y - 5 * k}])
    touch("touchEnd", [])
    assert page.evaluate("JSON.stringify(model.state)") != before
    small = page.evaluate(
        """[...document.querySelectorAll("button, svg .reach")]
            .filter((node) => node.getClientRects().length)
            .map((node) => node.getBoundingClientRect())
            .filter((box) => Math.min(box.width, box.height) < 24).length"""
    )
    assert small == 0
    assert page.complaints == []
