"""Differential equations: the linear form that all continuous-time models share, and its solvers.

May import ``checks`` alone. Chapters: ``membrane_equation``, ``solver_primer``.
"""
