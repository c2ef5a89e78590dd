"""What other machines have, put in the place of what this one has."""

import ast
import shutil
import sys
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest

from book.browser import program
from tests.bare import test_bare_environment as bare
from tests.book.helpers import ROOT
from tools import make

Patch = pytest.MonkeyPatch
OF_UNIX = {"fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios"}
CPU = ["--extra-index-url", make.CPU_BUILDS]


def reachable(patch: Patch, yes: bool) -> None:
    """Let the index of CPU builds answer, or not."""

    def answer(*_: object, **__: object) -> SimpleNamespace:
        if not yes:
            raise OSError("no route")
        return SimpleNamespace(close=lambda: None)

    patch.setattr(urllib.request, "urlopen", answer)


@pytest.mark.parametrize(
    ("system", "gpu", "index", "wanted"),
    [
        ("linux", None, True, CPU),
        ("linux", None, False, []),
        ("linux", "/usr/bin/nvidia-smi", True, []),
        ("darwin", None, True, []),  # there PyPI has no other build than the CPU's
        ("win32", "nvidia-smi.exe", True, []),
    ],
)
def test_pytorch_comes_without_cuda_where_there_is_no_gpu(
    system: str, gpu: str | None, index: bool, wanted: list[str], monkeypatch: Patch
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(shutil, "which", lambda name: gpu)
    reachable(monkeypatch, index)
    assert make.torch_options() == wanted


@pytest.mark.parametrize(
    ("variable", "place"),
    [
        ("PROGRAMFILES", "Google/Chrome/Application/chrome.exe"),
        ("LOCALAPPDATA", "Google/Chrome/Application/chrome.exe"),
        ("PROGRAMFILES(X86)", "Microsoft/Edge/Application/msedge.exe"),
        ("HOME", "Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    ],
)
def test_a_browser_is_found_where_other_systems_keep_it(
    variable: str, place: str, tmp_path: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA", "HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "empty"))
    playwright = SimpleNamespace(chromium=SimpleNamespace(executable_path=tmp_path / "none"))
    with pytest.raises(FileNotFoundError, match="playwright install chromium"):
        program(playwright)
    monkeypatch.setenv(variable, str(tmp_path))
    (tmp_path / place).parent.mkdir(parents=True)
    (tmp_path / place).touch()
    assert program(playwright) == tmp_path / place


def test_colabs_python_is_found_on_the_path_or_with_pyenv(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    python = tmp_path / "versions" / "3.99.2" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    shim = tmp_path / "python3.99"  # pyenv's own, which fails until a version is chosen
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert bare.interpreter("3.99") == str(python)
    assert bare.interpreter("3.98") == sys.executable


@pytest.mark.parametrize(
    ("system", "source", "ci", "own"),
    [
        ("linux", CPU, "true", False),
        ("linux", [], "true", True),
        ("linux", [], "", False),
        ("darwin", [], "true", False),
    ],
)
def test_continuous_integration_downloads_no_cuda_for_the_bare_environment(
    system: str, source: list[str], ci: str, own: bool, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(bare, "interpreter", lambda release: f"python{release}")
    release, packages = bare.colabs()
    python, taken = bare.bare(source)
    assert python == (sys.executable if own else f"python{release}")
    assert (taken == packages) != own
    assert {one.partition("==")[0] for one in taken} == {p.partition("==")[0] for p in packages}


def test_no_program_needs_a_module_of_unix_to_be_imported() -> None:
    """On Windows such a test could not even be skipped: none of the others would run."""
    tops = [ROOT / top for top in ("ltcbook", "book", "tests", "tools")]
    files = [file for top in tops for file in top.rglob("*.py")]
    assert len(files) > 200
    for file in files:
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                named = {getattr(node, "module", None), *(alias.name for alias in node.names)}
                assert not named & OF_UNIX, f"{file.relative_to(ROOT)} imports {named}"


def test_programs_speak_utf8_whatever_the_system_does(monkeypatch: Patch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")  # where Python asks the system, as on Windows
    make.run("python", "-c", "import sys; sys.exit(not sys.flags.utf8_mode)")
