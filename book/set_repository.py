"""Give the book its address, in the three files that hosts and PyPI read as they are.

    python -m book.set_repository https://github.com/owner/name

``pyproject.toml`` has the one that counts: the build reads it there. In ``README.md`` and
``CITATION.cff`` stand the links that follow from it. The first two have them as comments while
there is no address; the last, which a page of the book shows, has none. The address is filled in,
in the place of OWNER/NAME or of the address before. Links of the README to files beside it get it
too, its picture among them: PyPI shows the README alone.
"""

import argparse
import re
import sys
from pathlib import Path

from book.address import ROOT, Address, address, parse

FILES = ("pyproject.toml", "README.md", "CITATION.cff")
NOBODY = Address("OWNER", "NAME")
# Lines that wait: each after "#: "; in Markdown all of them between "<!-- address" and "-->".
WAITING = re.compile(r"^#: |^<!-- address\n((?:.*\n)*?)-->\n", re.MULTILINE)
# Links to files beside it, which PyPI shows without them.
BESIDE = re.compile(r"(!?)(\[[^]]*\]\()(?=[\w.-]+(?:/[\w.-]+)*\))")
CITED = 'repository-code: "https://github.com/OWNER/NAME"\nurl: "https://owner.github.io/NAME/"\n'


def with_address(text: str, old: Address | None, new: Address) -> str:
    """Return what a file says once the book has the address ``new`` in the place of ``old``."""
    text = WAITING.sub(r"\1", text)
    for one in filter(None, (NOBODY, old)):
        text = text.replace(one.pages, new.pages)
        name = rf"(?<=/){re.escape(f'{one.owner}/{one.name}')}(?=[/\")])"
        text = re.sub(name, f"{new.owner}/{new.name}", text)
    kinds = {"!": "raw", "": "blob"}  # a picture, a page
    return BESIDE.sub(lambda found: f"{found[0]}{new.url}/{kinds[found[1]]}/HEAD/", text)


def set_repository(new: Address, root: Path = ROOT) -> list[str]:
    """Write the address into the book in the folder ``root``; return the files that changed."""
    old, changed = address(root), []
    for name in FILES:
        before = (root / name).read_text(encoding="utf-8")
        wanted = CITED if name == "CITATION.cff" and "repository-code:" not in before else ""
        if (after := with_address(before + wanted, old, new)) != before:
            (root / name).write_text(after, encoding="utf-8")
            changed.append(name)
    return changed


def main() -> int:
    """Set the address given on the command line; return 2 if it is none."""
    parser = argparse.ArgumentParser(description="Write the address of the book's repository.")
    parser.add_argument("url", help="https://github.com/owner/name")
    try:
        changed = set_repository(parse(parser.parse_args().url))
    except ValueError as error:
        print(f"set-repository: {error}", file=sys.stderr)
        return 2
    print("\n".join(changed) or "nothing to change")
    return 0


if __name__ == "__main__":
    sys.exit(main())
