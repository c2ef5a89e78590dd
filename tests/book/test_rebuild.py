"""A second build: it imports the package only if a file of it changed, and leaves no page stale."""

import inspect
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from book import rebuild
from book.rebuild import Facts, outdated
from book.reference import Entry
from book.registers import Generated
from book.slim import slim_style, slim_style_once

CELL = Entry("ltcbook.nn.cells.LTC", "autoclass", ("motifs", "ct_rnns"))
STEP = Entry("ltcbook.ode.solvers.step", "autofunction", ("solver_primer",))
HOMES = {"B.7": "chapters/ct_rnns", "B.13": "chapters/membrane_equation"}
CELLS = {"chapters/api", "chapters/api/cells"}  # the pages that show what is in the module
BEFORE = Facts((("cells.py", 1, 1),), HOMES, {"cells": (CELL,), "solvers": (STEP,)})


@pytest.mark.parametrize(
    ("homes", "cells", "read_again"),
    [
        (HOMES, (CELL,), set()),
        (HOMES | {"B.7": "chapters/motifs"}, (CELL,), {"chapters/ct_rnns", "chapters/motifs"}),
        (HOMES | {"A.1": "chapters/intro"}, (CELL,), {"chapters/intro"}),
        (HOMES, (), {*CELLS, "chapters/motifs", "chapters/ct_rnns"}),
        # A docstring that names another chapter: the one it has left, and the one it has come to.
        (
            HOMES,
            (Entry(CELL.name, CELL.directive, ("motifs", "grammar")),),
            {*CELLS, "chapters/ct_rnns", "chapters/grammar"},
        ),
    ],
)
def test_a_page_is_read_again_when_a_fact_that_it_shows_has_changed(
    homes: dict[str, str], cells: tuple[Entry, ...], read_again: set[str]
) -> None:
    after = Facts((), homes, {"cells": cells, "solvers": (STEP,)})
    assert outdated(BEFORE, after) == outdated(after, BEFORE) == read_again


def test_a_file_of_the_package_decides_whether_it_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "cells.py"
    source.write_text('"""Chapter: ``motifs``."""\n', encoding="utf-8")
    imports = []

    def facts_now() -> Facts:
        imports.append(source.read_text(encoding="utf-8"))
        cells = () if "motifs" in imports[-1] else (CELL,)
        return Facts(rebuild.files_of(tmp_path), HOMES, {"cells": cells})

    monkeypatch.setattr(rebuild, "package", lambda: tmp_path)
    monkeypatch.setattr(rebuild, "facts_now", facts_now)
    env = SimpleNamespace(found_docs={"chapters/api", "chapters/motifs"})

    def build() -> set[str]:
        return rebuild.renew_facts(None, env, set(), set(), set())

    assert build() == set() and len(imports) == 1  # the first build reads all
    assert build() == set() and len(imports) == 1
    source.write_text('"""Chapter: ``grammar``, moved."""\n', encoding="utf-8")
    assert build() == {"chapters/api", "chapters/motifs"} and len(imports) == 2


@pytest.mark.parametrize("directive", Generated.__subclasses__(), ids=lambda d: d.__name__)
def test_a_page_depends_on_the_files_that_it_prints(directive: type[Generated]) -> None:
    noted: set[str] = set()
    env = SimpleNamespace(note_dependency=noted.add)
    page = directive.__new__(directive)
    page.state = SimpleNamespace(document=SimpleNamespace(settings=SimpleNamespace(env=env)))
    page.content_now = list
    assert page.run() == []
    assert inspect.getfile(Generated) in noted
    assert all(Path(file).is_file() for file in noted)
    for name in directive.shows:
        assert any(name in file for file in noted), name
    imported = re.findall(r"from (ltcbook[.\w]*) import", inspect.getsource(directive))
    assert all(any(module.replace(".", "/") in file for file in noted) for module in imported)


def test_a_style_sheet_is_worked_out_again_only_for_other_words(tmp_path: Path) -> None:
    css = ".used{color:red}.other{color:blue}"
    for known in ({"used"}, {"used", "unheard"}, {"other"}, {"used", "other"}):
        assert slim_style_once(css, known, tmp_path) == slim_style(css, known)
    assert len(list(tmp_path.iterdir())) == 3
