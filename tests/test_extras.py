"""The core by itself, and what it says where an extra is missing."""

import subprocess
import sys

import pytest

from ltcbook.extras import extra_of

LIGHT = ("tqdm", "platformdirs", "filelock", "torchdiffeq", "matplotlib", "gymnasium", "anywidget")


def without(packages: tuple[str, ...], program: str) -> subprocess.CompletedProcess[str]:
    """Run a program in which some packages can't be imported."""
    hidden = f"import sys; sys.modules.update(dict.fromkeys({packages!r})); "
    return subprocess.run(
        [sys.executable, "-c", hidden + program], capture_output=True, text=True, check=False
    )


def command(*words: str) -> str:
    return f"from ltcbook.__main__ import main; sys.exit(main({list(words)!r}))"


@pytest.mark.parametrize("words", [("models",), ("count", "SA-LTC"), ("--help",)])
def test_the_core_is_enough_for_models_and_counts(words: tuple[str, ...]) -> None:
    done = without(LIGHT, command(*words))
    assert done.returncode == 0, done.stderr
    assert "SA-LTC" in done.stdout or words == ("--help",)


@pytest.mark.parametrize(
    ("program", "package", "extra"),
    [
        (command("train", "SA-LTC", "digits"), "platformdirs", "train"),
        ("import ltcbook.training", "torchdiffeq", None),
        ("import ltcbook.training", "tqdm", "train"),
        ("from ltcbook.teaching import figures", "matplotlib", "plots"),
        ("from ltcbook.teaching import widgets", "anywidget", "widgets"),
        ("from ltcbook import data; data.robot('walker2d').make()", "gymnasium", "robots"),
    ],
)
def test_a_missing_package_is_named_with_its_extra(
    program: str, package: str, extra: str | None
) -> None:
    done = without((package,), program)
    if extra is None:  # it is imported when it is needed, and not before
        assert done.returncode == 0, done.stderr
        return
    assert done.returncode != 0
    text = f"the package {package!r} is not installed: pip install 'ltcbook[{extra}]'"
    assert text in done.stderr.splitlines()[-1]


def test_what_no_extra_brings_is_left_as_it_is() -> None:
    assert extra_of("no_such_package") is None
    assert extra_of("PIL") == "robots"
