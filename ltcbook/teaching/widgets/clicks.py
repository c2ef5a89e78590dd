"""Click, loud click: a neuron that decides, forgets, or does neither."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets

from ltcbook.papers.equations import Array, register
from ltcbook.teaching.widgets.front_end import BookWidget, join_modules, join_styles

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HORIZON, STEPS = 20.0, 1000
LOUDEST, LENGTH = 12.0, 1.0
"""How loud a click can be, and how long each lasts."""
SELF_WEIGHT, MIDPOINT = 10.0, 5.0
"""The self-synapse w σ(x − m); with a leak of one, m is the state that decides."""
_MOST = 12


class Clicks(BookWidget):
    """Drag clicks onto a timeline, and see which of them a neuron remembers.

    ẋ = −x + 10 σ(x − 5) + u(t), where leak and self-synapse can be taken away.

    Args:
        clicks: (moment, loudness) of each; a click lasts one unit of time.
        leak: whether the neuron leaks.
        self_synapse: whether it has a synapse onto itself.

    Raises:
        ValueError: there are more than twelve clicks, or one lies outside 0 to 19 in time or 0
            to 12 in loudness.

    >>> neuron = Clicks([(2.0, 3.0), (9.0, 8.0)])  # a soft one and a loud one
    >>> bool(neuron.trace()[-1] > 5)  # it remembers the loud one
    True

    Source: B.7 with an input. Chapter: ``ct_rnns``.
    """

    _esm: ClassVar[str] = join_modules(
        "kit.js", "keeper.js", "stage.js", "clicks_math.js", "clicks.js"
    )
    _css: ClassVar[str] = join_styles("kit.css", "stage.css", "clicks.css")

    clicks = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    leak = traitlets.Bool(True).tag(sync=True)
    self_synapse = traitlets.Bool(True).tag(sync=True)

    def __init__(
        self,
        clicks: Iterable[tuple[float, float]] = ((2.0, 3.0), (9.0, 8.0)),
        *,
        leak: bool = True,
        self_synapse: bool = True,
    ) -> None:
        given = [list(click) for click in clicks]
        super().__init__(clicks=given, leak=leak, self_synapse=self_synapse)

    @traitlets.validate("clicks")
    def _on_the_timeline(self, proposal: Any) -> list[list[float]]:
        clicks = [[float(value) for value in click] for click in proposal["value"]]
        limits = (HORIZON - LENGTH, LOUDEST)
        for click in clicks:
            good = len(click) == 2 and all(map(math.isfinite, click))
            if not good or not all(0 <= v <= most for v, most in zip(click, limits, strict=True)):
                raise ValueError(
                    f"each of clicks must be a moment in 0 to {limits[0]:g} and a loudness in 0 "
                    f"to {limits[1]:g}, got {click}"
                )
        if len(clicks) > _MOST:
            raise ValueError(f"clicks must be at most {_MOST}, got {len(clicks)}")
        return clicks

    def input(self, t: float) -> float:
        """u(t): the loudness of all clicks that sound at t."""
        return float(sum(loud for at, loud in self.clicks if at <= t < at + LENGTH))

    def rate(self, t: float, x: float) -> float:
        """ẋ: B.7 in the register, and the input."""
        weight = SELF_WEIGHT if self.self_synapse else 0.0
        leak = [1.0 if self.leak else 0.0]
        own = register["B.7"].function(np.array([x]), leak, [[weight]], [-MIDPOINT])
        return float(own[0]) + self.input(t)

    def trace(self) -> Array:
        """States at 1001 equal times from 0 to 20, from x(0) = 0 by the midpoint method."""
        h, x = HORIZON / STEPS, np.zeros(STEPS + 1)
        for k in range(STEPS):
            half = x[k] + h / 2 * self.rate(k * h, x[k])
            x[k + 1] = x[k] + h * self.rate((k + 0.5) * h, half)
        return x

    def __repr__(self) -> str:
        clicks = ", ".join(f"({at:g}, {loud:g})" for at, loud in self.clicks)
        return f"Clicks([{clicks}], leak={self.leak}, self_synapse={self.self_synapse})"

    def figure(self) -> Figure:
        """A still picture: the clicks, and the state that follows them."""
        import matplotlib as mpl  # here, for importing the package shall stay quick
        from matplotlib.figure import Figure

        from ltcbook.teaching.figures import COLOURS, use_style

        t, thin = np.linspace(0, HORIZON, STEPS + 1), 5  # a picture needs no more points
        edges = np.array(
            sorted({0, HORIZON, *(a + d for a, _ in self.clicks for d in (0, LENGTH))})
        )
        with mpl.rc_context():
            use_style()
            figure = Figure(figsize=(7.0, 4.0))
            top, below = figure.subplots(2, 1, sharex=True, height_ratios=(1, 2))
            heard = [self.input(s) for s in edges]
            top.fill_between(edges, heard, step="post", color=COLOURS["input"], lw=0)
            top.set(ylabel="clicks", ylim=(0, LOUDEST))
            below.plot(t[::thin], self.trace()[::thin], "-", color="black")
            if self.leak and self.self_synapse:
                below.axhline(MIDPOINT, color=COLOURS["excitatory"], ls="--", lw=1.5)
            below.set(xlabel="time", ylabel="state $x$", ylim=(-0.5, 16))
        return figure
