"""Train one here: an LTC and a CT-RNN that learn, in the page, a curve that the reader draws."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import torch
import traitlets

from ltcbook.checks import positive_int, unknown_name
from ltcbook.nn.initialisation import TABLE_2
from ltcbook.nn.zoo import build
from ltcbook.teaching.widgets.front_end import BookWidget, join_modules, join_styles, join_worker

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ltcbook.nn.sequence import RecurrentNetwork

_LENGTH, _NEURONS = 40, 8
_HIGHEST = 1.2
_MODELS = {"LTC": "SA-LTC", "CT-RNN": "SA-CT-RNN-T"}
_STARTS = ("midpoint", "scaled")
_SOLVERS = {"semi-implicit": "semi-implicit-euler", "explicit": "euler"}


def two_hills() -> list[float]:
    """The curve that stands there at first, of 40 points.

    >>> len(two_hills()), max(two_hills()) > 0.5 > min(two_hills())
    (40, True)

    Chapter: ``liquid_time_constants``.
    """
    t = np.linspace(0, 1, _LENGTH)
    hills = 0.9 * np.exp(-(((t - 0.25) / 0.09) ** 2)) + 0.6 * np.exp(-(((t - 0.7) / 0.12) ** 2))
    return [round(float(y), 3) for y in hills - 0.3]


class TrainHere(BookWidget):
    """Draw a curve; an LTC and a CT-RNN of eight neurons learn it in the page.

    Both networks have synaptic activation and synaptic inputs, and hear sine and cosine of a clock
    that goes round once in 40 time steps. They are trained by Adam with rate 0.01, on the mean
    squared error, with gradients by the adjoint that the package's kernels use.

    Args:
        target: the curve, 40 heights between -1.2 and 1.2.
        start: ``"midpoint"`` or ``"scaled"``, the CT-RNN's strengths divided by √(fan-in). To the
            LTC they are the same.
        solver: ``"semi-implicit"`` or ``"explicit"`` Euler.
        unfolds: solver steps for each time step.
        seed: of the first weights.

    Raises:
        ValueError: a wrong number of heights or one out of range, an unknown name, or no solver
            step.

    >>> learner = TrainHere(unfolds=2)
    >>> learner.network("LTC").hidden_size, learner.inputs().shape
    (8, torch.Size([1, 40, 2]))

    Source: B.12 and B.15 in mode v, B's Table 2. Chapters: ``liquid_time_constants``, ``ct_rnns``.
    """

    _esm: ClassVar[str] = join_modules(
        "kit.js", "keeper.js", "train_words.js", "train_views.js", "train_here.js"
    )
    _css: ClassVar[str] = join_styles("kit.css", "train_here.css")

    target = traitlets.List(traitlets.Float()).tag(sync=True)
    start = traitlets.Unicode("midpoint").tag(sync=True)
    solver = traitlets.Unicode("semi-implicit").tag(sync=True)
    unfolds = traitlets.Int(4).tag(sync=True)
    seed = traitlets.Int(0).tag(sync=True)
    steps = traitlets.Int(300, read_only=True).tag(sync=True)
    hidden_size = traitlets.Int(_NEURONS, read_only=True).tag(sync=True)
    ranges = traitlets.Dict(read_only=True).tag(sync=True)
    worker_source = traitlets.Unicode(
        join_worker("train_math.js", "train_worker.js"), read_only=True
    ).tag(sync=True)

    def __init__(
        self,
        target: Iterable[float] | None = None,
        *,
        start: Literal["midpoint", "scaled"] = "midpoint",
        solver: Literal["semi-implicit", "explicit"] = "semi-implicit",
        unfolds: int = 4,
        seed: int = 0,
    ) -> None:
        heights = two_hills() if target is None else [float(y) for y in target]
        super().__init__(target=heights, start=start, solver=solver, unfolds=unfolds, seed=seed)
        ranges = {name: value for name, value in asdict(TABLE_2).items() if name != "rest"}
        self.set_trait("ranges", ranges)

    @traitlets.validate("target")
    def _curve(self, proposal: Any) -> list[float]:
        target: list[float] = proposal["value"]
        if len(target) != _LENGTH or not all(
            math.isfinite(y) and abs(y) <= _HIGHEST for y in target
        ):
            raise ValueError(
                f"target must be {_LENGTH} numbers between -{_HIGHEST} and {_HIGHEST}, "
                f"got {len(target)} of which the largest is {max(map(abs, target), default=0.0):g}"
            )
        return target

    @traitlets.validate("start", "solver")
    def _known(self, proposal: Any) -> str:
        name, value = proposal["trait"].name, proposal["value"]
        names = _STARTS if name == "start" else _SOLVERS
        if value not in names:
            unknown_name(name, value, names)
        return str(value)

    @traitlets.validate("unfolds")
    def _steps(self, proposal: Any) -> int:
        return positive_int("unfolds", proposal["value"])

    def inputs(self) -> torch.Tensor:
        """What the networks hear, shape (1, 40, 2): sine and cosine of one turn."""
        angle = torch.linspace(0, 2 * math.pi, _LENGTH, dtype=torch.float64)
        return torch.stack([angle.sin(), angle.cos()], dim=-1).unsqueeze(0)

    def network(self, name: Literal["LTC", "CT-RNN"]) -> RecurrentNetwork:
        """The package's own network of that kind, untrained, in float64.

        Its seeds are PyTorch's: it starts from the ranges that the page's starts from, not from the
        same draw.
        """
        model: RecurrentNetwork = build(  # type: ignore[call-overload]
            _MODELS[name],
            2,
            self.hidden_size,
            1,
            input_map="synaptic",
            solver=_SOLVERS[self.solver],
            unfolds=self.unfolds,
            init=self.start,
            seed=self.seed,
            dtype=torch.float64,
        )
        return model

    def __repr__(self) -> str:
        return f"TrainHere(start={self.start!r}, solver={self.solver!r}, unfolds={self.unfolds})"

    def figure(self) -> Figure:
        """A still picture: the curve, and what both networks make of it before any training."""
        import matplotlib as mpl  # here, for importing the package shall stay quick
        from matplotlib.figure import Figure

        from ltcbook.teaching.figures import PALETTE, use_style

        with mpl.rc_context(), torch.no_grad():
            use_style()
            figure = Figure(figsize=(7.0, 3.2))
            axes = figure.subplots()
            axes.plot(self.target, color="0.8", linestyle="-", linewidth=6, label="the curve")
            for name, colour, style in zip(("LTC", "CT-RNN"), PALETTE, ("-", "--"), strict=False):
                outputs = self.network(name)(self.inputs())[0]  # type: ignore[arg-type]
                label = f"{name}, untrained"
                axes.plot(outputs.flatten(), color=colour, linestyle=style, label=label)
            axes.set(xlabel="time t", ylabel="y", ylim=(-2, 2))
            axes.set_title("An LTC and a CT-RNN before they learn the curve")
            axes.legend(ncols=3)
        return figure
