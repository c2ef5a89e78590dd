"""The command line of the experiments: ``ltcbook run PROFILE`` and ``ltcbook report``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def add_parser(subparsers: Subparsers) -> None:
    """Add ``run`` and ``report``; each sets ``run``, which returns the exit code."""
    running = subparsers.add_parser(
        "run", help="the papers' experiments, from a profile; goes on where it stopped"
    )
    running.add_argument(
        "profile", help="paper, book, smoke, or a study; an unknown name lists all"
    )
    running.add_argument(
        "--task", action="append", default=[], help="only this one, repeatable (default: all)"
    )
    running.add_argument(
        "--model", action="append", default=[], help="only this one, repeatable (default: all)"
    )
    running.add_argument(
        "--store", type=Path, help="folder of the rows (default: results/runs; smoke: runs/smoke)"
    )
    running.add_argument(
        "--workers", type=int, default=1, help="processes, one run each at a time (default: 1)"
    )
    running.add_argument(
        "--device",
        choices=("cpu", "cuda"),
        default="cpu",
        help="where networks are trained; on cuda seeds, rates and starts at once (default: cpu)",
    )
    running.add_argument("--status", action="store_true", help="say what is done, and stop")
    running.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="here, or on a cluster (default: local)",
    )
    running.add_argument(
        "--address", help="of a running Ray cluster, with --engine ray (default: a local one)"
    )
    running.add_argument("--json", action="store_true", help="the status, for a program to read")
    running.set_defaults(run=_run)

    reporting = subparsers.add_parser(
        "report", help="the papers' figures, table and claims from the rows of a store"
    )
    reporting.add_argument(
        "--store",
        type=Path,
        default=Path("results/runs"),
        help="folder of the rows (default: results/runs)",
    )
    reporting.add_argument("--profile", default="book", help="whose budget counts (default: book)")
    reporting.add_argument(
        "--output", type=Path, default=Path("report"), help="folder to write (default: report)"
    )
    reporting.add_argument(
        "--cards", action="store_true", help="data cards as well; loads the data of all tasks"
    )
    reporting.add_argument("--json", action="store_true", help="for a program to read")
    reporting.set_defaults(run=_report)


def _run(options: argparse.Namespace) -> int:
    from ltcbook.checks import positive_int
    from ltcbook.experiments import runner
    from ltcbook.experiments.board import Board
    from ltcbook.experiments.profiles import find, narrowed
    from ltcbook.experiments.store import Store
    from ltcbook.training.trainer import choose_device

    tasks, models = tuple(options.task), tuple(options.model)
    profile = narrowed(find(options.profile), tasks, models)
    store = Store(options.store or runner.default_store(profile.name))
    workers = positive_int("workers", options.workers)
    if options.address and options.engine != "ray":
        raise ValueError("address applies to engine ray alone; add --engine ray")
    if options.device != "cpu" and options.engine == "ray":
        raise ValueError("device cuda applies to engine local alone")
    choose_device(options.device)
    code = 0
    if not options.status:
        store.check_writable()
        if options.engine == "ray":
            from ltcbook.experiments.on_ray import run_on_ray

            code = run_on_ray(profile, store, options.address, workers)
        else:
            code = runner.run(
                profile,
                store,
                tasks=tasks,
                models=models,
                workers=workers,
                device=options.device,
                progress=not options.json,
            )
    status = Board(profile, store).status()
    if options.json:
        counts = {"done": status.done, "running": status.running, "missing": status.missing}
        boxes = [
            {"task": task, "hidden_size": size, "done": d, "running": r, "missing": m}
            for (task, size), (d, r, m) in status.by_task.items()
        ]
        print(json.dumps({**counts, "seconds_left": status.seconds_left, "boxes": boxes}, indent=2))
        return code
    print(f"{'task':<32} {'n':>4} {'done':>6} {'running':>8} {'missing':>8}")
    for (task, size), numbers in status.by_task.items():
        print(f"{task:<32} {size:>4} {numbers[0]:>6} {numbers[1]:>8} {numbers[2]:>8}")
    left = runner.duration(status.seconds_left)
    print(
        f"{status.done} runs done, {status.running} running, {status.missing} missing; "
        f"about {left} of one core left; rows in {store.folder}"
    )
    return code


def _report(options: argparse.Namespace) -> int:
    from ltcbook.experiments.profiles import find
    from ltcbook.experiments.report import write_report
    from ltcbook.experiments.store import Store

    profile, store = find(options.profile), Store(options.store)
    written = write_report(profile, store, options.output, with_cards=options.cards)
    if options.json:
        print(json.dumps(written, indent=2))
        return 0
    for line in written["missing"]:
        print(f"missing: {line}")
    print(f"written to {options.output}: {', '.join(written['files'])}")
    return 0
