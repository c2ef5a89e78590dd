"""Every recurrent model under DistributedDataParallel, on two processes of a real group."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from ltcbook import build
from ltcbook.nn.zoo import MODELS

WORKER = """
import json, sys
import torch, torch.distributed as dist
from ltcbook import build
from ltcbook.nn.zoo import MODELS

rank, folder = int(sys.argv[1]), sys.argv[2]
torch.set_num_threads(1)
dist.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
u = torch.randn(4, 3, 2, generator=torch.Generator().manual_seed(0))
norms = {}
for model in MODELS.values():
    for input_map in model.input_maps:
        network = build(model.name, 2, 3, 1, input_map=input_map, seed=0)
        parallel = torch.nn.parallel.DistributedDataParallel(network)
        for _ in range(2):  # the second step finds what the first has left unreduced
            parallel.zero_grad()
            parallel(u[2 * rank : 2 * rank + 2])[0].square().mean().backward()
        norms[f"{model.name}-{input_map}"] = [p.grad.norm().item() for p in network.parameters()]
dist.destroy_process_group()
print(json.dumps(norms))
"""


@pytest.mark.skipif(not torch.distributed.is_available(), reason="this PyTorch has no gloo")
def test_a_step_on_two_processes_is_the_step_on_one(tmp_path: Path) -> None:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(rank), str(tmp_path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for rank in range(2)
    ]
    told = [worker.communicate() for worker in workers]
    assert all(worker.returncode == 0 for worker in workers), told[0][1] + told[1][1]
    norms = [json.loads(out.splitlines()[-1]) for out, _ in told]
    assert norms[0] == norms[1]
    u = torch.randn(4, 3, 2, generator=torch.Generator().manual_seed(0))
    for model in MODELS.values():
        for input_map in model.input_maps:
            network = build(model.name, 2, 3, 1, input_map=input_map, seed=0)
            network(u)[0].square().mean().backward()
            alone = [p.grad.norm().item() for p in network.parameters()]
            assert norms[0][f"{model.name}-{input_map}"] == pytest.approx(alone, rel=1e-4, abs=1e-7)
