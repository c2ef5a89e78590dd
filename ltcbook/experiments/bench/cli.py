"""The command line of the bench: ``ltcbook bench``."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from ltcbook.checks import positive_int
from ltcbook.experiments.bench.others import (
    arithmetic,
    cold_compile,
    measure_control,
    training_jobs,
)
from ltcbook.experiments.bench.peers import versions
from ltcbook.experiments.bench.plot import save_plot
from ltcbook.experiments.bench.timing import (
    FASTEST,
    Work,
    jobs,
    measure,
    peak_memory,
    set_threads,
    sweep,
)
from ltcbook.experiments.provenance import provenance

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


ROUNDS = 7
HELP = {
    "model": "a CT-RNN or LTC of 'ltcbook models'",
    "input_size": "number of inputs, m",
    "hidden_size": "number of neurons, n",
    "batch": "sequences in a batch",
    "time": "time steps of a sequence, T",
    "unfolds": "steps of the solver in a time step",
    "device": "cpu or cuda",
}


def add_parser(subparsers: Subparsers) -> None:
    """Add ``bench``; it sets ``run``, which returns the exit code."""
    parser = subparsers.add_parser("bench", help="time our backends and their peers")
    for field in dataclasses.fields(Work):
        flag = "--" + field.name.replace("_", "-")
        if field.name != "replicas":
            text = HELP[field.name]
            parser.add_argument(flag, type=type(field.default), default=field.default, help=text)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="times that each is timed")
    parser.add_argument("--threads", type=int, help="default: as many as PyTorch takes")
    parser.add_argument("--sweep", action="store_true", help="also double n, T, batch, replicas")
    parser.add_argument("--plot", type=Path, help="write the figure there, a PNG (default: none)")
    parser.add_argument("--json", action="store_true", help="for a program to read")
    parser.set_defaults(run=_bench)


def _bench(options: argparse.Namespace) -> int:
    names = [field.name for field in dataclasses.fields(Work) if field.name != "replicas"]
    work = Work(**{name: getattr(options, name) for name in names})
    if options.threads is not None:
        set_threads(positive_int("threads", options.threads))
    times = measure(jobs(work), positive_int("rounds", options.rounds))
    report: dict[str, Any] = {
        "work": dataclasses.asdict(work),
        "activations": work.activations,
        "threads": torch.get_num_threads(),
        "provenance": provenance(_command(options), libraries=versions(), **_gpu(work)),
        "peak_memory_mb": peak_memory(work),
        "times": times,
    }
    if work.device == "cpu":
        report |= {
            "arithmetic": arithmetic(work, times),
            "cold_compile_s": cold_compile(work),
            "others": measure(training_jobs(work), options.rounds),
            "control": measure_control(work, options.rounds),
        }
    if options.sweep:
        report["sweep"] = sweep(work, options.rounds)
    if options.plot is not None:
        save_plot(times, options.plot)
    print(json.dumps(report, indent=2) if options.json else _table(report))
    return 0


def _gpu(work: Work) -> dict[str, str]:
    return {"gpu": torch.cuda.get_device_name()} if work.device == "cuda" else {}


def _command(options: argparse.Namespace) -> str:
    """What to type to measure this again."""
    names = [field.name for field in dataclasses.fields(Work) if field.name != "replicas"]
    given = {name: getattr(options, name) for name in (*names, "rounds", "threads")}
    default = {**dataclasses.asdict(Work()), "rounds": ROUNDS, "threads": None}
    flags = [
        f" --{name.replace('_', '-')} {value}"
        for name, value in given.items()
        if value != default[name]
    ]
    return "ltcbook bench" + "".join(flags) + (" --sweep" if options.sweep else "") + " --json"


def _table(report: dict[str, Any]) -> str:
    times = report["times"]
    ours = times[f"{FASTEST[report['work']['device']]}, step"]["wall_s"]
    limit = times["bare sigmoids"]["wall_s"]
    lines = [f"{'':<24}{'ms':>9}{'CPU ms':>9}{'first s':>9}{'/sigmoids':>11}{'/ours':>8}"]
    for name, row in times.items():
        ratio = f"{row['wall_s'] / ours:>8.2f}" if name.endswith("step") else ""
        lines.append(
            f"{name:<24}{row['wall_s'] * 1e3:>9.1f}{row['cpu_s'] * 1e3:>9.1f}"
            f"{row['first_s']:>9.2f}{row['wall_s'] / limit:>11.2f}{ratio}"
        )
    lines += [
        f"{row['axis']:>12} {row['size']:<11}{row['wall_s'] * 1e3:>9.1f}"
        for row in report.get("sweep", ())
    ]
    lines.append(f"{report['activations'] / 1e6:.1f} M activations, {report['threads']} threads")
    if report["peak_memory_mb"] is not None:
        lines.append(f"peak memory of a step: {report['peak_memory_mb']:.0f} MB")
    return "\n".join(lines + _other_lines(report))


def _other_lines(report: dict[str, Any]) -> list[str]:
    """The other models, the control loop, compiling, and what the cores can do."""
    lines = [
        f"{name:<24}{row['wall_s'] * 1e3:>9.2f}" for name, row in report.get("others", {}).items()
    ]
    lines += [
        f"control: {name:<24}{row['wall_s'] * 1e6:>9.1f} us"
        for name, row in report.get("control", {}).items()
    ]
    if "cold_compile_s" in report:
        lines.append(f"compiling the kernels: {report['cold_compile_s']:.1f} s, once")
    if report.get("arithmetic") is not None:
        counted = report["arithmetic"]
        lines += [
            f"{name}: {count} operations per activation, "
            f"{counted['share_of_core'][name]:.0%} of what one core does in a product of matrices"
            for name, count in counted["operations_per_activation"].items()
        ]
    return lines
