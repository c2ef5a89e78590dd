"""The browser that prints the book and tests it: Chromium, wherever the system keeps it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLE = ("Chromium.app/Contents/MacOS/Chromium", "Google Chrome.app/Contents/MacOS/Google Chrome")
WINDOWS = ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")
HOW = "apt-get install chromium, or .venv/bin/playwright install chromium"


def places(playwright: Playwright) -> Iterator[Path]:
    """Yield where a Chromium may be: Playwright's own, on the path, in the usual folders."""
    yield Path(playwright.chromium.executable_path)
    yield from (Path(found) for name in NAMES if (found := shutil.which(name)))
    for folder in (Path("/Applications"), Path.home() / "Applications"):
        yield from map(folder.joinpath, APPLE)
    for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
        if folder := os.environ.get(variable):
            yield from map(Path(folder).joinpath, WINDOWS)


def program(playwright: Playwright) -> Path:
    """Return the browser. Raises FileNotFoundError, which says how to get one."""
    found = next(filter(Path.is_file, places(playwright)), None)
    if found is None:
        raise FileNotFoundError(f"no Chromium here ({HOW})")
    return found
