"""What a page carries of its live pieces: the place of each, and what they begin with, once.

Two pieces share most of their scripts and styles, and half of a script are words for who reads it.
A page has the script of its pieces without whole lines of comment, and what they begin with in
common one time; ``static-anywidget.js`` puts the texts together again.
"""

import json
import os
import re
from typing import Any

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
NOTICE = (
    '<noscript><p class="static-anywidget-message">A still picture: the live piece needs scripts,'
    " which are off.</p></noscript>"
)
TEXTS = ("_esm", "_css")
# Traits of a kernel's own affairs: in a page they say nothing, and some have new names each time.
OF_KERNELS = ("_model", "_view", "layout")
INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
COMMENT = re.compile(r"^[ \t]*(?://[^\n]*|/\*(?:(?!\*/).)*\*/[ \t]*)\n", re.DOTALL | re.MULTILINE)


def anchor(name: str) -> str:
    """Return the id of the piece of the class ``name`` in a page.

    >>> anchor("ResNetToODE")
    'live-resnet-to-ode'
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name)
    return "live-" + words.lower().replace("res-net", "resnet")


def without_comments(text: str) -> str:
    r"""Return a script or a style sheet without its lines of comment, and without indentation.

    No text in a script of the pieces goes on over a line, so that its spaces would count.

    >>> without_comments("/** What. */\nlet a = 1; // one\n  // Why.\nlet b = 2;\n")
    'let a = 1; // one\nlet b = 2;\n'
    """
    return INDENT.sub("", COMMENT.sub("", text))


def as_json(models: dict[str, dict[str, Any]]) -> str:
    """Return what a page has of ``models``, as JSON: their texts apart, what they share once."""
    numbers: dict[str, int] = {}
    slim: dict[str, dict[str, Any]] = {}
    for name, entry in models.items():
        state = {k: v for k, v in entry["state"].items() if not k.startswith((*OF_KERNELS, *TEXTS))}
        buffers = {"buffers": entry["buffers"]} if entry.get("buffers") else {}
        slim[name] = {"state": state, "texts": {}} | buffers
    for kind in TEXTS:
        texts = {
            name: without_comments(entry["state"][kind])
            for name, entry in models.items()
            if kind in entry["state"]
        }
        common = os.path.commonprefix(list(texts.values())) if len(texts) > 1 else ""
        start = common.rfind("\n") + 1
        for name, text in texts.items():
            parts = filter(None, (text[:start], text[start:]))
            slim[name]["texts"][kind] = [numbers.setdefault(part, len(numbers)) for part in parts]
    written = json.dumps({"state": slim, "texts": list(numbers)}, ensure_ascii=False)
    return written.replace("</", r"<\/")
