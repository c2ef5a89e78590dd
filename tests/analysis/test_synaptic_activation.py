"""Neural activation is synaptic activation with shared numbers; the way back costs neurons."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ltcbook.analysis.synaptic_activation import at_each_neuron, at_each_synapse
from ltcbook.nn.feedforward import NEURAL_LAYER, SYNAPTIC_LAYER
from ltcbook.nn.initialisation import Initialiser
from ltcbook.nn.synapses import SynapseWeights, currents, initial_weights


def layer(kind, pre: int, post: int, seed: int) -> tuple[SynapseWeights, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(7, pre, generator=generator, dtype=torch.float64)
    return initial_weights(kind, pre, post, Initialiser(seed=seed, dtype=torch.float64)), x


@given(pre=st.integers(1, 6), post=st.integers(1, 6), seed=st.integers(0, 10_000))
def test_activations_move_to_the_synapses_and_nothing_changes(pre, post, seed) -> None:
    neural, x = layer(NEURAL_LAYER, pre, post, seed)
    synaptic = at_each_synapse(neural)
    assert synaptic.a.shape == synaptic.b.shape == (post, pre)
    torch.testing.assert_close(
        currents(SYNAPTIC_LAYER, synaptic, x).drive, currents(NEURAL_LAYER, neural, x).drive
    )


@given(pre=st.integers(1, 6), post=st.integers(1, 6), seed=st.integers(0, 10_000))
def test_every_synapse_becomes_a_neuron_on_the_way_back(pre, post, seed) -> None:
    synaptic, x = layer(SYNAPTIC_LAYER, pre, post, seed)
    copies, neural = at_each_neuron(synaptic)
    assert copies.shape == (post * pre, pre) and neural.b.shape == (post * pre,)
    torch.testing.assert_close(
        currents(NEURAL_LAYER, neural, x @ copies.mT).drive,
        currents(SYNAPTIC_LAYER, synaptic, x).drive,
    )


@given(post=st.integers(2, 6), seed=st.integers(0, 10_000))
def test_one_neuron_sends_one_curve_and_its_synapses_send_many(post, seed) -> None:
    x = torch.linspace(-2, 2, 101, dtype=torch.float64)[:, None]
    rank = {}
    for kind in (NEURAL_LAYER, SYNAPTIC_LAYER):
        weights, _ = layer(kind, 1, post, seed)
        rank[kind] = int(torch.linalg.matrix_rank(currents(kind, weights, x).drive))
    assert rank[NEURAL_LAYER] == 1 < rank[SYNAPTIC_LAYER]


def test_slopes_are_needed() -> None:
    neural, _ = layer(NEURAL_LAYER, 2, 2, 0)
    with pytest.raises(ValueError, match="synaptic must have slopes a of shape"):
        at_each_neuron(neural)
