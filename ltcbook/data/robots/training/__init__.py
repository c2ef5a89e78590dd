"""Train the book's policies again: ``ltcbook data train-policy``.

Only readers who want other policies need this; it wants the extra ``train``
(stable-baselines3, and SBX for the half-cheetah).
"""

from ltcbook.data.robots.training.run import PLANS, Plan, choose_stages, train_policy

__all__ = ["PLANS", "Plan", "choose_stages", "train_policy"]
