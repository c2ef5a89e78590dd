"""The book's interactive pieces: live in a notebook, and in the built page without a kernel.

Each is one Python class, with its state as traits, and one front end in plain JavaScript whose
arithmetic is tested against the equation register.

Appendix: ``how_to_read``.
"""

from ltcbook.widgets.descriptor_explorer import DescriptorExplorer
from ltcbook.widgets.exploration import Exploration
from ltcbook.widgets.membrane_stepper import MembraneStepper
from ltcbook.widgets.motif_bench import MotifBench
from ltcbook.widgets.resnet_to_ode import ResNetToODE
from ltcbook.widgets.synapse_explorer import SynapseExplorer

__all__ = [
    "DescriptorExplorer",
    "Exploration",
    "MembraneStepper",
    "MotifBench",
    "ResNetToODE",
    "SynapseExplorer",
]
