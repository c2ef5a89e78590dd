"""The report: right numbers from few rows, and what is missing said."""

import json
from dataclasses import replace

import numpy as np

from ltcbook.__main__ import main
from ltcbook.experiments.evidence import gather
from ltcbook.experiments.grid import Configuration
from ltcbook.experiments.ledger import CLAIMS
from ltcbook.experiments.profiles import BOOK, find
from ltcbook.experiments.report import missing, table_1, task_table, write_report
from ltcbook.experiments.store import Store


def fill(store, record, task="halfcheetah", model="SA-LTC", size=8, level=0.1, **given):
    random = np.random.default_rng(size)
    for seed in range(3):
        losses = level * random.uniform(0.8, 1.2, 15)
        run = f"{task}-{model}-{size}-{seed}-{given.get('data', 'd')}"
        store.add(record(
            run, [(1, 0.5, 0.4)], list(enumerate(losses.tolist())), [(1, 0.1)],
            task=task, model=model, hidden_size=size, seed=seed, parameters=100 * size,
            test_loss=float(losses.mean()), budget=50, batch_size=128, unfolds=10, **given,
        ))  # fmt: skip


def test_an_empty_store_gives_tables_of_what_is_missing(tmp_path):
    written = write_report(BOOK, Store(tmp_path / "store"), tmp_path / "out")
    assert written["files"] == ["table_1.md", "tasks.md", "claims.md"]
    assert any(line.startswith("mnist: 72 of 72 boxes have no run") or "mnist" in line
               for line in written["missing"])  # fmt: skip
    own = {claim.id for claim in CLAIMS if claim.experiment is not None}  # not from the store
    verdicts = {v for name, v in written["claims"].items() if name not in own}
    assert verdicts == {"open", "not testable", "contradicted by the paper's own table"}
    assert len(own) == 1
    assert "| SA-LTC synaptic | 8 | 1371 | 0.82 ± 0.03 | – | – | 0 | – |" in (
        tmp_path / "out" / "table_1.md"
    ).read_text(encoding="utf-8")


def test_our_numbers_stand_beside_the_printed_ones(tmp_path, record):
    store = Store(tmp_path)
    fill(store, record)
    fill(store, record, model="NA-CT-RNN-S", input_map="linear", level=0.3)
    fill(store, record, model="NA-CT-RNN-T", input_map="linear", level=0.2)
    evidence = gather(store, BOOK)
    box = evidence.boxes["halfcheetah", Configuration("SA-LTC", "synaptic"), 8]
    line = next(x for x in table_1(evidence).splitlines() if x.startswith("| SA-LTC synaptic | 8"))
    low, high = min(box.losses), max(box.losses)
    assert line.endswith(f"| 800 | {sorted(box.losses)[1]:.4f} ({low:.4f} to {high:.4f}) | 3 | 0 |")
    line = next(x for x in table_1(evidence).splitlines() if x.startswith("| NA-CT-RNN linear | 8"))
    assert "| 0.19" in line or "| 0.2" in line  # the better of S and T
    interval = evidence.interval(box)
    assert interval.low < sum(box.losses) / 3 < interval.high
    assert f"{interval.low:.4f} to {interval.high:.4f}" in task_table(evidence, "halfcheetah")


def test_figures_are_drawn_from_what_there_is(tmp_path, record):
    store = Store(tmp_path / "s")
    for size in (8, 16):
        fill(store, record, size=size)
    store.add(record("p", purpose="baseline", model="persistence", task="halfcheetah",
                     input_map="", init="", test_loss=1.2, floor=0.01))  # fmt: skip
    written = write_report(BOOK, store, tmp_path / "out")
    assert "figure_6.png" in written["files"] and "figure_5.png" not in written["files"]
    assert (tmp_path / "out" / "figure_6.png").read_bytes().startswith(b"\x89PNG")
    assert "below 0.0100" in (tmp_path / "out" / "tasks.md").read_text(encoding="utf-8")


def test_rows_of_another_budget_arithmetic_or_solver_do_not_count(tmp_path, record):
    store = Store(tmp_path)
    fill(store, record, size=8)
    for number, change in enumerate(
        ({"budget": 200}, {"numerics": 0}, {"solver": "rk4"}, {"rollouts": 40}, {"batch_size": 32})
    ):
        store.add(record(f"x{number}", task="halfcheetah", hidden_size=8,
                         **{"budget": 50, "batch_size": 128, "unfolds": 10, **change}))  # fmt: skip
    (box,) = gather(store, BOOK).boxes.values()
    assert box.seeds == 3


def test_rows_of_another_solver_stand_beside_those_of_the_profile(tmp_path, record):
    store = Store(tmp_path)
    fill(store, record, size=16)
    fill(store, record, size=16, data="e", solver="rk4", level=0.2)
    both = gather(store, BOOK, [find("rk4")])
    key = Configuration("SA-LTC", "synaptic"), 16
    assert set(both.boxes) == {("halfcheetah", *key), ("halfcheetah by rk4", *key)}
    assert both.compare(("halfcheetah", *key), ("halfcheetah by rk4", *key)).low > 0.3


def test_rows_of_other_data_are_left_out_and_named(tmp_path, record):
    store = Store(tmp_path)
    fill(store, record, size=8)
    fill(store, record, size=16)
    fill(store, record, size=8, data="another split")
    evidence = gather(store, BOOK)
    assert len(evidence.rows) == 6
    assert "halfcheetah: 3 rows of other data" in " ".join(missing(evidence, BOOK))


def test_a_box_that_lacks_a_seed_does_not_count_and_is_named(tmp_path, record):
    store = Store(tmp_path)
    fill(store, record, size=8)
    cells = sum(cell.task == "halfcheetah" for cell in BOOK.cells())
    for seeds, boxes in (((0, 1, 2), 1), ((0, 1, 2, 3), 0)):
        profile = replace(BOOK, seeds=seeds)
        evidence = gather(store, profile)
        assert len(evidence.boxes) == boxes
        line = f"halfcheetah: {cells - boxes} of {cells} boxes lack a seed or all"
        assert line in missing(evidence, profile)


def test_the_command_writes_and_says_where(tmp_path, capsys):
    words = ["report", "--store", str(tmp_path / "none"), "--output", str(tmp_path / "out")]
    assert main([*words, "--json"]) == 0
    assert "claims.md" in json.loads(capsys.readouterr().out)["files"]
    assert main([*words, "--profile", "boook"]) == 2
    assert "did you mean 'book'?" in capsys.readouterr().err
