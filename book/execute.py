"""Run notebooks in place, so that running them again leaves the same bytes.

    python -m book.execute chapters/membrane_equation.ipynb ...

What would differ from run to run is fixed: times are not recorded, widget models are renumbered,
addresses in memory are zeroed. A notebook that fails, or that warns, is left as it was.
"""

import argparse
import json
import os
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat import NotebookNode
from tqdm import tqdm

from book.setup_cell import SETUP_CELL
from book.times import note
from book.widget_state import STATE

LONGEST_CELL = 120  # seconds
COMPILING = re.compile(r"ltcbook: compiling the CPU kernel .*\n?")
ADDRESS = re.compile(r"(?<= at )0x[0-9a-f]+\b")
# The same for every chapter and on every machine: a chapter does not depend on a patch release.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# One thread, so that sums are added in the same order; no progress bars in committed outputs.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "TQDM_DISABLE": "1"}


def stabilise(notebook: NotebookNode) -> NotebookNode:
    """Return ``notebook`` without what differs between two runs of the same code."""
    state = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    for cell in notebook.cells:
        if cell.get("outputs"):
            cell.outputs = json.loads(ADDRESS.sub("0x0", json.dumps(cell.outputs)))
    text = json.dumps(notebook)
    for number, model_id in enumerate(state, start=1):
        text = text.replace(model_id, f"{number:032x}")
    stable = nbformat.from_dict(json.loads(text))
    widgets = {"widgets": stable.metadata.widgets} if state else {}
    stable.metadata = nbformat.from_dict(METADATA | widgets)
    for cell in stable.cells:
        cell.metadata.pop("execution", None)
    return stable


def warnings_of(notebook: NotebookNode) -> list[str]:
    """Take out what the cells wrote to the error stream; return it, with each cell's number.

    That a kernel was compiled is no warning: it is said on a machine's first run alone.
    """
    found = []
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []).copy():
            if output.output_type == "stream" and output.name == "stderr":
                cell.outputs.remove(output)
                if said := COMPILING.sub("", output.text).strip():
                    found.append(f"cell {number} wrote to stderr: {said}")
    return found


def run(notebook: NotebookNode, folder: Path) -> float:
    """Run the cells of ``notebook`` in ``folder``; return the seconds of processor time."""
    client = NotebookClient(
        notebook,
        timeout=LONGEST_CELL,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,  # how often a kernel sends what it printed depends on its luck
        resources={"metadata": {"path": str(folder)}},
    )
    start = os.times()
    client.execute(env=os.environ | ENVIRONMENT)
    end = os.times()  # the kernel has ended, and is counted among the children
    return end.children_user + end.children_system - start.children_user - start.children_system


def execute(path: Path) -> float:
    """Run the notebook at ``path`` and write it back; return the seconds of processor time.

    A notebook has one thread, so on a quiet machine that is its time by the clock. On a busy one
    it is still nearly the same, which the clock's would not be.

    Raises CellExecutionError or CellTimeoutError when a cell fails, and ValueError when one warns.
    """
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if "setup" in cell.metadata.get("tags", []):
            cell.source = SETUP_CELL
            cell.metadata.tags = ["setup", "remove-cell"]  # a page does not show it
    seconds = run(notebook, path.parent)
    if found := warnings_of(notebook):
        raise ValueError("\n".join(found))
    stable = stabilise(notebook)
    nbformat.validate(stable)
    # Written beside and then moved: an interrupted run leaves the old notebook whole.
    partial = path.with_suffix(".ipynb.partial")
    nbformat.write(stable, partial)
    partial.replace(path)
    return seconds


def main() -> int:
    """Run the notebooks named on the command line; return the number that failed."""
    parser = argparse.ArgumentParser(description="Run notebooks in place, byte-stable.")
    parser.add_argument("notebooks", nargs="*", type=Path)
    notebooks = parser.parse_args().notebooks
    failed = 0
    for path in tqdm(notebooks, unit="notebook"):
        try:
            seconds = execute(path)
            note(path.stem, seconds)
            tqdm.write(f"{path}: {seconds:.1f} s")
        except (CellExecutionError, CellTimeoutError, ValueError) as error:
            failed += 1
            tqdm.write(f"{path}: not written\n{error}", file=sys.stderr)
    return failed


if __name__ == "__main__":
    sys.exit(main())
