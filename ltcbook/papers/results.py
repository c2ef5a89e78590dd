"""Paper B's printed results as data: Table 1.

B's figures 5 to 8 print no numbers, so the table is all that can be set beside ours.
"""

from __future__ import annotations

import math
from typing import NamedTuple

_NAN = math.nan


class Printed(NamedTuple):
    """An entry of Table 1.

    Attributes:
        parameters: of the model.
        error: mean squared error times 100, as printed.
        spread: what follows the ±; NaN where "nan" is printed.
    """

    parameters: int
    error: float
    spread: float


SIZES = (8, 16, 32, 64)
_ROWS: dict[tuple[str, str], list[tuple[int, float, float]]] = {
    ("ANODE", "linear"): [
        (1663, 0.62, 0.04), (2263, 0.46, 0.01), (3463, 0.40, 0.02), (5863, 0.31, 0.01)],
    ("CT-GRU", "linear"): [(5139, 0.84, 0.05), (12427, 0.50, 0.02)],
    ("LSTM", "linear"): [(1427, 0.94, 0.00), (3339, 0.53, 0.02), (8699, 0.38, 0.00)],
    ("NA-CT-RNN", "linear"): [
        (555, 1.10, _NAN), (1211, 0.60, _NAN), (2907, 0.41, 0.01), (7835, 0.45, 0.02)],
    ("NA-CT-RNN", "synaptic"): [
        (601, 1.04, 0.04), (1249, 0.58, 0.02), (2929, 0.45, 0.08), (7825, 0.57, 0.04)],
    ("NA-LTC", "linear"): [
        (571, 1.15, 0.07), (1243, 0.56, 0.01), (2971, 0.40, _NAN), (7963, 0.32, 0.07)],
    ("NA-LTC", "synaptic"): [
        (617, 1.08, _NAN), (1281, 0.67, _NAN), (2993, 0.52, 0.01), (7953, 0.61, 0.06)],
    ("SA-CT-RNN", "linear"): [(667, 1.01, 0.02), (1691, 0.54, 0.00), (4891, 0.36, _NAN)],
    ("SA-CT-RNN", "synaptic"): [(1091, 0.88, 0.04), (2539, 0.61, _NAN), (6587, 0.50, 0.04)],
    ("SA-LTC", "linear"): [(947, 0.93, _NAN), (2379, 0.46, 0.02), (6779, 0.33, 0.03)],
    ("SA-LTC", "synaptic"): [(1371, 0.82, 0.03), (3227, 0.47, 0.03), (8475, 0.28, _NAN)],
}  # fmt: skip

TABLE_1: dict[tuple[str, str, int], Printed] = {
    (model, input_map, n): Printed(*entry)
    for (model, input_map), entries in _ROWS.items()
    for n, entry in zip(SIZES, entries, strict=False)
}
"""By model (without S or T, which the table leaves out), input map and number of units.

Its caption reads "Results for the INSERT experiments"; its counts fit half-cheetah kinematics
alone (B.E33).
"""
