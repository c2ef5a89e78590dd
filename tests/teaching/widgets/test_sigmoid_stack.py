"""Stack the sigmoids: gradients against PyTorch, JavaScript against Python, and the page."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ltcbook.analysis.approximation import staircase
from ltcbook.teaching.widgets import SigmoidStack
from ltcbook.teaching.widgets.sigmoid_stack import POINTS, gradient

Mounted = Callable[..., Any]
Node = Callable[[str, Any], Any]


def random_stacks() -> list[tuple[float, Any, Any]]:
    """Floors, steps (m, h, ln a) and curves."""
    rng = np.random.default_rng(8)
    cases = []
    for count in (1, 2, 3, 5, 8):
        steps = rng.uniform([0, -2, 0.7], [1, 2, 5], (count, 3))
        cases.append((float(rng.normal()), steps, rng.normal(size=POINTS)))
    return cases


# --- in Python ------------------------------------------------------------------------------


def test_the_gradient_by_hand_is_that_of_pytorch() -> None:
    x = torch.linspace(0, 1, POINTS, dtype=torch.float64)[:, None]
    for floor, steps, y in random_stacks():
        c = torch.tensor(floor, dtype=torch.float64, requires_grad=True)
        p = torch.tensor(steps, requires_grad=True)
        m, h, s = p.unbind(1)
        total = c + torch.sigmoid(s.exp() * (x - m)) @ h
        ((total - torch.tensor(y)) ** 2).mean().backward()
        by_floor, by_steps = gradient(floor, steps, y)
        assert by_floor == pytest.approx(c.grad.item(), rel=1e-11)
        np.testing.assert_allclose(by_steps, p.grad.numpy(), rtol=1e-9, atol=1e-13)


def test_training_is_torchs_adam_with_a_rate_that_falls() -> None:
    piece = SigmoidStack()
    piece.train(40)
    x = torch.linspace(0, 1, POINTS, dtype=torch.float64)[:, None]
    start = [[1 / 6, 0.1, np.log(10)], [0.5, -0.1, np.log(10)], [5 / 6, 0.1, np.log(10)]]
    p = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    c = torch.zeros((), dtype=torch.float64, requires_grad=True)
    adam = torch.optim.Adam([p, c], lr=0.05)
    for k in range(1, 41):
        adam.param_groups[0]["lr"] = 0.05 * (1 - k / 1200)
        adam.zero_grad()
        m, h, s = p.unbind(1)
        total = c + torch.sigmoid(s.exp() * (x - m)) @ h
        ((total - torch.sin(2 * torch.pi * x[:, 0])) ** 2).mean().backward()
        adam.step()
    trained = p.detach().numpy() * [1, 1, 0]
    trained[:, 2] = np.exp(p.detach().numpy()[:, 2])
    np.testing.assert_allclose(piece.steps, trained, rtol=1e-8)
    assert piece.floor == pytest.approx(c.item(), rel=1e-8)


def test_three_trained_steps_do_for_a_sine_and_not_for_two_waves() -> None:
    assert SigmoidStack().train() < 0.02
    assert SigmoidStack(target="waves").train() > 0.15


def test_the_sum_is_the_chapters_staircase() -> None:
    s = staircase(lambda x: np.sin(2 * np.pi * x), 12)
    steps = [(float(m), float(h), s.slope) for m, h in zip(s.midpoints, s.heights, strict=True)]
    piece = SigmoidStack(steps, floor=s.floor)
    np.testing.assert_allclose(piece.sum(), s(np.linspace(0, 1, POINTS)), rtol=1e-12, atol=1e-14)
    assert piece.error < 3 / (2 * 12) * 2 * np.pi  # the theorem's bound


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": []}, "steps must be 1 to 12 steps, got 0"),
        ({"steps": [(0.5, float("nan"), 9.0)]}, "a step must be three finite numbers"),
        ({"steps": [(0.5, 1.0, 0.5)]}, "the slope of a step must lie in 2 to 200, got 0.5"),
        ({"target": "square"}, "unknown target 'square'"),
        ({"drawn": [0.0]}, "drawn must be 41 finite heights, got 1"),
    ],
)
def test_bad_input_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        SigmoidStack(**arguments)
    assert message in str(caught.value)


def test_the_output_has_a_still_picture() -> None:
    bundle = SigmoidStack()._repr_mimebundle_()
    assert bundle is not None
    assert "sum of the steps" in bundle[0]["image/svg+xml"]
    assert bundle[0]["text/plain"].startswith("SigmoidStack(1 steps, 'sine', error=")


# --- in node --------------------------------------------------------------------------------


def test_sums_curves_and_gradients_are_those_of_python(node: Node, front_ends: Path) -> None:
    cases = random_stacks()
    drawn = np.random.default_rng(1).normal(size=41).tolist()
    data = {
        "cases": [
            {"values": [*steps.ravel().tolist(), floor], "y": y.tolist()}
            for floor, steps, y in cases
        ],
        "drawn": drawn,
    }
    script = f"""import * as m from "{(front_ends / "sigmoid_math.js").as_uri()}";
    console.log(JSON.stringify({{
        gradients: data.cases.map(({{values, y}}) => m.gradient(values, y)),
        sums: data.cases.map(({{values}}) => {{
            const {{steps, floor}} = m.stepsOf({{values}});
            return m.stack(floor, steps);
        }}),
        curves: ["sine", "waves", "drawn"].map((name) => m.curve(name, data.drawn)),
    }}));"""
    got = node(script, data)
    for (floor, steps, y), g, total in zip(cases, got["gradients"], got["sums"], strict=True):
        by_floor, by_steps = gradient(floor, steps, y)
        np.testing.assert_allclose(g, [*by_steps.ravel(), by_floor], rtol=1e-9, atol=1e-14)
        rows = [(m, h, float(np.exp(s))) for m, h, s in steps.tolist()]
        np.testing.assert_allclose(total, SigmoidStack(rows, floor=floor).sum(), rtol=1e-11)
    for name, curve in zip(("sine", "waves", "drawn"), got["curves"], strict=True):
        wanted = SigmoidStack(target=name, drawn=drawn).curve()  # type: ignore[arg-type]
        np.testing.assert_allclose(curve, wanted, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("target", ["sine", "waves"])
def test_training_in_javascript_ends_where_python_does(
    node: Node, front_ends: Path, target: Any
) -> None:
    script = f"""import * as m from "{(front_ends / "sigmoid_math.js").as_uri()}";
    const y = m.curve(data, []), state = m.untrained();
    while (state.k < m.ITERATIONS) m.train(state, y);
    const {{steps, floor}} = m.stepsOf(state);
    console.log(JSON.stringify({{steps, floor, error: m.distance(m.stack(floor, steps), y)}}));"""
    got = node(script, target)
    piece = SigmoidStack(target=target)
    # Rounding grows along 1200 steps of a path with valleys: where it ends is what counts.
    assert got["error"] == pytest.approx(piece.train(), rel=1e-3)
    np.testing.assert_allclose(got["steps"], piece.steps, rtol=1e-2)


# --- in the browser -------------------------------------------------------------------------


def test_training_three_says_what_python_finds(mounted: Mounted) -> None:
    page = mounted(SigmoidStack(), reduced_motion="reduce")
    caption = page.locator(".caption")
    assert f"misses the curve by {SigmoidStack().error:.2g}" in caption.text_content()
    page.get_by_role("button", name="Train three steps").click()
    wanted = SigmoidStack().train()
    assert f"Three trained steps are enough: they miss by {wanted:.2g}" in caption.text_content()
    assert len(page.evaluate("model.get('steps')")) == 3
    page.get_by_role("button", name="Undo").click()
    assert page.evaluate("model.get('steps')") == [[0.2, 0.7, 20]]
    page.get_by_role("radio", name="two waves").check(force=True)
    page.get_by_role("button", name="Train three steps").click()
    assert "not enough for this curve" in caption.text_content()
    assert page.complaints == []


def test_steps_are_dragged_set_and_taken_away(mounted: Mounted) -> None:
    page = mounted(SigmoidStack(), width=900)
    step = page.get_by_role("slider", name="Step 1")
    box = step.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y - 30, steps=4)
    page.mouse.up()
    m, h, a = page.evaluate("model.get('steps')[0]")
    width = page.locator(".stage-picture").bounding_box()["width"] - 48
    assert m == pytest.approx(0.2 - 60 / width, abs=1e-3)
    assert h == pytest.approx(0.7 + 2 * 30 / 100, abs=0.01)
    assert a == 20
    ground = page.locator(".ground").bounding_box()
    page.mouse.click(ground["x"] + 0.7 * ground["width"], ground["y"] + 250)
    assert len(page.evaluate("model.get('steps')")) == 2
    page.keyboard.press("ArrowRight")  # the new step has the focus
    page.keyboard.press("Delete")
    assert len(page.evaluate("model.get('steps')")) == 1
    page.get_by_role("slider", name="Steepness").press("ArrowUp")
    assert page.evaluate("model.get('steps')[0][2]") > 20
    assert page.complaints == []


def test_a_curve_is_painted_and_comes_back_by_undo(mounted: Mounted) -> None:
    page = mounted(SigmoidStack(target="drawn"), width=700)
    ground = page.locator(".ground").bounding_box()
    page.mouse.move(ground["x"] + 80, ground["y"] + 60)
    page.mouse.down()
    page.mouse.move(ground["x"] + 400, ground["y"] + 280, steps=6)
    page.mouse.up()
    drawn = page.evaluate("model.get('drawn')")
    painted = [height for height in drawn if height != 0]
    assert len(painted) >= 20 and painted == sorted(painted, reverse=True)
    page.get_by_role("button", name="Undo").click()
    assert page.evaluate("model.get('drawn')") == [0] * 41


@pytest.mark.parametrize("width", [320, 900])
def test_it_fits_the_page_and_one_screen(mounted: Mounted, width: int) -> None:
    page = mounted(SigmoidStack(), width=width, theme="dark", reduced_motion="reduce")
    page.get_by_role("button", name="Train three steps").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".ltcbook").bounding_box()["height"] < 740
    assert page.complaints == []


def test_every_ring_has_a_name_and_what_leaves_the_frame_is_said(mounted: Mounted) -> None:
    page = mounted(SigmoidStack(), reduced_motion="reduce")
    names = page.locator(".grip .hint")
    assert sorted(names.all_text_contents()) == ["floor", "steeper", "step"]
    assert page.locator(".beyond text").count() == 0
    page.get_by_role("button", name="Train three steps").click()
    page.wait_for_function("document.querySelectorAll('.grip').length === 5")
    assert sorted(names.all_text_contents()) == ["floor", "steeper", "step 1", "step 2", "step 3"]
    assert all(one.is_visible() for one in names.all())
    x = np.linspace(0, 1, POINTS)
    steps = page.evaluate("model.get('steps')")
    curves = [h / (1 + np.exp(-a * (x - m))) for m, h, a in steps]
    far = [(k, c[abs(c).argmax()]) for k, c in enumerate(curves) if abs(c).max() > 1.6]
    assert far, "the second of these steps leaves the frame"
    said = [text.replace("−", "-") for text in page.locator(".beyond text").all_text_contents()]
    wanted = [f"{'↓' if v < 0 else '↑'} step {k + 1} to {v:.2g}" for k, v in far]
    assert said == wanted
    height = "document.querySelector('{}').getBBox().height"
    heights = [page.evaluate(height.format(one)) for one in ("clipPath rect", ".axes .frame")]
    assert heights[0] == heights[1] and page.locator("[clip-path] .sum").count() == 1


@pytest.mark.parametrize("width", [320, 390, 900])
def test_no_two_names_in_the_picture_lie_on_each_other(mounted: Mounted, width: int) -> None:
    page = mounted(SigmoidStack(), width=width, reduced_motion="reduce")
    page.get_by_role("button", name="Train three steps").click()
    page.wait_for_function("document.querySelectorAll('.grip').length === 5")
    boxes = [one.bounding_box() for one in page.locator(".hint, .beyond text").all()]
    for one, other in itertools.combinations(boxes, 2):
        across = min(one["x"] + one["width"], other["x"] + other["width"]) - max(
            one["x"], other["x"]
        )
        down = min(one["y"] + one["height"], other["y"] + other["height"]) - max(
            one["y"], other["y"]
        )
        assert across < 2 or down < 4


def test_of_curves_that_leave_together_each_is_said_on_a_line_of_its_own(mounted: Mounted) -> None:
    page = mounted(SigmoidStack([(0.3, 2.4, 20.0)]), reduced_motion="reduce")
    notes = page.locator(".beyond text")
    assert notes.all_text_contents() == ["↑ your line to 2.4"]
    page = mounted(SigmoidStack([(0.3, 2.4, 20.0), (0.4, 2.0, 20.0)]), reduced_motion="reduce")
    notes = page.locator(".beyond text")
    said = notes.all_text_contents()
    assert said == [f"↑ {one}" for one in ("your line to 4.4", "step 1 to 2.4", "step 2 to 2")]
    heights = [one.bounding_box()["y"] for one in notes.all()]
    assert min(low - high for high, low in itertools.pairwise(heights)) > 12
