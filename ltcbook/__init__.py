"""ltcbook: liquid time-constant networks, from the artificial neuron to the liquid time constant.

The tested package behind the book: every model of *Neural Regulatory Networks* (A, arXiv
2002.12776) and *On the Benefits of Biophysical Synapses* (B), with their equations as a register.
"""

from ltcbook.descriptor import TypeDescriptor
from ltcbook.equations import register as equations
from ltcbook.show import show
from ltcbook.zoo import build, count_letters, count_parameters, models

__version__ = "0.1.0"

__all__ = [
    "TypeDescriptor",
    "__version__",
    "build",
    "count_letters",
    "count_parameters",
    "equations",
    "models",
    "show",
]
