"""The elements of a page and where they stand in it, found by a parser.

What changes a page changes a few of its elements, at these places; every other byte stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
Edit = tuple[int, int, str]
"""From where, to where, and what comes in its place."""


@dataclass(eq=False)
class Element:
    """One element: its first tag from ``start`` to ``inside``, its last one ``close`` to ``end``.

    Without a last tag, ``close`` and ``end`` are where the first tag ends.
    """

    name: str
    attributes: dict[str, str]
    parent: Element | None
    start: int
    inside: int
    close: int
    end: int
    children: list[Element] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        """Its classes."""
        return self.attributes.get("class", "").split()


class Reader(HTMLParser):
    """Collects the elements of a text, in their order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text, self.found, self.open = text, list[Element](), list[Element]()
        self.lines = [0]
        for line in text.split("\n"):
            self.lines.append(self.lines[-1] + len(line) + 1)
        self.feed(text)
        self.close()

    def here(self) -> int:
        """Where the tag stands that is read now."""
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element that is one tag."""
        start = self.here()
        inside = start + len(self.get_starttag_text() or "")
        above = self.open[-1] if self.open else None
        named = {name: value or "" for name, value in attrs}
        self.found.append(Element(tag, named, above, start, inside, inside, inside))
        if above:
            above.children.append(self.found[-1])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the first tag of an element."""
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(self.found[-1])

    def handle_endtag(self, tag: str) -> None:
        """Close the element that this is the last tag of, and those left open in it."""
        if any(element.name == tag for element in self.open):
            while (element := self.open.pop()).name != tag:
                pass
            element.close = self.here()
            element.end = self.text.index(">", element.close) + 1


def elements(text: str) -> list[Element]:
    """Return the elements of ``text``, each before those in it."""
    return Reader(text).found


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return ``text`` with ``edits`` made; none of them reaches into another."""
    parts, reached = [], 0
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        parts += [text[reached:start], new]
        reached = end
    return "".join([*parts, text[reached:]])


def without(text: str, element: Element) -> Edit:
    """Return the edit that takes ``element`` out, with the end of its line."""
    return element.start, element.end + text.startswith("\n", element.end), ""
