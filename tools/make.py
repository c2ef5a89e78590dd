"""Every command of the book, on Linux, macOS and Windows:

    python tools/make.py book

``make book`` calls the same. It needs Python 3.11 or later and nothing else; what a command needs
beside that it installs into ``.venv``, the first time and whenever the lock has changed.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - before what an older Python can't read
    sys.exit(
        f"ltcbook needs Python 3.11 or later, found {sys.version.split()[0]}; name another: "
        "python3.12 tools/make.py, or make PYTHON=python3.12"
    )

import argparse
import hashlib
import os
import shutil
import subprocess
import tomllib
import urllib.request
import venv
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PROGRAMS = VENV / ("Scripts" if os.name == "nt" else "bin")
LOCKS = ROOT / "requirements"
# What each lock is made of: extras of the package and dependency groups of pyproject.toml. The
# first that is made decides the releases of the others.
PARTS = {"all": ("test", "lint"), "lab": ("book", "lab"), "book": ("book",)}
CPU_BUILDS = "https://download.pytorch.org/whl/cpu"
# PyTorch's own dependencies: which of them it needs depends on where it comes from.
OF_CUDA = ("torch==", "nvidia-", "cuda-")
# One thread per process: the tests run one process per core.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
# Windows has another encoding for what programs say to each other, and to a file.
UTF8 = {"PYTHONUTF8": "1"}
MADE = "_build build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache"

COMMANDS: dict[str, Callable[..., None]] = {}


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Offer ``function`` on the command line, under its name."""
    COMMANDS[function.__name__.replace("_", "-")] = function
    return function


def run(program: str, *arguments: str, **variables: str) -> None:
    """Run a program of ``.venv`` in the checkout; end with its exit code if it fails."""
    file = PROGRAMS / (f"{program}.exe" if os.name == "nt" else program)
    line = [str(file), *arguments]
    done = subprocess.run(line, cwd=ROOT, env=os.environ | UTF8 | variables, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def pip(*arguments: str) -> None:
    """Run the pip of ``.venv``, which shows how far it is."""
    run("python", "-m", "pip", "--disable-pip-version-check", "install", *arguments)


def torch_release() -> str:
    """Return the requirement of PyTorch that the book is built with."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]["book"]
    return next(one for one in groups if isinstance(one, str) and one.startswith("torch=="))


def torch_options() -> list[str]:
    """Return where PyTorch comes from: on Linux its CPU build, where there is no NVIDIA GPU.

    Its build for PyPI brings gigabytes of CUDA there; elsewhere that is the CPU build.
    """
    if not sys.platform.startswith("linux"):
        return []
    if shutil.which("nvidia-smi"):
        print("An NVIDIA GPU: PyTorch with CUDA.", flush=True)
        return []
    try:
        urllib.request.urlopen(f"{CPU_BUILDS}/torch/", timeout=10).close()
    except OSError:
        print(f"{CPU_BUILDS} can't be reached: PyTorch from where pip finds it.", flush=True)
        return []
    print(f"No NVIDIA GPU: the CPU build of PyTorch, from {CPU_BUILDS}", flush=True)
    return ["--extra-index-url", CPU_BUILDS]


def install(lock: str) -> None:
    """Bring ``.venv`` to what a lock says, unless it is there already."""
    texts = [(LOCKS / f"{lock}.txt").read_bytes(), (ROOT / "pyproject.toml").read_bytes()]
    now, stamp = hashlib.sha256(b"".join(texts)).hexdigest(), VENV / ".installed"
    stamps = stamp.read_text(encoding="utf-8").split() if stamp.is_file() else []
    if now in stamps:
        return
    print(f"Installing into .venv what requirements/{lock}.txt locks.", flush=True)
    python = PROGRAMS / ("python.exe" if os.name == "nt" else "python")
    if not python.exists():
        venv.create(VENV, with_pip=True)
    elif subprocess.run([python, "-c", "import pip"], capture_output=True, check=False).returncode:
        run("python", "-m", "ensurepip")  # uv makes environments without pip
    pip("--require-hashes", "--no-deps", "--requirement", f"requirements/{lock}.txt")
    # Without hashes: PyTorch has a file for each kind of machine, from more than one place.
    pip(*torch_options(), torch_release())
    pip("--quiet", "--no-deps", "--editable", ".")
    # The larger locks hold the smaller ones.
    held = [name for name in list(PARTS)[list(PARTS).index(lock) :] if name != lock]
    texts_of = [((LOCKS / f"{name}.txt").read_bytes(), texts[1]) for name in held]
    also = [hashlib.sha256(b"".join(pair)).hexdigest() for pair in texts_of]
    stamp.write_text("\n".join([now, *also]), encoding="utf-8")


def chapters() -> list[str]:
    """Return the notebooks of the book."""
    return [f"chapters/{path.name}" for path in sorted((ROOT / "chapters").glob("*.ipynb"))]


@command
def book(*flags: str) -> None:
    """Build the pages, and the plain notebooks beside them; FLAGS go to jupyter-book."""
    install("book")
    run("jupyter-book", "build", ".", *flags)


@command
def lab() -> None:
    """Open JupyterLab on the chapters."""
    install("lab")
    run("jupyter", "lab", "chapters")


@command
def test() -> None:
    """Build the book, run every test, and every cell of every chapter."""
    install("all")
    book()
    parallel = ("-n", "auto", "--dist", "loadfile")
    run("pytest", *parallel, "--durations=25", **ONE_THREAD)
    lax = ("--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=120")
    run("pytest", *lax, *parallel, *chapters(), **ONE_THREAD)


@command
def unit() -> None:
    """Run the tests of the package alone."""
    install("all")
    run("pytest", "-n", "auto", "--dist", "loadfile", "--ignore=tests/book", **ONE_THREAD)


@command
def links() -> None:
    """Ask each address that the book names whether it is there."""
    install("book")
    run("jupyter-book", "build", ".", "--builder", "linkcheck")


@command
def test_bare() -> None:
    """Run the plain notebooks where there is no more than Colab brings."""
    install("all")
    run("pytest", "-m", "bare", "tests/bare")


@command
def test_oldest() -> None:
    """The same with the oldest packages that pyproject.toml allows."""
    install("all")
    run("pytest", "-m", "bare", "tests/bare", LTCBOOK_BARE="oldest")


@command
def pdf() -> None:
    """The whole book as one PDF, and the zip file; needs Chromium."""
    install("all")
    book()
    run("python", "-m", "book.pdf")
    pack()


@command
def zip() -> None:
    """The pages, the plain notebooks and the package as one zip file."""
    book()
    pack()


def pack() -> None:
    """Lay the package beside the plain notebooks, and all that is built into the zip file."""
    wheel("_build/html/notebooks")
    run("python", "-m", "book.archive")


@command
def serve() -> None:
    """Show the book at http://127.0.0.1:8000."""
    book()
    here = ("--bind", "127.0.0.1", "--directory", "_build/html", "8000")
    run("python", "-m", "http.server", *here)


@command
def lint() -> None:
    """Check style, types, import rules, chapters and workflows."""
    install("all")
    run("ruff", "check", ".")
    run("ruff", "format", "--check", ".")
    run("mypy")
    run("lint-imports")
    run("python", "-m", "book.lint_chapters")
    workflows = sorted(map(str, (ROOT / ".github" / "workflows").glob("*.yml")))
    run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows)


@command
def run_chapters() -> None:
    """Run the notebooks again, in place."""
    install("book")
    run("python", "-m", "book.execute", *chapters())


@command
def new_chapter(name: str = "") -> None:
    """Begin the chapter NAME."""
    install("book")
    run("python", "-m", "book.new_chapter", name)


@command
def set_repository(url: str = "") -> None:
    """Give the book its address, URL."""
    install("book")
    run("python", "-m", "book.set_repository", url)


@command
def wheel(folder: str = "dist") -> None:
    """The package as one file in dist/."""
    install("book")
    run("python", "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ".")


@command
def lock(*packages: str) -> None:
    """Renew the lock: of PACKAGES, or of all."""
    install("all")
    older = [f"--upgrade-package={name}" for name in packages] or ["--upgrade"]
    first = str(LOCKS / "all.txt")
    for name in PARTS:
        compile_lock(name, older if name == "all" else ["--constraint", first])


def compile_lock(name: str, options: list[str]) -> None:
    """Write one lock: releases and hashes for every system and Python, but for PyTorch."""
    left_out = OF_CUDA if name == "all" else (*OF_CUDA, "triton==")
    groups = [word for group in PARTS[name] for word in ("--group", group)]
    base = ["uv", "pip", "compile", "pyproject.toml", "--extra", "chapters", *groups]
    base += ["--universal", "--python-version", "3.11", "--fork-strategy", "fewest", "--no-header"]
    base += ["--no-annotate", "--quiet", *options, "--output-file"]
    target = f"requirements/{name}.txt"
    run(*base, target)
    lines = (ROOT / target).read_text(encoding="utf-8").splitlines()
    drop = {line.partition("==")[0] for line in lines if line.startswith(left_out)}
    drops = [f"--no-emit-package={one}" for one in sorted(drop)]
    run(*base, target, *drops, "--generate-hashes")


@command
def clean() -> None:
    """Remove what was built; .venv stays."""
    for name in [*MADE.split(), "ltcbook.egg-info"]:
        shutil.rmtree(ROOT / name, ignore_errors=True)


def main() -> None:
    """Run the command that was given."""
    lines = [f"  {name:15} {function.__doc__}" for name, function in COMMANDS.items()]
    parser = argparse.ArgumentParser(
        description="The commands of the book. Everything is installed into .venv.",
        epilog="\n".join(["commands:", *lines]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="command")
    given, rest = parser.parse_known_args()
    COMMANDS[given.command](*rest)


if __name__ == "__main__":
    main()
