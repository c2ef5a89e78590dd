import json
import os
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import version

import numpy as np
import pytest

from ltcbook import data
from ltcbook.data.robots.fingerprint import AS_PUBLISHED, BROKEN, OTHER_PHYSICS
from ltcbook.data.robots.published import published

PRINT_FINGERPRINT = """
from ltcbook import data
for task, count, workers in (("walker2d", 4, {workers}), ("halfcheetah", 1, {workers})):
    found = data.simulate(task, data.policies(task), count, workers=workers)
    print(found.fingerprint())
"""


def fingerprints(workers, **environment):
    """Simulate in a fresh process, so that libraries choose their kernels anew."""
    answer = subprocess.run(
        [sys.executable, "-c", PRINT_FINGERPRINT.format(workers=workers)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return answer.stdout.split()


def test_the_same_bytes_whatever_runs_them():
    plain = fingerprints(1)
    assert len(plain) == 2
    assert fingerprints(2) == plain
    assert (
        fingerprints(
            1,
            OPENBLAS_CORETYPE="Nehalem",
            NPY_DISABLE_CPU_FEATURES="AVX2 FMA3 AVX512F AVX512CD AVX512_SKX",
            OMP_NUM_THREADS="2",
            OPENBLAS_NUM_THREADS="2",
        )
        == plain
    )


def test_the_published_bytes_come_out_here(walker):
    made_with = published("walker2d")["made_with"]["mujoco"]
    if version("mujoco") != made_with or walker.provenance["machine"] != "Linux x86_64":
        pytest.skip(f"published bytes are of Linux x86_64 with mujoco {made_with}")
    assert data.verify(walker).verdict == AS_PUBLISHED


def test_a_small_set_is_the_beginning_of_the_large_one(walker):
    small = data.simulate("walker2d", data.policies("walker2d"), 4)
    assert small.digests() == walker.digests()[:4]
    assert walker.head(4).fingerprint() == small.fingerprint()
    assert walker.head(4).provenance == small.provenance


def test_rollouts_are_what_the_simulator_does(walker):
    """The recorded actions, applied again, give the recorded observations and the return."""
    environment = data.robot("walker2d").make()
    rollout = walker[1]
    observation, _ = environment.reset(seed=1)
    reward = 0.0
    for step, action in enumerate(rollout.actions):
        assert np.array_equal(rollout.observations[step], observation.astype(np.float32))
        observation, gained, terminated, _, _ = environment.step(np.round(action.astype(float), 4))
        reward += gained
    assert reward == pytest.approx(rollout.reward, rel=1e-12)
    # It ended by a fall after its last observation, or by the clock.
    assert terminated or len(rollout.actions) == 1000


def test_walkers_are_healthy_in_every_frame(walker):
    height, pitch = walker.observations[:, 0], walker.observations[:, 1]
    assert height.min() >= 0.8 and height.max() <= 2.0
    assert np.abs(pitch).max() <= 1.0
    assert np.abs(walker.observations[:, 8:]).max() <= 10.0
    assert sorted(set(walker.stages.tolist())) == [0, 1, 2, 3]


def test_collecting_twice_reads_the_cache(empty_cache, monkeypatch):
    first = data.collect("halfcheetah", 2, progress=False)
    (file,) = (empty_cache / "rollouts").iterdir()
    monkeypatch.setattr(
        "ltcbook.data.robots.rollouts.roll_out", lambda *a, **k: pytest.fail("simulated again")
    )
    second = data.collect("halfcheetah", 2, progress=False)
    assert second.fingerprint() == first.fingerprint()
    assert second.provenance == first.provenance
    assert file.stat().st_size < 2 * 1000 * (17 + 6) * 4 + 4096


def test_provenance_travels(walker):
    provenance = walker.provenance
    assert provenance["fingerprint"] == walker.fingerprint()
    assert provenance["versions"]["mujoco"] == version("mujoco")
    assert provenance["policies"] == list(published("walker2d")["policies"].values())


def test_three_verdicts(walker):
    if data.verify(walker).verdict != AS_PUBLISHED:
        pytest.skip("this machine does not give the published bytes")
    later = walker.observations.copy()
    later[100:] += np.float32(1e-6)
    moved = replace(walker, observations=later)
    assert data.verify(moved).verdict == OTHER_PHYSICS
    assert data.verify(moved).reason.startswith("0 of 12 rollouts have the published bytes")

    early = walker.observations.copy()
    early[3] += np.float32(0.01)
    wrong = data.verify(replace(walker, observations=early))
    assert wrong.verdict == BROKEN
    assert "rollout 0 is 0.01 away" in wrong.reason

    early[3, 5] = np.nan
    wrong = data.verify(replace(walker, observations=early))
    assert wrong.verdict == BROKEN
    assert "observations of rollout 0 are not finite" in wrong.reason


def test_statistics_tell_a_broken_set(walker):
    many = np.tile(walker.observations, (4, 1))
    repeated = replace(
        walker,
        observations=many,
        actions=np.tile(walker.actions, (4, 1)),
        lengths=np.tile(walker.lengths, 4),
        stages=np.tile(walker.stages, 4),
        returns=np.tile(walker.returns, 4),
    )
    start = int(walker.lengths.sum())
    slow = many.copy()
    slow[start:, 8] *= 0.5
    wrong = data.verify(replace(repeated, observations=slow))
    assert wrong.verdict == BROKEN
    assert "channel 8" in wrong.reason


@pytest.mark.parametrize("damage", ["cut", "bit", "nan"])
def test_a_damaged_cache_file_is_refused_by_name(tmp_path, walker, damage):
    path = tmp_path / "rollouts.safetensors"
    if damage == "nan":
        bad = walker.observations.copy()
        bad[-1, 0] = np.nan
        with pytest.raises(ValueError, match="observations of rollout 11 are not finite"):
            data.save_rollouts(replace(walker, observations=bad), path)
        assert not list(tmp_path.iterdir())  # nothing was kept
        return
    data.save_rollouts(walker, path)
    content = bytearray(path.read_bytes())
    if damage == "cut":
        del content[-1000:]
    else:
        content[len(content) // 2] ^= 1
    path.write_bytes(content)
    message = {"cut": "not a readable file", "bit": "not those that were written"}[damage]
    with pytest.raises(ValueError, match=message) as error:
        data.load_rollouts(path)
    assert str(path) in str(error.value)


def test_lengths_that_lie_are_refused(tmp_path, walker):
    lengths = walker.lengths.copy()
    lengths[0] += 1
    with pytest.raises(ValueError, match="observations must be float32 of shape"):
        data.save_rollouts(replace(walker, lengths=lengths), tmp_path / "x.safetensors")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("walker3d",), "task must be one of walker2d, halfcheetah, got 'walker3d'"),
        (("walker2d", 0), "rollouts must be from 1 to 400, got 0"),
        (("halfcheetah", 101), "rollouts must be from 1 to 100, got 101"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        data.collect(*arguments)


def test_no_workers_is_an_error(empty_cache):
    with pytest.raises(ValueError, match="workers must be at least 1, got 0"):
        data.collect("walker2d", 4, workers=0)
    assert not empty_cache.exists()


def test_simulating_leaves_no_log_behind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data.simulate("halfcheetah", data.policies("halfcheetah"), 1)
    assert not list(tmp_path.iterdir())


def test_the_published_record_is_whole():
    for task, of in data.ROBOTS.items():
        record = published(task)
        assert len(record["digests"]) == of.rollouts
        assert list(record["policies"]) == list(of.stages)
        assert np.asarray(record["openings"]).shape == (4, 20, 17)
        json.dumps(record)
