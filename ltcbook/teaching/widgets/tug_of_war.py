"""Tug of war: the membrane potential as a ring that springs pull to their anchors."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets

from ltcbook.checks import positive_number
from ltcbook.papers.equations import Array
from ltcbook.teaching.widgets.front_end import BookWidget, join_modules, join_styles

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("inhibitory", "leak", "excitatory")
"""The springs, in the order of ``e`` and ``g``."""
RAIL = (-100.0, 20.0)
"""The potentials that the picture shows, in mV."""
STIFFEST = 10.0
"""The largest conductance that it shows, in nS."""


class TugOfWar(BookWidget):
    """Pull a membrane potential by hand, and find where its springs hold it.

    An anchor stands at a reversal potential, a spring is as stiff as its conductance, the ring is
    the potential. Anchors, springs and ring are dragged; let go, the ring goes where the currents
    cancel, and leaves its trace.

    Args:
        g: conductances of the inhibitory synapse, the leak and the excitatory synapse, in nS.
        e: their reversal potentials, in mV.
        x: where the ring is held at first, in mV.
        C: membrane capacitance in pF.

    Raises:
        ValueError: there are not three of ``g`` and of ``e``, C is not above 0, no conductance
            is, or a number is outside what the picture shows: 0 to 10 nS, −100 to 20 mV.

    >>> pull = TugOfWar(g=(1.0, 1.0, 2.0), e=(-90.0, -70.0, 0.0), C=10.0)
    >>> pull.rest, pull.tau
    (-40.0, 2.5)

    Source: A.9, with constant conductances. Chapter: ``membrane_equation``.
    """

    _esm: ClassVar[str] = join_modules(
        "kit.js", "keeper.js", "stage.js", "tug_math.js", "tug_of_war.js"
    )
    _css: ClassVar[str] = join_styles("kit.css", "stage.css", "tug_of_war.css")

    g = traitlets.List(traitlets.Float()).tag(sync=True)
    e = traitlets.List(traitlets.Float()).tag(sync=True)
    x = traitlets.Float(-20.0).tag(sync=True)
    C = traitlets.Float(10.0).tag(sync=True)

    def __init__(
        self,
        g: Iterable[float] = (1.0, 1.0, 1.0),
        *,
        e: Iterable[float] = (-90.0, -70.0, 0.0),
        x: float = -20.0,
        C: float = 10.0,
    ) -> None:
        super().__init__(g=list(g), e=list(e), x=x, C=C)

    @traitlets.validate("g", "e")
    def _three(self, proposal: Any) -> list[float]:
        name, values = proposal["trait"].name, [float(value) for value in proposal["value"]]
        if len(values) != len(KINDS) or not all(map(math.isfinite, values)):
            raise ValueError(f"{name} must be three finite numbers ({KINDS}), got {values}")
        low, high = (0.0, STIFFEST) if name == "g" else RAIL
        if min(values) < low or max(values) > high or not (name == "e" or any(values)):
            raise ValueError(f"{name} must lie in {low:g} to {high:g}, not all 0, got {values}")
        return values

    @traitlets.validate("x")
    def _on_the_rail(self, proposal: Any) -> float:
        x = float(proposal["value"])
        if not RAIL[0] <= x <= RAIL[1]:
            raise ValueError(f"x must lie in {RAIL[0]:g} to {RAIL[1]:g} (mV), got {x!r}")
        return x

    @traitlets.validate("C")
    def _positive(self, proposal: Any) -> float:
        return positive_number("C", proposal["value"])

    @property
    def currents(self) -> Array:
        """g (e − x) of each spring, in pA, shape (3,)."""
        return np.array(self.g) * (np.array(self.e) - self.x)

    @property
    def rest(self) -> float:
        """Σge / Σg in mV, where the currents cancel."""
        return float(np.dot(self.g, self.e) / np.sum(self.g))

    @property
    def tau(self) -> float:
        """C / Σg in ms."""
        return float(self.C / np.sum(self.g))

    def trace(self, t: Array) -> Array:
        """The potential t (S) ms after the ring is let go, shape (S)."""
        rest = self.rest
        path: Array = rest + (self.x - rest) * np.exp(-np.asarray(t) / self.tau)
        return path

    def __repr__(self) -> str:
        return f"TugOfWar(g={self.g}, e={self.e}, x={self.x:g})"

    def figure(self) -> Figure:
        """A still picture: the springs at rest, and below them the way there."""
        import matplotlib as mpl  # here, for importing the package shall stay quick
        from matplotlib.figure import Figure

        from ltcbook.teaching.figures import COLOURS, use_style

        with mpl.rc_context():
            use_style()
            figure = Figure(figsize=(7.0, 4.6))
            rail, way = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
            for row, (kind, g, e) in enumerate(zip(KINDS, self.g, self.e, strict=True)):
                s = np.linspace(0, 1, 200)
                coils = 0.16 * np.sin(18 * np.pi * s) * (np.abs(s - 0.5) < 0.42)
                rail.plot(
                    e + (self.rest - e) * s, row + coils, "-", color=COLOURS[kind], lw=1 + 0.9 * g
                )
                label = f"{kind}, {e:g} mV, {g:g} nS"
                rail.plot(e, row, "s", color=COLOURS[kind], ms=11, label=label)
            rail.axvline(self.rest, color="black", lw=4, ls="-")
            rail.set(yticks=[], ylim=(-0.6, 2.6))
            rail.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=9)
            t = np.linspace(0, 20, 200)
            way.plot(self.trace(t), t, "-", color="black")
            way.invert_yaxis()
            way.set(xlabel="membrane potential (mV)", ylabel="ms since let go")
        return figure
