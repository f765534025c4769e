"""Writes visits.jsonl: 1,500 visits to a shop's pages, and whether the visitor bought.

A visit is the numbers of the pages in their order, 1 to 20. Whoever sees a product (5 to 14), the basket (2)
and the till (3) in this order buys, unless the help page (4) comes between basket and till; one in thirty
decides otherwise. Which pages are seen says little, their order says all.

python configs/data/make_visits.py
"""

import json
import random
from pathlib import Path

ROWS = 1500
SEED = 7
LONGEST = 16
BASKET, TILL, HELP = 2, 3, 4
OTHERWISE = 30


def main() -> None:
    """Draw the visits; the same ones every time."""
    draw = random.Random(SEED)
    with Path(__file__).with_name("visits.jsonl").open("w", encoding="utf-8") as stream:
        for _ in range(ROWS):
            pages = [draw.randrange(1, 21) for _ in range(draw.randrange(3, LONGEST - 3))]
            steps = [draw.randrange(5, 15), BASKET, TILL]
            if draw.random() < 0.5:
                draw.shuffle(steps)
            if draw.random() < 0.25:
                steps.insert(draw.randrange(4), HELP)
            for place, page in zip(
                sorted(draw.sample(range(len(pages) + 1), 1) * len(steps)), steps, strict=True
            ):
                pages.insert(place + steps.index(page), page)
            bought = buys(pages) != (draw.randrange(OTHERWISE) == 0)
            stream.write(json.dumps({"pages": pages, "bought": "yes" if bought else "no"}) + "\n")


def buys(pages: list[int]) -> bool:
    """Whether a product, the basket and the till come in this order, and no help between the last two."""
    seen = in_basket = False
    for page in pages:
        if page == TILL and in_basket:
            return True
        seen = seen or 5 <= page < 15
        in_basket = (in_basket or (page == BASKET and seen)) and page != HELP
    return False


if __name__ == "__main__":
    main()
