"""w, a and w_l of LTCs are never negative where the model uses or saves them."""

import copy
import io
import pickle

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from ltcbook import TypeDescriptor, build
from ltcbook.nn.cells import ContinuousTimeCell
from ltcbook.nn.constraints import Constrained, lowest_values, project_
from ltcbook.nn.initialisation import Initialiser
from ltcbook.nn.synapses import Synapses

GATED = [d for d in TypeDescriptor.all() if d.gated and d.act == "sigm" and not d.lis]


def ltc(**options):
    return build("SA-LTC", 3, 4, 2, input_map="synaptic", seed=0, **options)


def noise(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def used(model):
    """What the equations of a model see of its constrained parameters."""
    cell = model.cell
    layers = [cell.recurrent, *([cell.sensory] if cell.descriptor.in_mode == "synaptic" else [])]
    found = [t for layer in layers for t in (layer.weights().w, layer.weights().a) if t is not None]
    return [*found, cell.value("w_l"), cell.C]


@pytest.mark.parametrize("descriptor", GATED, ids=str)
@pytest.mark.parametrize("optimiser", [torch.optim.SGD, torch.optim.Adam])
def test_after_every_step_of_any_optimiser(descriptor, optimiser):
    """A large step drives parameters below zero; neither the model nor a saved state sees it."""
    model = build(descriptor, 3, 4, 2, seed=0)
    steps = optimiser(model.parameters(), lr=0.5)
    below = False
    for _ in range(5):
        steps.zero_grad()
        closing = sum(t.sum() for t in used(model) if t.requires_grad)
        (model(noise(4, 3, 3))[0].square().mean() + closing).backward()
        steps.step()
        named = dict(model.named_parameters())
        below |= any(bool((named[name] < 0).any()) for name in lowest_values(model))
        saved = model.state_dict()
        assert all(bool((saved[name] >= low).all()) for name, low in lowest_values(model).items())
        assert all(bool((t >= 0).all()) for t in used(model))
    assert below


def test_also_when_somebody_writes_negative_numbers():
    model = ltc()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(-1.0)
    assert all(bool((t >= 0).all()) for t in used(model))
    project_(model)
    assert model.cell.w_l.min().item() == 0.0


def test_a_state_with_a_negative_conductance_is_refused():
    model = ltc()
    state = copy.deepcopy(model.state_dict())
    state["cell.recurrent.w"][1, 2] = -0.5
    with pytest.raises(RuntimeError, match=r"cell.recurrent.w must not be below 0.0, got -0.5"):
        model.load_state_dict(state)


def test_keys_are_plain():
    names = [name for name, _ in ltc().named_parameters()]
    layers = [f"cell.{layer}.{letter}" for layer in ("recurrent", "sensory") for letter in "wbae"]
    assert sorted(names) == sorted(["cell.w_l", *layers, "readout.weight", "readout.bias"])


def test_ct_rnns_are_free():
    """B enforces the conditions for LTCs alone."""
    model = build("SA-CT-RNN-S", 3, 4, 2, seed=0)
    assert bool((model.cell.recurrent.w < 0).any()) and lowest_values(model) == {}


def gradients(model, *batches):
    model.zero_grad()
    for u in batches:
        (model(u)[0].square().sum() + 30 * model.cell.recurrent.weights().w.sum()).backward()
    return [p.grad.clone() for p in model.parameters()]


@pytest.mark.parametrize("constraint", ["clamp", "softplus"])
def test_the_gradient_is_linear_in_the_loss(constraint):
    """Two micro-batches accumulate to what both give together, also on the bound."""
    model = ltc(dtype=torch.float64)
    draw = Initialiser(seed=0, dtype=torch.float64)
    descriptor = model.cell.descriptor
    model.cell = ContinuousTimeCell(descriptor, 3, 4, draw, constraint=constraint)
    with torch.no_grad():
        model.cell.recurrent.w[:2] = -0.3
    u, v = noise(2, 4, 3).double(), noise(2, 4, 3, seed=1).double()
    apart = [a + b for a, b in zip(gradients(model, u), gradients(model, v), strict=True)]
    for one, two in zip(apart, gradients(model, u, v), strict=True):
        torch.testing.assert_close(one, two, rtol=1e-12, atol=1e-12)
    assert all(bool((g != 0).any()) for g in apart)


class Value(Constrained):
    def __init__(self, start):
        super().__init__()
        self.w = nn.Parameter(torch.tensor(start))
        self.constrain("w")


@given(st.floats(-2, 2), st.floats(-2, 2))
def test_the_gradient_is_that_at_the_value_used(start, slope):
    module = Value(start)
    (slope * module.value("w")).backward()
    assert module.w.item() == max(torch.tensor(start).item(), 0.0)
    assert module.w.grad.item() == pytest.approx(slope)


def test_a_parameter_leaves_its_bound_at_the_first_step_away_from_it():
    """No memory of how often it was pushed against the bound, but for the optimiser's own."""
    module = Value(0.1)
    steps = torch.optim.SGD([module.w], lr=0.1)
    for target in [-1.0] * 50 + [1.0]:
        steps.zero_grad()
        (module.value("w") - target).square().backward()
        steps.step()
    assert module.value("w").item() == pytest.approx(0.2)


def test_two_passes_before_one_backward():
    """Projecting in the second pass does not invalidate the graph of the first."""
    model = ltc()
    with torch.no_grad():
        model.cell.recurrent.w[0, 0] = -1.0
    (model(noise(2, 3, 3))[0].sum() + model(noise(2, 3, 3, seed=1))[0].sum()).backward()


def test_pickle_torch_save_and_deepcopy():
    model = ltc()
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    u = noise(2, 3, 3)
    others = [
        torch.load(file, weights_only=False),
        pickle.loads(pickle.dumps(model)),
        copy.deepcopy(model),
    ]
    for other in others:
        assert torch.equal(other(u)[0], model(u)[0])
        with torch.no_grad():
            other.cell.recurrent.w.fill_(-1.0)
        assert bool((other.state_dict()["cell.recurrent.w"] == 0).all())


def test_softplus_keeps_the_value_it_was_given_and_any_parameter_positive():
    draw = (Initialiser(seed=3, dtype=torch.float64) for _ in range(2))
    descriptor = TypeDescriptor.parse("ctrnn_vsigm+s_linear")
    soft = Synapses(descriptor, 3, 4, next(draw), constraint="softplus")
    hard = Synapses(descriptor, 3, 4, next(draw))
    for one, two in zip(soft.weights(), hard.weights(), strict=True):
        torch.testing.assert_close(one, two, rtol=1e-12, atol=0)
    with torch.no_grad():
        soft.w.fill_(-30.0)
    assert bool((soft.weights().w > 0).all())
    assert lowest_values(soft) == {}
    with pytest.raises(ValueError, match="unknown constraint 'exp'"):
        Synapses(descriptor, 3, 4, Initialiser(seed=0), constraint="exp")


@pytest.mark.parametrize(
    "text", ["ctrnn_vsigm+s_linear", "ctrnn_vsigm_linear", "ctrnn_sigm+s_linear"]
)
def test_a_masked_synapse_stays_away(text):
    descriptor = TypeDescriptor.parse(text)
    mask = noise(4, 4) > 0
    cell = ContinuousTimeCell(descriptor, 3, 4, Initialiser(seed=0), recurrent_mask=mask)
    strength = getattr(cell.recurrent, cell.recurrent.strength)
    steps = torch.optim.Adam(cell.parameters(), lr=0.1)
    for _ in range(3):
        steps.zero_grad()
        cell.run(noise(2, 3, 3), cell.initial_state(2))[0].square().sum().backward()
        steps.step()
    assert bool((strength.grad[~mask] == 0).all()) and bool((strength.grad[mask] != 0).any())
    assert bool((cell.state_dict()[f"recurrent.{cell.recurrent.strength}"][~mask] == 0).all())
    with pytest.raises(ValueError, match=r"mask must have shape \(post, pre\) = \(4, 4\)"):
        Synapses(descriptor, 4, 4, Initialiser(seed=0), mask=mask[:3])
