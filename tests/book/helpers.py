"""What the tests of the book share: where things are, and how to give up."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any, NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Where skipping would hide a broken book, as in continuous integration, a skip is a failure.
NEVER_SKIP = "LTCBOOK_NEVER_SKIP"
# The metadata of a cell that shows the small book's widget.
STILL = {"image": {"alt": "An empty picture, in the place of a counter."}}


def give_up(reason: str) -> NoReturn:
    """Skip, aloud; fail instead where nothing may be skipped."""
    if os.environ.get(NEVER_SKIP):
        pytest.fail(reason)
    pytest.skip(reason)


def run(folder: Path, *arguments: str) -> str:
    """Run a command in ``folder``; fail with all that it printed if it fails."""
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def notebooks() -> list[Path]:
    """Return the chapters that are notebooks."""
    return sorted((ROOT / "chapters").glob("*.ipynb"))


def load(path: Path) -> dict[str, Any]:
    """Return a notebook as plain JSON."""
    return json.loads(path.read_text(encoding="utf-8"))
