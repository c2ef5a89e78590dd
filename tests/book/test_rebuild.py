"""A second build leaves no page stale."""

import inspect
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from sphinx.application import Sphinx

from book import rebuild
from book.reference import Entry
from book.registers import Generated

READ: list[str] = []


def build(folder: Path) -> list[str]:
    """Build a small book as the book's own extension does; return the documents that were read."""
    READ.clear()
    app = Sphinx(folder, folder, folder / "out", folder / "trees", "dummy", status=None)
    app.build()
    return READ.copy()


def test_all_pages_are_read_again_when_a_fact_that_they_may_show_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    conf = """
from book import rebuild
from tests.book.test_rebuild import READ

def setup(app):
    app.add_config_value("ltcbook_facts", rebuild.facts(), "env")
    app.connect("source-read", lambda app, name, source: READ.append(name))
"""
    (tmp_path / "conf.py").write_text(conf, encoding="utf-8")
    for name in ("index", "other"):
        (tmp_path / f"{name}.rst").write_text(f":orphan:\n\n{name}\n=====\n", encoding="utf-8")
    assert sorted(build(tmp_path)) == ["index", "other"]
    assert build(tmp_path) == []
    moved = Entry("ltcbook.nn.cells.LTC", "autoclass", ("another_chapter",))
    monkeypatch.setattr(rebuild, "reference", lambda: {"ltcbook.nn.cells": (moved,)})
    assert sorted(build(tmp_path)) == ["index", "other"]
    assert build(tmp_path) == []
    elsewhere = {"B.7": SimpleNamespace(chapter="another_chapter")}
    monkeypatch.setattr(rebuild, "equations", lambda: elsewhere)
    assert sorted(build(tmp_path)) == ["index", "other"]


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
