"""Sphinx extension: beside each widget stands its still picture, for where it can't be live.

A widget's output holds its picture as well as its view. The picture is always in the page. The
style sheet hides it on a screen where scripts run, and ``static-anywidget.js`` brings it back where
the widget can't be live: a reader without scripts, a printer, and a control that needs a kernel
all show the picture.
"""

import json
from typing import Any, cast

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.typing import ExtensionMetadata

VIEW = "application/vnd.jupyter.widget-view+json"
PICTURES = ("image/svg+xml", "image/png")
NOTICE = (
    '<noscript><p class="static-anywidget-message">A still picture: the live piece needs scripts,'
    " which are off.</p></noscript>"
)


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


def shown(views: list[str], entries: dict[str, Any]) -> dict[str, Any]:
    """Return the models that the ``views`` show, of those with a front end that runs in the page.

    A model that another one names is shown too.
    """
    kept: dict[str, Any] = {}
    wanted = [model for model in views if "_esm" in entries.get(model, {}).get("state", {})]
    while wanted:
        model = wanted.pop()
        kept[model] = entries[model]
        text = json.dumps(entries[model])
        wanted += [other for other in entries.keys() - kept.keys() if f"IPY_MODEL_{other}" in text]
    return kept


def drop_unseen_models(app: Sphinx, doctree: nodes.document) -> None:
    """Leave in the page the state of those widgets alone that are live in it."""
    docname = app.env.docname
    files = NbMetadataCollector.get_js_files(cast(Any, app.env), docname)
    if "ipywidgets_state" not in files:
        return
    views = [
        json.loads(raw.astext().partition(">")[2].rpartition("<")[0])["model_id"]
        for raw in doctree.findall(nodes.raw)
        if raw.astext().startswith(f'<script type="{VIEW}">')
    ]
    _, attributes = files["ipywidgets_state"]
    state = json.loads(attributes["body"])
    # The order of the notebook is kept, so that the page is the same at each build.
    live = shown(views, state["state"])
    state["state"] = {model: entry for model, entry in state["state"].items() if model in live}
    attributes["body"] = json.dumps(state).replace("</", r"<\/")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the extension with Sphinx."""
    app.add_post_transform(KeepStill)
    app.connect("doctree-read", drop_unseen_models)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
