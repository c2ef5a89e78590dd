"""The motifs: circuits agree with B.13, and the three statements of the chapter hold."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import ltcbook
from ltcbook import equations
from ltcbook.analysis.motif_search import (
    count_motifs,
    mean_currents,
    rewired,
    shuffled,
    strongest,
)
from ltcbook.analysis.motifs import (
    INHIBITORY,
    REST,
    Circuit,
    Synapse,
    exclusion_gain,
    level,
    mutual_exclusion,
    relay,
)
from ltcbook.papers.equations import Array
from ltcbook.teaching.sealed import sealed_motif_synapse

seeds = st.integers(0, 10_000)


def random_circuit(rng: np.random.Generator, n: int) -> Circuit:
    """All pairs of different neurons connected, posts at random."""
    synapses = tuple(
        Synapse(j, i, rng.uniform(0, 8), rng.uniform(-90, 0), rng.uniform(-60, -20), 0.2)
        for j in range(n)
        for i in range(n)
        if i != j
    )
    return Circuit(tuple("ABCD"[:n]), synapses, tuple(rng.uniform(5, 20, n)))


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_a_circuit_is_equation_b13(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 5))
    circuit, x = random_circuit(rng, n), rng.uniform(-90, 0, n)
    w, a, b, e = (np.zeros((n, n)) for _ in range(4))
    for s in circuit.synapses:
        at = s.source, s.target
        w[at], a[at], b[at], e[at] = s.conductance, s.slope, -s.slope * s.midpoint, s.reversal
    leak, rest = np.full(n, circuit.leak), np.full(n, REST)
    paper = equations["B.13"](x, leak, rest, w, a, b, e, np.array(circuit.capacitance))
    np.testing.assert_allclose(circuit.rate(x), paper, rtol=1e-12)


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_the_jacobian_is_the_derivative_of_the_rate(seed: int) -> None:
    rng = np.random.default_rng(seed)
    circuit, x, h = random_circuit(rng, 3), rng.uniform(-90, 0, 3), 1e-5
    numeric = np.stack(
        [(circuit.rate(x + h * d) - circuit.rate(x - h * d)) / (2 * h) for d in np.eye(3)], axis=1
    )
    np.testing.assert_allclose(circuit.jacobian(x), numeric, rtol=1e-6, atol=1e-7)


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_without_self_synapses_the_divergence_is_below_minus_the_leak(seed: int) -> None:
    rng = np.random.default_rng(seed)
    circuit, x = random_circuit(rng, 2), rng.uniform(-90, 0, 2)
    bound = -sum(circuit.leak / C for C in circuit.capacitance)  # type: ignore[union-attr]
    assert np.trace(circuit.jacobian(x)) < bound


def test_a_self_synapse_can_make_the_divergence_positive() -> None:
    circuit = Circuit(("E",), (Synapse(0, 0, 5.0, 0.0),))
    assert np.trace(circuit.jacobian(np.array([-40.0]))) > 0


@given(st.floats(0.2, 12), st.floats(0.05, 0.5), st.floats(0.5, 6))
@settings(max_examples=25, deadline=None)
def test_rivals_have_two_outcomes_exactly_when_the_gain_is_above_one(
    conductance: float, slope: float, stimulus: float
) -> None:
    circuit = mutual_exclusion(conductance, slope)
    common, gain = exclusion_gain(circuit, stimulus)
    if abs(gain - 1) < 0.02:  # too near the border for a search on a grid
        return
    synapse = circuit.synapses[0]
    x = np.linspace(common + 1e-3, 0.0, 4000)
    there_and_back = [level(level(v, synapse, stimulus), synapse, stimulus) - v for v in x]
    crossings = int((np.diff(np.sign(there_and_back)) != 0).sum())
    if gain > 1:
        assert crossings >= 1
    eigenvalues = np.linalg.eigvals(circuit.jacobian(np.full(2, common), np.full(2, stimulus))).real
    assert (eigenvalues.max() > 0) == (gain > 1)


@given(seeds)
@settings(max_examples=10, deadline=None)
def test_a_common_drive_brings_equal_neurons_together_at_least_as_fast_as_the_leak(
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    g = float(rng.uniform(0, 10))
    circuit = Circuit(("C", "A", "B"), (Synapse(0, 1, g, 0.0), Synapse(0, 2, g, 0.0)))
    start = rng.uniform(-90, 0, 3)
    t, x = circuit.simulate(30.0, lambda _: np.array([3.0, 0.0, 0.0]), start)
    apart = np.abs(x[:, 1] - x[:, 2])
    assert (apart <= apart[0] * np.exp(-t * circuit.leak / 10.0) + 1e-3).all()


def test_motifs_are_counted_by_hand() -> None:
    signs = np.zeros((4, 4))
    signs[1, 0] = signs[2, 0] = 1  # 0 excites 1 and 2
    signs[0, 1] = -1  # 1 inhibits 0: a sequence
    signs[2, 3] = signs[3, 2] = -1  # 2 and 3 exclude each other
    assert count_motifs(signs) == {
        "activation": 2,
        "inhibition": 3,
        "sequence": 1,
        "exclusion": 1,
        "synchrony": 1,
    }
    mixed = shuffled(signs, np.random.default_rng(0))
    assert np.diag(mixed).sum() == 0
    assert sorted(mixed.ravel()) == sorted(signs.ravel())


def test_the_mean_current_is_what_the_linear_form_adds_up() -> None:
    model = ltcbook.build("SA-LTC", 3, 5, 2, input_map="synaptic", seed=0, dtype=torch.float64)
    x = torch.linspace(-1, 1, 5, dtype=torch.float64)[None]
    currents = mean_currents(model.cell, x)
    form = model.cell.linear_form(x)
    leak = model.cell.w_l * (model.cell.rest - x)
    whole = (form.derivative(x) * model.cell.C - leak)[0].detach().numpy()
    np.testing.assert_allclose(currents.sum(1), whole, rtol=1e-12, atol=1e-12)
    assert np.count_nonzero(strongest(currents, 6)) == 6


def test_only_an_sa_ltc_has_currents_of_single_synapses() -> None:
    cell = ltcbook.build("NA-LTC", 3, 5, 2, seed=0).cell
    with pytest.raises(ValueError, match="cell must be an SA-LTC, got ctrnn_vsigm\\+_linear"):
        mean_currents(cell, torch.zeros(1, 5))


def test_inhibition_pulls_to_its_post() -> None:
    circuit = Circuit(("A", "B"), (Synapse(0, 1, 1e6, INHIBITORY),))
    _, x = circuit.simulate(50.0, lambda _: np.array([10.0, 0.0]))
    assert x[-1, 1] == pytest.approx(INHIBITORY, abs=0.1)


def test_two_synapses_between_the_same_neurons_are_refused() -> None:
    with pytest.raises(ValueError, match="synapses must join different pairs of neurons"):
        Circuit(("A", "B"), (Synapse(0, 1, 1.0, 0.0), Synapse(0, 1, 1.0, -90.0)))


def test_the_relay_hands_on_and_the_rivals_decide() -> None:
    def touch(t: float) -> Array:
        return np.array([4.0 if 10 < t < 30 else 0.0, 0.0, 0.0])

    _, x = relay(forward=0.6, back=4.0).simulate(100.0, touch)
    assert (x[-1] > -40).tolist() == [False, False, True]
    assert all((x[:, k] > -40).any() for k in range(3))
    _, x = mutual_exclusion(4.0).simulate(100.0, lambda _: np.full(2, 3.0), (-60.0, -61.0))
    assert x[-1, 0] > -20 and x[-1, 1] < -50


def test_a_sealed_synapse_answers() -> None:
    respond, sealed = sealed_motif_synapse(5)
    assert -70 < respond(-80.0) < respond(-40.0) < respond(0.0) < 0
    assert sealed.check(conductance=100.0) == "conductance: far too high"


def test_rewiring_keeps_every_neurons_synapses() -> None:
    rng = np.random.default_rng(0)
    signs = np.where(rng.random((8, 8)) < 0.4, rng.choice((-1.0, 1.0), (8, 8)), 0.0)
    np.fill_diagonal(signs, 0.0)
    mixed = rewired(signs, rng)
    assert (mixed != signs).sum() > 8 and not np.diag(mixed).any()
    for sign in (-1.0, 1.0):
        for axis in (0, 1):
            before, after = ((m == sign).sum(axis) for m in (signs, mixed))
            np.testing.assert_array_equal(before, after)


@given(st.floats(0.2, 12), st.floats(0.05, 0.5), st.floats(0.5, 6))
@settings(max_examples=40, deadline=None)
def test_rivals_decide_exactly_when_the_gain_is_above_one(w: float, a: float, s: float) -> None:
    circuit = mutual_exclusion(w, a)
    common, gain = exclusion_gain(circuit, s)
    if abs(gain - 1) < 0.05:
        return  # at the border the iteration below takes for ever
    synapse, pair = circuit.synapses[0], [0.0, -90.0]
    for _ in range(4000):
        pair = [level(v, synapse, s) for v in pair[::-1]]
    assert (abs(pair[0] - pair[1]) > 1e-3) == (gain > 1)
    assert (abs(pair[0] - common) > 1e-3) == (gain > 1)
