"""``ltcbook report``: B's figures 5 to 8 and Table 1 from our rows, with the paper's numbers.

Works on whatever rows there are, and says what is missing.

Chapter: ``walker_kinematics``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ltcbook.data.cache import atomic_path, write_atomically
from ltcbook.experiments.cards import cards
from ltcbook.experiments.claims import answer, decide
from ltcbook.experiments.evidence import Box, Evidence, gather
from ltcbook.experiments.grid import FEED_FORWARD, Configuration
from ltcbook.experiments.ledger import CLAIMS
from ltcbook.experiments.plans import Profile
from ltcbook.experiments.profiles import BESIDE, BOOK
from ltcbook.experiments.store import Store
from ltcbook.papers.results import SIZES, TABLE_1

__all__ = ["book_evidence", "noise_floor"]

FIGURES = {5: "walker2d", 6: "halfcheetah", 7: "halfcheetah-cloning", 8: "mnist"}
"""B's figures, and the tasks they show."""
TABLE_TASK = "halfcheetah"


def write_report(
    profile: Profile, store: Store, output: Path, *, with_cards: bool = False
) -> dict[str, Any]:
    """Write tables (Markdown), claims and figures (PNG) into a folder; data cards, if asked.

    Returns:
        ``files`` that were written, relative to the folder; what is ``missing``; the ``claims``
        with their verdicts.
    """
    evidence = gather(store, profile, BESIDE)
    tasks = [plan.task for plan in profile.plans]
    texts = {
        "table_1.md": table_1(evidence),
        "tasks.md": "\n\n".join(task_table(evidence, task) for task in tasks) + "\n",
        "claims.md": ledger_page(evidence),
    }
    if with_cards:
        texts["data_cards.md"] = cards(tasks, evidence)
    for name, text in texts.items():
        _write(output / name, text)
    files = list(texts)
    for number, task in FIGURES.items():
        if any(box.task == task for box in evidence.boxes.values()):
            with atomic_path(output / f"figure_{number}.png") as temporary:
                draw(evidence, task, temporary)
            files.append(f"figure_{number}.png")
    verdicts = {claim.id: decide(claim, evidence).verdict for claim in CLAIMS}
    return {"files": files, "missing": missing(evidence, profile), "claims": verdicts}


def book_evidence(store: Store) -> Evidence:
    """The rows of the book's grid, with those of other solvers as tasks of their own.

    >>> from ltcbook.experiments import runs
    >>> evidence = book_evidence(runs())
    >>> evidence.boxes["walker2d", Configuration("SA-LTC", "synaptic"), 16].seeds
    3
    """
    return gather(store, BOOK, BESIDE)


def missing(evidence: Evidence, profile: Profile) -> list[str]:
    """What a reader of a partial store should know: boxes that lack a seed or all, and notes."""
    lines = []
    for plan in profile.plans:
        cells = [cell for cell in profile.cells() if cell.task == plan.task]
        keys = [(cell.task, cell.configuration, cell.hidden_size) for cell in cells]
        lacking = sum(key not in evidence.boxes for key in keys)
        if lacking:
            lines.append(f"{plan.task}: {lacking} of {len(cells)} boxes lack a seed or all")
        if not evidence.baselines(plan.task):
            lines.append(f"{plan.task}: the baselines")
    return [*lines, *evidence.notes]


def table_1(evidence: Evidence) -> str:
    """B's Table 1 with ours beside it, each as a share of its NA-CT-RNN with linear input.

    The data are others (17 observations, another controller), so errors are not comparable as
    such; ratios within one table are.
    """
    lines = [
        "# Table 1, half-cheetah kinematics",
        "",
        "Printed: mean squared error × 100 (27 observations). Ours: median of the seeds and their "
        "range (17 observations, standardised). CT-RNNs: the better of S and T at the median.",
        "",
        "| model | n | printed parameters | printed | ours parameters | ours | runs | diverged |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for (model, input_map, n), printed in TABLE_1.items():
        box = _table_box(evidence, model, input_map, n)
        spread = "nan" if math.isnan(printed.spread) else f"{printed.spread:.2f}"
        ours = ["–", "–", "0", "–"]
        if box is not None:
            ours = [str(box.parameters), _range(box), str(box.seeds), str(box.diverged)]
        name = model if model in ("ANODE", "CT-GRU", "LSTM") else f"{model} {input_map}"
        head = [name, str(n), str(printed.parameters), f"{printed.error:.2f} ± {spread}"]
        lines.append(f"| {' | '.join([*head, *ours])} |")
    return "\n".join(lines) + "\n"


def _table_box(evidence: Evidence, model: str, input_map: str, n: int) -> Box | None:
    names = [f"{model}-S", f"{model}-T"] if model.endswith("CT-RNN") else [model]
    keys = [(TABLE_TASK, Configuration(name, input_map), n) for name in names]
    found = [evidence.boxes[key] for key in keys if key in evidence.boxes]
    return min(found, key=lambda box: box.median, default=None)


def task_table(evidence: Evidence, task: str) -> str:
    """All boxes of a task with intervals, its baselines, and the noise floor where it is known."""
    boxes = sorted(
        (box for box in evidence.boxes.values() if box.task == task),
        key=lambda box: (box.hidden_size, box.configuration),
    )
    classes = any(box.accuracies for box in boxes)
    lines = [
        f"## {task}",
        "",
        "| model | n | parameters | rate | test loss: median (range) | mean, 95 % interval "
        "| accuracy | diverged |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, row in evidence.baselines(task).items():
        loss = "–" if row["test_loss"] is None else f"{row['test_loss']:.4f}"
        accuracy = "" if row["test_accuracy"] is None else f"{row['test_accuracy']:.2%}"
        lines.append(f"| *{name}* | | {row['parameters']} | | {loss} | | {accuracy} | |")
    for box in boxes:
        interval = evidence.interval(box)
        between = "–" if interval is None else f"{interval.low:.4f} to {interval.high:.4f}"
        accuracy = f"{sorted(box.accuracies)[len(box.accuracies) // 2]:.2%}" if classes else ""
        lines.append(
            f"| {box.configuration} | {box.hidden_size} | {box.parameters} | "
            f"{box.learning_rate:g} | {_range(box)} | {between} | {accuracy} | "
            f"{box.diverged} of {box.seeds} |"
        )
    floor = noise_floor(evidence, task)
    if floor is not None:
        lines += ["", f"No predictor can come below {floor:.4f}: that is noise."]
    return "\n".join(lines)


def ledger_page(evidence: Evidence) -> str:
    """The claims with their verdicts, as Markdown."""
    lines = ["# The papers' claims", ""]
    for claim in CLAIMS:
        finding = decide(claim, evidence)
        lines += [
            f"**{claim.id}** ({claim.where}): “{claim.quote}”",
            "",
            f"*Question.* {claim.question} *Rule.* {claim.rule[0].upper()}{claim.rule[1:]}.",
            "",
            answer(claim, finding),
            "",
        ]
    return "\n".join(lines)


def draw(evidence: Evidence, task: str, path: Path) -> None:
    """One of B's figures: test loss against parameters, synaptic input left, linear right."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import LogFormatter, NullFormatter

    from ltcbook.teaching.figures import use_style

    use_style()
    figure, axes = plt.subplots(1, 2, figsize=(10, 5.6), sharey=True)
    for axis, input_map in zip(axes, ("synaptic", "linear"), strict=True):
        for configuration, boxes in _curves(evidence, task, input_map):
            _curve(axis, str(configuration), boxes)
        _levels(axis, evidence, task)
        axis.set(title=f"{input_map} input", xlabel="parameters", xscale="log", yscale="log")
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.yaxis.set_minor_formatter(LogFormatter(minor_thresholds=(2, 0.5)))
        if axis.get_legend_handles_labels()[0]:
            axis.legend(fontsize=7, ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.16))
    axes[0].set_ylabel("test loss: median and range of the seeds")
    figure.savefig(path, format="png")
    plt.close(figure)


def _curves(
    evidence: Evidence, task: str, input_map: str
) -> Iterable[tuple[Configuration, list[Box]]]:
    known = dict.fromkeys(
        c for t, c, _ in sorted(evidence.boxes) if t == task and c.input_map == input_map
    )
    for configuration in known:
        boxes = [
            box
            for key, box in sorted(evidence.boxes.items())
            if key[:2] == (task, configuration) and math.isfinite(box.median)
            and (key[2] in SIZES or configuration == FEED_FORWARD)
        ]  # fmt: skip
        if boxes:
            yield configuration, boxes


def _curve(axis: Any, label: str, boxes: list[Box]) -> None:
    parameters = [box.parameters for box in boxes]
    (line,) = axis.plot(parameters, [box.median for box in boxes], lw=1.2, label=label)
    for box in boxes:
        colour, x = line.get_color(), box.parameters
        axis.plot([x, x], [min(box.losses), max(box.losses)], color=colour, ls="-", lw=0.8)
        axis.scatter([x], [box.median], s=6 + box.hidden_size, color=colour, zorder=3)


def _levels(axis: Any, evidence: Evidence, task: str) -> None:
    """The best baseline of each kind, and the noise floor, as lines across."""
    levels = {
        name: float(row["test_loss"])
        for name, row in evidence.baselines(task).items()
        if row["test_loss"] is not None and not name.endswith("-3")
    }
    floor = noise_floor(evidence, task)
    if floor is not None:
        levels["noise floor"] = floor
    for name, level in levels.items():
        axis.axhline(level, color="0.5", ls=":", lw=1)
        axis.annotate(
            name, (1, level), xycoords=("axes fraction", "data"), ha="right", va="bottom",
            fontsize=7, color="0.3",
        )  # fmt: skip


def noise_floor(evidence: Evidence, task: str) -> float | None:
    """The error below which no predictor can come, where it was measured.

    >>> from ltcbook.experiments import runs
    >>> round(noise_floor(book_evidence(runs()), "walker2d"), 3)
    0.079
    """
    floors = [row["floor"] for row in evidence.rows if row["task"] == task]
    return next((float(floor) for floor in floors if floor is not None), None)


def _range(box: Box) -> str:
    if not box.losses:
        return "no finite loss"
    low, high = min(box.losses), max(box.losses)
    middle = "diverged" if math.isinf(box.median) else f"{box.median:.4f}"
    return f"{middle} ({low:.4f} to {high:.4f})"


def _write(path: Path, text: str) -> None:
    write_atomically(path, lambda stream: stream.write(text.encode()))
