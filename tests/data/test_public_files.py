"""MNIST, Fashion-MNIST and the original Walker2d files: found, fetched, checked, refused."""

import gzip
import io
import tarfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltcbook import data
from ltcbook.data import images
from ltcbook.data.cache import sha256
from ltcbook.data.images import FILES, parse_idx
from ltcbook.data.robots import original


def idx(array):
    """Write an IDX file of unsigned bytes."""
    header = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return header + array.astype(np.uint8).tobytes()


@pytest.fixture
def small_mnist(mirror, monkeypatch):
    """A set of the right form with 30 and 10 images, on a mirror of this machine."""
    address, folder = mirror
    generator = np.random.default_rng(0)
    arrays = {
        "train_images": generator.integers(0, 256, (30, 28, 28)),
        "train_labels": generator.integers(0, 10, 30),
        "test_images": generator.integers(0, 256, (10, 28, 28)),
        "test_labels": generator.integers(0, 10, 10),
    }
    (folder / "mnist").mkdir()
    for part, array in arrays.items():
        (folder / "mnist" / FILES[part]).write_bytes(gzip.compress(idx(array)))
    source = replace(
        images.MNIST,
        mirrors=(address + "absent/", address + "mnist/"),
        sums={part: sha256(idx(array)) for part, array in arrays.items()},
    )
    monkeypatch.setitem(images.SOURCES, "mnist", source)
    return folder / "mnist", arrays


def test_downloads_from_the_second_mirror_when_the_first_fails(empty_cache, small_mnist):
    folder, arrays = small_mnist
    found = data.load_images("mnist")
    assert np.array_equal(found.test_images, arrays["test_images"])
    for file in folder.iterdir():
        file.unlink()  # from now on only the cache has them
    assert np.array_equal(data.load_images("mnist").train_labels, arrays["train_labels"])
    assert {path.name for path in (empty_cache / "mnist").iterdir()} == set(FILES.values())


def test_a_mirror_with_another_file_is_not_believed(empty_cache, small_mnist):
    folder, arrays = small_mnist
    other = arrays["train_images"].copy()
    other[0, 0, 0] ^= 1
    (folder / FILES["train_images"]).write_bytes(gzip.compress(idx(other)))
    with pytest.raises(data.DownloadError) as error:
        data.load_images("mnist")
    message = str(error.value)
    assert "SHA-256 is " in message
    assert "python -m ltcbook data collect mnist" in message
    assert str(empty_cache / "mnist" / FILES["train_images"]) in message
    assert "set LTCBOOK_DATA to a folder that has mnist/train-images-idx3-ubyte.gz" in message
    assert not empty_cache.exists()


def test_without_a_network_the_message_says_what_to_do(empty_cache, monkeypatch):
    nowhere = replace(images.MNIST, mirrors=("http://127.0.0.1:9/", "http://127.0.0.1:9/b/"))
    monkeypatch.setitem(images.SOURCES, "mnist", nowhere)
    with pytest.raises(data.DownloadError, match="cannot get train-images") as error:
        data.load("mnist")
    assert str(error.value).count("Connection refused") == 2


def test_the_data_folder_comes_first(empty_cache, small_mnist, monkeypatch):
    folder, arrays = small_mnist
    monkeypatch.setenv("LTCBOOK_DATA", str(folder.parent))
    assert np.array_equal(data.load_images("mnist").train_labels, arrays["train_labels"])
    assert not empty_cache.exists()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda raw: gzip.compress(raw)[:-9], "not a whole gzip file"),
        (lambda raw: b"<html>no such file</html>", "not a whole gzip file"),
        (lambda raw: gzip.compress(b"\0\0\x0d\x03" + raw[4:]), "starts with 00000d03"),
        (lambda raw: gzip.compress(raw[:-1]), "30 x 28 x 28 bytes, but 23519 follow"),
        (lambda raw: gzip.compress(raw + b"\0"), "30 x 28 x 28 bytes, but 23521 follow"),
        (lambda raw: gzip.compress(raw[:4] + (31).to_bytes(4, "big") + raw[8:]), "31 x 28 x 28"),
        (lambda raw: gzip.compress(raw[:-1] + bytes([raw[-1] ^ 1])), "SHA-256 is "),
        (lambda raw: gzip.compress(b""), "starts with"),
    ],
)
def test_a_damaged_file_is_refused_by_name(empty_cache, small_mnist, monkeypatch, damage, message):
    folder, arrays = small_mnist
    monkeypatch.setenv("LTCBOOK_DATA", str(folder.parent))
    path = folder / FILES["train_images"]
    path.write_bytes(damage(idx(arrays["train_images"])))
    with pytest.raises(ValueError, match=message) as error:
        data.load_images("mnist")
    assert str(path) in str(error.value)


def test_a_directory_in_place_of_a_file_is_refused(empty_cache, small_mnist, monkeypatch):
    folder, _ = small_mnist
    monkeypatch.setenv("LTCBOOK_DATA", str(folder.parent))
    (folder / FILES["test_labels"]).unlink()
    (folder / FILES["test_labels"]).mkdir()
    with pytest.raises(ValueError, match="a directory, need the gzip file"):
        data.load_images("mnist")


def test_a_data_folder_that_is_none_is_named(empty_cache, monkeypatch):
    monkeypatch.setenv("LTCBOOK_DATA", "/no/such/folder")
    with pytest.raises(ValueError, match="LTCBOOK_DATA names /no/such/folder"):
        data.load_images("mnist")


@given(shape=st.lists(st.integers(1, 5), min_size=1, max_size=4), seed=st.integers(0, 2**32 - 1))
def test_idx_round_trip(shape, seed):
    array = np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)
    assert np.array_equal(parse_idx(idx(array), "x"), array)


@given(content=st.binary(max_size=64))
def test_no_bytes_make_the_idx_reader_do_anything_but_read_or_refuse(content):
    try:
        array = parse_idx(content, "x")
    except ValueError as error:
        assert str(error).startswith("x: ")
    else:
        assert idx(array) == content


def test_the_genuine_mnist(original_folder):
    found = data.load_images("mnist")
    assert found.train_images.shape == (60000, 28, 28)
    assert np.bincount(found.test_labels).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip
    assert found.train_images.mean() == pytest.approx(33.3184, abs=1e-4)


def test_the_original_walker(original_folder):
    rollouts = data.load_original()
    assert len(rollouts) == 400
    assert rollouts.lengths.sum() == 254_963
    assert (rollouts.lengths.min(), rollouts.lengths.max()) == (131, 1000)
    assert (rollouts.lengths == 1000).sum() == 121
    assert rollouts.actions is None
    assert rollouts.observations[:, 8].mean(dtype=float) == pytest.approx(2.2069, abs=1e-4)  # m/s


def archive_of(rollouts):
    """Pack rollouts as the repository's tar.gz has them, with other files around."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=1) as archive:
        for index, rollout in enumerate(rollouts):
            file = io.BytesIO()
            np.save(file, rollout.observations.astype(np.float64))
            member = tarfile.TarInfo(f"CfC-59f6e01/data/walker/rollout_{index:03d}.npy")
            member.size = file.tell()
            file.seek(0)
            archive.addfile(member, file)
        evil = tarfile.TarInfo("../../evil.py")
        archive.addfile(evil, io.BytesIO())
    return stream.getvalue()


def test_the_original_walker_is_fetched_and_kept(original_folder, empty_cache, mirror, monkeypatch):
    address, folder = mirror
    rollouts = original.read_npz(original_folder / "walker2d_original" / "rollouts.npz")
    (folder / "CfC.tar.gz").write_bytes(archive_of(rollouts))
    monkeypatch.setattr(original, "MIRRORS", (address + "CfC.tar.gz",))
    fetched = data.load_original()
    assert fetched.fingerprint() == rollouts.fingerprint()
    (folder / "CfC.tar.gz").unlink()
    assert data.load_original().fingerprint() == rollouts.fingerprint()  # from the cache
    assert [path.name for path in (empty_cache / "walker2d_original").iterdir()] == [
        "rollouts.safetensors"
    ]


def test_another_archive_is_refused(empty_cache, mirror, monkeypatch):
    address, folder = mirror
    (folder / "CfC.tar.gz").write_bytes(gzip.compress(b"not a tar"))
    monkeypatch.setattr(original, "MIRRORS", (address + "CfC.tar.gz",))
    with pytest.raises(data.DownloadError, match="data collect walker2d-original"):
        data.load_original()
    assert not empty_cache.exists()


def test_nothing_in_an_original_file_is_unpickled(tmp_path):
    path = tmp_path / "rollouts.npz"
    np.savez(path, observations=np.array([{"a": 1}], dtype=object), lengths=np.array([1]))
    with pytest.raises(ValueError, match="not an .npz of observations and lengths"):
        original.read_npz(path)


def test_the_tiny_digits_are_balanced_and_learnable():
    digits = data.digits.tiny_digits(seed=0)
    assert np.bincount(digits.train_labels).tolist() == [100] * 10
    # The nearest training image names the class of most test images, and not of all.
    train = digits.train_images.reshape(1000, 64).astype(float)
    test = digits.test_images.reshape(250, 64).astype(float)
    distance = (test**2).sum(1)[:, None] - 2 * test @ train.T + (train**2).sum(1)
    right = (digits.train_labels[distance.argmin(1)] == digits.test_labels).mean()
    assert right >= 0.9
    assert np.array_equal(digits.train_images, data.digits.tiny_digits(seed=0).train_images)
    assert not np.array_equal(digits.train_images, data.digits.tiny_digits(seed=1).train_images)
