"""The data of the book: policies, rollouts, digits and sequences.

``load`` gives a learning task ready to train on; ``collect`` gives whole rollouts.

Chapter: ``robots_and_digits``.
"""

from ltcbook.data.cache import cache_directory
from ltcbook.data.download import DownloadError
from ltcbook.data.fingerprint import Verdict, verify
from ltcbook.data.images import Images, load_images
from ltcbook.data.original import load_original
from ltcbook.data.policy import Policy, load_policy, policies
from ltcbook.data.probes import Difficulty, difficulty
from ltcbook.data.robots import ROBOTS, Robot, robot
from ltcbook.data.rollout_set import Rollout, RolloutSet, load_rollouts, save_rollouts
from ltcbook.data.rollouts import collect, simulate
from ltcbook.data.sequences import Scaler, Sequences
from ltcbook.data.tasks import TASKS, TaskData, load

__all__ = [
    "ROBOTS",
    "TASKS",
    "Difficulty",
    "DownloadError",
    "Images",
    "Policy",
    "Robot",
    "Rollout",
    "RolloutSet",
    "Scaler",
    "Sequences",
    "TaskData",
    "Verdict",
    "cache_directory",
    "collect",
    "difficulty",
    "load",
    "load_images",
    "load_original",
    "load_policy",
    "load_rollouts",
    "policies",
    "robot",
    "save_rollouts",
    "simulate",
    "verify",
]
