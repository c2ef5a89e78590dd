"""The notices of what the pages bundle go with them.

Style sheets and scripts keep their own first comments. The texts of the licences, which those only
name, come from the installed packages and are laid into ``_static/licences``.
"""

from importlib.metadata import distribution
from pathlib import Path

from sphinx.application import Sphinx

# Whose files are in the pages. Bootstrap and Font Awesome come in the PyData theme.
BUNDLED = (
    "pydata-sphinx-theme",
    "sphinx",
    "sphinx-book-theme",
    "sphinx-copybutton",
    "sphinx-design",
    "sphinx-exercise",
    "sphinx-proof",
    "sphinx-togglebutton",
    "myst-nb",
)
# MathJax's package names the Apache licence without its text, which is the same everywhere.
APACHE = "requests"
NOTICES = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS")
OVERVIEW = Path(__file__).resolve().parents[1] / "THIRD_PARTY.md"


def notices(package: str) -> list[Path]:
    """Return the files of an installed package that hold its notices."""
    files = distribution(package).files or []
    kept = [file for file in files if file.name.upper().startswith(NOTICES)]
    return [Path(str(file.locate())) for file in kept]


def copy_notices(app: Sphinx) -> None:
    """Lay the notices, and the page that lists them, into the built pages."""
    folder = Path(app.outdir, "_static", "licences")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "THIRD_PARTY.md").write_bytes(OVERVIEW.read_bytes())
    for package in BUNDLED:
        for number, file in enumerate(notices(package)):
            name = f"{package}{f'-{number}' if number else ''}.txt"
            (folder / name).write_bytes(file.read_bytes())
    (folder / "mathjax.txt").write_bytes(notices(APACHE)[0].read_bytes())
