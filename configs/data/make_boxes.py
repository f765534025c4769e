"""Writes boxes/<number>.png and boxes.csv: a disc, square or triangle on a noisy ground, and its box.

The images are grey, 32 x 32 pixels. A box is left, top, right and bottom, as shares of the width and height.

python configs/data/make_boxes.py
"""

import csv
from pathlib import Path

COUNT = 320
SIDE = 32
SEED = 7
LEVELS = 8
"""Grey levels of an image: fewer make smaller files."""
KINDS = ("disc", "square", "triangle")


def main(folder: Path = Path(__file__).parent) -> None:
    """Draw the images; the same ones every time."""
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(SEED)
    down, across = np.mgrid[:SIDE, :SIDE]
    (folder / "boxes").mkdir(parents=True, exist_ok=True)
    lines = []
    for number in range(COUNT):
        kind = KINDS[int(random.integers(len(KINDS)))]
        size = random.uniform(4, 9)
        y, x = random.uniform(size + 1, SIDE - size - 1, 2)
        right, below = across - x, down - y
        inside = {
            "disc": np.hypot(right, below) <= size,
            "square": np.maximum(abs(right), abs(below)) <= size * 0.9,
            "triangle": (abs(below) <= size * 0.9) & (abs(right) <= (below + size * 0.9) / 1.8),
        }[kind]
        ground = random.uniform(70, 180)
        image = np.where(inside, ground + random.choice([-1, 1]) * random.uniform(45, 70), ground)
        image = np.clip(image + random.normal(0, 10, image.shape), 0, 255)
        step = 256 // LEVELS
        Image.fromarray((image // step * step).astype(np.uint8)).save(
            folder / "boxes" / f"{number:03}.png", optimize=True
        )
        rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
        box = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
        lines.append([f"boxes/{number:03}.png", kind, *(f"{value / SIDE:.4f}" for value in box)])
    with (folder / "boxes.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["file", "kind", "left", "top", "right", "bottom"])
        writer.writerows(lines)


if __name__ == "__main__":
    main()
