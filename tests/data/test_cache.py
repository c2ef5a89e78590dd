"""Files that are whole or not there, and a cache that cannot be used."""

import errno
import os
import subprocess

import pytest

from ltcbook import data
from ltcbook.data.cache import atomic_path, check_writable, write_atomically


def test_a_write_that_fails_names_the_file_and_leaves_the_old_one(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")

    def full(stream):
        stream.write(b"new")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(data.WriteError, match=f"cannot write {path}: No space left on device"):
        write_atomically(path, full)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_another_error_in_the_block_stays_what_it_is(tmp_path):
    with pytest.raises(KeyError), atomic_path(tmp_path / "file") as temporary:
        temporary.write_text("half")
        raise KeyError("mine")
    assert not list(tmp_path.iterdir())


def test_a_folder_is_tried_out_and_left_as_it_was(tmp_path):
    check_writable(tmp_path / "a" / "b", "--output")
    assert not list((tmp_path / "a" / "b").iterdir())
    (tmp_path / "file").write_text("")
    with pytest.raises(data.WriteError, match="--output must be a folder.*it is not a folder"):
        check_writable(tmp_path / "file", "--output")


@pytest.fixture
def small_disk(tmp_path, monkeypatch):
    """A cache on a file system of 40 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", str(disk)]
    root = hasattr(os, "geteuid") and os.geteuid() == 0  # Windows has no such user
    if not root or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("only root may mount a small disk")
    monkeypatch.setenv("LTCBOOK_CACHE", str(disk))
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_costs_the_cache_and_not_the_rollouts(small_disk):
    with pytest.warns(data.CacheWarning, match="No space left.*in memory.*LTCBOOK_CACHE can name"):
        rollouts = data.collect("halfcheetah", 1, workers=1, progress=False)
    assert len(rollouts) == 1
    assert not [path for path in small_disk.rglob("*") if path.is_file()]


def test_a_cache_that_is_a_file_costs_the_cache_and_not_the_rollouts(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LTCBOOK_CACHE", str(tmp_path / "file"))
    with pytest.warns(data.CacheWarning, match="cannot write .*Not a directory"):
        assert len(data.collect("halfcheetah", 1, workers=1, progress=False)) == 1
