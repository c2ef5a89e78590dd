"""The results explorer: every committed run of a task as a point that tells where it comes from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from ltcbook.teaching.widgets.front_end import BookWidget, join_modules, join_styles

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BOX_FIELDS = (
    *("task", "model", "input_map", "init", "hidden_size", "parameters"),
    "learning_rate",
)
RUN_FIELDS = ("seed", "loss", "seconds", "run")
FIELDS = (*BOX_FIELDS, *RUN_FIELDS)
"""Of a point, in this order; a run that diverged has None for a loss. Seconds: of a wall clock."""


class ResultsExplorer(BookWidget):
    """Test losses of runs against parameters, neurons or time, with the levels to beat.

    Args:
        points: a run each, as ``FIELDS`` says; see :func:`ltcbook.experiments.explorer.points`.
        levels: for each task, baselines and noise floor by name.
        task: shown first; by default that of the first point.

    Raises:
        ValueError: if a point has another number of entries.

    >>> run = ["walker2d", "LSTM", "linear", "midpoint", 8, 700, 0.01, 0, 0.1, 5.6, "a"]
    >>> ResultsExplorer([run])
    ResultsExplorer(1 runs of 1 tasks)

    Source: B, Fig. 5 to 8. Chapter: ``what_replicates``.
    """

    _esm: ClassVar[str] = join_modules(
        "kit.js", "keeper.js", "results_math.js", "results_explorer.js"
    )
    _css: ClassVar[str] = join_styles("kit.css", "results_explorer.css")

    # The runs of a box are sent together, with what they share said once: a page has hundreds.
    boxes = traitlets.List(traitlets.List(), read_only=True).tag(sync=True)
    levels = traitlets.Dict(read_only=True).tag(sync=True)
    task = traitlets.Unicode("").tag(sync=True)
    axis = traitlets.Enum(("parameters", "neurons", "seconds"), "parameters").tag(sync=True)

    def __init__(
        self,
        points: Iterable[Iterable[Any]] = (),
        levels: Mapping[str, Mapping[str, float]] | None = None,
        *,
        task: str = "",
    ) -> None:
        given = [list(point) for point in points]
        for point in given:
            if len(point) != len(FIELDS):
                raise ValueError(
                    f"a point must have {len(FIELDS)} entries, {', '.join(FIELDS)}; got {point}"
                )
        super().__init__(task=task or (given[0][0] if given else ""))
        self.points = given
        boxes: dict[tuple[Any, ...], list[list[Any]]] = {}
        for point in given:
            shared, run = tuple(point[: len(BOX_FIELDS)]), point[len(BOX_FIELDS) :]
            boxes.setdefault(shared, []).append(run)
        self.set_trait("boxes", [[*shared, runs] for shared, runs in boxes.items()])
        self.set_trait("levels", {name: dict(found) for name, found in (levels or {}).items()})

    def __repr__(self) -> str:
        tasks = {point[0] for point in self.points}
        return f"ResultsExplorer({len(self.points)} runs of {len(tasks)} tasks)"

    def figure(self) -> Figure:
        """A still picture: the task shown first."""
        import matplotlib as mpl  # here, for importing the package shall stay quick
        from matplotlib.figure import Figure

        from ltcbook.teaching.figures import use_style

        mine = [dict(zip(FIELDS, point, strict=True)) for point in self.points]
        mine = [p for p in mine if p["task"] == self.task and p["loss"] is not None]
        with mpl.rc_context():
            use_style()
            figure = Figure(figsize=(7.0, 3.4))
            axes = figure.subplots()
            for model in dict.fromkeys(p["model"] for p in mine):
                own = [p for p in mine if p["model"] == model]
                places = [p["parameters"] for p in own], [p["loss"] for p in own]
                axes.plot(*places, "o", ls="none", ms=3, label=model)
            for name, level in self.levels.get(self.task, {}).items():
                if math.isfinite(level):
                    axes.axhline(level, color="0.5", ls=":", lw=1)
                    axes.text(1, level, name, transform=axes.get_yaxis_transform(), fontsize=7)
            if mine:
                axes.set(xscale="log", yscale="log")
                axes.legend(fontsize=7, ncols=2)
            axes.set(xlabel="parameters", ylabel="test loss", title=self.task or "no runs yet")
        return figure
