"""One line, five networks: the numbers are the package's, in Python, in node and in a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.utils.parametrize import is_parametrized

import ltcbook
from ltcbook.papers.equations import register
from ltcbook.teaching.widgets import FiveNetworks
from ltcbook.teaching.widgets.five_networks import NETWORKS, NUMBERS, dials

Mounted = Callable[..., Any]
Node = Callable[[str, Any], Any]
LOUD = 2.4


def a_state_in_mid_course(stop: float) -> tuple[float, float, Any, float]:
    """A time while the loud sound lasts, the state then, the inputs, and the state a step later."""
    piece = FiveNetworks(stop, loud=LOUD)
    t, x = piece.trace()
    k = int(np.searchsorted(t, 9.0))
    return t[k], x[k], piece.inputs(t[k]), x[k + 1]


def synapses() -> dict[str, Any]:
    """The papers' letters of the two input synapses, from input j to neuron 0."""
    n = NUMBERS
    return {"v": [[n.w]] * 2, "a_u": [[n.a]] * 2, "b_u": [[n.b]] * 2}


NO_SYNAPSE = {"w": [[0.0]], "a_x": [[1.0]], "b_x": [[0.0]]}


def fill(module: Any, letter: str, value: Any) -> None:
    """Give a parameter a value, also where the module keeps it non-negative."""
    kept = module.parametrizations[letter] if is_parametrized(module, letter) else module
    parameter = kept.original if kept is not module else getattr(module, letter)
    if parameter is not None:
        parameter.copy_(torch.as_tensor(value, dtype=torch.float64))


# --- in Python ------------------------------------------------------------------------------


def test_a_residual_layer_is_that_of_b3_and_without_the_carry_its_sum() -> None:
    n = NUMBERS
    for stop in (0, 1):
        _, x, u, following = a_state_in_mid_course(stop)
        # The inputs are two more neurons of the layer, with the slope in their potentials.
        w = np.zeros((3, 3))
        w[1:, 0] = n.w * np.array(n.e)
        layer = register["B.3"](x=[x, n.a * u[0], n.a * u[1]], w=w, b=[0.0, n.b, n.b])[0]
        assert following == pytest.approx(layer - (x if stop == 0 else 0), rel=1e-12)


def test_the_flow_is_that_of_b5() -> None:
    n = NUMBERS
    _, x, u, following = a_state_in_mid_course(2)
    w = np.zeros((3, 3))
    w[1:, 0] = n.w * np.array(n.e)
    rate = register["B.5"](x=[x, n.a * u[0], n.a * u[1]], w=w, b=[0.0, n.b, n.b])[0]
    assert (following - x) / n.thinnest == pytest.approx(rate, rel=1e-9)


def test_the_ct_rnn_is_b12() -> None:
    n = NUMBERS
    _, x, u, following = a_state_in_mid_course(3)
    signed = synapses() | {"v": [[n.w * e] for e in n.e]}
    rate = register["B.12"](x=[x], u=u, w_l=[n.w_l], **NO_SYNAPSE, **signed)[0]
    assert (following - x) / n.thinnest == pytest.approx(rate, rel=1e-9)


def test_the_ltc_is_b15() -> None:
    n = NUMBERS
    _, x, u, following = a_state_in_mid_course(4)
    rate = register["B.15"](
        x=[x],
        u=u,
        w_l=[n.w_l],
        e_l=[0.0],
        e_x=[[0.0]],
        e_u=[[e] for e in n.e],
        **NO_SYNAPSE,
        **synapses(),
    )[0]
    assert (following - x) / n.thinnest == pytest.approx(rate, rel=1e-9)


@pytest.mark.parametrize(("stop", "name"), [(3, "SA-CT-RNN-S"), (4, "SA-LTC")])
def test_the_trace_is_that_of_the_built_model(stop: int, name: str) -> None:
    n = NUMBERS
    unfolds = round(1 / n.thinnest)
    model = ltcbook.build(
        name, 2, 1, 1, input_map="synaptic", unfolds=unfolds, dtype=torch.float64, backend="eager"
    )
    cell = model.cell
    sign = torch.tensor([n.e], dtype=torch.float64)
    ltc = stop == 4
    values = {"w": n.w * (1 if ltc else sign), "a": n.a, "b": n.b / n.a, "e": sign}  # mode v
    with torch.no_grad():
        fill(cell, "w_l", n.w_l)
        for letter, value in values.items():
            fill(cell.sensory, letter, value)
        fill(cell.recurrent, "w", 0.0)
        piece = FiveNetworks(stop, loud=LOUD)
        u = torch.tensor(np.array([piece.inputs(k) for k in range(int(n.horizon))]))
        state, path = None, []
        for now in u:
            _, state = model(now.reshape(1, 1, 2), state)
            path.append(state.item())
    _, x = piece.trace()
    np.testing.assert_allclose(x[unfolds::unfolds], path, rtol=1e-12, atol=1e-14)


def test_each_stop_turns_one_dial() -> None:
    stops = [dials(k) for k in range(len(NETWORKS))]
    turned = [
        [name for name in ("carry", "step", "leak", "post") if getattr(p, name) != getattr(q, name)]
        for p, q in zip(stops, stops[1:], strict=False)
    ]
    assert turned == [["carry"], ["step"], ["leak"], ["post"]]


def test_the_story_that_the_captions_tell() -> None:
    peaks = {}
    for stop, name in enumerate(NETWORKS):
        for loud in (2.0, 4.0):
            peaks[name, loud] = FiveNetworks(stop, loud=loud).trace()[1].max()
    assert peaks["CT-RNN", 4.0] > 1.4 * peaks["CT-RNN", 2.0] > 1  # no post holds it
    assert peaks["LTC", 4.0] < 1
    ltc = FiveNetworks(4, loud=LOUD)
    assert ltc.tau(9.0) < 0.5 * ltc.tau(0.0)
    assert FiveNetworks(3).tau(9.0) == FiveNetworks(3).tau(0.0) == 2
    assert FiveNetworks(2).tau(0.0) == float("inf")


@pytest.mark.parametrize("arguments", [{"stop": 4.5}, {"stop": -0.1}, {"loud": float("nan")}])
def test_bad_input_is_named(arguments: dict[str, Any]) -> None:
    (name,) = arguments
    with pytest.raises(ValueError, match=f"{name} must lie in 0 to 4, got"):
        FiveNetworks(**arguments)


def test_the_output_has_a_still_picture_of_all_five() -> None:
    bundle = FiveNetworks()._repr_mimebundle_()
    assert bundle is not None
    for name in NETWORKS:
        assert f">{name}</text>" in bundle[0]["image/svg+xml"]
    assert bundle[0]["text/plain"] == "FiveNetworks(0, loud=3)"


# --- in node --------------------------------------------------------------------------------


def test_the_javascript_computes_what_python_does(node: Node, front_ends: Path) -> None:
    rng = np.random.default_rng(2)
    stops = [0, 1, 2, 3, 4, *rng.uniform(0, 4, 6)]
    louds = rng.uniform(0, 4, len(stops))
    pieces = [FiveNetworks(float(s), loud=float(u)) for s, u in zip(stops, louds, strict=True)]
    data = {
        "numbers": pieces[0].numbers,
        "cases": [{"stop": p.stop, "loud": p.loud} for p in pieces],
    }
    script = f"""import * as m from "{(front_ends / "five_networks_math.js").as_uri()}";
    console.log(JSON.stringify(data.cases.map(({{stop, loud}}) => ({{
        path: m.trace(data.numbers, stop, loud),
        tau: m.timeConstant(data.numbers, stop, loud, 9.2),
    }}))));"""
    for piece, got in zip(pieces, node(script, data), strict=True):
        t, x = piece.trace()
        np.testing.assert_allclose(got["path"], np.stack([t, x], 1), rtol=1e-11, atol=1e-13)
        if got["tau"] is not None:  # JSON has no infinity
            assert got["tau"] == pytest.approx(piece.tau(9.2), rel=1e-12)
        else:
            assert piece.tau(9.2) == float("inf")


# --- in the browser -------------------------------------------------------------------------


def test_the_stops_lead_along_the_line_and_captions_say_the_packages_numbers(
    mounted: Mounted,
) -> None:
    page = mounted(FiveNetworks(), reduced_motion="reduce")
    equation, caption = page.locator(".line-equation"), page.locator(".caption")
    terms = []
    for stop, name in enumerate(NETWORKS):
        page.get_by_role("button", name=name, exact=True).click()
        assert page.evaluate("model.get('stop')") == stop
        terms.append(
            [t.inner_text().strip() for t in equation.locator(".term").all() if t.is_visible()]
        )
    assert [len(shown) for shown in terms] == [3, 4, 3, 4, 4]
    assert terms[4][-1] == "(±1 − x)"
    peak = f"{FiveNetworks(4).trace()[1].max():.3g}"
    assert peak in caption.text_content()
    assert page.complaints == []


def test_keys_and_pointer_move_along_the_line(mounted: Mounted) -> None:
    page = mounted(FiveNetworks(), reduced_motion="reduce")
    line = page.get_by_role("slider", name="Which network")
    line.press("ArrowRight")
    line.press("ArrowRight")
    assert page.evaluate("model.get('stop')") == 2
    assert line.get_attribute("aria-valuetext") == "NeuralODE"
    box = line.bounding_box()
    page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + box["height"] / 2)
    assert 2.3 < page.evaluate("model.get('stop')") < 2.5
    assert page.locator(".caption").text_content() == "From NeuralODE to CT-RNN: the leak opens."


def test_the_loud_sound_is_dragged_and_the_ltc_stays_within_its_post(mounted: Mounted) -> None:
    page = mounted(FiveNetworks(4, loud=1.0), reduced_motion="reduce")
    top = page.get_by_role("slider", name="Loudness")
    box = top.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 200, steps=3)
    page.mouse.up()
    assert page.evaluate("model.get('loud')") == 4
    peak = f"{FiveNetworks(4, loud=4.0).trace()[1].max():.3g}"
    assert f"it peaks at {peak}" in page.locator(".caption").text_content()


@pytest.mark.parametrize("width", [320, 900])
def test_it_fits_the_page_and_one_screen(mounted: Mounted, width: int) -> None:
    page = mounted(FiveNetworks(4), width=width, theme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".ltcbook").bounding_box()["height"] < 780
    assert page.complaints == []
