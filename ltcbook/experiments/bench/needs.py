"""What a GPU kernel needs of a processor, told by the compiler; no GPU is needed for that.

``python -m ltcbook.experiments.bench.needs`` compiles the kernels of the bench's network for an
H100 and writes what they take of the registers and the shared memory of one of its processors, as
JSON.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ltcbook.experiments.bench.timing import Work
from ltcbook.experiments.provenance import provenance
from ltcbook.kernels.recurrence import Kind

H100 = ("cuda", 90, 32)
"""Kind of GPU, compute capability (9.0) and lanes of a warp."""


AUGMENTED = 10
"""Dimensions that B adds to a NeuralODE's state."""


@dataclass(frozen=True)
class Needs:
    """What one program takes of the processor that runs it.

    Attributes:
        warps: of 32 lanes.
        registers: of each lane, four bytes each.
        spilled: bytes of each lane that found no register.
        shared: bytes of the memory that the lanes of a program share.
    """

    warps: int
    registers: int
    spilled: int
    shared: int


def needs(
    work: Work, kind: Kind = "synaptic", implicit: bool = False, dtype: str = "fp32"
) -> dict[str, Needs]:
    """Compile all kernels of a gated network for an H100; by the kernel's name.

    Args:
        work: sizes of the network and of its batch.
        kind: of its synapses; the sensory layer and the gradients of synapses are compiled only
            for those kinds that have them.
        implicit: semi-implicit instead of explicit Euler.
        dtype: ``"fp32"`` or ``"fp64"``.

    Raises:
        RuntimeError: in Triton's interpreter, which compiles nothing.
    """
    from ltcbook.kernels.triton import backend, tiling
    from ltcbook.kernels.triton import scan as kernels

    if backend.INTERPRETED:
        raise RuntimeError("TRITON_INTERPRET must not be set: the interpreter compiles nothing")
    m, n = work.input_size, work.hidden_size
    gated: dict[str, Any] = {"GATED": True}
    hidden = kind == "hidden"  # an augmented NeuralODE, whose state has room for the inputs
    n, units = (m + AUGMENTED, n) if hidden else (n, n)
    scan: dict[str, Any] = {"KIND": kind, "IMPLICIT": implicit}
    scan |= {"GATED": not hidden, "OVERWRITES": hidden}
    scan |= tiling.scan_constants(n, units, work.batch)
    layer = {"KIND": kind, **gated, **tiling.Tiling.of(m, n, tiling.LAYER_SAMPLES).constants}
    todo = [
        (kernels.scan_forward, scan | {"KEEP": True}),
        (kernels.scan_adjoint, scan | {"SPANS": False}),
    ]
    if kind in ("synaptic", "presynaptic"):
        todo += [(kernels.layer_forward, layer), (kernels.layer_adjoint, layer)]
    if kind == "synaptic":
        todo.append((kernels.synapse_gradients, gated | tiling.gradient_constants(n, n)))
    ones = {name: 1 for name, size in (("n", n), ("pre", m), ("post", n)) if size == 1}
    return {
        kernel.__name__: _compile(kernel, {**constants, **ones}, dtype)
        for kernel, constants in todo
    }


SIZES = {
    "batch",
    "time",
    "unfolds",
    "n",
    "units",
    "m",
    "rows",
    "steps",
    "gap",
    "slice_rows",
    "pre",
    "post",
}
"""The arguments of kernels that are whole numbers; all others are tensors. A width of 1 is known
when a kernel is compiled, as it is at a launch."""


def _compile(kernel: Any, constants: dict[str, Any], dtype: str) -> Needs:
    import triton
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    names = {parameter.name for parameter in kernel.params}
    constants = {name: value for name, value in constants.items() if name in {*names, "num_warps"}}

    def type_of(parameter: Any) -> str:
        if parameter.name in constants:
            return "constexpr"
        return "i32" if parameter.name in SIZES else f"*{dtype}"

    warps = constants.pop("num_warps")
    source = ASTSource(kernel, {p.name: type_of(p) for p in kernel.params}, constants)
    compiled = triton.compile(source, target=GPUTarget(*H100), options={"num_warps": warps})
    with tempfile.TemporaryDirectory() as folder:
        binary = Path(folder) / "kernel.cubin"
        binary.write_bytes(compiled.asm["cubin"])
        command = [triton.knobs.nvidia.cuobjdump.path, "--dump-resource-usage", str(binary)]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"REG:(\d+) STACK:(\d+)", told)
    assert found is not None, told
    return Needs(warps, int(found[1]), int(found[2]), compiled.metadata.shared)


def main() -> None:
    """Print the needs of the kernels at several widths, and where they come from."""
    rows = [
        {"neurons": n, "kernel": name, **dataclasses.asdict(told)}
        for n in (8, 16, 32, 64, 128, 256)
        for name, told in needs(Work(hidden_size=n)).items()
    ]
    source = provenance(
        "python -m ltcbook.experiments.bench.needs", libraries={"triton": version("triton")}
    )
    print(json.dumps({"target": "sm_90", "provenance": source, "rows": rows}, indent=2))


if __name__ == "__main__":
    main()
