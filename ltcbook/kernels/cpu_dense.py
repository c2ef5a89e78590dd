"""A dense map on the CPU whose rows do not depend on their neighbours: readouts and input maps.

A library's matrix product may add up in another order when there are more rows. Then a sequence in
two halves would not give the bits that the whole gives. Here each entry is one sum, in one order.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

from ltcbook.kernels.compiling import Array, compiled


@compiled
def dense_forward(table: Array, bias: Array, x: Array, y: Array) -> None:
    """Fill y (rows, out) with x (rows, in) times ``table`` (in, out), plus bias (out,)."""
    for row in range(x.shape[0]):
        for k in range(bias.shape[0]):
            y[row, k] = bias[k]
        for j in range(x.shape[1]):
            for k in range(bias.shape[0]):
                y[row, k] += x[row, j] * table[j, k]


@compiled
def dense_backward(
    weight: Array, x: Array, y_bar: Array, x_bar: Array, weight_bar: Array, bias_bar: Array
) -> None:
    """Add to x_bar (rows, in), weight_bar (out, in) and bias_bar (out,); weight is (out, in)."""
    for row in range(x.shape[0]):
        for k in range(y_bar.shape[1]):
            for j in range(x.shape[1]):
                x_bar[row, j] += y_bar[row, k] * weight[k, j]
                weight_bar[k, j] += y_bar[row, k] * x[row, j]
            bias_bar[k] += y_bar[row, k]
