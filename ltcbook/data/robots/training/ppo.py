"""PPO for Walker2d, by stable-baselines3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ltcbook.data.cache import write_atomically
from ltcbook.data.robots.policy import Policy
from ltcbook.data.robots.robot import Robot

ENVIRONMENTS = 8
STEPS_PER_ITERATION = 4096
SETTINGS: dict[str, Any] = {
    "n_steps": STEPS_PER_ITERATION // ENVIRONMENTS,
    "batch_size": 128,
    "n_epochs": 10,
    "learning_rate": 3e-4,
    "clip_range": 0.2,
    "gae_lambda": 0.95,
    "gamma": 0.99,
}
OBSERVATION_CLIP = 10.0


class PPOLearner:
    """A PPO run that can be put down and taken up again.

    A checkpoint holds tensors only (networks, optimiser, observation statistics); the running
    episodes begin anew when a run is resumed.
    """

    algorithm = "PPO (stable-baselines3)"

    def __init__(self, of: Robot, seed: int) -> None:
        from stable_baselines3 import PPO
        from stable_baselines3.common.env_util import make_vec_env
        from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize

        self._robot = of
        self._environments = VecNormalize(
            make_vec_env(of.environment, ENVIRONMENTS, seed=seed, vec_env_cls=DummyVecEnv),
            clip_obs=OBSERVATION_CLIP,
        )
        self._model = PPO(
            "MlpPolicy", self._environments, seed=seed, device="cpu", verbose=0, **SETTINGS
        )

    @property
    def steps(self) -> int:
        """Environment steps taken so far."""
        return int(self._model.num_timesteps)

    def advance(self, steps: int) -> None:
        """Train for ``steps`` more steps (a multiple of one iteration)."""
        self._model.learn(steps, reset_num_timesteps=False)

    def save(self, path: Path) -> None:
        """Write a checkpoint, whole or not at all."""
        import torch

        moments = {
            name: {
                "mean": torch.as_tensor(running.mean),
                "var": torch.as_tensor(running.var),
                "count": float(running.count),
            }
            for name, running in self._running().items()
        }
        state = {
            "networks": self._model.get_parameters(),
            "moments": moments,
            "steps": self.steps,
        }
        write_atomically(path, lambda stream: torch.save(state, stream))

    def load(self, path: Path) -> None:
        """Take up a checkpoint; nothing in it is executed."""
        import torch

        state = torch.load(path, weights_only=True, map_location="cpu")
        self._model.set_parameters(state["networks"], exact_match=True)
        self._model.num_timesteps = state["steps"]
        for name, running in self._running().items():
            running.mean = state["moments"][name]["mean"].numpy()
            running.var = state["moments"][name]["var"].numpy()
            running.count = state["moments"][name]["count"]

    def _running(self) -> dict[str, Any]:
        return {"observation": self._environments.obs_rms, "return": self._environments.ret_rms}

    def policy(self, card: dict[str, str]) -> Policy:
        """Return the current actor as a policy of the book."""
        networks = self._model.policy.state_dict()
        names = ("mlp_extractor.policy_net.0", "mlp_extractor.policy_net.2", "action_net")
        moments = self._environments.obs_rms
        return Policy(
            task=self._robot.task,
            weights=tuple(networks[f"{name}.weight"].double().numpy().copy() for name in names),
            biases=tuple(networks[f"{name}.bias"].double().numpy().copy() for name in names),
            observation_mean=np.array(moments.mean),
            observation_std=np.sqrt(moments.var + self._environments.epsilon),
            observation_clip=OBSERVATION_CLIP,
            action_std=np.round(np.exp(networks["log_std"].double().numpy()), 6),
            activation="tanh",
            squash="clip",
            card=card,
        )
