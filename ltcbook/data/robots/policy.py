"""Small trained policies: a two-layer network in float64, read from a safetensors file.

The rollouts of the book must come out the same on every machine. A float64 network evaluated
by NumPy differs between processors only in the last bits, and rounding the action to four
decimals removes that difference before it reaches the simulator.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from ltcbook.data.cache import sha256, write_atomically
from ltcbook.data.robots.published import published
from ltcbook.data.robots.robot import ROBOTS, Robot, robot

Array = npt.NDArray[np.float64]

SCHEMA = "ltcbook-policy/1"
POLICY_FOLDER = Path(__file__).parent / "policies"
ACTION_DECIMALS = 4
ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0.0),
}
SQUASHES: dict[str, Callable[[Array], Array]] = {
    "clip": lambda x: np.clip(x, -1.0, 1.0),
    "tanh": np.tanh,
}
LAYERS = 3  # two hidden layers and the action head


@dataclass(frozen=True, eq=False)
class Policy:
    """A feed-forward policy.

    Attributes:
        task: The robot it drives.
        weights, biases: Three layers; ``weights[k]`` has shape (out, in).
        observation_mean, observation_std: Each observation is standardised by these, then clipped
            to ``observation_clip``.
        observation_clip: The clip in standard deviations (infinity: none).
        action_std: Standard deviation of a drawn action, shape (actions,); zeros for a policy that
            is only used by its mean.
        activation: ``"tanh"`` or ``"relu"``.
        squash: How a raw action comes into -1 to 1: ``"clip"`` (PPO) or ``"tanh"`` (TQC).
        card: Algorithm, steps, return, seed and versions, as strings.
        file_sum: SHA-256 of the file that the policy was read from; empty if it comes from none.

    >>> from ltcbook.data import policies
    >>> policy = policies("halfcheetah")[-1]
    >>> policy.task, policy.activation, [weights.shape for weights in policy.weights]
    ('halfcheetah', 'relu', [(64, 17), (64, 64), (6, 64)])
    """

    task: str
    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    observation_mean: Array
    observation_std: Array
    observation_clip: float
    action_std: Array
    activation: str
    squash: str
    card: Mapping[str, str]
    file_sum: str = ""

    def act(self, observation: Array, generator: np.random.Generator | None = None) -> Array:
        """Return the action for one observation.

        Args:
            observation: Shape (observations,), float64, in the simulator's units.
            generator: Draws the action; None takes the policy's mean.

        Returns:
            Array of shape (actions,). Within -1 to 1, rounded to four decimals.
        """
        activation = ACTIVATIONS[self.activation]
        x = (observation - self.observation_mean) / self.observation_std
        x = np.clip(x, -self.observation_clip, self.observation_clip)
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            x = activation(weight @ x + bias)
        x = self.weights[-1] @ x + self.biases[-1]
        if generator is not None:
            x = x + self.action_std * generator.standard_normal(x.shape[0])
        return np.round(SQUASHES[self.squash](x), ACTION_DECIMALS)


def _shapes(of: Robot, hidden_size: int) -> dict[str, tuple[int, ...]]:
    """Return the tensors a policy file holds and their shapes."""
    observations, actions = len(of.channels), len(of.actuators)
    sizes = (observations, *(hidden_size,) * (LAYERS - 1), actions)
    shapes: dict[str, tuple[int, ...]] = {
        "observation.mean": (observations,),
        "observation.std": (observations,),
        "action.std": (actions,),
    }
    for k in range(LAYERS):
        shapes[f"layers.{k}.weight"] = (sizes[k + 1], sizes[k])
        shapes[f"layers.{k}.bias"] = (sizes[k + 1],)
    return shapes


def save_policy(policy: Policy, path: Path) -> None:
    """Write ``policy`` as float32 tensors with its card in the header."""
    tensors = {
        "observation.mean": policy.observation_mean,
        "observation.std": policy.observation_std,
        "action.std": policy.action_std,
    }
    for k, (weight, bias) in enumerate(zip(policy.weights, policy.biases, strict=True)):
        tensors[f"layers.{k}.weight"] = weight
        tensors[f"layers.{k}.bias"] = bias
    header = {
        "schema": SCHEMA,
        "task": policy.task,
        "activation": policy.activation,
        "squash": policy.squash,
        "observation_clip": repr(policy.observation_clip),
        "card": json.dumps(dict(policy.card), sort_keys=True),
    }
    single = {
        name: np.ascontiguousarray(tensor, dtype=np.float32) for name, tensor in tensors.items()
    }
    content = save_tensors(single, metadata=header)
    write_atomically(path, lambda stream: stream.write(content))


def read_header(content: bytes) -> dict[str, str]:
    """Return the metadata of a safetensors file that has been read into memory."""
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    metadata: dict[str, str] = header.get("__metadata__", {})
    return metadata


def load_policy(path: Path) -> Policy:
    """Read a policy file and check all of it.

    Raises:
        ValueError: If the file is missing, cut short, altered in its layout, or holds numbers that
            are not finite; the message names the file.

    >>> policy = load_policy(POLICY_FOLDER / "walker2d_stage1.safetensors")
    >>> policy.task, policy.activation, policy.squash
    ('walker2d', 'tanh', 'clip')
    """
    if not path.is_file():
        raise ValueError(f"{path}: no such policy file")
    content = path.read_bytes()
    try:
        tensors = load_tensors(content)
        header = read_header(content)
    except (SafetensorError, ValueError, KeyError) as error:
        raise ValueError(f"{path}: not a readable policy file ({error})") from error
    if header.get("schema") != SCHEMA:
        raise ValueError(f"{path}: schema is {header.get('schema')!r}, need {SCHEMA!r}")
    return replace(_assemble(path, tensors, header), file_sum=sha256(content))


def _assemble(
    path: Path, tensors: dict[str, npt.NDArray[np.float32]], header: dict[str, str]
) -> Policy:
    task = header.get("task", "")
    if task not in ROBOTS:
        raise ValueError(f"{path}: task is {task!r}, need one of {', '.join(ROBOTS)}")
    if header.get("activation") not in ACTIVATIONS or header.get("squash") not in SQUASHES:
        raise ValueError(f"{path}: unknown activation or squash in the header")
    first = tensors.get("layers.0.bias")
    expected = _shapes(robot(task), 0 if first is None else first.shape[0])
    found = {name: tensor.shape for name, tensor in tensors.items()}
    if found != expected:
        raise ValueError(f"{path}: tensors are {found}, need {expected}")
    for name, tensor in tensors.items():
        if tensor.dtype != np.float32 or not np.isfinite(tensor).all():
            raise ValueError(f"{path}: {name} must be finite float32 numbers")
    if not (tensors["observation.std"] > 0).all() or (tensors["action.std"] < 0).any():
        raise ValueError(f"{path}: standard deviations must be positive")
    double = {name: tensor.astype(np.float64) for name, tensor in tensors.items()}
    return Policy(
        task=task,
        weights=tuple(double[f"layers.{k}.weight"] for k in range(LAYERS)),
        biases=tuple(double[f"layers.{k}.bias"] for k in range(LAYERS)),
        observation_mean=double["observation.mean"],
        observation_std=double["observation.std"],
        observation_clip=float(header["observation_clip"]),
        # Six decimals: a float32 written by another machine may differ in its last bit.
        action_std=np.round(double["action.std"], 6),
        activation=header["activation"],
        squash=header["squash"],
        card=json.loads(header["card"]),
    )


def policy_path(task: str, stage: str) -> Path:
    """Return the file of one of the book's own policies."""
    of = robot(task)
    if stage not in of.stages:
        raise ValueError(f"stage must be one of {', '.join(of.stages)}, got {stage!r}")
    return POLICY_FOLDER / f"{task}_{stage}.safetensors"


def policies(task: str) -> tuple[Policy, ...]:
    """Return the book's policies for ``task``, in the order of their training.

    Raises:
        ValueError: If a file is damaged, or is not the one that was published.

    >>> len(policies("walker2d")), policies("walker2d")[0].act(np.zeros(17)).shape
    (4, (6,))
    """
    found = []
    stages, sums = robot(task).stages, published(task)["policies"]
    for stage in stages:
        path = policy_path(task, stage)
        policy = load_policy(path)
        if policy.file_sum != sums[stage]:
            raise ValueError(f"{path}: altered; its SHA-256 is not the published {sums[stage]}")
        found.append(policy)
    return tuple(found)
