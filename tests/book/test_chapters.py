"""The sources of the chapters: labels, set-up, outputs, figures, widgets."""

import ast
import importlib
from pathlib import Path
from typing import Any

import pytest

from book.address import address
from book.execute import METADATA, WIDGET_STATE
from book.setup_cell import setup_cell
from tests.book.helpers import ROOT, documents, load, notebooks

LONGEST_CELL = 15  # statements that a reader sees at once; lines depend on the formatter
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
    assert first.startswith(f"({path.stem})=\n"), f"{path.name} begins with {first[:40]!r}"


@BY_NAME
def test_the_first_code_cell_is_the_setup_cell(path: Path) -> None:
    first = code_cells(path)[0]
    assert "setup" in first["tags"], f"the first code cell of {path.name} lacks the tag `setup`"
    assert first["source"] == setup_cell(address()), f"run `python -m book.execute {path.name}`"


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
def test_every_plot_has_alternative_text_and_a_caption(path: Path) -> None:
    for cell in code_cells(path):
        pictures = [o for o in cell["outputs"] if "image/png" in o.get("data", {})]
        if not pictures:
            continue
        render = cell["metadata"].get("mystnb", {})
        alternative = render.get("image", {}).get("alt", "")
        assert len(alternative.split()) >= 6, f"no alternative text for:\n{cell['source']}"
        assert render.get("figure", {}).get("caption"), f"no caption for:\n{cell['source']}"
        assert len(pictures) == 1, f"one figure for a cell, not {len(pictures)}:\n{cell['source']}"


def statements(source: str) -> int:
    """Count the statements of a cell, those inside others too, but no magics and no checks."""
    python = "\n".join(line for line in source.splitlines() if not line.lstrip().startswith("%"))
    nodes = ast.walk(ast.parse(python))
    return sum(isinstance(n, ast.stmt) and not isinstance(n, ast.Assert) for n in nodes)


@BY_NAME
def test_code_cells_are_short(path: Path) -> None:
    for cell in code_cells(path):
        if "hide-input" not in cell["tags"]:
            count = statements(cell["source"])
            assert count <= LONGEST_CELL, f"{count} statements:\n{cell['source']}"


@BY_NAME
def test_the_stored_front_ends_are_those_of_the_package(path: Path) -> None:
    states = load(path)["metadata"].get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    for entry in states.values():
        name = entry["state"].get("_anywidget_id", "")
        if name.startswith("ltcbook."):
            module, _, widget = name.rpartition(".")
            fresh = getattr(importlib.import_module(module), widget)()
            for part in ("_esm", "_css"):
                stored = entry["state"].get(part, "")
                assert stored == str(getattr(fresh, part)), f"{name}.{part}: run `make chapters`"
