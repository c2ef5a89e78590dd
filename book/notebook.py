"""A notebook as the linter reads it: its cells, its record, and what of it a page shows."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from book.address import ROOT

# MyST-NB keeps the code of these cells out of a page, or folds it.
REMOVED = frozenset({"remove-cell", "remove-input"})
FOLDED = frozenset({"hide-cell", "hide-input"})

PICTURES = (
    "image/svg+xml",
    "image/png",
    "application/vnd.jupyter.widget-view+json",
)
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
        return any(self.shows(mime) for mime in PICTURES)

    @property
    def printed(self) -> str:
        """Return the text that the cell has put out."""
        return "".join(
            "".join(output.get("text", output.get("data", {}).get("text/plain", "")))
            for output in self.outputs
        )

    def shows(self, mime: str) -> bool:
        """Return whether an output has a part of this type."""
        return any(mime in output.get("data", {}) for output in self.outputs)


@dataclass(frozen=True)
class Notebook:
    """A notebook of the book, and where its times are kept."""

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

    def heading(self, pattern: str) -> Place:
        """Return the number of the cell with a heading of the second level."""
        line = re.compile(rf"^## {pattern}$", re.MULTILINE)
        return next((cell.number for cell in self.prose if line.search(cell.source)), None)

    @cached_property
    def seconds(self) -> float | None:
        """Return its recorded time."""
        times = json.loads((self.root / "results" / "execution_times.json").read_text("utf-8"))
        return times[self.name]["seconds"] if self.name in times else None
