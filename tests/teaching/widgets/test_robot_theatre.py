"""The robot theatre: what is recorded, what the network makes of it, and the piece in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ltcbook import data
from ltcbook.analysis.trained import trained
from ltcbook.teaching import recordings
from ltcbook.teaching.widgets import RobotTheatre
from tests.teaching.widgets.pointer import drawn

Mounted = Callable[..., Any]
Node = Callable[[str, Any], Any]

every_robot = pytest.mark.parametrize("robot", recordings.STEPS)


@every_robot
def test_rods_keep_their_lengths_and_feet_stay_above_the_ground(robot: str) -> None:
    tracks, card = recordings.load(robot)
    rods = tracks["rods"] / 1000
    lengths = np.hypot(*(rods[:, :, 2:] - rods[:, :, :2]).transpose(2, 0, 1))
    # Each coordinate is rounded by half a millimetre: a length by √2, a difference of two by twice.
    np.testing.assert_allclose(lengths, lengths[0] + 0 * lengths, atol=2 * 2**0.5 * 1e-3, rtol=0)
    lowest = (rods[:, :, [1, 3]].min(axis=2) - np.array(card["radii"])).min(axis=1)
    assert lowest.min() > -max(
        card["radii"]
    )  # contacts are soft: a foot may sink by its own radius
    assert np.median(lowest) < 0.15


@every_robot
def test_the_distance_is_the_sum_of_the_forward_velocity(robot: str) -> None:
    tracks, card = recordings.load(robot)
    velocity = tracks["observations"][:, 8].astype(float)
    assert data.robot(robot).channels[8].unit == "m/s"
    np.testing.assert_allclose(
        tracks["distance"] / 100, np.cumsum(velocity) * card["time_step"], atol=0.006
    )


def test_recordings_are_small() -> None:
    sizes = [path.stat().st_size for path in recordings.FOLDER.glob("*.safetensors")]
    assert len(sizes) == 4 and max(sizes) < 60_000


def test_the_network_hears_what_the_packages_network_hears() -> None:
    tracks, _ = recordings.load("walker2d")
    heard = recordings.listen(tracks["observations"], tracks["mean"], tracks["std"])
    network, _ = trained("SA-LTC")
    u = torch.from_numpy((tracks["observations"].astype(float) - tracks["mean"]) / tracks["std"])
    with torch.no_grad():
        outputs, last = network(u[None])
    wanted = outputs[0].numpy() * tracks["std"] + tracks["mean"]
    np.testing.assert_allclose(heard.predictions, wanted, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(heard.potentials[-1], last[0], atol=1e-12)
    assert (heard.tau > 0).all() and (heard.conductances >= 0).all()
    assert (1 / heard.tau > network.cell.w_l.detach().numpy()).all()


def test_it_predicts_better_than_repeating_on_this_walk() -> None:
    errors = RobotTheatre().track("errors")[1:] / 1000
    predicted, repeated = (errors**2).mean(axis=0)
    assert predicted < 0.5 * repeated


def test_an_unrecorded_robot_is_named() -> None:
    with pytest.raises(ValueError, match="unknown robot 'hopper'"):
        RobotTheatre("hopper")  # type: ignore[arg-type]


def test_without_a_network_only_the_robot_travels() -> None:
    theatre = RobotTheatre(network=False)
    assert set(theatre.tracks) == {"rods", "distance"}
    assert repr(theatre) == "RobotTheatre('walker2d', 2 s)"
    bundle = theatre._repr_mimebundle_()
    assert bundle is not None and "height (m)" in bundle[0]["image/svg+xml"]


def test_javascript_unpacks_what_python_packed(node: Node, front_ends: Path) -> None:
    theatre = RobotTheatre()
    module = (front_ends / "theatre_views.js").as_uri()
    got = node(
        f'import {{ unpacked }} from "{module}";'
        """const all = ({steps, at}) => Array.from({length: steps}, (_, k) => at(k));
        console.log(JSON.stringify(Object.fromEntries(
            Object.entries(data).map(([name, packed]) => [name, all(unpacked(packed))]))));""",
        theatre.tracks,
    )
    assert set(got) == set(theatre.tracks)
    for name, rows in got.items():
        wanted = theatre.track(name).reshape(len(rows), -1) / 1000
        np.testing.assert_allclose(rows, wanted, atol=1e-12)


@every_robot
def test_scrubbing_shows_the_step(mounted: Mounted, robot: Any) -> None:
    theatre = RobotTheatre(robot)
    page = mounted(theatre)
    slider = page.get_by_role("slider", name="time")
    slider.fill("0.8")
    step = round(0.8 / theatre.time_step)
    metres = float(theatre.track("distance")[step, 0]) / 100
    said = page.locator(".caption").text_content()
    assert said.startswith(f"0.8 s, {metres:.2g} m")
    assert page.locator(".rod").count() == len(theatre.radii)
    if robot == "walker2d":
        error = theatre.track("errors")[step, 0] / 1000
        assert f"was predicted to {error:.2g} deviations" in said
        tau = theatre.track("tau")[step] / 1000
        found = re.search(r"neuron (\d+), τ = ([\d.]+); slowest: neuron (\d+)", said)
        assert found is not None
        assert (int(found[1]), int(found[3])) == (tau.argmin() + 1, tau.argmax() + 1)
        assert page.locator(".synapse").count() == recordings.SYNAPSES + 2  # two in the key
    assert page.complaints == []


def test_a_cloned_network_drives(mounted: Mounted) -> None:
    theatre = RobotTheatre("halfcheetah-cloned")
    tracks, card = recordings.load("halfcheetah-cloned")
    assert (theatre.role, card["task"]) == ("drives", "halfcheetah")
    assert theatre.track("potentials").shape[1] == 12 == theatre.track("tau").shape[1]
    page = mounted(theatre)
    page.get_by_role("slider", name="time").fill("2")
    step = round(2 / theatre.time_step)
    error = theatre.track("errors")[step, 0] / 1000
    said = page.locator(".caption").text_content()
    assert f"Its torques are {error:.2g} off what its teacher would do here" in said
    assert "predicted" not in said and page.locator(".expected").count() == 0
    assert page.locator(".synapse").count() == len(tracks["synapses"]) + 2  # two in the key
    assert page.complaints == []


def test_play_moves_and_slow_motion_is_slower(mounted: Mounted) -> None:
    page = mounted(RobotTheatre())
    page.get_by_label("slow motion").check(force=True)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("Number(document.querySelector('input[type=range]').value) > 0.02")
    assert page.get_by_role("button", name="Pause").is_visible()
    page.get_by_role("button", name="Pause").click()
    assert float(page.get_by_role("slider", name="time").input_value()) < 1.9


def test_it_stands_still_for_readers_who_ask_for_less_motion(mounted: Mounted) -> None:
    page = mounted(RobotTheatre(autoplay=True), reduced_motion="reduce")
    assert page.get_by_role("button", name="Play").is_visible()
    drawn(page)
    assert page.get_by_role("slider", name="time").input_value() == "0"
    moving = mounted(RobotTheatre(autoplay=True))
    moving.wait_for_function("Number(document.querySelector('input[type=range]').value) > 0.1")


TIME = "Number(document.querySelector('input[type=range]').value)"
AWAY = "document.querySelector('main').style.marginTop = '4000px'"
BACK = "document.querySelector('main').style.marginTop = '0'"
FRAMES = """async () => {
    for (let k = 0; k < 6; k += 1) await new Promise((done) => requestAnimationFrame(done));
}"""
PRESSED = "document.querySelector('button.primary').textContent"


def test_what_moves_by_itself_rests_out_of_view_and_goes_on_in_view(mounted: Mounted) -> None:
    page = mounted(RobotTheatre(autoplay=True))
    page.wait_for_function(f"{TIME} > 0.05")
    page.evaluate(AWAY)
    page.wait_for_function(f"{PRESSED} === 'Play'")
    stopped = page.evaluate(TIME)
    page.evaluate(FRAMES)
    assert page.evaluate(TIME) == stopped
    page.evaluate(BACK)
    page.wait_for_function(f"{TIME} > {stopped}")
    page.get_by_role("button", name="Pause").click()
    page.evaluate(AWAY)
    page.wait_for_function("document.querySelector('main').getBoundingClientRect().top > 3000")
    page.evaluate(BACK)
    page.evaluate(FRAMES)
    assert page.evaluate(PRESSED) == "Play", "what the reader has stopped stays so"


def test_what_moves_by_itself_begins_anew_at_its_end(mounted: Mounted) -> None:
    page = mounted(RobotTheatre(autoplay=True), query='?theatre={"time":1.9}')
    assert page.evaluate(PRESSED) == "Play", "a moment that was sent is shown, and not passed over"
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(f"{TIME} < 1")
    assert page.evaluate(PRESSED) == "Pause"


def test_a_neuron_that_is_pressed_shows_its_potential_and_its_synapses(mounted: Mounted) -> None:
    theatre = RobotTheatre()
    page = mounted(theatre, reduced_motion="reduce")
    page.get_by_role("slider", name="time").fill("0.8")
    page.get_by_role("button", name="Neuron 7").click()
    step = round(0.8 / theatre.time_step)
    x, tau = (theatre.track(name)[step, 6] / 1000 for name in ("potentials", "tau"))
    onto = {k: s for k, s in enumerate(theatre.synapses) if s[1] == 6}
    widest = max(onto, key=lambda k: theatre.track("conductances")[step, k])
    sender, _, sign = theatre.synapses[widest]
    said = page.locator(".caption").text_content()
    assert f"Neuron 7, τ = {tau:.2g}, x = {x:.2g}; of its synapses here" in said
    does = "excites" if sign > 0 else "inhibits"
    assert f"neuron {sender + 1}'s is open widest, and {does}" in said
    touching = sum(6 in synapse[:2] for synapse in theatre.synapses)
    assert page.locator(".synapse.away").count() == len(theatre.synapses) - touching
    assert page.locator(".strip .potential").count() == page.locator(".strip .tau").count() == 1
    assert page.get_by_text("where the network expects it next").is_visible()
    page.get_by_role("button", name="Neuron 7").press("Enter")  # once more: all of them again
    assert page.locator(".synapse.away, .strip .potential").count() == 0
    assert page.complaints == []


@pytest.mark.parametrize("width", [320, 390, 900])
def test_it_fits_the_page(mounted: Mounted, width: int) -> None:
    page = mounted(RobotTheatre(), width=width, theme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []


@pytest.mark.parametrize("pressed", [False, True])
def test_the_strip_has_a_title_and_axes(mounted: Mounted, pressed: bool) -> None:
    theatre = RobotTheatre()
    page = mounted(theatre, reduced_motion="reduce")
    if pressed:
        page.get_by_role("button", name="Neuron 7").click()
        page.locator(".strip .tau").wait_for(state="attached")
    texts = page.locator(".strip text").all_text_contents()
    last = (len(theatre.track("rods")) - 1) * theatre.time_step
    assert texts[1:3] == ["0 s", f"{last:.3g} s"]
    slowest = f"{theatre.track('tau').max() / 1000:.2g}"
    title = "neuron 7 over time" if pressed else "error (standard deviations)"
    assert [texts[0], *texts[3:]] == [
        title,
        *(["−1", "1", "0", slowest] if pressed else ["0", "1.5"]),
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_synapses_can_be_seen_in_both_schemes(mounted: Mounted, theme: str) -> None:
    page = mounted(RobotTheatre(), theme=theme, reduced_motion="reduce")
    page.get_by_role("slider", name="time").fill("0.8")
    seen = page.evaluate(
        """() => {
            const rgb = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
            const light = (colour) => colour.map((v) => v / 255)
                .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
                .reduce((sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0);
            const paper = rgb(getComputedStyle(document.querySelector(".ltcbook")).backgroundColor);
            return [...document.querySelectorAll(".network .synapse")].map((one) => {
                const {stroke, opacity} = getComputedStyle(one);
                const mixed = rgb(stroke).map((v, k) => paper[k] + opacity * (v - paper[k]));
                const [low, high] = [light(mixed), light(paper)].sort((a, b) => a - b);
                return (high + 0.05) / (low + 0.05);
            });
        }"""
    )
    # The faintest was at 1.05 to 1 in the dark, half of them below 1.3.
    assert min(seen) > 1.3
    assert sorted(seen)[len(seen) // 2] > 1.5
