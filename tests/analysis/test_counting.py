"""How many parameters matter: predicted from the symmetries, measured by the rank."""

from __future__ import annotations

import pytest
import torch

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
        backend="eager",
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
        ("NA-LTC", "linear", N + N),  # and the sensory posts that nothing uses
        ("NA-LTC", "synaptic", N),
        ("SA-LTC", "linear", N + M * N),
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
    with pytest.raises(ValueError, match="u must give at least 62 outputs"):
        effective_parameters(generic("SA-LTC", "linear"), inputs(2))
