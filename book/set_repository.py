"""Write the address of the book's repository into the files that a host shows as they are.

    python -m book.set_repository https://github.com/owner/name

The one that counts is in ``pyproject.toml``: the build reads it there. ``README.md`` and
``CITATION.cff`` repeat it for the pages of the host. Running it again, with the same address or
another, leaves nothing of the old one.
"""

import argparse
import re
import sys
from pathlib import Path

from book.address import ROOT, Address, parse, version

BADGES = re.compile(r"(<!-- address -->\n).*?(<!-- /address -->)", re.DOTALL)
FIRST_CHAPTER = "membrane_equation.ipynb"


def in_project(text: str, address: Address) -> str:
    """Return ``pyproject.toml`` with the address under ``[project.urls]``."""
    line = f'Repository = "{address.url}"'
    if re.search(r"^Repository = ", text, re.MULTILINE):
        return re.sub(r"^Repository = .*$", line, text, flags=re.MULTILINE)
    return text.replace("[project.scripts]\n", f"[project.urls]\n{line}\n\n[project.scripts]\n", 1)


def in_citation(text: str, address: Address) -> str:
    """Return ``CITATION.cff`` with the address of the code and of the pages."""
    kept = re.sub(r"^(?:repository-code|url): .*\n", "", text, flags=re.MULTILINE)
    return f'{kept.rstrip()}\nrepository-code: "{address.url}"\nurl: "{address.pages}"\n'


def in_readme(text: str, address: Address, release: str) -> str:
    """Return ``README.md`` with its badges: the tests, the pages, a chapter on Colab and Binder."""
    tests = f"{address.url}/actions/workflows/ci.yml"
    badges = {
        f"[![Tests]({tests}/badge.svg)]": tests,
        "[![Read the book](https://img.shields.io/badge/read-the_book-0b3c5d)]": address.pages,
        "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]": (
            address.colab(FIRST_CHAPTER)
        ),
        "[![Open in Binder](https://mybinder.org/badge_logo.svg)]": (
            address.binder(f"chapters/{FIRST_CHAPTER}", release)
        ),
    }
    lines = "".join(f"{badge}({target})\n" for badge, target in badges.items())
    return BADGES.sub(lambda found: f"{found[1]}{lines}{found[2]}", text)


def set_repository(address: Address, root: Path = ROOT) -> list[Path]:
    """Write the address into the book in the folder ``root``; return the files that changed."""
    release = version(root)
    writers = {
        root / "pyproject.toml": lambda text: in_project(text, address),
        root / "CITATION.cff": lambda text: in_citation(text, address),
        root / "README.md": lambda text: in_readme(text, address, release),
    }
    changed = []
    for path, write in writers.items():
        before = path.read_text(encoding="utf-8")
        if (after := write(before)) != before:
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
