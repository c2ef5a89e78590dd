"""Pictures of a rollout: the simulator's own robot, set into each observed pose."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ltcbook.data.cache import atomic_path
from ltcbook.data.robots.robot import Robot
from ltcbook.data.robots.rollout_set import Rollout

Frames = npt.NDArray[np.uint8]

FLOOR_PERIOD = 4.0
"""Metres after which the floor's squares repeat: it ends at 40, and a robot would run off it."""

DISTANCE = 2.6  # metres from the camera to the torso, which it follows
FRAMES_PER_SECOND = 25.0
LARGEST_SIZE = 480  # MuJoCo's off-screen buffer is 640 x 480


class RenderError(OSError):
    """This machine has nothing that can draw."""


@contextmanager
def _drawing_context(size: int) -> Iterator[None]:
    """Make an OpenGL context current: MUJOCO_GL decides, EGL on a Linux that says nothing."""
    import mujoco

    try:
        if platform.system() == "Linux" and os.environ.get("MUJOCO_GL", "egl") == "egl":
            from mujoco.egl import GLContext
        else:
            GLContext = mujoco.GLContext
        context = GLContext(size, size)
        context.make_current()
    except Exception as error:  # each backend fails in its own way
        raise RenderError(
            f"no renderer: {error or type(error).__name__}. On Debian and Ubuntu run "
            "`apt-get install libegl1 libgl1-mesa-dri`, then set MUJOCO_GL=egl "
            "(on a desktop MUJOCO_GL=glfw)"
        ) from error
    try:
        yield
    finally:
        context.free()


def render(of: Robot, rollout: Rollout, steps: Sequence[int], *, size: int = 240) -> Frames:
    """Return pictures of some steps of a rollout.

    Nothing is simulated again: each observation holds the whole pose but the distance travelled,
    which is the sum of the forward velocity.

    Args:
        of, rollout: The robot and what it observed.
        steps: The steps to draw.
        size: Width and height in pixels.

    Returns:
        Array of shape (steps, size, size, 3), unsigned bytes.

    Raises:
        ValueError: If a step is not in the rollout, or ``size`` is out of range.
        RenderError: If no renderer is there; the message says what to install.
    """
    length = len(rollout.observations)
    if not steps or min(steps) < 0 or max(steps) >= length:
        raise ValueError(f"steps must be from 0 to {length - 1}, got {list(steps)}")
    if not 16 <= size <= LARGEST_SIZE:
        raise ValueError(f"size must be from 16 to {LARGEST_SIZE} pixels, got {size}")
    positions = (len(of.channels) - 1) // 2
    travelled = np.cumsum(rollout.observations[:, positions].astype(np.float64)) * of.time_step
    environment = of.make()
    model, data = environment.model, environment.data
    pictures = []
    with _drawing_context(size):
        draw = _Painter(model, size)
        for step in steps:
            seen = rollout.observations[step].astype(np.float64)
            environment.set_state(  # type: ignore[no-untyped-call]
                np.concatenate(([travelled[step] % FLOOR_PERIOD], seen[:positions])),
                seen[positions:],
            )
            pictures.append(draw(data))
        draw.free()
    environment.close()  # type: ignore[no-untyped-call]
    return np.stack(pictures)


class _Painter:
    """MuJoCo's scene, camera and off-screen buffer for one model."""

    def __init__(self, model: Any, size: int) -> None:
        import mujoco

        self._mujoco, self._model = mujoco, model
        self._view = mujoco.MjrRect(0, 0, size, size)
        self._scene = mujoco.MjvScene(model, maxgeom=1000)
        self._context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        self._camera = mujoco.MjvCamera()
        self._camera.type = mujoco.mjtCamera.mjCAMERA_TRACKING
        self._camera.trackbodyid = model.body("torso").id
        self._camera.distance = DISTANCE
        self._camera.azimuth, self._camera.elevation = 90.0, -8.0
        self._picture = np.zeros((size, size, 3), dtype=np.uint8)

    def __call__(self, data: Any) -> Frames:
        mujoco = self._mujoco
        mujoco.mjv_updateScene(
            self._model,
            data,
            mujoco.MjvOption(),
            None,
            self._camera,
            mujoco.mjtCatBit.mjCAT_ALL,
            self._scene,
        )
        mujoco.mjr_render(self._view, self._scene, self._context)
        mujoco.mjr_readPixels(self._picture, None, self._view, self._context)
        return self._picture[::-1].copy()  # OpenGL counts rows from below

    def free(self) -> None:
        self._context.free()


def strip(pictures: Frames) -> Frames:
    """Lay pictures side by side: shape (size, steps * size, 3)."""
    return np.concatenate(list(pictures), axis=1)


def check_pictures(path: Path, frames: int) -> None:
    """Refuse what :func:`save_pictures` cannot write: a ValueError that names it."""
    if path.suffix not in (".gif", ".png"):
        raise ValueError(f"output must end in .gif or .png, got {path.name}")
    if frames < 1:
        raise ValueError(f"frames must be at least 1, got {frames}")


def save_pictures(
    of: Robot, rollout: Rollout, path: Path, *, start: int, frames: int, size: int
) -> None:
    """Write a .gif in (about) real time, or a .png strip of the same stretch of time.

    Args:
        of, rollout: The robot and what it observed.
        path: Ends in ``.gif`` or ``.png``.
        start, frames: The first step, and how many pictures; they are 1/25 s apart, or one step if
            that is longer.
        size: Width and height of one picture in pixels.
    """
    from PIL import Image

    check_pictures(path, frames)
    apart = max(1, round(1 / (FRAMES_PER_SECOND * of.time_step)))
    pictures = render(of, rollout, range(start, start + frames * apart, apart), size=size)
    with atomic_path(path) as temporary:
        if path.suffix == ".png":
            # A rendered scene has few hues: a palette makes the file a third of the size.
            picture = Image.fromarray(strip(pictures)).quantize(128, dither=Image.Dither.NONE)
            picture.save(temporary, format="PNG", optimize=True)
            return
        first, *others = (Image.fromarray(picture) for picture in pictures)
        first.save(
            temporary,
            format="GIF",
            save_all=True,
            append_images=others,
            duration=round(1000 * apart * of.time_step),
            loop=0,
        )
