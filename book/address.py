"""Where the book lives: the one place that knows the address of its repository.

The address is ``Repository`` in ``[project.urls]`` of ``pyproject.toml``. ``make set-repository``
writes it there, and into the few files that must spell it out. Until then there is none, and
nothing in the book points at anybody's account.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BRANCH = "main"
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

    def colab(self, path: str) -> str:
        """Return where Colab opens the notebook at ``path`` of the repository."""
        return (
            "https://colab.research.google.com/github/"
            f"{self.owner}/{self.name}/blob/{BRANCH}/{path}"
        )

    def binder(self, path: str) -> str:
        """Return where Binder opens the notebook at ``path`` of the repository."""
        return f"https://mybinder.org/v2/gh/{self.owner}/{self.name}/{BRANCH}?urlpath=tree/{path}"


def parse(url: str) -> Address:
    """Return the address that ``url`` spells; a ``.git`` or a slash at its end is dropped.

    Raises ValueError if it is not that of a repository on GitHub.
    """
    found = GITHUB.fullmatch(url.strip())
    if not found or found["name"] in {".", ".."}:
        raise ValueError(f"URL must look like https://github.com/owner/name, got {url!r}")
    return Address(found["owner"], found["name"])


def address(root: Path = ROOT) -> Address | None:
    """Return the address of the book in the folder ``root``, None while it has none."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    url = project.get("urls", {}).get("Repository")
    return parse(url) if url else None
