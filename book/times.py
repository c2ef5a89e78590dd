"""How long each notebook took when its outputs were made: a small file, kept with the results."""

import json
from pathlib import Path
from typing import Any

TIMES = Path(__file__).resolve().parents[1] / "results" / "execution_times.json"
# Two runs of one notebook differ by some tenths; only more than that is news.
NEWS = 1.5


def read() -> dict[str, dict[str, Any]]:
    """Return the record of each notebook, by its name: seconds, and where they were measured."""
    return json.loads(TIMES.read_text(encoding="utf-8")) if TIMES.is_file() else {}


def note(name: str, seconds: float) -> bool:
    """Keep a notebook's time if it is news: new, or off by more than the factor ``NEWS``.

    Returns whether the file was written.
    """
    from ltcbook.experiments.provenance import provenance

    known = read().get(name, {}).get("seconds")
    if known and 1 / NEWS < seconds / known < NEWS:
        return False
    command = f"python -m book.execute chapters/{name}.ipynb"
    record = {"seconds": round(seconds, 1), **provenance(command)}
    times = read() | {name: record}  # read again: several notebooks may run at a time
    TIMES.parent.mkdir(exist_ok=True)
    partial = TIMES.with_suffix(".partial")
    partial.write_text(json.dumps(dict(sorted(times.items())), indent=1) + "\n", encoding="utf-8")
    partial.replace(TIMES)
    return True
