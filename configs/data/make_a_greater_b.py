"""Writes a_greater_b.csv: 1,000 rows of three uniform numbers in [0, 1) and whether A > B.

python configs/data/make_a_greater_b.py
"""

import csv
import random
from pathlib import Path

ROWS = 1000
SEED = 7


def main() -> None:
    """Draw the rows; the same ones every time."""
    draw = random.Random(SEED)
    with Path(__file__).with_name("a_greater_b.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["A", "B", "C", "A>B"])
        for _ in range(ROWS):
            a, b, c = (round(draw.random(), 6) for _ in range(3))
            writer.writerow([a, b, c, int(a > b)])


if __name__ == "__main__":
    main()
