"""Where a measured result comes from."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from typing import Any


def provenance(command: str, **more: Any) -> dict[str, Any]:
    """What a reader needs to judge a result, and to make it again.

    Args:
        command: what to type.
        more: anything else that belongs to the record (data fingerprint, seeds).

    Returns:
        Command, date, versions, processor, and the commit of the source tree if there is one.
    """
    packages = ("torch", "numpy", "mujoco", "gymnasium")
    return {
        "command": command,
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit(),
        "versions": {"python": platform.python_version(), **{p: version(p) for p in packages}},
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        **more,
    }


@cache
def commit() -> str:
    """The commit of the source tree, marked when files differ from it; "unknown" outside git."""
    here = os.path.dirname(__file__)
    git = ["git", "-C", here]
    try:
        head = subprocess.run(
            [*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True
        )
        changed = subprocess.run(
            [*git, "status", "--porcelain", "--", "."], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.stdout.strip() + ("+changes" if changed.stdout.strip() else "")
