"""Writes digits_images/<digit>/<number>.png: the first 40 images of each digit in scikit-learn's digits.

python configs/data/make_digits_images.py
"""

from pathlib import Path

EACH = 40
FOLDER = Path(__file__).with_name("digits_images")


def main(folder: Path = FOLDER) -> None:
    """Write grey images of 8 x 8 pixels; the same bytes every time."""
    import numpy as np
    from PIL import Image
    from sklearn.datasets import load_digits

    digits = load_digits()
    for digit in range(10):
        (folder / str(digit)).mkdir(parents=True, exist_ok=True)
        for number in np.flatnonzero(digits.target == digit)[:EACH]:
            pixels = (digits.images[number] * 255 / 16).round().astype(np.uint8)
            Image.fromarray(pixels).save(folder / str(digit) / f"{number:04}.png", optimize=True)


if __name__ == "__main__":
    main()
