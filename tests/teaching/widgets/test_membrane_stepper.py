"""The membrane stepper as a Python object, and in a real browser."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from ltcbook.teaching.widgets import MembraneStepper
from ltcbook.teaching.widgets.membrane_math import METHODS
from tests.teaching.widgets.pointer import drag

Mounted = Callable[..., Any]


def history(page: Any) -> list[dict[str, Any]]:
    rows = page.evaluate("model.get('history')")
    assert isinstance(rows, list)
    return rows


def assert_same_history(page: Any, stepper: MembraneStepper) -> None:
    rows = history(page)
    assert len(rows) == len(stepper.history)
    for row, python in zip(rows, stepper.history, strict=True):
        for name in ("t", "exact", *METHODS):
            assert row[name] == pytest.approx(python[name], rel=1e-11, abs=1e-12)


# --- in Python ------------------------------------------------------------------------------


def test_a_bare_membrane_takes_the_step_one_can_do_by_hand() -> None:
    stepper = MembraneStepper(dt=0.5, w_l=1.0, e_l=1.0, x0=0.0, synapses=[])
    assert (stepper.tau, stepper.equilibrium, stepper.verdict) == (1.0, 1.0, "monotone")
    assert stepper.step() == 0.5
    assert stepper.history[-1]["semi_implicit"] == pytest.approx(1 / 3)
    assert stepper.history[-1]["exponential"] == pytest.approx(1 - math.exp(-0.5))
    assert stepper.step(2) == 0.875
    assert stepper.undo() == 0.75
    stepper.restart()
    assert (stepper.x, len(stepper.history)) == (0.0, 1)


def test_undo_at_the_start_changes_nothing() -> None:
    stepper = MembraneStepper(x0=0.25)
    assert stepper.undo() == 0.25


def test_nothing_that_conducts_means_no_equilibrium() -> None:
    stepper = MembraneStepper(w_l=0.0, synapses=[], x0=0.4)
    assert stepper.tau == math.inf
    assert math.isnan(stepper.equilibrium)
    assert (stepper.step(), stepper.history[-1]["exponential"]) == (0.4, 0.4)


def test_rescaling_shows_the_same_neuron_in_millivolts() -> None:
    stepper = MembraneStepper(synapses=["excitatory", "inhibitory"])
    tau = stepper.tau
    stepper.step()
    stepper.rescale("millivolt")
    assert (stepper.e_l, stepper.x, len(stepper.history)) == (-70.0, -70.0, 1)
    assert [s["e"] for s in stepper.synapses] == [0.0, -90.0]
    assert stepper.tau == pytest.approx(tau)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"C": 0.0}, "C must be a finite number above 0, got 0.0"),
        ({"dt": math.nan}, "dt must be a finite number above 0, got nan"),
        ({"w_l": -1.0}, "w_l must not be negative, got -1.0"),
        ({"x0": math.inf}, "x0 must be a finite number, got inf"),
        ({"scale": "volt"}, "unknown scale 'volt'; did you mean 'millivolt'?"),
        ({"method": "implicit"}, "unknown method 'implicit'; did you mean"),
        ({"synapses": ["exitatory"]}, "unknown synapse 'exitatory'; did you mean 'excitatory'?"),
        ({"synapses": [{"w": -1}]}, "synapse w must not be negative, got -1"),
        ({"synapses": [{"g": 1}]}, "unknown key of a synapse 'g'"),
        ({"synapses": [{"e": None}]}, "synapse e must be a finite number, got None"),
    ],
)
def test_bad_input_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        MembraneStepper(**arguments)
    assert message in str(caught.value)


def test_a_synapse_that_is_neither_name_nor_mapping_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="'excitatory', 'inhibitory' or a mapping"):
        MembraneStepper(synapses=[3])  # type: ignore[list-item]


def test_values_set_later_are_checked_too() -> None:
    stepper = MembraneStepper()
    with pytest.raises(ValueError, match="dt must be a finite number above 0"):
        stepper.dt = -1.0
    with pytest.raises(ValueError, match="count must be an integer of at least 1, got 0"):
        stepper.step(0)


def test_the_output_has_a_still_picture_that_never_changes_by_itself() -> None:
    bundles = [MembraneStepper()._repr_mimebundle_() for _ in range(2)]
    assert bundles[0] is not None and bundles[1] is not None
    first, second = bundles[0][0], bundles[1][0]
    assert first["image/svg+xml"] == second["image/svg+xml"]
    assert "semi-implicit Euler" in first["image/svg+xml"]
    assert first["text/plain"] == "MembraneStepper('unit', dt=0.25, steps=0, x=0)"
    assert "application/vnd.jupyter.widget-view+json" in first


def more(page: Any) -> None:
    page.get_by_text("More:").click()


# --- in the browser -------------------------------------------------------------------------


def test_clicks_and_keys_step_as_python_does(mounted: Mounted) -> None:
    stepper = MembraneStepper()
    page = mounted(stepper)
    page.get_by_role("button", name="Step").click()
    page.locator(".ltcbook").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    stepper.step(3)
    assert_same_history(page, stepper)
    page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name="Undo").click()
    stepper.undo()
    stepper.undo()
    assert_same_history(page, stepper)
    said = page.locator("[aria-live=polite]").text_content()
    assert said == "Undone. 1 steps."
    assert page.complaints == []


def test_the_filled_in_equation_shows_the_step_that_is_then_taken(mounted: Mounted) -> None:
    stepper = MembraneStepper(dt=0.5, w_l=1.0, e_l=1.0, x0=0.0, synapses=[])
    page = mounted(stepper)
    lines = page.locator(".equation p")
    for method, result in [
        ("explicit Euler", "0.5"),
        ("semi-implicit Euler", "0.3333"),
        ("exponential Euler", "0.3935"),
    ]:
        page.get_by_role("radio", name=method, exact=True).check(force=True)
        assert lines.nth(1).locator("strong").text_content() == result
    assert lines.nth(1).text_content() == "x ← 1 + (0 − 1) e−0.5 = 0.3935"
    page.get_by_role("button", name="Step").click()
    assert "0.3935" in page.locator(".facts").text_content()


def test_sliders_change_the_neuron_and_euler_can_be_made_to_explode(mounted: Mounted) -> None:
    stepper = MembraneStepper()
    page = mounted(stepper)
    page.get_by_label("time step").fill("1.45")
    stepper.dt = 1.45
    assert page.locator(".facts strong").text_content() == "2.34 exploding"
    for _ in range(6):
        page.keyboard.press("Tab")  # leaves the slider, where arrows move the slider
        page.locator(".ltcbook").press("ArrowRight")
    stepper.step(6)
    assert_same_history(page, stepper)
    more(page)
    assert page.locator(".off-scale.explicit").count() == 1
    page.get_by_label("maximum conductance of synapse 1").fill("4")
    assert page.evaluate("model.get('synapses')[0].w") == 4
    page.get_by_label("maximum conductance of synapse 1").press("ArrowRight")
    assert page.evaluate("model.get('synapses')[0].w") == pytest.approx(4.05)
    assert len(history(page)) == 7  # an arrow key on a slider is not a step
    assert page.complaints == []


def test_synapses_come_and_go(mounted: Mounted) -> None:
    stepper = MembraneStepper(synapses=[])
    page = mounted(stepper)
    more(page)
    page.get_by_role("button", name="Add an excitatory synapse").click()
    page.get_by_role("button", name="Add an inhibitory synapse").click()
    wanted = MembraneStepper(synapses=["excitatory", "inhibitory"])
    assert page.evaluate("model.get('synapses')") == wanted.synapses
    page.get_by_label("from the neuron itself").nth(1).check()
    assert page.evaluate("model.get('synapses')[1].x") is None
    page.get_by_role("button", name="Remove synapse 1").click()
    assert [s["e"] for s in page.evaluate("model.get('synapses')")] == [-1.0]
    assert page.evaluate("document.activeElement.textContent") == "+ excitatory"


def test_the_scale_switch_translates_and_restarts(mounted: Mounted) -> None:
    stepper = MembraneStepper()
    page = mounted(stepper)
    page.get_by_role("button", name="Step").click()
    more(page)
    page.get_by_role("radio", name="millivolts").check(force=True)
    stepper.rescale("millivolt")
    assert page.evaluate("model.get('synapses')") == stepper.synapses
    page.get_by_role("button", name="Step").click()
    stepper.step()
    assert_same_history(page, stepper)
    assert "mV" in page.locator(".facts").text_content()


def test_predict_then_reveal_hides_the_answer_until_it_is_asked_for(mounted: Mounted) -> None:
    stepper = MembraneStepper(predict=True)
    page = mounted(stepper)
    assert page.locator(".sum").count() == 0
    assert page.locator(".equation strong").text_content() == "?"
    assert page.locator(".equilibrium").count() == page.locator(".mark").count() == 0
    page.get_by_role("button", name="Predict").click()
    assert len(history(page)) == 1
    box = page.locator(".plot").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 250)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 120)
    page.mouse.up()
    said = float(page.get_by_label("after the step").input_value())
    assert 0.0 < said < 1.4
    page.get_by_label("after the step").press("ArrowUp")
    page.get_by_label("after the step").fill("0.25")
    page.get_by_role("button", name="Reveal").click()
    actual = stepper.step()
    assert_same_history(page, stepper)
    verdict = page.locator(".verdict").text_content()
    assert verdict.startswith(f"You said 0.25; explicit Euler gives {actual:.4g}")
    off = float(verdict.split("off by ")[1].split(". ")[0])
    assert off == pytest.approx(abs(0.25 - actual), rel=1e-2)
    share = 100 * stepper.dt / MembraneStepper().tau
    assert f"one step goes {share:.3g} % of the way there" in verdict
    assert page.locator(".equilibrium").count() == 0


def test_play_steps_by_itself_and_pauses(mounted: Mounted) -> None:
    page = mounted(MembraneStepper())
    more(page)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("model.get('history').length >= 3")
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Restart").click()
    assert len(history(page)) == 1
    page.wait_for_function(
        "document.querySelector('.ghost:not(.trace)').getAttribute('d').length > 20"
    )
    assert page.evaluate("model.get('ghost')") is None  # the run before is never saved


def test_nothing_that_the_reader_has_not_made_is_drawn_on_arrival(mounted: Mounted) -> None:
    stepper = MembraneStepper()
    stepper.step(5)
    stepper.restart()
    page = mounted(stepper)
    assert page.locator(".ghost:not(.trace)").get_attribute("d") == ""
    assert not page.locator(".exact-key .ghost").is_visible()


def test_posts_potential_and_bars_are_dragged(mounted: Mounted) -> None:
    page = mounted(MembraneStepper())
    before = page.evaluate("model.get('synapses')")
    ticks = page.locator(".ladder .axes text").all_text_contents()
    drag(page, page.locator(".level.excitatory line"), dy=40)
    after = page.evaluate("model.get('synapses')")
    assert after[0]["e"] < before[0]["e"] - 0.2
    assert page.locator(".ladder .axes text").all_text_contents() == ticks  # the axis stands still
    drag(page, page.locator(".bar-limit").nth(1), dy=-15, from_top=0.02)
    assert page.evaluate("model.get('synapses')[0].w") > before[0]["w"] + 0.3
    opened = page.evaluate("model.get('synapses')[1].x")
    drag(page, page.locator(".bar.inhibitory"), dy=-5, from_top=0.02)
    assert page.evaluate("model.get('synapses')[1].x") > opened
    drag(page, page.locator(".ladder .ball"), dy=-50)
    assert page.evaluate("model.get('x0')") > 0.3
    for _ in range(4):
        page.get_by_role("button", name="Undo").click()
    assert page.evaluate("model.get('synapses')") == before
    assert page.complaints == []


def test_zooming_tells_the_methods_apart(mounted: Mounted) -> None:
    page = mounted(MembraneStepper("millivolt", synapses=["excitatory", "inhibitory"]))
    for _ in range(3):
        page.get_by_role("button", name="Step").click()

    def apart() -> float:
        ends = [
            page.locator(f".plot .trace.{name}").get_attribute("d").split(",")[-1]
            for name in ("explicit", "semi_implicit")
        ]
        return abs(float(ends[0]) - float(ends[1]))

    near = apart()
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_function("document.querySelector('.bracket') !== null")
    assert apart() > 3 * near
    assert apart() > 40


def test_a_change_from_python_is_drawn(mounted: Mounted) -> None:
    stepper = MembraneStepper()
    page = mounted(stepper)
    stepper.step(4)
    page.evaluate("(rows) => model.set('history', rows)", stepper.history)
    page.wait_for_function("document.querySelectorAll('.marker.explicit.filled').length >= 6")
    assert f"{stepper.x:.4g}" in page.locator(".facts").text_content()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 900])
def test_it_fits_the_page_in_both_themes(mounted: Mounted, width: int, theme: str) -> None:
    page = mounted(MembraneStepper("millivolt"), width=width, theme=theme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    paper = page.evaluate("getComputedStyle(document.querySelector('.ltcbook')).backgroundColor")
    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 30)"}[theme]
    small = page.evaluate(
        "[...document.querySelectorAll('.ltcbook svg text')]"
        ".filter((t) => parseFloat(getComputedStyle(t).fontSize) < 12).length"
    )
    assert small == 0
    assert page.complaints == []


def test_cleaning_up_stops_listening(mounted: Mounted) -> None:
    page = mounted(MembraneStepper())
    page.evaluate("cleanup()")
    assert page.evaluate("Object.values(model.callbacks).every((set) => set.size === 0)")


def test_every_ring_of_the_ladder_is_a_handle(mounted: Mounted) -> None:
    page = mounted(MembraneStepper(), reduced_motion="reduce")
    rings = page.locator(".ladder .ring")
    count = rings.count()
    assert (
        count == 3 + 1 + 1 + 2 * 2
    )  # anchors, the potential, the leak's bar, two for each synapse
    shown = "JSON.stringify(['e_l', 'w_l', 'x0', 'synapses'].map((name) => model.get(name)))"
    for k in range(count):
        before = page.evaluate(shown)
        box = rings.nth(k).bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x, y - 9, steps=3)
        page.mouse.up()
        assert page.evaluate(shown) != before, f"ring {k}"
    assert page.complaints == []


def test_each_arrow_has_the_name_that_the_equation_gives_it(mounted: Mounted) -> None:
    page = mounted(MembraneStepper(x0=0.4), reduced_motion="reduce")
    names = [one.text_content() for one in page.locator(".ladder .name").all()]
    assert names == ["il", "i1", "i2"]
    assert all(
        name in page.locator(".equation").inner_text().replace("\n", "") for name in names[:3]
    )


def test_the_pale_run_is_in_the_key_while_it_is_in_the_picture(mounted: Mounted) -> None:
    page = mounted(MembraneStepper(), reduced_motion="reduce")
    key = page.get_by_text("the run before")
    assert not key.is_visible()
    page.get_by_role("button", name="Step", exact=True).click()
    page.locator(".more summary").click()
    page.get_by_role("button", name="Restart").click()
    assert key.is_visible()
