"""Train one here, as a Python object and in a real browser: a page opened from a file, offline."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, quote, urlparse

import pytest

from ltcbook.teaching.widgets import TrainHere

Mounted = Callable[..., Any]
ERRORS = re.compile(r"error of the LTC ([\d.·⁻\w]+), of the CT-RNN ([\d.]+)")


def finished(page: Any) -> str:
    """Press Train, wait until it is over, and return what the piece says then."""
    page.get_by_role("button", name="Train").click()
    page.get_by_role("button", name="Train again").wait_for(timeout=60_000)
    return str(page.locator(".caption").text_content())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"target": [0.0] * 39}, "target must be 40 numbers between -1.2 and 1.2, got 39"),
        ({"target": [2.0] * 40}, "of which the largest is 2"),
        ({"start": "as-printed"}, "unknown start 'as-printed'; did you mean"),
        ({"unfolds": 0}, "unfolds must be an integer of at least 1, got 0"),
    ],
)
def test_bad_input_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        TrainHere(**arguments)


def test_the_start_is_lived_through(mounted: Mounted) -> None:
    page = mounted(TrainHere())
    said = finished(page)
    assert said.startswith("After 300 steps")
    errors = ERRORS.search(said)
    assert errors is not None
    assert "Switch the start to scaled and train again" in said
    page.get_by_label("scaled").check(force=True)
    said = finished(page)
    assert re.search(r"The start was [\d.]+ % of its gap to the LTC", said) or "the whole" in said
    assert page.locator(".plot .loss.ctrnn.before").get_attribute("d")
    assert page.complaints == []


def test_the_explicit_solver_can_be_broken(mounted: Mounted) -> None:
    page = mounted(TrainHere(solver="explicit", unfolds=1))
    said = finished(page)
    assert "exploded" in said
    assert "above 2 an explicit step overshoots" in said


def test_a_drawn_curve_is_followed_and_taken_back(mounted: Mounted) -> None:
    page = mounted(TrainHere())
    first = page.evaluate("model.get('target')")
    box = page.locator(".draw").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 60, steps=4)
    page.mouse.up()
    drawn = page.evaluate("model.get('target')")
    assert sum(a != b for a, b in zip(first, drawn, strict=True)) > 15
    assert max(drawn) == pytest.approx(drawn[20], abs=1e-3)  # a straight line was drawn
    page.wait_for_function("location.search.includes('train=')")
    address = page.url
    page.get_by_role("button", name="Undo").click()
    assert page.evaluate("model.get('target')") == first
    again = mounted(TrainHere(), query="?" + urlparse(address).query)
    assert again.evaluate("model.get('target')") == drawn
    assert page.complaints == again.complaints == []


@pytest.mark.parametrize("state", ['{"unfolds": 0}', '{"target": [9]}', '{"start": 3}', "nonsense"])
def test_an_address_with_nonsense_is_left_alone(mounted: Mounted, state: str) -> None:
    page = mounted(TrainHere(), query=f"?train={quote(state)}")
    assert page.evaluate("model.get('unfolds')") == 4
    assert page.evaluate("model.get('start')") == "midpoint"
    assert page.complaints == []


def test_only_what_differs_stands_in_the_address(mounted: Mounted) -> None:
    page = mounted(TrainHere())
    page.get_by_label("scaled").check(force=True)
    page.wait_for_function("location.search.includes('train=')")
    (state,) = parse_qs(urlparse(page.url).query)["train"]
    assert json.loads(state) == {"start": "scaled"}


def test_the_keyboard_can_draw(mounted: Mounted) -> None:
    page = mounted(TrainHere())
    page.get_by_text("More:").click()
    page.get_by_label("pen: where").fill("20")
    page.get_by_label("pull the curve to").fill("1")
    assert page.evaluate("model.get('target')[20]") == 1
    assert page.evaluate("model.get('target')[21]") > 0.5


@pytest.mark.parametrize("width", [320, 390, 900])
def test_it_fits_the_page_and_one_screen(mounted: Mounted, width: int) -> None:
    page = mounted(TrainHere(), width=width, theme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".ltcbook").bounding_box()["height"] < 844
    assert page.complaints == []


@pytest.mark.parametrize("width", [320, 390, 900])
def test_no_curve_runs_through_the_names_of_the_networks(mounted: Mounted, width: int) -> None:
    page = mounted(TrainHere(), width=width, theme="dark")
    finished(page)
    ends = page.locator(".loss").evaluate_all(
        "(all) => all.filter((e) => !e.closest('.key')).map((e) => e.getBoundingClientRect().right)"
    )
    names = [one.bounding_box() for one in page.locator("text.name").all()]
    assert len(ends) >= 2 and len(names) == 2
    assert min(box["x"] for box in names) > max(ends)
    assert abs(names[0]["y"] - names[1]["y"]) > 12
    picture = page.locator(".stage svg").last.bounding_box()
    assert max(box["x"] + box["width"] for box in names) <= picture["x"] + picture["width"]
