"""Training: the only loop of the project, ensembles of replicas, checkpoints, saved networks.

Chapter: ``making_it_fast``.
"""

from ltcbook.extras import explained

with explained():
    from ltcbook.training.ensemble import Ensemble
    from ltcbook.training.losses import LOSSES, Loss, Scores
    from ltcbook.training.recipe import Recipe, Replica
    from ltcbook.training.run import Run
    from ltcbook.training.saved import Saved, load
    from ltcbook.training.trainer import Result, train

__all__ = [
    "LOSSES",
    "Ensemble",
    "Loss",
    "Recipe",
    "Replica",
    "Result",
    "Run",
    "Saved",
    "Scores",
    "load",
    "train",
]
