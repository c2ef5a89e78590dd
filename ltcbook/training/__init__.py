"""Training: the loop, ensembles of replicas, checkpoints.

Chapter: ``making_it_fast``.
"""

from ltcbook.training.ensemble import Ensemble
from ltcbook.training.recipe import Recipe
from ltcbook.training.run import Run
from ltcbook.training.train import Result, train

__all__ = ["Ensemble", "Recipe", "Result", "Run", "train"]
