"""Beside each widget stands its still picture, for where it can't be live.

A widget's output holds its picture as well as its view. The picture is always in the page. The
style sheet hides it on a screen where scripts run, and ``static-anywidget.js`` brings it back where
the widget can't be live: a reader without scripts, a printer, and a control that needs a kernel
all show the picture.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, cast

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from book.widget_state import as_json

VIEW = "application/vnd.jupyter.widget-view+json"
PICTURES = ("image/svg+xml", "image/png")
NOTICE = (
    '<noscript><p class="static-anywidget-message">A still picture: the live piece needs scripts,'
    " which are off.</p></noscript>"
)


def anchor(name: str) -> str:
    """Return the id of the piece of the class ``name`` in a page.

    >>> anchor("ResNetToODE")
    'live-resnet-to-ode'
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name)
    return "live-" + words.lower().replace("res-net", "resnet")


class KeepStill(SphinxPostTransform):
    """Put the picture of a widget's output after its view, in a box of its own."""

    default_priority = 3  # before MyST-NB selects one of the kinds of an output

    def run(self, **kwargs: Any) -> None:
        for bundle in self.document.findall(nodes.container):
            if bundle.get("nb_element") != "mime_bundle":
                continue
            kinds = {kind["mime_type"]: kind for kind in bundle.children}
            picture = next((kinds[name] for name in PICTURES if name in kinds), None)
            if VIEW in kinds and picture is not None:
                still = nodes.container("", *picture.children, classes=["widget-still"])
                still += nodes.raw("", NOTICE, format="html")
                kinds[VIEW].append(still)


def shown(models: list[str], entries: dict[str, Any]) -> dict[str, Any]:
    """Return those of ``models`` that have a front end which runs in the page.

    A model that another one names is shown too.
    """
    kept: dict[str, Any] = {}
    wanted = [model for model in models if "_esm" in entries.get(model, {}).get("state", {})]
    while wanted:
        model = wanted.pop()
        kept[model] = entries[model]
        text = json.dumps(entries[model])
        wanted += [other for other in entries.keys() - kept.keys() if f"IPY_MODEL_{other}" in text]
    return kept


def views(doctree: nodes.document) -> Iterator[tuple[nodes.raw, str]]:
    """Yield the places of the pieces in a page, each with the name of its model."""
    for raw in doctree.findall(nodes.raw):
        if raw.astext().startswith(f'<script type="{VIEW}">'):
            yield raw, json.loads(raw.astext().partition(">")[2].rpartition("<")[0])["model_id"]


def drop_unseen_models(app: Sphinx, doctree: nodes.document) -> None:
    """Leave in the page the state of those widgets alone that are live in it."""
    docname = app.env.docname
    files = NbMetadataCollector.get_js_files(cast(Any, app.env), docname)
    if "ipywidgets_state" not in files:
        return
    _, attributes = files["ipywidgets_state"]
    state = json.loads(attributes["body"])
    models = [model for _, model in views(doctree)]  # before they are named, which hides them
    name_pieces(doctree, state["state"])
    # The order of the notebook is kept, so that the page is the same at each build.
    live = shown(models, state["state"])
    attributes["body"] = as_json({m: entry for m, entry in state["state"].items() if m in live})


def name_pieces(doctree: nodes.document, entries: dict[str, Any]) -> None:
    """Give each piece in the page an id, so that a link can lead to it; see :func:`anchor`."""
    named = set()
    for raw, model in list(views(doctree)):
        kind = entries.get(model, {}).get("state", {}).get("_anywidget_id", "").rpartition(".")[2]
        if kind and kind not in named:
            named.add(kind)
            text = f'<div id="{anchor(kind)}"></div>{raw.astext()}'
            raw.replace_self(nodes.raw("", text, format="html"))
