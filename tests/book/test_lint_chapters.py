"""The linter of chapters: ours pass, each rule fires, and a new chapter lacks only its words."""

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from book import lint_reading
from book.contents import numbered
from book.lint_chapters import CARD, lint, lint_all, statements
from book.notebook import Notebook
from tests.book.helpers import ROOT, run

CHAPTER = "ct_rnns"
Raw = dict[str, Any]


def test_the_chapters_have_their_anatomy() -> None:
    assert list(lint_all()) == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A book of one chapter, which the tests spoil."""
    for name in ("_toc.yml", "pyproject.toml", "results/execution_times.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "chapters").mkdir()
    shutil.copy(ROOT / "chapters" / f"{CHAPTER}.ipynb", tmp_path / "chapters")
    return tmp_path


def replace(old: str, new: str) -> Callable[[Raw], None]:
    """Return what replaces text wherever it stands in the sources of a notebook."""

    def edit(raw: Raw) -> None:
        sources = ["".join(cell["source"]) for cell in raw["cells"]]
        assert any(old in source for source in sources), f"nothing to spoil: {old}"
        for cell, source in zip(raw["cells"], sources, strict=True):
            cell["source"] = source.replace(old, new)

    return edit


def without_words_for_figures(raw: Raw) -> None:
    for cell in raw["cells"]:
        cell["metadata"].get("mystnb", {}).pop("image", None)


def without_captions(raw: Raw) -> None:
    for cell in raw["cells"]:
        cell["metadata"].get("mystnb", {}).pop("figure", None)


def without_checks(raw: Raw) -> None:
    for cell in raw["cells"]:
        cell["metadata"]["tags"] = [
            tag for tag in cell["metadata"].get("tags", []) if tag != "nbval-check-output"
        ]


def with_a_long_cell(raw: Raw) -> None:
    cell = next(c for c in raw["cells"] if "setup" in c["metadata"].get("tags", []))
    long = cell | {"source": "x = 1\n" * 16, "metadata": {}}
    raw["cells"].insert(3, long)


def with_the_setup_in_view(raw: Raw) -> None:
    cell = next(c for c in raw["cells"] if "setup" in c["metadata"].get("tags", []))
    cell["metadata"]["tags"] = ["setup"]


def with_another_setup(raw: Raw) -> None:
    cell = next(c for c in raw["cells"] if "setup" in c["metadata"].get("tags", []))
    cell["source"] = "import ltcbook"


FAULTS: dict[str, Callable[[Raw], None]] = {
    "the first cell must be the label": replace(f"({CHAPTER})=", "(another)="),
    "not the book's setup cell": with_another_setup,
    "must have the tags `setup` and `remove-cell`": with_the_setup_in_view,
    "lacks alternative text": without_words_for_figures,
    "has no caption": without_captions,
    "no equation B.99 in the register": replace(r"\tag{B.7}", r"\tag{B.99}"),
    "16 statements": with_a_long_cell,
    "TODO: say why": replace("## A question first", "## A question first\n\nTODO: say why"),
    "no card": replace("Before you start", "Before"),
    f"the card lacks: {CARD[-1]}": replace("**Time**", ""),
    "no section `## A question first`": replace("## A question first", "## First"),
    "must come in this order": replace("## A question first", "## Summary"),
    "shows no code of the package": replace("show(", "print("),
    "no executable check": without_checks,
    "has no solution": replace("{solution-end}", "{end}"),
    "at least 4": replace("{exercise}", "{note}"),
    "no exercise whose title says that it is by pencil": replace("by pencil", "by hand"),
    "lines of summary": replace("## Summary\n", "## Summary\n\n- One more."),
    "no list of the chapter's references": replace(":keyprefix:", ":prefix:"),
}


@pytest.mark.parametrize("message", FAULTS)
def test_each_rule_fires_and_names_the_notebook(folder: Path, message: str) -> None:
    path = folder / "chapters" / f"{CHAPTER}.ipynb"
    assert lint(Notebook(path, folder)) == []
    raw = json.loads(path.read_text(encoding="utf-8"))
    FAULTS[message](raw)
    path.write_text(json.dumps(raw), encoding="utf-8")
    faults = lint(Notebook(path, folder))
    assert any(message in fault for fault in faults), faults
    assert all(fault.startswith(f"chapters/{CHAPTER}.ipynb") for fault in faults)


def test_statements_are_counted_inside_others_too() -> None:
    assert statements("%pip install x\nfor i in y:\n    z = i\n    assert z\n") == 2


def test_the_kinds_of_exercises_are_told_by_title_and_code() -> None:
    exercises = Notebook(ROOT / "chapters" / "motifs.ipynb").exercises
    assert all(one.solved for one in exercises)
    found = {one.label: one for one in exercises}
    assert "by pencil" in found["motif-pencil"].title.lower() and found["motif-sealed"].sealed


def test_a_new_chapter_runs_and_lacks_only_its_words(folder: Path) -> None:
    shutil.copytree(ROOT / "book", folder / "book", ignore=shutil.ignore_patterns("__pycache__"))
    told = run(folder, sys.executable, "-m", "book.new_chapter", "noisy_membranes")
    path = folder / "chapters" / "noisy_membranes.ipynb"
    faults = lint(Notebook(path, folder))
    assert faults and all("TODO" in fault for fault in faults), faults
    assert "\n".join(faults) in told
    assert "noisy_membranes" in numbered(folder)
    ruff = str(Path(sys.executable).with_name("ruff"))
    shutil.copy(ROOT / "chapters" / "ruff.toml", folder / "chapters")
    run(folder, ruff, "check", str(path))
    run(folder, ruff, "format", "--check", str(path))


def test_a_commit_runs_what_make_lint_runs_and_fetches_nothing() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert {repository["repo"] for repository in config["repos"]} == {"local"}
    hooks = [hook["entry"] for repository in config["repos"] for hook in repository["hooks"]]
    program = (ROOT / "tools" / "make.py").read_text(encoding="utf-8")
    recipe = re.search(r"^def lint.*?(?=^@)", program, re.MULTILINE | re.DOTALL)
    assert recipe is not None
    runs = [re.findall(r'"([^"]+)"', line) for line in re.findall(r"run\((.*)\)", recipe[0])]
    commands = [" ".join([f".venv/bin/{words[0]}", *words[1:]]) for words in runs]
    assert [c.removesuffix(" .") for c in commands if "check-jsonschema" not in c] == [
        hook.replace(" --force-exclude", "") for hook in hooks
    ]


CELLS: dict[str, Raw] = {
    "picture": {
        "cell_type": "code",
        "source": "draw()",
        "metadata": {"tags": ["hide-input"], "mystnb": {"figure": {"caption": "It rises."}}},
        "outputs": [{"output_type": "display_data", "data": {"image/svg+xml": "<svg/>"}}],
    },
    "setup": {
        "cell_type": "code",
        "source": "setup()",
        "metadata": {"tags": ["setup", "remove-cell"]},
        "outputs": [],
    },
    "check": {
        "cell_type": "code",
        "source": "assert (off, gap) == (0.379, 1.6e-05)",
        "metadata": {"tags": ["hide-cell"], "mystnb": {"code_prompt_show": "Checked"}},
        "outputs": [{"output_type": "stream", "text": "off by 0.379 and 1.6e-05"}],
    },
}


def prose(source: str) -> Raw:
    return {"cell_type": "markdown", "source": source, "metadata": {}}


def reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *cells: Raw) -> list[str]:
    """Return what the rules of finished chapters say of a notebook of these cells."""
    path = tmp_path / "trial.ipynb"
    path.write_text(json.dumps({"cells": list(cells)}), encoding="utf-8")
    files = [{"file": f"chapters/{name}"} for name in ("trial", "after")]
    contents = {"root": "intro", "parts": [{"numbered": True, "chapters": files}]}
    (tmp_path / "_toc.yml").write_text(json.dumps(contents), encoding="utf-8")
    monkeypatch.setattr(lint_reading, "finished", lambda: {"trial": {"2.5%": "a paper says so"}})
    rules = lint_reading.OF_FINISHED_CHAPTERS
    return [message for rule in rules for _, message in rule(Notebook(path, tmp_path))]


GOOD = (
    CELLS["setup"],
    CELLS["picture"],
    prose("## A question first\n\n**Predict** how far off it is."),
    CELLS["check"],
    prose(
        "**You predicted** it: 0.38, that is 38 %, or 1.6e-5; the paper of 2023 says 2.5 %."
        " Four of B.13, $x = 77$, `88` and {eq}`B.99` are no claims."
        r" $\textcolor{leak}{w x}$ is grey, $\textcolor{euler}{z}$ has its solver's colour."
    ),
    prose(
        ":::{exercise} By pencil ●\nWhy?\n:::\n\n:::{exercise} Design: a test ●●●\nHow?\n:::\n\n"
        ":::{exercise} Open: for ever? ●●●\nWho knows.\n:::"
    ),
    prose("**Next:** {ref}`after` goes on, and {ref}`the first <before>` had the question."),
)
SPOILT: dict[str, tuple[Raw, ...]] = {
    "opens with a picture": GOOD[:1] + GOOD[2:],
    "code takes": (*GOOD, CELLS["check"] | {"source": "x = 1\n" * 30, "metadata": {}}),
    "say in its `mystnb` metadata": (*GOOD, CELLS["check"] | {"metadata": {"tags": ["hide-cell"]}}),
    "is never answered": (*GOOD, prose("**Predict again.**")),
    "nobody was asked": (*GOOD[:2], prose("**You predicted** this, too."), *GOOD[2:]),
    "asserts the 0.39 of the text": (*GOOD, prose("It is 0.39.")),
    "asserts the 1.6e-5 of the text": (  # it is printed, and no more
        *GOOD[:3],
        CELLS["check"] | {"source": "assert abs(off - 0.38) < 0.005"},
        *GOOD[4:],
    ),
    "asserts the 12.4% of the text": (*GOOD, prose("It is 12.4 %.")),
    "asserts the 113 of the text": (*GOOD, prose("There are 113.")),
    "excuses 2.5%, which": (*GOOD[:4], prose("**You predicted** it."), *GOOD[5:]),
    "figures.SOLVER_COLOURS": (
        *GOOD,
        CELLS["picture"] | {"source": 'draw("explicit Euler", "semi-implicit Euler")\nplt.show()'},
    ),
    "['explicit', 'exponential']": (
        *GOOD,
        CELLS["picture"]
        | {"source": "draw()\nplt.show()"}
        | {"metadata": {"mystnb": {"figure": {"caption": "Explicit, then exponential Euler."}}}},
    ),
    "no role has the name 'leaky'": (*GOOD, prose(r"$\textcolor{leaky}{x}$ is grey.")),
    "say `grey` beside the first": (*GOOD[:2], prose(r"$\textcolor{leak}{w x}$"), *GOOD[2:]),
    "say `colour` beside the first": (*GOOD[:2], prose(r"$\textcolor{euler}{z}$"), *GOOD[2:]),
    "end the title of the exercise 'In code'": (*GOOD, prose(":::{exercise} In code\n:::")),
    "must be called `Open: ...": (
        *(*GOOD[:5], GOOD[6]),
        prose(":::{exercise} Design: a test ●●●\n:::"),
    ),
    "must be called `Design: ...": (
        *(*GOOD[:5], GOOD[6]),
        prose(":::{exercise} Open: why? ●●●\n:::"),
    ),
    "that leads to after": GOOD[:6],
    "must name after first": (*GOOD[:6], prose("**Next:** {ref}`before`, then {ref}`after`.")),
}


def test_a_finished_chapter_reads_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reading(tmp_path, monkeypatch, *GOOD) == []


@pytest.mark.parametrize("message", SPOILT)
def test_each_rule_of_finished_chapters_fires(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, message: str
) -> None:
    found = reading(tmp_path, monkeypatch, *SPOILT[message])
    assert len(found) == 1 and message in found[0], found
