"""The sealed exercises can be solved from what they let one measure, and give nothing away."""

from __future__ import annotations

import numpy as np
import pytest

from ltcbook.teaching.exercises import (
    Sealed,
    sealed_counter,
    sealed_membrane,
    sealed_neuron,
    sealed_string,
    sealed_synapse,
)


@pytest.mark.parametrize("seed", range(5))
def test_a_neuron_is_found_by_clamping_it(seed: int) -> None:
    rate, sealed = sealed_neuron(seed)
    low, high = np.array([-60.0, -50.0]), np.array([50.0, 60.0])
    leak = -(rate(low)[1] - rate(low)[0]) / 10
    weight = rate(high)[1] + leak * 60
    x = np.linspace(-10, 10, 20001)
    midpoint = x[np.argmin(np.abs(rate(x) + leak * x - weight / 2))]
    answer = sealed.check(leak=leak, weight=weight, midpoint=midpoint)
    assert answer == "leak: found, weight: found, midpoint: found"


@pytest.mark.parametrize("seed", range(5))
def test_a_synapse_is_found_by_two_clamps(seed: int) -> None:
    current, sealed = sealed_synapse(seed)
    at_0, at_1 = current(10.0, 0.0), current(10.0, 1.0)
    w = at_0 - at_1
    gates = [current(x, 0.0) / at_0 for x in (0.4, 0.6)]
    logits = [np.log(g / (1 - g)) for g in gates]
    a = (logits[1] - logits[0]) / 0.2
    answer = sealed.check(e=at_0 / w, w=w, a=a, midpoint=0.4 - logits[0] / a)
    assert answer == "e: found, w: found, a: found, midpoint: found"


@pytest.mark.parametrize("seed", range(6))
def test_a_formula_is_found_by_counting(seed: int) -> None:
    count, sealed = sealed_counter(seed)
    nn = (count(3, 1, 1) - 2 * count(2, 1, 1) + count(1, 1, 1)) // 2
    mn = count(2, 2, 1) - count(2, 1, 1) - count(1, 2, 1) + count(1, 1, 1)
    m = count(1, 2, 1) - count(1, 1, 1) - mn
    n = count(1, 1, 1) - nn - mn - m - 2
    assert sealed.check(nn=nn, mn=mn, n=n, m=m) == "nn: found, mn: found, n: found, m: found"


@pytest.mark.parametrize("seed", range(6))
def test_a_type_is_found_by_three_currents(seed: int) -> None:
    current, sealed = sealed_string(seed)
    far, at_0, at_1 = current(-50.0, 0.0), current(50.0, 0.0), current(50.0, 1.0)
    gated, tanh = float(at_0 != at_1), float(abs(far) > 1e-6)
    anchor = at_0 / (at_0 - at_1) if gated else 0.0
    answer = sealed.check(gated=gated, tanh=tanh, anchor=anchor)
    assert answer == "gated: found, tanh: found, anchor: found"


def test_the_sealed_types_are_not_all_alike() -> None:
    kinds = set()
    for seed in range(20):
        current, _ = sealed_string(seed)
        gated = current(50.0, 0.0) != current(50.0, 1.0)
        kinds.add((gated, abs(current(-50.0, 0.0)) > 1e-6))
    assert len(kinds) == 4


def test_a_wrong_guess_is_told_the_direction_and_the_seal_shows_no_number() -> None:
    sealed = Sealed(tau=2.0)
    assert sealed.check(tau=1.0) == "tau: too low"
    assert sealed.check(tau=3.0) == "tau: too high"
    assert repr(sealed) == "Sealed(tau)"
    with pytest.raises(ValueError, match="tau must be a finite number, got nan"):
        sealed.check(tau=float("nan"))


def test_an_answer_says_how_far_off_a_guess_is_and_not_by_how_much() -> None:
    sealed = Sealed(e=-2.0, gated=0.0)
    answers = [sealed.check(e=guess) for guess in (-2.05, -1.7, -3.5, 2.0, -4.5)]
    assert answers == [
        "e: found",
        "e: close, a little too high",
        "e: too low",
        "e: far too high",
        "e: far too low",
    ]
    assert sealed.check(gated=False, e=np.float32(-2.0)) == "gated: found, e: found"
    assert sealed.check(gated=True) == "gated: too high"


@pytest.mark.parametrize("guess", ["10", None, [1.0, 2.0], float("inf"), np.ones(3)])
def test_a_guess_that_is_no_number_is_refused_by_its_name(guess) -> None:
    with pytest.raises(ValueError, match="tau must be a finite number, got "):
        Sealed(tau=10.0).check(tau=guess)


def test_an_empty_check_says_what_to_give() -> None:
    with pytest.raises(ValueError, match=r"check\(tau=\.\.\., equilibrium=\.\.\.\)"):
        sealed_membrane(0)[1].check()


@pytest.mark.parametrize("times", [-1, [3.0, -1.0], float("nan")])
def test_nothing_was_recorded_before_the_start(times) -> None:
    record, _ = sealed_membrane(7)
    with pytest.raises(ValueError, match="t must be at least 0, in ms after the start, got -1|nan"):
        record(times)
    assert record(0.0) == pytest.approx(-70.0)
