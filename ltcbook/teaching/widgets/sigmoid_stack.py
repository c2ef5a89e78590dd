"""Stack the sigmoids: draw a curve with steps by hand, then watch training do it with three."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import traitlets

from ltcbook.checks import unknown_name
from ltcbook.papers.equations import Array, logistic
from ltcbook.teaching.widgets.front_end import BookWidget, join_modules, join_styles

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TARGETS = ("sine", "waves", "drawn")
POINTS = 101
"""Where the curve and the sum are compared: equally spaced in 0 to 1."""
TALLEST, GENTLEST, STEEPEST = 3.0, 2.0, 200.0
ITERATIONS, RATE = 1200, 0.05
"""Training: Adam with a learning rate that falls linearly to zero."""
TRAINED = 3
_MOST, _KNOTS = 12, 41

Target = Literal["sine", "waves", "drawn"]


def gradient(floor: float, steps: Array, y: Array) -> tuple[float, Array]:
    """The gradient of the mean squared error of floor + Σ h σ(e^s (x − m)), by hand.

    Args:
        floor: c.
        steps: a row m, h, s for each step, shape (N, 3); s is the logarithm of the slope.
        y: the curve at POINTS equal places in 0 to 1, shape (POINTS,).

    Returns:
        The derivative by the floor, and those by ``steps``, shape (N, 3).
    """
    m, h, s = np.asarray(steps).T
    slope, x = np.exp(s), np.linspace(0, 1, POINTS)[:, None]
    sigma = logistic(slope * (x - m))
    residual = 2 * (floor + sigma @ h - y) / POINTS
    bend = sigma * (1 - sigma) * h * slope
    by = (-(residual @ bend), residual @ sigma, residual @ (bend * (x - m)))
    return float(residual.sum()), np.stack(by, axis=1)


class SigmoidStack(BookWidget):
    """Lay sigmoid steps over each other until their sum is a curve, by hand and by training.

    Args:
        steps: (midpoint, height, slope) of each step.
        floor: what the sum is before the first of them.
        target: the curve: ``"sine"``, ``"waves"`` (two periods) or ``"drawn"``.
        drawn: the reader's own curve, 41 heights at equal distances.

    Raises:
        ValueError: there are no steps or more than twelve, a number is not finite, a slope is
            not in 2 to 200, or the target is unknown.

    >>> stack = SigmoidStack([(0.2, 0.7, 20.0), (0.5, -1.0, 10.0)])
    >>> before = stack.error
    >>> stack.train(50) < before
    True

    Source: the sum of sigmoids of universal approximation. Chapter: ``artificial_neurons``.
    """

    _esm: ClassVar[str] = join_modules(
        "kit.js", "keeper.js", "stage.js", "sigmoid_math.js", "sigmoid_views.js", "sigmoid_stack.js"
    )
    _css: ClassVar[str] = join_styles("kit.css", "stage.css", "sigmoid_stack.css")

    steps = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    floor = traitlets.Float(0.0).tag(sync=True)
    target = traitlets.Unicode("sine").tag(sync=True)
    drawn = traitlets.List(traitlets.Float()).tag(sync=True)

    def __init__(
        self,
        steps: Iterable[tuple[float, float, float]] = ((0.2, 0.7, 20.0),),
        *,
        floor: float = 0.0,
        target: Target = "sine",
        drawn: Iterable[float] = (0.0,) * _KNOTS,
    ) -> None:
        rows = [list(step) for step in steps]
        super().__init__(steps=rows, floor=floor, target=target, drawn=list(drawn))

    @traitlets.validate("steps")
    def _steps(self, proposal: Any) -> list[list[float]]:
        steps = [[float(value) for value in step] for step in proposal["value"]]
        if not 1 <= len(steps) <= _MOST:
            raise ValueError(f"steps must be 1 to {_MOST} steps, got {len(steps)}")
        for step in steps:
            if len(step) != 3 or not all(map(math.isfinite, step)):
                raise ValueError(f"a step must be three finite numbers, m, h and a, got {step}")
            if not GENTLEST <= step[2] <= STEEPEST:
                raise ValueError(
                    f"the slope of a step must lie in {GENTLEST:g} to {STEEPEST:g}, got {step[2]}"
                )
        return steps

    @traitlets.validate("target")
    def _known(self, proposal: Any) -> str:
        if proposal["value"] not in TARGETS:
            unknown_name("target", proposal["value"], TARGETS)
        return str(proposal["value"])

    @traitlets.validate("drawn")
    def _heights(self, proposal: Any) -> list[float]:
        heights = [float(value) for value in proposal["value"]]
        if len(heights) != _KNOTS or not all(map(math.isfinite, heights)):
            raise ValueError(f"drawn must be {_KNOTS} finite heights, got {len(heights)}")
        return heights

    def curve(self) -> Array:
        """The target at 101 equal places in 0 to 1."""
        x: Array = np.linspace(0.0, 1.0, POINTS)
        if self.target == "drawn":
            own: Array = np.interp(x, np.linspace(0, 1, _KNOTS), self.drawn)
            return own
        waves: Array = np.sin(2 * np.pi * x * (2 if self.target == "waves" else 1))
        return waves

    def sum(self) -> Array:
        """floor + Σ h σ(a (x − m)) at the same places."""
        m, h, a = np.array(self.steps).T
        x = np.linspace(0, 1, POINTS)[:, None]
        total: Array = self.floor + logistic(a * (x - m)) @ h
        return total

    @property
    def error(self) -> float:
        """The root of the mean squared distance of sum and curve."""
        return float(np.sqrt(np.mean((self.sum() - self.curve()) ** 2)))

    def train(self, iterations: int = ITERATIONS) -> float:
        """Put three steps at their start, and train them; returns the error.

        Adam with the learning rate RATE (1 − k/ITERATIONS); slopes by their logarithm.
        """
        y = self.curve()
        p = np.array([[(k + 0.5) / TRAINED, 0.1 * (-1) ** k, np.log(10)] for k in range(TRAINED)])
        values = np.append(p.ravel(), 0.0)
        mean, square = np.zeros_like(values), np.zeros_like(values)
        for k in range(1, iterations + 1):
            by_floor, by_steps = gradient(values[-1], values[:-1].reshape(-1, 3), y)
            g = np.append(by_steps.ravel(), by_floor)
            mean, square = 0.9 * mean + 0.1 * g, 0.999 * square + 0.001 * g * g
            step = mean / (1 - 0.9**k) / (np.sqrt(square / (1 - 0.999**k)) + 1e-8)
            values = values - RATE * (1 - k / ITERATIONS) * step
            slopes = values[2:-1:3]
            slopes[:] = np.clip(slopes, np.log(GENTLEST), np.log(STEEPEST))
        trained = values[:-1].reshape(-1, 3)
        self.floor = float(values[-1])
        self.steps = [[m, h, math.exp(s)] for m, h, s in trained.tolist()]
        return self.error

    def __repr__(self) -> str:
        return f"SigmoidStack({len(self.steps)} steps, {self.target!r}, error={self.error:.3g})"

    def figure(self) -> Figure:
        """A still picture: the curve, the steps, and their sum."""
        import matplotlib as mpl  # here, for importing the package shall stay quick
        from matplotlib.figure import Figure

        from ltcbook.teaching.figures import COLOURS, use_style

        x = np.linspace(0, 1, POINTS)
        with mpl.rc_context():
            use_style()
            figure = Figure(figsize=(7.0, 3.8))
            axes = figure.subplots()
            axes.plot(x, self.curve(), "-", color="0.8", lw=6, label="curve")
            for m, h, a in self.steps:
                kind = "excitatory" if h > 0 else "inhibitory"
                axes.plot(x, h * logistic(a * (x - m)), "--", color=COLOURS[kind], lw=1.2)
            axes.plot(x, self.sum(), "-", color="black", label="sum of the steps")
            axes.set(xlabel="$x$", ylim=(-2.2, 2.2))
            axes.legend(ncols=2)
        return figure
