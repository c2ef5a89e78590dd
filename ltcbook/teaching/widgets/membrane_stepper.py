"""The membrane stepper: the capacitor equation B.13, one step at a time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from ltcbook import checks
from ltcbook.teaching.widgets.front_end import BookWidget, join_modules, join_styles
from ltcbook.teaching.widgets.membrane_math import (
    METHODS,
    SCALES,
    Membrane,
    Method,
    Row,
    ScaleName,
    Synapse,
    default_synapse,
    first_row,
    rescale,
    verdict,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SCALE_NAMES: tuple[ScaleName, ...] = ("unit", "millivolt")
_PICTURE_STEPS = 12


class MembraneStepper(BookWidget):
    """Step one neuron's membrane equation by hand, and see which method follows it.

    In a notebook it is a live widget; in the built page it computes without a kernel. Both sides
    share the arithmetic of ``ltcbook.teaching.widgets.membrane_math``, in float64.

    Args:
        scale: ``"unit"``, the papers' units (rest 0, reversal potentials ±1), or
            ``"millivolt"`` (rest −70 mV, reversal potentials 0 and −90 mV; time in ms,
            conductances in nS, capacitance in pF).
        dt: time step of one click.
        C: membrane capacitance.
        w_l: leak conductance.
        e_l: resting potential; the scale's own if None.
        x0: potential at the start; the resting potential if None.
        synapses: any number of ``"excitatory"``, ``"inhibitory"`` or mappings with any of the
            keys ``w`` (maximum conductance), ``a`` (slope), ``b`` (minus the midpoint), ``e``
            (reversal potential) and ``x`` (presynaptic potential; None for the neuron itself);
            missing ones are those of an excitatory synapse. One of each kind if not given.
        method: whose potential ``x`` is, and whose arrows and equation are shown:
            ``"explicit"``, ``"semi_implicit"`` or ``"exponential"`` Euler.
        predict: True if each step first asks the reader for a prediction.

    Raises:
        TypeError: a synapse is neither a name nor a mapping.
        ValueError: a number is not finite, dt or C is not above 0, a conductance or slope is
            negative, or a name is unknown.

    >>> stepper = MembraneStepper(dt=0.5, C=1.0, w_l=1.0, x0=1.0, synapses=[])
    >>> stepper.step(), stepper.step()
    (0.5, 0.25)
    >>> stepper.undo()
    0.5

    Source: B.13 in mode v, σ(a (x_j + b)); A.9 in millivolts. Chapter: ``membrane_equation``.
    """

    _esm: ClassVar[str] = join_modules(
        "kit.js",
        "keeper.js",
        "membrane_math.js",
        "membrane_views.js",
        "membrane_cards.js",
        "membrane_words.js",
        "membrane_stepper.js",
    )
    _css: ClassVar[str] = join_styles("kit.css", "membrane_stepper.css")

    scale = traitlets.Enum(_SCALE_NAMES, "unit").tag(sync=True)
    dt = traitlets.Float(0.25).tag(sync=True)
    C = traitlets.Float(1.0).tag(sync=True)
    w_l = traitlets.Float(0.5).tag(sync=True)
    e_l = traitlets.Float(0.0).tag(sync=True)
    x0 = traitlets.Float(0.0).tag(sync=True)
    synapses = traitlets.List(traitlets.Dict()).tag(sync=True)
    method = traitlets.Enum(METHODS, "explicit").tag(sync=True)
    history = traitlets.List(traitlets.Dict()).tag(sync=True)
    predict = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        scale: ScaleName = "unit",
        *,
        dt: float = 0.25,
        C: float = 1.0,
        w_l: float = 0.5,
        e_l: float | None = None,
        x0: float | None = None,
        synapses: Iterable[str | Mapping[str, float | None]] | None = None,
        method: Method = "explicit",
        predict: bool = False,
    ) -> None:
        if scale not in _SCALE_NAMES:
            checks.unknown_name("scale", scale, _SCALE_NAMES)
        if method not in METHODS:
            checks.unknown_name("method", method, METHODS)
        rest = SCALES[scale].rest if e_l is None else e_l
        start = rest if x0 is None else x0
        if synapses is None:
            size = SCALES[scale].size
            middle = SCALES[scale].rest + size / 2
            synapses = (
                {"w": 1.5, "x": middle + 0.1 * size},
                {"x": middle - 0.3 * size, "e": SCALES[scale].inhibitory},
            )
        super().__init__(
            scale=scale,
            dt=dt,
            C=C,
            w_l=w_l,
            e_l=rest,
            x0=start,
            synapses=[_complete(given, scale) for given in synapses],
            method=method,
            predict=predict,
            history=[first_row(float(start))],
        )

    @traitlets.validate("dt", "C")
    def _positive(self, proposal: Any) -> float:
        return checks.positive_number(proposal["trait"].name, proposal["value"])

    @traitlets.validate("w_l", "e_l", "x0")
    def _number(self, proposal: Any) -> float:
        name = proposal["trait"].name
        return _number(name, proposal["value"], least=0.0 if name == "w_l" else -math.inf)

    @traitlets.validate("synapses")
    def _synapses(self, proposal: Any) -> list[dict[str, float | None]]:
        return [_complete(given, self.scale) for given in proposal["value"]]

    @property
    def membrane(self) -> Membrane:
        """The neuron as it is set now, as a plain object that computes."""
        synapses = tuple(Synapse(**s) for s in self.synapses)
        return Membrane(C=self.C, w_l=self.w_l, e_l=self.e_l, dt=self.dt, synapses=synapses)

    @property
    def x(self) -> float:
        """The potential now, as the chosen method has it."""
        return float(self.history[-1][self.method])

    @property
    def tau(self) -> float:
        """The liquid time constant C / (w_l + Σ wσ) now; infinite if nothing conducts."""
        rate = self.membrane.linear_form(self.x)[0]
        return 1 / rate if rate else math.inf

    @property
    def equilibrium(self) -> float:
        """The potential that the neuron tends to with its conductances as they are now.

        NaN if nothing conducts.
        """
        rate, drive = self.membrane.linear_form(self.x)
        return drive / rate if rate else math.nan

    @property
    def verdict(self) -> str:
        """What explicit Euler does at this dt/τ, monotone, oscillating or exploding."""
        return verdict(self.dt / self.tau)

    def step(self, count: int = 1) -> float:
        """Take ``count`` steps with every method; returns the new ``x``."""
        rows, membrane = list(self.history), self.membrane
        for _ in range(checks.positive_int("count", count)):
            rows.append(membrane.advance(rows[-1]))
        self.history = rows
        return self.x

    def undo(self) -> float:
        """Take back the last step, if there is one; returns ``x``."""
        if len(self.history) > 1:
            self.history = self.history[:-1]
        return self.x

    def restart(self, x0: float | None = None) -> None:
        """Go back to the start, or to a new one."""
        if x0 is not None:
            self.x0 = x0
        self.history = [first_row(self.x0)]

    def rescale(self, scale: ScaleName) -> None:
        """Show the same neuron on the other scale, and restart."""
        if scale not in _SCALE_NAMES:
            checks.unknown_name("scale", scale, _SCALE_NAMES)
        membrane, x0 = rescale(self.membrane, self.x0, self.scale, scale)
        with self.hold_trait_notifications():
            self.scale, self.e_l, self.x0 = scale, membrane.e_l, x0
            self.synapses = [asdict(s) for s in membrane.synapses]
            self.history = [first_row(x0)]

    def __repr__(self) -> str:
        steps = len(self.history) - 1
        return f"MembraneStepper({self.scale!r}, dt={self.dt:g}, steps={steps}, x={self.x:.6g})"

    def figure(self) -> Figure:
        """A still picture: the traces so far, or those of the first steps before any was taken."""
        import matplotlib as mpl
        from matplotlib.figure import Figure

        from ltcbook.teaching.figures import SOLVER_COLOURS, use_style

        rows = self.history
        if len(rows) == 1:
            rows = list(self.membrane.run(self.x0, _PICTURE_STEPS))
        times, exact = _exact_curve(rows)
        unit, time = ("", "") if self.scale == "unit" else (" (mV)", " (ms)")
        levels = [self.e_l, self.x0, *(s["e"] for s in self.synapses)]
        room = 0.3 * ((max(levels) - min(levels)) or 1.0)
        with mpl.rc_context():
            use_style()
            figure = Figure(figsize=(7.0, 3.6))
            axes = figure.subplots()
            axes.plot(times, exact, color="black", linestyle="-", label="exact")
            for method, marker in zip(METHODS, "os^", strict=True):
                name = f"{method.replace('_', '-')} Euler"
                solver = "euler" if method == "explicit" else name.lower().replace(" ", "-")
                axes.plot(
                    [row["t"] for row in rows],
                    [row[method] for row in rows],
                    color=SOLVER_COLOURS[solver],
                    marker=marker,
                    label=name,
                )
            axes.set(xlabel=f"t{time}", ylabel=f"x{unit}")
            axes.set_ylim(min(levels) - room, max(levels) + room)
            axes.set_title(f"Membrane potential, Δt/τ = {self.dt / self.tau:.3g}: {self.verdict}")
            axes.legend(ncols=2)
        return figure


def _exact_curve(rows: list[Row]) -> tuple[list[float], list[float]]:
    """Times and potentials of the exact curve that the rows keep."""
    times, exact = [rows[0]["t"]], [rows[0]["exact"]]
    for before, row in pairwise(rows):
        span, count = row["t"] - before["t"], len(row["path"])
        times += [before["t"] + span * k / count for k in range(1, count + 1)]
        exact += row["path"]
    return times, exact


def _complete(given: str | Mapping[str, float | None], scale: str) -> dict[str, float | None]:
    """A synapse with all its numbers, checked."""
    if isinstance(given, str):
        if given not in ("excitatory", "inhibitory"):
            checks.unknown_name("synapse", given, ("excitatory", "inhibitory"))
        return asdict(default_synapse(scale, given))  # type: ignore[arg-type]
    if not isinstance(given, Mapping):
        raise TypeError(
            "each of synapses must be 'excitatory', 'inhibitory' or a mapping with the keys "
            f"w, a, b, e, x, got {type(given).__name__}"
        )
    complete = asdict(default_synapse(scale, "excitatory"))  # type: ignore[arg-type]
    for name, value in given.items():
        if name not in complete:
            checks.unknown_name("key of a synapse", name, complete)
        least = 0.0 if name in ("w", "a") else -math.inf
        own = name == "x" and value is None
        complete[name] = None if own else _number(f"synapse {name}", value, least=least)
    return complete


def _number(name: str, value: object, least: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must not be negative, got {value!r}")
    return float(value)
