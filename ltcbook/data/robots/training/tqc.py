"""TQC for the half-cheetah, by SBX (stable-baselines3 in JAX)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ltcbook.data.cache import write_atomically
from ltcbook.data.robots.policy import Policy
from ltcbook.data.robots.robot import Robot

SETTINGS: dict[str, Any] = {
    "learning_starts": 10_000,
    "train_freq": 8,
    "gradient_steps": 8,
    "policy_kwargs": {"net_arch": {"pi": [64, 64], "qf": [256, 256]}},
}
_NETWORKS = ("actor_state", "qf1_state", "qf2_state")
_REPLAY = ("observations", "next_observations", "actions", "rewards", "dones", "timeouts")


class TQCLearner:
    """A TQC run that can be put down and taken up again, replay memory included."""

    algorithm = "TQC (SBX)"

    def __init__(self, of: Robot, seed: int) -> None:
        import gymnasium
        from sbx import TQC

        from ltcbook.data.robots.robot import quiet_compiler

        self._robot = of
        with quiet_compiler():
            environment = gymnasium.make(of.environment)
        self._model = TQC("MlpPolicy", environment, seed=seed, verbose=0, **SETTINGS)

    @property
    def steps(self) -> int:
        """Environment steps taken so far."""
        return int(self._model.num_timesteps)

    def advance(self, steps: int) -> None:
        """Train for ``steps`` more environment steps."""
        self._model.learn(steps, reset_num_timesteps=False)

    def save(self, path: Path) -> None:
        """Write a checkpoint (an .npz of plain arrays), whole or not at all."""
        from flax import serialization

        memory = self._model.replay_buffer
        filled = memory.buffer_size if memory.full else memory.pos
        arrays = {f"replay.{name}": getattr(memory, name)[:filled] for name in _REPLAY}
        for name, state in self._states().items():
            packed = serialization.to_bytes(state)
            arrays[f"state.{name}"] = np.frombuffer(packed, dtype=np.uint8)
        arrays["position"] = np.array([memory.pos, int(memory.full), self.steps])
        arrays["keys"] = np.stack([self._model.key, self._model.policy.key])
        write_atomically(path, lambda stream: np.savez(stream, **arrays))

    def load(self, path: Path) -> None:
        """Take up a checkpoint; nothing in it is executed."""
        import jax
        from flax import serialization

        with np.load(path, allow_pickle=False) as arrays:
            memory = self._model.replay_buffer
            memory.pos, full, self._model.num_timesteps = (int(n) for n in arrays["position"])
            memory.full = bool(full)
            for name in _REPLAY:
                stored = arrays[f"replay.{name}"]
                getattr(memory, name)[: len(stored)] = stored
            for name, state in self._states().items():
                packed = arrays[f"state.{name}"].tobytes()
                self._restore(name, serialization.from_bytes(state, packed))
            self._model.key, self._model.policy.key = jax.numpy.asarray(arrays["keys"])

    def _states(self) -> dict[str, Any]:
        states = {name: getattr(self._model.policy, name) for name in _NETWORKS}
        return {**states, "ent_coef_state": self._model.ent_coef_state}

    def _restore(self, name: str, state: Any) -> None:
        owner = self._model.policy if name in _NETWORKS else self._model
        setattr(owner, name, state)

    def policy(self, card: dict[str, str]) -> Policy:
        """Return the mean of the current actor as a policy of the book."""
        layers = self._model.policy.actor_state.params["params"]
        names = [f"Dense_{k}" for k in range(3)]
        observations, actions = len(self._robot.channels), len(self._robot.actuators)
        return Policy(
            task=self._robot.task,
            weights=tuple(np.array(layers[name]["kernel"], dtype=np.float64).T for name in names),
            biases=tuple(np.array(layers[name]["bias"], dtype=np.float64) for name in names),
            observation_mean=np.zeros(observations),
            observation_std=np.ones(observations),
            observation_clip=float("inf"),
            action_std=np.zeros(actions),
            activation="relu",
            squash="tanh",
            card=card,
        )
