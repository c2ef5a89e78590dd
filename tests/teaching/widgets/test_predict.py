"""Predictions that a reader answers: made in Python, answered in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ltcbook.teaching.predict import choose, draw, estimate, predict

Mounted = Callable[..., Any]

LONGER = choose(
    "Does *τ* get longer?",
    ["longer", "shorter"],
    answer="shorter",
    why="Opening channels adds conductance.",
)
COUNT = estimate("How many models?", low=0, high=144, answer=69, within=5, why="As counted.")
FALL = draw(
    "How does it fall?", x=(0, 4), y=(0, 1), answer=[(0, 1), (2, 0.5), (4, 0)], why="It leaks."
)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: predict(), "at least one question"),
        (lambda: choose("?", ["yes"], answer="yes", why=""), "choices must be at least two"),
        (lambda: choose("?", ["yes", "no"], answer="yess", why=""), "did you mean 'yes'"),
        (
            lambda: estimate("?", low=1, high=0, answer=0, within=1, why=""),
            "low must be below high",
        ),
        (
            lambda: estimate("?", low=0, high=1, answer=float("nan"), within=1, why=""),
            "answer must be a finite number",
        ),
        (lambda: draw("?", x=(0, 1), y=(0, 1), answer=[(0, 0)], why=""), "at least two points"),
    ],
)
def test_bad_questions_are_named(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_the_still_picture_asks_and_does_not_tell() -> None:
    bundle = predict(LONGER, COUNT)._repr_mimebundle_()
    assert bundle is not None
    picture = bundle[0]["image/svg+xml"]
    assert "Does τ get longer?" in picture and "shorter" in picture
    assert "Opening channels" not in picture and "69" not in picture


def test_the_answer_is_closed_until_one_has_chosen(mounted: Mounted) -> None:
    page = mounted(predict(LONGER))
    answer, compare = page.locator(".answer"), page.get_by_role("button", name="Compare")
    assert not answer.is_visible() and compare.is_disabled()
    page.get_by_label("longer").check()
    assert not answer.is_visible()
    compare.click()
    assert answer.is_visible()
    assert answer.text_content() == (
        "You said: longer. It is: shorter.Opening channels adds conductance."
    )
    assert page.get_by_label("longer").is_disabled()  # no second guess
    assert page.locator("legend var").text_content() == "τ"
    assert page.complaints == []


def test_it_can_be_skipped(mounted: Mounted) -> None:
    page = mounted(predict(LONGER, COUNT))
    page.get_by_role("button", name="Skip").nth(1).click()
    assert "Skipped. The answer: 69." in page.locator(".answer").nth(1).text_content()
    assert not page.locator(".answer").first.is_visible()


@pytest.mark.parametrize(
    ("typed", "said"), [("70", "right, it is 69"), ("100,5", "You said 100.5; it is 69, 31.5 off.")]
)
def test_a_number_is_typed(mounted: Mounted, typed: str, said: str) -> None:
    page = mounted(predict(COUNT))
    field = page.get_by_label("a number")
    field.fill("many")
    assert page.get_by_role("button", name="Compare").is_disabled()
    field.fill(typed)
    field.press("Enter")
    assert said in page.locator(".verdict").text_content()


@pytest.mark.parametrize("up", [(0, 1), (-10, 45), (-1, 1), (0.01, 1.49), (-70, -20), (0, 0.7)])
def test_no_line_crosses_the_words_in_an_empty_plot(
    mounted: Mounted, up: tuple[float, float]
) -> None:
    middle = sum(up) / 2
    page = mounted(predict(draw("?", x=(0, 4), y=up, answer=[(0, middle), (4, middle)], why="")))
    words = page.get_by_text("draw here").bounding_box()
    assert words is not None
    top, bottom = words["y"], words["y"] + words["height"]
    lines = [line.bounding_box()["y"] for line in page.locator(".canvas :is(.grid, .frame)").all()]
    assert len(lines) > 1 and not any(top <= y <= bottom for y in lines)
    plot = page.locator(".canvas svg").bounding_box()
    assert plot["y"] + 24 <= top and bottom <= max(lines)


def test_a_curve_is_drawn(mounted: Mounted) -> None:
    page = mounted(predict(FALL))
    box = page.locator(".canvas svg").bounding_box()
    page.mouse.move(box["x"] + 48, box["y"] + 26)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 14, box["y"] + 188, steps=5)
    page.mouse.up()
    page.get_by_role("button", name="Compare").click()
    assert "you predicted it" in page.locator(".verdict").text_content()
    assert page.locator("svg .truth").count() == 1


def test_a_curve_is_drawn_by_sliders(mounted: Mounted) -> None:
    page = mounted(predict(FALL))
    page.get_by_text("draw by sliders").click()
    page.get_by_label("height at the left").fill("0")
    page.get_by_label("height at the right").fill("1")
    page.get_by_role("button", name="Compare").click()
    assert "0.51 away from the answer: another shape" in page.locator(".verdict").text_content()


@pytest.mark.parametrize("width", [320, 900])
def test_it_fits_the_page(mounted: Mounted, width: int) -> None:
    page = mounted(predict(LONGER, COUNT, FALL), width=width, theme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []
