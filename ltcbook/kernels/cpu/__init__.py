"""The CPU kernels, compiled by Numba: one task is a block of samples over all its time.

Chapter: ``making_it_fast``.
"""
