"""The cards of the first page, and the line at the foot of every page.

    ```{chapter-cards}
    artificial_neurons: What a layer of smooth steps can draw.
    ```

makes a card of each chapter in the table of contents that is a numbered notebook, in its part:
with a picture of ``chapters/images/cards.svg``, the sentence given here, the minutes that the
chapter says it takes to read, the seconds that it was measured to run, and links to what is live.
"""

import re
from collections.abc import Iterable
from html import escape
from pathlib import Path
from xml.etree import ElementTree

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective

import ltcbook
from book.address import ROOT
from book.cards import card as card_of
from book.contents import parts
from book.notebook import Notebook
from book.times import TIMES, read
from book.widget_state import anchor

PICTURES = ROOT / "chapters" / "images" / "cards.svg"
SVG = "{http://www.w3.org/2000/svg}"
# What a reader can do with a piece, on the card of the chapter that has it.
VERBS = {
    "Clicks": "click, loud click",
    "DescriptorExplorer": "spell a network",
    "FiveNetworks": "one line, five networks",
    "MembraneStepper": "step a membrane",
    "MotifBench": "wire a motif",
    "ResNetToODE": "deepen a ResNet",
    "ResultsExplorer": "look up a run",
    "RobotTheatre": "watch a robot think",
    "SigmoidStack": "stack the sigmoids",
    "SynapseExplorer": "open a synapse",
    "TrainHere": "train one here",
    "TugOfWar": "tug of war",
}


def live_in(cells: Iterable[str]) -> list[str]:
    """Return the names of the pieces that cells make, in their order."""
    names = "|".join(VERBS)
    found = (re.findall(rf"^(?:\w+ = )?({names})\(", cell, re.MULTILINE) for cell in cells)
    return list(dict.fromkeys(name for some in found for name in some))


def picture(name: str) -> str:
    """Return the drawing of a chapter, to stand in the page; a plain line for one without."""
    ElementTree.register_namespace("", SVG.strip("{}"))
    for symbol in ElementTree.parse(PICTURES).iter(f"{SVG}symbol"):
        if symbol.get("id") == name:
            inside = "".join(ElementTree.tostring(child, encoding="unicode") for child in symbol)
            return f'<svg viewBox="0 0 120 64" aria-hidden="true">{inside}</svg>'
    return '<svg viewBox="0 0 120 64" aria-hidden="true"><path class="k" d="M20 32H100"/></svg>'


class ChapterCards(SphinxDirective):
    """The cards; see the module."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the cards as a list of links for each part; the links are resolved later."""
        for file in (Path(__file__), PICTURES, TIMES):
            self.env.note_dependency(str(file))
        sentences = dict(line.split(": ", 1) for line in self.content if line)
        holder = nodes.raw("", "", format="html")
        holder["cards"] = sentences
        for name in sentences:
            self.env.note_dependency(str(ROOT / "chapters" / f"{name}.ipynb"))
        return [holder]


def card(app: Sphinx, document: str, number: str, sentence: str, here: str) -> str:
    """Return one card as HTML."""
    name = document.rpartition("/")[2]
    notebook = Notebook(ROOT / f"{document}.ipynb")
    to = app.builder.get_relative_uri(here, document)
    title = escape(app.env.titles[document].astext())
    times = [f"{card_of(notebook).minutes} min to read"]
    if name in (known := read()):
        times.append(f"{known[name]['seconds']:.0f} s to run")
    live = "".join(
        f'<a class="live" href="{to}#{anchor(piece)}">{VERBS[piece]}</a>'
        for piece in live_in(cell.source for cell in notebook.cells)
    )
    return (
        f'<li class="chapter-card">{picture(name)}<p class="name"><a href="{to}">'
        f'<span class="number">{number}</span> {title}</a></p><p>{escape(sentence)}</p>'
        f'<p class="meta">{" · ".join(times)}</p>'
        f'<p class="pieces">{live}</p></li>'
    )


def fill_cards(app: Sphinx, doctree: nodes.document, here: str) -> None:
    """Put the cards in their place, once every chapter's title is known."""
    for holder in [raw for raw in doctree.findall(nodes.raw) if "cards" in raw]:
        number, text = 0, ""
        for part in parts():
            if not part.get("numbered"):
                continue
            text += (
                f'<div class="part"><h3>{escape(part["caption"])}</h3><ul class="chapter-cards">'
            )
            for document in (chapter["file"] for chapter in part["chapters"]):
                number += 1
                sentence = holder["cards"].get(document.rpartition("/")[2], "")
                text += card(app, document, str(number), sentence, here)
            text += "</ul></div>"
        replacement = nodes.raw("", text, format="html")
        holder.replace_self(replacement)


def set_title_and_footer(app: Sphinx, config: Config) -> None:
    """Say on every page, once, what book it is, which version, and under which licence."""
    config.html_theme_options["logo"] = {"text": config.html_title.partition(":")[0]}
    # The modules of the reference stand in the margin of its own pages alone.
    config.html_theme_options["collapse_navbar"] = True
    config.html_theme_options["extra_footer"] = (
        f'<p class="colophon">Version {ltcbook.__version__}. '
        'Text and figures: <a href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>. '
        'Code: <a href="https://opensource.org/license/bsd-3-clause">BSD 3-Clause</a>.</p>'
    )
