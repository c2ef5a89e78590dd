"""The GPU kernels compile for an H100, and its processors can hold them; no GPU is needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from ltcbook import experiments
from ltcbook.experiments.bench.needs import needs
from ltcbook.experiments.bench.timing import Work

triton_backend = pytest.importorskip("ltcbook.kernels.triton.backend", exc_type=ImportError)

REGISTERS = 65536
"""Of one processor of an H100."""

SHARED = 48 * 1024
"""Bytes of shared memory that a program gets without asking."""

PROGRAM = """
import dataclasses, json
from ltcbook.experiments.bench.needs import needs
from ltcbook.experiments.bench.timing import Work

told = {}
for kind in ("synaptic", "presynaptic", "postsynaptic", "hidden"):
    for implicit in (False, True):
        told[f"{kind} {implicit}"] = needs(Work(hidden_size=17), kind, implicit)
for n in (1, 32, 64, 256):
    told[f"n = {n}"] = needs(Work(hidden_size=n))
for kind in ("presynaptic", "postsynaptic"):
    told[f"{kind} of one"] = needs(Work(hidden_size=1, input_size=1), kind)
told["large hidden"] = needs(Work(hidden_size=300), "hidden")
told["large batch"] = needs(Work(hidden_size=64, batch=4096))
told["float64"] = needs(Work(hidden_size=8), dtype="fp64")
rows = [{"work": w, "kernel": k, **dataclasses.asdict(v)} for w in told for k, v in told[w].items()]
print(json.dumps(rows))
"""


def test_every_kernel_compiles_for_an_h100_and_fits(tmp_path) -> None:
    environment = {**os.environ, "TRITON_CACHE_DIR": str(tmp_path)}
    environment.pop("TRITON_INTERPRET", None)  # the kernels themselves, not the interpreter
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    rows = json.loads(done.stdout)
    assert {row["kernel"] for row in rows} == {
        "scan_forward",
        "scan_adjoint",
        "layer_forward",
        "layer_adjoint",
        "synapse_gradients",
    }
    for row in rows:
        assert 32 * row["warps"] * row["registers"] <= REGISTERS, row
        assert row["spilled"] <= 16, row
        assert row["shared"] <= SHARED, row


def test_the_interpreter_has_nothing_to_tell(monkeypatch) -> None:
    monkeypatch.setattr(triton_backend, "INTERPRETED", True)
    with pytest.raises(RuntimeError, match="TRITON_INTERPRET must not be set"):
        needs(Work(hidden_size=2))


def test_the_committed_needs_are_of_these_kernels_and_tilings() -> None:
    rows = experiments.load("gpu_needs")["rows"]
    for row in rows:
        if row["kernel"] == "scan_forward":
            tiling = triton_backend.Tiling.of_scan(row["neurons"], Work().batch)
            assert row["warps"] == tiling.warps
    assert {row["neurons"] for row in rows} >= {32, 64, 256}
