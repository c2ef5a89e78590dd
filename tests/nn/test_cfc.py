"""CfC, the liquid-capacitance cell and mixed memory: what their equations promise."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import ltcbook
from ltcbook import wirings
from ltcbook.nn.cfc import CfCCell
from ltcbook.nn.initialisation import Initialiser


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.float64, generator=generator)


@given(st.integers(0, 1000), st.floats(0.01, 1.0))
@settings(max_examples=15, deadline=None)
def test_a_saturated_neuron_moves_to_its_target_and_not_past_it(seed, span):
    cell = ltcbook.build("LRC", 3, 6, 2, seed=seed, dtype=torch.float64).cell
    x, sensed = 2 * torch.tanh(noise(5, 6, seed=seed)), cell.sense(5 * noise(5, 3, seed=seed + 1))
    with torch.no_grad():
        drive, decay = cell.linear_form(x, sensed[:2])
        target = torch.tanh(drive) / torch.sigmoid(decay)
        new = cell.bind()(x, sensed, span)
    assert ((new - x) * (target - x) >= 0).all()
    assert ((new - x).abs() <= (target - x).abs() + 1e-12).all()
    assert (new.abs() <= 2).all()


def test_a_closed_form_cell_knows_the_time():
    network = ltcbook.build("CfC", 3, 4, 2, backbone_layers=0, seed=0, dtype=torch.float64)
    cell, x, u = network.cell, noise(1, 4), noise(1, 3)
    z = torch.cat([u, x], dim=-1)
    g, h = torch.tanh(cell.g(z)), torch.tanh(cell.h(z))
    late = cell.bind()(x, (u,), 1e6)
    torch.testing.assert_close(late, torch.where(cell.t_a(z) > 0, g, h))
    spans = torch.tensor([[0.5, 2.0]], dtype=torch.float64)
    one, _ = network(u[None].expand(1, 2, 3), timespans=spans)
    other, _ = network(u[None].expand(1, 2, 3), timespans=spans.flip(1))
    assert not torch.allclose(one, other)


def test_the_pure_form_goes_to_a_and_the_ungated_one_adds():
    pure = CfCCell(3, 4, Initialiser(seed=0, dtype=torch.float64), mode="pure", backbone_layers=0)
    with torch.no_grad():
        pure.A.copy_(torch.arange(4.0))
        pure.w_tau.fill_(-0.5)
    x, u = noise(2, 4), noise(2, 3)
    torch.testing.assert_close(pure(x, u, 1e6), torch.arange(4.0).double().expand(2, 4))
    h = pure.h(torch.cat([u, x], dim=-1))
    expected = pure.A - pure.A * h * torch.exp(-2.0 * (0.5 + h.abs()))
    torch.testing.assert_close(pure(x, u, 2.0), expected)
    added = CfCCell(3, 4, Initialiser(seed=0, dtype=torch.float64), mode="no_gate")
    z = added.backbone(torch.cat([u, x], dim=-1))
    gate = torch.sigmoid(added.t_a(z) * 2.0 + added.t_b(z))
    expected = torch.tanh(added.h(z)) + gate * torch.tanh(added.g(z))
    torch.testing.assert_close(added(x, u, 2.0), expected)


def test_the_backbone_is_as_asked():
    model = ltcbook.CfC(
        3, 4, activation="silu", backbone_units=7, backbone_layers=2, backbone_dropout=0.5, seed=0
    )
    kinds = [type(part).__name__ for part in model.cell.backbone]
    assert kinds == ["Linear", "SiLU", "Dropout"] * 2
    u = torch.ones(1, 3, 3)
    assert not torch.equal(model(u)[0], model(u)[0])
    model.eval()
    assert torch.equal(model(u)[0], model(u)[0])
    assert [type(p).__name__ for p in ltcbook.CfC(3, 4).cell.backbone] == ["Linear", "LeCunTanh"]
    assert ltcbook.CfC(3, 4).cell.backbone[0].out_features == 128


def test_parameters_are_as_the_chapter_counts_them():
    sizes = {"input_size": 17, "hidden_size": 12, "output_size": None}
    assert ltcbook.count_parameters("CfC", **sizes, backbone_layers=0) == 4 * 12 * (17 + 12 + 1)
    assert ltcbook.count_parameters("LRC", **sizes) == 1404 + 12 * (17 + 12 + 1)


def test_a_wired_cfc_counts_and_keeps_its_missing_weights():
    wiring = wirings.AutoNCP(12, 2)
    c = wiring.connect(5, 12)
    inter, command, motor = (list(neurons) for neurons in c.layers.values())
    ways = int(c.sensory_mask[inter].sum())
    for post, pre in ((command, inter), (motor, command)):
        ways += int(c.recurrent_mask[post][:, pre].sum())
    own = sum(len(layer) ** 2 for layer in (inter, command, motor))
    seen = [5 * len(inter), len(inter) * len(command), len(command) * len(motor)]
    count = ltcbook.count_parameters(
        "CfC", input_size=5, hidden_size=12, output_size=None, wiring=wiring
    )
    assert count == 2 * (ways + own) + 2 * (sum(seen) + own) + 4 * 12  # g, h; t_a, t_b; biases
    model = ltcbook.CfC(5, 12, 2, wiring=wiring, seed=0)
    optimiser = torch.optim.Adam(model.parameters(), 1e-2)
    for _ in range(3):
        optimiser.zero_grad()
        model(torch.ones(2, 4, 5))[0].sum().backward()
        optimiser.step()
    layer = model.cell.layers[0]
    missing = layer.mask == 0
    assert missing.any() and (layer.g.weight[missing] == 0).all()
    assert (layer.h.weight[missing] == 0).all()


@pytest.mark.parametrize("name", ["SA-LTC", "NA-CT-RNN-T", "CfC"])
def test_a_memory_in_front_carries_on_in_two_halves(name):
    model = ltcbook.build(name, 3, 5, 2, mixed_memory=True, seed=0, dtype=torch.float64)
    u = noise(2, 8, 3)
    whole, (h, c) = model(u)
    first, state = model(u[:, :3])
    rest, (h2, c2) = model(u[:, 3:], state)
    torch.testing.assert_close(torch.cat([first, rest], dim=1), whole)
    torch.testing.assert_close((h2, c2), (h, c))
    without = ltcbook.build(name, 3, 5, 2, seed=0, dtype=torch.float64)
    extra = sum(p.numel() for p in model.parameters()) - sum(
        p.numel() for p in without.parameters()
    )
    assert extra == 4 * 5 * (3 + 5 + 1)
    with pytest.raises(ValueError, match=r"state must be a tuple \(h, c\)"):
        model(u, h)


def test_a_memory_that_holds_is_not_forgotten_by_the_time_that_passes():
    """c decays by its gate alone: a span ten times longer leaves it as it is."""
    model = ltcbook.LTC(3, 5, mixed_memory=True, seed=0, dtype=torch.float64)
    u = noise(1, 1, 3)
    ends = [model(u, timespans=torch.full((1, 1), span).double())[1] for span in (0.2, 2.0)]
    torch.testing.assert_close(ends[0][1], ends[1][1])
    assert not torch.allclose(ends[0][0], ends[1][0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "pur"}, "unknown mode 'pur'; did you mean 'pure'?"),
        ({"activation": "selu"}, "unknown activation 'selu'; did you mean"),
        ({"backbone_dropout": 1.0}, "backbone_dropout must be at least 0 and below 1, got 1.0"),
        ({"backbone_layers": -1}, "backbone_layers must be an integer of at least 0, got -1"),
        ({"backbone_units": 0}, "backbone_units must be an integer of at least 1, got 0"),
        ({"wiring": wirings.random(0.5)}, "wiring must have layers for a CfC"),
        (
            {"wiring": wirings.AutoNCP(6, 2), "backbone_units": 8},
            "backbone_units does not apply to a CfC with a wiring",
        ),
    ],
)
def test_what_does_not_fit_is_refused(options, message):
    with pytest.raises(ValueError) as error:
        ltcbook.CfC(3, 6, 2, **options)
    assert message in str(error.value)
