"""Writes 900 noisy waves of 64 samples: sines, squares and triangles, in bytes.

waves.npz holds them under the names x and y; waves_x.npy and waves_y.npy hold the same arrays alone.

python configs/data/make_waves.py
"""

from pathlib import Path

import numpy as np

ROWS = 900
SAMPLES = 64
SEED = 7
NOISE = 0.35
"""Deviation of the noise, where a wave goes from -1 to 1."""
SHAPES = (
    lambda turn: np.sin(2 * np.pi * turn),
    lambda turn: np.where(turn % 1 < 0.5, 1.0, -1.0),
    lambda turn: 1 - 4 * np.abs(turn % 1 - 0.5),
)
"""Sine, square and triangle, of the turns that are done."""


def main() -> None:
    """Draw the rows; the same ones every time."""
    draw = np.random.default_rng(SEED)
    y = draw.integers(0, len(SHAPES), ROWS).astype(np.uint8)
    turns, phase = draw.uniform(1, 4, (ROWS, 1)), draw.uniform(0, 1, (ROWS, 1))
    turn = phase + turns * np.linspace(0, 1, SAMPLES, endpoint=False)
    waves = np.array([SHAPES[shape](row) for shape, row in zip(y, turn, strict=True)])
    noisy = waves + draw.normal(0, NOISE, waves.shape)
    x = np.clip(np.round(128 + 56 * noisy), 0, 255).astype(np.uint8)
    folder = Path(__file__).parent
    np.savez(folder / "waves.npz", x=x, y=y)
    np.save(folder / "waves_x.npy", x)
    np.save(folder / "waves_y.npy", y)


if __name__ == "__main__":
    main()
