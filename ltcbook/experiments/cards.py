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
from ltcbook.data.variants import WAVES, Variant
from ltcbook.experiments.evidence import Evidence
from ltcbook.experiments.grid import FEED_FORWARD

PARTS = ("train", "validation", "test")
_FULL = "An observation is the full state but for the distance travelled: the past adds little."
_FALL = "A rollout that ends in a fall keeps the last healthy observation, not the unhealthy one."
_FIRST = (
    "The first of a window's twenty steps has no past, and nothing there tells how fast the robot "
    "moves."
)
_PUSHES = (
    "A push changes all nine velocities at once, each by a draw of its own, and no position: the "
    "recorded velocities jump as no force could make them, and agree with the change of the "
    "positions before and after, but not across.",
    "When pushes come is not recorded; default_rng((i, 2)) draws those of rollout i again. The 100 "
    "rollouts have 2025, and 34 % of the windows of twenty steps have one or more.",
    "The policy was never pushed in its training: it runs at 9.1 m/s here, and at 9.7 undisturbed.",
)
_OURS = "It is ours and none of the papers', made for one question of a chapter."
DEFECTS: dict[str, tuple[str, ...]] = {
    "walker2d": (
        _FULL,
        "Velocities are clipped to ±10, as Gymnasium does; what lies beyond is not seen.",
        _FALL,
    ),
    "clicks": (
        "It is ours and none of the papers': one decision, and nothing else to learn.",
        "Networks of one kind come out so differently that five starts do not tell kinds apart.",
    ),
    "commands": (
        _OURS,
        "A command is a whole unit above the noise of its line: it can't be missed.",
    ),
    "surfaces": (_OURS, "There is no noise, so more points would only make it easier."),
    **dict.fromkeys(WAVES.values(), (_OURS, "Three draws of sixteen waves are few.")),
    "digits-whole": (
        _OURS,
        "Validation is on the training part: the question is whether that can be learned.",
    ),
    "digits-waiting": (_OURS, "The blank rows are all alike, and always eight."),
    "digits-waiting-slow": (_OURS, "With the clock a neuron's intake of each row changes, too."),
    "rings": (_OURS, "Between disc and ring is a gap, so it can be learned without a mistake."),
    "walker2d-original": (
        "Neither the policies, nor their stages, nor the actions are known.",
        _FULL,
    ),
    "walker2d-positions": (
        f"{_FIRST} An LSTM of 16 units errs there by 0.0128, and by 0.0033 from the sixth step on.",
        "How much of the error is the noise of drawn actions is not known for positions alone.",
        _FALL,
    ),
    "walker2d-irregular": ("Frames are dropped at random, so a gap tells nothing of the robot.",),
    "halfcheetah": (
        "The policy acts by its mean and settles on one gait: the nearest training moment predicts "
        "better than many networks.",
        _FULL,
        "17 observations, where paper B has 27.",
    ),
    "halfcheetah-pushed": (*_PUSHES, _FULL, "17 observations, where paper B has 27."),
    "halfcheetah-positions": (
        f"{_FIRST} An LSTM of 16 units errs there by 0.154, and by 0.049 from the sixth step on.",
        "A push is not seen until it has moved something, so part of the error is noise, and how "
        "much is not known.",
        *_PUSHES,
    ),
    "halfcheetah-positions-cloning": (
        f"{_FIRST} An LSTM of 16 units errs there by 0.178, and by 0.070 from the sixth step on.",
        "The policy answers a push at once, before the positions show it: part of the error is "
        "noise, and how much is not known.",
        *_PUSHES,
    ),
    "mnist": (
        "15 labels of the published test part are wrong, by the count of Northcutt, Athalye and "
        "Mueller (Pervasive Label Errors in Test Sets, 2021): 0.15 % that nobody should get right.",
        "Read row by row much is blank: 30 % of the rows, and on average the last 3.5 of an image.",
        "The classes are not equally frequent: 5421 fives and 6742 ones in the training part.",
        "Who wrote a digit is not in the files, so the validation part, drawn from the published "
        "training images, has writers of the training part.",
    ),
    "digits": ("Ten drawn shapes, shifted and under noise: no handwriting, and easily learned.",),
}
"""Known defects by task, measured ones with their numbers, which a test derives again.

A task has those of the tasks that :func:`_relatives` names besides its own.
"""


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
        _splits(variant, task),
        _endings(variant, task),
        _noise(task),
        _scores(name, evidence),
        _defects(variant),
        f"**Load** `ltcbook.data.variants.load({name!r})`{_elsewhere(variant)}",
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _elsewhere(variant: Variant) -> str:
    """How the rollouts behind a task are had without this package."""
    if variant.images or variant.own or variant.source == "original":
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
        "made": said.get("made"),
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
    if variant.own:
        out = "classes" if task.loss == "cross_entropy" else "numbers"
        return f"**Schema** {task.input_size} and {task.output_size}: numbers in, {out} out."
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


def _splits(variant: Variant, task: TaskData) -> str:
    unit = "images" if variant.images else "draws" if variant.own else "rollouts"
    apart = "made apart" if variant.own else f"by {unit[:-1]}, none in two parts"
    lines = [f"**Split** {apart}.", "",
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
    known = dict.fromkeys(text for name in _relatives(variant) for text in DEFECTS.get(name, ()))
    return "\n".join(["**Known defects**", "", *(f"* {text}" for text in known)]) if known else ""


def _relatives(variant: Variant) -> tuple[str, ...]:
    """The tasks whose defects a task has: its own, and those of the same observations."""
    if variant.positions_only or variant.source == "original":
        return (variant.name,)
    root = variant.base.removesuffix("-cloning")
    return variant.name, f"{root}-pushed" if variant.source == "pushed" else root


def _endings(variant: Variant, task: TaskData) -> str:
    """How a robot's rollouts end: terminated by a fall, or truncated after 1000 steps."""
    if variant.images or variant.own:
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
