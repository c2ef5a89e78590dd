"""What the two papers print, and what is right: equations, theorems, errata, notation.

NumPy only; imports nothing of the package.
"""
