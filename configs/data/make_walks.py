"""Writes walks.csv: 12 people, 30 moments each, from four measurements whether they rest, walk or run.

Everyone moves in a way of their own, so a model that knows a person does better on that person.

python configs/data/make_walks.py
"""

import csv
import random
from pathlib import Path

PEOPLE = 12
MOMENTS = 30
SEED = 7
ACTIVITIES = {"rest": (20, 1, 0.1, 62), "walk": (105, 12, 0.9, 88), "run": (160, 26, 2.6, 140)}
"""Typical cadence (steps a minute), swing (degrees), bounce (cm) and pulse."""
SPREAD = (12, 4, 0.5, 9)
"""Deviation of each from moment to moment."""


def main() -> None:
    """Draw the rows; the same ones every time."""
    draw = random.Random(SEED)
    with Path(__file__).with_name("walks.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["person", "cadence", "swing", "bounce", "pulse", "activity"])
        for number in range(1, PEOPLE + 1):
            style = [draw.gauss(0, 2.2) for _ in SPREAD]
            for _ in range(MOMENTS):
                activity = draw.choice(list(ACTIVITIES))
                typical = zip(ACTIVITIES[activity], SPREAD, style, strict=True)
                values = [draw.gauss(mean + own * spread, spread) for mean, spread, own in typical]
                writer.writerow([f"p{number:02}", *(round(value, 1) for value in values), activity])


if __name__ == "__main__":
    main()
