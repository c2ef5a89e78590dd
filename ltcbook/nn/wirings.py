"""Which synapses a recurrent layer has: all, a random part, or those of a neural circuit policy.

A *wiring* says how neurons are to be connected; it learns the number of inputs, and where it does
not say it itself the number of neurons, when a model is built. What comes out is data:
:class:`Connections`, a matrix of signs for the synapses between neurons and one for those from the
inputs.

    >>> wiring = AutoNCP(12, 2)
    >>> wiring.connect(input_size=5, hidden_size=12).layers
    {'inter': range(6, 12), 'command': range(2, 6), 'motor': range(0, 2)}

Chapter: ``what_came_after``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ltcbook.checks import positive_int, seed_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EXCITATORY, INHIBITORY = 1, -1


@dataclass(frozen=True, eq=False)
class Connections:
    """The synapses of one layer of neurons, as data.

    Attributes:
        recurrent: (n, n), [post, pre]: 1 where an excitatory synapse is, -1 where an inhibitory
            one is, 0 where none is.
        sensory: (n, m), from the inputs, in the same way.
        layers: the names of the layers in the order in which a signal passes them, and which
            neurons are in each.

    >>> wires = fully_connected(seed=0).connect(1, 3)
    >>> wires.recurrent
    tensor([[ 1, -1,  1],
            [ 1,  1,  1],
            [ 1,  1,  1]])
    >>> wires.layers
    {'neurons': range(0, 3)}
    """

    recurrent: Tensor
    sensory: Tensor
    layers: dict[str, range]

    @property
    def recurrent_mask(self) -> Tensor:
        """True where a synapse is between neurons, (n, n), [post, pre]."""
        return self.recurrent != 0

    @property
    def sensory_mask(self) -> Tensor:
        """True where a synapse is from an input, (n, m)."""
        return self.sensory != 0

    @property
    def motor(self) -> range | None:
        """The motor neurons, whose potentials are the output; None if there is no such layer."""
        return self.layers.get("motor")

    def graph(self) -> Any:
        """A ``networkx.DiGraph``: nodes have a ``layer``, edges a ``polarity`` of 1 or -1.

        Neurons are nodes 0 to n − 1; input k is the node ``"u<k>"``.
        """
        import networkx

        graph = networkx.DiGraph()
        graph.add_nodes_from((f"u{k}" for k in range(self.sensory.shape[1])), layer="sensory")
        for layer, neurons in self.layers.items():
            graph.add_nodes_from(neurons, layer=layer)
        for post, pre in self.sensory.nonzero().tolist():
            graph.add_edge(f"u{pre}", post, polarity=int(self.sensory[post, pre]))
        for post, pre in self.recurrent.nonzero().tolist():
            graph.add_edge(pre, post, polarity=int(self.recurrent[post, pre]))
        return graph

    def draw(self, axes: Axes, excitatory: str = "tab:blue", inhibitory: str = "tab:red") -> Axes:
        """Draw the graph, layer beside layer; inhibitory synapses are dashed as well as coloured.

        Args:
            axes: of matplotlib.
            excitatory, inhibitory: colours.
        """
        import networkx

        graph = self.graph()
        places: dict[Any, tuple[float, float]] = {}
        names = ["sensory", *self.layers]
        for column, name in enumerate(names):
            nodes = [node for node, layer in graph.nodes(data="layer") if layer == name]
            places |= {node: (column, (k + 0.5) / len(nodes) - 0.5) for k, node in enumerate(nodes)}
        networkx.draw_networkx_nodes(
            graph, places, ax=axes, node_size=120, node_color="white", edgecolors="0.3"
        )
        for polarity, colour, style in ((1, excitatory, "-"), (-1, inhibitory, "--")):
            edges = [(a, b) for a, b, sign in graph.edges(data="polarity") if sign == polarity]
            networkx.draw_networkx_edges(
                *(graph, places, edges),
                ax=axes,
                node_size=120,
                edge_color=colour,
                style=style,
                arrowsize=7,
                width=0.8,
                connectionstyle="arc3,rad=0.12",
            )
        for column, name in enumerate(names):
            axes.text(column, 0.56, name, ha="center", va="bottom")
        axes.set_axis_off()
        return axes


class Wiring(ABC):
    """How the neurons of a model are to be connected.

    >>> wiring = random(0.5, seed=0)
    >>> isinstance(wiring, Wiring), wiring.connect(2, 4).sensory.shape
    (True, torch.Size([4, 2]))
    """

    @abstractmethod
    def connect(self, input_size: int, hidden_size: int) -> Connections:
        """The synapses between ``hidden_size`` neurons and from ``input_size`` inputs.

        The same arguments always give the same synapses.

        Raises:
            ValueError: if the wiring is for another number of neurons.
        """


@dataclass(frozen=True)
class RandomWiring(Wiring):
    """Every synapse is there with the same probability; see :func:`random`.

    >>> wires = RandomWiring(0.25, seed=0).connect(input_size=2, hidden_size=4)
    >>> int(wires.recurrent.abs().sum())  # of 16
    4
    """

    density: float
    seed: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.density, Real) or not 0 < self.density <= 1:
            raise ValueError(f"density must be above 0 and at most 1, got {self.density!r}")
        seed_number(self.seed)

    def connect(self, input_size: int, hidden_size: int) -> Connections:
        rng = np.random.default_rng(self.seed)

        def signs(pre: int) -> Tensor:
            there = np.zeros(hidden_size * pre, dtype=np.int64)
            chosen = rng.permutation(there.size)[: max(1, round(self.density * there.size))]
            there[chosen] = rng.choice([INHIBITORY, EXCITATORY], size=chosen.size)
            return torch.from_numpy(there.reshape(hidden_size, pre))

        recurrent, sensory = signs(hidden_size), signs(input_size)
        return Connections(recurrent, sensory, {"neurons": range(hidden_size)})


def fully_connected(seed: int = 0) -> Wiring:
    """All synapses, each of either sign with the same probability.

    >>> wires = fully_connected().connect(input_size=2, hidden_size=4)
    >>> int(wires.recurrent.abs().sum()), int(wires.sensory.abs().sum())
    (16, 8)
    """
    return RandomWiring(1.0, seed)


def random(density: float, seed: int = 0) -> Wiring:
    """A part of all synapses, drawn at random, each of either sign with the same probability.

    Args:
        density: which fraction of the possible synapses is there, rounded to whole synapses.
        seed: of the draw.

    Raises:
        ValueError: for a density that is not above 0 and at most 1.

    >>> import ltcbook
    >>> model = ltcbook.build("SA-LTC", 2, 4, 1, input_map="synaptic", wiring=random(0.5))
    >>> int(model.cell.recurrent.mask.sum())  # of 16
    8
    """
    return RandomWiring(density, seed)


@dataclass(frozen=True, repr=False)
class NCP(Wiring):
    """A neural circuit policy: sensory → inter → command → motor, and command ↔ command.

    Neurons are numbered from the output: motor, command, inter. Every source of the first two
    maps has as many targets, every motor neuron as many sources, as is said; neurons that would be
    left out are then connected with an average number. The draws are those of ``ncps`` 1.0, so
    the same seed gives the same synapses as there.

    Args:
        inter_neurons, command_neurons, motor_neurons: sizes of the layers.
        sensory_fanout: inter neurons that each input reaches.
        inter_fanout: command neurons that each inter neuron reaches.
        recurrent_command_synapses: draws of a synapse between two command neurons.
        motor_fanin: command neurons that reach each motor neuron.
        seed: of the draws.

    Raises:
        ValueError: for a layer without neurons, or a fan-out or fan-in that is larger than the
            layer that it draws from.

    >>> wiring = NCP(3, 2, 1, 2, 1, 2, 2)
    >>> wires = wiring.connect(input_size=4, hidden_size=6)
    >>> wires.layers
    {'inter': range(3, 6), 'command': range(1, 3), 'motor': range(0, 1)}
    >>> wires.recurrent[0]  # onto the motor neuron: from the command neurons alone
    tensor([ 0, -1,  1,  0,  0,  0])

    Source: Lechner et al. 2020. Chapter: ``what_came_after``.
    """

    inter_neurons: int
    command_neurons: int
    motor_neurons: int
    sensory_fanout: int
    inter_fanout: int
    recurrent_command_synapses: int
    motor_fanin: int
    seed: int = 22222

    def __post_init__(self) -> None:
        for name in ("inter_neurons", "command_neurons", "motor_neurons"):
            positive_int(name, getattr(self, name))
        limits = {
            "sensory_fanout": self.inter_neurons,
            "inter_fanout": self.command_neurons,
            "motor_fanin": self.command_neurons,
        }
        for name, most in limits.items():
            if positive_int(name, getattr(self, name)) > most:
                raise ValueError(f"{name} must be at most {most}, got {getattr(self, name)}")

    def __repr__(self) -> str:
        sizes = f"{self.inter_neurons} inter, {self.command_neurons} command"
        return f"NCP({sizes}, {self.motor_neurons} motor)"

    @property
    def hidden_size(self) -> int:
        """Inter, command and motor neurons together."""
        return self.inter_neurons + self.command_neurons + self.motor_neurons

    def connect(self, input_size: int, hidden_size: int) -> Connections:
        if hidden_size != self.hidden_size:
            raise ValueError(
                f"hidden_size must be {self.hidden_size}, as many as the wiring has neurons, "
                f"got {hidden_size}"
            )
        first_inter = self.motor_neurons + self.command_neurons
        motor = range(self.motor_neurons)
        command, inter = range(motor.stop, first_inter), range(first_inter, hidden_size)
        draws = _Draws(np.random.RandomState(self.seed), input_size, hidden_size)
        draws.fan_out(draws.sensory, range(input_size), inter, self.sensory_fanout)
        draws.fan_out(draws.recurrent, inter, command, self.inter_fanout)
        for _ in range(self.recurrent_command_synapses):
            pre, post = draws.rng.choice(command), draws.rng.choice(command)
            draws.add(draws.recurrent, [pre], [post])
        draws.fan_in(draws.recurrent, command, motor, self.motor_fanin)
        return Connections(
            torch.from_numpy(draws.recurrent),
            torch.from_numpy(draws.sensory),
            {"inter": inter, "command": command, "motor": motor},
        )


@dataclass
class _Draws:
    """Two matrices of signs that are being drawn, in the order in which ``ncps`` draws."""

    rng: np.random.RandomState
    input_size: int
    hidden_size: int
    sensory: NDArray[np.int64] = field(init=False)
    recurrent: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.sensory = np.zeros((self.hidden_size, self.input_size), dtype=np.int64)
        self.recurrent = np.zeros((self.hidden_size, self.hidden_size), dtype=np.int64)

    def add(self, matrix: NDArray[np.int64], pre: Iterable[int], post: Iterable[int]) -> None:
        """Synapses from each of ``pre`` to each of ``post``, each with a sign of its own."""
        for source in pre:
            for target in post:
                matrix[target, source] = self.rng.choice([INHIBITORY, EXCITATORY])

    def fan_out(
        self, matrix: NDArray[np.int64], sources: range, targets: range, count: int
    ) -> None:
        """``count`` targets for each source; sources for the targets that none has reached."""
        reached: set[int] = set()
        for source in sources:
            chosen = self._some(targets, count)
            reached |= set(chosen)
            self.add(matrix, [source], chosen)
        average = _between(1, len(sources) * count // len(targets), len(sources))
        for target in targets:
            if target not in reached:
                self.add(matrix, self._some(sources, average), [target])

    def fan_in(self, matrix: NDArray[np.int64], sources: range, targets: range, count: int) -> None:
        """``count`` sources for each target; targets for the sources that reach none."""
        heard: set[int] = set()
        for target in targets:
            chosen = self._some(sources, count)
            heard |= set(chosen)
            self.add(matrix, chosen, [target])
        average = _between(1, len(targets) * count // len(sources), len(targets))
        for source in sources:
            if source not in heard:
                self.add(matrix, [source], self._some(targets, average))

    def _some(self, neurons: Sequence[int], count: int) -> list[int]:
        chosen: list[int] = self.rng.choice(neurons, size=count, replace=False).tolist()
        return chosen


def _between(low: int, value: int, high: int) -> int:
    return min(max(low, value), high)


def AutoNCP(
    hidden_size: int, output_size: int, sparsity_level: float = 0.5, seed: int = 22222
) -> NCP:
    """A neural circuit policy of a given size, with the proportions that ``ncps`` chooses.

    Args:
        hidden_size: neurons in all; at least three more than the output has.
        output_size: motor neurons.
        sparsity_level: from 0.1, dense, to 0.9, sparse.
        seed: of the draws.

    Raises:
        ValueError: for too few neurons, or a sparsity level out of its range.

    >>> wiring = AutoNCP(hidden_size=16, output_size=2)
    >>> wiring.inter_neurons, wiring.command_neurons, wiring.motor_neurons
    (9, 5, 2)
    """
    positive_int("output_size", output_size)
    if positive_int("hidden_size", hidden_size) < output_size + 3:
        raise ValueError(
            f"hidden_size must be at least output_size + 3 = {output_size + 3}, got {hidden_size}"
        )
    if not 0.1 <= sparsity_level <= 0.9:
        raise ValueError(f"sparsity_level must be from 0.1 to 0.9, got {sparsity_level!r}")
    density = 1.0 - sparsity_level
    command = max(int(0.4 * (hidden_size - output_size)), 1)
    inter = hidden_size - output_size - command
    return NCP(
        inter,
        command,
        output_size,
        sensory_fanout=max(int(inter * density), 1),
        inter_fanout=max(int(command * density), 1),
        recurrent_command_synapses=max(int(command * density * 2), 1),
        motor_fanin=max(int(command * density), 1),
        seed=seed,
    )


def missing_parameters(network: nn.Module) -> int:
    """Numbers among a network's parameters that belong to synapses that a wiring leaves out.

    >>> import ltcbook
    >>> whole = ltcbook.build("SA-LTC", 2, 4, 1, input_map="synaptic")
    >>> half = ltcbook.build("SA-LTC", 2, 4, 1, input_map="synaptic", wiring=random(0.5))
    >>> missing_parameters(whole), missing_parameters(half)
    (0, 48)
    """
    return sum(int(getattr(part, "missing", 0)) for part in network.modules())
