"""Tug of war: the Python object, its JavaScript in node, and both in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ltcbook.papers.equations import register
from ltcbook.teaching.widgets import TugOfWar
from tests.teaching.widgets.pointer import drag

Mounted = Callable[..., Any]
Node = Callable[[str, Any], Any]


def random_pulls() -> list[TugOfWar]:
    rng = np.random.default_rng(11)
    return [
        TugOfWar(rng.uniform(0, 10, 3), e=rng.uniform(-100, 20, 3), x=rng.uniform(-90, 10), C=c)
        for c in rng.uniform(1, 30, 10)
    ]


# --- in Python ------------------------------------------------------------------------------


def test_the_currents_together_are_those_of_b13() -> None:
    for piece in random_pulls():
        inhibitory, leak, excitatory = range(3)
        g, e = piece.g, piece.e
        # Two presynaptic neurons that hold their synapses half open: a = b = 0, so w = 2 g.
        w, posts = np.zeros((2, 3, 3))
        w[1, 0], w[2, 0] = 2 * g[inhibitory], 2 * g[excitatory]
        posts[1, 0], posts[2, 0] = e[inhibitory], e[excitatory]
        closed = np.zeros((3, 3))
        rate = register["B.13"](
            x=[piece.x, 0, 0], w_l=[g[leak]] * 3, e_l=[e[leak]] * 3, C=piece.C,
            w=w, a=closed, b=closed, e=posts,
        )[0]  # fmt: skip
        assert piece.currents.sum() / piece.C == pytest.approx(rate, rel=1e-12)


def test_the_currents_cancel_at_rest_and_the_trace_leads_there() -> None:
    for piece in random_pulls():
        t = np.array([0.0, piece.tau, 40 * piece.tau])
        start, third, end = piece.trace(t)
        assert start == piece.x
        assert (third - piece.rest) / (start - piece.rest) == pytest.approx(np.exp(-1))
        assert end == pytest.approx(piece.rest)
        piece.x = piece.rest
        assert piece.currents.sum() == pytest.approx(0, abs=1e-10)


def test_stiffer_synapses_shift_the_rest_and_hurry_the_ring() -> None:
    equal, stiff = TugOfWar(), TugOfWar((10, 1, 10))
    assert equal.rest == pytest.approx(-160 / 3)
    assert stiff.rest == pytest.approx(-970 / 21)
    assert equal.tau / stiff.tau == pytest.approx(7)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"g": (1, 1)}, "g must be three finite numbers"),
        ({"g": (0, 0, 0)}, "g must lie in 0 to 10, not all 0, got"),
        ({"g": (-1, 1, 1)}, "g must lie in 0 to 10, not all 0, got"),
        ({"e": (-90, float("nan"), 0)}, "e must be three finite numbers"),
        ({"x": 50}, "x must lie in -100 to 20 (mV), got 50.0"),
        ({"C": 0}, "C must be a finite number above 0, got 0"),
    ],
)
def test_bad_input_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        TugOfWar(**arguments)
    assert message in str(caught.value)


def test_the_output_has_a_still_picture() -> None:
    bundle = TugOfWar()._repr_mimebundle_()
    assert bundle is not None
    assert "excitatory, 0 mV, 1 nS" in bundle[0]["image/svg+xml"]
    assert bundle[0]["text/plain"] == "TugOfWar(g=[1.0, 1.0, 1.0], e=[-90.0, -70.0, 0.0], x=-20)"


# --- in node --------------------------------------------------------------------------------


def test_the_javascript_computes_what_python_does(node: Node, front_ends: Path) -> None:
    pieces = random_pulls()
    data = [{"p": {"g": p.g, "e": p.e, "C": p.C}, "x": p.x} for p in pieces]
    script = f"""import * as m from "{(front_ends / "tug_math.js").as_uri()}";
    console.log(JSON.stringify(data.map(({{p, x}}) => ({{
        currents: m.currents(p, x), rest: m.rest(p), tau: m.tau(p), after: m.after(p, x, 2.5),
    }}))));"""
    for piece, got in zip(pieces, node(script, data), strict=True):
        np.testing.assert_allclose(got["currents"], piece.currents, rtol=1e-13)
        assert got["rest"] == pytest.approx(piece.rest, rel=1e-13)
        assert got["tau"] == pytest.approx(piece.tau, rel=1e-13)
        assert got["after"] == pytest.approx(float(piece.trace(np.array(2.5))), rel=1e-12)


# --- in the browser -------------------------------------------------------------------------


def test_the_ring_let_go_comes_to_rest_where_the_caption_says(mounted: Mounted) -> None:
    page = mounted(TugOfWar(), reduced_motion="reduce")
    caption = page.locator(".caption")
    assert "inhibition 70 pA left" in caption.text_content()
    assert "−53.3" not in page.locator(".ltcbook").text_content()  # it is the reader's to find
    page.get_by_role("button", name="Let go").click()
    assert "= −53.3 mV" in caption.text_content()
    assert caption.text_content().startswith("You held it at −20 mV, 33.3 mV off. Settled")
    assert "τ = C / Σg = 3.3 ms" in caption.text_content()
    ended = page.evaluate("model.get('x')")
    assert ended == pytest.approx(float(TugOfWar().trace(np.array(20.0))), rel=1e-12)
    page.get_by_role("button", name="Undo").click()
    assert page.evaluate("model.get('x')") == -20
    assert page.complaints == []


def test_ring_posts_and_springs_are_dragged(mounted: Mounted) -> None:
    page = mounted(TugOfWar(), width=900, reduced_motion="reduce")
    slider = partial(page.get_by_role, "slider")
    drag(page, slider(name="Membrane potential"), dx=-150)
    drag(page, slider(name="Inhibition: reversal"), dx=60)
    drag(page, slider(name="Excitation: conductance"), dy=-56)
    state = page.evaluate("({x: model.get('x'), e: model.get('e'), g: model.get('g')})")
    millivolts = 120 / (page.locator(".stage-picture").bounding_box()["width"] - 24)
    assert state["x"] == pytest.approx(-20 - 150 * millivolts, abs=0.06)
    assert state["e"][0] == pytest.approx(-90 + 60 * millivolts, abs=0.6)
    assert state["g"] == [1, 1, pytest.approx(5, abs=0.1)]
    held = page.locator(".handle:focus")
    outline = "(node) => getComputedStyle(node).outlineStyle"
    assert held.evaluate(outline) == "none"  # no frame round what a pointer holds
    held.press("ArrowUp")
    assert held.evaluate(outline) == "solid"


def test_the_keys_move_what_the_pointer_drags(mounted: Mounted) -> None:
    page = mounted(TugOfWar(), reduced_motion="reduce")
    page.get_by_role("slider", name="Membrane potential").press("PageDown")
    page.get_by_role("slider", name="The leak: conductance").press("ArrowUp")
    page.get_by_role("slider", name="Excitation: reversal").press("ArrowLeft")
    state = page.evaluate("({x: model.get('x'), e: model.get('e'), g: model.get('g')})")
    assert state == {"x": -25, "e": [-90, -70, -1], "g": [1, 1.1, 1]}
    ring = page.get_by_role("slider", name="Membrane potential")
    assert ring.get_attribute("aria-valuetext") == "−25 millivolts"


@pytest.mark.parametrize("width", [320, 900])
def test_it_fits_the_page_and_one_screen(mounted: Mounted, width: int) -> None:
    page = mounted(TugOfWar((10, 1, 10)), width=width, theme="dark", reduced_motion="reduce")
    page.get_by_role("button", name="Let go").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".ltcbook").bounding_box()["height"] < 860
    assert page.complaints == []


def test_an_address_brings_a_state_and_a_wrong_one_is_left_alone(mounted: Mounted) -> None:
    page = mounted(TugOfWar(), query='?tug={"g":[2,1,8],"x":-60}')
    state = page.evaluate("({x: model.get('x'), e: model.get('e'), g: model.get('g')})")
    assert state == {"x": -60, "e": [-90, -70, 0], "g": [2, 1, 8]}
    page = mounted(TugOfWar(), query='?tug={"g":[-2,1,800]}')
    assert page.evaluate("model.get('g')") == [1, 1, 1]
