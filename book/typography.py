"""A formula keeps its comma, a number its unit, a folded proof its one title.

Browsers may break a line between a formula and what follows it, since each formula is a box.
"""

import re

from docutils import nodes
from sphinx.transforms import SphinxTransform

OPENING = re.compile(r"[(\[“‘]+$")
CLOSING = re.compile(r"^[^\w\s(\[“‘–—]+")
UNIT = re.compile(r"(?<=\d) (?=%|(?:mV|nS|pF|ms|MB|KiB)\b)")
PROOF = "Proof. "
GLUED = "glued"  # a class of book.css


def glue(formula: nodes.math) -> None:
    """Put ``formula`` and the punctuation that touches it into one box that no line divides."""
    parent = formula.parent
    place = parent.index(formula)
    before = parent[place - 1] if place else None
    after = parent[place + 1] if place + 1 < len(parent) else None
    opening = OPENING.search(before) if isinstance(before, nodes.Text) else None
    closing = CLOSING.search(after) if isinstance(after, nodes.Text) else None
    if not (opening or closing):
        return
    box = nodes.inline(classes=[GLUED])
    parent[place] = box
    if opening:
        parent[place - 1] = nodes.Text(before[: opening.start()])
        box += nodes.Text(opening[0])
    box += formula
    if closing:
        parent[place + 1] = nodes.Text(after[closing.end() :])
        box += nodes.Text(closing[0])


class Typography(SphinxTransform):
    """Correct the type of a page, after its quotation marks have become curly."""

    default_priority = 860

    def apply(self) -> None:
        """Change the page in place."""
        for formula in list(self.document.findall(nodes.math)):
            glue(formula)
        for text in list(self.document.findall(nodes.Text)):
            prose = not isinstance(text.parent, (nodes.literal, nodes.FixedTextElement, nodes.math))
            if prose and UNIT.search(text):
                text.parent.replace(text, nodes.Text(UNIT.sub("\N{NO-BREAK SPACE}", text)))
        for box in self.document.findall(nodes.container):
            if box.get("design_component") == "dropdown":
                self._drop_second_title(box)

    def _drop_second_title(self, dropdown: nodes.container) -> None:
        """Leave out the word that begins a proof where the fold is already called so."""
        texts = list(dropdown.findall(nodes.Text))
        if len(texts) > 1 and texts[0] == PROOF.strip(" .") and texts[1].startswith(PROOF):
            texts[1].parent.replace(texts[1], nodes.Text(texts[1].removeprefix(PROOF)))
