"""w, a and w_l of LTCs are never negative: a property of the model."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ltcbook import TypeDescriptor, build
from ltcbook.constraints import NonNegative

GATED = [d for d in TypeDescriptor.all() if d.gated and d.act == "sigm" and not d.lis]


def conductances_and_slopes(model):
    cell = model.cell
    layers = [cell.recurrent, *([cell.sensory] if cell.descriptor.in_mode == "synaptic" else [])]
    found = [t for layer in layers for t in (layer.weights().w, layer.weights().a) if t is not None]
    return [*found, cell.w_l, cell.C]


@pytest.mark.parametrize("descriptor", GATED, ids=str)
@pytest.mark.parametrize("optimiser", [torch.optim.SGD, torch.optim.Adam])
def test_after_every_step_of_any_optimiser(descriptor, optimiser):
    """A large step drives parameters below zero; readers never see it."""
    model = build(descriptor, 3, 4, 2, seed=0)
    steps = optimiser(model.parameters(), lr=0.5)
    u = torch.randn(4, 3, 3, generator=torch.Generator().manual_seed(0))
    for _ in range(5):
        steps.zero_grad()
        closing = sum(t.sum() for t in conductances_and_slopes(model) if t.requires_grad)
        (model(u)[0].square().mean() + closing).backward()
        steps.step()
        assert all(bool((t >= 0).all()) for t in conductances_and_slopes(model))
    raw = [p for n, p in model.named_parameters() if n.endswith("original")]
    assert any(bool((p < 0).any()) for p in raw)


def test_also_when_somebody_writes_negative_numbers_into_the_raw_parameter():
    model = build("SA-LTC", 3, 4, 2, seed=0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(-1.0)
    assert all(bool((t >= 0).all()) for t in conductances_and_slopes(model))


def test_assigning_a_negative_conductance_is_refused():
    model = build("SA-LTC", 3, 4, 2, seed=0)
    with pytest.raises(ValueError, match="must not be negative, got -0.5"):
        model.cell.w_l = torch.full((4,), -0.5)


def test_ct_rnns_are_free():
    """B enforces the conditions for LTCs alone."""
    model = build("SA-CT-RNN-S", 3, 4, 2, seed=0)
    assert bool((model.cell.recurrent.w < 0).any())


@given(st.floats(-2, 2), st.floats(-2, 2))
def test_gradient_passes_unless_it_pushes_further_out(raw, gradient):
    parameter = torch.tensor(raw, requires_grad=True)
    value = NonNegative()(parameter)
    value.backward(torch.tensor(gradient))
    assert value.item() == max(parameter.item(), 0.0)
    # Descent moves against the gradient: a positive one pushes a parameter at the bound out.
    blocked = parameter.item() <= 0 and gradient >= 0
    assert parameter.grad.item() == (0.0 if blocked else pytest.approx(gradient))


def test_a_parameter_at_zero_comes_back():
    parameter = torch.tensor(-0.2, requires_grad=True)
    steps = torch.optim.SGD([parameter], lr=0.1)
    for _ in range(40):
        steps.zero_grad()
        (NonNegative()(parameter) - 1).square().backward()
        steps.step()
    assert parameter.item() == pytest.approx(1.0, abs=1e-2)
