"""What a page carries of its live pieces, written once.

Two pieces share most of their scripts and styles, and half of a script are words for who reads it.
A page has the script of its pieces without whole lines of comment, and what they begin with in
common one time; ``static-anywidget.js`` puts the texts together again.
"""

import json
import os
import re
from typing import Any

TYPE = "application/vnd.jupyter.widget-state+json"
TEXTS = ("_esm", "_css")
INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
COMMENT = re.compile(r"^[ \t]*(?://[^\n]*|/\*(?:(?!\*/).)*\*/[ \t]*)\n", re.DOTALL | re.MULTILINE)


def without_comments(text: str) -> str:
    r"""Return a script or a style sheet without its lines of comment, and without indentation.

    No text in a script of the pieces goes on over a line, so that its spaces would count.

    >>> without_comments("/** What. */\nlet a = 1; // one\n  // Why.\nlet b = 2;\n")
    'let a = 1; // one\nlet b = 2;\n'
    """
    return INDENT.sub("", COMMENT.sub("", text))


def written_once(models: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the state of a page with ``models``: their texts apart, what they share once."""
    numbers: dict[str, int] = {}
    slim = {name: {**entry, "state": dict(entry["state"])} for name, entry in models.items()}
    for kind in TEXTS:
        texts = {
            name: without_comments(entry["state"].pop(kind))
            for name, entry in slim.items()
            if kind in entry["state"]
        }
        common = os.path.commonprefix(list(texts.values())) if len(texts) > 1 else ""
        start = common.rfind("\n") + 1
        for name, text in texts.items():
            parts = filter(None, (text[:start], text[start:]))
            places = [numbers.setdefault(part, len(numbers)) for part in parts]
            slim[name].setdefault("texts", {})[kind] = places
    return {"state": slim, "texts": list(numbers)}


def as_json(models: dict[str, dict[str, Any]]) -> str:
    """Return :func:`written_once` as the text of a script element."""
    return json.dumps(written_once(models), ensure_ascii=False).replace("</", r"<\/")
