"""The papers' grid as data: which configurations, on which tasks, how large, in which order.

Chapter: ``walker_kinematics``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from ltcbook.data.variants import WAVES
from ltcbook.experiments import feedforward
from ltcbook.experiments.contenders import NO_INPUT_MAP, contender
from ltcbook.nn.zoo import count_trained

__all__ = ["Cell", "Configuration", "as_large_as", "parameters", "two_by_two"]


class Configuration(NamedTuple):
    """A line of the tables: a model, how its input enters, where it starts.

    >>> one = Configuration("SA-LTC", "synaptic")
    >>> str(one), one.gated
    ('SA-LTC, synaptic', True)
    """

    model: str
    input_map: str = "linear"
    init: str = "midpoint"

    @property
    def gated(self) -> bool:
        """Whether synaptic currents are multiplied with a difference of potential."""
        return "LTC" in self.model or "+" in self.model

    def __str__(self) -> str:
        start = "" if self.init == "midpoint" else f", {self.init} start"
        return (
            self.model if self.model in NO_INPUT_MAP else f"{self.model}, {self.input_map}{start}"
        )


CT_RNNS = ("NA-CT-RNN-S", "NA-CT-RNN-T", "SA-CT-RNN-S", "SA-CT-RNN-T")
LTCS = ("NA-LTC", "SA-LTC")
INPUT_MAPS = ("linear", "synaptic")

CONFIGURATIONS: tuple[Configuration, ...] = (
    *(Configuration(model, input_map) for model in (*CT_RNNS, *LTCS) for input_map in INPUT_MAPS),
    Configuration("LSTM"),
    Configuration("CT-GRU"),
    Configuration("ANODE"),
)
"""The 15 of B's experiments, from the papers' start."""

SCALED: tuple[Configuration, ...] = tuple(
    Configuration(model, input_map, "scaled") for model in CT_RNNS for input_map in INPUT_MAPS
)
"""The ungated ones from a start that is fit for a sum (strengths divided by √fan-in)."""

FEED_FORWARD = Configuration(feedforward.NAME)
REFERENCE = Configuration("SA-LTC", "synaptic")
"""Whose number of parameters the feed-forward network and the 2 x 2 are given."""

TWO_BY_TWO: tuple[Configuration, ...] = (
    Configuration("NA-CT-RNN-S", "synaptic", "scaled"),
    Configuration("SA-CT-RNN-S", "synaptic", "scaled"),
    Configuration("NA-LTC", "synaptic"),
    Configuration("SA-LTC", "synaptic"),
)
"""Gating (LTC or CT-RNN) and synaptic activation (SA or NA), everything else alike."""

TABLE_1_AT_64: tuple[Configuration, ...] = (
    *(Configuration(name, way) for name in (*CT_RNNS[:2], "NA-LTC") for way in INPUT_MAPS),
    Configuration("ANODE"),
)  # fmt: skip
"""The rows for which B's Table 1 prints 64 neurons; it does not say S or T, so both."""


TANH_LTCS: tuple[Configuration, ...] = (
    Configuration("ctrnn_vtanh+_synaptic", "synaptic"),
    Configuration("ctrnn_vtanh+s_synaptic", "synaptic"),
)
"""LTCs with tanh, of which B says that they are very unstable."""


class Sizes(NamedTuple):
    """Numbers per step that go into a network and come out.

    >>> SIZES["halfcheetah-cloning"]
    Sizes(input_size=17, output_size=6)
    """

    input_size: int
    output_size: int


SIZES: Mapping[str, Sizes] = {
    "walker2d": Sizes(17, 17),
    "walker2d-original": Sizes(17, 17),
    "walker2d-positions": Sizes(8, 8),
    "walker2d-irregular": Sizes(18, 17),
    "halfcheetah": Sizes(17, 17),
    "halfcheetah-cloning": Sizes(17, 6),
    "halfcheetah-positions": Sizes(8, 8),
    "halfcheetah-pushed": Sizes(17, 17),
    "halfcheetah-pushed-cloning": Sizes(17, 6),
    "halfcheetah-positions-cloning": Sizes(8, 6),
    "mnist": Sizes(28, 10),
    "digits": Sizes(8, 10),
    "clicks": Sizes(1, 1),
    "commands": Sizes(3, 1),
    "surfaces": Sizes(2, 2),
    **dict.fromkeys(WAVES.values(), Sizes(2, 2)),
    "digits-whole": Sizes(64, 10),
    "rings": Sizes(2, 2),
    **dict.fromkeys(("digits-waiting", "digits-waiting-slow"), Sizes(8, 10)),
}
"""Of each task, so that a grid can be counted without its data; a test holds it to them."""


@cache
def parameters(configuration: Configuration, hidden_size: int, task: str) -> int:
    """Trainable parameters of a configuration on a task, readout included.

    >>> parameters(Configuration("SA-LTC", "synaptic"), 16, "walker2d")
    2417
    """
    sizes = SIZES[task]
    if configuration.model == feedforward.NAME:  # a closed form, since many sizes are asked for
        return feedforward.count(sizes.input_size, hidden_size, sizes.output_size)
    one = contender(configuration.model)
    input_map = None if configuration.model in NO_INPUT_MAP else configuration.input_map
    recipe = one.kind(one.model, hidden_size, input_map=input_map, options=one.options)
    return count_trained(recipe.build(*sizes, seed=0))


def matched_size(configuration: Configuration, wanted: int, task: str) -> int:
    """The number of neurons whose parameters come nearest to ``wanted``.

    >>> matched_size(Configuration("LSTM"), 1000, "walker2d")
    8

    Raises:
        ValueError: if ``wanted`` is below one.
    """
    if wanted < 1:
        raise ValueError(f"wanted must be at least 1 parameter, got {wanted}")
    most = 1
    while parameters(configuration, most, task) < wanted:
        most *= 2
    # Each count builds a network, and more neurons have more parameters: a few sizes are enough.
    sizes = range(most // 2 + 1, most + 1)
    size = sizes[bisect_left(sizes, wanted, key=lambda n: parameters(configuration, n, task))]
    if size == 1:
        return 1
    below, above = (parameters(configuration, n, task) for n in (size - 1, size))
    return size - 1 if wanted - below <= above - wanted else size


def as_large_as(configuration: Configuration, hidden_size: int, task: str) -> int:
    """Hidden units of the feed-forward network whose parameters come nearest to a model's.

    >>> as_large_as(REFERENCE, 16, "walker2d")
    69
    """
    return matched_size(FEED_FORWARD, parameters(configuration, hidden_size, task), task)


@dataclass(frozen=True)
class Cell:
    """One box of the grid: its learning rate is searched, then its seeds are run.

    Attributes:
        task: of :data:`ltcbook.data.variants.VARIANTS`.
        configuration: model, input map and start.
        hidden_size: n.

    >>> Cell("walker2d", Configuration("SA-LTC", "synaptic"), 16).parameters
    2417
    """

    task: str
    configuration: Configuration
    hidden_size: int

    @property
    def parameters(self) -> int:
        """Trainable parameters, readout included."""
        return parameters(self.configuration, self.hidden_size, self.task)


def cells(
    task: str, configurations: tuple[Configuration, ...], size: int, *, feed_forward: bool = True
) -> Iterator[Cell]:
    """The cells of a task at one size; the feed-forward network has SA-LTC's parameters.

    >>> both = cells("walker2d", (Configuration("LSTM"),), 16)
    >>> [(str(cell.configuration), cell.hidden_size) for cell in both]
    [('feed-forward', 69), ('LSTM', 16)]
    """
    if feed_forward:
        yield Cell(task, FEED_FORWARD, as_large_as(REFERENCE, size, task))
    for configuration in configurations:
        yield Cell(task, configuration, size)


def without_memory(task: str, size: int) -> Iterator[Cell]:
    """The feed-forward network as large as each recurrent one, but for the CT-GRU.

    That one is behind a network of a quarter of its parameters.

    >>> sorted({cell.hidden_size for cell in without_memory("walker2d", 16)})[:2]
    [25, 26]
    """
    for configuration in CONFIGURATIONS:
        if configuration.model != "CT-GRU":
            yield Cell(task, FEED_FORWARD, as_large_as(configuration, size, task))


def two_by_two(task: str, size: int) -> Iterator[Cell]:
    """Gating and synaptic activation at the parameters of an SA-LTC of ``size`` neurons.

    >>> [(cell.configuration.model, cell.hidden_size) for cell in two_by_two("walker2d", 16)]
    [('NA-CT-RNN-S', 34), ('SA-CT-RNN-S', 19), ('NA-LTC', 33), ('SA-LTC', 16)]
    """
    wanted = parameters(REFERENCE, size, task)
    for configuration in TWO_BY_TWO:
        yield Cell(task, configuration, matched_size(configuration, wanted, task))
