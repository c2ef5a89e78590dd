"""The command line of the data: ``ltcbook data collect|info|verify|render|export|train-policy``.

``info`` and ``verify`` only look; ``collect`` simulates or downloads.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ltcbook.data.cache import CACHE_VARIABLE, DATA_VARIABLE, cache_directory, check_writable
from ltcbook.data.images import FILES, SOURCES, files, load_images
from ltcbook.data.robots.fingerprint import BROKEN, verify
from ltcbook.data.robots.original import load_original, original_file
from ltcbook.data.robots.robot import ROBOTS, robot
from ltcbook.data.robots.rollout_set import RolloutSet
from ltcbook.data.robots.rollouts import cached, collect

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

ORIGINAL, PUSHED = "walker2d-original", "halfcheetah-pushed"
NAMES = (*ROBOTS, ORIGINAL, *SOURCES)
# The loaders of public files accept nothing but the published bytes.
_AS_PUBLISHED = ("as published", "SHA-256 agrees")


def add_parser(subparsers: Subparsers) -> None:
    """Add ``data`` and its commands; each sets ``run``, which returns the exit code."""
    data = subparsers.add_parser(
        "data",
        help="collect, inspect and render the book's data",
        epilog=f"{CACHE_VARIABLE} names the folder where data are kept (now {cache_directory()}); "
        f"{DATA_VARIABLE} one with public files that are at hand.",
    )
    commands = data.add_subparsers(metavar="COMMAND", required=True)
    _add_collect(commands)
    _add_info(commands)
    _add_verify(commands)
    _add_render(commands)
    _add_export(commands)
    _add_train_policy(commands)


def _add_collect(commands: Subparsers) -> None:
    parser = commands.add_parser("collect", help="simulate or download a data set into the cache")
    parser.add_argument("task", choices=NAMES, help="the data set")
    parser.add_argument(
        "--rollouts", type=int, help="only the first so many (robots; default: all)"
    )
    parser.add_argument(
        "--workers",
        type=int,
        help="rollouts at the same time (default: one per core, four at most)",
    )
    parser.add_argument("--json", action="store_true", help="for a program to read, errors too")
    parser.set_defaults(run=_collect)


def _add_info(commands: Subparsers) -> None:
    parser = commands.add_parser("info", help="say what a data set is and where it comes from")
    parser.add_argument("task", nargs="?", choices=NAMES, help="default: what the cache holds")
    parser.add_argument("--json", action="store_true", help="for a program to read, errors too")
    parser.set_defaults(run=_info)


def _add_verify(commands: Subparsers) -> None:
    parser = commands.add_parser("verify", help="compare a data set with what was published")
    parser.add_argument("task", choices=NAMES, help="the data set")
    parser.add_argument("--json", action="store_true", help="for a program to read, errors too")
    parser.set_defaults(run=_verify)


def _add_render(commands: Subparsers) -> None:
    parser = commands.add_parser("render", help="draw a rollout: a moving .gif or a .png strip")
    parser.add_argument("task", choices=(*ROBOTS, ORIGINAL), help="the data set")
    parser.add_argument("--rollout", type=int, default=0, help="its number")
    parser.add_argument("--start", type=int, default=0, help="first step")
    parser.add_argument("--frames", type=int, default=50, help="pictures")
    parser.add_argument("--size", type=int, default=240, help="pixels")
    parser.add_argument("--output", type=Path, required=True, help="file.gif or file.png")
    parser.set_defaults(run=_render)


def _add_export(commands: Subparsers) -> None:
    parser = commands.add_parser("export", help="write a robot's rollouts for Minari")
    parser.add_argument("task", choices=(*ROBOTS, PUSHED), help="the data set")
    parser.add_argument("--rollouts", type=int, help="only the first so many (default: all)")
    parser.add_argument("--name", help="in Minari (default: by task and source)")
    parser.set_defaults(run=_export)


def _add_train_policy(commands: Subparsers) -> None:
    parser = commands.add_parser("train-policy", help="train a robot's policy (extra: train)")
    parser.add_argument("task", choices=tuple(ROBOTS), help="the robot")
    parser.add_argument("--seed", type=int, help="default: the seed of the published weights")
    parser.add_argument("--steps", type=int, help="default: the steps of the published weights")
    parser.add_argument("--output", type=Path, help="folder for the weights (default: the cache)")
    parser.set_defaults(run=_train_policy)


def _rollouts(task: str) -> RolloutSet:
    return load_original() if task == ORIGINAL else collect(task)


def _cached(task: str) -> bool:
    """Whether this machine has the data set, whole by its looks."""
    if task in ROBOTS:
        return cached(task)
    if task == ORIGINAL:
        return original_file() is not None
    return {path.name for path in files(task)} == set(FILES.values())


def _collect(options: argparse.Namespace) -> int:
    if options.task not in ROBOTS and (options.rollouts, options.workers) != (None, None):
        raise ValueError(f"--rollouts and --workers do not apply to {options.task}")
    check_writable(cache_directory(), CACHE_VARIABLE)
    if options.task in SOURCES:
        facts = _describe_images(options.task)
        verdict, reason = _AS_PUBLISHED
    elif options.task == ORIGINAL:
        facts = _describe(ORIGINAL, load_original())
        verdict, reason = _AS_PUBLISHED
    else:
        rollouts = collect(options.task, options.rollouts, workers=options.workers)
        facts = _describe(options.task, rollouts)
        found = verify(rollouts)
        verdict, reason = found.verdict, found.reason
    if options.json:
        print(json.dumps({**facts, "verdict": verdict, "reason": reason}, indent=1))
    else:
        print(_summary(options.task, facts))
        print(f"{verdict}: {reason}")
    return int(verdict == BROKEN)


def _describe(task: str, rollouts: RolloutSet) -> dict[str, Any]:
    """Return the numbers that ``info`` shows of a set of rollouts."""
    of = robot(rollouts.task)
    forward = (len(of.channels) - 1) // 2
    stages = []
    for stage in sorted(set(rollouts.stages.tolist())):
        members = rollouts.stages == stage
        stages.append(
            {
                "rollouts": int(members.sum()),
                "mean_length": round(float(rollouts.lengths[members].mean()), 1),
                "mean_return": round(float(rollouts.returns[members].mean()), 1),
            }
        )
    return {
        "task": task,
        "rollouts": len(rollouts),
        "steps": int(rollouts.lengths.sum()),
        "shortest": int(rollouts.lengths.min()),
        "longest": int(rollouts.lengths.max()),
        "mean_speed_m_per_s": round(float(rollouts.observations[:, forward].mean()), 3),
        "stages": stages if task != ORIGINAL else [],
        "provenance": dict(rollouts.provenance),
    }


def _describe_images(task: str) -> dict[str, Any]:
    images = load_images(task)
    return {
        "task": task,
        "training images": len(images.train_images),
        "test images": len(images.test_images),
        "size": list(images.train_images.shape[1:]),
        "files": [str(path) for path in files(task)],
        "provenance": {"mirrors": SOURCES[task].mirrors, "licence": SOURCES[task].licence},
    }


def _summary(task: str, facts: Mapping[str, Any]) -> str:
    if "rollouts" in facts:
        return (
            f"{task}: {facts['rollouts']} rollouts, {facts['steps']:,} steps "
            f"({facts['shortest']} to {facts['longest']} each), "
            f"{facts['mean_speed_m_per_s']:.2f} m/s"
        )
    return f"{task}: {facts['training images']:,} training and {facts['test images']:,} test images"


def _info(options: argparse.Namespace) -> int:
    if options.task is None:
        held = sorted(path for path in cache_directory().rglob("*") if path.is_file())
        entries = [{"path": str(path), "bytes": path.stat().st_size} for path in held]
        if options.json:
            print(json.dumps({"cache": str(cache_directory()), "files": entries}, indent=1))
        else:
            print(f"cache: {cache_directory()} ({len(entries)} files)")
            for entry in entries:
                print(f"{entry['bytes']:>12,}  {entry['path']}")
        return 0
    if not _cached(options.task):
        return _say_absent(options)
    facts = (
        _describe_images(options.task)
        if options.task in SOURCES
        else _describe(options.task, _rollouts(options.task))
    )
    if options.json:
        print(json.dumps(facts, indent=1))
        return 0
    print(_summary(options.task, facts))
    for number, stage in enumerate(facts.get("stages", ()), start=1):
        print(
            f"  stage {number}: {stage['rollouts']} rollouts, mean length "
            f"{stage['mean_length']:.0f}, mean return {stage['mean_return']:.0f}"
        )
    for key, value in facts["provenance"].items():
        print(f"  {key}: {value}")
    return 0


def _say_absent(options: argparse.Namespace) -> int:
    """What there is to say of a data set that is not here."""
    command = f"ltcbook data collect {options.task}"
    where = str(cache_directory())
    if options.json:
        facts = {"task": options.task, "cached": False, "cache": where, "collect": command}
        print(json.dumps(facts, indent=1))
    else:
        print(f"{options.task}: not in the cache ({where}); `{command}` gets it")
    return 0


def _verify(options: argparse.Namespace) -> int:
    if not _cached(options.task):
        raise ValueError(
            f"{options.task} is not in the cache; run `ltcbook data collect {options.task}` first"
        )
    if options.task in ROBOTS:
        found = verify(collect(options.task))
        verdict, reason = found.verdict, found.reason
    else:
        load_original() if options.task == ORIGINAL else load_images(options.task)
        verdict, reason = _AS_PUBLISHED
    if options.json:
        print(json.dumps({"task": options.task, "verdict": verdict, "reason": reason}))
    else:
        print(f"{options.task}: {verdict}: {reason}")
    return int(verdict == BROKEN)


def _render(options: argparse.Namespace) -> int:
    from ltcbook.data.robots.rendering import check_pictures, save_pictures

    check_pictures(options.output, options.frames)  # before a simulation that would be lost
    check_writable(options.output.parent, "--output")
    rollouts = _rollouts(options.task)
    if not 0 <= options.rollout < len(rollouts):
        raise ValueError(f"--rollout must be from 0 to {len(rollouts) - 1}, got {options.rollout}")
    save_pictures(
        robot(rollouts.task),
        rollouts[options.rollout],
        options.output,
        start=options.start,
        frames=options.frames,
        size=options.size,
    )
    print(options.output)
    return 0


def _export(options: argparse.Namespace) -> int:
    from ltcbook.data.robots.pushed import collect_pushed
    from ltcbook.data.robots.to_minari import export

    pushed = options.task == PUSHED
    count = options.rollouts
    rollouts = collect_pushed(count) if pushed else collect(options.task, count)
    name = export(rollouts, options.name)
    print(f"minari.load_dataset({name!r})")
    return 0


def _train_policy(options: argparse.Namespace) -> int:
    from ltcbook.data.robots.training import train_policy

    written = train_policy(
        options.task, seed=options.seed, steps=options.steps, output=options.output
    )
    for path in written:
        print(path)
    return 0
