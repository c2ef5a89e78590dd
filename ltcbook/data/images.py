"""MNIST and Fashion-MNIST as the files that were published (IDX, gzip)."""

from __future__ import annotations

import gzip
import math
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ltcbook.data.cache import cache_directory, data_directory, keep, sha256, write_atomically
from ltcbook.data.download import fetch

Pixels = npt.NDArray[np.uint8]

FILES = {
    "train_images": "train-images-idx3-ubyte.gz",
    "train_labels": "train-labels-idx1-ubyte.gz",
    "test_images": "t10k-images-idx3-ubyte.gz",
    "test_labels": "t10k-labels-idx1-ubyte.gz",
}
UNSIGNED_BYTE = 0x08
LARGEST_FILE = 64 * 2**20


@dataclass(frozen=True)
class ImageSource:
    """A published set of images.

    Attributes:
        name: The task, and the folder under the data folder and the cache.
        mirrors: Addresses that end where the file name follows.
        sums: SHA-256 of each file.
        compressed: Whether ``sums`` are of the gzip files (True) or of what is in them (False).
        licence: Of the data, with its holder.
    """

    name: str
    mirrors: tuple[str, ...]
    sums: dict[str, str]
    compressed: bool
    licence: str


MNIST = ImageSource(
    name="mnist",
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    sums={
        "train_images": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "train_labels": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "test_images": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "test_labels": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
    compressed=False,
    licence="CC BY-SA 3.0, Yann LeCun and Corinna Cortes",
)
FASHION_MNIST = ImageSource(
    name="fashion-mnist",
    mirrors=(
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
    sums={
        "train_images": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "train_labels": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "test_images": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "test_labels": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    },
    compressed=True,
    licence="MIT, Zalando SE",
)
SOURCES = {source.name: source for source in (MNIST, FASHION_MNIST)}


@dataclass(frozen=True, eq=False)
class Images:
    """Images (N, 28, 28) of unsigned bytes and their classes (N,), for training and for test.

    >>> from ltcbook.data.digits import tiny_digits
    >>> images = tiny_digits()
    >>> images.train_images.shape, images.train_images.dtype
    ((1000, 8, 8), dtype('uint8'))
    """

    train_images: Pixels
    train_labels: Pixels
    test_images: Pixels
    test_labels: Pixels


def parse_idx(content: bytes, name: str) -> Pixels:
    """Return the array in the bytes of an IDX file of unsigned bytes.

    Raises:
        ValueError: If the magic number is wrong or the sizes do not fit the length; starts with
            ``name``.
    """
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != UNSIGNED_BYTE:
        raise ValueError(
            f"{name}: not an IDX file of unsigned bytes: starts with {content[:4].hex()}, "
            "need 00000801 or 00000803"
        )
    axes = content[3]
    start = 4 + 4 * axes
    shape = [int.from_bytes(content[4 + 4 * k : 8 + 4 * k], "big") for k in range(axes)]
    if len(content) < start or math.prod(shape) != len(content) - start or axes == 0:
        raise ValueError(
            f"{name}: the header says {' x '.join(map(str, shape))} bytes, "
            f"but {max(len(content) - start, 0)} follow"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)


def unpack(source: ImageSource, part: str, content: bytes, name: str) -> Pixels:
    """Return the array in a gzip file after checking its SHA-256."""
    try:
        raw = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{name}: not a whole gzip file ({error})") from error
    array = parse_idx(raw, name)
    found = sha256(content if source.compressed else raw)
    if found != source.sums[part]:
        raise ValueError(f"{name}: SHA-256 is {found}, need {source.sums[part]}")
    return array


def _read(source: ImageSource, part: str) -> Pixels:
    file = FILES[part]
    folders = [data_directory(), cache_directory()]
    for folder in folders:
        path = None if folder is None else folder / source.name / file
        if path is not None and path.exists():
            if not path.is_file():
                raise ValueError(f"{path}: a directory, need the gzip file")
            return unpack(source, part, path.read_bytes(), str(path))
    kept = cache_directory() / source.name / file
    content, array = fetch(
        [mirror + file for mirror in source.mirrors],
        lambda content: unpack(source, part, content, file),
        limit=LARGEST_FILE,
        command=f"python -m ltcbook data collect {source.name}",
        kept=kept,
        place=f"{source.name}/{file}",
    )
    keep(lambda: write_atomically(kept, lambda stream: stream.write(content)))
    return array


def load_images(name: str) -> Images:
    """Return MNIST or Fashion-MNIST.

    Looks in ``LTCBOOK_DATA``, then in the cache, then downloads into the cache.

    Raises:
        ValueError: If a file is there but not the published one.
        DownloadError: If a file is nowhere and no mirror answers.

    >>> images = load_images("mnist")  # doctest: +SKIP
    """
    source = SOURCES[name]
    parts = {part: _read(source, part) for part in FILES}
    for half in ("train", "test"):
        images, labels = parts[f"{half}_images"], parts[f"{half}_labels"]
        if images.ndim != 3 or labels.shape != images.shape[:1]:
            raise ValueError(
                f"{name}: {half} images have shape {images.shape}, labels {labels.shape}"
            )
    return Images(**parts)


def files(name: str) -> list[Path]:
    """Return where this machine has the files of ``name`` (those that are there)."""
    folders = [folder for folder in (data_directory(), cache_directory()) if folder is not None]
    found = [folder / name / file for folder in folders for file in FILES.values()]
    return [path for path in found if path.is_file()]
