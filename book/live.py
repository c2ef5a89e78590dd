"""Live pieces on a page that is no notebook, and an address for each piece.

    ```{live} RobotTheatre
    autoplay: true
    ```

shows the interactive piece of that name as a chapter's cell would: with its state, which
``static-anywidget.js`` brings to life, and its still picture for where that can't be. What stands
in it are the arguments of its class.

In every page each piece has the id ``live-`` and its name, so that a link can lead to it.
"""

import json
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from book.drawings import light
from book.widget_state import NOTICE, STATE, VIEW, anchor, as_json
from ltcbook.teaching import widgets
from ltcbook.teaching.widgets.front_end import BookWidget, to_svg

SCRIPT = "static-anywidget.js"
SOURCES = Path(widgets.__file__).parent


def kinds() -> dict[str, type[BookWidget]]:
    """Return every piece that lives in a page, by the name of its class."""
    everything = {name: getattr(widgets, name) for name in widgets.__all__}
    return {name: kind for name, kind in everything.items() if issubclass(kind, BookWidget)}


class Live(SphinxDirective):
    """A live piece; see the module."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the piece's view, and its still picture after it."""
        name = self.arguments[0]
        if name not in kinds():
            raise self.error(f"unknown piece {name!r}; known: {', '.join(kinds())}")
        for file in (Path(__file__), *SOURCES.iterdir()):
            self.env.note_dependency(str(file))
        arguments = yaml.safe_load("\n".join(self.content)) or {}
        view = nodes.raw("", self.view(name), format="html")
        view["live"] = (name, arguments)
        still = nodes.container("", classes=["widget-still"])
        drawn = light(to_svg(kinds()[name](**arguments).figure()), names=f"{anchor(name)}-")
        still += nodes.raw("", drawn.replace("<svg", '<svg role="img"', 1) + NOTICE, format="html")
        return [view, still]

    def view(self, name: str) -> str:
        """Return the place of the piece, and the name of its model."""
        model = json.dumps({"model_id": anchor(name)})
        return f'<div id="{anchor(name)}"></div><script type="{VIEW}">{model}</script>'


def add_state(app: Sphinx, page: str, context: dict[str, Any], doctree: nodes.document) -> None:
    """Give a page with live pieces their state, and the script that brings them to life."""
    pieces = [raw["live"] for raw in doctree.findall(nodes.raw) if "live" in raw]
    if not pieces:
        return
    if STATE in context["body"]:
        raise ExtensionError(f"{page} has live pieces of its cells and of a directive")
    models = {anchor(name): {"state": kinds()[name](**given).get_state()} for name, given in pieces}
    context["body"] += f'<script type="{STATE}">{as_json(models)}</script>'
    app.add_js_file(SCRIPT, defer="defer")
