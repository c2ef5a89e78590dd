"""A notebook of the book as its programs read it: its cells, its parts, what of it a page shows."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from book.address import ROOT
from book.widget_state import VIEW

# MyST-NB keeps the code of these cells out of a page, or folds it.
REMOVED = frozenset({"remove-cell", "remove-input"})
FOLDED = frozenset({"hide-cell", "hide-input"})
PROMPT = "code_prompt_show"  # what a fold says, in the metadata of a cell and in the configuration

PICTURES = ("image/svg+xml", "image/png")
EXERCISE = re.compile(r"\{(exercise|solution-end)\}(?: ([^\n]*))?(?:\n:label: (\S+))?")
SEALED = re.compile(r"\b[Ss]ealed")
Place = int | None
Faults = Iterator[tuple[Place, str]]


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook."""

    number: int
    kind: str
    source: str
    tags: frozenset[str]
    metadata: dict[str, Any]
    outputs: tuple[dict[str, Any], ...]

    @property
    def visible_code(self) -> bool:
        """Return whether a page shows the code of this cell without being asked."""
        return self.kind == "code" and not self.tags & (REMOVED | FOLDED)

    @property
    def has_picture(self) -> bool:
        """Return whether a page shows a picture or a live piece here."""
        if self.kind == "markdown":
            return re.search(r"\{figure\} \S", self.source) is not None
        return any(mime in data for data in self.data for mime in (*PICTURES, VIEW))

    @property
    def data(self) -> list[dict[str, Any]]:
        """Return the kinds in which each of its outputs is there."""
        return [output.get("data", {}) for output in self.outputs]

    @property
    def printed(self) -> str:
        """Return the text that the cell has put out."""
        return "".join(
            "".join(output.get("text", output.get("data", {}).get("text/plain", "")))
            for output in self.outputs
        )

    def said(self, part: str, what: str) -> str:
        """Return words from its metadata: a ``caption`` of its ``figure``, say."""
        words: str = self.metadata.get("mystnb", {}).get(part, {}).get(what, "")
        return words

    @property
    def caption(self) -> str:
        """Return the caption of its figure."""
        return self.said("figure", "caption")

    @property
    def alternative(self) -> str:
        """Return what its figure shows, in words."""
        return self.said("image", "alt")


@dataclass
class Exercise:
    """An exercise: the cell in which it stands, whether its code is sealed, and it is solved."""

    cell: int
    title: str
    label: str
    sealed: bool = False
    solved: bool = False


@dataclass(frozen=True)
class Notebook:
    """A notebook of the book in the folder ``root``."""

    path: Path
    root: Path = ROOT

    @property
    def name(self) -> str:
        """Return the label of the notebook."""
        return self.path.stem

    @cached_property
    def cells(self) -> list[Cell]:
        """Return its cells, numbered from 0 as the front ends count them."""
        raw = json.loads(self.path.read_text(encoding="utf-8"))["cells"]
        return [
            Cell(
                number,
                cell["cell_type"],
                "".join(cell["source"]),
                frozenset(cell["metadata"].get("tags", [])),
                cell["metadata"],
                tuple(cell.get("outputs", [])),
            )
            for number, cell in enumerate(raw)
        ]

    @property
    def code(self) -> list[Cell]:
        """Return the code cells that are not empty."""
        return [cell for cell in self.cells if cell.kind == "code" and cell.source.strip()]

    @property
    def prose(self) -> list[Cell]:
        """Return the Markdown cells."""
        return [cell for cell in self.cells if cell.kind == "markdown"]

    @property
    def text(self) -> str:
        """Return all of its Markdown."""
        return "\n\n".join(cell.source for cell in self.prose)

    def find(self, pattern: str) -> Iterator[tuple[int, str]]:
        """Yield what a pattern finds in its Markdown, line by line, with the number of the cell."""
        for cell in self.prose:
            for found in re.findall(pattern, cell.source, re.MULTILINE):
                yield cell.number, found

    def heading(self, pattern: str) -> Place:
        """Return the number of the cell with a heading of the second level."""
        return next((number for number, _ in self.find(rf"^## {pattern}$")), None)

    @property
    def card(self) -> Cell | None:
        """Return the cell with its card."""
        return next((cell for cell in self.prose if "} Before you start" in cell.source), None)

    @property
    def summary(self) -> list[str]:
        """Return the lines of its summary."""
        after = re.split(r"^## Summary$", self.text, maxsplit=1, flags=re.MULTILINE)[1:]
        lines = "".join(after).partition("\n## ")[0].splitlines()
        return [line for line in lines if re.match(r"- |\d+\. ", line)]

    @property
    def exercises(self) -> list[Exercise]:
        """Return its exercises."""
        found: list[Exercise] = []
        for cell in self.cells:
            if cell.kind == "code" and found and not found[-1].solved:
                found[-1].sealed |= SEALED.search(cell.source) is not None
            for mark, title, label in EXERCISE.findall(cell.source) if cell.kind != "code" else ():
                if mark == "exercise":
                    found.append(Exercise(cell.number, title, label))
                elif found:
                    found[-1].solved = True
        return found
