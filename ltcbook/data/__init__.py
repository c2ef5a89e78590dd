"""The data of the book: policies, rollouts, digits and sequences.

``load`` gives a learning task ready to train on, ``from_arrays`` one of your own data;
``collect`` gives whole rollouts.

Chapter: ``robots_and_digits``.
"""

from ltcbook.extras import explained

with explained():
    from ltcbook.data.arrays import from_arrays, from_file
    from ltcbook.data.cache import CacheWarning, WriteError, cache_directory
    from ltcbook.data.download import DownloadError
    from ltcbook.data.images import Images, load_images
    from ltcbook.data.robots.fingerprint import Verdict, verify
    from ltcbook.data.robots.original import load_original
    from ltcbook.data.robots.policy import Policy, load_policy, policies
    from ltcbook.data.robots.probes import Difficulty, difficulty
    from ltcbook.data.robots.robot import ROBOTS, Robot, robot
    from ltcbook.data.robots.rollout_set import Rollout, RolloutSet, load_rollouts, save_rollouts
    from ltcbook.data.robots.rollouts import collect, simulate
    from ltcbook.data.sequences import Scaler, Sequences
    from ltcbook.data.tasks import TASKS, TaskData, load

__all__ = [
    "ROBOTS",
    "TASKS",
    "CacheWarning",
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
    "WriteError",
    "cache_directory",
    "collect",
    "difficulty",
    "from_arrays",
    "from_file",
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
