"""The book's interactive pieces: live in a notebook, and in the built page without a kernel.

Each is one Python class, with its state as traits, and one front end in plain JavaScript whose
arithmetic is tested against the equation register.

Appendix: ``how_to_read``.
"""

from ltcbook.extras import explained

with explained():
    from ltcbook.teaching.widgets.clicks import Clicks
    from ltcbook.teaching.widgets.descriptor_explorer import DescriptorExplorer
    from ltcbook.teaching.widgets.exploration import Exploration
    from ltcbook.teaching.widgets.five_networks import FiveNetworks
    from ltcbook.teaching.widgets.membrane_stepper import MembraneStepper
    from ltcbook.teaching.widgets.motif_bench import MotifBench
    from ltcbook.teaching.widgets.prediction import Prediction
    from ltcbook.teaching.widgets.resnet_to_ode import ResNetToODE
    from ltcbook.teaching.widgets.results_explorer import ResultsExplorer
    from ltcbook.teaching.widgets.robot_theatre import RobotTheatre
    from ltcbook.teaching.widgets.sigmoid_stack import SigmoidStack
    from ltcbook.teaching.widgets.synapse_explorer import SynapseExplorer
    from ltcbook.teaching.widgets.train_here import TrainHere
    from ltcbook.teaching.widgets.tug_of_war import TugOfWar

__all__ = [
    "Clicks",
    "DescriptorExplorer",
    "Exploration",
    "FiveNetworks",
    "MembraneStepper",
    "MotifBench",
    "Prediction",
    "ResNetToODE",
    "ResultsExplorer",
    "RobotTheatre",
    "SigmoidStack",
    "SynapseExplorer",
    "TrainHere",
    "TugOfWar",
]
