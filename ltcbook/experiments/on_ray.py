"""``ltcbook run --engine ray``: the same grid on a Ray cluster.

Each of Ray's tasks is one runner of :mod:`ltcbook.experiments.runner`, on one core. Runners agree
through the store, so the store's folder must be one that all nodes see; a runner whose process or
node dies is started again by Ray and finds its claim free and its checkpoint where it was.

Needs the extra ``ray``.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from ltcbook.experiments.plans import Profile
from ltcbook.experiments.runner import ONE_THREAD, work
from ltcbook.experiments.store import Store

RESTARTS = 20
"""How often Ray starts a runner again whose process died."""


def run_on_ray(profile: Profile, store: Store, address: str | None, workers: int) -> int:
    """Do all that a profile lacks on a cluster.

    Args:
        profile: what shall be done.
        store: in a folder that all nodes see.
        address: of a running cluster; None starts a local one for as long as this lasts.
        workers: runners, one core each.

    Returns:
        The exit code: that of the runner that fared worst.

    Raises:
        ValueError: if Ray is not installed, or the cluster cannot be reached.
    """
    try:
        import ray
    except ImportError as error:
        raise ValueError("engine ray needs the package ray: pip install 'ltcbook[ray]'") from error
    start: dict[str, Any] = {} if address else {"num_cpus": workers, "include_dashboard": False}
    try:
        ray.init(
            address=address,
            runtime_env={"env_vars": ONE_THREAD},
            log_to_driver=False,
            logging_level=logging.ERROR,
            **start,
        )
    except (ConnectionError, RuntimeError) as error:
        raise ValueError(
            f"address {address!r} does not answer as a Ray cluster: {error}"
        ) from error
    try:
        runner = ray.remote(num_cpus=1, max_retries=RESTARTS)(_work)
        folder = str(store.folder.resolve())
        running = [runner.remote(profile, folder) for _ in range(workers)]
        codes: list[int] = ray.get(running)
    except ray.exceptions.RayError as error:
        raise ValueError(f"a runner could not go on: {error}") from error
    finally:
        ray.shutdown()
    store.compact()
    return max(codes, default=0)


def _work(profile: Profile, folder: str) -> int:
    """One runner, on whatever node."""
    return work(profile, Store(Path(folder)))
