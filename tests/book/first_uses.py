"""Where each term of the glossary is first used, and where it is defined, in the order of reading.

A term is defined where a chapter sets it in *italics* or **bold**, or links it to its entry by
``{term}``. Formulas, code, headings, cards, names of chapters and margins are not read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from book.contents import documents, numbered
from book.notebook import Notebook
from tests.book.helpers import ROOT

GLOSSARY = ROOT / "chapters" / "glossary.md"
ENTRY = re.compile(r"```\{glossary\}\n:sorted:\n\n(.*?)^```", re.MULTILINE | re.DOTALL)
UNREAD = re.compile(
    r"\$\$.*?\$\$(?: \([\w-]+\))?|\$[^$]*\$|`{3}.*?`{3}|:::\{margin\}.*?^:::$"
    r"|\{[\w:]+\}`[^`]*`|`[^`]*`|\]\([^)]*\)|^#[^\n]*$|^:[\w-]+:[^\n]*$|^\|[^\n]*$|^\([\w-]+\)=$",
    re.MULTILINE | re.DOTALL,
)
LINK = re.compile(r"\{term\}`(?:([^`<]*?) ?<([^`>]*)>|([^`]*))`")
CARD = "} Before you start"
# Where the word is meant in its plain sense, and not as the term.
PLAIN = {
    "decay": {"ct_rnns"},  # a number shrinks
    "depth": {"residual_networks"},  # how deep a network is, as everyone says
    "drive": {"artificial_neurons", "neural_odes", "ct_rnns"},  # to push
    "forgetting": {"ct_rnns", "motifs", "what_came_after"},  # what the whole chapter is about
    "midpoint": {"artificial_neurons"},  # of an interval
    "order": {  # a row, or a power
        *("residual_networks", "neural_odes", "ct_rnns", "membrane_equation", "motifs"),
    },
    "slope": {"artificial_neurons", "residual_networks", "neural_odes", "ct_rnns"},  # of a curve
    "wiring": {"artificial_neurons", "ct_rnns"},
}
ENDINGS = "(?:s|es|'s|ies)?"


@dataclass(frozen=True)
class Place:
    """A paragraph: its chapter, its number in the order of reading, its text."""

    chapter: str
    number: int
    text: str


@dataclass(frozen=True)
class FirstUse:
    """Where a term is first used and first defined; None where it is not."""

    term: str
    used: Place | None
    defined: Place | None

    @property
    def late(self) -> bool:
        """Return whether a reader meets the term before its definition."""
        if self.used is None:
            return False
        return self.defined is None or self.defined.number > self.used.number


def terms() -> list[str]:
    """Return the terms of the glossary."""
    found = ENTRY.search(GLOSSARY.read_text(encoding="utf-8"))
    assert found is not None, "no glossary"
    return [line for line in found[1].splitlines() if line and not line.startswith(" ")]


def reading() -> Iterator[Place]:
    """Yield the paragraphs and the captions of the numbered chapters."""
    files = [ROOT / f"{document}.ipynb" for document in documents()]
    number = 0
    for notebook in (Notebook(file) for file in files if file.stem in numbered()):
        for cell in notebook.cells:
            figure = cell.metadata.get("mystnb", {}).get("figure", {})
            source = cell.source if cell.kind == "markdown" else figure.get("caption", "")
            if CARD in source:
                continue
            for text in re.split(r"\n\s*\n", readable(source)):
                yield Place(notebook.name, number, text)
                number += 1


def readable(source: str) -> str:
    """Return Markdown without what is not read; before a linked word stands its ⟦term⟧."""
    marked = LINK.sub(lambda m: f"⟦{m[2] or m[3]}⟧{m[1] or m[3]}", source)
    return UNREAD.sub(" ", marked)


def patterns(term: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what finds a use of a term, and what finds its definition."""
    name = re.escape(term)
    name += ENDINGS if term[-1].islower() else "s?"
    flags = re.IGNORECASE if term.islower() else re.NOFLAG
    use = re.compile(rf"(?<![\w-]){name}(?![\w-])", flags)
    inside = rf"(?<![\w-]){name}(?![\w-])"
    linked = f"⟦{re.escape(term)}⟧"
    set_off = rf"\*[^*\n]*{inside}[^*\n]*\*"
    return use, re.compile(rf"{linked}|{set_off}", flags)


def first_uses(names: list[str], places: list[Place]) -> list[FirstUse]:
    """Return the first use and the first definition of each term."""
    found = []
    for name in names:
        use, definition = patterns(name)
        plain = PLAIN.get(name, set())
        found.append(
            FirstUse(
                name,
                next((p for p in places if p.chapter not in plain and use.search(p.text)), None),
                next((p for p in places if definition.search(p.text)), None),
            )
        )
    return found
