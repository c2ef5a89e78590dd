"""``ltcbook doctor``: one page of what is here, what works, and what to do about what does not.

It only looks: nothing is downloaded, simulated or repaired.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.metadata
import json
import os
import platform
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import torch
from tqdm import tqdm

from ltcbook.data.cache import (
    CACHE_VARIABLE,
    DATA_VARIABLE,
    cache_directory,
    check_writable,
    data_directory,
)
from ltcbook.data.images import FILES, SOURCES, files, load_images
from ltcbook.data.robots.original import load_original, original_file
from ltcbook.data.robots.policy import policies
from ltcbook.data.robots.robot import ROBOTS
from ltcbook.data.robots.rollout_set import load_rollouts
from ltcbook.kernels import BACKENDS
from ltcbook.nn.zoo import build

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

ROOM = 2**28
"""Bytes that the cache should have left: the largest download and a few rollouts."""
TOLERANCE = 1e-3
"""Relative, between gradients of a backend and those of eager PyTorch in float32."""


@dataclass(frozen=True)
class Finding:
    """What one look found.

    Attributes:
        part: of the page: ``"machine"``, ``"packages"``, ``"backends"`` or ``"data"``.
        name: what was looked at.
        state: ``"ok"``; ``"absent"``, which is no fault; or ``"broken"``.
        detail: what was found.
        advice: what to do; empty if there is nothing to do.
    """

    part: str
    name: str
    state: Literal["ok", "absent", "broken"]
    detail: str
    advice: str = ""


def add_parser(subparsers: Subparsers) -> None:
    """Add ``doctor``; it sets ``run``, which returns 1 if something is broken."""
    parser = subparsers.add_parser(
        "doctor", help="what is installed, which backends work, whether data are whole"
    )
    parser.add_argument("--json", action="store_true", help="for a program to read, errors too")
    parser.set_defaults(run=_doctor)


def _doctor(options: argparse.Namespace) -> int:
    findings = examine()
    if options.json:
        print(json.dumps([dataclasses.asdict(finding) for finding in findings], indent=1))
    else:
        print(page(findings))
    return int(any(finding.state == "broken" for finding in findings))


def examine(seconds: float = 1.0) -> list[Finding]:
    """Look at everything.

    Args:
        seconds: for how long each backend is timed.
    """
    looks: list[Callable[[], Iterator[Finding]]] = [_machine, _packages, _folders, _data]
    names = [name for name in BACKENDS if name != "auto"]
    looks[2:2] = [lambda name=name: iter([_backend(name, seconds)]) for name in names]  # type: ignore[misc]
    bar = tqdm(looks, desc="doctor", unit="look", leave=False, disable=None)
    return [finding for look in bar for finding in look()]


def page(findings: list[Finding]) -> str:
    """The findings as a page of text, in their parts, with what to do at the end of each."""
    lines = []
    for number, finding in enumerate(findings):
        if number == 0 or finding.part != findings[number - 1].part:
            lines += ["", finding.part]
        lines.append(f"  {finding.state:<7} {finding.name:<20} {finding.detail}")
        if finding.advice:
            lines.append(f"{'':10}{'':20} -> {finding.advice}")
    broken = sum(finding.state == "broken" for finding in findings)
    verdict = f"{broken} broken: see the arrows" if broken else "nothing is broken"
    return "\n".join([*lines[1:], "", verdict])


def _machine() -> Iterator[Finding]:
    here = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    yield Finding("machine", "computer", "ok", f"{here}, Python {platform.python_version()}")
    if torch.cuda.is_available():
        yield Finding("machine", "gpu", "ok", torch.cuda.get_device_name())
    elif torch.backends.mps.is_available():
        yield Finding("machine", "gpu", "ok", "Apple's, by --device mps")
    else:
        yield Finding("machine", "gpu", "absent", "none that PyTorch sees; the CPU does it all")


def _packages() -> Iterator[Finding]:
    """What the package's own metadata asks for: in the core one by one, then extra by extra."""
    try:
        own = importlib.metadata.version("ltcbook")
    except importlib.metadata.PackageNotFoundError:
        advice = "pip install . in the folder of the source"
        yield Finding("packages", "ltcbook", "absent", "runs from its source", advice)
        return
    yield Finding("packages", "ltcbook", "ok", own)
    wanted: dict[str, list[str]] = {}
    for requirement in importlib.metadata.requires("ltcbook") or []:
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
        group = re.search(r"extra\s*==\s*['\"]([\w-]+)", requirement)
        if not name.startswith("ltcbook"):
            wanted.setdefault(group[1] if group else "", []).append(name)
    for name in wanted.pop("", []):
        found = _version(name)
        if found is None:
            yield Finding("packages", name, "broken", "not installed", f"pip install {name}")
        else:
            yield Finding("packages", name, "ok", found)
    for extra, names in sorted(wanted.items()):
        yield _extra(extra, [name for name in names if _version(name) is None], len(names))


def _extra(extra: str, missing: list[str], count: int) -> Finding:
    if not missing:
        return Finding("packages", f"extra {extra}", "ok", f"all {count} packages")
    advice = f"if you need it: pip install 'ltcbook[{extra}]'"
    return Finding("packages", f"extra {extra}", "absent", f"without {', '.join(missing)}", advice)


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _backend(name: str, seconds: float) -> Finding:
    """Train a small network with a backend for a while, and hold it against eager PyTorch."""
    device = "cuda" if name == "triton" else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        return Finding("backends", name, "absent", "needs an NVIDIA GPU that PyTorch sees")
    generator = torch.Generator().manual_seed(0)
    u = torch.randn(32, 10, 8, generator=generator).to(device)

    def gradients(backend: str) -> torch.Tensor:
        options: dict[str, Any] = {"backend": backend, "seed": 0, "device": device}
        model = build("SA-LTC", 8, 16, 4, input_map="synaptic", **options)
        model(u)[0].square().mean().backward()
        parts = [p.grad.flatten() for p in model.parameters() if p.grad is not None]
        return torch.cat(parts).cpu()  # and so it waits for a GPU

    start = time.perf_counter()
    try:
        found = gradients(name)
    except (ValueError, ImportError) as error:
        return Finding("backends", name, "absent", str(error))
    except Exception as error:  # whatever a compiler says is what there is to report
        first_line = (str(error).splitlines() or ["no message"])[0]
        advice = "backend='eager' does the same, slower"
        return Finding("backends", name, "broken", f"{type(error).__name__}: {first_line}", advice)
    first = time.perf_counter() - start
    steps, start = 0, time.perf_counter()
    while steps == 0 or time.perf_counter() - start < seconds:
        gradients(name)
        steps += 1
    each = (time.perf_counter() - start) / steps
    expected = gradients("eager")
    away = float((found - expected).abs().max() / expected.abs().max())
    detail = f"{1e3 * each:.1f} ms a step on {device}, the first {first:.1f} s"
    if not away < TOLERANCE:
        advice = "use backend='eager', and please report this"
        return Finding("backends", name, "broken", f"gradients are {away:.1e} away", advice)
    return Finding("backends", name, "ok", f"{detail}; {away:.0e} from eager")


def _folders() -> Iterator[Finding]:
    cache = cache_directory()
    try:
        if cache.exists():
            check_writable(cache, CACHE_VARIABLE)
        room = shutil.disk_usage(_existing(cache)).free
        held = sorted(path for path in cache.rglob("*") if path.is_file())
    except OSError as error:
        advice = f"set {CACHE_VARIABLE} to a folder that can be written to"
        yield Finding("data", "cache", "broken", str(error), advice)
    else:
        unfinished = [path for path in held if path.suffix == ".part"]
        detail = f"{cache}: {len(held)} files, {room / 2**30:.1f} GiB free"
        little = "" if room > ROOM else f"make room, or set {CACHE_VARIABLE} to another folder"
        yield Finding("data", "cache", "broken" if little else "ok", detail, little)
        if unfinished:
            advice = f"rm {' '.join(map(str, unfinished))}"
            detail = f"{len(unfinished)} left by a killed process"
            yield Finding("data", "unfinished files", "broken", detail, advice)
    try:
        named = data_directory()
    except ValueError as error:
        yield Finding("data", DATA_VARIABLE, "broken", str(error), "name a folder, or unset it")
        return
    state: Literal["ok", "absent"] = "absent" if named is None else "ok"
    yield Finding("data", DATA_VARIABLE, state, "not set" if named is None else str(named))


def _existing(path: Path) -> Path:
    """The nearest folder above that is there."""
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _data() -> Iterator[Finding]:
    """Whether what is here is whole; what is not here is no fault."""
    for name in ROBOTS:
        yield _whole(f"{name} policies", lambda name=name: f"{len(policies(name))} whole")  # type: ignore[misc]
    rollouts = sorted((cache_directory() / "rollouts").glob("*.safetensors"))
    for path in rollouts:
        yield _whole(path.stem, lambda path=path: f"{len(load_rollouts(path))} rollouts, whole")  # type: ignore[misc]
    for name in ROBOTS:
        if not any(path.name.startswith(f"{name}-") for path in rollouts):
            yield _not_here(name, "simulated when needed")
    try:
        data_directory()
    except ValueError:  # said above; where to look for the others is not known
        return
    if original_file() is not None:
        yield _whole("walker2d-original", lambda: f"{len(load_original())} rollouts, whole")
    else:
        yield _not_here("walker2d-original", "downloaded when needed")
    for name in SOURCES:
        if {path.name for path in files(name)} == set(FILES.values()):
            yield _whole(name, lambda name=name: f"{len(load_images(name).test_images)} to test")  # type: ignore[misc]
        else:
            yield _not_here(name, "downloaded when needed")


def _whole(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding("data", name, "ok", look())
    except (OSError, ValueError) as error:
        advice = "delete the file; `ltcbook data collect` gets it again"
        return Finding("data", name, "broken", str(error), advice)


def _not_here(name: str, detail: str) -> Finding:
    advice = f"to have it now: ltcbook data collect {name}"
    return Finding("data", name, "absent", f"not here, {detail}", advice)
