"""The learning curve as a figure."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from ltcbook.data.cache import atomic_path
from ltcbook.figures import LINE_STYLES, PALETTE
from ltcbook.training.train import Result


def learning_curves(result: Result, loss: str) -> Figure:
    """Validation loss over epochs, a line for each seed, a dot at its best; training loss thin.

    Args:
        result: of a run.
        loss: what the vertical axis shows, with its unit.
    """
    figure = Figure(figsize=(7.0, 3.5), layout="constrained")
    axes = figure.subplots()
    for number, (seed, curve) in enumerate(zip(result.recipe.seeds, result.curves, strict=True)):
        colour = PALETTE[number % len(PALETTE)]
        style = LINE_STYLES[number % len(LINE_STYLES)]
        epochs = range(1, len(curve) + 1)
        training, validation = zip(*curve, strict=True)
        axes.plot(epochs, training, color=colour, linewidth=0.8, alpha=0.6)
        axes.plot(epochs, validation, color=colour, linestyle=style, label=f"seed {seed}")
        best = result.best_epochs[number]
        if best is not None:
            axes.plot(best, validation[best - 1], "o", color=colour)
    axes.set(xlabel="epoch", ylabel=loss, yscale="log")
    axes.set_title(f"{result.recipe.model}, {result.recipe.hidden_size} neurons; thin: training")
    axes.legend()
    return figure


def save_learning_curves(result: Result, loss: str, path: Path) -> None:
    """The same, as a PNG file."""
    with atomic_path(path) as temporary:
        learning_curves(result, loss).savefig(temporary, format="png", dpi=150)
