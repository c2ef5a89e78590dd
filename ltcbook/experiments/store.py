"""The store of results: a row for each run, never changed, safe with several writers.

A run writes one file of its own under ``new/``, whole or not at all. :meth:`Store.compact` moves
such files into tables that a reader can open anywhere: ``rows.csv``, and for each task the
compressed ``curves``, ``groups`` (errors by test rollout) and ``steps`` (errors by time step).
A process may be killed at any moment: what was written stays, what was being written never was.

Claims are locks of the operating system, so those of a killed process are free at once.

Chapter: ``walker_kinematics``.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ltcbook.data.cache import write_atomically

SCHEMA = 1
"""Of the tables; a store of a newer one is refused."""

Value = str | int | float | bool | None
Row = dict[str, Value]

_TEXT, _WHOLE, _NUMBER = str, int, float


def _flag(text: str) -> bool:
    return text == "True"


COLUMNS: Mapping[str, Callable[[str], Value]] = {
    "run": _TEXT,
    "purpose": _TEXT,
    "task": _TEXT,
    "model": _TEXT,
    "input_map": _TEXT,
    "init": _TEXT,
    "hidden_size": _WHOLE,
    "parameters": _WHOLE,
    "seed": _WHOLE,
    "learning_rate": _NUMBER,
    "budget": _WHOLE,
    "patience": _WHOLE,
    "batch_size": _WHOLE,
    "solver": _TEXT,
    "unfolds": _WHOLE,
    "rollouts": _WHOLE,
    "split_seed": _WHOLE,
    "epochs": _WHOLE,
    "best_epoch": _WHOLE,
    "training_loss": _NUMBER,
    "validation_loss": _NUMBER,
    "test_loss": _NUMBER,
    "validation_accuracy": _NUMBER,
    "test_accuracy": _NUMBER,
    "diverged": _flag,
    "stability": _NUMBER,
    "stopped": _TEXT,
    "floor": _NUMBER,
    "data": _TEXT,
    "numerics": _WHOLE,
    "seconds": _NUMBER,
    "device": _TEXT,
    "versions": _TEXT,
    "commit": _TEXT,
}
"""Of ``rows.csv``, and how each is read back; an empty entry that is no text is None."""

CIRCUMSTANCES = ("seconds", "device", "versions", "commit")
"""Columns that no result depends on."""

TABLES: Mapping[str, tuple[str, ...]] = {
    "curves": ("run", "epoch", "training_loss", "validation_loss"),
    "groups": ("run", "group", "loss"),
    "steps": ("run", "step", "loss"),
}
"""The long tables, one compressed file for each task."""


@dataclass(frozen=True)
class Record:
    """What one run leaves: its row, and its share of the long tables (without the run's id)."""

    row: Row
    curves: list[tuple[float, ...]] = field(default_factory=list)
    groups: list[tuple[float, ...]] = field(default_factory=list)
    steps: list[tuple[float, ...]] = field(default_factory=list)


class Store:
    """A folder of results.

    Args:
        folder: made when something is written.

    Raises:
        ValueError: if the folder is no store, or one of a newer version.

    >>> import tempfile
    >>> store = Store(Path(tempfile.mkdtemp()))
    >>> store.rows(), store.has("a run that never was")
    ([], False)

    Chapter: ``walker_kinematics``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._new, self._work = folder / "new", folder / "work"
        self._check()

    def _check(self) -> None:
        label = self.folder / "store.json"
        if not label.exists():
            if self.folder.exists() and not self.folder.is_dir():
                raise ValueError(f"store must be a folder, got the file {self.folder}")
            return
        try:
            schema = json.loads(label.read_text(encoding="utf-8"))["schema"]
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{label} is no label of a store ({error})") from error
        if not isinstance(schema, int):
            raise ValueError(f"{label} is no label of a store (schema {schema!r})")
        if schema > SCHEMA:
            raise ValueError(
                f"the store {self.folder} has schema {schema}, and this ltcbook knows {SCHEMA}: "
                "install a newer ltcbook to use it"
            )

    # -- reading -------------------------------------------------------------------------------

    def rows(self) -> list[Row]:
        """All rows, in the order of the tables."""
        # New files first: compaction writes the table before it deletes them, so that a run
        # which is missed here is found there.
        new = [record.row for record in self._pending()]
        found = {str(row["run"]): row for row in (*self._table(), *new)}
        return sorted(found.values(), key=_order)

    def long(self, table: str, task: str) -> dict[str, list[tuple[float, ...]]]:
        """A long table of a task, by run: ``"curves"``, ``"groups"`` or ``"steps"``."""
        new = {
            str(record.row["run"]): getattr(record, table)
            for record in self._pending()
            if record.row["task"] == task and getattr(record, table)
        }
        found = dict(self._long_table(table, task))
        return {**found, **new}

    def _pending(self) -> Iterator[Record]:
        for path in sorted(self._new.glob("*.json")):
            try:
                content = path.read_text(encoding="utf-8")
            except FileNotFoundError:  # compacted a moment ago
                continue
            try:
                entries = json.loads(content)
                tables = {name: [tuple(line) for line in entries[name]] for name in TABLES}
                yield Record(entries["row"], **tables)
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{path} is no record of a run ({error}); delete it") from error

    def _table(self) -> Iterator[Row]:
        path = self.folder / "rows.csv"
        if not path.exists():
            return
        with path.open(newline="", encoding="utf-8") as file:
            for number, line in enumerate(csv.DictReader(file), 2):
                try:
                    if None in line.values() or None in line:  # too few, or too many
                        raise ValueError(f"it must have {len(COLUMNS)} entries")
                    yield {name: _value(line[name], read) for name, read in COLUMNS.items()}
                except (KeyError, ValueError, TypeError) as error:
                    raise ValueError(f"{path}, line {number}: not a row ({error})") from error

    def _long_table(self, table: str, task: str) -> dict[str, list[tuple[float, ...]]]:
        path = self.folder / table / f"{task}.csv.gz"
        found: dict[str, list[tuple[float, ...]]] = {}
        if not path.exists():
            return found
        try:
            with gzip.open(path, "rt", newline="", encoding="utf-8") as file:
                lines = csv.reader(file)
                if next(lines, None) is None:
                    raise ValueError("it is empty")
                for run, number, *losses in lines:
                    found.setdefault(run, []).append((int(number), *map(float, losses)))
        except (ValueError, EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ValueError(f"{path}: not a table ({error})") from error
        return found

    # -- writing -------------------------------------------------------------------------------

    def add(self, record: Record) -> None:
        """Write the record of a run, whole or not at all.

        Raises:
            ValueError: if the row has other columns than a row has.
        """
        if set(record.row) != set(COLUMNS):
            wrong = sorted(set(record.row) ^ set(COLUMNS))
            raise ValueError(f"row must have the columns of the store; these differ: {wrong}")
        self._label()
        row = {name: record.row[name] for name in COLUMNS}
        tables = {name: getattr(record, name) for name in TABLES}
        text = json.dumps({"row": row, **tables})
        path = self._new / f"{row['run']}.json"
        write_atomically(path, lambda stream: stream.write(text.encode()))

    def compact(self) -> int:
        """Move the new records into the tables; the number of rows then."""
        self._label()
        with FileLock(self._lock_path("compaction")):
            records = list(self._pending())
            rows = self.rows()
            if records:
                for task in {str(record.row["task"]) for record in records}:
                    for table in TABLES:
                        self._write_long(table, task)
                self._write_rows(rows)
                for record in records:
                    (self._new / f"{record.row['run']}.json").unlink(missing_ok=True)
        return len(rows)

    def _write_rows(self, rows: Iterable[Row]) -> None:
        text = io.StringIO()
        writer = csv.DictWriter(text, list(COLUMNS), lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: "" if v is None else v for k, v in row.items()} for row in rows)
        write_atomically(
            self.folder / "rows.csv", lambda stream: stream.write(text.getvalue().encode())
        )

    def _write_long(self, table: str, task: str) -> None:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(TABLES[table])
        for run, lines in sorted(self.long(table, task).items()):
            writer.writerows([run, int(n), *(f"{v:.6g}" for v in losses)] for n, *losses in lines)
        packed = gzip.compress(text.getvalue().encode(), mtime=0)  # equal tables, equal bytes
        path = self.folder / table / f"{task}.csv.gz"
        write_atomically(path, lambda stream: stream.write(packed))

    def _label(self) -> None:
        label = self.folder / "store.json"
        if not label.exists():
            text = json.dumps({"schema": SCHEMA, "what": "results of ltcbook run"}) + "\n"
            write_atomically(label, lambda stream: stream.write(text.encode()))

    def has(self, run: str) -> bool:
        """Whether a run has its row, at this moment."""
        return (self._new / f"{run}.json").exists() or any(
            row["run"] == run for row in self._table()
        )

    def waiting(self) -> int:
        """How many records are not yet in the tables."""
        return sum(1 for _ in self._new.glob("*.json"))

    def check_writable(self) -> None:
        """Fail now, and not after an hour's work.

        Raises:
            OSError: if nothing can be written here; the message names the folder.
        """
        try:
            self._label()
            self._lock_path("").parent.mkdir(parents=True, exist_ok=True)
            probe = self._work / ".probe"
            write_atomically(probe, lambda stream: stream.write(b"1"))
            probe.unlink()
        except OSError as error:
            raise OSError(f"the store {self.folder} cannot be written to: {error}") from error

    # -- work in progress ----------------------------------------------------------------------

    @contextmanager
    def claim(self, run: str) -> Iterator[bool]:
        """Try to be the one who does a run: True for one process at a time, at once."""
        lock = FileLock(self._lock_path(run))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def claimed(self, run: str) -> bool:
        """Whether some process is doing a run at this moment."""
        if not (self._work / f"{run}.lock").exists():
            return False
        with self.claim(run) as free:
            return not free

    def checkpoint_path(self, run: str) -> Path:
        """Where a run keeps its checkpoint while it is under way."""
        return self._work / f"{run}.safetensors"

    def progress_path(self, run: str) -> Path:
        """Where a run says how far it is."""
        return self._work / f"{run}.progress.json"

    def clear(self, run: str) -> None:
        """Forget the work in progress of a run whose record is written."""
        for path in (self.checkpoint_path(run), self.progress_path(run)):
            path.unlink(missing_ok=True)

    def _lock_path(self, name: str) -> Path:
        self._work.mkdir(parents=True, exist_ok=True)
        return self._work / f"{name}.lock"


def _value(text: str, read: Callable[[str], Value]) -> Value:
    """An entry of the table; an empty one is no number, but it is a text."""
    return read(text) if text or read is _TEXT else None


def _order(row: Row) -> tuple[Any, ...]:
    names = ("task", "purpose", "model", "input_map", "init", "hidden_size")
    return (*(str(row[n]) if n != "hidden_size" else row[n] or 0 for n in names),
            row["learning_rate"] or 0.0, row["seed"] or 0, row["run"])  # fmt: skip


def same_result(one: Row, other: Row) -> bool:
    """Whether two rows agree in all but the circumstances under which they were made."""
    return all(one[name] == other[name] for name in COLUMNS if name not in CIRCUMSTANCES)
