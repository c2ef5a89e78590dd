"""Reading an SA-LTC: pulls add up to the rate, pruning removes what it says, lesions are found."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import ltcbook
from ltcbook.analysis.reading import (
    amplification,
    error,
    pruned,
    read,
    steepest,
    strongest,
)
from ltcbook.teaching.sealed import sealed_lesion

PLAIN = {"backend": "eager", "dtype": torch.float64}


def network(seed: int = 0) -> torch.nn.Module:
    return ltcbook.build("SA-LTC", 3, 5, 2, input_map="synaptic", seed=seed, **PLAIN)


def sequence(seed: int = 0) -> torch.Tensor:
    return torch.randn(6, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@given(st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_the_pulls_add_up_to_the_rate(seed: int) -> None:
    cell, u = network(seed).cell, sequence(seed)
    found = read(cell, u)
    with torch.no_grad():
        rate = cell.linear_form(found.states, cell.sense(u)).derivative(found.states)
    whole = (found.leak + found.currents.sum(-1)) / cell.C
    torch.testing.assert_close(whole, rate, rtol=1e-12, atol=1e-14)
    assert (found.conductances >= 0).all()


def test_the_sensitivity_is_the_current_times_what_is_still_closed() -> None:
    cell, u = network().cell, sequence()[:1]
    found = read(cell, u)
    x = found.states[0]

    def rate(state: torch.Tensor) -> torch.Tensor:
        return cell.linear_form(state[None], cell.sense(u)).derivative(state[None])[0]

    jacobian = torch.autograd.functional.jacobian(rate, x)
    w, a = (t.detach() for t in (cell.recurrent.w, cell.recurrent.a))
    sigma = found.conductances[0, :, :5] / w
    wanted = a * (1 - sigma) * found.currents[0, :, :5]
    outside = ~torch.eye(5, dtype=torch.bool)
    torch.testing.assert_close(jacobian[outside], wanted[outside], rtol=1e-10, atol=1e-14)


def test_pruning_removes_exactly_the_synapses_that_are_not_kept() -> None:
    model, u = network(), sequence()
    keep = strongest(torch.arange(40.0).reshape(5, 8), 0.25)
    assert int(keep.sum()) == 10 and bool(keep[4].all())
    conductances = read(pruned(model, keep).cell, u).conductances
    assert (conductances[:, ~keep] == 0).all() and (conductances[:, keep] > 0).all()
    everything = torch.ones(5, 8, dtype=torch.bool)
    y = torch.zeros(1, 6, 2, dtype=torch.float64)
    assert error(pruned(model, everything), u[None], y) == error(model, u[None], y)
    assert error(pruned(model, keep), u[None], y) != error(model, u[None], y)


def test_no_small_noise_is_amplified_more_than_the_steepest_direction() -> None:
    model, u = network(), sequence()
    gain = float(amplification(model, u[None], 1e-5)[-1])
    assert 0 < gain * (2 / (6 * 3)) ** 0.5 <= steepest(model, u) * 1.001


def test_a_lesion_is_one_missing_current() -> None:
    cell, u = network().cell, sequence()
    rates, sealed = sealed_lesion(cell, 1)
    found = read(cell, u)
    with torch.no_grad():
        whole = cell.linear_form(found.states[:1], cell.sense(u[:1])).derivative(found.states[:1])
    missing = (whole[0] - rates(found.states[0], u[0])) * cell.C
    post = int(missing.abs().argmax())
    assert int((missing.abs() > 1e-12).sum()) == 1
    pre = int((found.currents[0, post, 5:] - missing[post]).abs().argmin())
    assert sealed.check(post=post + 1, pre=pre + 1) == "post: found, pre: found"


def test_only_an_sa_ltc_with_synaptic_input_is_read() -> None:
    cell = ltcbook.build("SA-LTC", 3, 5, 2, input_map="linear", seed=0, **PLAIN).cell
    with pytest.raises(ValueError, match="cell must be an SA-LTC with synaptic input"):
        read(cell, sequence())
