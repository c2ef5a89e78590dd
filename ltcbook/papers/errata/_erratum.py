"""The record of one slip, gap or claim that does not hold as printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["misprint", "notation", "count", "claim", "gap"]
KINDS: dict[Kind, tuple[str, str]] = {
    "misprint": ("Misprints", "A wrong character, index or reference."),
    "notation": ("Notation", "One letter for two things, or two letters for one."),
    "count": ("Counts", "A number that does not check."),
    "claim": ("Claims", "A statement that needs a condition, or fails."),
    "gap": ("Gaps", "What a reader who repeats the work needs, and does not find."),
}
"""What each kind of erratum is called, and what it is."""


@dataclass(frozen=True)
class Erratum:
    """One entry of the errata appendix. All texts are Markdown with LaTeX between dollar signs.

    >>> from ltcbook.papers.errata import errata
    >>> errata["B.E38"].kind, errata["B.E38"].where
    ('gap', 'Experimental Evaluation')
    """

    id: str
    """``"A.E1"``: the paper's letter, E and a number of our own."""
    kind: Kind
    chapter: str
    """The chapter that teaches it, by the name of its file."""
    where: str
    """Equation, section or table."""
    printed: str
    """What is printed."""
    correct: str
    """What is right, or what is known."""
    why: str
    """Why, in a sentence or two."""
    test: str
    """The test that shows it, ``file::function``, from the root of the repository."""

    def _repr_markdown_(self) -> str:
        """What a notebook shows."""
        return (
            f"**{self.id}** ({self.kind}; {self.where})\n\n*Printed:* {self.printed}\n\n"
            f"*Right:* {self.correct}\n\n*Why:* {self.why}"
        )
