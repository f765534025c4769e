"""Writes shapes/<number>.png and shapes_masks/<number>.png: discs and squares on noisy grounds.

The images are grey, 32 x 32 pixels, with one to three shapes each, some in part behind others. The masks have
a palette: 0 is the ground, 1 a disc, 2 a square.

python configs/data/make_shapes.py
"""

from pathlib import Path

COUNT = 160
SIDE = 32
SEED = 7
LEVELS = 16
"""Grey levels of an image: fewer make smaller files."""
PALETTE = [153, 153, 153, 230, 159, 0, 0, 114, 178]
"""Red, green and blue of each class: for whoever looks at a mask."""


def main(folder: Path = Path(__file__).parent) -> None:
    """Draw the images; the same ones every time."""
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(SEED)
    down, across = np.mgrid[:SIDE, :SIDE]
    for name in ("shapes", "shapes_masks"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number in range(COUNT):
        slope = random.uniform(-1.5, 1.5, 2)
        ground = random.uniform(70, 180)
        image = ground + slope[0] * (down - SIDE / 2) + slope[1] * (across - SIDE / 2)
        mask = np.zeros((SIDE, SIDE), np.uint8)
        for _ in range(random.integers(1, 4)):
            y, x = random.uniform(6, SIDE - 6, 2)
            size, lighter = random.uniform(4, 8), random.choice([-1, 1]) * random.uniform(40, 70)
            disc = bool(random.integers(2))
            far = np.hypot(down - y, across - x) if disc else np.maximum(abs(down - y), abs(across - x)) * 1.1
            image = np.where(far <= size, ground + lighter, image)
            mask[far <= size] = 1 if disc else 2
        image = np.clip(image + random.normal(0, 12, image.shape), 0, 255)
        step = 256 // LEVELS
        grey = (image // step * step).astype(np.uint8)
        Image.fromarray(grey).save(folder / "shapes" / f"{number:03}.png", optimize=True)
        painted = Image.fromarray(mask).convert("P")
        painted.putdata(mask.ravel().tolist())
        painted.putpalette(PALETTE)
        painted.save(folder / "shapes_masks" / f"{number:03}.png", optimize=True, bits=2)


if __name__ == "__main__":
    main()
