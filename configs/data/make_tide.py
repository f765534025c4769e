"""Writes tide.csv: 1,500 hours of a made-up tide, two waves of 12.4 and 24 hours under wind and noise.

The wind wanders by itself; it lifts the water three hours later.

python configs/data/make_tide.py
"""

import csv
import math
import random
from datetime import datetime, timedelta
from pathlib import Path

ROWS = 1500
SEED = 7
LATER = 3


def main() -> None:
    """Draw the hours; the same ones every time."""
    draw = random.Random(SEED)
    start = datetime(2024, 1, 1)
    wind = [0.0]
    for _ in range(ROWS + LATER):
        wind.append(0.9 * wind[-1] + draw.gauss(0, 0.5))
    with Path(__file__).with_name("tide.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["hour", "level", "wind"])
        for hour in range(ROWS):
            waves = math.sin(2 * math.pi * hour / 12.4) + 0.4 * math.sin(2 * math.pi * hour / 24 + 1)
            level = 2 + waves + 0.3 * wind[hour] + draw.gauss(0, 0.05)
            moment = (start + timedelta(hours=hour)).isoformat(timespec="minutes")
            writer.writerow([moment, f"{level:.3f}", f"{wind[hour + LATER]:.3f}"])


if __name__ == "__main__":
    main()
