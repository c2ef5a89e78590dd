"""The Walker2d files that Lechner and Hasani published, very likely paper B's own data."""

from __future__ import annotations

import io
import re
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ltcbook.data.cache import cache_directory, data_directory, keep, sha256
from ltcbook.data.download import fetch
from ltcbook.data.robots.rollout_set import Rollout, RolloutSet, join, load_rollouts, save_rollouts

REPOSITORY = "raminmh/CfC"
COMMIT = "59f6e01fd4809331f6dd3ddf0f8bf5890c9e71a7"
MIRRORS = (
    f"https://codeload.github.com/{REPOSITORY}/tar.gz/{COMMIT}",
    f"https://github.com/{REPOSITORY}/archive/{COMMIT}.tar.gz",
)
SHA256 = "86eeabcc676522a7136baf03eadf11f39d50cd493a754d316f6d82cbdc6692a0"
"""Of the observations of all rollouts in file order, as little-endian float32."""
ROLLOUTS = 400
LICENCE = "MIT, Copyright (c) 2021 Ramin Hasani"
LARGEST_ARCHIVE = 256 * 2**20
FOLDER = "walker2d_original"
KEPT = "rollouts.safetensors"
_MEMBER = re.compile(r"/data/walker/rollout_(\d{3})\.npy$")


def _assemble(arrays: list[npt.NDArray[Any]], name: str) -> RolloutSet:
    if len(arrays) != ROLLOUTS or any(array.ndim != 2 for array in arrays):
        raise ValueError(f"{name}: need {ROLLOUTS} rollouts, got {len(arrays)}")
    observations = [array.astype(np.float32) for array in arrays]
    found = sha256(np.concatenate(observations).astype("<f4").tobytes())
    if found != SHA256:
        raise ValueError(f"{name}: SHA-256 of the observations is {found}, need {SHA256}")
    rollouts = [Rollout(array, None, float("nan")) for array in observations]
    origin = {
        "source": "original",
        "repository": f"https://github.com/{REPOSITORY}",
        "commit": COMMIT,
        "files": "data/walker/rollout_000.npy to rollout_399.npy, float64 there, float32 here",
        "licence": LICENCE,
    }
    joined = join("walker2d", rollouts, [0] * ROLLOUTS, origin)
    return join(
        "walker2d", rollouts, [0] * ROLLOUTS, {**origin, "fingerprint": joined.fingerprint()}
    )


def read_archive(content: bytes, name: str) -> RolloutSet:
    """Return the rollouts in the bytes of the repository's tar.gz; nothing is unpacked to disk."""
    arrays = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            for member in archive:
                match = _MEMBER.search(member.name)
                stream = archive.extractfile(member) if match and member.isfile() else None
                if match and stream is not None:
                    arrays[match[1]] = np.load(io.BytesIO(stream.read()), allow_pickle=False)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ValueError(f"{name}: not a whole tar.gz archive ({error})") from error
    return _assemble([arrays[number] for number in sorted(arrays)], name)


def read_npz(path: Path) -> RolloutSet:
    """Return the rollouts in an .npz of ``observations`` (steps, 17) and ``lengths`` (400,)."""
    if not path.is_file():
        raise ValueError(f"{path}: a directory, need the .npz file")
    try:
        with np.load(path, allow_pickle=False) as arrays:
            observations, lengths = arrays["observations"], arrays["lengths"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path}: not an .npz of observations and lengths ({error})") from error
    if lengths.ndim != 1 or lengths.sum() != len(observations):
        raise ValueError(f"{path}: lengths do not add up to the {len(observations)} observations")
    return _assemble(np.split(observations, np.cumsum(lengths)[:-1]), str(path))


def original_file() -> Path | None:
    """Return where this machine has the rollouts, or None."""
    folder = data_directory()
    places = [] if folder is None else [folder / FOLDER / "rollouts.npz"]
    places.append(cache_directory() / FOLDER / KEPT)
    return next((place for place in places if place.exists()), None)


def load_original() -> RolloutSet:
    """Return the original Walker2d rollouts: 400 files, observations only, stages unknown.

    Looks for ``walker2d_original/rollouts.npz`` in ``LTCBOOK_DATA``, then in the cache, then
    downloads the public repository at its commit (once) and keeps the rollouts in the cache.

    Raises:
        ValueError: If a file is there but not the published data.
        DownloadError: If it is nowhere and the repository does not answer.

    >>> rollouts = load_original()  # doctest: +SKIP
    """
    at_hand = original_file()
    if at_hand is not None:
        return read_npz(at_hand) if at_hand.suffix == ".npz" else load_rollouts(at_hand)
    kept = cache_directory() / FOLDER / KEPT
    _, rollouts = fetch(
        MIRRORS,
        lambda content: read_archive(content, f"{REPOSITORY} at {COMMIT[:7]}"),
        limit=LARGEST_ARCHIVE,
        command="python -m ltcbook data collect walker2d-original",
        kept=kept,
        place=f"{FOLDER}/rollouts.npz",
    )
    keep(lambda: save_rollouts(rollouts, kept))
    return rollouts
