"""The readings of a trained network, repeated where the learning rate was searched.

The chapter reads networks that were all trained at one rate. Here the same questions go to the
five SA-LTCs and the five LSTMs of ``later-cells``, each kind at the rate of its own search. The
rules, written before the run:

* what carries nothing is *mostly without a weight* if in each of the five LTCs more than nine in
  ten of the synapses that never reach a conductance of 0.01 have a weight below 0.01;
* a ranking is *better* than another for pruning if it leaves the smaller error in each of the
  five LTCs, with half of their synapses kept;
* a kind is *more robust* against a disturbance than the other if all five of it lie below all
  five of the other; otherwise the two are not apart.

Chapter: ``reading_a_network``.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor

from ltcbook.analysis import reading
from ltcbook.data.tasks import TaskData
from ltcbook.nn.cells import ContinuousTimeCell
from ltcbook.nn.sequence import RecurrentNetwork

__all__ = ["disturbed", "readings"]

NOISES = (0.01, 0.1, 1.0)
WINDOWS, STEEP_WINDOWS = 60, 8
NOTHING = 0.01


def disturbed(network: RecurrentNetwork, u: Tensor, y: Tensor) -> dict[str, Any]:
    """How a network answers to noise, to the worst change, and to the loss of one input.

    Args:
        network: of any kind.
        u: inputs (batch, time, input), standardised: a lost one stands still at 0.
        y: targets.

    Returns:
        The change of the last output over that of the input, for each of ``NOISES``; the largest
        singular value of its Jacobian, a mean over the first windows; the error, and without
        each input.

    >>> import ltcbook
    >>> found = disturbed(ltcbook.LTC(2, 3, 1, seed=0), torch.zeros(8, 4, 2), torch.zeros(8, 4, 1))
    >>> sorted(found), len(found["error without"])
    (['error', 'error without', 'noise', 'worst direction'], 2)
    """
    without = []
    for k in range(u.shape[-1]):
        blind = u.clone()
        blind[..., k] = 0.0
        without.append(reading.error(network, blind, y))
    steep = [reading.steepest(network, each) for each in u[:STEEP_WINDOWS]]
    return {
        "noise": [float(reading.amplification(network, u, size)[-1]) for size in NOISES],
        "worst direction": sum(steep) / len(steep),
        "error": reading.error(network, u, y),
        "error without": without,
    }


def readings(network: RecurrentNetwork, task: TaskData) -> dict[str, Any]:
    """What the chapter measures of one network, rounded; of an SA-LTC with its synapses.

    Returns:
        What :func:`disturbed` finds. Of an SA-LTC also how many synapses never conduct as much
        as 0.01, how many of these have a weight below that, and the error with the half of the
        synapses that a ranking by current, by largest conductance or by weight keeps.

    >>> from ltcbook import data
    >>> from ltcbook.analysis.trained import trained
    >>> readings(trained("LSTM")[0], data.load("walker2d", rollouts=40))["error"]  # seconds
    0.1589
    """
    network = copy.deepcopy(network).double()
    u, y = task.test.inputs.double(), task.test.targets.double()
    found = disturbed(network, u, y)
    if isinstance(network.cell, ContinuousTimeCell):
        found |= _synapses(network, task.train.inputs[:WINDOWS].double(), u, y)
    return {name: _rounded(value) for name, value in found.items()}


def _synapses(network: RecurrentNetwork, train: Tensor, u: Tensor, y: Tensor) -> dict[str, Any]:
    cell = network.continuous_cell
    parts = cell.recurrent.weights(), cell.sensory.weights()
    w = torch.cat([part.w for part in parts], dim=1).detach()
    read = [reading.read(cell, each) for each in train]
    opened = torch.stack([r.conductances.amax(0) for r in read]).amax(0)
    flowed = torch.stack([r.currents.abs().mean(0) for r in read]).mean(0)
    silent = opened < NOTHING
    halves = [
        reading.error(reading.pruned(network, reading.strongest(score, 0.5)), u, y)
        for score in (flowed, opened, w)
    ]
    return {
        "silent": int(silent.sum()),
        "silent without weight": int((silent & (w < NOTHING)).sum()),
        "halves": halves,
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return round(value, 4) if isinstance(value, float) else value
