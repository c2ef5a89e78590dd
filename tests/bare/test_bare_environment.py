"""Every chapter where there is no more than Colab brings, installed by its own setup cell.

A fresh environment gets torch, NumPy, Matplotlib and ipywidgets: the releases that the book is
built with (``make test-bare``), or the oldest that the package claims to work with
(``make test-oldest``, which fetches gigabytes). The setup cell then installs the package from the
repository's address, which git is told to look for in this checkout.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from book.address import Address
from book.set_repository import in_notebook
from book.setup_cell import setup_cell
from tests.book.helpers import ROOT, give_up, notebooks, run

pytestmark = pytest.mark.bare

ADDRESS = Address("owner", "name")
BROUGHT = ("torch", "numpy", "matplotlib", "ipywidgets")
RUNS_NOTEBOOKS = ("ipykernel", "nbclient")
# A kernel reads the test's own settings otherwise, and git asks for a password at a wrong address.
CLEAN = {"PYTHONPATH", "VIRTUAL_ENV", "LTCBOOK_DATA"}
SETTINGS = {"GIT_TERMINAL_PROMPT": "0", "OMP_NUM_THREADS": "1"}
# In a file, which the git at the other end reads too: this checkout may be another user's.
GIT_CONFIG = f'[url "{ROOT.as_uri()}"]\n\tinsteadOf = {ADDRESS.url}\n[safe]\n\tdirectory = *\n'


def oldest(package: str) -> str:
    """Return the requirement of the oldest release series that the package's metadata allows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (bound,) = (
        found[1]
        for text in project["dependencies"]
        if (found := re.fullmatch(rf"{package}>=([\d.]+)", text))
    )
    return f"{package}=={bound}.*"


def pinned(package: str) -> str:
    """Return the requirement of the release that the book is built with."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in lines if line.startswith(f"{package}=="))
    return line


def installed(environment: Path) -> dict[str, tuple[str, int]]:
    """Return the release of each package that was there first, and when it was written."""
    site = next((environment / "lib").glob("python3*")) / "site-packages"
    folders = [next(site.glob(f"{name}-*.dist-info")) for name in BROUGHT]
    return {folder.name: (folder / "RECORD").stat().st_mtime_ns for folder in folders}


def execute(environment: Path, folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    """Run the notebook ``name`` of ``folder`` in place, with the environment's own kernel."""
    variables = {k: v for k, v in os.environ.items() if k not in CLEAN} | SETTINGS
    variables["GIT_CONFIG_GLOBAL"] = str(environment / "gitconfig")
    variables["PATH"] = f"{environment / 'bin'}{os.pathsep}{variables['PATH']}"
    command = [str(environment / "bin" / "jupyter-execute"), "--inplace", "--timeout=600", name]
    return subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with what Colab brings, and what runs notebooks; without the package."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        give_up("no git checkout here: the setup cell is NOT tested")
    folder = tmp_path_factory.mktemp("bare") / "environment"
    run(ROOT, sys.executable, "-m", "venv", str(folder))
    release = oldest if os.environ.get("LTCBOOK_BARE") == "oldest" else pinned
    (folder / "gitconfig").write_text(GIT_CONFIG, encoding="utf-8")
    packages = [*map(release, BROUGHT), *RUNS_NOTEBOOKS]
    run(ROOT, str(folder / "bin" / "pip"), "install", "-q", *packages)
    return folder


@pytest.fixture(scope="session")
def changed(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, object]:
    """What the setup cell changed among the packages that were there; run in an empty folder."""
    folder = tmp_path_factory.mktemp("setup")
    before = installed(environment)
    cell = new_code_cell(setup_cell(ADDRESS), id="setup")
    nbformat.write(new_notebook(cells=[cell]), folder / "setup.ipynb")
    done = execute(environment, folder, "setup.ipynb")
    assert done.returncode == 0, done.stdout + done.stderr
    return {"before": before, "after": installed(environment)}


@pytest.fixture(scope="session")
def chapters(
    environment: Path, changed: object, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, subprocess.CompletedProcess[str]]:
    """Every chapter, run alone in one folder as many at a time as there are cores."""
    folder = tmp_path_factory.mktemp("chapters")
    names = [path.name for path in notebooks()]
    for path in notebooks():
        text = in_notebook(path.read_text(encoding="utf-8"), ADDRESS)
        (folder / path.name).write_text(text, encoding="utf-8")
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        done = pool.map(lambda name: execute(environment, folder, name), names)
        return dict(zip(names, done, strict=True))


def test_the_setup_cell_installs_the_package_and_leaves_what_was_there(
    environment: Path, changed: Mapping[str, object]
) -> None:
    assert changed["after"] == changed["before"]
    where = "import ltcbook; print(ltcbook.__file__)"
    path = Path(run(environment, str(environment / "bin" / "python"), "-c", where).strip())
    assert path.is_relative_to(environment)


@pytest.mark.parametrize("name", [path.name for path in notebooks()])
def test_a_chapter_runs(
    chapters: Mapping[str, subprocess.CompletedProcess[str]], environment: Path, name: str
) -> None:
    done = chapters[name]
    assert done.returncode == 0, done.stderr[-4000:]


def test_running_the_chapters_installs_nothing_more(
    environment: Path, changed: Mapping[str, object], chapters: object
) -> None:
    assert installed(environment) == changed["before"]
    files = run(environment, str(environment / "bin" / "pip"), "list", "--format=json")
    assert "ltcbook" in {package["name"] for package in json.loads(files)}
