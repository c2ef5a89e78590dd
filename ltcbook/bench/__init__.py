"""Our backends and their peers, timed on the same work in one run.

Chapter: ``making_it_fast``.
"""

from ltcbook.bench.plot import ladder
from ltcbook.bench.timing import Work, jobs, measure, peak_memory, sweep

__all__ = ["Work", "jobs", "ladder", "measure", "peak_memory", "sweep"]
