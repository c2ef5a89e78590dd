"""The pointer in a real browser: waiting for a drawing, and dragging what is drawn."""

from __future__ import annotations

from typing import Any


def drawn(page: Any) -> None:
    """Wait until what the last action changed is drawn: pieces draw with the next frame."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def drag(page: Any, thing: Any, dx: float = 0.0, dy: float = 0.0, from_top: float = 0.5) -> None:
    """Drag a drawn thing by so many pixels, or press it where it is.

    ``from_top`` says where in its height it is taken hold of.
    """
    drawn(page)
    box = thing.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + from_top * box["height"]
    page.mouse.move(x, y)
    page.mouse.down()
    if dx or dy:
        page.mouse.move(x + dx, y + dy, steps=4)
    page.mouse.up()
