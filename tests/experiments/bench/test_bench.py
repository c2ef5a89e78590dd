"""The bench measures the same work for everyone; how fast they are is not a test."""

import argparse
import json

import pytest
import torch

from ltcbook.experiments.bench.cli import add_parser
from ltcbook.experiments.bench.peers import with_jax
from ltcbook.experiments.bench.timing import Work, contestants, peak_memory, sigmoids, sweep

SMALL = {"batch": 5, "time": 3, "hidden_size": 4, "input_size": 3, "unfolds": 2}


@pytest.mark.parametrize("model", ["SA-LTC", "NA-LTC", "SA-CT-RNN-S", "NA-CT-RNN-S"])
def test_all_of_ours_compute_the_same(model: str) -> None:
    u = torch.randn(5, 3, 3, generator=torch.Generator().manual_seed(0))
    found = contestants(Work(model, **SMALL))
    expected = found["eager"][1](u)
    with torch.compiler.set_stance("force_eager"):  # the same function, not compiled
        for name in ("numba", "naive PyTorch", "torchdiffeq", "torch.compile"):
            torch.testing.assert_close(found[name][1](u), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("model", ["SA-LTC", "NA-LTC", "SA-CT-RNN-S", "NA-CT-RNN-S"])
def test_jax_computes_the_same_values_and_gradients(model: str) -> None:
    jax = pytest.importorskip("jax", reason="JAX is a peer that need not be installed")
    u = torch.randn(5, 3, 3, generator=torch.Generator().manual_seed(0))
    network = Work(model, **SMALL).network("eager")
    peer = with_jax(network)
    inputs = jax.numpy.asarray(u.numpy())
    y = network(u)[0]
    torch.testing.assert_close(torch.tensor(peer.outputs(peer.parameters, inputs)), y.detach())
    y.square().mean().backward()
    gradient = jax.grad(lambda p: (peer.outputs(p, inputs) ** 2).mean())(peer.parameters)
    expected = network.readout.weight.grad
    torch.testing.assert_close(torch.tensor(gradient["readout"]), expected)


def test_peers_do_as_many_unfolds_of_as_many_neurons() -> None:
    found = contestants(Work(**SMALL))
    ltc, call = found["ncps"]
    assert ltc.rnn_cell._ode_unfolds == 2 and ltc.rnn_cell.state_size == 4
    assert call(torch.zeros(5, 3, 3)).shape == (5, 3, 3)


def test_activations_are_counted() -> None:
    assert Work().activations == 128 * 20 * (17 * 32 + 10 * 32 * 32)  # 27.6 M
    assert Work("NA-LTC").activations == 128 * 20 * (17 + 10 * 32)
    assert Work(replicas=3).activations == 3 * Work().activations
    sigmoids(100_001)


@pytest.mark.parametrize("model", ["LSTM", "SA-ALTC"])
def test_other_models_are_refused(model: str) -> None:
    with pytest.raises((ValueError, AssertionError)):
        Work(model)


def test_sizes_are_checked() -> None:
    with pytest.raises(ValueError, match="batch must be an integer of at least 1, got 0"):
        Work(batch=0)


def test_devices_are_checked() -> None:
    with pytest.raises(ValueError, match="unknown device 'gpu'"):
        Work(device="gpu")
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="device must be one that is here, got 'cuda'"):
            Work(device="cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_on_a_gpu_triton_and_the_peers_compute_the_same() -> None:
    u = torch.randn(5, 3, 3, device="cuda")
    found = contestants(Work(**SMALL, device="cuda"))
    expected = found["eager"][1](u)
    for name in ("triton", "naive PyTorch", "torchdiffeq"):
        torch.testing.assert_close(found[name][1](u), expected, rtol=1e-5, atol=1e-6)
    assert found["ncps"][1](u).is_cuda


def test_the_sweep_doubles_every_axis_twice() -> None:
    rows = sweep(Work(**SMALL, replicas=2), rounds=1)
    sizes = [row["size"] for row in rows]
    assert sizes == [2, 4, 8, 1, 2, 4, 2, 4, 8, 1, 2, 4]
    assert all(row["wall_s"] > 0 for row in rows)


def test_a_training_step_fits_into_250_megabytes() -> None:
    used = peak_memory(Work(hidden_size=64, batch=128, time=28))
    if used is None:
        pytest.skip("this system does not tell a process's peak memory")
    assert 10 < used < 250


def test_the_command_prints_json_and_writes_a_figure(tmp_path, capsys) -> None:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in SMALL.items()]
    plot = tmp_path / "ladder.png"
    options = parser.parse_args(["bench", *flags, "--rounds=1", f"--plot={plot}", "--json"])
    with torch.compiler.set_stance("force_eager"):  # PyTorch's compiler alone takes half a minute
        assert options.run(options) == 0
    report = json.loads(capsys.readouterr().out)
    command = (
        "ltcbook bench --input-size 3 --hidden-size 4 --batch 5 --time 3 --unfolds 2 --rounds 1"
    )
    assert report["provenance"]["command"] == f"{command} --json"
    assert {"bare sigmoids", "numba, step", "ncps, step"} <= report["times"].keys()
    assert {"CT-GRU, n = 32", "torch.nn.LSTM, n = 8"} <= report["others"].keys()
    assert {"controller, n = 8", "model(u, state), n = 32"} <= report["control"].keys()
    assert report["cold_compile_s"] > 0
    assert 0 < report["arithmetic"]["share_of_core"]["step"] < 1
    assert plot.read_bytes().startswith(b"\x89PNG")
