"""Data cards of the experiments' tasks, written from the data themselves.

In the order of Gebru and others' *Datasheets for Datasets* and of Minari's metadata: what it is,
how it was made, schema, splits with counts, how rollouts end, noise, reference scores, defects,
versions, and how to load it.

Chapter: ``robots_and_digits``.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from typing import Any

from ltcbook.data import collect, load_original, robot, variants
from ltcbook.data.robots.robot import MAX_STEPS
from ltcbook.data.tasks import TaskData
from ltcbook.data.variants import Variant
from ltcbook.experiments.evidence import Evidence
from ltcbook.experiments.grid import FEED_FORWARD

PARTS = ("train", "validation", "test")
DEFECTS: dict[str, tuple[str, ...]] = {
    "walker2d": (
        "An observation is the full state but for the distance travelled: the past adds little.",
        "Velocities are clipped to ±10, as Gymnasium does; what lies beyond is not seen.",
        "A rollout that ends in a fall keeps the last healthy observation, not the unhealthy one.",
    ),
    "walker2d-original": (
        "Neither the policies, nor their stages, nor the actions are known.",
        "An observation is the full state but for the distance travelled: the past adds little.",
    ),
    "halfcheetah": (
        "The policy acts by its mean and settles on one gait: the nearest training moment predicts "
        "better than many networks.",
        "17 observations, where paper B has 27.",
    ),
    "walker2d-irregular": ("Frames are dropped at random, so a gap tells nothing of the robot.",),
}
"""Known defects by task; a variant has those of the task it is made from."""


def card(name: str, task: TaskData, evidence: Evidence | None = None) -> str:
    """The card of a task as Markdown.

    Args:
        name: of the task.
        task: its data.
        evidence: for the reference scores of the baselines; without it they are left out.
    """
    variant = variants.find(name)
    blocks = [
        f"## {name}\n\n{variant.summary[0].upper()}{variant.summary[1:]}.",
        _origin(task),
        _schema(variant, task),
        _splits(task),
        _endings(variant, task),
        _noise(task),
        _scores(name, evidence),
        _defects(variant),
        f"**Load** `ltcbook.data.variants.load({name!r})`{_elsewhere(variant)}",
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _elsewhere(variant: Variant) -> str:
    """How the rollouts behind a task are had without this package."""
    if variant.images or variant.source == "original":
        return ""
    task = variant.base.removesuffix("-cloning")
    task += "-pushed" if variant.source == "pushed" else ""
    return (
        f"; its rollouts, whole, in the simulator's units, elsewhere: `ltcbook data export {task}` "
        "writes them for Minari (extra: minari)"
    )


def cards(names: Iterable[str], evidence: Evidence | None = None) -> str:
    """The cards of several tasks, whose data are loaded one after the other."""
    return "\n".join(card(name, variants.load(name), evidence) for name in names)


def _origin(task: TaskData) -> str:
    said = task.provenance
    known: dict[str, Any] = {
        "source": said.get("source"),
        "environment": said.get("environment"),
        "actions": said.get("actions"),
        "pushes": said.get("pushes"),
        "repository": said.get("repository"),
        "licence": said.get("licence"),
        "fingerprint (SHA-256)": said.get("fingerprint"),
        "made with": _listed(said.get("versions")),
    }
    rows = [f"| {key} | {value} |" for key, value in known.items() if value]
    return "\n".join(["**Origin**", "", "| | |", "|---|---|", *rows])


def _listed(versions: Any) -> str:
    return ", ".join(f"{k} {v}" for k, v in versions.items()) if versions else ""


def _schema(variant: Variant, task: TaskData) -> str:
    inputs = f"{task.input_size} numbers per step"
    if variant.images:
        return f"**Schema** {inputs} (a row of pixels, 0 to 1); one of {task.output_size} classes."
    of = robot(variant.base.removesuffix("-cloning"))
    channels = list(of.channels)[: task.input_size]
    lines = ["**Schema** standardised by the training part.", "",
             "| input | unit | mean | spread |", "|---|---|---|---|"]  # fmt: skip
    for number, channel in enumerate(channels):
        mean, std = float(task.scaler.mean[number]), float(task.scaler.std[number])
        lines.append(f"| {channel.name} | {channel.unit} | {mean:.3g} | {std:.3g} |")
    if variant.irregular:
        lines.append("| time since the frame before | steps | | |")
    wanted = "the next observation's same channels" if task.target_scaler else "the action: "
    names = "" if task.target_scaler else ", ".join(of.actuators)
    return "\n".join([*lines, "", f"Target: {task.output_size} numbers, {wanted}{names}."])


def _splits(task: TaskData) -> str:
    unit = "images" if task.loss == "cross_entropy" else "rollouts"
    lines = [f"**Split** by {unit[:-1]}, none in two parts.", "",
             f"| part | {unit} | sequences | steps each |", "|---|---|---|---|"]  # fmt: skip
    for name in PARTS:
        part = getattr(task, name)
        count = len(set(part.rollouts.tolist()))
        lines.append(f"| {name} | {count} | {len(part)} | {part.inputs.shape[1]} |")
    return "\n".join(lines)


def _noise(task: TaskData) -> str:
    floor = task.provenance.get("floor")
    if floor is None:
        return ""
    return (
        f"**Noise floor** {float(floor):.4f} (mean squared error, standardised): what drawn "
        "actions or pushes change cannot be predicted, even from the simulator's whole state."
    )


def _scores(name: str, evidence: Evidence | None) -> str:
    found = {} if evidence is None else evidence.baselines(name)
    if not found:
        return ""
    lines = ["**Reference scores** on the test part", "", "| baseline | loss | accuracy |",
             "|---|---|---|"]  # fmt: skip
    for baseline, row in found.items():
        loss = "" if row["test_loss"] is None else f"{row['test_loss']:.4f}"
        accuracy = "" if row["test_accuracy"] is None else f"{row['test_accuracy']:.2%}"
        lines.append(f"| {baseline} | {loss} | {accuracy} |")
    return "\n".join([*lines, *_forgetful(name, evidence)])


def _forgetful(name: str, evidence: Evidence | None) -> list[str]:
    """The lines of the networks without memory: medians of the seeds."""
    boxes = [] if evidence is None else evidence.boxes.values()
    found = [box for box in boxes if box.task == name and box.configuration == FEED_FORWARD]
    return [
        f"| feed-forward network, {box.parameters} parameters | {box.median:.4f} | "
        f"{f'{statistics.median(box.accuracies):.2%}' if box.accuracies else ''} |"
        for box in sorted(found, key=lambda box: box.parameters)
    ]


def _defects(variant: Variant) -> str:
    known = dict.fromkeys([*DEFECTS.get(variant.name, ()), *DEFECTS.get(_root(variant), ())])
    return "\n".join(["**Known defects**", "", *(f"* {text}" for text in known)]) if known else ""


def _root(variant: Variant) -> str:
    if variant.source == "original":
        return ""
    root = variant.base.removesuffix("-cloning")
    return "" if variant.source == "pushed" else root


def _endings(variant: Variant, task: TaskData) -> str:
    """How a robot's rollouts end: terminated by a fall, or truncated after 1000 steps."""
    if variant.images:
        return ""
    if variant.source == "original":
        lengths = load_original().lengths.tolist()
    elif robot(variant.base.removesuffix("-cloning")).falls:
        lengths = collect(variant.base, int(task.provenance["rollouts"])).lengths.tolist()
    else:
        lengths = [MAX_STEPS] * int(task.provenance["rollouts"])
    full = lengths.count(MAX_STEPS)
    text = f"**Ends** {full} of {len(lengths)} rollouts are truncated after {MAX_STEPS} steps"
    return text + ("." if full == len(lengths) else "; the others are terminated by a fall.")
