"""Recorded rollouts for the robot theatre, and what a trained network makes of them.

``python -m ltcbook.teaching.recordings`` drives the robots in the simulator again and rewrites the
files. Whoever only looks at them needs no simulator.

Chapters: ``robots_and_digits``, ``walker_kinematics``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from safetensors import safe_open
from safetensors.numpy import save_file

from ltcbook import data
from ltcbook.analysis.trained import trained
from ltcbook.checks import unknown_name
from ltcbook.data.robots.robot import MAX_STEPS
from ltcbook.data.robots.rollouts import roll_out
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.nn.synapses import openings

__all__ = ["Heard", "listen", "load"]

FOLDER = Path(__file__).parent / "recorded"
STEPS = {"walker2d": 250, "halfcheetah": 100}
FIRST = {"walker2d": 40, "halfcheetah": 20}
SYNAPSES = 30
SEED = 7
STAGES = "walker2d-stages"
EVERY = 6  # steps: one pose in 48 ms is enough to look at

Array = npt.NDArray[np.floating[Any]]


class Heard(NamedTuple):
    """What a trained network makes of a rollout, step by step.

    Attributes:
        potentials: after each observation, (steps, n).
        tau: liquid time constants there, (steps, n).
        conductances: of the strongest recurrent synapses, (steps, s).
        synapses: for each of them: from, to, and the sign of its reversal potential, (s, 3).
        predictions: of the next observation, in its own units, (steps, m).

    >>> tensors, card = load("walker2d")
    >>> seen = tensors["observations"][:5]
    >>> heard = listen(seen, seen.mean(0), np.ones(17))
    >>> heard.potentials.shape, heard.predictions.shape
    ((5, 12), (5, 17))
    """

    potentials: Array
    tau: Array
    conductances: Array
    synapses: list[list[int]]
    predictions: Array


def listen(observations: Array, mean: Array, std: Array) -> Heard:
    """Let the package's trained SA-LTC (seed 0) hear a walker's observations (steps, 17).

    >>> tensors, card = load("walker2d")
    >>> seen = tensors["observations"][:5]
    >>> bool((listen(seen, seen.mean(0), np.ones(17)).tau > 0).all())
    True
    """
    network, _ = trained("SA-LTC")
    heard = hear(network, observations, mean, std)
    return heard._replace(predictions=heard.predictions * std + mean)


@torch.no_grad()
def hear(network: RecurrentNetwork, observations: Array, mean: Array, std: Array) -> Heard:
    """Let a fully connected LTC in float64 hear observations (steps, m).

    Its outputs, as they are, are the ``predictions`` (steps, o).
    """
    cell: Any = network.cell
    inputs = torch.from_numpy((observations.astype(float) - mean) / std)
    weights, state = cell.recurrent.weights(), None
    rows: list[tuple[torch.Tensor, ...]] = []
    for u in inputs:
        y, state = network(u[None, None], state)
        decay = cell.linear_form(state, cell.sense(u[None])).decay
        open_now = openings(cell.descriptor, weights, state)
        rows.append((state[0], 1 / decay[0], open_now[0], y[0, 0]))
    potentials, tau, opened, heard = (torch.stack(part).numpy() for part in zip(*rows, strict=True))
    strongest = np.argsort(opened.mean(0), axis=None)[::-1][:SYNAPSES]
    post, pre = np.unravel_index(strongest, opened.shape[1:])
    signs = np.sign(weights.e.numpy()[post, pre]).astype(int)
    synapses = np.stack([pre, post, signs], axis=1).tolist()
    conductances: Array = opened[:, post, pre]
    return Heard(potentials, tau, conductances, synapses, heard)


def rods(task: str, poses: Array) -> Array:
    """Both ends of every rod, (poses, rods, 4): x, z, x, z in metres.

    A pose is z, pitch and six joints; x is measured from the torso. The simulator only places the
    rods.
    """
    import mujoco

    environment = data.robot(task).make()
    model, simulated = environment.model, environment.data
    capsules = np.flatnonzero(model.geom_type == mujoco.mjtGeom.mjGEOM_CAPSULE)
    frames = []
    for pose in poses:
        simulated.qpos[:] = [0.0, *pose]
        mujoco.mj_forward(model, simulated)
        middle = simulated.geom_xpos[capsules]
        along = simulated.geom_xmat[capsules].reshape(-1, 3, 3)[:, :, 2]
        half = along * model.geom_size[capsules, 1:2]
        ends = np.stack([middle - half, middle + half], axis=1)[:, :, [0, 2]]
        frames.append(ends.reshape(-1, 4))
    environment.close()  # type: ignore[no-untyped-call]
    return np.stack(frames)


def thickness(task: str) -> list[float]:
    """The radius of every rod, in metres."""
    import mujoco

    model = data.robot(task).make().model
    capsules = np.flatnonzero(model.geom_type == mujoco.mjtGeom.mjGEOM_CAPSULE)
    radii: list[float] = model.geom_size[capsules, 0].round(4).tolist()
    return radii


def record(task: str) -> None:
    """Drive a robot once by its last policy, as for the training data, and write its recording."""
    of = data.robot(task)
    environment = of.make()
    rollout = roll_out(
        environment,
        data.policies(task)[-1],
        SEED,
        sampled=of.sampled,
        max_steps=FIRST[task] + STEPS[task],
    )
    environment.close()  # type: ignore[no-untyped-call]
    seen = rollout.observations[FIRST[task] :]
    distance = np.cumsum(seen[:, 8].astype(float)) * of.time_step
    tensors: dict[str, npt.NDArray[Any]] = {
        "observations": seen,
        "rods": millimetres(rods(task, seen[:, :8].astype(float))),
        "distance": np.rint(100 * distance).astype(np.int16),  # centimetres
    }
    if task == "walker2d":
        scaler = data.load(task, rollouts=40).scaler
        tensors["mean"], tensors["std"] = scaler.mean.numpy(), scaler.std.numpy()
        heard = listen(seen, tensors["mean"], tensors["std"])
        tensors["predicted_rods"] = millimetres(rods(task, heard.predictions[:, :8]))
    card = {
        "task": task,
        "policy": of.stages[-1],
        "seed": SEED,
        "time_step": of.time_step,
        "radii": thickness(task),
    }
    write(task, tensors, card)


def record_stages() -> None:
    """Walk the first rollout of each stage in the walker's data again, and write them as one."""
    of = data.robot("walker2d")
    environment, falls, tensors = of.make(), [], {}
    for seed, policy in enumerate(data.policies("walker2d")):
        seen = roll_out(environment, policy, seed, sampled=of.sampled).observations
        falls.append(len(seen) * of.time_step if len(seen) < MAX_STEPS else None)
        distance = np.cumsum(seen[:, 8].astype(float)) * of.time_step
        drawn = rods("walker2d", seen[::EVERY, :8].astype(float))
        # Each rod's upper end is another one's lower end, but for the head.
        ends = np.concatenate([drawn[:, :1, 2:], drawn[:, :, :2]], axis=1)
        tensors[f"ends{seed + 1}"] = millimetres(ends)
        tensors[f"distance{seed + 1}"] = np.rint(100 * distance[::EVERY]).astype(np.int16)
    environment.close()  # type: ignore[no-untyped-call]
    card = {
        "task": "walker2d",
        "policies": list(of.stages),
        "time_step": EVERY * of.time_step,
        "radii": thickness("walker2d"),
        "falls": falls,
    }
    write(STAGES, tensors, card)


def millimetres(metres: Array) -> npt.NDArray[np.int16]:
    """As a recording keeps lengths."""
    return thousandths(metres)


def thousandths(values: Array) -> npt.NDArray[np.int16]:
    """As a recording keeps numbers from -32 to 32."""
    return np.rint(1000 * values).astype(np.int16)


def write(name: str, tensors: dict[str, npt.NDArray[Any]], card: dict[str, Any]) -> None:
    """Write a recording, as :func:`load` reads it."""
    FOLDER.mkdir(exist_ok=True)
    save_file(tensors, FOLDER / f"{name}.safetensors", metadata={"card": json.dumps(card)})


def load(task: str) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
    """A recording's arrays and its card.

    Raises:
        ValueError: for a robot that is not recorded.

    >>> tensors, card = load("halfcheetah")
    >>> tensors["observations"].shape
    (100, 17)
    """
    known = sorted(path.stem for path in FOLDER.glob("*.safetensors"))
    if task not in known:
        unknown_name("robot", task, known)
    with safe_open(FOLDER / f"{task}.safetensors", framework="np") as file:
        card = json.loads(file.metadata()["card"])
        return {name: file.get_tensor(name) for name in file.keys()}, card  # noqa: SIM118


if __name__ == "__main__":
    for name in STEPS:
        record(name)
    record_stages()
