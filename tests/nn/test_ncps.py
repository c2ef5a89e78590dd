"""CfC, mixed memory and whole networks against ncps, with copied weights, in float64."""

import ncps.torch
import ncps.wirings
import pytest
import torch

from ltcbook import build, from_ncps, wirings

BATCH, TIME, M, N, OUT = 3, 7, 4, 12, 2
CLOSE = {"rtol": 1e-9, "atol": 1e-11}
PAIRS = {"h": "ff1", "g": "ff2", "t_a": "time_a", "t_b": "time_b"}


def data(seed: int = 0):
    generator = torch.Generator().manual_seed(seed)
    u = torch.randn(BATCH, TIME, M, dtype=torch.float64, generator=generator)
    spans = 0.2 + torch.rand(BATCH, TIME, dtype=torch.float64, generator=generator)
    return u, spans


def pairs(ours, theirs):
    """Parameters that mean the same."""
    yield from zip(ours.backbone.parameters(), _list(theirs.backbone), strict=True)
    for name, other in PAIRS.items():
        if hasattr(ours, name):
            for part in ("weight", "bias"):
                yield getattr(getattr(ours, name), part), getattr(getattr(theirs, other), part)
    if ours.mode == "pure":
        yield ours.w_tau, theirs.w_tau
        yield ours.A, theirs.A


def _list(module):
    return [] if module is None else list(module.parameters())


def memory_pairs(ours, theirs):
    yield ours.weight_ih, theirs.input_map.weight
    yield ours.bias, theirs.input_map.bias
    yield ours.weight_hh, theirs.recurrent_map.weight


def copy_over(matched) -> None:
    with torch.no_grad():
        for ours, theirs in matched:
            ours.copy_(theirs.reshape(ours.shape))


def compare(ours, theirs, u, spans, matched) -> None:
    """Outputs, last states, and gradients of inputs and parameters.

    ncps squeezes each span to (batch,), so it is run sample by sample.
    """
    u_ours, u_theirs = u.clone().requires_grad_(), u.clone().requires_grad_()
    zero = torch.zeros(BATCH, theirs.state_size, dtype=torch.float64)
    got, state = ours(u_ours, (zero, zero) if theirs.use_mixed else zero, spans)
    runs = [alone(theirs, u_theirs[b : b + 1], spans[b : b + 1]) for b in range(BATCH)]
    expected = torch.cat([y for y, _ in runs])
    torch.testing.assert_close(got, expected, **CLOSE)
    if isinstance(state, tuple):
        for k, part in enumerate(state):
            torch.testing.assert_close(part, torch.cat([s[k] for _, s in runs]), **CLOSE)
    else:
        torch.testing.assert_close(state, torch.cat([s for _, s in runs]), **CLOSE)
    weights = torch.randn_like(expected)
    (got * weights).sum().backward()
    (expected * weights).sum().backward()
    torch.testing.assert_close(u_ours.grad, u_theirs.grad, **CLOSE)
    for mine, yours in matched:
        torch.testing.assert_close(mine.grad, yours.grad.reshape(mine.shape), **CLOSE)


def alone(theirs, u, spans):
    zero = torch.zeros(1, theirs.state_size, dtype=torch.float64)
    return theirs(u, (zero, zero) if theirs.use_mixed else zero, timespans=spans)


@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize("layers", [0, 1, 2])
@pytest.mark.parametrize("mode", ["default", "pure", "no_gate"])
def test_cfc(mode, layers, mixed) -> None:
    torch.manual_seed(0)
    how = {"backbone_units": 9, "backbone_layers": layers, "mode": mode, "mixed_memory": mixed}
    theirs = ncps.torch.CfC(M, N, **how).double()
    ours = build("CfC", M, N, None, seed=0, dtype=torch.float64, **how)
    cell = ours.cell.cell if mixed else ours.cell
    matched = list(pairs(cell, theirs.rnn_cell))
    if mixed:
        matched += memory_pairs(ours.cell, theirs.lstm)
    copy_over(matched)
    compare(ours, theirs, *data(), matched)


@pytest.mark.parametrize("activation", ["lecun_tanh", "tanh", "relu", "silu", "gelu"])
def test_cfc_backbone(activation) -> None:
    torch.manual_seed(0)
    theirs = ncps.torch.CfC(M, N, activation=activation).double()
    ours = build("CfC", M, N, None, activation=activation, seed=0, dtype=torch.float64)
    matched = list(pairs(ours.cell, theirs.rnn_cell))
    copy_over(matched)
    compare(ours, theirs, *data(), matched)


@pytest.mark.parametrize("mode", ["default", "pure", "no_gate"])
def test_wired_cfc(mode) -> None:
    torch.manual_seed(0)
    theirs = ncps.torch.CfC(M, ncps.wirings.AutoNCP(N, OUT), mode=mode).double()
    wiring = wirings.AutoNCP(N, OUT)
    ours = build("CfC", M, N, OUT, wiring=wiring, mode=mode, seed=0, dtype=torch.float64)
    matched = []
    for number, layer in enumerate(ours.cell.layers):
        matched += pairs(layer, getattr(theirs.rnn_cell, f"layer_{number}"))
    copy_over(matched)
    compare(ours, theirs, *data(), matched)


def their_ltc(wired: bool, mixed: bool, **options):
    torch.manual_seed(0)
    units = ncps.wirings.AutoNCP(N, OUT) if wired else N
    theirs = ncps.torch.LTC(M, units, mixed_memory=mixed, epsilon=0.0, **options).double()
    with torch.no_grad():  # as training would leave them
        for name, parameter in theirs.named_parameters():
            if parameter.requires_grad and "erev" not in name:
                parameter.mul_(1 + 0.2 * torch.rand_like(parameter))
        for name in ("input_b", "output_b"):
            if hasattr(theirs.rnn_cell, name):
                getattr(theirs.rnn_cell, name).normal_()
    return theirs


@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize("wired", [False, True])
def test_a_trained_ltc_is_taken_over(wired, mixed) -> None:
    theirs = their_ltc(wired, mixed)
    ours = from_ncps(theirs)
    matched = [(ours.readout.weight, theirs.rnn_cell.output_w)]
    cell = ours.cell
    if mixed:
        matched += memory_pairs(cell, theirs.lstm)
        cell = cell.cell
    matched.append((cell.e_l, theirs.rnn_cell.vleak))
    compare(ours, theirs, *data(), matched)


@pytest.mark.parametrize(
    "options",
    [
        {"implicit_param_constraints": False},
        {"input_mapping": "linear", "output_mapping": "linear"},
        {"input_mapping": None, "output_mapping": None, "ode_unfolds": 3},
    ],
)
def test_every_kind_of_ltc_is_taken_over(options) -> None:
    theirs = their_ltc(True, False, **options)
    compare(from_ncps(theirs), theirs, *data(), [])
