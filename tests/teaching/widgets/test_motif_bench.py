"""The motif bench: the Python object, its JavaScript in node, and both in a real browser."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ltcbook.analysis.motifs import Synapse, exclusion_gain, level, mutual_exclusion
from ltcbook.teaching.widgets import MotifBench
from ltcbook.teaching.widgets.motif_math import ACTIVE, MOTIFS, STEPS, Bench, Neuron
from tests.teaching.widgets.pointer import drag

Mounted = Callable[..., Any]
Node = Callable[[str, Any], Any]


def random_bench(rng: np.random.Generator, count: int, selves: bool = True) -> Bench:
    def neuron(name: str) -> Neuron:
        return Neuron(
            name,
            C=rng.uniform(5, 50),
            x0=rng.uniform(-90, 0),
            tonic=rng.uniform(0, 4),
            height=rng.uniform(0, 9),
            on=rng.uniform(0, 20),
            off=rng.uniform(20, 80),
        )

    synapses = tuple(
        Synapse(
            i,
            j,
            rng.uniform(0, 8),
            float(rng.choice([0.0, -90.0])),
            rng.uniform(-50, -30),
            rng.uniform(0.05, 0.4),
        )
        for i in range(count)
        for j in range(count)
        if selves or i != j
    )
    return Bench(tuple(neuron(name) for name in "ABC"[:count]), synapses)


# --- in Python ------------------------------------------------------------------------------


def test_a_run_follows_the_circuit_of_the_chapter() -> None:
    bench = MOTIFS["ring of three"]
    drive = np.full(3, 3.0)
    start = tuple(neuron.x0 for neuron in bench.neurons)
    _, x = bench.circuit.simulate(bench.horizon, lambda _: drive, start)
    ours = bench.run()[::8]
    np.testing.assert_allclose(ours[:50], x[::10][:50], atol=0.05)


@pytest.mark.parametrize("name", MOTIFS)
def test_each_circuit_does_what_its_name_says(name: str) -> None:
    bench = MOTIFS[name]
    up = bench.run() > ACTIVE
    rises = (np.diff(up.astype(int), axis=0) > 0).sum(axis=0)

    def at(t: float) -> list[bool]:
        return up[round(t / bench.horizon * STEPS)].tolist()

    if name == "activation":
        assert (at(10), at(45), at(80)) == ([False, False], [True, True], [False, False])
    elif name == "inhibition":
        assert (at(10), at(45), at(80)) == ([False, True], [True, False], [False, True])
    elif name == "sequentialisation":
        first = up.argmax(axis=0)
        assert first[0] < first[1] < first[2] and at(100) == [False, False, True]
    elif name == "mutual exclusion":
        assert (at(45), at(100)) == ([True, False], [False, True])
    elif name == "synchronisation":
        a, b, _ = bench.run()[-1]
        assert abs(a - b) < 0.1
    else:
        assert rises[0] >= 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"motif": "activasion"}, "unknown motif 'activasion'; did you mean 'activation'?"),
        ({"neurons": {"D": {}}}, "unknown neuron 'D'"),
        ({"neurons": {"A": {"C": 0.0}}}, "neuron C must be above 0, got 0.0"),
        ({"neurons": {"A": {"tau": 1.0}}}, "unknown key of a neuron 'tau'"),
        ({"neurons": {"A": {"x0": math.nan}}}, "neuron x0 must be a finite number, got nan"),
        ({"time": 101.0}, "time must be in 0 .. 100, got 101.0"),
    ],
)
def test_bad_input_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        MotifBench(**arguments)
    assert message in str(caught.value)


def test_a_negative_conductance_set_later_is_refused() -> None:
    bench = MotifBench()
    with pytest.raises(ValueError, match="synapse conductance must not be negative"):
        bench.synapses = [bench.synapses[0] | {"conductance": -1.0}]


def test_the_output_has_a_still_picture() -> None:
    bundle = MotifBench("mutual exclusion")._repr_mimebundle_()
    assert bundle is not None
    assert "mutual exclusion" in bundle[0]["image/svg+xml"]
    assert bundle[0]["text/plain"] == "MotifBench('mutual exclusion', time=0)"


# --- in node --------------------------------------------------------------------------------


def ask(node: Node, front_ends: Path, data: Any, expression: str) -> Any:
    module = (front_ends / "motif_math.js").as_uri()
    return node(f'import * as m from "{module}";\nconsole.log(JSON.stringify({expression}));', data)


def test_rates_are_those_of_the_circuit(node: Node, front_ends: Path) -> None:
    rng = np.random.default_rng(15)
    benches = [random_bench(rng, count) for count in (2, 3) for _ in range(20)]
    data = [
        {
            "p": bench.as_state(),
            "x": rng.uniform(-90, 0, len(bench.neurons)).tolist(),
            "t": rng.uniform(0, 80),
        }
        for bench in benches
    ]
    got = ask(node, front_ends, data, "data.map(({p, x, t}) => m.rates(p, x, t))")
    for bench, case, rates in zip(benches, data, got, strict=True):
        wanted = bench.rates(np.array(case["x"]), case["t"])
        np.testing.assert_allclose(rates, wanted, rtol=1e-11, atol=1e-12)


def test_a_run_is_the_same_as_in_python(node: Node, front_ends: Path) -> None:
    benches = [random_bench(np.random.default_rng(16), 3), *MOTIFS.values()]
    got = ask(node, front_ends, [bench.as_state() for bench in benches], "data.map(m.run)")
    for bench, states in zip(benches, got, strict=True):
        np.testing.assert_allclose(states, bench.run(), rtol=0, atol=1e-7)


def test_resting_points_rest_and_are_as_stable_as_their_jacobian(
    node: Node, front_ends: Path
) -> None:
    rng = np.random.default_rng(17)
    pairs = [MOTIFS["mutual exclusion"], MOTIFS["activation"]]
    pairs += [random_bench(rng, 2, selves=False) for _ in range(20)]
    data = [bench.as_state() for bench in pairs]
    everything = ask(node, front_ends, data, "data.map((p) => m.fixedPoints(p, 5))")
    for bench, points in zip(pairs, everything, strict=True):
        stimulus = np.array([neuron.stimulus(5.0) for neuron in bench.neurons])
        assert len(points) % 2 == 1  # stable and unstable ones take turns
        for point in points:
            x = np.array(point["x"])
            np.testing.assert_allclose(bench.rates(x, 5.0), 0, atol=1e-8)
            eigenvalues = np.linalg.eigvals(bench.circuit.jacobian(x, stimulus))
            assert (eigenvalues.real.max() < 0) == point["stable"]
    assert [len(points) for points in everything[:2]] == [3, 1]


def test_nullclines_are_levels(node: Node, front_ends: Path) -> None:
    bench = MOTIFS["mutual exclusion"]
    got = ask(node, front_ends, bench.as_state(), "m.rest(data, 1, -45.5, 0)")
    assert got == pytest.approx(level(-45.5, bench.synapses[0], 3.0), rel=1e-12)


def test_the_fork_opens_where_the_gain_is_one(node: Node, front_ends: Path) -> None:
    rows = ask(node, front_ends, MOTIFS["mutual exclusion"].as_state(), "m.diagram(data, 0, 12)")
    for row in rows[1:]:
        _, gain = exclusion_gain(mutual_exclusion(row["strength"]), 3.0)
        if abs(gain - 1) > 0.05:
            assert (len(row["points"]) == 3) == (gain > 1), row["strength"]


# --- in the browser -------------------------------------------------------------------------


def choose(page: Any, name: str) -> None:
    page.get_by_label("circuit", exact=True).select_option(name)


def test_choosing_a_circuit_loads_it(mounted: Mounted) -> None:
    page = mounted(MotifBench())
    for name, bench in MOTIFS.items():
        choose(page, name)
        assert page.evaluate("model.get('synapses')") == bench.as_state()["synapses"]
        page.wait_for_function(
            "(n) => document.querySelectorAll('.cell').length === n", arg=len(bench.neurons)
        )
    assert page.complaints == []


@pytest.mark.parametrize("name", MOTIFS)
def test_the_caption_says_what_the_run_shows(mounted: Mounted, name: str) -> None:
    bench = MOTIFS[name]
    page = mounted(MotifBench(name, time=bench.horizon))
    said = page.locator(".caption").text_content()
    up = [n.name for n, x in zip(bench.neurons, bench.run()[-1], strict=True) if x > ACTIVE]
    shown = re.match(r"At [\d.]+ ms (?:all are quiet|(.*?) (?:are|is) active)", said)
    assert shown is not None
    assert re.findall("[ABC]", shown[1] or "") == up
    if name in ("rhythm of two", "ring of three"):
        assert "A rhythm" in said


def test_equal_rivals_are_not_said_to_exclude_each_other(mounted: Mounted) -> None:
    page = mounted(MotifBench())
    page.get_by_role("slider", name="strength of both synapses").fill("1")
    assert page.evaluate("model.get('synapses').map((s) => s.conductance)") == [1, 1]
    said = page.locator(".caption").text_content()
    assert "at the end A and B are" in said
    assert "there is one stable resting point" in said
    page.get_by_role("slider", name="strength of both synapses").fill("4")
    assert "there are 2 stable resting points" in page.locator(".caption").text_content()


def test_a_synapse_is_pulled_thicker_and_pressed_to_flip(mounted: Mounted) -> None:
    page = mounted(MotifBench("activation"))
    drag(page, page.locator(".synapse .wire"), dy=-40)
    (synapse,) = page.evaluate("model.get('synapses')")
    assert synapse["conductance"] == pytest.approx(8.4, abs=0.11)
    drag(page, page.locator(".synapse .wire"))
    assert page.evaluate("model.get('synapses')[0].reversal") == -90
    assert page.locator(".synapse.inhibits").count() == 1
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    assert page.evaluate("model.get('synapses')") == MOTIFS["activation"].as_state()["synapses"]
    assert page.complaints == []


def test_the_keyboard_edits_the_circuit(mounted: Mounted) -> None:
    page = mounted(MotifBench("activation"), reduced_motion="reduce")
    page.get_by_role("slider", name="Synapse A to B").press("ArrowUp")
    assert page.evaluate("model.get('synapses')[0].conductance") == pytest.approx(6.2)
    page.get_by_role("slider", name="Synapse A to B").press("Enter")
    assert page.evaluate("model.get('synapses')[0].reversal") == -90
    assert page.evaluate("document.activeElement.dataset.synapse") == "0"
    page.get_by_role("button", name="Poke B").press("Enter")
    poked = page.evaluate("model.get('neurons')[1]")
    assert (poked["height"], poked["on"], poked["off"]) == (9, 0, 15)


def test_the_time_is_read_off_the_run(mounted: Mounted) -> None:
    page = mounted(MotifBench("inhibition"))
    page.get_by_text("More:").click()
    page.get_by_role("slider", name="time shown").fill("40")
    bench = MOTIFS["inhibition"]
    a, b = bench.run()[round(40 / 80 * STEPS)]
    label = page.locator(".plot svg").first.get_attribute("aria-label").replace("−", "-")
    found = [float(text) for text in re.findall(r"is at (-?[\d.]+)", label)]
    assert found == pytest.approx([a, b], rel=5e-3)


def test_the_start_is_dragged_in_the_plane_and_the_strength_in_the_fork(mounted: Mounted) -> None:
    page = mounted(MotifBench())
    box = page.locator(".phase .field").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.3)
    page.mouse.up()
    starts = page.evaluate("model.get('neurons').map((neuron) => neuron.x0)")
    assert starts == pytest.approx([-65, -25], abs=3)
    before = page.evaluate("model.get('synapses')[0].conductance")
    slide = page.locator(".slide").bounding_box()
    page.mouse.move(slide["x"] + 8, slide["y"] + 2)
    page.mouse.down()
    page.mouse.move(slide["x"] + 68, slide["y"] + 2, steps=3)
    page.mouse.up()
    assert page.evaluate("model.get('synapses')[0].conductance") > before + 2


def test_play_moves_the_time(mounted: Mounted) -> None:
    page = mounted(MotifBench(), reduced_motion="reduce")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("model.get('time') >= 10")
    page.get_by_role("button", name="Pause").click()
    assert page.evaluate("model.get('time')") % 10 == 0  # few large steps instead of a motion


@pytest.mark.parametrize("width", [320, 900])
@pytest.mark.parametrize("name", ["mutual exclusion", "sequentialisation"])
def test_it_fits_the_page(mounted: Mounted, width: int, name: str) -> None:
    page = mounted(MotifBench(name), width=width, theme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []


def test_stimuli_are_a_level_and_a_pulse() -> None:
    neuron = replace(Neuron("A"), tonic=1.0, height=2.0, on=5.0, off=7.0)
    assert [neuron.stimulus(t) for t in (4.9, 5.0, 6.9, 7.0)] == [1, 3, 3, 1]


def test_every_plot_has_a_title_and_a_changed_circuit_says_so(mounted: Mounted) -> None:
    page = mounted(MotifBench())
    titles = [one.text_content() for one in page.locator(".plot .heading").all()]
    assert titles == ["What each neuron does", "B against A", "Where A rests"]
    label = page.locator(".labelled label")
    assert label.inner_text() == "circuit"
    page.get_by_role("slider", name="strength of both synapses").fill("1")
    page.wait_for_function("document.querySelector('.labelled label').innerText !== 'circuit'")
    assert label.inner_text() == "circuit, changed from"
    page.get_by_role("button", name="Undo").click()
    assert label.inner_text() == "circuit"


def test_the_ring_of_now_leaves_what_rests_to_be_seen(mounted: Mounted) -> None:
    page = mounted(MotifBench(time=45))
    ring = page.locator(".phase .state")
    assert ring.evaluate("(e) => getComputedStyle(e).fill") == "none"
    dot = page.locator(".phase .rest.stable").first
    assert float(ring.get_attribute("r")) - 1.5 > float(dot.get_attribute("r")) + 1
    radii = [float(one.get_attribute("r")) for one in page.locator("circle.now").all()]
    assert radii == sorted(set(radii), reverse=True), "of two at one place both are seen"


def test_where_a_pair_can_rest_is_said_once_for_the_whole_run(mounted: Mounted) -> None:
    said = {}
    for time in (0.0, 45.0, 55.0, 100.0):
        page = mounted(MotifBench(time=time))
        said[time] = page.locator(".caption").text_content().split("Without a pulse")[1]
        pulsed = page.locator(".plot .note").filter(has_text="pulsed").all_text_contents()
        assert pulsed == (["while B is pulsed"] if time == 55.0 else [])
    assert len(set(said.values())) == 1
    assert said[0.0] == (
        " there are 2 stable resting points: the start decides. While B is pulsed there is one."
    )
