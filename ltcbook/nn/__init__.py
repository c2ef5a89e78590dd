"""The models: synapses, cells, the networks around them, and the table of names.

May import ``ode`` (how a cell is integrated), ``kernels`` (who computes a scan) and ``checks``.
"""
