"""Writes rents.csv: 900 made-up flats with numbers, texts and gaps, and what they cost a month.

python configs/data/make_rents.py
"""

import csv
import math
import random
from pathlib import Path

ROWS = 900
SEED = 7
DISTRICTS = {"Altstadt": 5.5, "Hafen": 3.0, "Nordend": 2.5, "Südpark": 4.0, "Westring": 0.0, "Zoo": 1.0}
"""Euros a square metre on top, by district."""
HEATING = {"district heat": 0.6, "gas": 0.0, "heat pump": 0.9, "oil": -0.5}
ENERGY = "ABCDEFG"
"""Classes from thrifty to wasteful; each costs something."""
STREETS = 240


def flat(draw: random.Random, streets: list[float]) -> list[object]:
    """One row; a few cells are empty, and some sizes are typing errors."""
    rooms = draw.choices([1, 2, 3, 4, 5], [18, 32, 28, 16, 6])[0]
    size = round(max(18.0, draw.gauss(22 * rooms + 8, 9)), 1)
    distance = round(draw.lognormvariate(0.9, 0.9), 2)
    year = draw.choice([draw.randint(1880, 1918), draw.randint(1950, 1980), draw.randint(1981, 2024)])
    district, heating = draw.choice(list(DISTRICTS)), draw.choice(list(HEATING))
    energy = min(6, max(0, round(draw.gauss((2024 - year) / 22, 1.3))))
    street = draw.randrange(STREETS)
    by_metre = 11 + DISTRICTS[district] + HEATING[heating] - 0.45 * energy + streets[street]
    rent = by_metre * size - 55 * math.log1p(distance) + draw.gauss(0, 30)
    typed = round(size * 10, 1) if draw.random() < 0.01 else size
    gaps = [draw.random() < share for share in (0.04, 0.1, 0.06, 0.08)]
    return [
        "" if gaps[0] else typed,
        rooms,
        "" if gaps[1] else year,
        distance,
        "" if gaps[2] else district,
        "" if gaps[3] else heating,
        ENERGY[energy],
        f"street {street}",
        round(rent),
    ]


def main() -> None:
    """Draw the rows; the same ones every time."""
    draw = random.Random(SEED)
    streets = [draw.gauss(0, 0.8) for _ in range(STREETS)]
    with Path(__file__).with_name("rents.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        names = ["size", "rooms", "year", "distance", "district", "heating", "energy", "street", "rent"]
        writer.writerow(names)
        writer.writerows(flat(draw, streets) for _ in range(ROWS))


if __name__ == "__main__":
    main()
