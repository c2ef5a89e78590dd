"""Begin a chapter: a notebook with every part that a chapter has, in the table of contents.

    python -m book.new_chapter membrane_noise

The notebook runs, and ``make lint`` asks for nothing but its TODO lines.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from book.address import ROOT
from book.execute import METADATA
from book.lint_chapters import Notebook, lint

NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
TEMPLATE = Path(__file__).with_name("new_chapter.md")
CODE = re.compile(r"```python(?: ([^\n]*))?\n(.*?)\n?```", re.DOTALL)
BREAK = "\n\n%%%\n\n"
FIGURE = {
    "image": {"alt": "TODO: say what the picture shows to someone who can't see it."},
    "figure": {"name": "fig-{name}", "caption": "TODO: what a reader should conclude."},
}


def notebook(name: str) -> nbformat.NotebookNode:
    """Return the chapter ``name``, made from the template, not yet run."""
    text = TEMPLATE.read_text(encoding="utf-8").rstrip().replace("NAME", name)
    cells = [new_cell(part, name) for part in text.split(BREAK)]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number:02}"
    return new_notebook(cells=cells, metadata=METADATA)


def new_cell(part: str, name: str) -> nbformat.NotebookNode:
    """Return one cell: code if it is a fenced block, whose first line names its tags."""
    found = CODE.fullmatch(part)
    if not found:
        return new_markdown_cell(part)
    tags = (found[1] or "").split()
    cell = new_code_cell("" if "setup" in tags else found[2])
    if "figure" in tags:
        tags.remove("figure")
        render = {kind: dict(values) for kind, values in FIGURE.items()}
        render["figure"]["name"] = f"fig-{name.replace('_', '-')}"
        cell.metadata["mystnb"] = render
    if tags:
        cell.metadata["tags"] = tags
    return cell


def add_to_contents(name: str, root: Path) -> None:
    """Put the chapter at the end of the last numbered part of the table of contents."""
    path = root / "_toc.yml"
    head, appendices, tail = path.read_text(encoding="utf-8").partition("  - caption: Appendices\n")
    if not appendices:
        raise ValueError("_toc.yml has no part with the caption Appendices, before which to write")
    path.write_text(f"{head}      - file: chapters/{name}\n{appendices}{tail}", encoding="utf-8")


def main() -> int:
    """Begin the chapter named on the command line; return 2 if that is no name for a new one."""
    parser = argparse.ArgumentParser(description="Begin a chapter of the book.")
    parser.add_argument("name", help="in lower case, with underscores: membrane_noise")
    name = parser.parse_args().name
    path = ROOT / "chapters" / f"{name}.ipynb"
    if not NAME.fullmatch(name):
        print(f"new-chapter: NAME must look like membrane_noise, got {name!r}", file=sys.stderr)
        return 2
    if path.exists() or path.with_suffix(".md").exists():
        print(f"new-chapter: chapters/{name} is there already", file=sys.stderr)
        return 2
    nbformat.write(notebook(name), path)
    add_to_contents(name, ROOT)
    run = [sys.executable, "-m", "book.execute", str(path.relative_to(ROOT))]
    subprocess.run(run, cwd=ROOT, check=True)
    print(f"chapters/{name}.ipynb is the last of its part in _toc.yml: move it. Still to write:")
    print("\n".join(lint(Notebook(path))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
