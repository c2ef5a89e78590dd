"""Own data: what comes in, how it is split, and what is refused."""

import pickle

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from ltcbook import data
from ltcbook.training import Recipe, train

GENERATOR = np.random.default_rng(0)
INPUTS = GENERATOR.normal(3.0, 2.0, (40, 6, 3))
TARGETS = GENERATOR.normal(-1.0, 5.0, (40, 6, 2))


def test_parts_are_disjoint_whole_and_standardised_by_the_training_part() -> None:
    task = data.from_arrays(INPUTS, TARGETS)
    owners = [part.rollouts.tolist() for part in (task.train, task.validation, task.test)]
    assert [len(owner) for owner in owners] == [30, 4, 6]
    assert sorted(sum(owners, [])) == list(range(40))
    flat = task.train.inputs.flatten(0, 1).double()
    assert torch.allclose(flat.mean(0), torch.zeros(3).double(), atol=1e-6)
    assert torch.allclose(flat.std(0, correction=0), torch.ones(3).double(), atol=1e-6)
    for part in (task.train, task.validation, task.test):
        back = task.scaler.invert(part.inputs.double())
        assert np.allclose(back.numpy(), INPUTS[part.rollouts], atol=1e-5)
        there = task.target_scaler.invert(part.targets.double())
        assert np.allclose(there.numpy(), TARGETS[part.rollouts], atol=1e-5)
    assert (task.input_size, task.output_size, task.loss) == (3, 2, "mse")
    assert data.from_arrays(INPUTS, TARGETS, seed=1).fingerprint != task.fingerprint


def test_sequences_of_one_rollout_stay_together() -> None:
    rollouts = np.repeat(np.arange(10, 20), 4)
    task = data.from_arrays(INPUTS, TARGETS, rollouts=rollouts)
    owners = [set(part.rollouts.tolist()) for part in (task.train, task.validation, task.test)]
    assert set.union(*owners) == set(range(10, 20)) and sum(map(len, owners)) == 10
    assert len(task.train) == 4 * len(owners[0])


def test_classes_are_recognised_and_learned() -> None:
    classes = np.arange(60) % 3
    inputs = classes[:, None, None] + 0.1 * GENERATOR.normal(size=(60, 5, 1))
    task = data.from_arrays(inputs, classes)
    assert (task.loss, task.output_size, task.target_scaler) == ("cross_entropy", 3, None)
    wanted = Recipe("LSTM", 8, epochs=40, batch_size=16, learning_rate=3e-2)
    result = train(wanted, task, test=True, progress=False)
    assert result.test[0].accuracy == 1.0


def test_timespans_reach_the_network() -> None:
    spans = GENERATOR.uniform(0.5, 2.0, (40, 6)).astype(np.float32)
    task = data.from_arrays(INPUTS, TARGETS, timespans=spans)
    assert np.array_equal(task.test.timespans.numpy(), spans[task.test.rollouts])


@pytest.mark.parametrize("suffix", data.arrays.SUFFIXES)
def test_a_file_is_the_arrays_in_it(tmp_path, suffix) -> None:
    path = tmp_path / f"mine{suffix}"
    rollouts = np.repeat(np.arange(10), 4)
    arrays = {"inputs": INPUTS, "targets": TARGETS, "rollouts": rollouts}
    np.savez(path, **arrays) if suffix == ".npz" else save_file(arrays, path)
    task = data.from_file(path, seed=2)
    assert task.fingerprint == data.from_arrays(**arrays, seed=2).fingerprint
    assert task.name == path.name


class Intruder:
    def __reduce__(self):
        return (exec, ("raise SystemExit('unpickled')",))


def test_nothing_is_unpickled(tmp_path) -> None:
    path = tmp_path / "mine.npz"
    intruders = np.array([Intruder()], dtype=object)
    np.savez(path, inputs=intruders, targets=TARGETS)
    with pytest.raises(ValueError, match="cannot be read as plain arrays"):
        data.from_file(path)
    path.write_bytes(pickle.dumps(Intruder()))
    with pytest.raises(ValueError, match=r"cannot be read as plain arrays \(it is no .npz, which"):
        data.from_file(path)


def test_files_that_do_not_fit_are_refused(tmp_path) -> None:
    path = tmp_path / "mine.npz"
    with pytest.raises(ValueError, match=r"mine.npz: no such file"):
        data.from_file(path)
    with pytest.raises(ValueError, match=r"need a file that ends with .npz or .safetensors"):
        data.from_file(tmp_path / "mine.csv")
    np.savez(path, inputs=INPUTS)
    with pytest.raises(ValueError, match="targets missing; it has inputs"):
        data.from_file(path)
    np.savez(path, inputs=INPUTS, targets=TARGETS, timespan=TARGETS)
    with pytest.raises(ValueError, match="'timespan'; did you mean 'timespans'?"):
        data.from_file(path)
    np.savez(path, inputs=INPUTS[:5], targets=TARGETS)
    with pytest.raises(ValueError, match=r"mine.npz: targets must have one row for each"):
        data.from_file(path)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(ValueError, match="cannot be read as plain arrays"):
        data.from_file(path)


WITH_NAN = INPUTS.copy()
WITH_NAN[3, 1, 2] = np.nan


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inputs": INPUTS[0]}, r"inputs must be numbers of shape \(N, T, m\).*got float64 of"),
        ({"inputs": INPUTS[:, :0]}, "inputs must be numbers of shape"),
        ({"inputs": INPUTS.astype(str)}, "inputs must be numbers of shape"),
        ({"inputs": WITH_NAN}, r"inputs must be finite, got nan at index \(3, 1, 2\)"),
        ({"targets": TARGETS[:, :3]}, r"targets must have one row for each of the inputs'"),
        ({"targets": TARGETS[:, 0]}, r"targets must be numbers of shape \(N, T, o\)"),
        ({"targets": np.arange(40) - 1}, "targets must be classes, integers from 0"),
        ({"targets": np.arange(39)}, r"targets must be classes.*got int64 of shape \(39,\)"),
        ({"targets": TARGETS, "loss": "cross_entropy"}, "targets must be classes"),
        ({"targets": np.arange(40), "loss": "mse"}, "targets must be numbers"),
        ({"loss": "mae"}, "unknown loss 'mae'"),
        ({"timespans": np.zeros((40, 6))}, "timespans must be above 0.*smallest value of 0"),
        ({"timespans": np.ones((40, 5))}, r"timespans must be above 0.*got shape \(40, 5\)"),
        ({"rollouts": np.zeros(40)}, "rollouts must be integers"),
        ({"rollouts": np.arange(40) % 2}, "rollouts must be at least 3.*got 2"),
        ({"seed": -1}, "seed must be an integer of at least 0"),
    ],
)
def test_what_is_refused(changes, message) -> None:
    with pytest.raises(ValueError, match=message):
        data.from_arrays(**{"inputs": INPUTS, "targets": TARGETS, **changes})


def test_tensors_are_taken_as_they_come() -> None:
    """With a gradient, or in a precision that NumPy has not."""
    wanted = data.from_arrays(INPUTS, TARGETS)
    learned = torch.tensor(INPUTS, requires_grad=True)
    assert data.from_arrays(learned, TARGETS).fingerprint == wanted.fingerprint
    coarse = data.from_arrays(torch.tensor(INPUTS).bfloat16(), TARGETS)
    assert torch.allclose(coarse.train.inputs, wanted.train.inputs, atol=0.05)


def test_what_is_no_array_is_named() -> None:
    with pytest.raises(ValueError, match="^inputs must be one array"):
        data.from_arrays([np.zeros((3, 2)), np.zeros((4, 2))], TARGETS)
    with pytest.raises(ValueError, match="targets must be classes.*, the least -1$"):
        data.from_arrays(INPUTS, -np.ones(len(INPUTS), int))
