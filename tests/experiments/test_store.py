"""The store: nothing is lost, nothing is written twice, nothing newer is misread."""

import json
import subprocess
import sys

import pytest

from ltcbook.experiments.store import COLUMNS, Store, same_result


def test_what_is_written_is_read_back_before_and_after_compaction(tmp_path, record):
    store = Store(tmp_path / "store")
    first = record("b" * 16, seed=1, test_loss=0.1 + 0.2, curves=[(1, 0.5, 0.25)])
    second = record("a" * 16, diverged=True, test_loss=None, groups=[(3, 0.125)], steps=[(1, 2.0)])
    store.add(first)
    store.add(second)
    before = store.rows(), store.long("curves", "digits")
    assert store.compact() == 2
    assert (store.rows(), store.long("curves", "digits")) == before
    assert {row["run"]: row for row in store.rows()} == {"b" * 16: first.row, "a" * 16: second.row}
    assert store.long("groups", "digits") == {"a" * 16: [(3, 0.125)]}
    assert store.long("steps", "digits") == {"a" * 16: [(1, 2.0)]}
    assert store.waiting() == 0


def test_the_tables_do_not_depend_on_the_order_of_the_runs(tmp_path, record):
    records = [record(c * 16, seed=i, curves=[(1, i, i)]) for i, c in enumerate("dbca")]
    contents = []
    for number, order in enumerate((records, records[::-1])):
        store = Store(tmp_path / str(number))
        for one in order:
            store.add(one)
            if number:
                store.compact()
        store.compact()
        files = sorted(p for p in store.folder.rglob("*.csv*"))
        contents.append([path.read_bytes() for path in files])
    assert contents[0] == contents[1]
    assert len(contents[0]) == 4


def test_a_compaction_that_was_killed_before_it_deleted_changes_nothing(tmp_path, record):
    store = Store(tmp_path)
    store.add(record("a" * 16))
    kept = (tmp_path / "new" / f"{'a' * 16}.json").read_bytes()
    store.compact()
    (tmp_path / "new" / f"{'a' * 16}.json").write_bytes(kept)  # as if the deletion never came
    assert len(store.rows()) == 1
    store.compact()
    assert len(store.rows()) == 1 and store.waiting() == 0


def test_half_a_file_beside_the_records_is_no_record(tmp_path, record):
    store = Store(tmp_path)
    store.add(record())
    (tmp_path / "new" / ".x.json.12-34.part").write_text("{")
    assert len(store.rows()) == 1


def test_a_newer_store_is_refused_in_one_line(tmp_path, record):
    Store(tmp_path).add(record())
    (tmp_path / "store.json").write_text(json.dumps({"schema": 2}))
    with pytest.raises(ValueError, match="has schema 2, and this ltcbook knows 1"):
        Store(tmp_path)


def test_what_is_no_store_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="must be a folder"):
        Store(tmp_path / "file")
    for label in ("[]", '{"schema": "1"}'):
        (tmp_path / "store.json").write_text(label)
        with pytest.raises(ValueError, match="no label of a store"):
            Store(tmp_path)


def test_a_damaged_record_or_row_is_named(tmp_path, record):
    store = Store(tmp_path)
    store.add(record("a" * 16))
    store.compact()
    (tmp_path / "new" / "b.json").write_text('{"row": {}}')
    with pytest.raises(ValueError, match=r"b\.json is no record"):
        store.rows()
    (tmp_path / "new" / "b.json").unlink()
    table = tmp_path / "rows.csv"
    table.write_text(table.read_text().replace(",0.01,", ",fast,"))
    with pytest.raises(ValueError, match=r"rows\.csv, line 2: not a row"):
        store.rows()


@pytest.mark.parametrize("line", ["<<<<<<< HEAD", "aaaa,final,digits,SA-LTC,synaptic"])
def test_a_line_with_too_few_entries_is_named(tmp_path, record, line):
    """What a merge that was not finished, or a file that was cut, leaves in the table."""
    store = Store(tmp_path)
    store.add(record())
    store.compact()
    with (tmp_path / "rows.csv").open("a") as table:
        table.write(line + "\n")
    with pytest.raises(ValueError, match=r"rows\.csv, line 3: not a row"):
        store.rows()


@pytest.mark.parametrize("keep", [0, 12, -9])
def test_a_table_that_was_cut_is_named(tmp_path, record, keep):
    store = Store(tmp_path)
    store.add(record(groups=[(0, 0.5), (1, 0.25)]))
    store.compact()
    table = tmp_path / "groups" / "digits.csv.gz"
    table.write_bytes(table.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"digits\.csv\.gz: not a table"):
        store.long("groups", "digits")


def test_a_row_with_other_columns_is_refused(tmp_path, record):
    made = record()
    made.row["colour"] = "red"
    with pytest.raises(ValueError, match=r"these differ: \['colour'\]"):
        Store(tmp_path).add(made)


def test_a_claim_is_one_process_at_a_time_and_ends_with_it(tmp_path):
    program = (
        "import sys; from pathlib import Path\n"
        "from ltcbook.experiments.store import Store\n"
        f"with Store(Path({str(tmp_path)!r})).claim('r') as mine:\n"
        "    print(mine, flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    store = Store(tmp_path)
    try:
        assert other.stdout.readline().strip() == "True"
        assert store.claimed("r")
        with store.claim("r") as mine:
            assert not mine
    finally:
        other.kill()
        other.communicate()
    assert not store.claimed("r")
    with store.claim("r") as mine:
        assert mine


def test_a_store_that_cannot_be_written_to_says_so_at_once(tmp_path):
    (tmp_path / "work").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="cannot be written to"):
        Store(tmp_path).check_writable()


def test_circumstances_are_no_results(record):
    one, other = record(seconds=1.0, commit="x").row, record(seconds=2.0, commit="y").row
    assert same_result(one, other)
    assert not same_result(one, {**other, "test_loss": 0.5})
    assert set(COLUMNS) == set(one)
