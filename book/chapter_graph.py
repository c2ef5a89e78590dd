"""The graph of the chapters, drawn from their cards: which one builds on which."""

from html import escape
from textwrap import wrap
from typing import NamedTuple

import numpy as np
from scipy.optimize import isotonic_regression

from book.cards import Card, depths

WIDTH, ROW, BOX, HEIGHT = 976, 106, 128, 60  # seven boxes fit beside each other
BETWEEN = 12  # boxes of a row
LETTERS = 16  # in a line of a box


class Arrow(NamedTuple):
    """``source`` comes before ``target``; ``helps`` when one can do without it."""

    source: str
    target: str
    helps: bool


def arrows(of: dict[str, Card]) -> list[Arrow]:
    """Return what the cards say, without what follows from the rest.

    A need follows if a chain of needs says it too; that a chapter helps follows from any chain.
    """
    said = [Arrow(need.chapter, name, need.helps) for name, c in of.items() for need in c.needs]

    def follows(arrow: Arrow) -> bool:
        usable = [a for a in said if a != arrow and (arrow.helps or not a.helps)]
        reached, growing = {arrow.source}, True
        while growing:
            further = {a.target for a in usable if a.source in reached} | reached
            growing, reached = further != reached, further
        return arrow.target in reached

    return [arrow for arrow in said if not follows(arrow)]


def places(of: dict[str, Card]) -> dict[str, tuple[float, float]]:
    """Return the centre of each chapter: below all that it needs, near the middle of them."""
    rows: dict[int, list[str]] = {}
    for name, depth in depths(of).items():
        rows.setdefault(depth, []).append(name)
    found: dict[str, tuple[float, float]] = {}
    for depth, names in sorted(rows.items()):
        wanted = {}
        for k, name in enumerate(names):
            before = [found[need.chapter][0] for need in of[name].needs]
            alone = (k + 0.5) * WIDTH / len(names)
            wanted[name] = sum(before) / len(before) if before else alone
        order = sorted(names, key=wanted.__getitem__)  # ties: the order of the book
        for name, x in zip(order, apart([wanted[name] for name in order]), strict=True):
            found[name] = (round(x, 1), HEIGHT / 2 + 4 + ROW * depth)
    return found


def apart(wanted: list[float]) -> list[float]:
    """Return ascending places as near to the wanted ones as boxes beside each other can be."""
    # Less a step for each box before, they need only not descend; and all stay in the picture.
    steps, edge = (BOX + BETWEEN) * np.arange(len(wanted)), BOX / 2 + 2
    rising = isotonic_regression(np.array(wanted) - steps).x
    placed: list[float] = (np.clip(rising, edge, WIDTH - edge - steps[-1]) + steps).tolist()
    return placed


def node(name: str, title: str, at: tuple[float, float]) -> str:
    """Return a box that leads to its chapter."""
    x, y = at
    lines = wrap(title, LETTERS)
    first = y - 8 * (len(lines) - 1) + 5
    words = "".join(
        f'<text x="{x}" y="{first + 16 * k}">{escape(text)}</text>' for k, text in enumerate(lines)
    )
    box = f'x="{x - BOX / 2}" y="{y - HEIGHT / 2}" width="{BOX}" height="{HEIGHT}" rx="6"'
    return f'<a href="{name}.html"><rect {box}/>{words}</a>'


def passage(wanted: float, boxes: list[float]) -> float:
    """Return where an arrow passes a row: where it wants to, or at the nearest gap."""
    boxes, aside = sorted(boxes), (BOX + BETWEEN) / 2
    if all(abs(wanted - box) >= aside for box in boxes):
        return wanted
    between = [(x + y) / 2 for x, y in zip(boxes, boxes[1:], strict=False)]
    gaps = [x for x in (boxes[0] - aside, *between, boxes[-1] + aside) if 0 <= x <= WIDTH]
    return min(gaps, key=lambda gap: abs(gap - wanted))


def line(arrow: Arrow, at: dict[str, tuple[float, float]]) -> str:
    """Return an arrow from the foot of one box to the head of another, round those between."""
    (x, y), (end, bottom) = at[arrow.source], at[arrow.target]
    rows: dict[float, list[float]] = {}
    for across, down in at.values():
        rows.setdefault(down, []).append(across)
    path, foot = f"M{x} {y + HEIGHT / 2}", y + HEIGHT / 2
    for down in sorted(row for row in rows if y < row < bottom):
        straight = x + (end - x) * (down - y) / (bottom - y)
        passed = round(passage(straight, rows[down]), 1)
        path += curve(x, foot, passed, down - HEIGHT / 2) + f"V{down + HEIGHT / 2}"
        x, y, foot = passed, down, down + HEIGHT / 2
    path += curve(x, foot, end, bottom - HEIGHT / 2 - 5)
    kind = ' class="helps"' if arrow.helps else ""
    return f'<path{kind} data-from="{arrow.source}" data-to="{arrow.target}" d="{path}"/>'


def curve(x0: float, y0: float, x1: float, y1: float) -> str:
    """Return a curve that leaves and arrives downwards."""
    half = (y1 - y0) / 2
    return f"C{x0} {y0 + half} {x1} {y1 - half} {x1} {y1}"


def svg(of: dict[str, Card]) -> str:
    """Return the drawing, in the colours of the page around it."""
    at = places(of)
    height = max(y for _, y in at.values()) + HEIGHT / 2 + 4
    label = "The chapters, each below those that it needs; the list below says the same."
    head = (
        '<marker id="chapter-graph-head" viewBox="0 0 8 8" refX="3" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path class="head" d="M0 0L8 4L0 8z"/></marker>'
    )
    return (
        f'<div class="chapter-graph"><svg viewBox="0 0 {WIDTH} {height:g}" role="group" '
        f'aria-label="{label}"><defs>{head}</defs>'
        + "".join(line(arrow, at) for arrow in arrows(of))
        + "".join(node(name, of[name].title, at[name]) for name in of)
        + "</svg></div>"
    )
