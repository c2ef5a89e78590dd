"""The network of a row, trained again: the store keeps scores and recipes, and no weights.

A run's recipe decides its numbers to the last bit on one kind of processor, so nothing is lost by
throwing the weights away; and who trains a row's network again has repeated the row.

Chapter: ``closing_the_loop``.
"""

from __future__ import annotations

import math

from ltcbook.data import variants
from ltcbook.data.tasks import TaskData
from ltcbook.experiments.contenders import WITHOUT_CLOCK
from ltcbook.experiments.scores import outputs_of, score
from ltcbook.experiments.store import Row
from ltcbook.experiments.trials import Trial, data_identity
from ltcbook.kernels.cpu.threads import one_torch_thread
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.training import Run

__all__ = ["network_of"]

CLOSE = 0.05
"""So far, as a share, may the test loss be from the row's.

Other processors round otherwise, and training amplifies it: a start that differs in the last digit
moved an LSTM's loss by 0.6 %, and those of other networks by less.
"""


def network_of(row: Row, task: TaskData) -> RecurrentNetwork:
    """Train the network of a final row again, as it was at its best epoch.

    Args:
        row: of a store.
        task: its data, as ``Trial.load`` gives them.

    Returns:
        The network; its test loss is that of the row.

    Raises:
        ValueError: for a row without a test loss (a baseline, a search, a run that diverged),
            other data than the row's, or a test loss that is not the row's.

    >>> from ltcbook import experiments
    >>> of_task = [r for r in experiments.runs().rows() if r["task"] == "halfcheetah-cloning"]
    >>> row = next(r for r in of_task if r["model"] == "feed-forward" and r["purpose"] == "final")
    >>> network = network_of(row, Trial.of(row).load())  # seconds
    >>> network.hidden_size == row["hidden_size"]
    True
    """
    if row["purpose"] != "final" or row["test_loss"] is None:
        what = f"a {row['purpose']}" if row["purpose"] != "final" else "a run that diverged"
        raise ValueError(f"row must be of a final run with a test loss, got one of {what}")
    trial = Trial.of(row)
    if trial.id(data_identity(task)) != row["run"]:
        raise ValueError(f"task must hold the data of run {row['run']}, got {task.name} of others")
    if trial.model in WITHOUT_CLOCK:
        task = variants.without_time_spans(task)
    with one_torch_thread():
        run = Run(trial.recipe(), task, "cpu")
        while not run.finished:
            run.train_epoch()
        network = run.network(0)
        found = score(outputs_of(network, task.test), task.test).loss
    if not math.isclose(found, float(row["test_loss"]), rel_tol=CLOSE):
        raise ValueError(
            f"run {row['run']}: trained again, its test loss is {found:.6g}, "
            f"and the row says {row['test_loss']:.6g}"
        )
    return network
