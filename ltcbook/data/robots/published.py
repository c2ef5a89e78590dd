"""What was published: the record that policies and rollouts are compared with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PUBLISHED = Path(__file__).parent / "published.json"


def published(task: str) -> dict[str, Any]:
    """Return what was published of ``task``: digests, statistics, openings, weight sums."""
    record: dict[str, Any] = json.loads(PUBLISHED.read_text(encoding="utf-8"))[task]
    return record
