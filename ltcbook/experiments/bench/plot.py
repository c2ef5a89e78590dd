"""The figure of ``ltcbook bench``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from matplotlib.figure import Figure

from ltcbook.teaching.figures import PALETTE


def ladder(times: Mapping[str, Mapping[str, float]]) -> Figure:
    """Bars of the training steps, longest first, and a line where the bare sigmoids end.

    >>> times = {"ours step": 0.03, "theirs step": 0.17, "bare sigmoids": 0.01}
    >>> figure = ladder({name: {"wall_s": time} for name, time in times.items()})
    >>> len(figure.axes)
    1
    """
    steps = {
        name.removesuffix(", step"): row["wall_s"] * 1e3
        for name, row in times.items()
        if name.endswith(", step")
    }
    names = sorted(steps, key=steps.__getitem__)
    figure = Figure(figsize=(4.2, 3.0), layout="constrained")
    axes = figure.subplots()
    # The times stand beside the names, where a phone, too, shows them, and no bar is too short.
    labels = [f"{name}: {steps[name]:.0f} ms" for name in names]
    axes.barh(labels, [steps[name] for name in names], color=PALETTE[0])
    limit = times["bare sigmoids"]["wall_s"] * 1e3
    axes.axvline(limit, color=PALETTE[1], linestyle="--")
    axes.annotate(
        f" as many bare sigmoids: {limit:.0f} ms", (limit, len(names) - 0.45), color=PALETTE[1]
    )
    axes.set(xlabel="one training step (ms)", ylim=(-0.6, len(names)))
    axes.set_axisbelow(True)
    axes.grid(visible=False, axis="y")
    axes.margins(x=0.15)
    return figure


def save_plot(times: Mapping[str, Mapping[str, float]], path: Path) -> None:
    """The same as a PNG file."""
    ladder(times).savefig(path, format="png", dpi=150)
