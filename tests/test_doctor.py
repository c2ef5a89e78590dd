"""``ltcbook doctor`` tells what is broken, what is merely absent, and what to do."""

import importlib.metadata
import json

import pytest
import torch

from ltcbook import data, doctor
from ltcbook.__main__ import main


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("LTCBOOK_CACHE", str(folder))
    monkeypatch.delenv("LTCBOOK_DATA", raising=False)
    return folder


@pytest.fixture
def quick(monkeypatch):
    """Each backend is timed for one step."""
    plain = doctor._backend
    monkeypatch.setattr(doctor, "_backend", lambda name, seconds: plain(name, 0.0))


def by_name(findings):
    return {finding.name: finding for finding in findings}


def test_an_empty_cache_is_no_fault_and_stays_empty(cache, quick, capsys) -> None:
    assert main(["doctor", "--json"]) == 0
    found = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert {row["state"] for row in found.values()} == {"ok", "absent"}
    assert found["walker2d policies"]["detail"] == "4 whole"
    assert found["walker2d"]["advice"].endswith("ltcbook data collect walker2d")
    assert found["eager"]["state"] == found["numba"]["state"] == "ok"
    assert "ms a step" in found["numba"]["detail"]
    assert not cache.exists()


def test_the_page_says_each_thing_once_and_ends_with_a_verdict(cache, quick, capsys) -> None:
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line in ("machine", "packages", "backends", "data")] == [
        "machine",
        "packages",
        "backends",
        "data",
    ]
    assert lines[-1] == "nothing is broken"
    assert len(lines) < 66  # one page


def test_damaged_and_unfinished_files_are_found(cache) -> None:
    data.collect("halfcheetah", 1, workers=1, progress=False)
    (path,) = (cache / "rollouts").iterdir()
    whole = by_name(doctor._data())
    assert whole[path.stem].state == "ok" and "halfcheetah" not in whole
    path.write_bytes(path.read_bytes()[:-4])
    left = cache / "rollouts" / ".half.123-4.part"
    left.write_bytes(b"")
    found = by_name([*doctor._folders(), *doctor._data()])
    assert found[path.stem].state == "broken" and str(path) in found[path.stem].detail
    assert "ltcbook data collect" in found[path.stem].advice
    assert found["unfinished files"].advice == f"rm {left}"


def test_folders_that_are_none_are_found(cache, monkeypatch) -> None:
    cache.write_text("a file")
    monkeypatch.setenv("LTCBOOK_DATA", str(cache / "nowhere"))
    found = by_name([*doctor._folders(), *doctor._data()])
    assert found["cache"].state == "broken"
    assert "set LTCBOOK_CACHE to a folder" in found["cache"].advice
    assert found["LTCBOOK_DATA"].state == "broken"


def test_a_full_disk_is_found(cache, monkeypatch) -> None:
    monkeypatch.setattr(doctor, "ROOM", 2**62)
    found = by_name(doctor._folders())["cache"]
    assert (found.state, found.advice.split(",")[0]) == ("broken", "make room")


def test_a_missing_package_is_broken_and_a_missing_extra_is_not(monkeypatch) -> None:
    asked = ["torch>=2.4", "absent-one", 'absent-two>=1; extra == "robots"', 'numpy; extra=="x"']
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: asked)
    found = by_name(doctor._packages())
    assert found["torch"].state == "ok"
    assert (found["absent-one"].state, found["absent-one"].advice) == (
        "broken",
        "pip install absent-one",
    )
    assert found["extra robots"].state == "absent"
    assert found["extra robots"].advice == "if you need it: pip install 'ltcbook[robots]'"
    assert found["extra x"].state == "ok"


def test_a_backend_that_computes_something_else_is_broken(monkeypatch) -> None:
    plain = doctor.build

    def build(*sizes, backend, **options):
        model = plain(*sizes, backend="eager", **options)
        if backend == "numba":
            model.readout.weight.data *= 1.01
        return model

    monkeypatch.setattr(doctor, "build", build)
    assert doctor._backend("eager", 0.0).state == "ok"
    found = doctor._backend("numba", 0.0)
    assert found.state == "broken" and "away" in found.detail


def test_a_backend_that_crashes_is_broken_and_the_page_goes_on(monkeypatch) -> None:
    def build(*_, **__):
        raise RuntimeError("no such instruction\nand a long story")

    monkeypatch.setattr(doctor, "build", build)
    found = doctor._backend("numba", 0.0)
    assert (found.state, found.detail) == ("broken", "RuntimeError: no such instruction")


@pytest.mark.skipif(torch.cuda.is_available(), reason="Triton may run here")
def test_a_backend_for_another_machine_is_absent() -> None:
    assert doctor._backend("triton", 0.0).state == "absent"
