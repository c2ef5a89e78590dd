"""What holds for every interactive piece: few controls, room on a phone, and what it says first."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import TimeoutError

from ltcbook.teaching import widgets
from ltcbook.teaching.widgets.front_end import BookWidget

Mounted = Callable[..., Any]

ALL = [
    kind
    for kind in (getattr(widgets, name) for name in widgets.__all__)
    if isinstance(kind, type) and issubclass(kind, BookWidget) and kind is not widgets.Prediction
]
IDS = [kind.__name__ for kind in ALL]
# Radio buttons of one name are one control, and so are the stops of a line and the parts of a
# string, which are the thing itself. Undo is in every piece, and takes back what controls did.
CONTROLS = """() => {
    const seen = new Set();
    for (const one of document.querySelectorAll("button, input, select")) {
        if (!one.checkVisibility() || one.closest("svg, .line, .string, .map, .plot")) continue;
        if (one.textContent === "Undo") continue;
        seen.add(one.type === "radio" ? one.name : one);
    }
    return seen.size;
}"""
# Boxes of what is seen that jut out of the piece, beyond its own frame.
JUTS = """() => {
    const root = document.querySelector(".ltcbook");
    const edge = root.getBoundingClientRect().right;
    return [...root.querySelectorAll("*")]
        .filter((one) => !one.closest(".hidden, clipPath, [clip-path], .ladder"))
        .filter((one) => one.checkVisibility())
        .filter((one) => one.getBoundingClientRect().right > edge + 1)
        .map((one) => one.outerHTML.slice(0, 120));
}"""


@pytest.mark.parametrize("kind", ALL, ids=IDS)
def test_at_most_four_controls_are_in_view(kind: type[BookWidget], mounted: Mounted) -> None:
    page = mounted(kind(), reduced_motion="reduce")
    assert page.evaluate(CONTROLS) <= 4
    for name in ("two rings", "Add a dimension", "Next: the current through it", "Step", "Let go"):
        for one in page.get_by_text(name, exact=True).all():
            if one.is_visible():
                one.click(force=True)
                assert page.evaluate(CONTROLS) <= 4, f"after {name}"


@pytest.mark.parametrize("kind", ALL, ids=IDS)
def test_a_piece_that_was_wide_becomes_narrow(kind: type[BookWidget], mounted: Mounted) -> None:
    page = mounted(kind(), width=1000, reduced_motion="reduce")
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_function(f"document.documentElement.clientWidth === {width}")
        # Drawn anew: the pictures follow the width a moment later.
        with contextlib.suppress(TimeoutError):
            page.wait_for_function(f"({JUTS})().length === 0", timeout=5000)
        assert page.evaluate(JUTS) == []
    assert page.complaints == []


@pytest.mark.parametrize("kind", ALL, ids=IDS)
def test_the_first_line_says_what_to_do(kind: type[BookWidget], mounted: Mounted) -> None:
    page = mounted(kind(), reduced_motion="reduce")
    asked = page.locator("p.task").first
    assert asked.is_visible()
    assert len(asked.inner_text()) < 110, "a line, not a manual"


@pytest.mark.parametrize(
    ("kind", "query", "wanted"),
    [
        (widgets.MembraneStepper, 'membrane={"steps":3,"zoom":true}', "Zoom out"),
        (widgets.SynapseExplorer, 'synapse={"current":true}', "with the gate"),
        (widgets.DescriptorExplorer, 'type={"together":true}', "Spread them out"),
        (widgets.MotifBench, 'motif={"time":60}', "At 60 ms"),
        (widgets.ResNetToODE, 'resnet={"cloud":"rings","dimension":3}', "flat plane"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_an_address_shows_what_its_sender_saw(
    kind: type[BookWidget], query: str, wanted: str, mounted: Mounted
) -> None:
    assert wanted not in mounted(kind()).locator(".ltcbook").inner_text()
    page = mounted(kind(), query=f"?{query}")
    assert wanted in page.locator(".ltcbook").inner_text()
    assert page.complaints == []


def test_steps_are_sent_while_the_numbers_lead_to_them(mounted: Mounted) -> None:
    page = mounted(widgets.MembraneStepper(), reduced_motion="reduce")
    sent = "JSON.parse(new URL(location.href).searchParams.get('membrane'))"
    for _ in range(2):
        page.get_by_role("button", name="Step", exact=True).click()
    page.wait_for_function(f"{sent}?.steps === 2")
    here = page.evaluate("model.get('history').at(-1).exact")
    query = page.url.partition("?")[2]
    again = mounted(widgets.MembraneStepper(), query=f"?{query}")
    assert again.evaluate("model.get('history').at(-1).exact") == pytest.approx(here, rel=1e-12)
    page = mounted(widgets.MembraneStepper(), reduced_motion="reduce")
    page.get_by_role("button", name="Step", exact=True).click()
    # With another leak no step leads from the start to where this run is.
    page.evaluate("model.set('w_l', 2)")
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_function(f"{sent}?.zoom === true")
    assert "steps" not in page.evaluate(sent)


SHORT = [
    kind
    for kind in ALL
    if kind.__name__
    in (
        "Clicks",
        "TugOfWar",
        "SigmoidStack",
        "TrainHere",
        "SynapseExplorer",
        "RobotTheatre",
        "ResNetToODE",
        "MembraneStepper",
    )
]


@pytest.mark.parametrize("kind", SHORT, ids=lambda kind: kind.__name__)
def test_on_a_short_screen_the_buttons_stay_under_the_picture(
    kind: type[BookWidget], mounted: Mounted
) -> None:
    page = mounted(kind(), width=320, reduced_motion="reduce", has_touch=True)
    page.set_viewport_size({"width": 320, "height": 568})
    picture = page.locator(".ltcbook svg:not([aria-hidden])").first
    picture.evaluate("(e) => window.scrollBy(0, e.getBoundingClientRect().top)")
    bar = page.locator(".ltcbook > .bar-row, .ltcbook .stage > .bar-row").first.bounding_box()
    assert picture.bounding_box()["y"] < bar["y"] - 150
    assert bar["y"] + bar["height"] <= 568 + 1


def test_an_index_is_set_as_in_the_texts_formulas(mounted: Mounted) -> None:
    page = mounted(widgets.MembraneStepper(), reduced_motion="reduce")
    style = """(e) => getComputedStyle(e).fontStyle"""
    (letter,) = page.locator(".equation sub").filter(has_text="l").all()
    assert letter.locator("var").evaluate(style) == "italic"
    assert page.locator(".equation sub").filter(has_text="1").first.evaluate(style) == "normal"
    assert page.locator(".level text").first.locator("tspan").last.evaluate(style) == "italic"
