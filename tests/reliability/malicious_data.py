"""Files of data that were made to do harm, by name: the source that reads each, and its files."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import zipfile
import zlib

import numpy as np

from tests.run.model_files.malicious import Harmful

LABELS = np.arange(40) % 3


def npy(array):
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def header(text, version=1):
    raw = text.encode() + b"\n"
    length = struct.pack("<H" if version == 1 else "<I", len(raw))
    return b"\x93NUMPY" + bytes([version, 0]) + length + raw


def shaped(shape, descr="<f8"):
    return header(f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}")


def npz(compression=zipfile.ZIP_STORED, **members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name if "." in name else f"{name}.npy", content)
    return stream.getvalue()


def png(width, height):
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(100))), (b"IEND", b"")]
    made = b"\x89PNG\r\n\x1a\n"
    for name, content in parts:
        made += (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )
    return made


def arrays(content):
    return {"type": "npy", "x": "x.npy", "y": "y.npy"}, {"x.npy": content, "y.npy": npy(LABELS)}


def archive(content):
    return {"type": "npz", "path": "d.npz"}, {"d.npz": content}


def table(content, name="d.csv"):
    return {"type": "csv", "path": name, "target": "y"}, {name: content}


def pictures(content, name="bad.png"):
    good = {f"im/{k}/{i}.png": png(5, 5) for k in "ab" for i in range(3)}
    return {"type": "images", "path": "im"}, {**good, f"im/a/{name}": content}


def lines(content):
    source = {"type": "sequences", "path": "d.jsonl"}
    return source, {"d.jsonl": content}


def records(content):
    source = {"type": "tfrecord", "path": "d.tfrecord", "label": "y"}
    return {**source, "features": {"x": {"shape": [1]}, "y": {"dtype": "int64"}}}, {"d.tfrecord": content}


def corpus(canary):
    """By name the source and its files; code in them would make the folder `canary`."""
    harmful = pickle.dumps(Harmful(canary))
    objects = shaped((2,), "|O") + harmful
    y = npy(LABELS)
    good = npz(x=npy(np.zeros((40, 2))), y=y)
    return {
        "npy_pickle": arrays(objects),
        "npy_bare_pickle": arrays(harmful),
        "npy_elements": arrays(shaped((10**12,))),
        "npy_overflow": arrays(shaped((1 << 62, 1 << 62))),
        "npy_negative": arrays(shaped((-5, 3)) + bytes(999)),
        "npy_code_in_header": arrays(header("__import__('os').system('touch canary')")),
        "npy_deep_header": arrays(header("(" * 5_000 + ")" * 5_000)),
        "npy_long_header": arrays(b"\x93NUMPY\x02\0" + struct.pack("<I", 1 << 31) + bytes(99)),
        "npy_unknown_type": arrays(shaped((2,), "V9999999") + bytes(99)),
        "npy_fields": arrays(header("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,), }") + bytes(16)),
        "npz_pickle": archive(npz(x=objects, y=objects)),
        "npz_elements": archive(npz(x=shaped((1 << 45,)), y=y)),
        "npz_bomb": archive(npz(zipfile.ZIP_DEFLATED, x=shaped((1 << 45,)) + bytes(64 << 20), y=y)),
        "npz_cut": archive(good[: len(good) // 2]),
        "npz_of_zips": archive(npz(x=good, y=good)),
        "npz_not_arrays": archive(npz(**{"x.txt": b"hello", "../../y.npy": y})),
        "npz_pickle_called_npz": archive(harmful),
        "csv_gzip_cut": table(gzip.compress(b"x,y\n1,0\n")[:-9], "d.csv.gz"),
        "csv_gzip_of_noise": table(b"\x1f\x8b\x08\0" + bytes(range(200)), "d.csv.gz"),
        "csv_of_many_columns": table(",".join(map(str, range(50_000))) + "\n1\n"),
        "csv_open_quote": table('x,y\n"' + "1,2\n" * 200_000),
        "csv_nul": table(b"x,y\n" + b"\0" * 100_000),
        "csv_long_number": table("x,y\n" + "9" * 100_000 + ",1\n2,0\n"),
        "image_of_400_megapixels": pictures(png(20_000, 20_000)),
        "image_of_no_size": pictures(png(0, 0)),
        "image_pickle": pictures(harmful),
        "image_svg": pictures(b"<svg onload='x'/>", "bad.svg.png"),
        "image_cut": pictures(png(5, 5)[:50]),
        "lines_deep": lines('{"x": ' + "[" * 100_000),
        "lines_not_finite": lines('{"x": [NaN], "y": 1}\n' * 9),
        "lines_no_object": lines("[1]\n" * 9),
        "records_length": records(struct.pack("<Q", 1 << 60) + bytes(99)),
        "records_pickle": records(harmful),
        "parquet_footer": (
            {"type": "parquet", "path": "d.parquet", "target": "y"},
            {"d.parquet": b"PAR1" + bytes(50) + struct.pack("<I", 1 << 31) + b"PAR1"},
        ),
    }  # fmt: skip


def write(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
