"""Click, loud click: the Python object, its JavaScript in node, and both in a real browser."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ltcbook.papers.theorems.flows import runge_kutta
from ltcbook.teaching.widgets import Clicks
from ltcbook.teaching.widgets.clicks import HORIZON, MIDPOINT

Mounted = Callable[..., Any]
Node = Callable[[str, Any], Any]


def all_kinds() -> list[Clicks]:
    rng = np.random.default_rng(4)
    return [
        Clicks(
            [(float(t), float(u)) for t, u in rng.uniform([0, 0], [19, 12], (3, 2))],
            leak=leak,
            self_synapse=own,
        )
        for leak in (True, False)
        for own in (True, False)
        for _ in range(3)
    ]


# --- in Python ------------------------------------------------------------------------------


def test_a_leaky_neuron_fades_as_an_exponential() -> None:
    piece = Clicks([(2.0, 3.0)], self_synapse=False)
    x = piece.trace()
    assert x[150] == pytest.approx(3 * (1 - math.exp(-1)), rel=1e-4)  # at t = 3
    # The midpoint method errs by (h²/6) t relatively, with h = 1/50: 0.0003 after 5.
    assert x[400] / x[150] == pytest.approx(math.exp(-5), rel=4e-4)


def test_without_a_leak_the_state_is_the_sum_of_the_clicks() -> None:
    x = Clicks([(2.0, 3.0), (9.0, 8.0), (12.0, 1.5)], leak=False, self_synapse=False).trace()
    assert x[-1] == pytest.approx(12.5, rel=1e-12)


def test_the_trace_is_that_of_a_finer_method() -> None:
    piece = Clicks()
    fine = runge_kutta(
        lambda t, x: np.array([piece.rate(t, float(x[0]))]), np.zeros(1), HORIZON, 8000
    )[::8, 0]
    assert np.abs(piece.trace() - fine).max() < 0.02


def test_it_forgets_the_soft_click_and_decides_for_the_loud_one() -> None:
    soft, loud = Clicks([(2.0, 3.0)]).trace(), Clicks([(2.0, 8.0)]).trace()
    assert soft.max() < MIDPOINT and abs(soft[-1]) < 0.1
    assert loud[-1] == pytest.approx(9.93, abs=0.01)  # the chapter's upper state of rest


@pytest.mark.parametrize(
    ("clicks", "message"),
    [
        ([(19.5, 1.0)], "a moment in 0 to 19 and a loudness in 0 to 12, got [19.5, 1.0]"),
        ([(1.0, -1.0)], "got [1.0, -1.0]"),
        ([(1.0,)], "got [1.0]"),
        ([(1.0, 1.0)] * 13, "clicks must be at most 12, got 13"),
    ],
)
def test_bad_input_is_named(clicks: Any, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        Clicks(clicks)
    assert message in str(caught.value)


def test_the_output_has_a_still_picture() -> None:
    bundle = Clicks()._repr_mimebundle_()
    assert bundle is not None
    assert ">clicks</text>" in bundle[0]["image/svg+xml"]
    assert bundle[0]["text/plain"] == "Clicks([(2, 3), (9, 8)], leak=True, self_synapse=True)"


# --- in node --------------------------------------------------------------------------------


def test_the_javascript_computes_what_python_does(node: Node, front_ends: Path) -> None:
    pieces = all_kinds()
    names = ("clicks", "leak", "self_synapse")
    data = [{name: getattr(piece, name) for name in names} for piece in pieces]
    script = f"""import * as m from "{(front_ends / "clicks_math.js").as_uri()}";
    console.log(JSON.stringify(data.map((p) => ({{
        states: m.listen(p), rate: m.own(p, 1.3) + m.heard(p, 9.2),
    }}))));"""
    for piece, got in zip(pieces, node(script, data), strict=True):
        np.testing.assert_allclose(got["states"], piece.trace(), rtol=1e-10, atol=1e-12)
        assert got["rate"] == pytest.approx(piece.rate(9.2, 1.3), rel=1e-13)


# --- in the browser -------------------------------------------------------------------------


def test_making_the_loud_click_soft_undoes_the_decision(mounted: Mounted) -> None:
    page = mounted(Clicks())
    caption = page.locator(".caption")
    page.get_by_role("button", name="Listen").click()
    assert "at 9.93" in caption.text_content() and "decided" in caption.text_content()
    bar = page.get_by_role("slider", name="Click 2")
    box = bar.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 16)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 40, box["y"] + 52, steps=4)
    page.mouse.up()
    at, loud = page.evaluate("model.get('clicks')[1]")
    assert at > 9 and loud < 5
    peak = Clicks([(2.0, 3.0), (at, loud)]).trace().max()
    assert f"highest it got is {peak:.3g}" in caption.text_content()
    page.get_by_role("button", name="Undo").click()
    assert page.evaluate("model.get('clicks')[1]") == [9, 8]
    assert page.complaints == []


def test_the_question_stands_until_the_reader_has_done_something(mounted: Mounted) -> None:
    page = mounted(Clicks())
    caption, trace = page.locator(".caption"), page.locator(".trace")
    axis = page.locator(".axes line").first.bounding_box()
    assert caption.text_content().endswith("or rise?")
    assert "Which will it remember?" in page.locator(".task").text_content()
    shown = trace.bounding_box()["width"] / axis["width"]
    assert shown == pytest.approx(10 / HORIZON, abs=0.01), "the state until the last click is over"
    page.get_by_role("button", name="Listen").click()
    page.wait_for_function("document.querySelector('.caption').textContent.includes('decided')")
    assert trace.bounding_box()["width"] / axis["width"] == pytest.approx(1, abs=0.01)
    assert not page.get_by_role("button", name="Listen").is_visible()
    assert page.evaluate("model.saves") == 0, "to listen changes nothing"
    page = mounted(Clicks(), query='?clicks={"leak":false}')
    assert "runs away" in page.locator(".caption").text_content()
    assert not page.get_by_role("button", name="Listen").is_visible(), "what was sent is shown"
    assert page.complaints == []


def test_a_click_that_the_reader_adds_is_spoken_of(mounted: Mounted) -> None:
    page = mounted(Clicks([(2.0, 3.0)]))
    caption = page.locator(".caption")
    add = page.get_by_role("button", name="Add a click")
    add.click()  # at 5, as loud as 3
    assert caption.text_content().endswith("Your click at 5, 3 loud, is too soft or too late.")
    page.keyboard.press("PageUp")
    end = Clicks([(2.0, 3.0)]).trace()[-1]
    assert f"at 5 made the difference: without it the state would end at {end:.2g}" in (
        caption.text_content()
    )
    add.click()
    assert "comes after that, and changes nothing that lasts." in caption.text_content()
    page.get_by_role("checkbox", name="synapse onto itself").uncheck()
    assert "Nothing of your click at 7 is left." in caption.text_content()
    page.get_by_role("checkbox", name="leak").first.uncheck()
    clicks = page.evaluate("model.get('clicks')")
    all_of_them = {"leak": False, "self_synapse": False}
    ends = [Clicks(some, **all_of_them).trace()[-1] for some in (clicks, clicks[:-1])]
    assert f"accounts for {ends[0] - ends[1]:.2g} of that." in caption.text_content()
    page.get_by_role("button", name="Undo").click()
    assert "Your click" not in caption.text_content()
    assert page.complaints == []


def test_switches_change_what_is_remembered(mounted: Mounted) -> None:
    page = mounted(Clicks())
    caption = page.locator(".caption")
    page.get_by_role("checkbox", name="synapse onto itself").uncheck()
    assert "It leaks, and forgets" in caption.text_content()
    page.get_by_role("checkbox", name="leak").first.uncheck()
    assert "at the end it holds 11," in caption.text_content()
    page.get_by_role("checkbox", name="synapse onto itself").check()
    assert "runs away" in caption.text_content()


def test_clicks_come_and_go_by_pointer_and_keys(mounted: Mounted) -> None:
    page = mounted(Clicks([(2.0, 3.0)]))
    ground = page.locator(".ground").bounding_box()
    page.mouse.click(ground["x"] + 0.7 * ground["width"], ground["y"] + 20)
    assert len(page.evaluate("model.get('clicks')")) == 2
    page.get_by_role("button", name="Add a click").click()
    page.keyboard.press("ArrowRight")  # the new click has the focus
    page.keyboard.press("ArrowUp")
    at, loud = page.evaluate("model.get('clicks')[2]")
    assert (at, loud) == (5.5, 3.5)
    page.keyboard.press("Delete")
    assert len(page.evaluate("model.get('clicks')")) == 2
    assert page.complaints == []


@pytest.mark.parametrize("width", [320, 900])
def test_it_fits_the_page_and_one_screen(mounted: Mounted, width: int) -> None:
    page = mounted(Clicks(leak=False), width=width, theme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".ltcbook").bounding_box()["height"] < 740
    assert page.complaints == []
