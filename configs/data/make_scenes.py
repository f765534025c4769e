"""Writes scenes/<scene>_<tile>.png and scenes.csv: tiles of drawn forests, waters, towns and fields.

A scene has colours and a light of its own, and is cut into four tiles of 16 x 16 pixels. Tiles of one scene
are alike, so that they belong into one split: scenes.csv names the scene of each.

python configs/data/make_scenes.py
"""

import csv
from pathlib import Path

SCENES = 20
"""Of each kind."""
SIDE, ACROSS = 16, 2
"""Pixels of a tile, and tiles of a scene along a side."""
SEED = 7
COLOURS = 16
"""Of a tile: fewer make smaller files."""
GROUND = {"forest": (60, 105, 55), "water": (60, 110, 130), "town": (125, 120, 115), "field": (135, 140, 75)}


def main(folder: Path = Path(__file__).parent) -> None:
    """Draw the scenes; the same ones every time."""
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(SEED)
    (folder / "scenes").mkdir(parents=True, exist_ok=True)
    lines = []
    size = SIDE * ACROSS
    for number in range(SCENES * len(GROUND)):
        kind = list(GROUND)[number % len(GROUND)]
        colour = np.array(GROUND[kind]) + random.normal(0, 22, 3)
        light = texture(kind, size, random) + random.normal(0, 6, (size, size))
        scene = np.clip(colour + light[..., np.newaxis], 0, 255).astype(np.uint8)
        for tile in range(ACROSS * ACROSS):
            top, left = tile // ACROSS * SIDE, tile % ACROSS * SIDE
            name = f"scenes/{number:02}_{tile}.png"
            cut = Image.fromarray(scene[top : top + SIDE, left : left + SIDE])
            cut.quantize(COLOURS, dither=Image.Dither.NONE).save(folder / name, optimize=True)
            lines.append([name, kind, f"{number:02}"])
    with (folder / "scenes.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["file", "kind", "scene"])
        writer.writerows(lines)


def texture(kind, size, random):
    """Lighter and darker places, shape `(size, size)`: crowns, waves, roofs or furrows."""
    import numpy as np

    down, across = np.mgrid[:size, :size].astype(float)
    strength = random.uniform(20, 40)
    if kind == "water":
        wave = random.uniform(0.8, 1.3) * down + 1.5 * np.sin(across / random.uniform(5, 9))
        return strength * 0.6 * np.sin(wave)
    if kind == "field":
        angle = random.uniform(0.4, 1.1)
        return strength * 0.6 * np.sign(np.sin((np.cos(angle) * across + np.sin(angle) * down) * 1.1))
    light = np.zeros((size, size))
    for _ in range(160 if kind == "forest" else 40):
        y, x = random.uniform(0, size, 2)
        shade = random.uniform(-1, 1) * strength
        if kind == "forest":
            light[np.hypot(down - y, across - x) < random.uniform(1.5, 3)] = shade
        else:
            high, wide = random.uniform(2, 5, 2)
            light[(abs(down - y) < high) & (abs(across - x) < wide)] = shade * 1.3
    return light


if __name__ == "__main__":
    main()
