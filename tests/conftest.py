"""Shared by all tests: one thread, so that cores stay with the workers, and one real browser."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

from book.browser import program
from tests.book.helpers import ROOT, give_up

# Resolving no name but the local host keeps every request that slips through at home.
BROWSER_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)

os.environ.setdefault("NUMBA_NUM_THREADS", "1")  # before Numba is imported
if not torch.cuda.is_available():
    os.environ.setdefault("TRITON_INTERPRET", "1")  # before Triton is
settings.register_profile("ltcbook", deadline=None, max_examples=40)
settings.load_profile("ltcbook")


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A running Chromium whose pages reach no network; one a process, as Playwright demands."""
    with sync_playwright() as playwright:
        try:
            path = program(playwright)
        except FileNotFoundError as error:
            give_up(f"{error}: pages are NOT tested")
        browser = playwright.chromium.launch(executable_path=path, args=list(BROWSER_ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def html() -> Path:
    """Return the folder of the built book."""
    pages = ROOT / "_build" / "html"
    if not (pages / "chapters" / "intro.html").is_file():
        give_up("the book is not built: run `make book` first")
    return pages
