"""ltcbook: liquid time-constant networks, from the artificial neuron to the liquid time constant.

The tested package behind the book: every model of *Neural Regulatory Networks* (A, arXiv
2002.12776) and *On the Benefits of Biophysical Synapses* (B), with their equations as a register.
"""

import sys
from typing import Any

from ltcbook.nn import wirings
from ltcbook.nn.descriptor import TypeDescriptor
from ltcbook.nn.from_ncps import from_ncps
from ltcbook.nn.named import CTRNN, LTC, CfC
from ltcbook.nn.table import NamedModel
from ltcbook.nn.zoo import build, count_letters, count_parameters, models, register_model
from ltcbook.papers.equations import register as equations
from ltcbook.teaching.show import show

__version__ = "0.1.0"

sys.modules["ltcbook.wirings"] = wirings  # for ``from ltcbook.wirings import AutoNCP``

__all__ = [
    "CTRNN",
    "LTC",
    "CfC",
    "NamedModel",
    "TypeDescriptor",
    "__version__",
    "build",
    "count_letters",
    "count_parameters",
    "equations",
    "from_ncps",
    "load",
    "models",
    "register_model",
    "show",
    "wirings",
]


def __getattr__(name: str) -> Any:
    """``ltcbook.load`` on first use: training needs more than the models do."""
    if name != "load":
        raise AttributeError(f"module 'ltcbook' has no attribute {name!r}")
    from ltcbook.training.saved import load

    return load
