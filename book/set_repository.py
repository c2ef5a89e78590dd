"""Write the address of the book's repository wherever it must be spelt out.

    python -m book.set_repository https://github.com/owner/name

Everything else reads it from ``pyproject.toml``, through ``book.address``. Running it again, with
the same address or another, leaves nothing of the old one.
"""

import argparse
import re
import sys
from pathlib import Path

import nbformat

from book.address import ROOT, Address, parse
from book.setup_cell import setup_cell

BADGES = re.compile(r"(<!-- address -->\n).*?(<!-- /address -->)", re.DOTALL)
FIRST_CHAPTER = "chapters/membrane_equation.ipynb"


def in_project(text: str, address: Address) -> str:
    """Return ``pyproject.toml`` with the address under ``[project.urls]``."""
    line = f'Repository = "{address.url}"'
    if re.search(r"^Repository = ", text, re.MULTILINE):
        return re.sub(r"^Repository = .*$", line, text, flags=re.MULTILINE)
    return text.replace("[project.scripts]\n", f"[project.urls]\n{line}\n\n[project.scripts]\n", 1)


def in_citation(text: str, address: Address) -> str:
    """Return ``CITATION.cff`` with the address of the code."""
    kept = re.sub(r"^repository-code: .*\n", "", text, flags=re.MULTILINE)
    return f'{kept.rstrip()}\nrepository-code: "{address.url}"\n'


def in_readme(text: str, address: Address) -> str:
    """Return ``README.md`` with the two badges that open a chapter elsewhere."""
    badges = (
        "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
        f"({address.colab(FIRST_CHAPTER)})\n"
        "[![Open in Binder](https://mybinder.org/badge_logo.svg)]"
        f"({address.binder(FIRST_CHAPTER)})\n"
    )
    return BADGES.sub(lambda found: f"{found[1]}{badges}{found[2]}", text)


def in_notebook(text: str, address: Address) -> str:
    """Return a chapter whose setup cell installs from the address; its outputs stay."""
    notebook = nbformat.reads(text, as_version=4)
    for cell in notebook.cells:
        if "setup" in cell.metadata.get("tags", []):
            cell.source = setup_cell(address)
    return nbformat.writes(notebook) + "\n"


def set_repository(address: Address, root: Path = ROOT) -> list[Path]:
    """Write the address into the book in the folder ``root``; return the files that changed."""
    writers = {
        root / "pyproject.toml": in_project,
        root / "CITATION.cff": in_citation,
        root / "README.md": in_readme,
    }
    writers |= dict.fromkeys(sorted((root / "chapters").glob("*.ipynb")), in_notebook)
    changed = []
    for path, write in writers.items():
        before = path.read_text(encoding="utf-8")
        after = write(before, address)
        if after != before:
            path.write_text(after, encoding="utf-8")
            changed.append(path)
    return changed


def main() -> int:
    """Set the address given on the command line; return 2 if it is none."""
    parser = argparse.ArgumentParser(description="Write the address of the book's repository.")
    parser.add_argument("url", help="https://github.com/owner/name")
    try:
        address = parse(parser.parse_args().url)
    except ValueError as error:
        print(f"set-repository: {error}", file=sys.stderr)
        return 2
    changed = set_repository(address)
    print("\n".join(str(path.relative_to(ROOT)) for path in changed) or "nothing to change")
    return 0


if __name__ == "__main__":
    sys.exit(main())
