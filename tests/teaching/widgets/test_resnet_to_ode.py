"""From ResNet to ODE: the Python object, its JavaScript in node, and both in a real browser."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ltcbook.papers.equations import register
from ltcbook.teaching.widgets import ResNetToODE

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


def test_two_neurons_turn_as_b8_says(node: Node, front_ends: Path) -> None:
    rng = np.random.default_rng(8)
    cases = []
    for activation in ("tanh", "sigm"):
        for _ in range(6):
            numbers = dict(zip((*NUMBERS, "turn"), rng.uniform(-2, 3, 6).tolist(), strict=True))
            p = {**numbers, "activation": activation, "horizon": 0.7}
            cases.append({"p": p, "x": rng.uniform(-1, 1, 2).tolist()})
    script = f"""import * as m from "{(front_ends / "resnet_math.js").as_uri()}";
    console.log(JSON.stringify(data.map(({{p, x}}) => ({{
        field: m.fieldInPlane(p, x), layers: m.resnetInPlane(p, 0.4, 3),
        fine: m.flowInPlane(p, 0.4, 400).at(-1), flow: m.flowEnd(p, 0.4, 2, 200),
        line: m.flowEnd(p, 0.4, 1, 200), still: m.flow(p, 0.4).at(-1),
    }}))));"""

    def field(p: dict[str, Any], x: Any) -> Any:
        sigma = {"sigma": np.tanh} if p["activation"] == "tanh" else {}
        from_to = np.array([[p["w"], p["turn"]], [-p["turn"], p["w"]]])
        same = np.ones((2, 2))
        b8 = register["B.8"].function
        leak = np.full(2, p["w_l"])
        return b8(x=np.array(x), w_l=leak, w=from_to, a=p["a"] * same, b=p["b"] * same, **sigma)

    for case, got in zip(cases, node(script, cases), strict=True):
        p = case["p"]
        np.testing.assert_allclose(got["field"], field(p, case["x"]), rtol=1e-12, atol=1e-13)
        state = np.array([0.4, 0.0])
        for layer in got["layers"]:
            np.testing.assert_allclose(layer, state, rtol=1e-11, atol=1e-12)
            state = state + 0.7 / 3 * field(p, state)
        assert got["flow"] == pytest.approx(got["fine"][0], rel=1e-6, abs=1e-8)
        if p["turn"] != 0:
            assert got["line"] == pytest.approx(got["still"], rel=1e-6, abs=1e-8)


def test_the_plane_reaches_minus_x_and_the_line_does_not(node: Node, front_ends: Path) -> None:
    piece = ResNetToODE()
    data = {name: getattr(piece, name) for name in ("activation", *NUMBERS, "turn")}
    script = f"""import * as m from "{(front_ends / "resnet_math.js").as_uri()}";
    const target = Array.from({{length: 21}}, (_, k) => [-1.5 + 0.15 * k, 1.5 - 0.15 * k]);
    console.log(JSON.stringify([1, 2].map((d) => m.miss(m.fit(data, target, d), target, d))));"""
    line, plane = node(script, data)
    # No flow on the line falls: the best is the flat map to zero, whose miss is the spread of x.
    assert line == pytest.approx(np.std(np.linspace(-1.5, 1.5, 21)), rel=1e-3)
    assert plane < 0.01


def test_what_a_flat_cut_leaves_unexplained_is_that_of_least_squares(
    node: Node, front_ends: Path
) -> None:
    rng = np.random.default_rng(3)
    kinds = np.repeat([1, -1], 12)
    places = rng.normal(size=(24, 3)) + 0.7 * kinds[:, None] * [1, 0.3, -0.4]
    script = f"""import * as m from "{(front_ends / "resnet_cloud.js").as_uri()}";
    const plane = data.map(([x, z, , kind]) => [x, z, kind]);
    const far = plane.map(([x, z, kind]) => [x + 9 * kind, z, kind]);
    console.log(JSON.stringify([m.leastSquares(plane), m.leastSquares(data), m.bestLine(plane),
        m.bestLine(far), m.bestPlane(data), m.bestPlane(m.inSpace(plane))]));"""
    points = np.column_stack([places, kinds]).tolist()
    in_plane, in_space, line, far, sheet, flat = node(script, points)
    for got, d in ((in_plane, 2), (in_space, 3)):
        design = np.column_stack([places[:, :d], np.ones(24)])
        normal, residual, *_ = np.linalg.lstsq(design, kinds, rcond=None)
        assert got["left"] == pytest.approx(residual[0] / 24, rel=1e-9)
        np.testing.assert_allclose(got["normal"], normal[:d], rtol=1e-9)
    for cut, across in (
        (line, [math.cos(line["angle"]), math.sin(line["angle"])]),
        (sheet, sheet["normal"]),
        (flat, flat["normal"][:2]),
    ):
        side = places[:, : len(across)] @ across > cut["offset"]
        right = int(np.sum(side == (kinds == 1)))
        assert cut["right"] == max(right, 24 - right)
    assert far["right"] == 24


def test_the_third_neuron_is_one_of_b8(node: Node, front_ends: Path) -> None:
    rng = np.random.default_rng(9)
    cases = []
    for activation in ("tanh", "sigm"):
        for _ in range(5):
            names = (*NUMBERS, "turn", "lift")
            p = dict(zip(names, rng.uniform(-2, 3, 7).tolist(), strict=True))
            cases.append(
                {
                    "p": {**p, "activation": activation, "horizon": 0.7},
                    "x": [*rng.uniform(-1, 1, 3)],
                }
            )
    script = f"""import * as m from "{(front_ends / "resnet_space.js").as_uri()}";
    console.log(JSON.stringify({{bias: m.LIFT_BIAS, all: data.map(({{p, x}}) => ({{
        field: m.fieldInSpace(p, x), layers: m.resnetInSpace(p, x, 3),
        flow: m.flowInSpace(p, x, 60), fine: m.flowInSpace(p, x, 600),
    }}))}}));"""
    got = node(script, cases)

    def field(p: dict[str, Any], x: Any) -> Any:
        sigma = {"sigma": np.tanh} if p["activation"] == "tanh" else {}
        # From (row) to (column): the third hears both others, and says nothing back.
        w = np.array([[p["w"], p["turn"], p["lift"]], [-p["turn"], p["w"], p["lift"]], [0, 0, 0]])
        b = np.tile([p["b"], p["b"], got["bias"]], (3, 1))
        b8 = register["B.8"].function
        a = p["a"] * np.ones((3, 3))
        return b8(x=np.array(x), w_l=np.full(3, p["w_l"]), w=w, a=a, b=b, **sigma)

    for case, found in zip(cases, got["all"], strict=True):
        p = case["p"]
        np.testing.assert_allclose(found["field"], field(p, case["x"]), rtol=1e-12, atol=1e-13)
        state = np.array(case["x"])
        for layer in found["layers"]:
            np.testing.assert_allclose(layer, state, rtol=1e-11, atol=1e-12)
            state = state + 0.7 / 3 * field(p, state)
        np.testing.assert_allclose(found["flow"], found["fine"], rtol=1e-5, atol=1e-7)


def test_a_flow_in_space_parts_the_rings_and_none_in_the_plane_does(
    node: Node, front_ends: Path
) -> None:
    script = f"""import * as m from "{(front_ends / "resnet_cloud.js").as_uri()}";
    const rings = m.cloud("rings");
    const right = (points, best) => best(m.flowed(m.fitCloud(data, points), points)).right;
    console.log(JSON.stringify(
        [right(rings, m.bestLine), right(m.inSpace(rings), m.bestPlane)]));"""
    start = {**dict.fromkeys((*NUMBERS, "turn", "lift"), 0), "activation": "tanh"}
    start |= {"horizon": 1.5, "a": 2}
    plane, space = node(script, start)
    assert plane < 48
    assert space == 48


# --- in the browser -------------------------------------------------------------------------


def test_doubling_the_depth_removes_the_crossings(mounted: Mounted) -> None:
    page = mounted(ResNetToODE(1), reduced_motion="reduce")
    facts = page.locator(".facts")
    for depth in (1, 2, 4):
        assert page.evaluate("model.get('depth')") == depth
        wanted = ResNetToODE(depth).crossings
        assert page.locator(".facts dd").nth(1).text_content() == str(wanted)
        assert page.locator(".stage .crossing").count() == wanted
        page.get_by_role("button", name="Double").click()
    assert "order is kept" in facts.text_content()
    page.get_by_role("button", name="Halve").click()
    page.get_by_role("slider", name="layers").press("ArrowLeft")
    assert page.evaluate("model.get('depth')") == 3
    assert page.complaints == []


def test_sliders_and_activation_change_the_field(mounted: Mounted) -> None:
    page = mounted(ResNetToODE(2))
    page.get_by_text("More: weights and time").click()
    page.get_by_label("strength", exact=False).first.fill("1")
    page.get_by_label("leak").fill("0.5")
    page.get_by_role("radio", name="sigmoid").check(force=True)
    piece = ResNetToODE(2, w=1.0, w_l=0.5, activation="sigm")
    shown = page.locator(".equation strong").text_content().replace("−", "-")
    assert float(shown) == pytest.approx(piece.resnet()[-1, 1], rel=1e-3)
    said = page.locator("[aria-live=polite]").text_content()
    assert said.startswith("2 layers: no path crosses another")


def test_double_and_halve_rest_at_their_ends(mounted: Mounted) -> None:
    page = mounted(ResNetToODE(32), reduced_motion="reduce")
    page.get_by_role("button", name="Double").click()
    assert page.evaluate("model.get('depth')") == 64
    assert page.get_by_role("button", name="Double").is_disabled()
    page.get_by_role("slider", name="layers").fill("1")
    assert page.get_by_role("button", name="Halve").is_disabled()


def test_one_depth_becomes_another_before_the_readers_eyes(mounted: Mounted) -> None:
    page = mounted(ResNetToODE(1))
    before = page.locator(".paths .path").first.get_attribute("d")
    page.evaluate("""() => {
        window.longest = 0;
        const note = () => {
            const path = document.querySelector(".paths .path")?.getAttribute("d") ?? "";
            window.longest = Math.max(window.longest, path.length);
        };
        new MutationObserver(note).observe(document.querySelector(".paths"), { childList: true });
    }""")
    page.get_by_role("button", name="Double").click()
    page.wait_for_function("window.longest > 900")
    page.wait_for_function("document.querySelector('.paths .path').getAttribute('d').length < 100")
    assert page.locator(".paths .path").first.get_attribute("d") != before


def test_starts_are_dragged(mounted: Mounted) -> None:
    page = mounted(ResNetToODE(2))
    box = page.locator(".grip").last.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 30, steps=3)
    page.mouse.up()
    assert page.evaluate("model.get('starts').at(-1)") > 1.6
    page.get_by_role("button", name="Undo").click()
    assert page.evaluate("model.get('starts').at(-1)") == 1.5


def test_a_target_fails_on_the_line_and_succeeds_in_the_plane(mounted: Mounted) -> None:
    page = mounted(ResNetToODE(2, w=-3.0, a=2.0), reduced_motion="reduce")
    page.get_by_text("A task for the flow").click()
    goal = page.locator(".goal")
    page.get_by_role("button", name="Target: x → −x").click()
    page.get_by_role("button", name="Fit the flow").click()
    assert "paths would have to cross" in goal.text_content()
    page.get_by_role("button", name="Add a dimension").click()
    page.get_by_role("button", name="Fit the flow").click()
    assert "Done: in the plane" in goal.text_content()
    assert page.complaints == []


def test_a_target_is_drawn(mounted: Mounted) -> None:
    page = mounted(ResNetToODE(2))
    box = page.locator(".ends").bounding_box()
    # Both axes go from −2 to 2: from the start −1.5 with its end at −1 to 1.5 with its end at 1.
    across, left, down, top = (box["width"] - 62) / 8, box["x"] + 48, 260 / 4, box["y"] + 28
    page.mouse.move(left + across, top + 3 * down)
    page.mouse.down()
    page.mouse.move(left + 7 * across, top + down, steps=6)
    page.mouse.up()
    target = page.evaluate("model.get('target')")
    # The pointer may stand half a place, 0.05 of the end, off the place that it draws.
    np.testing.assert_allclose(target, np.linspace(-1, 1, 21), atol=0.06)
    page.get_by_text("A task for the flow").click()
    assert "misses your target by" in page.locator(".goal").text_content()


def test_the_frames_stand_still_until_what_they_show_leaves_them(mounted: Mounted) -> None:
    page = mounted(ResNetToODE(2), reduced_motion="reduce")
    marks = "Array.from(document.querySelectorAll('.plot .axes')).map((one) => one.outerHTML)"
    before = page.evaluate(marks)
    assert len(before) == 2
    for name, value in (("w", -3.0), ("w_l", 1.0), ("b", 0.5), ("depth", 16)):
        page.evaluate(f"model.set({name!r}, {value}); model.save_changes()")
    page.evaluate("model.set('starts', [-0.4, 1.2, 1.9])")
    assert page.evaluate(marks) == before
    page.evaluate("model.set('starts', [-0.4, 1.2, 2.1])")
    assert page.evaluate(marks) != before


@pytest.mark.parametrize("width", [320, 900])
def test_it_fits_the_page(mounted: Mounted, width: int) -> None:
    page = mounted(ResNetToODE(64), width=width, theme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []


def test_a_spiral_can_be_unwound_and_rings_cannot_be_opened(mounted: Mounted) -> None:
    page = mounted(ResNetToODE(2, w=-3.0, a=2.0))
    caption = page.locator(".caption")
    page.get_by_label("a spiral", exact=True).check()
    assert "of 48 points" in caption.inner_text() and "48 of 48" not in caption.inner_text()
    page.get_by_role("button", name="Fit", exact=True).click()
    assert "puts 48 of 48 points" in caption.inner_text()
    page.get_by_label("two rings", exact=True).check()
    page.get_by_role("button", name="Fit", exact=True).click()
    assert "the inner ring stays inside" in caption.inner_text()
    assert "the flow, 48" not in caption.inner_text()
    page.get_by_role("button", name="Undo").click()
    page.get_by_label("numbers", exact=True).check()
    assert "2 layers" in caption.inner_text()
    assert page.complaints == []


def test_rings_that_no_flow_in_the_plane_parts_are_lifted_apart(mounted: Mounted) -> None:
    page = mounted(ResNetToODE(2, w=-3.0, a=2.0), reduced_motion="reduce")
    caption = page.locator(".caption")
    page.get_by_label("two rings", exact=True).check()
    third = page.locator("button:visible", has_text="Add a dimension")
    third.click()
    assert "Now there is a way past" in caption.inner_text()
    assert page.locator(".sheet").count() == 0, "nothing is lifted yet, and no plane lies there"
    page.get_by_role("button", name="Fit", exact=True).click()
    assert "after the flow, 48. Lifted apart" in caption.inner_text()
    assert page.locator(".caption var").text_content() == "v"
    before = page.locator(".ends .sheet").get_attribute("d")
    box = page.locator(".ends").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 120)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 120, steps=4)
    page.mouse.up()
    assert page.locator(".ends .sheet").get_attribute("d") != before
    page.get_by_role("button", name="Back to the plane").click()
    assert "the inner ring stays inside" in caption.inner_text()
    page.get_by_label("numbers", exact=True).check()
    assert "2 layers" in caption.inner_text()
    assert page.complaints == []


def test_double_ends_where_the_slider_does(mounted: Mounted) -> None:
    page = mounted(ResNetToODE(32))
    double = page.get_by_role("button", name="Double")
    double.click()
    assert page.evaluate("model.get('depth')") == 64
    assert double.is_disabled()


def test_a_start_is_dragged_on_the_line_and_in_the_plane(mounted: Mounted) -> None:
    page = mounted(ResNetToODE(2, w=-3.0, a=2.0), reduced_motion="reduce")  # or it is drawn anew
    last = "Array.from(document.querySelectorAll('.grip')).at(-1).getBoundingClientRect().toJSON()"
    for _ in range(2):
        before = page.evaluate("model.get('starts')")
        grip = page.evaluate(last)
        x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 15, y - 20, steps=3)
        page.mouse.up()
        after = page.evaluate("model.get('starts')")
        assert after[-1] > before[-1] and after[:-1] == before[:-1]
        page.evaluate("model.set('dimension', 2)")


def test_rings_that_mark_crossings_are_in_the_key(mounted: Mounted) -> None:
    page = mounted(ResNetToODE(1, w=-3.0, a=2.0))
    assert page.locator(".stage .crossing").count() > 0
    named = page.locator(".key span").filter(has=page.locator(".crossing"))
    assert [one.text_content() for one in named.all() if one.is_visible()] == ["two paths cross"]


def test_the_key_has_the_marks_of_the_picture(mounted: Mounted) -> None:
    page = mounted(ResNetToODE(4))
    page.get_by_label("two rings").check(force=True)
    page.wait_for_function("document.querySelectorAll('.key .state').length > 0")
    shapes = """(all) => [...new Set(all.map((e) => {
        const sizes = ["r", "width", "height"].map((name) => e.getAttribute(name));
        return [e.tagName, e.getAttribute("class"), ...sizes].join(" ");
    }))].sort()"""
    shown = page.locator(".stage .state").evaluate_all(shapes)
    assert page.locator(".key .state").evaluate_all(shapes) == shown and len(shown) == 2


@pytest.mark.parametrize("plane", [False, True])
def test_a_start_moves_by_keys_and_keeps_the_focus(mounted: Mounted, plane: bool) -> None:
    page = mounted(ResNetToODE(starts=[-1.0, 0.5, 1.0]), reduced_motion="reduce")
    if plane:
        page.get_by_text("A task for the flow").click()
        page.get_by_role("button", name="Add a dimension").locator("visible=true").click()
    start = page.get_by_role("slider", name="Start 2")
    for key in ("ArrowUp", "ArrowRight", "ArrowDown"):
        start.press(key)
        page.wait_for_function("document.activeElement.matches('.grip')")
    assert page.evaluate("model.get('starts')") == pytest.approx([-1, 0.6, 1])
    assert start.get_attribute("aria-valuenow") == "0.6"
    assert start.evaluate("(e) => e === document.activeElement")
    page.get_by_role("button", name="Undo").click()
    assert page.evaluate("model.get('starts')[1]") != pytest.approx(0.6)
