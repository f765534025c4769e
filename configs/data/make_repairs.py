"""Writes repairs.csv: 1,000 made-up bicycles in a workshop, what their owners say, and what the repair costs.

The cost is made of what is broken, which the text alone tells, and of age, mileage and make. One text in
thirty is empty, and some parts are named so rarely that the training rows may lack them.

python configs/data/make_repairs.py
"""

import csv
import random
from pathlib import Path

ROWS = 1000
SEED = 7
MAKES = {"Amsel": 1.0, "Brise": 1.25, "Corso": 0.8, "Dachs": 1.5}
"""What each make's parts cost, as a factor."""
FAULTS = {
    "the chain slips": 28,
    "the rear brake squeals": 18,
    "the front brake does nothing": 24,
    "a spoke is broken": 22,
    "the front tyre is flat": 14,
    "the rear wheel wobbles": 38,
    "the gears jump": 33,
    "the light flickers": 16,
    "the saddle is loose": 9,
    "the bottom bracket creaks": 52,
    "the fork is bent": 95,
}
RARE = {"the hub dynamo hums": 74, "the belt is torn": 88, "the bell is gone": 7}
OPENINGS = ("Hello,", "Since Monday", "My daughter says", "On the way to work I noticed that", "", "")
CLOSINGS = ("Can you have a look?", "I need it by Friday.", "Thanks!", "No hurry.", "", "")


def repair(draw: random.Random) -> list[object]:
    """One row."""
    age = draw.randint(0, 15)
    mileage = round(max(50.0, draw.gauss(900, 400) * (age + 1)) / 10) * 10
    make = draw.choice(list(MAKES))
    known = RARE if draw.random() < 0.03 else FAULTS
    found = draw.sample(list(known), min(len(known), draw.choices([1, 2, 3], [55, 35, 10])[0]))
    parts = sum(known[fault] for fault in found)
    cost = 12 + MAKES[make] * parts * (1 + 0.015 * age) + mileage / 1500 + draw.gauss(0, 4)
    said = f"{draw.choice(OPENINGS)} {' and '.join(found)}. {draw.choice(CLOSINGS)}".strip()
    said = said[0].upper() + said[1:]
    if draw.random() < 1 / 30:
        said = ""
    return [age, "" if draw.random() < 0.05 else mileage, make, said, f"{max(cost, 10):.2f}"]


def main() -> None:
    """Draw the repairs; the same ones every time."""
    draw = random.Random(SEED)
    with Path(__file__).with_name("repairs.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["age", "mileage", "make", "said", "cost"])
        writer.writerows(repair(draw) for _ in range(ROWS))


if __name__ == "__main__":
    main()
