"""From ResNet to ODE: residual layers as Euler steps that merge into a flow."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import traitlets

from ltcbook.checks import positive_int, positive_number, unknown_name
from ltcbook.papers.equations import Array, register
from ltcbook.teaching.widgets.front_end import BookWidget, join_modules, join_styles

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ACTIVATIONS = ("tanh", "sigm")
_NUMBERS = ("w", "a", "b", "w_l")
_STARTS = (-1.5, -1.1, -0.7, -0.3, 0.3, 0.7, 1.1, 1.5)
_FLOW_STEPS = 100


class ResNetToODE(BookWidget):
    """Deepen a residual network until it is a flow, and watch its paths stop crossing.

    One neuron, N layers with the same weights; each layer adds (T/N) f(x) with the f of B.8,
    f(x) = −w_l x + w σ(a x + b). With w_l = 0 this is the NeuralODE of B.5.

    Args:
        depth: the number of layers N.
        activation: σ, ``"tanh"`` or ``"sigm"``.
        horizon: T, how long the flow runs.
        w, a, b, w_l: the letters of f.
        starts: where the paths start.

    Raises:
        ValueError: depth is below one, the horizon is not above 0, a number is not finite, there
            are fewer than two starts, or the activation is unknown.

    >>> ResNetToODE(depth=1, w=-6.0).crossings, ResNetToODE(depth=100, w=-6.0).crossings
    (28, 0)

    Source: B.3, B.5, B.8. Chapters: ``residual_networks``, ``neural_odes``.
    """

    _esm: ClassVar[str] = join_modules(
        "kit.js",
        "keeper.js",
        "resnet_math.js",
        "resnet_space.js",
        "resnet_starts.js",
        "resnet_cloud.js",
        "resnet_views.js",
        "resnet_to_ode.js",
    )
    _css: ClassVar[str] = join_styles("kit.css", "resnet_to_ode.css")

    activation = traitlets.Unicode("tanh").tag(sync=True)
    depth = traitlets.Int(1).tag(sync=True)
    horizon = traitlets.Float(1.2).tag(sync=True)
    w = traitlets.Float(-2.0).tag(sync=True)
    a = traitlets.Float(1.0).tag(sync=True)
    b = traitlets.Float(0.0).tag(sync=True)
    w_l = traitlets.Float(0.0).tag(sync=True)
    starts = traitlets.List(traitlets.Float()).tag(sync=True)
    # A second neuron, the strength with which the two turn around each other, and a target that the
    # reader draws: where 21 equally distant starts shall end.
    dimension = traitlets.Int(1).tag(sync=True)
    turn = traitlets.Float(0.0).tag(sync=True)
    # How strongly a third neuron hears the two, for points that no flow in the plane can part.
    lift = traitlets.Float(0.0).tag(sync=True)
    target = traitlets.List(traitlets.Float()).tag(sync=True)
    # Points of two kinds that are sent through the plane instead: "rings" or "spiral".
    cloud = traitlets.Enum(["", "rings", "spiral"], default_value="").tag(sync=True)

    def __init__(
        self,
        depth: int = 1,
        *,
        activation: Literal["tanh", "sigm"] = "tanh",
        horizon: float = 1.2,
        w: float = -2.0,
        a: float = 1.0,
        b: float = 0.0,
        w_l: float = 0.0,
        starts: Iterable[float] = _STARTS,
    ) -> None:
        super().__init__(
            depth=depth,
            activation=activation,
            horizon=horizon,
            w=w,
            a=a,
            b=b,
            w_l=w_l,
            starts=list(starts),
        )

    @traitlets.validate("activation")
    def _known(self, proposal: Any) -> str:
        if proposal["value"] not in _ACTIVATIONS:
            unknown_name("activation", proposal["value"], _ACTIVATIONS)
        return str(proposal["value"])

    @traitlets.validate("depth")
    def _whole(self, proposal: Any) -> int:
        return positive_int("depth", proposal["value"])

    @traitlets.validate("horizon")
    def _positive(self, proposal: Any) -> float:
        return positive_number("horizon", proposal["value"])

    @traitlets.validate(*_NUMBERS)
    def _finite(self, proposal: Any) -> float:
        name, value = proposal["trait"].name, float(proposal["value"])
        if not math.isfinite(value):
            raise ValueError(f"{name} must be a finite number, got {value!r}")
        return value

    @traitlets.validate("starts")
    def _several(self, proposal: Any) -> list[float]:
        starts = [float(start) for start in proposal["value"]]
        if len(set(starts)) < 2 or not all(map(math.isfinite, starts)):
            raise ValueError(f"starts must be at least two different finite numbers, got {starts}")
        return starts

    def field(self, x: float) -> float:
        """f(x), from B.8 in the register."""
        sigma = {"sigma": np.tanh} if self.activation == "tanh" else {}
        own = {name: np.array([[getattr(self, name)]]) for name in ("w", "a", "b")}
        b8 = register["B.8"].function
        return float(b8(x=np.array([x]), w_l=np.array([self.w_l]), **own, **sigma)[0])

    def resnet(self) -> Array:
        """States after 0, 1, ..., N layers, shape (starts, N + 1)."""
        states = np.empty((len(self.starts), self.depth + 1))
        states[:, 0] = self.starts
        for layer in range(self.depth):
            rates = [self.field(x) for x in states[:, layer]]
            states[:, layer + 1] = states[:, layer] + self.horizon / self.depth * np.array(rates)
        return states

    def flow(self) -> Array:
        """The flow of ẋ = f(x) at 101 equal times from 0 to T, shape (starts, 101)."""
        h, f = self.horizon / _FLOW_STEPS, self.field
        states = np.empty((len(self.starts), _FLOW_STEPS + 1))
        states[:, 0] = self.starts
        for row in states:
            for k, x in enumerate(row[:-1]):
                k1 = f(x)
                k2 = f(x + h / 2 * k1)
                k3 = f(x + h / 2 * k2)
                row[k + 1] = x + h / 6 * (k1 + 2 * k2 + 2 * k3 + f(x + h * k3))
        return states

    @property
    def crossings(self) -> int:
        """How often two paths through the layers change places; a flow has none."""
        pairs = itertools.combinations(self.resnet(), 2)
        signs = [np.sign(p - q) for p, q in pairs]
        return sum(int((np.abs(np.diff(sign)) == 2).sum()) for sign in signs)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={getattr(self, name):g}" for name in ("horizon", *_NUMBERS))
        return f"ResNetToODE({self.depth}, activation={self.activation!r}, {values})"

    def figure(self) -> Figure:
        """A still picture: the paths through the layers in front of the flow."""
        import matplotlib as mpl  # here, for importing the package shall stay quick
        from matplotlib.figure import Figure

        from ltcbook.teaching.figures import PALETTE, use_style

        flow, layers = self.flow(), self.resnet()
        most = 2.0 ** math.ceil(math.log2(max(float(np.abs(flow).max()), 0.5)))
        with mpl.rc_context():
            use_style()
            figure = Figure(figsize=(7.0, 3.6))
            axes = figure.subplots()
            times = np.linspace(0, self.horizon, flow.shape[1])
            axes.plot(times[::4], flow.T[::4], color="0.8", linestyle="-", linewidth=4)
            times = np.linspace(0, self.horizon, self.depth + 1)
            for path in layers:
                colour = PALETTE[0] if path[0] > 0 else PALETTE[1]
                style = "-" if path[0] > 0 else "--"
                axes.plot(times, path, color=colour, linestyle=style, marker="o", markersize=3)
            axes.set(xlabel="depth, as time t", ylabel="x")
            axes.set_ylim(-most, most)
            axes.set_title(
                f"N = {self.depth}: residual layers before the flow: {self.crossings} crossings"
            )
        return figure
