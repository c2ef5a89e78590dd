"""A worker process of ``ltcbook run``: ``python -m ltcbook.experiments.worker PROFILE …``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from safetensors import SafetensorError

from ltcbook.experiments.profiles import find, narrowed
from ltcbook.experiments.runner import Orphaned, compile_kernels, work
from ltcbook.experiments.store import Store


def main(arguments: list[str] | None = None) -> int:
    """Do what the profile lacks; the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("profile")
    parser.add_argument("--task", action="append", default=[])
    parser.add_argument("--model", action="append", default=[])
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--parent", type=int)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--compile", action="store_true", help="compile the kernels, and stop")
    options = parser.parse_args(arguments)
    profile = narrowed(find(options.profile), tuple(options.task), tuple(options.model))
    try:
        if options.compile:
            compile_kernels(profile)
            return 0
        return work(profile, Store(options.store), options.parent, options.device)
    except (Orphaned, KeyboardInterrupt):
        return 130
    except (ValueError, OSError, SafetensorError) as error:
        print(f"ltcbook: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
