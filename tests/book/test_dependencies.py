"""One source of dependencies: what is declared is imported, what is imported is declared."""

import ast
import importlib.util
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.book.helpers import ROOT, load, notebooks

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
GROUPS = PROJECT["dependency-groups"]
CORE = PROJECT["project"]["dependencies"]
# The names of packages whose modules are called otherwise.
PACKAGES = {
    "matplotlib_inline": "matplotlib-inline",
    "PIL": "pillow",
    "axe_playwright_python": "axe-playwright-python",
    "bs4": "beautifulsoup4",
    "fontTools": "fonttools",
    "markdown_it": "markdown-it-py",
    "myst_nb": "myst-nb",
    "sbx": "sbx-rl",
    "sphinx_design": "sphinx-design",
    "sphinx_exercise": "sphinx-exercise",
    "sphinx_proof": "sphinx-proof",
    "stable_baselines3": "stable-baselines3",
    "yaml": "pyyaml",
}
# Declared for what they do when they are there, not for their names: programs, plugins of Sphinx,
# of pytest, of JupyterLab, the kernel of the notebooks, a codec of fontTools.
USED_UNNAMED = {
    "brotli",
    "check-jsonschema",
    "import-linter",
    "ipykernel",
    "jupyter-book",
    "jupyterlab",
    "jupyterlab-myst",
    "mypy",
    "nbval",
    "pytest-cov",
    "pytest-xdist",
    "ruff",
    "sphinx-book-theme",
    "sphinx-mathjax-offline",
    "sphinxext-opengraph",
    "uv",
}
OURS = {"ltcbook", "book", "tests", "tools", "make"}


def names(requirements: list[object]) -> set[str]:
    """Return the packages of ``requirements``, those of other extras and groups too."""
    found: set[str] = set()
    for one in requirements:
        if isinstance(one, dict):
            found |= names(GROUPS[one["include-group"]])
        elif one.startswith("ltcbook["):
            for extra in one[8:].rstrip("]").split(","):
                found |= names(EXTRAS[extra])
        else:
            found.add(re.split(r"[\[<>=;~! ]", one)[0].lower())
    return found


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield the packages that a program imports, from other projects."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules = [node.module or ""]
        else:
            continue
        for module in modules:
            top = module.partition(".")[0]
            if top not in sys.stdlib_module_names and top not in OURS:
                yield PACKAGES.get(top, top).lower()


def imported_in(*folders: str) -> set[str]:
    """Return the packages that the programs of ``folders`` import."""
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    return {name for file in files for name in imports(ast.parse(file.read_text("utf-8")))}


def imported_in_chapters() -> set[str]:
    """Return the packages that the cells of the chapters import."""
    cells = [cell for path in notebooks() for cell in load(path)["cells"]]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return {name for source in sources for name in safely(source)}


def safely(source: str) -> set[str]:
    """Return what a cell imports; nothing if it has a magic."""
    try:
        return set(imports(ast.parse(source)))
    except SyntaxError:
        return set()


def test_what_the_package_imports_is_declared_and_what_is_declared_is_imported() -> None:
    declared = names(CORE).union(*(names(extra) for extra in EXTRAS.values()))
    assert imported_in("ltcbook") == declared


def test_the_chapters_need_the_core_and_their_extra_alone() -> None:
    notebook = {"ipython", "nbformat"}  # what shows a notebook is there
    assert imported_in_chapters() - notebook <= names(CORE) | names(EXTRAS["chapters"])


def test_what_builds_and_tests_the_book_is_declared_and_used() -> None:
    declared = names(GROUPS["test"]) | names(GROUPS["lint"])
    package = names(CORE) | names(EXTRAS["chapters"])
    used = imported_in("book", "tests", "tools")
    assert used <= declared | package
    # Of what the package's optional extras bring, the tests need these.
    assert declared <= used | package | USED_UNNAMED | {"triton", "ray", "minari"}


def test_what_makes_pages_and_archive_imports_nothing_that_tests_alone_have() -> None:
    """But for the PDF, which needs a browser: its command installs all."""
    here = names(GROUPS["book"]) | names(CORE) | names(EXTRAS["chapters"])
    apart = {"browser", "pdf"}
    for file in sorted((ROOT / "book").glob("*.py")):
        if file.stem not in apart:
            tree = ast.parse(file.read_text(encoding="utf-8"))
            assert set(imports(tree)) <= here, file.name
            ours = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
            assert not {f"book.{one}" for one in apart}.intersection(ours), file.name


CORE_ALONE = """
import builtins
real = builtins.__import__
def importing(name, globals=None, *rest):
    by = (globals or {}).get("__name__", "")
    if name.partition(".")[0] in MISSING and by.startswith("ltcbook"):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return real(name, globals, *rest)
builtins.__import__ = importing
import torch
import ltcbook
model = ltcbook.build("SA-LTC", 3, 4, 2, input_map="synaptic")
y, _ = model(torch.zeros(1, 2, 3))
y.sum().backward()
print(tuple(y.shape))
"""


def test_the_core_builds_and_trains_a_model_without_any_extra() -> None:
    modules = {package: module for module, package in PACKAGES.items()}
    extras = set().union(*(names(extra) for extra in EXTRAS.values()))
    missing = {modules.get(name, name) for name in extras}
    code = CORE_ALONE.replace("MISSING", repr(missing))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "(1, 2, 2)", done.stderr


def lock(name: str) -> dict[str, str]:
    """Return the release of each package in a lock."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize(
    ("name", "groups"), [("book", ["book"]), ("lab", ["book", "lab"]), ("all", ["test", "lint"])]
)
def test_the_lock_holds_what_is_declared_with_hashes(name: str, groups: list[str]) -> None:
    held = lock(name)
    wanted = names(EXTRAS["chapters"]) | names(CORE)
    wanted = wanted.union(*(names(GROUPS[group]) for group in groups)) - {"torch"}
    assert wanted <= {package.lower() for package in held}
    assert held.items() <= lock("all").items(), "two locks differ: run `make lock`"
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    assert all(block.count("--hash=") for block in re.split(r"\n(?=\S)", text.strip()))


def test_pages_need_neither_triton_nor_a_browser_nor_a_type_checker() -> None:
    assert not {"triton", "playwright", "mypy", "jupyterlab", "torch"} & lock("book").keys()
    assert not [name for name in lock("all") if name.startswith("nvidia-")]
    assert not (Path(ROOT) / "requirements.txt").exists()


def test_colabs_lines_are_read_from_its_own_files() -> None:
    spec = importlib.util.spec_from_file_location("colab", ROOT / "tools" / "colab.py")
    colab = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(colab)
    freeze = "numpy==2.2.0\ntorch @ https://x.org/torch-2.12.0%2Bcpu-cp314-none.whl\nother==1\n"
    kept = "# Python 3.13\nnumpy==2.1.3\ntorch==2.11.0\n"
    new = colab.now(kept, freeze, "Ubuntu\nPython 3.14.1\n")
    assert new == "# Python 3.14\nnumpy==2.2.0\ntorch==2.12.0\n"
    file = colab.FILE.read_text(encoding="utf-8")
    assert colab.now(file, file, "Python 3.13.15") == file


def test_every_command_of_the_makefile_is_one_of_the_program() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    named = set(re.search(r"^COMMANDS := (.*)$", makefile, re.MULTILINE)[1].split())
    helped = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "make.py"), "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert named == set(re.findall(r"^  ([a-z][a-z-]*) +[A-Z]", helped, re.MULTILINE))


def test_every_action_is_pinned_by_its_commit_and_no_workflow_may_write_by_default() -> None:
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        assert re.search(r"^permissions:\n  contents: read$", text, re.MULTILINE), path.name
        for action in re.findall(r"uses: (\S+)", text):
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action), action


def test_the_weekly_run_with_the_newest_releases_lifts_every_pin() -> None:
    weekly = (ROOT / ".github" / "workflows" / "weekly.yml").read_text(encoding="utf-8")
    lifted = re.search(r"echo (.+) > newest.txt", weekly)[1].partition(" #")[0].split()
    declared = [one for one in GROUPS["test"] + GROUPS["book"] if isinstance(one, str)]
    pinned = [re.match(r"[\w-]+(?===)", one) for one in declared]
    assert lifted == [one[0] for one in pinned if one]
    assert "--override newest.txt" in weekly


def test_the_licences_list_every_dependency_of_the_package() -> None:
    listed = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8").lower()
    known_as = {"torch": "pytorch", "sbx-rl": "sbx"}
    wanted = names([*CORE, *(one for extra in EXTRAS.values() for one in extra)])
    assert {"torch", "filelock", "ray"} <= wanted
    assert not {one for one in wanted if known_as.get(one, one) not in listed}


def test_the_licences_list_the_typefaces_and_scripts_that_are_bundled() -> None:
    listed = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8").lower()
    bundled = [*(ROOT / "book/assets").rglob("*.woff2"), *(ROOT / "book/assets/vendor").iterdir()]
    assert len(bundled) > 3
    assert not [file for file in bundled if file.stem.partition("-")[0] not in listed]
