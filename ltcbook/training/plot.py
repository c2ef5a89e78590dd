"""The learning curve as a figure."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from ltcbook.data.cache import write_atomically
from ltcbook.teaching.figures import LINE_STYLES, PALETTE
from ltcbook.training.trainer import Result


def learning_curves(result: Result, loss: str) -> Figure:
    """Validation loss over epochs, a line for each replica, a dot at its best; training loss thin.

    Args:
        result: of a run.
        loss: what the vertical axis shows, with its unit.
    """
    figure = Figure(figsize=(7.0, 3.5), layout="constrained")
    axes = figure.subplots()
    for number, (label, curve) in enumerate(zip(result.recipe.labels, result.curves, strict=True)):
        words = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in label.items())
        colour = PALETTE[number % len(PALETTE)]
        style = LINE_STYLES[number % len(LINE_STYLES)]
        epochs = range(1, len(curve) + 1)
        training, validation = zip(*curve, strict=True)
        axes.plot(epochs, training, color=colour, linewidth=0.8, alpha=0.6)
        axes.plot(epochs, validation, color=colour, linestyle=style, label=words)
        best = result.best_epochs[number]
        if best is not None:
            axes.plot(best, validation[best - 1], "o", color=colour)
    axes.set(xlabel="epoch", ylabel=loss, yscale="log")
    axes.set_title(f"{result.recipe.model}, {result.recipe.hidden_size} neurons; thin: training")
    axes.legend()
    return figure


def save_learning_curves(result: Result, loss: str, path: Path) -> None:
    """The same, as a PNG file."""
    figure = learning_curves(result, loss)
    write_atomically(path, lambda stream: figure.savefig(stream, format="png", dpi=150))
