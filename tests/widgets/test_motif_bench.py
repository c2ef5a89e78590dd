"""The motif bench: the Python object, its JavaScript in node, and both in a real browser."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ltcbook.widgets import MotifBench
from ltcbook.widgets.motif_math import (
    MOTIFS,
    SEEN,
    SENSORY,
    STEPS,
    Neuron,
    Pair,
    Synapse,
    as_state,
)

Mounted = Callable[..., Any]
Node = Callable[[str, Any], Any]


def random_pair(rng: np.random.Generator) -> Pair:
    def neuron() -> Neuron:
        return Neuron(
            C=rng.uniform(0.3, 3),
            w_l=rng.uniform(0.2, 2),
            e_l=rng.uniform(-0.2, 0.2),
            x0=rng.uniform(-1, 1),
            tonic=rng.uniform(0, 1),
            height=rng.uniform(-1, 1),
            on=rng.uniform(0, 9),
            off=rng.uniform(9, 20),
        )

    def synapse() -> Synapse:
        return Synapse(
            w=rng.uniform(0, 6),
            a=rng.uniform(0, 15),
            b=rng.uniform(-0.8, 0.2),
            e=float(rng.choice([-1.0, 1.0])),
        )

    return Pair((neuron(), neuron()), (synapse(), synapse()))


def as_parameters(pair: Pair) -> dict[str, Any]:
    return {**as_state(pair), "horizon": pair.horizon, "sensory": SENSORY}


# --- in Python ------------------------------------------------------------------------------


def test_without_synapses_each_neuron_is_a_leaky_membrane_with_an_input() -> None:
    neuron = Neuron(C=2.0, w_l=0.5, e_l=0.1, tonic=0.5)  # u = 0.5: the input opens half, v/2 = 1.5
    pair = Pair((neuron, neuron), (Synapse(w=0.0), Synapse(w=0.0)))
    x = np.array([0.3, -0.4])
    wanted = (0.5 * (0.1 - x) + 1.5 * (1.0 - x)) / 2.0
    np.testing.assert_allclose(pair.rates(x, 0.0), wanted, rtol=1e-13)
    rest = (0.5 * 0.1 + 1.5) / 2.0
    decay = math.exp(-20 * 2.0 / 2.0)
    assert pair.run()[-1, 0] == pytest.approx(rest + (0 - rest) * decay, abs=1e-8)


def test_one_synapse_moves_one_neuron_only() -> None:
    quiet, coupled = (
        Pair((Neuron(), Neuron()), (Synapse(w=w), Synapse(w=0.0))) for w in (0.0, 4.0)
    )
    x = np.array([0.7, 0.2])
    difference = coupled.rates(x, 0.0) - quiet.rates(x, 0.0)
    gate = 4 / (1 + math.exp(-10 * (0.7 - 0.5)))
    np.testing.assert_allclose(difference, [0, gate * (1 - 0.2)], atol=1e-14)


@pytest.mark.parametrize("name", MOTIFS)
def test_each_preset_forms_its_motif_and_behaves_like_it(name: str) -> None:
    pair = MOTIFS[name]
    assert pair.motif == name
    a, b = pair.run().T

    def at(t: float) -> int:
        return round(t / pair.horizon * STEPS)

    before, during, end = at(3.5), at(9.5), -1
    if name == "activation":
        assert b[before] < 0.15 and b[during] > 0.7 and b[end] < 0.15
    elif name == "inhibition":
        assert b[before] > 0.5 and b[during] < -0.2 and b[end] > 0.5
    elif name == "sequentialization":
        assert a.argmax() < b.argmax()  # first A, then B
        assert a.max() > 3 * a[end] and b[end] > 0.9 * b.max()
    elif name == "mutual exclusion":
        assert a[before] > 0.5 > 0 > b[before]
        assert b[end] > 0.5 > 0 > a[end]
    else:
        assert max(a[before], b[before]) < 0.2
        assert min(a[end], b[end]) > 0.7
        assert abs(a[end] - b[end]) < 1e-3


def test_two_synapses_that_are_absent_exciting_or_inhibiting_make_five_motifs() -> None:
    found = {
        Pair((Neuron(), Neuron()), (Synapse(w=w, e=e), Synapse(w=v, e=f))).motif
        for w, e in [(0, 1), (1, 1), (1, -1)]
        for v, f in [(0, 1), (1, 1), (1, -1)]
    }
    assert found == {"none", *MOTIFS}
    assert set(SEEN) == found


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"motif": "activasion"}, "unknown motif 'activasion'; did you mean 'activation'?"),
        ({"neurons": ({"C": 0.0}, {})}, "neuron C must be above 0, got 0.0"),
        ({"neurons": ({"tau": 1.0}, {})}, "unknown key of a neuron 'tau'"),
        ({"synapses": ({}, {"w": -1.0})}, "synapse w must not be negative, got -1.0"),
        ({"synapses": ({"e": math.nan}, {})}, "synapse e must be a finite number, got nan"),
        ({"synapses": ({},)}, "synapses must be two mappings, one each, got 1"),
        ({"time": 21.0}, "time must be in 0 .. 20, got 21.0"),
    ],
)
def test_bad_input_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        MotifBench(**arguments)
    assert message in str(caught.value)


def test_the_output_has_a_still_picture() -> None:
    bundle = MotifBench("mutual exclusion")._repr_mimebundle_()
    assert bundle is not None
    assert "mutual exclusion" in bundle[0]["image/svg+xml"]
    assert bundle[0]["text/plain"] == "MotifBench('mutual exclusion', time=0)"


# --- in node --------------------------------------------------------------------------------


def ask(node: Node, front_ends: Path, data: Any, expression: str) -> Any:
    module = (front_ends / "motif_math.js").as_uri()
    return node(f'import * as m from "{module}";\nconsole.log(JSON.stringify({expression}));', data)


def test_rates_are_those_of_b15(node: Node, front_ends: Path) -> None:
    rng = np.random.default_rng(15)
    pairs = [random_pair(rng) for _ in range(40)]
    data = [
        {"p": as_parameters(pair), "x": rng.uniform(-1, 1, 2).tolist(), "t": rng.uniform(0, 20)}
        for pair in pairs
    ]
    got = ask(node, front_ends, data, "data.map(({p, x, t}) => [m.rates(p, x, t), m.motifOf(p)])")
    for pair, case, (rates, motif) in zip(pairs, data, got, strict=True):
        wanted = pair.rates(np.array(case["x"]), case["t"])
        np.testing.assert_allclose(rates, wanted, rtol=1e-12, atol=1e-13)
        assert motif == pair.motif


def test_a_run_is_the_same_as_in_python(node: Node, front_ends: Path) -> None:
    rng = np.random.default_rng(16)
    pairs = [random_pair(rng), *MOTIFS.values()]
    got = ask(node, front_ends, [as_parameters(pair) for pair in pairs], "data.map(m.run)")
    for pair, states in zip(pairs, got, strict=True):
        np.testing.assert_allclose(states, pair.run(), rtol=1e-9, atol=1e-10)


def test_resting_points_rest_and_are_as_stable_as_their_jacobian(
    node: Node, front_ends: Path
) -> None:
    rng = np.random.default_rng(17)
    pairs = [*MOTIFS.values(), *(random_pair(rng) for _ in range(20))]
    data = [as_parameters(pair) for pair in pairs]
    everything = ask(node, front_ends, data, "data.map((p) => m.fixedPoints(p, 5))")
    for pair, points in zip(pairs, everything, strict=True):
        assert len(points) % 2 == 1  # stable and unstable ones take turns
        for point in points:
            x = np.array(point["x"])
            np.testing.assert_allclose(pair.rates(x, 5.0), 0, atol=1e-9)
            steps = 1e-6 * np.eye(2)
            jacobian = np.array(
                [(pair.rates(x + s, 5.0) - pair.rates(x - s, 5.0)) / 2e-6 for s in steps]
            ).T
            assert (np.linalg.eigvals(jacobian).real.max() < 0) == point["stable"]
    counts = dict(zip(MOTIFS, map(len, everything[:5]), strict=True))
    assert (counts["mutual exclusion"], counts["activation"]) == (3, 1)


def test_time_constants_are_capacitance_over_conductance(node: Node, front_ends: Path) -> None:
    pair = MOTIFS["inhibition"]
    got = ask(node, front_ends, as_parameters(pair), "m.timeConstant(data, 1, 0.75, 0)")
    gate, drive = 4 / (1 + math.exp(-10 * 0.25)), 3 / 2
    assert got == pytest.approx(1 / (1 + gate + drive), rel=1e-12)


# --- in the browser -------------------------------------------------------------------------


def test_choosing_a_motif_loads_it(mounted: Mounted) -> None:
    page = mounted(MotifBench())
    for name, pair in MOTIFS.items():
        page.get_by_role("radio", name=name).check(force=True)
        assert page.locator(".facts dd").first.text_content() == name
        assert page.evaluate("model.get('synapses')") == [asdict(s) for s in pair.synapses]
        assert page.locator(".lesson").text_content() == SEEN[name]
    assert page.locator("[aria-live=polite]").text_content().startswith("synchronization.")
    assert page.complaints == []


def test_the_time_slider_reads_the_run(mounted: Mounted) -> None:
    page = mounted(MotifBench("inhibition"))
    page.get_by_role("slider", name="time shown").fill("8")
    states = MOTIFS["inhibition"].run()[round(8 / 20 * STEPS)]
    shown = [page.locator(".facts dd").nth(k).text_content().replace("−", "-") for k in (1, 2)]
    assert [float(text) for text in shown] == pytest.approx(states.tolist(), rel=5e-3)


def test_a_synapse_that_changes_sign_changes_the_motif(mounted: Mounted) -> None:
    page = mounted(MotifBench("mutual exclusion", time=2.0))
    assert page.locator(".rest.stable").count() == 2
    page.get_by_label("reversal potential of synapse A → B").fill("1")
    assert page.locator(".facts dd").first.text_content() == "sequentialization"
    page.get_by_label("strength, 0: none of synapse B → A").fill("0")
    page.get_by_label("strength, 0: none of synapse A → B").fill("0")
    assert page.locator(".facts dd").first.text_content() == "none"
    assert page.locator(".choice input:checked").count() == 0


def test_the_start_is_dragged_in_the_phase_portrait(mounted: Mounted) -> None:
    page = mounted(MotifBench("mutual exclusion"))
    box = page.locator(".area").bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    page.mouse.up()
    starts = page.evaluate("model.get('neurons').map((neuron) => neuron.x0)")
    assert starts == pytest.approx([-0.55, 0.55], abs=0.02)


def test_play_moves_the_time(mounted: Mounted) -> None:
    page = mounted(MotifBench(), reduced_motion="reduce")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("model.get('time') >= 1")
    page.get_by_role("button", name="Pause").click()
    assert page.evaluate("model.get('time')") % 1 == 0  # few large steps instead of a motion


@pytest.mark.parametrize("width", [320, 900])
def test_it_fits_the_page(mounted: Mounted, width: int) -> None:
    page = mounted(MotifBench("synchronization"), width=width, theme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []
