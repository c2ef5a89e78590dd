"""Our backends and their peers, timed on the same work in one run."""

from ltcbook.bench.measure import Work, jobs, measure, peak_memory, sweep
from ltcbook.bench.plot import ladder

__all__ = ["Work", "jobs", "ladder", "measure", "peak_memory", "sweep"]
