"""The look of the book's figures: readable, and safe for colour-blind readers and both themes."""

from typing import Final

import matplotlib as mpl
from cycler import cycler

# Okabe and Ito's palette (2008), told apart under the common forms of colour blindness. Ordered so
# that neighbours also differ in lightness; yellow is left out, for it is too pale for a line.
PALETTE: Final[tuple[str, ...]] = (
    "#0072B2",  # blue
    "#D55E00",  # vermilion
    "#009E73",  # bluish green
    "#CC79A7",  # reddish purple
    "#56B4E9",  # sky blue
    "#E69F00",  # orange
    "#000000",  # black
)

# Colour never carries a meaning alone: the line style changes with it.
LINE_STYLES: Final[tuple[str, ...]] = ("-", "--", "-.", ":", "-", "--", "-.")


def use_style() -> None:
    """Give all figures drawn from now on the book's look.

    Okabe and Ito's palette with a line style per colour, type that is readable at the width of
    the page, and an opaque light background, so that a figure reads the same in the dark theme.
    Changes matplotlib's ``rcParams``; call it once, in a chapter's first cell.

    Appendix: ``how_to_read``.
    """
    mpl.rcParams.update(
        {
            "axes.prop_cycle": cycler(color=PALETTE, linestyle=LINE_STYLES),
            "axes.facecolor": "white",
            "axes.grid": True,
            "axes.labelsize": 12,
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlelocation": "left",
            "axes.titlesize": 12,
            "figure.constrained_layout.use": True,
            "figure.dpi": 120,
            "figure.facecolor": "white",
            "figure.figsize": (7.0, 3.5),
            "font.size": 11,
            "grid.alpha": 0.35,
            "legend.frameon": False,
            "lines.linewidth": 2.0,
            "savefig.facecolor": "white",
            "savefig.transparent": False,
        }
    )
