"""From ResNet to ODE: the Python object, its JavaScript in node, and both in a real browser."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ltcbook.equations import register
from ltcbook.widgets import ResNetToODE

Mounted = Callable[..., Any]
Node = Callable[[str, Any], Any]
NUMBERS = ("horizon", "w", "a", "b", "w_l")


def random_pieces() -> list[ResNetToODE]:
    rng = np.random.default_rng(5)
    return [
        ResNetToODE(
            int(rng.integers(1, 20)),
            activation=str(rng.choice(["tanh", "sigm"])),  # type: ignore[arg-type]
            **dict(zip(NUMBERS, rng.uniform([0.2, -3, 0, -2, 0], [3, 3, 3, 2, 2]), strict=True)),
            starts=rng.uniform(-2, 2, 3),
        )
        for _ in range(12)
    ]


# --- in Python ------------------------------------------------------------------------------


def test_a_leakless_sigmoid_layer_is_the_residual_layer_of_b3() -> None:
    piece = ResNetToODE(4, activation="sigm", horizon=2.0, w=1.7, a=1.0, b=-0.4, starts=[0.5, 1.0])
    # B.3 takes the whole weight of a layer: here T/N times the weight of the flow.
    layer = register["B.3"](x=[0.5], w=[[1.7 * 2 / 4]], b=[-0.4])
    assert piece.resnet()[0, 1] == pytest.approx(layer[0], rel=1e-14)


def test_the_flow_of_a_bare_leak_is_an_exponential() -> None:
    piece = ResNetToODE(w=0.0, w_l=1.5, horizon=2.0)
    # Runge-Kutta in 100 steps of h w_l = 0.03: the relative error is 100 * 0.03^5 / 120 = 2e-8.
    wanted = np.array(piece.starts) * math.exp(-3)
    np.testing.assert_allclose(piece.flow()[:, -1], wanted, rtol=2.2e-8)


def test_more_layers_come_closer_to_the_flow_in_first_order() -> None:
    gaps = []
    for depth in (32, 64, 128):
        piece = ResNetToODE(depth)
        gaps.append(np.abs(piece.resnet()[:, -1] - piece.flow()[:, -1]).max())
    assert gaps[0] / gaps[1] == pytest.approx(2, abs=0.1)
    assert gaps[1] / gaps[2] == pytest.approx(2, abs=0.05)


def test_a_single_layer_sends_x_to_about_minus_x_and_the_flow_cannot() -> None:
    piece = ResNetToODE(1, starts=np.linspace(-0.9, 0.9, 7))
    np.testing.assert_allclose(piece.resnet()[:, -1], -np.array(piece.starts), atol=0.14)
    assert piece.crossings == 7 * 6 / 2
    assert (np.diff(piece.flow()[:, -1]) > 0).all()


@pytest.mark.parametrize("depth", [1, 2, 3, 8])
def test_paths_cross_only_where_a_layer_folds_the_line(depth: int) -> None:
    piece = ResNetToODE(depth)  # steepest slope of f is w a = -2, at x = 0
    assert (piece.crossings > 0) == (1 - 2 * piece.horizon / depth < 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"depth": 0}, "depth must be an integer of at least 1, got 0"),
        ({"horizon": 0.0}, "horizon must be a finite number above 0, got 0.0"),
        ({"w": math.inf}, "w must be a finite number, got inf"),
        ({"starts": [1.0, 1.0]}, "starts must be at least two different finite numbers"),
        ({"activation": "relu"}, "unknown activation 'relu'"),
    ],
)
def test_bad_input_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        ResNetToODE(**arguments)
    assert message in str(caught.value)


def test_the_output_has_a_still_picture() -> None:
    bundle = ResNetToODE(2)._repr_mimebundle_()
    assert bundle is not None
    assert "N = 2: residual layers before the flow" in bundle[0]["image/svg+xml"]
    assert bundle[0]["text/plain"].startswith("ResNetToODE(2, activation='tanh', horizon=1.2")


# --- in node --------------------------------------------------------------------------------


def test_layers_flow_slope_and_crossings_are_those_of_python(node: Node, front_ends: Path) -> None:
    pieces = random_pieces()
    data = [
        {
            "p": {name: getattr(piece, name) for name in ("activation", *NUMBERS)},
            "starts": piece.starts,
            "depth": piece.depth,
        }
        for piece in pieces
    ]
    script = f"""import * as m from "{(front_ends / "resnet_math.js").as_uri()}";
    console.log(JSON.stringify(data.map(({{p, starts, depth}}) => {{
        const paths = starts.map((x) => m.resnet(p, x, depth));
        return {{
            paths, crossings: m.crossings(paths),
            ends: starts.map((x) => m.flow(p, x).at(-1)),
            middle: starts.map((x) => m.flow(p, x)[80]),
            field: m.field(p, 0.3), slope: m.slope(p, 0.3),
        }};
    }})));"""
    for piece, got in zip(pieces, node(script, data), strict=True):
        np.testing.assert_allclose(got["paths"], piece.resnet(), rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(got["ends"], piece.flow()[:, -1], rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(got["middle"], piece.flow()[:, 50], rtol=1e-6, atol=1e-8)
        assert got["field"] == pytest.approx(piece.field(0.3), rel=1e-12)
        difference = (piece.field(0.3 + 1e-6) - piece.field(0.3 - 1e-6)) / 2e-6
        assert got["slope"] == pytest.approx(difference, abs=1e-7)
        assert len(got["crossings"]) == piece.crossings
        for place in got["crossings"]:
            layer, part = place["layer"], place["part"]
            one, other = (np.array(got["paths"][place[name]]) for name in ("first", "second"))
            apart = (one - other)[layer : layer + 2]
            assert (1 - part) * apart[0] + part * apart[1] == pytest.approx(0, abs=1e-12)


# --- in the browser -------------------------------------------------------------------------


def test_doubling_the_depth_removes_the_crossings(mounted: Mounted) -> None:
    page = mounted(ResNetToODE(1))
    facts = page.locator(".facts")
    for depth in (1, 2, 4):
        assert page.evaluate("model.get('depth')") == depth
        wanted = ResNetToODE(depth).crossings
        assert page.locator(".facts dd").nth(1).text_content() == str(wanted)
        assert page.locator(".crossing").count() == wanted
        page.get_by_role("button", name="Double").click()
    assert "order is kept" in facts.text_content()
    page.get_by_role("button", name="Halve").click()
    page.get_by_role("slider", name="layers").press("ArrowLeft")
    assert page.evaluate("model.get('depth')") == 3
    assert page.complaints == []


def test_sliders_and_activation_change_the_field(mounted: Mounted) -> None:
    page = mounted(ResNetToODE(2))
    page.get_by_label("strength").fill("1")
    page.get_by_label("leak").fill("0.5")
    page.get_by_role("radio", name="sigmoid").check(force=True)
    piece = ResNetToODE(2, w=1.0, w_l=0.5, activation="sigm")
    shown = page.locator(".equation strong").text_content().replace("−", "-")
    assert float(shown) == pytest.approx(piece.resnet()[-1, 1], rel=1e-3)
    said = page.locator("[aria-live=polite]").text_content()
    assert said.startswith("2 layers: 0 crossings")


@pytest.mark.parametrize("width", [320, 900])
def test_it_fits_the_page(mounted: Mounted, width: int) -> None:
    page = mounted(ResNetToODE(64), width=width, theme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []
