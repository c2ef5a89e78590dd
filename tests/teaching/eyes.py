"""How far apart two colours are: for most eyes, and for those that miss a kind of cone."""

import math

import numpy as np
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

# What is seen of linear red, green and blue without a kind of cone (Machado, Oliveira and Fernandes
# 2009, severity 1).
VISIONS = {
    "normal": np.eye(3),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
}
# OKLab (Ottosson 2020), from linear red, green and blue.
CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def linear(colour: str | tuple[float, ...]) -> NDArray[np.float64]:
    """Return red, green and blue as amounts of light."""
    c = np.array(to_rgb(colour))
    light: NDArray[np.float64] = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return light


def luminance(colour: str | tuple[float, ...]) -> float:
    """Return the relative luminance of WCAG."""
    return float(linear(colour) @ (0.2126, 0.7152, 0.0722))


def contrast(one: str | tuple[float, ...], other: str | tuple[float, ...]) -> float:
    """Return the contrast of two colours by WCAG."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def apart(one: str, other: str, vision: str = "normal") -> float:
    """Return the distance in OKLab, from 0 to 100 for black and white; 2 can just be noticed."""
    seen = [LAB @ np.cbrt(CONES @ np.clip(VISIONS[vision] @ linear(c), 0, 1)) for c in (one, other)]
    return 100 * math.dist(*seen)
