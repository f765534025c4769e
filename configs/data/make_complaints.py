"""Writes complaints.csv: 1,200 short messages to a shop, made from templates, and what each is about.

The four topics share most of their words, one message in twelve names two topics and is about its last, and
one label in fifty is wrong, so that a perfect score would be a mistake.

python configs/data/make_complaints.py
"""

import csv
import random
from pathlib import Path

ROWS = 1200
SEED = 7
BOTH, WRONG = 12, 50
OPENINGS = ("Hello,", "Hi,", "Good morning,", "To whom it may concern:", "", "", "Sorry to bother you, but")
CLOSINGS = ("Please help.", "Thanks!", "What can I do?", "I am not amused.", "", "", "Please answer soon.")
THINGS = ("kettle", "lamp", "jacket", "phone", "table", "backpack", "camera", "coat", "watch", "radio")
SAID = {
    "delivery": (
        "the {thing} has not arrived yet",
        "I have waited {n} days for the {thing}",
        "the parcel with my {thing} is lost",
        "the courier left the {thing} at the wrong door",
        "the tracking of the {thing} has not moved for {n} days",
        "the {thing} was sent to my old address",
    ),
    "payment": (
        "the {thing} was charged twice",
        "my card was declined for the {thing}",
        "I paid {n} euros too much for the {thing}",
        "the invoice for the {thing} is missing",
        "the discount on the {thing} was not taken off",
        "the {thing} was taken from the wrong account",
    ),
    "quality": (
        "the {thing} broke after {n} days",
        "the {thing} does not switch on",
        "the {thing} has a scratch",
        "a part of the {thing} is missing",
        "the {thing} smells of smoke",
        "the {thing} is not the colour of the picture",
    ),
    "returns": (
        "I want to send the {thing} back",
        "the {thing} does not fit, can I swap it",
        "the refund for the {thing} has not arrived after {n} days",
        "I need a label to return the {thing}",
        "how many days do I have to return the {thing}",
        "I changed my mind about the {thing}",
    ),
}


def main() -> None:
    """Draw the messages; the same ones every time."""
    draw = random.Random(SEED)
    with Path(__file__).with_name("complaints.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["message", "topic"])
        for _ in range(ROWS):
            topic = draw.choice(list(SAID))
            topics = [draw.choice(list(SAID)), topic] if draw.randrange(BOTH) == 0 else [topic]
            said = " and ".join(
                draw.choice(SAID[name]).format(thing=draw.choice(THINGS), n=draw.randrange(2, 30))
                for name in topics
            )
            message = " ".join(
                part for part in (draw.choice(OPENINGS), f"{said}.", draw.choice(CLOSINGS)) if part
            )
            label = draw.choice(list(SAID)) if draw.randrange(WRONG) == 0 else topic
            writer.writerow([message, label])


if __name__ == "__main__":
    main()
