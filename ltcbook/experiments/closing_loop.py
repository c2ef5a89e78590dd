"""Clone the half-cheetah's policy with small networks, then let each of them run the robot.

The rule was written, and committed, before the runs. Two sets of networks drive.

*Lessons* (profile ``lessons``): four models with the parameters of an SA-LTC of twelve neurons,
those with a solver by six semi-implicit steps, cloned from three kinds of lessons: the teacher's
runs under pushes, its undisturbed runs, and the former with the velocities hidden. The rate is
searched as in the grid; five seeds are trained until the validation loss has not fallen for forty
passes, 400 passes at most, and the state of the smallest one is kept.

*Grid* (profile ``book``): every final network of about 16 neurons on the same three tasks, as B
trains them, by ten steps of explicit Euler, three seeds each.

The store keeps no weights, so each network is trained again from the recipe of its row, and must
give the test loss of that row. It then runs the robot six times, from starts that are in no data
and that are the same for all, for 400 steps, under each of five conditions. The measure is its
return as a share of the teacher's from the same starts under the same condition.

- A model *runs as well as its teacher* if the whole interval of its share lies above 0.95, and
  *keeps running* if it lies above 0.5 (networks and starts resampled).
- Of two models one is *ahead* if the whole interval of the difference of their shares lies on its
  side (networks of each resampled, starts resampled together).
- Pushes *help* a model if, with them in its lessons, it is ahead of itself without them.
- The test error and the return are *related between models* if the whole interval of their rank
  correlation over the grid's models on a task (means over seeds; models resampled) is negative; and
  *within models* if that of the mean rank correlation over the seeds of each model is.

    python -m ltcbook.experiments.closing_loop

writes ``results/closing_loop.json``, the networks in ``ltcbook/experiments/cloned/`` and the
recording of an SA-LTC at the controls.

Chapter: ``closing_the_loop``.
"""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from ltcbook.checks import unknown_name
from ltcbook.data import robot, variants
from ltcbook.data.tasks import TaskData
from ltcbook.experiments.driving import (
    DISTURBANCES,
    FIRST_SEED,
    STEPS,
    TASK,
    Driver,
    drive,
    returns,
    teacher,
)
from ltcbook.experiments.feedforward import NAME, FeedForwardRecipe
from ltcbook.experiments.grid import FEED_FORWARD, Configuration, matched_size, parameters
from ltcbook.experiments.provenance import provenance
from ltcbook.experiments.search import best_rate, wider_rate
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.teaching import recordings
from ltcbook.training import Recipe, Run, load
from ltcbook.training.saved import save

__all__ = ["cloned", "recipe", "trained"]

LESSONS: Final = {
    "pushed": "halfcheetah-pushed-cloning",
    "undisturbed": "halfcheetah-cloning",
    "positions": "halfcheetah-positions-cloning",
}
REFERENCE: Final = Configuration("SA-LTC", "synaptic")
CONTENDERS: Final = (
    FEED_FORWARD,
    REFERENCE,
    Configuration("NA-CT-RNN-T", "linear", "scaled"),
    Configuration("LSTM"),
)
NEURONS, ROLLOUTS, RUNS = 12, 40, 6
RATES: Final = (3e-3, 1e-2, 3e-2)
LOWEST, HIGHEST = 7e-4, 2.5e-1
TUNING_SEED, SEEDS = 100, (0, 1, 2)
SEARCH_EPOCHS, EPOCHS, BATCH = 15, 60, 64
AS_WELL, KEEPS = 0.95, 0.5

CLONED = Path(__file__).parent / "cloned"
RESULTS = Path(__file__).parents[2] / "results" / "closing_loop.json"
SHOWN, SHOWN_START = "pushed", FIRST_SEED + 1
"""The lessons of the network that the page shows at the controls, undisturbed, and its start."""
SHOWN_FROM, SHOWN_STEPS = 10, 160


def size(configuration: Configuration, task: str) -> int:
    """How many neurons have as many parameters as twelve of an SA-LTC."""
    return matched_size(configuration, parameters(REFERENCE, NEURONS, task), task)


def recipe(
    configuration: Configuration, task: str, rate: float, seeds: tuple[int, ...], epochs: int
) -> Recipe:
    """How a contender is trained; those with a solver take six steps of a bounded one.

    >>> made = recipe(REFERENCE, LESSONS["pushed"], rate=0.01, seeds=(0,), epochs=5)
    >>> made.model, made.hidden_size, made.solver
    ('SA-LTC', 12, 'semi-implicit-euler')
    """
    kind = FeedForwardRecipe if configuration.model == NAME else Recipe
    solves = configuration.model not in (NAME, "LSTM")
    return kind(
        configuration.model,
        size(configuration, task),
        seeds,
        epochs,
        None,
        BATCH,
        rate,
        input_map=configuration.input_map if solves else None,
        solver="semi-implicit-euler" if solves else None,
        unfolds=6 if solves else None,
        init=configuration.init,
    )


def trained(made: Recipe, task: TaskData) -> Run:
    """Train every seed to the end of its budget.

    >>> from ltcbook import data
    >>> wave = np.sin(0.3 * np.arange(21) + np.arange(40)[:, None])[..., None]
    >>> run = trained(Recipe("LSTM", 4, epochs=2), data.from_arrays(wave[:, :-1], wave[:, 1:]))
    >>> run.epoch
    2
    """
    run = Run(made, task)
    while not run.finished:
        run.train_epoch()
    return run


def _validation(run: Run, replica: int) -> float:
    return min((v for _, v in run.curves[replica] if math.isfinite(v)), default=math.inf)


def clone(configuration: Configuration, name: str, task: TaskData) -> tuple[Run, dict[str, Any]]:
    """Search the rate, train three seeds at it; the run, and what is to be known of it."""
    tried: dict[float, float] = {}
    queue = list(RATES)
    while queue:
        rate = queue.pop(0)
        run = trained(recipe(configuration, name, rate, (TUNING_SEED,), SEARCH_EPOCHS), task)
        tried[rate] = _validation(run, 0)
        if not queue:
            wider = wider_rate(tried, LOWEST, HIGHEST)
            queue = [] if wider is None else [wider]
    made = recipe(configuration, name, best_rate(tried), SEEDS, EPOCHS)
    run = trained(made, task)
    return run, {
        "model": configuration.model,
        "input_map": configuration.input_map,
        "neurons": made.hidden_size,
        "parameters": sum(p.numel() for p in run.network(0).parameters()),
        "learning_rate": made.learning_rate,
        "search": {f"{rate:g}": round(loss, 6) for rate, loss in tried.items()},
        "epochs": [run.best_epoch(k) for k in range(len(SEEDS))],
        "validation": [round(_validation(run, k), 6) for k in range(len(SEEDS))],
        "test": [round(scores.loss, 6) for scores in run.best_scores(run.test)],
    }


def put_to_the_test(networks: list[RecurrentNetwork], task: TaskData) -> dict[str, Any]:
    """Returns of each network, (seeds, runs), under each disturbance."""
    drivers = [Driver(network, task.scaler) for network in networks]
    return {
        name: [[round(r, 1) for r in returns(driver, disturbance, RUNS)] for driver in drivers]
        for name, disturbance in DISTURBANCES.items()
    }


def contend(lesson: str, configuration: Configuration, task: TaskData) -> dict[str, Any]:
    """One contender after one kind of lesson, at the controls; an SA-LTC of seed 0 is kept."""
    run, row = clone(configuration, LESSONS[lesson], task)
    networks = [run.network(k) for k in range(len(SEEDS))]
    if configuration == REFERENCE:
        scores = {key: row[key][0] for key in ("epochs", "validation", "test")}
        save(networks[0], CLONED / f"{lesson}.safetensors", run.recipe, SEEDS[0], task, scores)
    repeated = (task.train.targets.mean((0, 1)) - task.test.targets).square().mean()
    of_task = {"lesson": lesson, "mean_action": round(float(repeated), 6)}
    return {**of_task, **row, "returns": put_to_the_test(networks, task)}


def cloned(lesson: str) -> Driver:
    """The SA-LTC of seed 0 that is kept with the package, at the controls.

    Args:
        lesson: one of ``LESSONS``.

    Raises:
        ValueError: for an unknown lesson.

    >>> driver = cloned("pushed")
    >>> driver.network.hidden_size, driver(np.zeros(17)).shape
    (12, (6,))
    """
    if lesson not in LESSONS:
        unknown_name("lesson", lesson, LESSONS)
    kept = load(CLONED / f"{lesson}.safetensors")
    return Driver(kept.model, kept.scaler)


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
            "policy": f"an SA-LTC of {NEURONS} neurons, lessons {SHOWN}, seed 0",
            "seed": SHOWN_START,
            "time_step": of.time_step,
            "radii": recordings.thickness(TASK),
            "pushes": [step - SHOWN_FROM for step in run.pushes if step >= SHOWN_FROM],
            "network": "drives",
        },
    )


def main() -> None:
    """Train, test and record everything; the file grows by a row at a time."""
    torch.set_num_threads(1)
    command = "python -m ltcbook.experiments.closing_loop"
    design: dict[str, Any] = {"rollouts": ROLLOUTS, "epochs": EPOCHS, "runs": RUNS, "steps": STEPS}
    design["disturbances"] = {name: dataclasses.asdict(d) for name, d in DISTURBANCES.items()}
    of_teacher = {
        name: [round(r, 1) for r in returns(teacher(), d, RUNS)] for name, d in DISTURBANCES.items()
    }
    found: dict[str, Any] = {
        "provenance": provenance(command, seeds=list(SEEDS), **design),
        "teacher": of_teacher,
        "rows": [],
    }
    for lesson, name in LESSONS.items():
        task = variants.load(name, rollouts=ROLLOUTS)
        for configuration in CONTENDERS:
            found["rows"].append(contend(lesson, configuration, task))
            RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    record()


if __name__ == "__main__":
    main()
