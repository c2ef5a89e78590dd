"""What the membrane stepper says: where to begin, what a step did, and whose numbers are shown."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest

from ltcbook.teaching.widgets import MembraneStepper
from ltcbook.teaching.widgets.membrane_math import METHODS

Mounted = Callable[..., Any]


def test_names_of_levels_stand_beside_the_ladder_and_apart(mounted: Mounted) -> None:
    for x0 in (0.0, 0.4, 1.0):
        page = mounted(MembraneStepper(x0=x0), reduced_motion="reduce")
        sides = page.locator(".ladder .side")
        assert sorted(sides.all_text_contents()) == ["next", "now", "x∞"]
        boxes = sorted((one.bounding_box() for one in sides.all()), key=lambda box: box["y"])
        line = page.locator(".ladder .now").bounding_box()
        assert all(box["x"] >= line["x"] + line["width"] for box in boxes), "no line crosses a name"
        gaps = [low["y"] - high["y"] for high, low in itertools.pairwise(boxes)]
        assert min(gaps) > 12


def test_on_arrival_the_picture_says_where_a_step_leads(mounted: Mounted) -> None:
    page = mounted(MembraneStepper(), reduced_motion="reduce")
    assert "the step leads here" in page.locator(".plot .invite").text_content()
    rail = page.locator(".invite .rail").bounding_box()["x"]
    page.get_by_role("button", name="Step", exact=True).click()
    assert page.locator(".invite").count() == 0
    last = page.locator(".plot .marker.explicit").last.bounding_box()
    assert last["x"] + last["width"] / 2 == pytest.approx(rail, abs=1.5)


def test_the_first_line_names_the_button_that_is_there(mounted: Mounted) -> None:
    page = mounted(MembraneStepper(), reduced_motion="reduce")
    for does in ("Press Step.", "Press Predict.", "Move your guess, press Reveal."):
        assert does in page.locator("p.task").text_content()
        assert page.locator("button.primary").text_content() in does
        if does == "Press Step.":
            page.get_by_text("More:").click()
            page.get_by_label("predict first").check()
        else:
            page.locator("button.primary").click()


@pytest.mark.parametrize("method", METHODS)
def test_each_step_is_told_and_the_formula_is_said_to_be_the_nexts(
    mounted: Mounted, method: Any
) -> None:
    stepper = MembraneStepper(method=method)
    page = mounted(stepper, reduced_motion="reduce")
    told, which = page.locator(".caption"), page.locator(".equation .which")
    assert "Below are the numbers of its next step." in told.text_content()
    assert which.text_content() == "The numbers of the step to come, step 1"
    z, goal = stepper.dt / stepper.tau, stepper.equilibrium
    share = {"explicit": z, "semi_implicit": z / (1 + z), "exponential": 1 - math.exp(-z)}[method]
    page.get_by_role("button", name="Step", exact=True).click()
    said = told.text_content()
    assert f"took x from 0 to {stepper.step():.4g}, {100 * share:.3g} % of the way" in said
    assert f"to x∞ = {goal:.3g}, for it" in said
    assert f"Exactly, x would now be {stepper.history[-1]['exact']:.4g}." in said
    assert which.text_content() == "The numbers of the step to come, step 2"
    page.get_by_label("time step").fill("1")
    assert "% of the way" not in told.text_content(), "that step had another length"
    assert "with other numbers than now" in told.text_content()


def test_a_step_past_the_equilibrium_is_said_to_go_past_it(mounted: Mounted) -> None:
    page = mounted(MembraneStepper(dt=1.45), reduced_motion="reduce")
    page.get_by_role("button", name="Step", exact=True).click()
    assert "past it, for it keeps the rate" in page.locator(".caption").text_content()
    page = mounted(MembraneStepper(predict=True), reduced_motion="reduce")
    assert not page.locator(".caption").is_visible(), "there the verdict tells, once it is asked"
