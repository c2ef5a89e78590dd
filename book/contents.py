"""The table of contents, read from ``_toc.yml``."""

from pathlib import Path
from typing import Any

import yaml

from book.address import ROOT


def contents(root: Path) -> dict[str, Any]:
    """Return ``_toc.yml`` of the book in the folder ``root``."""
    found: dict[str, Any] = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    return found


def parts(root: Path = ROOT) -> list[dict[str, Any]]:
    """Return the parts of the book in the folder ``root``, as they stand in ``_toc.yml``."""
    found: list[dict[str, Any]] = contents(root)["parts"]
    return found


def documents(root: Path = ROOT) -> list[str]:
    """Return the documents of the book, in the order in which they are read."""
    return [contents(root)["root"], *(c["file"] for part in parts(root) for c in part["chapters"])]


def numbered(root: Path = ROOT) -> list[str]:
    """Return the names of the chapters, in their order: the documents of the numbered parts."""
    chapters = [c["file"] for part in parts(root) if part.get("numbered") for c in part["chapters"]]
    return [Path(file).name for file in chapters]
