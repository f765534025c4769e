"""Writes wine.parquet, iris.tfrecord, and bikes-1.csv.gz and bikes-2.csv.gz.

python configs/data/make_tables.py

Wine and iris are scikit-learn's. The bikes are drawn: rentals of each day of two years, which rise with the
temperature and from year to year, and fall on wet days and holidays.
"""

import datetime
import gzip
import math
import random
from pathlib import Path

HERE = Path(__file__).parent
SEED = 7


def wine() -> None:
    """178 wines with the names of their growers."""
    import pyarrow as pa
    from pyarrow import parquet
    from sklearn.datasets import load_wine

    data = load_wine()
    columns = {name: data.data[:, i] for i, name in enumerate(data.feature_names)}
    growers = pa.array([str(data.target_names[label]) for label in data.target]).dictionary_encode()
    parquet.write_table(pa.table({**columns, "grower": growers}), HERE / "wine.parquet")


def iris() -> None:
    """150 flowers, a record each: four floats and the name of the species."""
    import tensorflow as tf
    from sklearn.datasets import load_iris

    data = load_iris()
    with tf.io.TFRecordWriter(str(HERE / "iris.tfrecord")) as writer:
        for row, label in zip(data.data, data.target, strict=True):
            name = str(data.target_names[label]).encode()
            held = {
                "flower": tf.train.Feature(float_list=tf.train.FloatList(value=row)),
                "species": tf.train.Feature(bytes_list=tf.train.BytesList(value=[name])),
            }
            writer.write(tf.train.Example(features=tf.train.Features(feature=held)).SerializeToString())


def bikes() -> None:
    """731 days in two files, one a year."""
    draw = random.Random(SEED)
    day = datetime.date(2024, 1, 1)
    for number in (1, 2):
        lines = ["day,temperature,wet,holiday,rentals"]
        while day.year == 2023 + number:
            season = math.sin((day.timetuple().tm_yday - 110) / 365 * 2 * math.pi)
            temperature = round(11 + 10 * season + draw.gauss(0, 3), 1)
            wet, holiday = draw.random() < 0.3, day.weekday() == 6 or draw.random() < 0.03
            rentals = 900 + 60 * temperature + 1200 * (number - 1) - 700 * wet - 400 * holiday
            rentals = max(0, round(rentals + draw.gauss(0, 150)))
            told = ("yes" if wet else "no", "true" if holiday else "false")
            lines.append(f"{day},{temperature},{told[0]},{told[1]},{rentals}")
            day += datetime.timedelta(days=1)
        content = "\n".join([*lines, ""]).encode()
        (HERE / f"bikes-{number}.csv.gz").write_bytes(gzip.compress(content, mtime=0))


if __name__ == "__main__":
    wine()
    iris()
    bikes()
