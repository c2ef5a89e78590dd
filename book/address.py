"""Where the book lives: the one place that knows the address of its repository.

The address is ``Repository`` in ``[project.urls]`` of ``pyproject.toml``, where ``make
set-repository`` writes it. The build reads it there. Until then there is none, and nothing in the
book points at anybody's account.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# Where the workflow that publishes the pages puts the plain notebooks, for Colab.
NOTEBOOKS = "notebooks"
# GitHub's own rules for names; Colab opens notebooks from GitHub alone.
GITHUB = re.compile(
    r"https://github\.com/(?P<owner>[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?)"
    r"/(?P<name>[A-Za-z0-9._-]{1,100}?)(?:\.git)?/?"
)


@dataclass(frozen=True)
class Address:
    """A repository on GitHub, and the addresses that follow from it."""

    owner: str
    name: str

    @property
    def url(self) -> str:
        """Return the page of the repository, without a slash at the end."""
        return f"https://github.com/{self.owner}/{self.name}"

    @property
    def pages(self) -> str:
        """Return where GitHub Pages shows the built book, with a slash at the end."""
        return f"https://{self.owner.lower()}.github.io/{self.name}/"

    def colab(self, notebook: str) -> str:
        """Return where Colab opens a plain notebook, as the branch of that name has it."""
        return (
            "https://colab.research.google.com/github/"
            f"{self.owner}/{self.name}/blob/{NOTEBOOKS}/{notebook}"
        )


def parse(url: str) -> Address:
    """Return the address that ``url`` spells; a ``.git`` or a slash at its end is dropped.

    Raises ValueError if it is not that of a repository on GitHub.
    """
    found = GITHUB.fullmatch(url.strip())
    if not found or found["name"] in {".", ".."}:
        raise ValueError(f"URL must look like https://github.com/owner/name, got {url!r}")
    return Address(found["owner"], found["name"])


def project(root: Path = ROOT) -> dict[str, Any]:
    """Return what ``pyproject.toml`` in the folder ``root`` says of the project."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    found: dict[str, Any] = tomllib.loads(text)["project"]
    return found


def version(root: Path = ROOT) -> str:
    """Return the release that the folder ``root`` holds, or will be."""
    return str(project(root)["version"])


def address(root: Path = ROOT) -> Address | None:
    """Return the address of the book in the folder ``root``, None while it has none."""
    url = project(root).get("urls", {}).get("Repository")
    return parse(url) if url else None
