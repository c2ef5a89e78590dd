"""The files of training: safetensors with a header that says what they are; nothing is pickled.

A file from elsewhere can hold wrong numbers, but it cannot run code.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from ltcbook.data.cache import write_atomically

PACKAGES = ("ltcbook", "torch", "numpy", "numba", "safetensors")


def versions() -> dict[str, str]:
    """What a result was made with: Python and the packages that decide its bits."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # run from its source
            found[package] = "not installed"
    return found


def write(
    path: Path, kind: str, schema: int, tensors: Mapping[str, Tensor], header: Mapping[str, Any]
) -> None:
    """Write tensors and a header whole or not at all.

    Args:
        path: of the file; its folder is made.
        kind, schema: what the file is, and the version of its layout.
        tensors: by name.
        header: what JSON can write.

    Raises:
        WriteError: if there is no room, or no permission.
    """
    metadata = {name: json.dumps(value) for name, value in header.items()}
    metadata |= {"format": kind, "schema": str(schema)}
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    content = save(plain, metadata)
    write_atomically(path, lambda stream: stream.write(content))


def read(
    path: Path, kind: str, schema: int, entries: Iterable[str], if_damaged: str
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what :func:`write` wrote; the header has at least ``entries``.

    Args:
        path, kind, schema: as of :func:`write`.
        entries: of the header, that must be there.
        if_damaged: what to do then.

    Raises:
        ValueError: if the file is missing, damaged, of another kind or of another schema.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        reason = f"{error}; {if_damaged}" if path.is_file() else "there is no such file"
        raise ValueError(f"cannot read {path}: {reason}") from error
    if metadata.get("format") != kind:
        raise ValueError(f"{path} is not a {kind}")
    found = metadata.get("schema", "")
    if not found.isdigit() or int(found) != schema:
        advice = (
            "update ltcbook to read it" if found.isdigit() and int(found) > schema else "delete it"
        )
        raise ValueError(
            f"{path} has schema {found or 'none'} of a {kind}, this ltcbook reads {schema}; "
            f"{advice}"
        )
    try:
        header = {name: json.loads(metadata[name]) for name in entries}
    except (KeyError, ValueError) as error:
        raise ValueError(f"{path} lacks a part of its description: {error}") from error
    return tensors, header


def check_shapes(
    path: Path, tensors: Mapping[str, Tensor], wanted: Mapping[str, tuple[int, ...]]
) -> None:
    """Refuse a file that lacks a tensor or has it in another shape.

    Raises:
        ValueError: naming the first such tensor.
    """
    for name, shape in wanted.items():
        found = tuple(tensors[name].shape) if name in tensors else None
        if found != shape:
            came = "is missing" if found is None else f"has shape {found}"
            raise ValueError(f"{path}: tensor {name!r} {came}, need shape {shape}")
