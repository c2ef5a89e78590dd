"""The motif bench: two neurons and the five ways to couple them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets

from ltcbook.checks import unknown_name
from ltcbook.widgets.front_end import BookWidget, join_modules, join_styles
from ltcbook.widgets.motif_math import MOTIFS, SEEN, SENSORY, Neuron, Pair, Synapse, as_state

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NOT_NEGATIVE = ("w", "a", "w_l")


class MotifBench(BookWidget):
    """Couple two neurons A and B and see which motif they form: traces and phase portrait.

    Each of the two synapses, from A to B and from B to A, is absent, exciting or inhibiting. Up to
    exchanging A and B that leaves five motifs.

    Args:
        motif: which one to begin with: ``"activation"``, ``"inhibition"``,
            ``"sequentialization"``, ``"mutual exclusion"`` or ``"synchronization"``.
        neurons: for A and for B, what differs from the motif's own numbers: any of ``C``, ``w_l``,
            ``e_l``, ``x0``, ``tonic``, ``height``, ``on``, ``off`` (a tonic input and a pulse).
        synapses: the same for A → B and for B → A: any of ``w``, ``a``, ``b``, ``e``.
        time: the time that is shown.

    Raises:
        ValueError: an unknown name, a number that is not finite, a capacitance that is not above
            0, a negative conductance or slope, or not two neurons or synapses.

    Source: B.15 in mode v; the motifs are named in A §1. Chapter: ``motifs``.
    """

    _esm: ClassVar[str] = join_modules(
        "kit.js", "motif_math.js", "motif_views.js", "motif_bench.js"
    )
    _css: ClassVar[str] = join_styles("kit.css", "motif_bench.css")

    neurons = traitlets.List(traitlets.Dict()).tag(sync=True)
    synapses = traitlets.List(traitlets.Dict()).tag(sync=True)
    time = traitlets.Float(0.0).tag(sync=True)
    horizon = traitlets.Float(20.0).tag(sync=True)
    sensory = traitlets.Dict(SENSORY).tag(sync=True)
    presets = traitlets.List(traitlets.Dict()).tag(sync=True)
    seen = traitlets.Dict(dict(SEEN)).tag(sync=True)

    def __init__(
        self,
        motif: str = "activation",
        *,
        neurons: tuple[Mapping[str, float], Mapping[str, float]] = ({}, {}),
        synapses: tuple[Mapping[str, float], Mapping[str, float]] = ({}, {}),
        time: float = 0.0,
    ) -> None:
        if motif not in MOTIFS:
            unknown_name("motif", motif, MOTIFS)
        state = as_state(MOTIFS[motif])
        for name, given in {"neurons": neurons, "synapses": synapses}.items():
            if len(given) != 2:
                raise ValueError(f"{name} must be two mappings, one each, got {len(given)}")
            state[name] = [own | dict(new) for own, new in zip(state[name], given, strict=True)]
        presets = [{"name": name, **as_state(pair)} for name, pair in MOTIFS.items()]
        super().__init__(**state, time=time, presets=presets)

    @traitlets.validate("neurons", "synapses")
    def _pair_of(self, proposal: Any) -> list[dict[str, float]]:
        name = proposal["trait"].name
        known = [field.name for field in fields(Neuron if name == "neurons" else Synapse)]
        return [_checked(name, item, known) for item in proposal["value"]]

    @traitlets.validate("time")
    def _within(self, proposal: Any) -> float:
        if not 0 <= proposal["value"] <= self.horizon:
            raise ValueError(f"time must be in 0 .. {self.horizon:g}, got {proposal['value']!r}")
        return float(proposal["value"])

    @property
    def pair(self) -> Pair:
        """The two neurons as they are set now, as a plain object that computes."""
        first, second = (Neuron(**neuron) for neuron in self.neurons)
        forward, backward = (Synapse(**synapse) for synapse in self.synapses)
        return Pair((first, second), (forward, backward), self.horizon)

    @property
    def motif(self) -> str:
        """Which motif the two synapses form now, or ``"none"``."""
        return self.pair.motif

    def __repr__(self) -> str:
        return f"MotifBench({self.motif!r}, time={self.time:g})"

    def figure(self) -> Figure:
        """A still picture: both potentials against time, and against each other."""
        import matplotlib as mpl  # here, for importing the package shall stay quick
        from matplotlib.figure import Figure

        from ltcbook.figures import PALETTE, use_style

        states = self.pair.run()[::4]
        times = np.linspace(0, self.horizon, len(states))
        with mpl.rc_context():
            use_style()
            figure = Figure(figsize=(7.0, 3.2))
            left, right = figure.subplots(1, 2, width_ratios=(3, 2))
            for i, (name, colour, style) in enumerate([("A", 5, "-"), ("B", 4, "--")]):
                left.plot(times, states[:, i], color=PALETTE[colour], linestyle=style, label=name)
            left.set(xlabel="t", ylabel="x", title=self.motif, ylim=(-1.1, 1.1))
            left.legend()
            right.plot(states[:, 0], states[:, 1], color="black", linestyle="-")
            right.plot(*states[0], marker="x", color="black")
            right.set(xlabel="x of A", ylabel="x of B", xlim=(-1.1, 1.1), ylim=(-1.1, 1.1))
        return figure


def _checked(name: str, item: Mapping[str, Any], known: list[str]) -> dict[str, float]:
    kind = name.removesuffix("s")
    for key, value in item.items():
        if key not in known:
            unknown_name(f"key of a {kind}", key, known)
        if not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"{kind} {key} must be a finite number, got {value!r}")
        if key in _NOT_NEGATIVE and value < 0:
            raise ValueError(f"{kind} {key} must not be negative, got {value!r}")
        if key == "C" and value <= 0:
            raise ValueError(f"{kind} C must be above 0, got {value!r}")
    kinds = Neuron if name == "neurons" else Synapse
    return asdict(kinds(**{key: float(value) for key, value in item.items()}))
