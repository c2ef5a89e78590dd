"""How pages are written where Sphinx, docutils and the theme leave a stumble.

What can't be said in a setting of theirs is said here as they write, or in a template beside:
nothing is looked for in a page that is written already.
"""

import os
import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.images import get_image_size
from sphinx.writers.html5 import HTML5Translator

LONG_NAME = re.compile(r"[\w/.:]{24,}")
WORD_ENDS = re.compile(r"(?<=[_/:])(?=[^_/:])")
# A signature of many lines is a list of definitions that define no term: lines it shall be.
LINES = {
    "<dl>": "<span>",
    "</dl>": "</span>",
    "<dd>": '<span class="sig-line">',
    "</dd>": "</span>",
}


def divisible(piece: str) -> str:
    """Return a piece of code, as Sphinx writes it, with breaks after the words of a long name.

    Browsers would break it at any letter, or not at all.

    >>> divisible('<span class="pre">ltcbook.experiments.solver_study</span>')
    '<span class="pre">ltcbook.experiments.solver_<wbr>study</span>'
    """
    name = piece.removeprefix('<span class="pre">').removesuffix("</span>")
    return piece.replace(name, WORD_ENDS.sub("<wbr>", name)) if LONG_NAME.fullmatch(name) else piece


class Translator(HTML5Translator):
    """Sphinx's own, corrected."""

    def visit_Text(self, node: nodes.Text) -> None:
        """Write text; a long name in code may break after its words."""
        begin = len(self.body)
        super().visit_Text(node)
        if self.protect_literal_text:
            self.body[begin:] = map(divisible, self.body[begin:])

    def visit_image(self, node: nodes.Element) -> None:
        """Write a picture that loads when it comes near, with its size, and scrolls if drawn.

        With its size the page does not jump when it arrives. The labels of a drawn figure would
        shrink with it on a phone: there it keeps its size, and scrolls if it is wide. Where there
        is room it grows; its shape and its width say how far, before it or its labels are too high.
        """
        ours = node["uri"] in self.builder.images
        size = get_image_size(os.path.join(self.builder.srcdir, node["uri"])) if ours else None
        super().visit_image(node)
        if not ours:
            return
        given = f' width="{size[0]}" height="{size[1]}"' if size else ""
        tag = self.body[-1].replace("<img", f'<img loading="lazy"{given}', 1)
        if node["uri"].endswith(".svg"):
            shape = f"--shape: {size[0] / size[1]:.2f}; --drawn: {size[0]}px" if size else ""
            tag = f'<span class="scrolls" style="{shape}">{tag.rstrip()}</span>'
        self.body[-1] = tag

    def visit_citation(self, node: nodes.Element) -> None:
        """Write an entry of a bibliography as an item of a list, not with a deprecated role."""
        super().visit_citation(node)
        self.body[-1] = self.body[-1].replace("doc-biblioentry", "listitem")

    def visit_desc_parameterlist(self, node: nodes.Element) -> None:
        """Begin the parameters of a signature."""
        self.parameters_begin = len(self.body)
        super().visit_desc_parameterlist(node)

    def depart_desc_parameterlist(self, node: nodes.Element) -> None:
        """Write parameters, each on a line of its own if they are many."""
        super().depart_desc_parameterlist(node)
        written = "".join(self.body[self.parameters_begin :])
        for tag, instead in LINES.items():
            written = written.replace(tag, instead)
        self.body[self.parameters_begin :] = [written]


def name_folds(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give each fold of the theme's table of contents a name: its sign has no words."""
    contents = context["generate_toctree_html"]

    def named(*arguments: Any, **options: Any) -> Any:
        soup = contents(*arguments, **options)
        for fold in soup.select("summary:has(> .toctree-toggle:first-child)"):
            fold["aria-label"] = "Pages below"
        return soup

    context["generate_toctree_html"] = named


def drop_scripts(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Leave out the scripts that serve Sphinx's own search, and that of tabs where there are none.

    One of the former folds the index of a domain too, which is a page without a document.
    """
    needless = {"sphinx_highlight.js"}
    if doctree is not None:
        needless.add("doctools.js")
    if "sd-tab-set" not in context.get("body", ""):
        needless.add("design-tabs.js")
    scripts = context["script_files"]  # changed in place: the builder adds to the same list
    scripts[:] = [one for one in scripts if os.path.basename(str(one.filename)) not in needless]
