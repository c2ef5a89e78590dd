"""The address of the repository: one source, written everywhere, and no straggler."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from book.address import ROOT, Address, address, parse
from book.set_repository import set_repository
from book.setup_cell import installing_cell

FIRST, SECOND = Address("owner", "name"), Address("Another-One", "a.book")
NAME = r"[A-Za-z0-9][\w.-]*"
# Every form in which an address of a repository can stand in a file.
FORMS = re.compile(
    rf"(?:github\.com|colab\.research\.google\.com/github|mybinder\.org/v2/gh)/({NAME}/{NAME})"
    rf"|({NAME})\.github\.io/({NAME})"
)
TEXTS = {".py", ".md", ".ipynb", ".yml", ".yaml", ".toml", ".cff", ".txt", ".bib", ".js", ".cfg"}
# Repositories of other people, which the book cites or takes data from.
OTHERS = {
    "raminmh/CfC",
    "lucaong/minisearch",
    "zalandoresearch/fashion-mnist",
    "googlefonts/literata",
    "rsms/inter",
}


def spelt(folder: Path) -> set[tuple[str, str]]:
    """Return the repositories that the files of ``folder`` name, each with the file."""
    found = set()
    for top in sorted(folder.iterdir()):
        inside = [top] if top.is_file() else top.rglob("*")
        if top.name in {".git", ".venv", "_build", "tests", "build", "dist"}:
            continue
        for path in inside:
            if path.suffix in TEXTS and path.is_file():
                for match in FORMS.finditer(path.read_text(encoding="utf-8")):
                    name = match[1] or f"{match[2]}/{match[3]}"
                    found.add((name.removesuffix(".git"), str(path.relative_to(folder))))
    return found


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what spells out the address, and of the code that writes it."""
    for name in ("pyproject.toml", "CITATION.cff", "README.md", "_config.yml"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("book", "chapters"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_every_file_names_our_repository_or_a_known_one() -> None:
    ours = address()
    known = OTHERS | ({f"{ours.owner}/{ours.name}"} if ours else set())
    placeholders = {"owner/name", "OWNER/NAME", "owner/NAME"}  # what `make set-repository` fills in
    stragglers = {(n, f) for n, f in spelt(ROOT) if n not in known | placeholders}
    assert not stragglers, "run `make set-repository`, or name a repository that is only cited"


def test_setting_it_twice_and_then_another_leaves_nothing_of_the_first(copy: Path) -> None:
    set_repository(FIRST, copy)
    assert address(copy) == FIRST
    assert set_repository(FIRST, copy) == [], "the second run changed something"
    readme = (copy / "README.md").read_text(encoding="utf-8")
    assert f"]({FIRST.pages})\n" in readme and "<!--" not in readme, "badges are still a comment"
    assert f"]({FIRST.url}/raw/HEAD/docs/stepper.png)" in readme, "PyPI can't show the picture"
    assert f"]({FIRST.url}/blob/HEAD/LICENSE)" in readme
    assert not re.search(r"\]\((?!https://)", readme), "a link that leads nowhere on PyPI"
    cited = yaml.safe_load((copy / "CITATION.cff").read_text(encoding="utf-8"))
    assert (cited["repository-code"], cited["url"]) == (FIRST.url, FIRST.pages)
    everywhere = {file for name, file in spelt(copy) if name == "owner/name"}
    assert {"pyproject.toml", "CITATION.cff", "README.md"} <= everywhere
    assert not [file for file in everywhere if file.endswith(".ipynb")]
    set_repository(SECOND, copy)
    assert address(copy) == SECOND
    allowed = OTHERS | {"Another-One/a.book", "another-one/a.book"}  # its pages are in lower case
    explained = ("book/address.py", "book/set_repository.py", "README.md")
    left = {(n, f) for n, f in spelt(copy) if n not in allowed and f not in explained}
    assert not left
    assert FIRST.colab("") not in (copy / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "url",
    ["https://github.com/owner/name", "https://github.com/owner/name/", f"{FIRST.url}.git", " "],
)
def test_an_address_is_read_or_refused(url: str) -> None:
    if url.strip():
        assert parse(url) == FIRST
    else:
        with pytest.raises(ValueError, match="must look like https://github.com/owner/name"):
            parse(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://github.com/owner/name",
        "https://gitlab.com/owner/name",
        "https://github.com/owner",
        "https://github.com/owner/name/tree/main",
        "https://github.com/-owner/name",
        "git@github.com:owner/name.git",
        'https://github.com/owner/na"me',
    ],
)
def test_what_is_no_repository_on_github_is_one_line_and_changes_nothing(
    copy: Path, url: str
) -> None:
    before = (copy / "pyproject.toml").read_bytes()
    command = [sys.executable, "-m", "book.set_repository", "--", url]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("set-repository: URL must look like")
    assert done.stderr.count("\n") == 1
    assert (copy / "pyproject.toml").read_bytes() == before


def test_the_setup_cell_installs_its_own_release_and_moves_neither_torch_nor_numpy() -> None:
    cell = installing_cell(FIRST, "1.2.3")
    assert f'"ltcbook[chapters] @ git+{FIRST.url}@v1.2.3"' in cell
    assert '%pip install -q {keep} "' in cell and '("torch", "numpy")' in cell


def test_without_an_address_the_setup_cell_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = installing_cell(None, "1.2.3")
    assert "://" not in cell
    missing = cell.replace('find_spec("ltcbook")', 'find_spec("no_such_package")')
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"put ltcbook-1\.2\.3-py3-none-any\.whl beside"):
        exec(missing.replace("    %pip", "    # %pip"), {})
