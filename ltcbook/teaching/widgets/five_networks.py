"""One line, five networks: from the artificial neuron to the LTC, one term at a time."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets

from ltcbook.papers.equations import Array, logistic
from ltcbook.teaching.widgets.front_end import BookWidget, join_modules, join_styles

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NETWORKS = ("ANN", "ResNet", "NeuralODE", "CT-RNN", "LTC")
"""The stops of the line."""
LOUDEST = 4.0
"""The largest input that the picture shows."""


@dataclass(frozen=True)
class Numbers:
    """What all five networks share: one neuron, an exciting and an inhibiting input.

    Attributes:
        w, a, b: strength, slope and bias of both synapses, w σ(a u + b).
        e: where each pulls to, which without anchors is its sign.
        w_l: the leak, once there is one; the resting potential is 0.
        thinnest: the step where steps have become a flow.
        horizon: how long the neuron listens, in time steps of the ANN.
        pulses: (input, first moment, last moment, strength); the second is as loud as set.
    """

    w: float = 1.5
    a: float = 1.5
    b: float = -3.0
    e: tuple[float, float] = (1.0, -1.0)
    w_l: float = 0.5
    thinnest: float = 1 / 32
    horizon: float = 20.0
    pulses: tuple[tuple[int, float, float, float], ...] = (
        (0, 2.0, 4.0, 1.5),
        (0, 8.0, 10.0, 3.0),
        (1, 14.0, 16.0, 1.5),
    )


NUMBERS = Numbers()


@dataclass(frozen=True)
class Dials:
    """What the line turns: x ← carry x + step (Σ_j g_j (e_j − post x) − leak x)."""

    carry: float
    step: float
    leak: float
    post: float


def dials(stop: float) -> Dials:
    """The dials at ``stop``, 0 (ANN) to 4 (LTC), anywhere between."""
    first, second, third, fourth = (min(1.0, max(0.0, stop - k)) for k in range(4))
    return Dials(first, NUMBERS.thinnest**second, NUMBERS.w_l * third, fourth)


class FiveNetworks(BookWidget):
    """Move along the line ANN, ResNet, NeuralODE, CT-RNN, LTC: each is the one before, and a term.

    One neuron hears a soft, a loud and an inhibiting sound. The same synapses serve all five
    networks.

    Args:
        stop: where on the line: 0 (ANN), 1 (ResNet), 2 (NeuralODE), 3 (CT-RNN), 4 (LTC), or
            anywhere between.
        loud: how loud the second sound is.

    Raises:
        ValueError: ``stop`` or ``loud`` is outside 0 to 4.

    >>> FiveNetworks(stop=4.0)
    FiveNetworks(4, loud=3)

    Source: B.3, B.5, B.12, B.15. Chapter: ``artificial_neurons``.
    """

    _esm: ClassVar[str] = join_modules(
        "kit.js",
        "keeper.js",
        "stage.js",
        "five_networks_math.js",
        "five_networks_views.js",
        "five_networks.js",
    )
    _css: ClassVar[str] = join_styles("kit.css", "stage.css", "five_networks.css")

    stop = traitlets.Float(0.0).tag(sync=True)
    loud = traitlets.Float(3.0).tag(sync=True)
    numbers = traitlets.Dict(asdict(NUMBERS), read_only=True).tag(sync=True)

    def __init__(self, stop: float = 0.0, *, loud: float = 3.0) -> None:
        super().__init__(stop=stop, loud=loud)

    @traitlets.validate("stop", "loud")
    def _shown(self, proposal: Any) -> float:
        name, value = proposal["trait"].name, float(proposal["value"])
        largest = len(NETWORKS) - 1 if name == "stop" else LOUDEST
        if not 0 <= value <= largest:
            raise ValueError(f"{name} must lie in 0 to {largest:g}, got {value!r}")
        return value

    def inputs(self, t: float) -> Array:
        """The exciting and the inhibiting input at the time t, shape (2,)."""
        u = np.zeros(2)
        for k, (j, first, last, strength) in enumerate(NUMBERS.pulses):
            if first <= t < last:
                u[j] = self.loud if k == 1 else strength
        return u

    def openings(self, t: float) -> Array:
        """w σ(a u + b) of both synapses at the time t, shape (2,)."""
        opened: Array = NUMBERS.w * logistic(NUMBERS.a * self.inputs(t) + NUMBERS.b)
        return opened

    def trace(self) -> tuple[Array, Array]:
        """Times and states, each (steps + 1,): from x(0) = 0 to the horizon."""
        d = dials(self.stop)
        steps = int(np.ceil(NUMBERS.horizon / d.step - 1e-9))
        t: Array = np.linspace(0.0, steps * d.step, steps + 1)
        x: Array = np.zeros(steps + 1)
        for k in range(steps):
            g = self.openings(t[k])
            rate = g @ (np.array(NUMBERS.e) - d.post * x[k]) - d.leak * x[k]
            x[k + 1] = d.carry * x[k] + d.step * rate
        return t, x

    def tau(self, t: float) -> float:
        """The time constant at the time t; infinite where nothing is ever forgotten."""
        d = dials(self.stop)
        rate = d.leak + d.post * self.openings(t).sum()
        return float(1 / rate) if rate else float("inf")

    def __repr__(self) -> str:
        return f"FiveNetworks({self.stop:g}, loud={self.loud:g})"

    def figure(self) -> Figure:
        """A still picture: what the same neuron does in each of the five networks."""
        import matplotlib as mpl  # here, for importing the package shall stay quick
        from matplotlib.figure import Figure

        from ltcbook.teaching.figures import COLOURS, use_style

        with mpl.rc_context():
            use_style()
            figure = Figure(figsize=(7.0, 5.4))
            top, *panels = figure.subplots(6, 1, sharex=True)
            for j, kind in enumerate(("excitatory", "inhibitory")):
                t = np.arange(0, NUMBERS.horizon + 1)
                u = [self.inputs(s)[j] * NUMBERS.e[j] for s in t]
                top.fill_between(t, u, step="post", color=COLOURS[kind], lw=0)
            top.set(ylabel="input", yticks=[0])
            for stop, (name, panel) in enumerate(zip(NETWORKS, panels, strict=True)):
                t, x = FiveNetworks(stop, loud=self.loud).trace()
                thin = max(1, len(t) // 160)  # a picture needs no more points
                style = "steps-post" if thin == 1 else "default"
                panel.plot(t[::thin], x[::thin], color="black", ls="-", drawstyle=style)
                panel.set(ylim=(-1.6, 4), yticks=[0])
                panel.set_ylabel(name, rotation=0, ha="right", va="center")
            panels[-1].set(xlabel="time")
        return figure
