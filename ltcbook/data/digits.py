"""Ten tiny digits made by the package, for tests and first steps without a download."""

from __future__ import annotations

import numpy as np

from ltcbook.data.images import Images, Pixels

SIZE = 8
TRAINING, TEST = 1000, 250
# Each digit as seven rows of five bits, the leftmost pixel first.
GLYPHS = (
    (0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110),
    (0b00100, 0b01100, 0b10100, 0b00100, 0b00100, 0b00100, 0b11111),
    (0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111),
    (0b11110, 0b00001, 0b00001, 0b01110, 0b00001, 0b00001, 0b11110),
    (0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010),
    (0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110),
    (0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110),
    (0b11111, 0b00001, 0b00010, 0b00100, 0b00100, 0b01000, 0b01000),
    (0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110),
    (0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100),
)


def _draw(labels: Pixels, generator: np.random.Generator) -> Pixels:
    """Return one image per label: the glyph somewhere, at some brightness, under noise."""
    images = generator.normal(0.0, 20.0, (len(labels), SIZE, SIZE))
    for image, label in zip(images, labels, strict=True):
        rows = np.array([[row >> bit & 1 for bit in (4, 3, 2, 1, 0)] for row in GLYPHS[label]])
        top, left = generator.integers(0, 2), generator.integers(0, 4)
        image[top : top + 7, left : left + 5] += rows * generator.uniform(120.0, 220.0)
    return np.clip(np.round(images), 0, 255).astype(np.uint8)


def tiny_digits(seed: int = 0) -> Images:
    """Return 1,000 training and 250 test images of 8 x 8, every class equally often.

    >>> images = tiny_digits()
    >>> images.train_images.shape, np.bincount(images.test_labels)
    ((1000, 8, 8), array([25, 25, 25, 25, 25, 25, 25, 25, 25, 25]))
    """
    generator = np.random.default_rng(seed)
    train = generator.permutation(np.arange(TRAINING) % 10).astype(np.uint8)
    test = generator.permutation(np.arange(TEST) % 10).astype(np.uint8)
    return Images(_draw(train, generator), train, _draw(test, generator), test)
