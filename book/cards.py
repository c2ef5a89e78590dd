"""What each chapter says of itself: its card, its summary and its exercises, read from its cells.

The page for teachers, its graph and the sheets to print are made from this and repeat nothing.
"""

import re
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter

from book.address import ROOT
from book.contents import documents, numbered
from book.notebook import Notebook

ALSO = ("solver_primer",)  # an appendix that chapters build on
REFERENCE = re.compile(r"\{ref\}`(?:[^`<]*<)?(\w+)>?`")
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
HELPS = re.compile(r"\bhelps?\b")


@dataclass(frozen=True)
class Need:
    """A chapter that another one builds on, or that only helps."""

    chapter: str
    helps: bool


@dataclass(frozen=True)
class Card:
    """A chapter, in short.

    Attributes:
        name: its label.
        title: its first heading.
        needs: the chapters that its card names under *You need*.
        goals: what the reader will be able to do.
        minutes: to read it.
        summary: its lines, as Markdown.
        exercises: their titles.
    """

    name: str
    title: str
    needs: tuple[Need, ...]
    goals: str
    minutes: int
    summary: tuple[str, ...]
    exercises: tuple[str, ...]


def line(text: str, what: str) -> str:
    """Return a line of a card."""
    found = re.search(rf"^\*\*{what}\*\* (.+)$", text, re.MULTILINE)
    if found is None:
        raise ValueError(f"the card lacks {what}:\n{text}")
    return found[1]


def needs(text: str) -> tuple[Need, ...]:
    """Return the chapters that a line *You need* names; in a clause with "help", they only help."""
    found: dict[str, bool] = {}
    for clause in re.split(r"[.;](?: |$)", text):
        for chapter in REFERENCE.findall(clause):
            found[chapter] = found.get(chapter, True) and HELPS.search(clause) is not None
    return tuple(Need(chapter, helps) for chapter, helps in found.items())


def card(notebook: Notebook) -> Card:
    """Return the card of a chapter."""
    if notebook.card is None:
        raise ValueError(f"{notebook.name} has no card")
    box, heading = notebook.card.source, TITLE.search(notebook.text)
    return Card(
        notebook.name,
        heading[1] if heading else notebook.name,
        needs(line(box, "You need")),
        line(box, "You will be able to"),
        int(line(box, "Time").partition(" minutes")[0]),
        tuple(notebook.summary),
        tuple(exercise.title for exercise in notebook.exercises),
    )


@cache
def cards() -> dict[str, Card]:
    """Return the cards of the numbered chapters and of ``ALSO``, in the order of the book."""
    wanted = {*numbered(), *ALSO}
    files = [ROOT / f"{document}.ipynb" for document in documents()]
    return {file.stem: card(Notebook(file)) for file in files if file.stem in wanted}


def depths(of: dict[str, Card]) -> dict[str, int]:
    """Return for each chapter how many others stand before it on the longest way to it.

    Raises:
        CycleError: when chapters need each other in a circle.
    """
    before = {name: [need.chapter for need in card.needs] for name, card in of.items()}
    known: dict[str, int] = {}
    for name in TopologicalSorter(before).static_order():
        known[name] = max((known[chapter] + 1 for chapter in before[name]), default=0)
    return known
