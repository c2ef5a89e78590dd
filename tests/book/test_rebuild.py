"""A second build leaves no page stale."""

import inspect
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from book import rebuild
from book.rebuild import Facts, outdated
from book.reference import Entry
from book.registers import Generated

CELL = Entry("ltcbook.nn.cells.LTC", "autoclass", ("motifs", "ct_rnns"))
STEP = Entry("ltcbook.ode.solvers.step", "autofunction", ("solver_primer",))
HOMES = {"B.7": "chapters/ct_rnns", "B.13": "chapters/membrane_equation"}
CELLS = {"chapters/api", "chapters/api/cells"}  # the pages that show what is in the module
BEFORE = Facts(HOMES, {"cells": (CELL,), "solvers": (STEP,)})


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
    after = Facts(homes, {"cells": cells, "solvers": (STEP,)})
    assert outdated(BEFORE, after) == outdated(after, BEFORE) == read_again


def test_a_build_names_the_pages_of_facts_that_have_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    env = SimpleNamespace(found_docs={"chapters/api", "chapters/motifs"})
    for entries, read_again in (((CELL,), set()), ((CELL,), set()), ((), env.found_docs)):
        monkeypatch.setattr(rebuild, "facts_now", lambda some=entries: Facts(HOMES, {"a": some}))
        assert rebuild.renew_facts(None, env, set(), set(), set()) == read_again


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
