"""Plain notebooks where there is no more than Colab brings, installed by their own setup cell.

``make test-bare`` takes the Python and the releases that Colab has (colab.txt); where that Python
is not at hand, the build's own. PyTorch comes as its CPU build where one can be had; continuous
integration that can't reach one keeps to the build's Python and PyTorch rather than download
gigabytes of CUDA. ``make test-oldest`` takes the oldest releases that the package claims to work
with, and runs every chapter. The setup cell installs the tag of the release from the repository's
address, which git is told to look for in a copy of this checkout.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version as installed_release
from pathlib import Path

import nbformat
import pytest

from book.address import Address, version
from book.plain import FOLDER
from book.setup_cell import installing_cell
from tests.book.helpers import ROOT, give_up, notebooks, run
from tools.make import torch_options

pytestmark = pytest.mark.bare

ADDRESS = Address("owner", "name")
COLAB = Path(__file__).with_name("colab.txt")
OLDEST = os.environ.get("LTCBOOK_BARE") == "oldest"
# One needs widgets, one SciPy and torchdiffeq, one a simulator: together, all of the extra.
THREE = {"membrane_equation", "neural_odes", "robots_and_digits"}
CHAPTERS = [path.stem for path in notebooks() if OLDEST or path.stem in THREE]
KEPT = ("torch", "numpy")
RUNS_NOTEBOOKS = "nbclient"
# A kernel reads the test's own settings otherwise, and git asks for a password at a wrong address.
CLEAN = {"PYTHONPATH", "VIRTUAL_ENV", "LTCBOOK_DATA"}
SETTINGS = {"GIT_TERMINAL_PROMPT": "0", "OMP_NUM_THREADS": "1"}


def colabs() -> tuple[str, list[str]]:
    """Return the Python of Colab, and its releases of what the book needs."""
    lines = COLAB.read_text(encoding="utf-8").splitlines()
    python = next(line.split()[-1] for line in lines if line.startswith("# Python "))
    return python, [line for line in lines if not line.startswith("#")]


def oldest() -> list[str]:
    """Return the oldest release series of what is there first, by the package's metadata."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    texts = [*project["dependencies"], *extras["plots"], *extras["widgets"]]
    wanted = {*KEPT, "matplotlib", "ipywidgets"}
    found = [re.match(r"([\w-]+)>=([\d.]+)", text) for text in texts]
    series = [f"{one[1]}=={one[2]}.*" for one in found if one and one[1] in wanted]
    return [*series, "ipykernel"]


def interpreter(release: str) -> str:
    """Return a Python of this release, the build's own if there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    found = [shutil.which(f"python{release}"), *pyenv.glob(f"{release}.*/bin/python")]
    for python in map(str, filter(None, found)):
        if subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0:
            return python
    print(f"no Python {release} here: the notebooks run on {sys.version.split()[0]}")
    return sys.executable


def bare(source: list[str]) -> tuple[str, list[str]]:
    """Return the Python of the bare environment and its packages; PyTorch comes from ``source``."""
    if OLDEST:
        return sys.executable, oldest()
    release, packages = colabs()
    with_cuda = sys.platform.startswith("linux") and not source
    if not (with_cuda and os.environ.get("CI")):
        return interpreter(release), packages
    own = f"torch=={installed_release('torch')}"
    print(f"no CPU build of Colab's PyTorch can be had here: {own}, on the build's own Python")
    return sys.executable, [own, *(one for one in packages if not one.startswith("torch=="))]


def installed(environment: Path) -> dict[str, int]:
    """Return the release of each package that must stay, and when it was written."""
    site = next((environment / "lib").glob("python3*")) / "site-packages"
    folders = [next(site.glob(f"{name}-*.dist-info")) for name in KEPT]
    return {folder.name: (folder / "RECORD").stat().st_mtime_ns for folder in folders}


def execute(environment: Path, path: Path) -> subprocess.CompletedProcess[str]:
    """Run a notebook in place, with the environment's own kernel."""
    variables = {k: v for k, v in os.environ.items() if k not in CLEAN} | SETTINGS
    variables["GIT_CONFIG_GLOBAL"] = str(environment / "gitconfig")
    variables["PATH"] = f"{environment / 'bin'}{os.pathsep}{variables['PATH']}"
    command = [str(environment / "bin" / "jupyter-execute"), "--inplace", "--timeout=600"]
    return subprocess.run(
        [*command, path.name],
        cwd=path.parent,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with what Colab brings, and what runs notebooks; without the package."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        give_up("no git checkout here: the setup cell is NOT tested")
    home = tmp_path_factory.mktemp("bare")
    folder, copy = home / "environment", home / "copy"
    # The release's tag, without touching this checkout's own.
    run(ROOT, "git", "-c", "safe.directory=*", "clone", "--quiet", "--bare", str(ROOT), str(copy))
    run(copy, "git", "tag", "--force", f"v{version()}", "HEAD")
    source = torch_options()
    python, packages = bare(source)
    run(ROOT, python, "-m", "venv", str(folder))
    # In a file, which the git at the other end reads too: the copy may seem another user's.
    config = f'[url "{copy.as_uri()}"]\n\tinsteadOf = {ADDRESS.url}\n[safe]\n\tdirectory = *\n'
    (folder / "gitconfig").write_text(config, encoding="utf-8")
    pip = (str(folder / "bin" / "python"), "-m", "pip", "install", "-q")
    run(ROOT, *pip, *source, *packages, RUNS_NOTEBOOKS)
    return folder


@pytest.fixture(scope="session")
def before(environment: Path) -> Mapping[str, int]:
    """What the setup cell must leave alone."""
    return installed(environment)


@pytest.fixture(scope="session")
def folder(html: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of plain notebooks as they are where the book has an address."""
    folder = tmp_path_factory.mktemp("notebooks")
    for name in CHAPTERS:
        notebook = nbformat.read(html / FOLDER / f"{name}.ipynb", as_version=4)
        setup = next(cell for cell in notebook.cells if cell.cell_type == "code")
        setup.source = installing_cell(ADDRESS, version())
        nbformat.write(notebook, folder / f"{name}.ipynb")
    return folder


@pytest.fixture(scope="session")
def chapters(
    environment: Path, before: object, folder: Path
) -> Mapping[str, subprocess.CompletedProcess[str]]:
    """Every chapter, run alone; the first installs the package."""
    first, *others = CHAPTERS
    done = {first: execute(environment, folder / f"{first}.ipynb")}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        ran = pool.map(lambda name: execute(environment, folder / f"{name}.ipynb"), others)
        return done | dict(zip(others, ran, strict=True))


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_runs(
    chapters: Mapping[str, subprocess.CompletedProcess[str]], name: str
) -> None:
    assert chapters[name].returncode == 0, chapters[name].stderr[-4000:]


def test_the_setup_cell_installs_the_package_and_leaves_what_was_there(
    environment: Path, before: Mapping[str, int], chapters: object, folder: Path
) -> None:
    assert installed(environment) == before
    where = "import ltcbook; print(ltcbook.__version__, ltcbook.__file__)"
    found, path = run(environment, str(environment / "bin" / "python"), "-Ic", where).split()
    assert found == version() and Path(path).is_relative_to(environment)
    first = nbformat.read(folder / f"{CHAPTERS[0]}.ipynb", as_version=4)
    setup = next(cell for cell in first.cells if cell.cell_type == "code")
    assert f"Installed ltcbook {version()}, and left torch==" in str(setup.outputs)
