"""The readings of the searched networks: the chapter's own, and what they find in a known case."""

import pytest
import torch

from ltcbook import data
from ltcbook.analysis.trained import trained
from ltcbook.experiments.measures import measured
from ltcbook.experiments.readings import disturbed, readings
from ltcbook.experiments.studies import LATER


class Echo(torch.nn.Module):
    """A network that gives its input back, doubled."""

    def forward(self, u):
        return 2 * u, None


def test_a_network_that_doubles_is_as_steep_as_two_everywhere() -> None:
    u = torch.randn(8, 4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    found = disturbed(Echo(), u, 2 * u)
    assert found["noise"] == pytest.approx([2.0] * 3, rel=0.25)  # the last step's noise, over all
    assert found["worst direction"] == pytest.approx(2.0)
    assert found["error"] == 0
    lost = [float((2 * u[..., k]).square().mean() / 3) for k in range(3)]
    assert found["error without"] == pytest.approx(lost)


def test_synapses_are_counted_and_ranked() -> None:
    network = trained("SA-LTC", seed=0)[0]
    found = readings(network, data.load("walker2d", rollouts=40))
    assert (found["silent"], found["silent without weight"]) == (73, 71)
    current, conductance, weight = found["halves"]
    assert current < conductance < weight
    assert network.cell.recurrent.w.dtype == torch.float64


def test_measured_for_every_network_of_either_kind() -> None:
    noise = measured(LATER, "noise")
    assert len(noise) == 10 and len(measured(LATER, "silent")) == 5
    assert all(len(each) == 17 for each in measured(LATER, "error without").values())
