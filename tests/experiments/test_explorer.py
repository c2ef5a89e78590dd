"""What the results explorer is given: final runs only, with the levels to beat."""

from ltcbook.experiments import Store, explorer, report, runs
from ltcbook.experiments.evidence import Evidence
from ltcbook.teaching.widgets import ResultsExplorer
from ltcbook.teaching.widgets.results_explorer import FIELDS


def test_only_final_runs_are_points(record):
    rows = [
        record("a", purpose="final", model="LSTM", test_loss=0.123456, seed=1).row,
        record("b", purpose="search", model="LSTM", test_loss=None).row,
        record("c", purpose="final", model="SA-LTC", test_loss=None, diverged=True).row,
        record("d", purpose="baseline", model="persistence", test_loss=0.5, floor=0.1).row,
    ]
    evidence = Evidence(rows, {})
    found = [dict(zip(FIELDS, point, strict=True)) for point in explorer.points(evidence)]
    assert [(p["run"], p["seed"], p["loss"]) for p in found] == [
        ("a", 1, 0.12346),
        ("c", 0, None),
    ]
    levels = explorer.levels(evidence)
    (task,) = levels
    assert levels[task] == {"persistence": 0.5, "noise floor": 0.1}
    assert ResultsExplorer(explorer.points(evidence), levels).task == task


def test_an_empty_store_gives_an_empty_explorer(tmp_path):
    evidence = report.book_evidence(Store(tmp_path / "runs"))
    assert explorer.points(evidence) == [] and explorer.levels(evidence) == {}


def test_a_shortened_id_still_names_one_run_of_the_store():
    ids = [str(row["run"]) for row in runs().rows()]
    assert ids and len({each[: explorer.DIGITS] for each in ids}) == len(ids)
