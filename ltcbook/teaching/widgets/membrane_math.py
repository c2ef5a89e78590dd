"""The arithmetic of the membrane stepper, on top of the equation register.

One neuron, whose presynaptic potentials are given, is stepped by three methods and exactly.
Everything comes from evaluating B.13; ``membrane_math.js`` computes the same from conductances.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from ltcbook.papers.equations import register

Method = Literal["explicit", "semi_implicit", "exponential"]
ScaleName = Literal["unit", "millivolt"]
Row = dict[str, Any]

METHODS: tuple[Method, ...] = ("explicit", "semi_implicit", "exponential")

PATH_POINTS = 8
"""Points of the exact curve kept per step."""
SUBSTEPS = 8
"""Runge-Kutta steps between two of these points, where there is no closed form."""
LARGEST = 1e15
"""Explicit Euler can explode; its potential is held at this size, so that it stays a number."""


@dataclass(frozen=True)
class Scale:
    """Resting and reversal potentials of one scale; ``size`` of its units is 1 in the other."""

    rest: float
    excitatory: float
    inhibitory: float
    size: float

    def reversal(self, e: float, e_l: float) -> float:
        """The reversal potential on this scale of a synapse with the polarity of e."""
        return self.excitatory if e > e_l else self.inhibitory


SCALES: Mapping[str, Scale] = {
    "unit": Scale(rest=0.0, excitatory=1.0, inhibitory=-1.0, size=1.0),
    "millivolt": Scale(rest=-70.0, excitatory=0.0, inhibitory=-90.0, size=70.0),
}


@dataclass(frozen=True)
class Synapse:
    """w, slope a, b and reversal potential e of B.13 in mode v, σ(a (x_j + b)); x is x_j.

    ``x=None``: the synapse comes from the neuron itself.
    """

    w: float
    a: float
    b: float
    e: float
    x: float | None


@dataclass(frozen=True)
class Membrane:
    """One neuron: capacitance, leak and synapses, and the time step."""

    C: float
    w_l: float
    e_l: float
    dt: float
    synapses: tuple[Synapse, ...] = ()

    @property
    def talks_to_itself(self) -> bool:
        """True if a synapse comes from the neuron itself; then B.13 has no closed form."""
        return any(synapse.x is None for synapse in self.synapses)

    def derivative(self, x: float, frozen_at: float | None = None) -> float:
        """B.13 at the potential x; conductances as they are at ``frozen_at`` (default: at x)."""
        own = x if frozen_at is None else frozen_at
        before = [own if s.x is None else s.x for s in self.synapses]
        # Neuron 0 is the membrane, neurons 1 .. k are the presynaptic ones; only j -> 0 exist.
        w, a, b, e = (np.zeros((len(before) + 1,) * 2) for _ in range(4))
        for j, s in enumerate(self.synapses, start=1):
            w[j, 0], a[j, 0], b[j, 0], e[j, 0] = s.w, s.a, s.a * s.b, s.e
        leak = np.zeros((2, len(before) + 1))
        leak[:, 0] = self.w_l, self.e_l
        rates = register["B.13"].function(
            x=np.array([x, *before]), w_l=leak[0], e_l=leak[1], w=w, a=a, b=b, e=e, C=self.C
        )
        return float(rates[0])

    def linear_form(self, x: float) -> tuple[float, float]:
        """``rate`` and ``drive`` of x' = drive - rate x, the conductances frozen at x.

        With frozen conductances B.13 is linear (Theorem 3 of B), so two points give it away.
        rate = 1/τ = (w_l + Σ wσ)/C; the equilibrium is drive/rate.
        """
        drive = self.derivative(0.0, frozen_at=x)
        return drive - self.derivative(1.0, frozen_at=x), drive

    def next(self, x: float, method: Method) -> float:
        """The potential one step dt after x."""
        rate, drive = self.linear_form(x)
        if method == "explicit":
            return x + self.dt * self.derivative(x)
        if method == "semi_implicit":
            return (x + self.dt * drive) / (1 + self.dt * rate)
        return _relax(x, rate, drive, self.dt)

    def exact_path(self, x: float) -> list[float]:
        """The exact solution at ``PATH_POINTS`` equal distances within the step from x.

        With a synapse from the neuron itself, a fine fourth-order Runge-Kutta takes its place.
        """
        h = self.dt / PATH_POINTS
        if not self.talks_to_itself:
            rate, drive = self.linear_form(x)
            return [_relax(x, rate, drive, k * h) for k in range(1, PATH_POINTS + 1)]
        path: list[float] = []
        for _ in range(PATH_POINTS):
            x = self._runge_kutta(x, h)
            path.append(x)
        return path

    def _runge_kutta(self, x: float, t: float) -> float:
        h, f = t / SUBSTEPS, self.derivative
        for _ in range(SUBSTEPS):
            k1 = f(x)
            k2 = f(x + h / 2 * k1)
            k3 = f(x + h / 2 * k2)
            k4 = f(x + h * k3)
            x += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        return x

    def advance(self, row: Row) -> Row:
        """The row of the history that follows ``row``."""
        ends: Row = {m: max(-LARGEST, min(LARGEST, self.next(row[m], m))) for m in METHODS}
        path = self.exact_path(row["exact"])
        return {"t": row["t"] + self.dt, **ends, "exact": path[-1], "path": path}

    def run(self, x0: float, steps: int) -> Iterator[Row]:
        """The rows of a whole history, the first one included."""
        row = first_row(x0)
        yield row
        for _ in range(steps):
            row = self.advance(row)
            yield row


def _relax(x: float, rate: float, drive: float, t: float) -> float:
    """Solve x' = drive - rate x over the time t."""
    z = -rate * t
    return x + (drive - rate * x) * t * (math.expm1(z) / z if z else 1.0)


def first_row(x0: float) -> Row:
    """The first row of a history: every method starts at x0."""
    start: Row = dict.fromkeys(METHODS, x0)
    return {"t": 0.0, **start, "exact": x0, "path": []}


def verdict(ratio: float) -> str:
    """What explicit Euler does when dt/τ is ``ratio``: its error is multiplied by 1 - dt/τ."""
    if ratio > 2:
        return "exploding"
    if ratio == 2:
        return "swinging for ever"
    return "oscillating" if ratio > 1 else "monotone"


def default_synapse(scale: ScaleName, kind: Literal["excitatory", "inhibitory"]) -> Synapse:
    """A synapse of medium strength that is half open at half way between rest and excitation."""
    s = SCALES[scale]
    middle = s.rest + 0.5 * s.size
    return Synapse(w=1.0, a=5 / s.size, b=-middle, e=getattr(s, kind), x=middle)


def rescale(
    membrane: Membrane, x0: float, old: ScaleName, new: ScaleName
) -> tuple[Membrane, float]:
    """The same neuron and start on the other scale, with that scale's own reversal potentials.

    The scales cannot agree on everything: excitation pulls 70 mV up from rest and inhibition
    20 mV down, where the papers' units have 1 either way.
    """
    before, after = SCALES[old], SCALES[new]
    factor = after.size / before.size

    def potential(x: float) -> float:
        return after.rest + (x - before.rest) * factor

    def translated(s: Synapse) -> Synapse:
        return Synapse(
            w=s.w,
            a=s.a / factor,
            b=-potential(-s.b),
            e=after.reversal(s.e, membrane.e_l),
            x=None if s.x is None else potential(s.x),
        )

    synapses: Sequence[Synapse] = [translated(s) for s in membrane.synapses]
    return (
        replace(membrane, e_l=potential(membrane.e_l), synapses=tuple(synapses)),
        potential(x0),
    )
