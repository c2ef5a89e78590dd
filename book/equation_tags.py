r"""An equation that carries a paper's tag is numbered, and cited, by that tag.

A chapter writes ``$$ ... \tag{B.13} $$`` once, and every page can cite it as ``{eq}`B.13```. The
equation's home, where the link leads, is the chapter that the register names for it; there the
first equation with the tag is the one. Everywhere else the tag is only shown.
"""

import re
from copy import deepcopy
from typing import Any, cast

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.domains.math import MathDomain
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.writers.html5 import HTML5Translator

from book.registers import equations

TAG = re.compile(r"\\tag\{([AB]\.\d+)\}")
# MyST's own label of an AMS environment, which shows no number.
UNNAMED = re.compile(r"^equation-[0-9a-f]{8}-[0-9a-f]{4}-")


def is_tag(label: str) -> bool:
    """Return whether ``label`` is the number of an equation of a paper."""
    return TAG.fullmatch(rf"\tag{{{label}}}") is not None


class LabelTaggedEquations(SphinxTransform):
    """Give the first equation of each tag, in its home chapter, the tag as label."""

    default_priority = 350  # before the equation collector, after parsing

    def apply(self, **kwargs: Any) -> None:
        docname = self.env.docname
        domain = cast(MathDomain, self.env.get_domain("math"))
        homes = {tag: f"chapters/{equation.chapter}" for tag, equation in equations().items()}
        labelled = set[str]()
        for block in self.document.findall(nodes.math_block):
            found = TAG.search(block.astext())
            if not found or (block.get("label") and not block.get("nowrap")):
                continue  # MyST labels an AMS environment by itself, at random
            tag = found[1]
            if tag in labelled or homes.get(tag) != docname:
                continue
            labelled.add(tag)
            target = nodes.make_id(f"equation-{tag}")
            block["label"], block["docname"], block["ids"] = tag, docname, [target]
            domain.note_equation(docname, tag, location=block)
            block["number"] = domain.get_equation_number_for(tag)


def restore_plain_numbers(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Give Sphinx the numbers that it gave out in the last build, before :func:`number_by_tag`.

    It writes again each page whose numbers have changed; to it all those with a tag would have.
    """
    env.toc_fignumbers = getattr(env, "ltcbook_plain_numbers", env.toc_fignumbers)
    return []


def number_by_tag(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Number tagged equations by their tags, and count the others of each chapter without gaps."""
    env.ltcbook_plain_numbers = deepcopy(env.toc_fignumbers)  # type: ignore[attr-defined]
    domain = cast(MathDomain, env.get_domain("math"))
    tags = {nodes.make_id(f"equation-{label}"): label for label in domain.equations}
    for numbers in (part.get("displaymath", {}) for part in env.toc_fignumbers.values()):
        count = 0
        for target, number in numbers.items():
            if is_tag(tags.get(target, "")):
                numbers[target] = cast(Any, (tags[target],))
            elif len(number) == 2 and not UNNAMED.search(target):
                count += 1
                numbers[target] = (number[0], count)
    return []


def visit_displaymath(self: HTML5Translator, node: nodes.math_block) -> None:
    r"""Write a display equation; one with ``\tag`` not inside ``split``, where TeX forbids it."""
    from sphinx.ext.mathjax import html_visit_displaymath

    found = TAG.search(node.astext())
    if not found:
        html_visit_displaymath(self, node)
    opening, closing = self.builder.config.mathjax_display
    body = node.astext().strip()
    if not node.get("nowrap"):
        body = f"{opening}{body}{closing}"
    self.body.append(self.starttag(node, "div", CLASS="math notranslate nohighlight tagged"))
    self.body.append(self.encode(body))
    if node.get("label"):
        self.add_permalink_ref(node, "Link to this equation")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def use_visitor(app: Sphinx) -> None:
    """Put the visitor above in the place of MathJax's own."""
    if app.builder.format == "html":
        renderers = app.registry.html_block_math_renderers
        renderers["mathjax"] = (visit_displaymath, None)
