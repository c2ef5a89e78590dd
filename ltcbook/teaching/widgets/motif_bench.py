"""The motif bench: small circuits to edit by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets

from ltcbook.analysis.motifs import Synapse
from ltcbook.checks import unknown_name
from ltcbook.teaching.widgets.front_end import BookWidget, join_modules, join_styles
from ltcbook.teaching.widgets.motif_math import ACTIVE, MOTIFS, Bench, Neuron

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NOT_NEGATIVE = ("conductance", "slope", "tonic")


class MotifBench(BookWidget):
    """Edit a circuit of two or three membranes and see what it does.

    Drag a synapse to make it thicker, press it to flip its sign, press a neuron to poke it. Beside
    the traces stands the plane of A and B, and, for two neurons that act on each other equally, how
    the resting points depend on that strength.

    Args:
        motif: which circuit to begin with: ``"mutual exclusion"``, ``"activation"``,
            ``"inhibition"``, ``"sequentialisation"``, ``"synchronisation"``, ``"rhythm of two"`` or
            ``"ring of three"``.
        neurons: by name, what differs from the circuit's own numbers: any of ``C`` (pF), ``x0``
            (mV), ``tonic``, ``height`` (nS), ``on``, ``off`` (ms).
        time: the time that is shown, ms.

    Raises:
        ValueError: an unknown name, a number that is not finite, a capacitance that is not above
            0, a negative conductance or slope, or a time outside the run.

    >>> ring = MotifBench("ring of three")
    >>> [(synapse["source"], synapse["target"]) for synapse in ring.synapses]
    [(0, 1), (1, 2), (2, 0)]

    Source: B.13 in millivolts (A.9); the motifs are named in A §1. Chapter: ``motifs``.
    """

    _esm: ClassVar[str] = join_modules(
        "kit.js", "keeper.js", "motif_math.js", "motif_views.js", "motif_words.js", "motif_bench.js"
    )
    _css: ClassVar[str] = join_styles("kit.css", "motif_bench.css")

    motif = traitlets.Unicode().tag(sync=True)
    neurons = traitlets.List(traitlets.Dict()).tag(sync=True)
    synapses = traitlets.List(traitlets.Dict()).tag(sync=True)
    horizon = traitlets.Float(80.0).tag(sync=True)
    time = traitlets.Float(0.0).tag(sync=True)
    active = traitlets.Float(ACTIVE).tag(sync=True)
    presets = traitlets.List(traitlets.Dict()).tag(sync=True)

    def __init__(
        self,
        motif: str = "mutual exclusion",
        *,
        neurons: Mapping[str, Mapping[str, float]] | None = None,
        time: float = 0.0,
    ) -> None:
        if motif not in MOTIFS:
            unknown_name("motif", motif, MOTIFS)
        state = MOTIFS[motif].as_state()
        by_name = {neuron["name"]: neuron for neuron in state["neurons"]}
        for name, own in (neurons or {}).items():
            if name not in by_name:
                unknown_name("neuron", name, by_name)
            by_name[name] |= own
        presets = [{"name": name, **bench.as_state()} for name, bench in MOTIFS.items()]
        super().__init__(motif=motif, **state, time=time, presets=presets)

    @traitlets.validate("neurons", "synapses")
    def _numbers(self, proposal: Any) -> list[dict[str, Any]]:
        kinds = Neuron if proposal["trait"].name == "neurons" else Synapse
        known = [field.name for field in fields(kinds)]
        return [_checked(kinds.__name__.lower(), item, known) for item in proposal["value"]]

    @traitlets.validate("time")
    def _within(self, proposal: Any) -> float:
        if not 0 <= proposal["value"] <= self.horizon:
            raise ValueError(f"time must be in 0 .. {self.horizon:g}, got {proposal['value']!r}")
        return float(proposal["value"])

    @property
    def bench(self) -> Bench:
        """The circuit as it is set now, as a plain object that computes."""
        neurons = tuple(Neuron(**neuron) for neuron in self.neurons)
        synapses = tuple(Synapse(**synapse) for synapse in self.synapses)
        return Bench(neurons, synapses, self.horizon)

    def __repr__(self) -> str:
        return f"MotifBench({self.motif!r}, time={self.time:g})"

    def figure(self) -> Figure:
        """A still picture: the potentials against time, and those of A and B in their plane."""
        import matplotlib as mpl  # here, for importing the package shall stay quick
        from matplotlib.figure import Figure

        from ltcbook.teaching.figures import PALETTE, use_style

        states = self.bench.run()[::8]
        times = np.linspace(0, self.horizon, len(states))
        with mpl.rc_context():
            use_style()
            figure = Figure(figsize=(7.0, 3.2))
            left, right = figure.subplots(1, 2, width_ratios=(3, 2))
            for neuron, x, colour, style in zip(
                self.neurons, states.T, PALETTE[:3], ("-", "--", "-."), strict=False
            ):
                left.plot(times, x, color=colour, linestyle=style, label=neuron["name"])
            left.set(xlabel="t (ms)", ylabel="x (mV)", ylim=(-95, 5), title=self.motif)
            left.legend()
            right.plot(*states.T[:2], color="black")
            right.plot(*states[0, :2], marker="x", color="black")
            right.set(xlabel="A (mV)", ylabel="B (mV)", xlim=(-95, 5), ylim=(-95, 5))
        return figure


def _checked(kind: str, item: Mapping[str, Any], known: list[str]) -> dict[str, Any]:
    """A neuron or a synapse with all its numbers checked."""
    for name, value in item.items():
        if name not in known:
            unknown_name(f"key of a {kind}", name, known)
        if name in ("name", "source", "target"):
            continue
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            raise ValueError(f"{kind} {name} must be a finite number, got {value!r}")
        if name in _NOT_NEGATIVE and value < 0:
            raise ValueError(f"{kind} {name} must not be negative, got {value!r}")
        if name == "C" and value <= 0:
            raise ValueError(f"{kind} C must be above 0, got {value!r}")
    return dict(item)
