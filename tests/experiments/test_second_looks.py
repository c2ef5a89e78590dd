"""The second looks: their sizes are those that the rules speak of, and all starts are kept."""

import pytest

import ltcbook
from ltcbook import experiments
from ltcbook.experiments import second_looks, small_studies
from ltcbook.experiments.second_looks import STUDIES, ratio
from ltcbook.experiments.small_studies import SEEDS


@pytest.mark.parametrize("study", STUDIES)
def test_the_committed_results_keep_every_start(study: str) -> None:
    found = experiments.load(f"study_{study}")
    assert found["provenance"]["command"].endswith(study)
    for row in found["rows"]:
        assert len(row.get("test", row.get("loss"))) == len(SEEDS)
        assert str(row["rate"]) in row["search"]


def test_the_studies_still_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """With next to no training: what comes out has the shape of what is committed."""
    monkeypatch.setattr(small_studies, "MOST_STEPS", 1)
    monkeypatch.setattr(small_studies, "SEARCH_SEEDS", (100,))
    monkeypatch.setattr(small_studies, "SEEDS", (0,))
    for name, study in STUDIES.items():
        kept = experiments.load(f"study_{name}")["rows"]
        for row, there in zip(study(), kept, strict=True):
            assert set(row) == set(there)
            assert [row[k] for k in label(row)] == [there[k] for k in label(row)]


def label(row: dict[str, object]) -> set[str]:
    """What a row is called, without what was measured."""
    return {"model", "neurons", "kind", "depth"} & set(row)


def test_the_wider_networks_are_wider(monkeypatch: pytest.MonkeyPatch) -> None:
    widths: list[int] = []

    def build(name: str, inputs: int, width: int, *rest: int, **options: int) -> object:
        widths.append(width)
        return ltcbook.build(name, inputs, width, *rest, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(small_studies, "build", build)
    monkeypatch.setattr(small_studies, "MOST_STEPS", 1)
    second_looks.study_widths()
    assert set(widths) == {32}


def test_a_ratio_of_equals_is_one() -> None:
    middle, low, high = ratio([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    assert middle == 1 and low < 1 < high
    assert ratio([4.0] * 5, [2.0] * 5) == (2.0, 2.0, 2.0)
