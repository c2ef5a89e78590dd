"""Beside each widget stands its still picture, for where it can't be live.

A widget's output holds its picture as well as its view. The picture is always in the page. The
style sheet hides it on a screen where scripts run, and ``static-anywidget.js`` brings it back where
the widget can't be live: a reader without scripts, a printer, and a control that needs a kernel
all show the picture.
"""

import json
from collections.abc import Iterator
from typing import Any, cast

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from book.notebook import PICTURES
from book.widget_state import NOTICE, VIEW, anchor, as_json


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


def views(doctree: nodes.document) -> Iterator[tuple[nodes.raw, str]]:
    """Yield the places of the pieces in a page, each with the name of its model."""
    for raw in doctree.findall(nodes.raw):
        if raw.astext().startswith(f'<script type="{VIEW}">'):
            yield raw, json.loads(raw.astext().partition(">")[2].rpartition("<")[0])["model_id"]


def keep_live_models(app: Sphinx, doctree: nodes.document) -> None:
    """Leave in the page the state of those widgets alone that are live in it; give them ids."""
    files = NbMetadataCollector.get_js_files(cast(Any, app.env), app.env.docname)
    if "ipywidgets_state" not in files:
        return
    _, attributes = files["ipywidgets_state"]
    models = json.loads(attributes["body"])["state"]
    shown, named = set(), set()
    for raw, model in list(views(doctree)):
        shown.add(model)
        kind = models.get(model, {}).get("state", {}).get("_anywidget_id", "").rpartition(".")[2]
        if kind and kind not in named:
            named.add(kind)
            text = f'<div id="{anchor(kind)}"></div>{raw.astext()}'
            raw.replace_self(nodes.raw("", text, format="html"))
    # In the order of the notebook, so that the page is the same at each build.
    live = {m: one for m, one in models.items() if m in shown and "_esm" in one["state"]}
    attributes["body"] = as_json(live)
