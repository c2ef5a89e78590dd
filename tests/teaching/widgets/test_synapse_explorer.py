"""The synapse explorer as a Python object, and in a real browser."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest

from ltcbook.teaching.widgets import SynapseExplorer
from tests.teaching.widgets.pointer import drag

Mounted = Callable[..., Any]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"descriptor": "ctrnn_vsigm+s"}, "type descriptor 'ctrnn_vsigm+s'"),
        ({"w": -1.0}, "w must not be negative in a gated synapse (ctrnn_vsigm+s_synaptic)"),
        ({"x": math.nan}, "x must be a finite number, got nan"),
    ],
)
def test_bad_input_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        SynapseExplorer(**arguments)
    assert message in str(caught.value)


def test_an_ungated_synapse_may_be_negative_and_ignores_the_postsynaptic_potential() -> None:
    explorer = SynapseExplorer("ctrnn_rtanh_linear", w=-2.0, b=0.0, x=1.0, y=5.0)
    assert float(explorer.current()) == pytest.approx(-2 * math.tanh(1))
    assert float(explorer.current(y=-5.0)) == float(explorer.current())


def test_the_output_has_a_still_picture() -> None:
    bundle = SynapseExplorer()._repr_mimebundle_()
    assert bundle is not None
    assert "presynaptic potential x" in bundle[0]["image/svg+xml"]
    assert bundle[0]["text/plain"].startswith("SynapseExplorer('ctrnn_vsigm+s_synaptic', w=1, a=5")


def test_it_begins_with_one_curve(mounted: Mounted) -> None:
    page = mounted(SynapseExplorer())
    assert page.locator(".curve").count() == 1
    page.get_by_role("button", name="Next: the current through it").click()
    page.wait_for_function("document.querySelectorAll('.curve').length === 3")
    assert page.locator(".handle").count() == 3


def test_choosing_parts_changes_formula_sliders_and_current(mounted: Mounted) -> None:
    page = mounted(SynapseExplorer(w=1.0, a=5.0, b=-0.5, e=1.0, x=0.8, y=0.5))
    page.get_by_role("button", name="Next: the current through it").click()
    page.get_by_text("More:").click()
    strong = page.locator(".equation strong")
    for clicks, text, sliders in [
        ([], "ctrnn_vsigm+s_synaptic", 6),
        (["tanh"], "ctrnn_vtanh+s_synaptic", 6),
        (["(1 − y)"], "ctrnn_vtanh*s_synaptic", 5),
        (["no factor", "w σ(x + b)"], "ctrnn_rtanhs_synaptic", 4),
        (["a σ(wx + b)", "sigmoid"], "ctrnn_sigms_synaptic", 5),
    ]:
        for name in clicks:
            page.get_by_role("radio", name=name, exact=True).check(force=True)
        assert page.evaluate("model.get('descriptor')") == text
        assert page.locator(".equation code").text_content() == text
        assert page.locator("input[type=range]").count() == sliders
        explorer = SynapseExplorer(text, w=1.0, a=5.0, b=-0.5, e=1.0, x=0.8, y=0.5)
        shown = float(strong.text_content().replace("−", "-"))
        assert shown == pytest.approx(float(explorer.current()), rel=1e-3)
    assert page.complaints == []


def test_a_strength_below_zero_is_lost_when_the_synapse_gets_a_gate(mounted: Mounted) -> None:
    page = mounted(SynapseExplorer("ctrnn_vsigm_linear", w=-1.5))
    page.get_by_text("More:").click()
    page.get_by_role("radio", name="(e − y)").check(force=True)
    assert page.evaluate("[model.get('descriptor'), model.get('w')]") == ["ctrnn_vsigm+_linear", 0]


def test_one_dot_stands_in_both_currents_and_says_what_they_are(mounted: Mounted) -> None:
    page = mounted(SynapseExplorer())
    drag(page, page.locator(".opening .handle"), 40)
    x = page.evaluate("model.get('x')")
    assert x > 0.85
    page.get_by_role("button", name="Next: the current through it").click()
    drag(page, page.locator(".gated .handle"), 75)
    y = page.evaluate("model.get('y')")
    assert y > 1.05  # beyond the post of an excitatory synapse
    places = [page.locator(f".{name} .handle").bounding_box()["x"] for name in ("ungated", "gated")]
    starts = [page.locator(f".{name} .frame").bounding_box()["x"] for name in ("ungated", "gated")]
    assert places[0] - starts[0] == pytest.approx(places[1] - starts[1], abs=1)
    explorer = SynapseExplorer(x=x, y=y)
    bound = float(explorer.current())
    free = float(SynapseExplorer("ctrnn_vsigm_synaptic", x=x, y=y).current())
    said = page.locator(".caption").text_content().replace("−", "-")
    assert f"Without the gate its current of {free:.2g} pushes y up" in said
    assert f"With the gate, a current of {bound:.2g} pulls y down to e = 1" in said
    page.get_by_role("button", name="Undo").click()
    assert page.evaluate("[model.get('x'), model.get('y')]") == [x, 0]
    assert page.complaints == []


@pytest.mark.parametrize(
    ("state", "count"), [({}, 10), ({"w": 2.4, "x": 2.0}, 24), ({"w": 0.0}, 0), ({"x": -2.0}, 10)]
)
def test_as_many_channels_as_strong_and_as_many_open_as_it_says(
    mounted: Mounted, state: dict[str, float], count: int
) -> None:
    page = mounted(SynapseExplorer(**state))
    share = re.search(r"open to ([\d.]+) %", page.locator(".caption").text_content())
    wanted = round(count * float(share[1]) / 100) if share else 0
    assert page.locator(".channel").count() == count
    assert page.locator(".channel.open").count() == wanted
    assert f"{wanted} of {count} channels" in page.locator(".channels").inner_text()


def test_what_is_no_conductance_has_no_channels(mounted: Mounted) -> None:
    page = mounted(SynapseExplorer("ctrnn_vtanh+s_synaptic"))
    assert not page.locator(".channels").is_visible()


def test_the_dot_moves_by_keys_and_keeps_the_focus(mounted: Mounted) -> None:
    page = mounted(SynapseExplorer(x=0.8, y=0.5))
    sender = page.get_by_role("slider", name="Presynaptic potential")
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowLeft"):
        sender.press(key)
    assert page.evaluate("model.get('x')") == pytest.approx(0.9)
    assert sender.get_attribute("aria-valuenow") == "0.9"
    assert sender.evaluate("(e) => e === document.activeElement")
    page.get_by_role("button", name="Next: the current through it").click()
    page.get_by_role("slider", name="Postsynaptic potential, with the gate").press("ArrowDown")
    assert page.evaluate("model.get('y')") == pytest.approx(0.45)


def test_the_post_is_dragged(mounted: Mounted) -> None:
    page = mounted(SynapseExplorer())
    page.get_by_role("button", name="Next: the current through it").click()
    drag(page, page.locator(".gated .post"), -100)
    assert page.evaluate("model.get('e')") < 0.2
    assert page.evaluate("model.get('y')") == 0


@pytest.mark.parametrize("y", [-1.0, 0.0, 0.6, 0.9, 1.1, 1.8])
@pytest.mark.parametrize("w", [1.0, 3.0])
def test_the_arrow_stops_before_the_post_on_a_phone(mounted: Mounted, w: float, y: float) -> None:
    page = mounted(SynapseExplorer(w=w, y=y), width=320)
    page.get_by_role("button", name="Next: the current through it").click()
    page.wait_for_function("document.querySelector('.gated .post') !== null")
    # Boxes are of bare shapes: the post is 4 pixels broad, and so is the arrow's line.
    box = "(e) => { const b = e.getBoundingClientRect(); return [b.left - 2, b.right + 2]; }"
    left, right = page.locator(".gated .post").evaluate(box)
    arrows = [arrow.evaluate(box) for arrow in page.locator(".gated .pull").all()]
    assert len(arrows) == 1 or abs(y - 1) <= 0.4
    for tail, tip in arrows:
        assert tip < left if y < 1 else tail > right


def test_axes_stand_still_while_the_strength_grows(mounted: Mounted) -> None:
    page = mounted(SynapseExplorer())
    page.get_by_role("button", name="Next: the current through it").click()
    before = page.locator(".axes text").all_text_contents()
    curve = page.locator(".opening .curve").get_attribute("d")
    page.get_by_label("strength").fill("3")
    page.wait_for_function(
        "(d) => document.querySelector('.curve').getAttribute('d') !== d", arg=curve
    )
    assert page.locator(".axes text").all_text_contents() == before


def test_a_negative_conductance_is_named(mounted: Mounted) -> None:
    page = mounted(SynapseExplorer("ctrnn_vtanh+s_synaptic", x=-0.5))
    page.get_by_role("button", name="Next: the current through it").click()
    assert "a negative conductance" in page.locator(".caption").text_content()


@pytest.mark.parametrize("width", [320, 900])
def test_it_fits_the_page(mounted: Mounted, width: int) -> None:
    page = mounted(SynapseExplorer(), width=width, theme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []


@pytest.mark.parametrize(
    ("descriptor", "anchor"), [("ctrnn_vsigm+s_synaptic", "e"), ("ctrnn_vsigm*s_synaptic", "1")]
)
def test_the_second_stage_asks_its_own_question(
    mounted: Mounted, descriptor: str, anchor: str
) -> None:
    page = mounted(SynapseExplorer(descriptor, y=0.0))
    task = page.locator(".task")
    assert task.text_content() == "How far does the synapse open? Drag the dot."
    page.get_by_role("button", name="Next: the current through it").click()
    asked = f"Drag the receiver’s dot past {anchor}: which of the two currents turns round?"
    assert task.text_content() == asked
    here, beyond = (float(SynapseExplorer(descriptor, y=y).current()) for y in (0.0, 1.5))
    assert here > 0 > beyond, "the gated one does"
