"""The four walkers of the robot theatre: what is recorded of them, and how they are shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ltcbook import data
from ltcbook.data.robots.rollouts import roll_out
from ltcbook.teaching import recordings
from ltcbook.teaching.widgets import RobotTheatre
from tests.teaching.widgets.pointer import drawn

Mounted = Callable[..., Any]
Node = Callable[[str, Any], Any]

WALKERS = range(4)
HERE = "Number(document.querySelector('input[type=range]').value)"


def metres(theatre: RobotTheatre, walker: int, seconds: float) -> float:
    """How far a walker has come, as recorded; where it fell, for good."""
    track = theatre.track(f"distance{walker + 1}")[:, 0] / 100
    return float(track[min(len(track) - 1, round(seconds / theatre.time_step))])


def test_a_walker_is_drawn_where_the_simulator_puts_it(node: Node, front_ends: Path) -> None:
    """The first rollout of the data walked again, and its rods put together by the page."""
    theatre, of = RobotTheatre("walker2d-stages"), data.robot("walker2d")
    environment = of.make()
    policy = data.policies("walker2d")[0]
    seen = roll_out(environment, policy, 0, sampled=True).observations.astype(float)
    environment.close()  # type: ignore[no-untyped-call]
    assert theatre.falls[0] == pytest.approx(len(seen) * of.time_step)
    poses = seen[:: recordings.EVERY]
    module = (front_ends / "theatre_stages.js").as_uri()
    views = (front_ends / "theatre_views.js").as_uri()
    got = node(
        f'import {{ rodsOf }} from "{module}"; import {{ unpacked }} from "{views}";'
        """const {steps, at} = rodsOf(unpacked(data));
        console.log(JSON.stringify(Array.from({length: steps}, (_, k) => at(k))));""",
        theatre.tracks["ends1"],
    )
    wanted = recordings.rods("walker2d", poses[:, :8]).reshape(len(poses), -1)
    # Half a millimetre of rounding.
    np.testing.assert_allclose(got, wanted, atol=0.5e-3 + 1e-9)
    moved = np.cumsum(seen[:, 8]) * of.time_step
    shown = theatre.track("distance1")[:, 0] / 100
    np.testing.assert_allclose(shown, moved[:: recordings.EVERY], atol=0.5e-2 + 1e-9)


def test_a_recording_ends_where_its_walker_fell() -> None:
    theatre = RobotTheatre("walker2d-stages")
    assert [fell is None for fell in theatre.falls] == [False, True, True, False]
    for walker, fell in enumerate(theatre.falls):
        rows = len(theatre.track(f"distance{walker + 1}"))
        assert len(theatre.track(f"ends{walker + 1}")) == rows
        last = (rows - 1) * theatre.time_step
        end = 8.0 if fell is None else fell
        assert last < end <= last + theatre.time_step + 1e-9
    # Full pages can't carry more: no script of theirs where there is a network.
    assert "makeStages(" in theatre._esm and len(theatre._esm) > len(RobotTheatre()._esm) + 4000
    assert 8 <= theatre.seconds < 8 + theatre.time_step
    assert sum(len(text) for _, text in theatre.tracks.values()) < 25_000


def test_the_still_picture_shows_each_stage() -> None:
    bundle = RobotTheatre("walker2d-stages")._repr_mimebundle_()
    assert bundle is not None
    picture = bundle[0]["image/svg+xml"]
    assert all(f"stage {k}" in picture for k in (1, 2, 3, 4)) and len(picture) < 30_000


@pytest.mark.parametrize("seconds", [0.0, 1.584, 3.216, 6.432])
def test_scrubbing_shows_how_far_each_has_come_and_who_fell(
    mounted: Mounted, seconds: float
) -> None:
    theatre = RobotTheatre("walker2d-stages")
    page = mounted(theatre, reduced_motion="reduce")
    page.get_by_role("slider", name="time").fill(str(seconds))
    drawn(page)
    far = [metres(theatre, walker, seconds) for walker in WALKERS]
    fallen = [walker for walker in WALKERS if (theatre.falls[walker] or 9) <= seconds]
    assert set(page.locator(".far-bars text").all_text_contents()) >= {f"{m:.1f} m" for m in far}
    widths = [float(bar.get_attribute("width")) for bar in page.locator(".far-bar").all()]
    if seconds:
        np.testing.assert_allclose(np.divide(widths, widths[1]), np.divide(far, far[1]), rtol=0.01)
    crosses = [cross.is_visible() for cross in page.locator(".fall").all()]
    assert crosses == [walker in fallen for walker in WALKERS]
    assert page.locator(".four .fallen").count() == len(fallen)
    said = page.locator(".caption").text_content()
    for walker in WALKERS:
        words = f"Stage {walker + 1} fell at {theatre.falls[walker] or 9:.2g} s"
        assert (words in said) == (walker in fallen)
        named = page.locator(".four svg").nth(walker)
        assert f"stage {walker + 1} after" in named.get_attribute("aria-label")
        assert named.locator(".rod").count() == len(theatre.radii)
    ahead = int(np.argmax(far)) + 1
    assert ("all four stand" if seconds == 0 else f"stage {ahead} is farthest") in said
    assert page.complaints == []


@pytest.mark.parametrize("seconds", ["0", "1.296", "2.544", "4.032", "7.968"])
@pytest.mark.parametrize(("width", "columns"), [(320, 2), (390, 2), (620, 4), (900, 4)])
def test_each_walker_stays_on_its_own_ground(
    mounted: Mounted, width: int, columns: int, seconds: str
) -> None:
    page = mounted(
        RobotTheatre("walker2d-stages"), width=width, theme="dark", reduced_motion="reduce"
    )
    page.get_by_role("slider", name="time").fill(seconds)
    drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = [one.bounding_box() for one in page.locator(".four svg").all()]
    assert len({box["y"] for box in boxes}) == 4 // columns
    outside = page.evaluate("""() => [...document.querySelectorAll(".four svg")].map((one) => {
        const {left, right, top, bottom} = one.getBoundingClientRect();
        return [...one.querySelectorAll(".rod, text.title")].filter((e) => {
            const box = e.getBoundingClientRect();
            const wide = parseFloat(getComputedStyle(e).strokeWidth) || 0; // round, beyond the box
            return box.left - wide / 2 < left || box.right + wide / 2 > right
                || box.top < top || box.bottom > bottom;
        }).length;
    })""")
    assert outside == [0, 0, 0, 0]


def test_they_play_rest_out_of_view_and_are_sent(mounted: Mounted) -> None:
    page = mounted(RobotTheatre("walker2d-stages"), query='?theatre={"time":3.216}')
    assert page.evaluate(HERE) == pytest.approx(3.216)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(f"{HERE} > 3.3")
    page.evaluate("document.querySelector('main').style.marginTop = '4000px'")
    page.wait_for_function("document.querySelector('button.primary').textContent === 'Play'")
    page.evaluate("document.querySelector('main').style.marginTop = '0'")
    page.wait_for_function("document.querySelector('button.primary').textContent === 'Pause'")
    assert page.complaints == []


def test_a_walker_that_stumbles_back_has_a_bar_of_no_length(mounted: Mounted) -> None:
    theatre = RobotTheatre("walker2d-stages")
    back = [int(np.argmin(theatre.track(f"distance{walker + 1}")[:, 0])) for walker in WALKERS]
    page = mounted(theatre, reduced_motion="reduce")
    for walker, step in enumerate(back):
        page.get_by_role("slider", name="time").fill(f"{step * theatre.time_step:.3f}")
        drawn(page)
        assert metres(theatre, walker, step * theatre.time_step) < 0
        assert page.locator(".far-bar").nth(walker).get_attribute("width") == "0.00"
    assert page.complaints == []


def test_the_caption_and_the_slider_name_one_time(mounted: Mounted) -> None:
    page = mounted(RobotTheatre("walker2d-stages"), reduced_motion="reduce")
    page.get_by_role("slider", name="time").fill("5.04")
    drawn(page)
    said = page.locator(".slider output").text_content()
    assert page.locator(".caption").text_content().startswith(f"{said}: ")
    page.get_by_role("button", name="Play").click()
    drawn(page)
    assert " s: " not in page.locator(".caption").text_content(), "a time that stays behind"


def test_they_are_scrubbed_by_keys(mounted: Mounted) -> None:
    theatre = RobotTheatre("walker2d-stages")
    page = mounted(theatre, reduced_motion="reduce")
    slider = page.get_by_role("slider", name="time")
    slider.press("End")
    drawn(page)
    last = theatre.seconds - theatre.time_step
    assert float(slider.input_value()) == pytest.approx(last)
    slider.press("ArrowLeft")
    drawn(page)
    assert float(slider.input_value()) == pytest.approx(last - theatre.time_step)
    assert "Stage 4 fell at 4 s" in page.locator(".caption").text_content()
