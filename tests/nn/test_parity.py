"""Against what others wrote, with copied weights."""

import torch
from ncps.torch import LTCCell
from ncps.wirings import FullyConnected

from ltcbook import build
from ltcbook.nn.cell import unroll

BATCH, TIME, M, N = 3, 20, 4, 6


def ncps_cell_and_ours():
    """ncps's cell and ours with the same numbers; theirs is σ(sigma (x − mu)), [pre, post]."""
    torch.manual_seed(0)
    wiring = FullyConnected(N)
    wiring.build(M)
    theirs = LTCCell(wiring, M, ode_unfolds=6, epsilon=0.0).double()
    ours = build(
        "SA-LTC",
        M,
        N,
        2,
        input_map="synaptic",
        solver="semi-implicit-euler",
        unfolds=6,
        seed=0,
        dtype=torch.float64,
    )
    p, cell = theirs._params, ours.cell
    copies = {"w": "w", "a": "sigma", "b": "mu", "e": "erev"}
    with torch.no_grad():
        for letter, name in copies.items():
            sign = -1 if letter == "b" else 1
            for layer, prefix in ((cell.recurrent, ""), (cell.sensory, "sensory_")):
                getattr(layer, letter).copy_(sign * p[prefix + name].mT)
        cell.w_l.copy_(p["gleak"])
        cell.C.copy_(p["cm"])
        cell.e_l.copy_(p["vleak"])
    return theirs, ours


def test_ncps_ltc_cell_outputs_and_gradients_over_twenty_steps():
    theirs, ours = ncps_cell_and_ours()
    u = torch.randn(BATCH, TIME, M, dtype=torch.float64)
    u_theirs, u_ours = u.clone().requires_grad_(), u.clone().requires_grad_()

    state, states = torch.zeros(BATCH, N, dtype=torch.float64), []
    for t in range(TIME):
        _, state = theirs(u_theirs[:, t], state, elapsed_time=1.0)
        states.append(state)
    expected = torch.stack(states, dim=1)

    start = torch.zeros(BATCH, N, dtype=torch.float64)
    got = unroll(ours.cell, u_ours, start)
    torch.testing.assert_close(got, expected, rtol=1e-6, atol=1e-6)
    weights = torch.randn_like(expected)
    (expected * weights).sum().backward()
    (got * weights).sum().backward()
    torch.testing.assert_close(u_ours.grad, u_theirs.grad, rtol=1e-6, atol=1e-9)

    for layer, prefix in ((ours.cell.recurrent, ""), (ours.cell.sensory, "sensory_")):
        for letter, name, sign in (
            ("w", "w", 1),
            ("a", "sigma", 1),
            ("b", "mu", -1),
            ("e", "erev", 1),
        ):
            expected = sign * theirs._params[prefix + name].grad.mT
            torch.testing.assert_close(getattr(layer, letter).grad, expected, rtol=1e-6, atol=1e-9)
    torch.testing.assert_close(
        ours.cell.w_l.grad, theirs._params["gleak"].grad, rtol=1e-6, atol=1e-9
    )


def test_torch_lstm_outputs_states_and_gradients():
    torch.manual_seed(0)
    theirs = torch.nn.LSTM(M, N, batch_first=True).double()
    ours = build("LSTM", M, N, 2, seed=0, dtype=torch.float64)
    cell = ours.cell
    with torch.no_grad():
        cell.weight_ih.copy_(theirs.weight_ih_l0)
        cell.weight_hh.copy_(theirs.weight_hh_l0)
        cell.bias_ih.copy_(theirs.bias_ih_l0)
        cell.bias_hh.copy_(theirs.bias_hh_l0)
    u = torch.randn(BATCH, TIME, M, dtype=torch.float64)
    h0, c0 = torch.randn(2, 1, BATCH, N, dtype=torch.float64)
    hidden, (h, c) = theirs(u, (h0, c0))
    got, state = ours(u, (h0[0], c0[0]))
    expected = torch.nn.functional.linear(hidden, ours.readout.weight, ours.readout.bias)
    torch.testing.assert_close(got, expected, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(state, (h[0], c[0]), rtol=1e-6, atol=1e-6)
    expected.square().sum().backward()
    got.square().sum().backward()
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        torch.testing.assert_close(
            getattr(cell, name).grad, getattr(theirs, name + "_l0").grad, rtol=1e-6, atol=1e-9
        )
