"""Clone the half-cheetah's policy with small networks, then let each of them run the robot.

The rule was written, and committed, before the runs, and after an earlier and smaller round of
them. Two sets of networks drive.

*Lessons* (profile ``lessons``): four models with the parameters of an SA-LTC of twelve neurons,
those with a solver by six semi-implicit steps, cloned from three kinds of lessons: the teacher's
runs under pushes, its undisturbed runs, and the former with the velocities hidden. The rate is
searched as in the grid; five seeds are trained until the validation loss has not fallen for forty
passes, 400 passes at most, and the state of the smallest one is kept.

*Grid* (profile ``book``): every final network of about 16 neurons on the same three tasks, by B's
ten steps of explicit Euler, fifty passes, three seeds each. When those had driven, those of 8 and
32 neurons followed, cloned from the undisturbed runs: the rules below hold for each size by itself.

The store keeps no weights, so each network is trained again from the recipe of its row, and must
give the test loss of that row. It then runs the robot six times, from starts that are in no data
and that are the same for all, for 400 steps, under each of five conditions. The measure is its
return as a share of the teacher's from the same starts under the same condition. (Added when two
networks did so: one whose action stops being finite is switched off, and earns nothing more.)

- A model *runs as well as its teacher* if the whole interval of its share lies above 0.95, and
  *keeps running* if it lies above 0.5 (networks and starts resampled).
- Of two models one is *ahead* if the whole interval of the difference of their shares lies on its
  side (networks of each resampled, starts resampled together).
- Pushes *help* a model if, with them in its lessons, it is ahead of itself without them.
- The test error and the return are *related between models* if the whole interval of their rank
  correlation over the grid's models on a task (means over seeds; models resampled) is negative; and
  *within models* if that of the mean rank correlation over the seeds of each model is.

What else the chapter counts over the grid (pairs of LTCs and CT-RNNs, the gate at equal parameters,
the feed-forward network, the correlation without the papers' start) was chosen with the returns at
hand.

    python -m ltcbook.experiments.closing_loop

writes ``results/closing_loop.json``, the networks in ``ltcbook/experiments/cloned/`` and the
recording of an SA-LTC at the controls.

Chapter: ``closing_the_loop``.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from tqdm import tqdm

from ltcbook.checks import unknown_name
from ltcbook.data import robot
from ltcbook.data.tasks import TaskData
from ltcbook.experiments import results
from ltcbook.experiments.again import network_of
from ltcbook.experiments.driving import (
    DISTURBANCES,
    FIRST_SEED,
    STEPS,
    TASK,
    Driver,
    drive,
    drives,
    returns,
    teacher,
)
from ltcbook.experiments.evidence import Array, Box, gather
from ltcbook.experiments.grid import REFERENCE, cells, two_by_two
from ltcbook.experiments.plans import Profile
from ltcbook.experiments.profiles import BOOK, LESSON_TASKS, LESSONS
from ltcbook.experiments.provenance import provenance
from ltcbook.experiments.store import Row, Store
from ltcbook.experiments.trials import Trial
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.teaching import recordings
from ltcbook.training import load
from ltcbook.training.saved import save

__all__ = ["Driven", "cloned", "driven"]

NAMES: Final = dict(zip(LESSON_TASKS, ("pushed", "undisturbed", "positions"), strict=True))
"""The kinds of lessons, by task."""
RUNS, AS_WELL, KEEPS = 6, 0.95, 0.5
NEURONS, OTHER_SIZES = 16, (8, 32)
"""Of the grid's networks: those cloned from all lessons, and those from the undisturbed alone."""

CLONED = Path(__file__).parent / "cloned"
RESULTS = "closing_loop"
SHOWN, SHOWN_START = "undisturbed", FIRST_SEED + 1
"""The lessons of the network that the page shows at the controls, undisturbed, and its start."""
SHOWN_FROM, SHOWN_STEPS = 10, 160


Earned = dict[str, list[float]]
"""Returns of a network's runs, by condition."""


class Driven(NamedTuple):
    """The networks of one box, with their errors on data and their returns at the controls.

    Attributes:
        lesson: of ``NAMES``.
        box: who they are, and their test losses.
        returns: by condition, (seeds, runs).
        stopped: by condition, in how many runs a network was switched off.

    >>> one = driven(LESSONS)[0]
    >>> one.returns["undisturbed"].shape == (len(one.box.losses), RUNS)
    True
    """

    lesson: str
    box: Box
    returns: dict[str, Array]
    stopped: dict[str, int]


def driven(profile: Profile, neurons: int = NEURONS) -> list[Driven]:
    """What the committed returns say of a profile's networks, in the order of its boxes.

    Args:
        profile: ``LESSONS``, or ``BOOK`` for those of the grid.
        neurons: of the grid's networks, about: 8, 16 or 32.

    >>> sorted({each.lesson for each in driven(BOOK)})
    ['positions', 'pushed', 'undisturbed']
    """
    found = results.load(RESULTS)
    kept, stopped = found["returns"], found["stopped"]
    return [
        Driven(
            NAMES[box.task],
            box,
            {name: np.array([kept[run][name] for run in box.runs]) for name in DISTURBANCES},
            dict(sum((Counter(stopped.get(run)) for run in box.runs), Counter())),
        )
        for box in _boxes(results.runs(), profile, neurons)
        if all(run in kept for run in box.runs)
    ]


def _boxes(store: Store, profile: Profile, neurons: int = NEURONS) -> Iterator[Box]:
    """The boxes that drive, in the order of the lessons."""
    found = gather(store, profile).boxes
    other = neurons in OTHER_SIZES
    for task in [task for task, name in NAMES.items() if name == "undisturbed" or not other]:
        wanted = (
            [*cells(task, profile.configurations, neurons), *two_by_two(task, neurons)]
            if profile.configurations
            else [cell for cell in profile.extra if cell.task == task]
        )
        keys = dict.fromkeys((cell.task, cell.configuration, cell.hidden_size) for cell in wanted)
        yield from (found[key] for key in keys if key in found)


def cloned(lesson: str) -> Driver:
    """The SA-LTC of seed 0 that is kept with the package, at the controls.

    Args:
        lesson: one of ``NAMES``.

    Raises:
        ValueError: for an unknown lesson.

    >>> driver = cloned("pushed")
    >>> driver.network.hidden_size, driver(np.zeros(17)).shape
    (12, (6,))
    """
    if lesson not in NAMES.values():
        unknown_name("lesson", lesson, list(NAMES.values()))
    kept = load(CLONED / f"{lesson}.safetensors")
    return Driver(kept.model, kept.scaler)


def put_to_the_test(network: RecurrentNetwork, task: TaskData) -> tuple[Earned, dict[str, int]]:
    """The returns of a network's runs under each condition, and how many of them it cut short."""
    driver, earned, stopped = Driver(network, task.scaler), {}, {}
    for name, disturbance in DISTURBANCES.items():
        runs = list(drives(driver, disturbance, RUNS))
        earned[name] = [round(run.total, 1) for run in runs]
        stopped[name] = sum(len(run.actions) < STEPS for run in runs)
    return earned, {name: count for name, count in stopped.items() if count}


def keep(network: RecurrentNetwork, row: Row, task: TaskData) -> None:
    """Keep the network that the package ships: of the contest, an SA-LTC of seed 0."""
    scores = {name: row[name] for name in ("best_epoch", "validation_loss", "test_loss", "run")}
    path = CLONED / f"{NAMES[str(row['task'])]}.safetensors"
    save(network, path, Trial.of(row).recipe(), 0, task, scores)


def record() -> None:
    """Let an SA-LTC run the cheetah from the second start, and write what the page shows of it."""
    of = robot(TASK)
    driver = cloned(SHOWN)
    environment = of.make()
    calm = DISTURBANCES["undisturbed"]
    run = drive(environment, driver, SHOWN_START, calm, SHOWN_FROM + SHOWN_STEPS)
    environment.close()  # type: ignore[no-untyped-call]
    mean, std = driver.scaler.mean.numpy(), driver.scaler.std.numpy()
    heard = recordings.hear(driver.network.double(), run.observations, mean, std)
    ask = teacher()
    wanted = np.stack([ask(each) for each in run.observations])
    held = np.concatenate([run.actions[:1], run.actions[:-1]])
    errors = np.stack([np.sqrt(((a - wanted) ** 2).mean(axis=1)) for a in (run.actions, held)], 1)
    shown = slice(SHOWN_FROM, None)
    seen = run.observations[shown]
    tensors: dict[str, np.ndarray[Any, Any]] = {
        "observations": seen.astype(np.float32),
        "rods": recordings.millimetres(recordings.rods(TASK, seen[:, :8])),
        "distance": np.rint(100 * np.cumsum(seen[:, 8]) * of.time_step).astype(np.int16),
        "synapses": np.asarray(heard.synapses, dtype=np.int16),
        **{
            name: recordings.thousandths(values[shown])
            for name, values in {
                "potentials": heard.potentials,
                "tau": heard.tau,
                "conductances": heard.conductances,
                "errors": errors,
            }.items()
        },
    }
    recordings.write(
        "halfcheetah-cloned",
        tensors,
        {
            "task": TASK,
            "policy": f"an SA-LTC of {driver.network.hidden_size} neurons, lessons {SHOWN}, seed 0",
            "seed": SHOWN_START,
            "time_step": of.time_step,
            "radii": recordings.thickness(TASK),
            "pushes": [step - SHOWN_FROM for step in run.pushes if step >= SHOWN_FROM],
            "network": "drives",
        },
    )


def main() -> None:
    """Train all networks again, let each of them drive, and write what it earned."""
    parser = argparse.ArgumentParser(description="Put the cloned networks at the controls.")
    parser.add_argument("--store", type=Path, default=results.FOLDER / "runs")
    store = Store(parser.parse_args().store)
    rows = {str(row["run"]): row for row in store.rows()}
    found = _begun()
    sets = ((LESSONS, NEURONS), *((BOOK, size) for size in (NEURONS, *OTHER_SIZES)))
    boxes = [box for profile, size in sets for box in _boxes(store, profile, size)]
    tasks: dict[tuple[Any, ...], TaskData] = {}
    for run in tqdm([run for box in boxes for run in box.runs if run not in found["returns"]]):
        row = rows[run]
        place = row["task"], row["rollouts"]
        if place not in tasks:
            tasks = {place: Trial.of(row).load()}
        network = network_of(row, tasks[place])
        if row["rollouts"] and row["model"] == REFERENCE.model and row["seed"] == 0:
            keep(network, row, tasks[place])
        found["returns"][run], stopped = put_to_the_test(network, tasks[place])
        found["stopped"] |= {run: stopped} if stopped else {}
        results.save(RESULTS, found)
    record()


def _begun() -> dict[str, Any]:
    """What an earlier start has written, or a beginning: the teacher's returns."""
    if results.exist(RESULTS):
        return results.load(RESULTS)
    design: dict[str, Any] = {"runs": RUNS, "steps": STEPS, "first start": FIRST_SEED}
    design["conditions"] = {name: dataclasses.asdict(d) for name, d in DISTURBANCES.items()}
    of_teacher = {
        name: [round(each, 1) for each in returns(teacher(), disturbance, RUNS)]
        for name, disturbance in DISTURBANCES.items()
    }
    command = "python -m ltcbook.experiments.closing_loop"
    return {
        "provenance": provenance(command, **design),
        "teacher": of_teacher,
        "returns": {},
        "stopped": {},
    }


if __name__ == "__main__":
    main()
