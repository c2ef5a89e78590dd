"""The cover of the book: the potentials of a liquid network, drawn by the package itself.

    python -m book.cover

writes ``chapters/images/cover.png``, which the first page shows, and which stands beside a link to
the book where the link is shared. A test draws it again and compares.
"""

import matplotlib
import matplotlib.style
import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

import ltcbook
from book.site import COVER

SIZE, DOTS_PER_INCH = (12.0, 6.3), 100  # the shape that social sites show uncut
NAVY, SKY, YELLOW, WHITE = "#0b3c5d", "#56b4e9", "#f0e442", "#ffffff"
NEURONS, STEPS = 32, 160
COLOURS = 24


def potentials() -> torch.Tensor:
    """Return the potentials of an untrained LTC while two waves drive it: (steps, neurons)."""
    model = ltcbook.build("SA-LTC", 2, NEURONS, 1, input_map="synaptic", seed=1)
    t = torch.linspace(0, 16, STEPS)
    u = torch.stack([2.0 * torch.sin(t), 2.0 * torch.sin(1.7 * t + 1)], dim=-1)
    state, path = None, []
    with torch.no_grad():
        for now in u:
            _, state = model(now.reshape(1, 1, 2), state)
            path.append(state[0])
    return torch.stack(path)


def draw() -> Figure:
    """Return the cover as a figure."""
    figure = Figure(figsize=SIZE, dpi=DOTS_PER_INCH, facecolor=NAVY)
    curves = figure.add_axes((0.0, 0.02, 1.0, 0.52))
    curves.set_axis_off()
    curves.margins(x=0, y=0.02)
    path = potentials().numpy()
    for neuron, x in enumerate(path.T):
        accent = neuron % 8 == 3
        curves.plot(x, color=YELLOW if accent else SKY, lw=2.4 if accent else 1.2, alpha=0.9)
    figure.text(0.06, 0.80, "Liquid Time-Constant Networks", color=WHITE, size=42, weight="bold")
    figure.text(0.06, 0.68, "An executable textbook", color=YELLOW, size=27)
    figure.text(
        0.06, 0.60, "Every equation runs. Every theorem is tested.", color="#d9e6ee", size=19
    )
    return figure


def picture() -> Image.Image:
    """Return the cover as a picture of few colours, which is a quarter as large."""
    # Whatever style the process has taken on (a chapter's, say): the cover is the same.
    with matplotlib.style.context("default"):
        canvas = FigureCanvasAgg(draw())
        canvas.draw()
        return (
            Image.fromarray(np.asarray(canvas.buffer_rgba()))
            .convert("RGB")
            .quantize(COLOURS, dither=Image.Dither.NONE)
        )


def main() -> None:
    """Write the cover."""
    picture().save(COVER, optimize=True)


if __name__ == "__main__":
    main()
