"""An LTC without recurrent synapses is one parallel scan."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import ltcbook
from ltcbook.analysis.linear_scan import (
    Affine,
    affine_steps,
    by_scan,
    combine,
    scan,
    states,
    states_by_loop,
    without_recurrence,
)
from ltcbook.experiments.scan_times import WAYS, compiled_loop, seconds
from ltcbook.nn.sequence import RecurrentNetwork

DOUBLE = torch.float64


def maps(length: int, seed: int, neurons: int = 3) -> Affine:
    generator = torch.Generator().manual_seed(seed)
    shape = (2, length, neurons)
    return Affine(
        torch.rand(shape, dtype=DOUBLE, generator=generator),
        torch.randn(shape, dtype=DOUBLE, generator=generator),
    )


@given(length=st.integers(1, 40), seed=st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_the_scan_gives_what_the_loop_gives(length: int, seed: int) -> None:
    steps, x0 = maps(length, seed), torch.ones(2, 3, dtype=DOUBLE)
    torch.testing.assert_close(states(steps, x0), states_by_loop(steps, x0), rtol=1e-12, atol=1e-12)


def test_combining_is_associative_and_does_not_commute() -> None:
    one, two, three = (Affine(*(part[:, k] for part in maps(3, 0))) for k in range(3))
    left, right = combine(combine(one, two), three), combine(one, combine(two, three))
    torch.testing.assert_close(left.b, right.b, rtol=1e-12, atol=0)
    assert not torch.allclose(combine(one, two).b, combine(two, one).b)


def test_gradients_go_through_the_scan() -> None:
    a, b = (part.requires_grad_() for part in maps(13, 1))
    x0 = torch.zeros(2, 3, dtype=DOUBLE)
    by_scan = torch.autograd.grad(states(Affine(a, b), x0).square().sum(), (a, b))
    by_loop = torch.autograd.grad(states_by_loop(Affine(a, b), x0).square().sum(), (a, b))
    torch.testing.assert_close(by_scan, by_loop, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", ["SA-LTC", "NA-LTC", "SA-CT-RNN-S"])
@pytest.mark.parametrize("unfolds", [1, 4])
def test_the_scan_is_the_network_stepped_by_exponential_euler(name: str, unfolds: int) -> None:
    clock = {"solver": "exponential-euler", "unfolds": unfolds, "backend": "eager"}
    model = ltcbook.build(name, 3, 5, 2, input_map="synaptic", seed=0, dtype=DOUBLE, **clock)
    assert isinstance(model, RecurrentNetwork)
    u = torch.randn(2, 17, 3, dtype=DOUBLE, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        driven = by_scan(model)
        torch.testing.assert_close(driven(u)[0], model(u)[0], rtol=1e-12, atol=1e-13)


def test_recurrent_synapses_are_refused() -> None:
    model = ltcbook.build("SA-LTC", 3, 5, 2, input_map="synaptic", seed=0)
    with pytest.raises(ValueError, match="the cell must have no recurrent synapses"):
        affine_steps(model.cell, torch.zeros(1, 4, 3))
    without_recurrence(model.cell)
    assert affine_steps(model.cell, torch.zeros(1, 4, 3)).a.shape == (1, 4, 5)
    assert not any(p.requires_grad for p in model.cell.recurrent.parameters())


def test_the_scan_of_one_map_is_that_map() -> None:
    steps = maps(1, 0)
    assert torch.equal(scan(steps).a, steps.a)


def test_a_mask_skips_steps_as_the_network_does() -> None:
    clock = {"solver": "exponential-euler", "unfolds": 1, "backend": "eager"}
    model = ltcbook.build("SA-LTC", 3, 5, 2, input_map="synaptic", seed=0, dtype=DOUBLE, **clock)
    assert isinstance(model, RecurrentNetwork)
    generator = torch.Generator().manual_seed(1)
    u = torch.randn(4, 9, 3, dtype=DOUBLE, generator=generator)
    mask = torch.rand(4, 9, generator=generator) < 0.6
    with torch.no_grad():
        scanned = by_scan(model)
        torch.testing.assert_close(scanned(u, mask=mask)[0], model(u, mask=mask)[0])
        whole, last = scanned(u)
        first, between = scanned(u[:, :4])
        second, end = scanned(u[:, 4:], between)
    torch.testing.assert_close(torch.cat([first, second], 1), whole)
    torch.testing.assert_close(end, last)


def test_what_is_no_ct_rnn_cannot_be_scanned() -> None:
    with pytest.raises(ValueError, match="model must be a CT-RNN or LTC with a type descriptor"):
        by_scan(ltcbook.build("LSTM", 3, 5, 2, seed=0))  # type: ignore[arg-type]


@pytest.mark.parametrize("length", [1, 7])
def test_the_compiled_loop_is_the_loop(length: int) -> None:
    steps, x0 = maps(length, 3), torch.ones(2, 3, dtype=DOUBLE)
    by_loop = states_by_loop(steps, x0)
    assert torch.allclose(compiled_loop(steps, x0), by_loop, rtol=1e-12, atol=1e-14)
    assert (x0 == 1).all()


def test_times_are_told_for_each_way() -> None:
    took = seconds(5, batch=1, neurons=2, repeats=1)
    assert set(took) == set(WAYS) and min(took.values()) > 0
