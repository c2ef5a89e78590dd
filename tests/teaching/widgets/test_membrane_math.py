"""The Python arithmetic of the membrane stepper against closed forms."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltcbook.teaching.widgets.membrane_math import (
    METHODS,
    SCALES,
    Membrane,
    Synapse,
    first_row,
    rescale,
    verdict,
)


def finite(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


def synapses(own: bool = False) -> st.SearchStrategy[Synapse]:
    x = finite(-1.5, 1.5)
    return st.builds(
        Synapse,
        w=finite(0, 5),
        a=finite(0, 10),
        b=finite(-1.5, 1.5),
        e=finite(-1, 1),
        x=st.none() | x if own else x,
    )


def membranes(own: bool = False) -> st.SearchStrategy[Membrane]:
    return st.builds(
        Membrane,
        C=finite(0.1, 5),
        w_l=finite(0.01, 2),
        e_l=finite(-1, 1),
        dt=finite(0.01, 3),
        synapses=st.lists(synapses(own), max_size=4).map(tuple),
    )


def conductances(membrane: Membrane) -> list[tuple[float, float]]:
    """(g, e) of the leak and of each synapse, written out once more by hand."""
    gates = [s.w / (1 + math.exp(-s.a * (s.x + s.b))) for s in membrane.synapses if s.x is not None]
    reversals = [s.e for s in membrane.synapses]
    return [(membrane.w_l, membrane.e_l), *zip(gates, reversals, strict=True)]


@given(membranes(), finite(-3, 3))
def test_time_constant_and_equilibrium_are_the_closed_forms(membrane: Membrane, x: float) -> None:
    all_g = conductances(membrane)
    total = sum(g for g, _ in all_g)
    rate, drive = membrane.linear_form(x)
    assert rate == pytest.approx(total / membrane.C, rel=1e-12)
    assert drive / rate == pytest.approx(sum(g * e for g, e in all_g) / total, rel=1e-9, abs=1e-12)


@given(membranes(), finite(-3, 3))
def test_each_method_is_its_textbook_formula(membrane: Membrane, x: float) -> None:
    all_g = conductances(membrane)
    h, total = membrane.dt / membrane.C, sum(g for g, _ in all_g)
    pull = sum(g * e for g, e in all_g)
    equilibrium, tau = pull / total, membrane.C / total
    near = {"rel": 1e-9, "abs": 1e-10}
    assert membrane.next(x, "explicit") == pytest.approx(x + h * (pull - total * x), **near)
    assert membrane.next(x, "semi_implicit") == pytest.approx(
        (x + h * pull) / (1 + h * total), **near
    )
    exact = equilibrium + (x - equilibrium) * math.exp(-membrane.dt / tau)
    assert membrane.next(x, "exponential") == pytest.approx(exact, **near)
    assert membrane.exact_path(x)[-1] == pytest.approx(exact, **near)


@given(membranes(own=True), finite(-1, 1))
def test_semi_implicit_euler_stays_between_start_and_reversal_potentials(
    membrane: Membrane, x: float
) -> None:
    levels = [x, membrane.e_l, *(s.e for s in membrane.synapses)]
    result = membrane.next(x, "semi_implicit")
    assert min(levels) - 1e-9 <= result <= max(levels) + 1e-9


def test_a_neuron_that_talks_to_itself_is_followed_to_many_digits() -> None:
    # With w = 0 the Runge-Kutta path must meet the closed form of the bare leak. Its error is
    # about (h/tau)^4 / 120 times the distance: 64 steps within dt/tau = 2 leave 2e-9.
    silent = Synapse(w=0.0, a=5.0, b=-0.5, e=1.0, x=None)
    membrane = Membrane(C=1.0, w_l=2.0, e_l=0.3, dt=1.0, synapses=(silent,))
    assert membrane.exact_path(1.0)[-1] == pytest.approx(0.3 + 0.7 * math.exp(-2), abs=3e-9)
    # With the synapse at work: one step of 1 agrees with four steps of a quarter.
    loud = replace(membrane, synapses=(replace(silent, w=3.0),))
    quarter, x = replace(loud, dt=0.25), 0.2
    for _ in range(4):
        x = quarter.exact_path(x)[-1]
    assert loud.exact_path(0.2)[-1] == pytest.approx(x, abs=1e-8)
    # And exponential Euler, which freezes the conductance, no longer is exact.
    assert abs(loud.next(0.2, "exponential") - x) > 1e-2


def test_explicit_euler_explodes_beyond_two_and_is_held_where_it_is_still_a_number() -> None:
    membrane = Membrane(C=1.0, w_l=2.0, e_l=0.0, dt=3.0)
    assert verdict(membrane.dt * membrane.linear_form(0.0)[0]) == "exploding"
    rows = list(membrane.run(1.0, 60))
    assert rows[3]["explicit"] == pytest.approx((1 - 6) ** 3)
    assert abs(rows[-1]["explicit"]) == 1e15
    assert abs(rows[-1]["semi_implicit"]) < 1e-9


@pytest.mark.parametrize(
    ("ratio", "word"),
    [(0.5, "monotone"), (1.0, "monotone"), (1.5, "oscillating"), (2.0, "swinging for ever")],
)
def test_the_word_says_what_explicit_euler_does(ratio: float, word: str) -> None:
    assert verdict(ratio) == word
    membrane = Membrane(C=1.0, w_l=1.0, e_l=0.0, dt=ratio)
    errors = [row["explicit"] for row in membrane.run(1.0, 20)]
    swings = any(error < 0 for error in errors)
    assert swings == (word != "monotone")
    assert (abs(errors[-1]) < 1) == (word != "swinging for ever")


@given(membranes(own=True), finite(-1, 1))
def test_the_scales_translate_rest_and_polarity_and_back(membrane: Membrane, x0: float) -> None:
    # The reversal potentials become the scale's own, so start from a neuron that has those.
    unit = SCALES["unit"]
    own = tuple(replace(s, e=unit.reversal(s.e, membrane.e_l)) for s in membrane.synapses)
    start = replace(membrane, e_l=membrane.e_l / 2, synapses=own)
    there, x_there = rescale(start, x0, "unit", "millivolt")
    assert there.e_l == pytest.approx(-70 + 70 * start.e_l)
    assert {s.e for s in there.synapses} <= {0.0, -90.0}
    for before, after in zip(start.synapses, there.synapses, strict=True):
        if before.x is not None and after.x is not None:
            assert after.a * (after.x + after.b) == pytest.approx(
                before.a * (before.x + before.b), abs=1e-9
            )
    if there.e_l > -90:  # below, every reversal potential would count as excitatory
        back, x_back = rescale(there, x_there, "millivolt", "unit")
        assert x_back == pytest.approx(x0, abs=1e-12)
        assert [s.e for s in back.synapses] == [s.e for s in start.synapses]


def test_a_history_starts_with_every_method_at_the_same_potential() -> None:
    assert first_row(0.5) == {"t": 0.0, "exact": 0.5, "path": [], **dict.fromkeys(METHODS, 0.5)}
