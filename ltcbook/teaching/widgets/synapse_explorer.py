"""The synapse explorer: the formulas of Table 3 as curves and as a map of the current."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any, ClassVar

import torch
import traitlets

from ltcbook.nn.descriptor import TypeDescriptor
from ltcbook.nn.synapses import SynapseWeights, currents, openings
from ltcbook.teaching.widgets.front_end import BookWidget, join_modules, join_styles

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LETTERS = ("w", "a", "b", "e", "x", "y")


class SynapseExplorer(BookWidget):
    """See what one synapse does: how far it opens, and the current for both potentials.

    Args:
        descriptor: which formula of Table 3; w-mode, act and factor matter to a single synapse.
        w, a, b, e: the synapse's numbers; the formula says which of them it uses.
        x: presynaptic potential.
        y: postsynaptic potential.

    Raises:
        ValueError: the descriptor is not one of the grammar, a number is not finite, or w or a
            is negative in a gated synapse.

    >>> synapse = SynapseExplorer(w=2.0, a=6.0, b=-0.5, e=1.0, x=0.5, y=0.0)
    >>> float(synapse.opening()), float(synapse.current())
    (1.0, 1.0)

    Source: B, Table 3. Chapters: ``liquid_time_constants``, ``grammar``.
    """

    _esm: ClassVar[str] = join_modules(
        "kit.js", "keeper.js", "table3.js", "synapse_views.js", "synapse_explorer.js"
    )
    _css: ClassVar[str] = join_styles("kit.css", "synapse_explorer.css")

    descriptor = traitlets.Unicode("ctrnn_vsigm+s_synaptic").tag(sync=True)
    w = traitlets.Float(1.0).tag(sync=True)
    a = traitlets.Float(5.0).tag(sync=True)
    b = traitlets.Float(-0.5).tag(sync=True)
    e = traitlets.Float(1.0).tag(sync=True)
    x = traitlets.Float(0.8).tag(sync=True)
    y = traitlets.Float(0.0).tag(sync=True)

    def __init__(
        self,
        descriptor: str | TypeDescriptor = "ctrnn_vsigm+s_synaptic",
        *,
        w: float = 1.0,
        a: float = 5.0,
        b: float = -0.5,
        e: float = 1.0,
        x: float = 0.8,
        y: float = 0.0,
    ) -> None:
        super().__init__(descriptor=str(descriptor), w=w, a=a, b=b, e=e, x=x, y=y)

    @traitlets.validate("descriptor")
    def _legal(self, proposal: Any) -> str:
        return str(TypeDescriptor.parse(proposal["value"]))

    @traitlets.validate(*_LETTERS)
    def _finite(self, proposal: Any) -> float:
        name, value = proposal["trait"].name, float(proposal["value"])
        if not math.isfinite(value):
            raise ValueError(f"{name} must be a finite number, got {value!r}")
        if name in ("w", "a") and value < 0 and TypeDescriptor.parse(self.descriptor).gated:
            raise ValueError(
                f"{name} must not be negative in a gated synapse ({self.descriptor}), got {value!r}"
            )
        return value

    @property
    def _kind(self) -> TypeDescriptor:
        """One synapse with numbers of its own, whatever the recurrence type."""
        return dataclasses.replace(TypeDescriptor.parse(self.descriptor), rec_type="s")

    def _weights(self) -> SynapseWeights:
        w, a, b, e = (torch.tensor([[getattr(self, k)]], dtype=torch.float64) for k in "wabe")
        return SynapseWeights(w=w, b=b, a=a, e=e)

    def opening(self, x: torch.Tensor | float | None = None) -> torch.Tensor:
        """What the synapse makes of presynaptic potentials x (default: ``x``), same shape."""
        potentials = torch.as_tensor(self.x if x is None else x, dtype=torch.float64)
        return openings(self._kind, self._weights(), potentials[..., None])[..., 0, 0]

    def current(
        self, x: torch.Tensor | float | None = None, y: torch.Tensor | float | None = None
    ) -> torch.Tensor:
        """The current for potentials x and y (default: ``x``, ``y``), broadcast."""
        before = torch.as_tensor(self.x if x is None else x, dtype=torch.float64)
        after = torch.as_tensor(self.y if y is None else y, dtype=torch.float64)
        form = currents(self._kind, self._weights(), before[..., None])
        decay = form.decay[..., 0] if form.decay.ndim else form.decay
        return form.drive[..., 0] - decay * after

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={getattr(self, name):g}" for name in _LETTERS)
        return f"SynapseExplorer({self.descriptor!r}, {values})"

    def figure(self) -> Figure:
        """A still picture: the opening against x, and the current against both potentials."""
        import matplotlib as mpl  # here, for importing the package shall stay quick
        from matplotlib.figure import Figure

        from ltcbook.teaching.figures import diverging, use_style

        potentials = torch.linspace(-2, 2, 41, dtype=torch.float64)
        table = self.current(potentials[None, :], potentials[:, None])
        largest = float(table.abs().max()) or 1.0
        with mpl.rc_context():
            use_style()
            figure = Figure(figsize=(7.0, 3.2))
            left, right = figure.subplots(1, 2)
            left.plot(potentials, self.opening(potentials))
            left.set(xlabel="presynaptic potential x", ylabel="opening", title=self.descriptor)
            levels = torch.linspace(-largest, largest, 13).tolist()
            filled = right.contourf(potentials, potentials, table, levels=levels, cmap=diverging())
            right.set(xlabel="presynaptic potential x", ylabel="postsynaptic potential y")
            figure.colorbar(filled, ax=right, label="current i")
        return figure
