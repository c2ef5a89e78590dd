"""Networks taken over from ncps give its outputs and its gradients, in float64, to rounding."""

from __future__ import annotations

import ncps.torch
import ncps.wirings
import pytest
import torch

from ltcbook import from_ncps

TIGHT = {"rtol": 1e-10, "atol": 1e-12}
BACKBONES = ["lecun_tanh", "tanh", "relu", "silu", "gelu"]


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.float64, generator=generator)


def trained(kind: str, *sizes: object, **options: object) -> torch.nn.Module:
    """A model of ncps in float64 whose parameters are not those of its start."""
    torch.manual_seed(0)
    model = getattr(ncps.torch, kind)(*sizes, **options).double()
    with torch.no_grad():
        for p in model.parameters():
            if p.requires_grad:
                p.mul_(1 + 0.3 * torch.rand_like(p)).add_(0.05 * torch.rand_like(p))
    return model.eval()


def assert_the_same(theirs: torch.nn.Module, inputs: int = 5) -> torch.nn.Module:
    """Outputs and states of two calls in a row, and gradients by the input."""
    ours = from_ncps(theirs)
    grads = []
    for run in (theirs, ours):
        u = noise(3, 7, inputs).requires_grad_()
        y, state = run(u)
        z, last = run(noise(3, 4, inputs, seed=1), state)
        (grad,) = torch.autograd.grad(y.square().sum() + z.sum(), u)
        grads.append((y, z, grad, last))
    for one, other in zip(*grads, strict=True):
        torch.testing.assert_close(other, one, **TIGHT)
    return ours


@pytest.mark.parametrize("softplus", [True, False])
@pytest.mark.parametrize("mapping", ["affine", "linear", None])
@pytest.mark.parametrize("wiring", ["full", "auto"])
def test_an_ltc_is_taken_over(softplus, mapping, wiring):
    units = ncps.wirings.AutoNCP(11, 2) if wiring == "auto" else 6
    theirs = trained(
        *("LTC", 5, units),
        input_mapping=mapping,
        output_mapping=mapping,
        implicit_param_constraints=softplus,
    )
    with torch.no_grad():  # slopes have no bound there
        theirs.rnn_cell.sigma[0, :] *= -1
        theirs.rnn_cell.sensory_sigma[:, 1] *= -1
        if mapping is not None:
            theirs.rnn_cell.input_w[1] *= -1
            theirs.rnn_cell.input_w[2] = 0.0
    ours = assert_the_same(theirs)
    assert ours.cell.C.requires_grad and ours.cell.e_l.requires_grad
    assert str(ours.cell.descriptor) == "ctrnn_sigm+s_synaptic"
    assert ours.cell.recurrence() is not None  # the kernels run it


def test_gradients_of_parameters_are_those_of_ncps():
    """Of those that mean the same in both: reversal potentials, conductances, the output map."""
    theirs = trained("LTC", 5, ncps.wirings.AutoNCP(11, 2), implicit_param_constraints=False)
    ours = from_ncps(theirs)
    for model in (theirs, ours):
        model(noise(3, 7, 5))[0].square().sum().backward()
    cell = theirs.rnn_cell
    for mine, other in (
        (ours.cell.recurrent.e, cell.erev),
        (ours.cell.recurrent.a, cell.w),
        (ours.cell.sensory.a, cell.sensory_w),
        (ours.cell.C, cell.cm),
        (ours.readout.weight, cell.output_w),
    ):
        torch.testing.assert_close(
            mine.grad, other.grad.mT if other.ndim == 2 else other.grad, **TIGHT
        )


def test_time_spans_mean_the_same():
    theirs = trained("LTC", 5, 6)
    spans = 0.5 + torch.rand(1, 7, dtype=torch.float64)
    y, _ = theirs(noise(1, 7, 5), timespans=spans)
    torch.testing.assert_close(from_ncps(theirs)(noise(1, 7, 5), timespans=spans)[0], y, **TIGHT)


@pytest.mark.parametrize("mode", ["default", "pure", "no_gate"])
@pytest.mark.parametrize("layers", [0, 1, 2])
def test_a_cfc_is_taken_over(mode, layers):
    assert_the_same(trained("CfC", 5, 6, mode=mode, backbone_layers=layers, backbone_units=9))


@pytest.mark.parametrize("activation", BACKBONES)
def test_every_activation_of_the_backbone(activation):
    assert_the_same(trained("CfC", 5, 6, activation=activation, backbone_units=7, proj_size=3))


@pytest.mark.parametrize("mode", ["default", "pure", "no_gate"])
def test_a_wired_cfc_is_taken_over(mode):
    assert_the_same(trained("CfC", 5, ncps.wirings.AutoNCP(11, 2), mode=mode))
    assert_the_same(trained("CfC", 5, ncps.wirings.AutoNCP(11, 2), mode=mode, proj_size=4))
    assert_the_same(trained("CfC", 5, ncps.wirings.FullyConnected(6), mode=mode))


@pytest.mark.parametrize("kind", ["LTC", "CfC"])
@pytest.mark.parametrize("wiring", ["full", "auto"])
def test_mixed_memory_is_taken_over(kind, wiring):
    units = ncps.wirings.AutoNCP(11, 2) if wiring == "auto" else 6
    # ncps makes zeros in the default precision
    torch.set_default_dtype(torch.float64)
    try:
        assert_the_same(trained(kind, 5, units, mixed_memory=True))
    finally:
        torch.set_default_dtype(torch.float32)


def test_a_cfc_trains_as_there():
    theirs = trained("CfC", 5, 6, backbone_units=9)
    ours = from_ncps(theirs)
    for model in (theirs, ours):
        model(noise(3, 7, 5))[0].square().sum().backward()
    pairs = {"h": "ff1", "g": "ff2", "t_a": "time_a", "t_b": "time_b"}
    for mine, other in pairs.items():
        for name in ("weight", "bias"):
            one = getattr(getattr(ours.cell, mine), name).grad
            two = getattr(getattr(theirs.rnn_cell, other), name).grad
            torch.testing.assert_close(one, two, **TIGHT)
    torch.testing.assert_close(
        ours.cell.backbone[0].weight.grad, theirs.rnn_cell.backbone[0].weight.grad, **TIGHT
    )


def test_what_is_no_such_model_is_refused():
    with pytest.raises(ValueError, match="model must be an LTC or CfC of ncps.torch, got LSTM"):
        from_ncps(torch.nn.LSTM(2, 3))
    theirs = trained("LTC", 5, 6, implicit_param_constraints=False)
    with torch.no_grad():
        theirs.rnn_cell.cm[2] = 0.0
    with pytest.raises(ValueError, match="capacitances cm of at least 0.001, got 0.0"):
        from_ncps(theirs)
