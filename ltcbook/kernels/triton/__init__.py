"""The GPU kernels, compiled by Triton: one program is a tile of a batch over all its time.

Chapter: ``making_it_fast``.
"""
