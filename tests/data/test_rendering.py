from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from ltcbook import data
from ltcbook.data.robots.rendering import RenderError, render, save_pictures
from tests.book.helpers import give_up


@pytest.fixture(scope="module")
def renderer(walker):
    try:
        render(data.robot("walker2d"), walker[0], [0], size=16)
    except RenderError as error:
        give_up(str(error))


def test_the_picture_follows_the_pose(renderer, walker):
    of = data.robot("walker2d")
    pictures = render(of, walker[0], [0, 0, 60], size=64)
    assert pictures.shape == (3, 64, 64, 3)
    assert np.array_equal(pictures[0], pictures[1])
    moved = (pictures[0] != pictures[2]).any(axis=-1).mean()
    assert moved > 0.05
    assert len(np.unique(pictures[0].reshape(-1, 3), axis=0)) > 50  # a scene, not a blank


def test_the_floor_is_still_there_after_four_hundred_metres(renderer, walker):
    of = data.robot("walker2d")
    observations = np.repeat(walker[0].observations[:1], 101, axis=0)
    observations[:, 8] = 4 / of.time_step  # four metres a step, in the same pose
    near, far = render(of, replace(walker[0], observations=observations), [0, 100], size=64)
    assert (near != far).any(axis=-1).mean() < 0.01


def test_gif_and_png(renderer, walker, tmp_path):
    of = data.robot("walker2d")
    save_pictures(of, walker[0], tmp_path / "gait.gif", start=0, frames=3, size=48)
    with Image.open(tmp_path / "gait.gif") as gif:
        assert (gif.n_frames, gif.size, gif.info["duration"]) == (3, (48, 48), 40)
    save_pictures(of, walker[0], tmp_path / "gait.png", start=0, frames=3, size=48)
    with Image.open(tmp_path / "gait.png") as png:
        assert png.size == (144, 48)


def test_without_a_renderer_the_message_says_what_to_install(walker, monkeypatch):
    monkeypatch.setenv("MUJOCO_GL", "nonsense")
    monkeypatch.setattr("mujoco.GLContext", None)
    with pytest.raises(RenderError, match="apt-get install libegl1 libgl1-mesa-dri"):
        render(data.robot("walker2d"), walker[0], [0])


@pytest.mark.parametrize(
    ("steps", "size", "message"),
    [
        ([-1], 64, "steps must be from 0 to"),
        ([5000], 64, "steps must be from 0 to"),
        ([], 64, "steps must be from 0 to"),
        ([0], 2000, "size must be from 16 to 480 pixels, got 2000"),
    ],
)
def test_bad_arguments(walker, steps, size, message):
    with pytest.raises(ValueError, match=message):
        render(data.robot("walker2d"), walker[0], steps, size=size)


def test_only_pictures_are_written(walker, tmp_path):
    with pytest.raises(ValueError, match=r"must end in .gif or .png, got gait.mp4"):
        save_pictures(
            data.robot("walker2d"), walker[0], tmp_path / "gait.mp4", start=0, frames=1, size=48
        )
