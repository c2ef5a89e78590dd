"""How many parameters matter: predicted from the symmetries, measured by the rank."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ltcbook import build
from ltcbook.analysis.counting import effective_parameters

N, M, OUTPUTS = 3, 2, 2


def generic(name: str, input_map: str, seed: int = 0) -> torch.nn.Module:
    clock = {} if name == "LSTM" else {"unfolds": 3}
    model = build(
        name,
        M,
        N,
        OUTPUTS,
        input_map=input_map,
        seed=seed,
        dtype=torch.float64,
        **clock,
    )
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in model.parameters():
            p.mul_(1 + 0.3 * torch.rand(p.shape, dtype=p.dtype, generator=generator))
    return model


def inputs(batch: int = 60) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return 2 * torch.randn(batch, 5, M, dtype=torch.float64, generator=generator)


@pytest.mark.parametrize(
    ("name", "input_map", "idle"),
    [
        ("NA-CT-RNN-S", "linear", N),  # the unit of each neuron is free
        ("NA-CT-RNN-S", "synaptic", N),
        ("NA-CT-RNN-S", "preactivation", 0),  # no slopes to absorb a unit
        ("SA-CT-RNN-S", "linear", N),
        ("SA-CT-RNN-S", "synaptic", N),
        ("NA-LTC", "linear", N),
        ("NA-LTC", "synaptic", N),
        ("SA-LTC", "linear", N),
        ("SA-LTC", "synaptic", N),
        ("LSTM", "linear", 4 * N),  # the second bias
    ],
)
def test_idle_parameters_are_as_many_as_predicted(name: str, input_map: str, idle: int) -> None:
    found = effective_parameters(generic(name, input_map), inputs())
    assert found.total - found.rank == idle
    values = found.singular_values / found.singular_values[0]
    assert values[found.rank - 1] > 1e-8  # a cliff, not a slope: the rank is no matter of taste
    if idle:
        assert values[found.rank] < 1e-13


def test_bad_input_is_refused() -> None:
    single = build("SA-LTC", M, N, OUTPUTS, seed=0, backend="eager")
    with pytest.raises(ValueError, match="model must be in float64"):
        effective_parameters(single, inputs().float())
    with pytest.raises(ValueError, match="u must give at least 56 outputs"):
        effective_parameters(generic("SA-LTC", "linear"), inputs(2))


def scale(synapses: torch.nn.Module, letter: str, factor: torch.Tensor) -> None:
    """Multiply a parameter in place."""
    getattr(synapses, letter).mul_(factor)


@given(seed=st.integers(0, 1000), kind=st.sampled_from(["SA-CT-RNN-S", "SA-LTC"]))
@settings(max_examples=15, deadline=None)
def test_a_neuron_can_be_measured_in_any_unit(seed: int, kind: str) -> None:
    """Both have synaptic input; sigma(a (x + b)) in mode v: a grows by s, b shrinks by s."""
    model, other = generic(kind, "synaptic", seed), generic(kind, "synaptic", seed)
    s = 0.3 + 3 * torch.rand(N, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        scale(other.cell.recurrent, "a", s)  # [post, pre]: the unit of the sender
        scale(other.cell.recurrent, "b", 1 / s)
        for synapses in (other.cell.recurrent, other.cell.sensory):
            scale(synapses, "e" if kind == "SA-LTC" else "w", 1 / s[:, None])
        other.readout.weight.mul_(s)
        torch.testing.assert_close(other(inputs(4))[0], model(inputs(4))[0], rtol=1e-9, atol=1e-10)
