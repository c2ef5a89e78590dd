"""Robots: trained policies, the rollouts they give, pictures of them, and how policies are trained.

May import ``data.cache`` and ``checks``; knows nothing of models. Chapter: ``robots_and_digits``.
"""
