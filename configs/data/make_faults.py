"""Writes faults.csv: 800 checks of machines, few of which are faulty, some judged in haste.

A hasty judgement (trust 0.1) is wrong two times in five, a careful one (trust 1) never.

python configs/data/make_faults.py
"""

import csv
import random
from pathlib import Path

ROWS = 800
SEED = 7
HASTY, WRONG = 0.3, 0.4


def main() -> None:
    """Draw the rows; the same ones every time."""
    draw = random.Random(SEED)
    with Path(__file__).with_name("faults.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["temperature", "vibration", "current", "trust", "state"])
        for _ in range(ROWS):
            faulty = draw.random() < 1 / 6
            values = draw.gauss(74 if faulty else 65, 5), draw.gauss(2.9 if faulty else 1.8, 0.5)
            current = draw.gauss(11.5 if faulty else 10, 1)
            hasty = draw.random() < HASTY
            judged = faulty != (hasty and draw.random() < WRONG)
            numbers = [round(value, 2) for value in (*values, current)]
            writer.writerow([*numbers, 0.1 if hasty else 1, "fault" if judged else "fine"])


if __name__ == "__main__":
    main()
