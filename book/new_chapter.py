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
from myst_nb.core.read import read_myst_markdown_notebook

from book.address import ROOT
from book.execute import METADATA
from book.lint_chapters import lint
from book.notebook import Notebook

NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
TEMPLATE = Path(__file__).with_name("new_chapter.md")  # a notebook as MyST-NB writes it in text


def notebook(name: str) -> nbformat.NotebookNode:
    """Return the chapter ``name``, made from the template, not yet run."""
    text = TEMPLATE.read_text(encoding="utf-8")
    text = text.replace("fig-NAME", f"fig-{name.replace('_', '-')}").replace("NAME", name)
    made = read_myst_markdown_notebook(text)
    for number, cell in enumerate(made.cells):
        cell.id = f"cell-{number:02}"
    made.metadata = METADATA
    return made


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
