"""The sources of the chapters: labels, set-up, outputs, figures, widgets."""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

from book.contents import documents
from book.execute import METADATA
from book.widget_state import STATE
from tests.book.helpers import ROOT, load, notebooks

BY_NAME = pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)


def source_of(document: str) -> Path:
    """Return the file of a document; it has one source only."""
    found = [p for p in (ROOT / f"{document}{end}" for end in (".md", ".ipynb")) if p.is_file()]
    assert len(found) == 1, f"{document} has the sources {[p.name for p in found]}"
    return found[0]


def code_cells(path: Path) -> list[dict[str, Any]]:
    """Return the code cells of a notebook that are not empty, each source as one string."""
    cells = [
        cell | {"source": "".join(cell["source"]), "tags": cell["metadata"].get("tags", [])}
        for cell in load(path)["cells"]
        if cell["cell_type"] == "code"
    ]
    return [cell for cell in cells if cell["source"].strip()]


@pytest.mark.parametrize("document", documents())
def test_a_chapter_begins_with_its_label(document: str) -> None:
    path = source_of(document)
    if path.suffix == ".ipynb":
        first = "".join(load(path)["cells"][0]["source"])
    else:
        first = path.read_text(encoding="utf-8")
        if first.startswith("---\n"):  # what the page says of itself
            first = first.split("\n---\n", 1)[1].lstrip()
    assert first.startswith(f"({path.stem})=\n"), f"{path.name} begins with {first[:40]!r}"


@BY_NAME
def test_a_chapter_lists_what_it_cites(path: Path) -> None:
    """With a prefix of its own: a citation without it is missing from the chapter's list."""
    cells = [c for c in load(path)["cells"] if c["cell_type"] == "markdown"]
    text = "\n".join("".join(cell["source"]) for cell in cells)
    prefixes = re.findall(r"^:keyprefix: (\S+)$", text, flags=re.MULTILINE)
    cited = [key for keys in re.findall(r"\{cite:[pt]\}`([^`]+)`", text) for key in keys.split(",")]
    assert [key for key in cited if not key.startswith(tuple(prefixes))] == []


@BY_NAME
def test_a_notebook_has_been_run_from_top_to_bottom(path: Path) -> None:
    counts = [cell["execution_count"] for cell in code_cells(path)]
    assert counts == list(range(1, len(counts) + 1)), f"{path.name}: run `make chapters`"
    assert {k: v for k, v in load(path)["metadata"].items() if k != "widgets"} == METADATA


@BY_NAME
def test_a_notebook_neither_fails_nor_warns(path: Path) -> None:
    for cell in code_cells(path):
        for output in cell["outputs"]:
            expected = "raises-exception" in cell["tags"]
            assert output["output_type"] != "error" or expected, cell["source"]
            assert output.get("name") != "stderr", cell["source"]


@BY_NAME
def test_the_stored_front_ends_are_those_of_the_package(path: Path) -> None:
    states = load(path)["metadata"].get("widgets", {}).get(STATE, {}).get("state", {})
    for entry in states.values():
        name = entry["state"].get("_anywidget_id", "")
        if name.startswith("ltcbook."):
            module, _, widget = name.rpartition(".")
            shown = {"robot": entry["state"]["robot"]} if "robot" in entry["state"] else {}
            fresh = getattr(importlib.import_module(module), widget)(**shown)
            for part in ("_esm", "_css"):
                stored = entry["state"].get(part, "")
                assert stored == str(getattr(fresh, part)), f"{name}.{part}: run `make chapters`"
