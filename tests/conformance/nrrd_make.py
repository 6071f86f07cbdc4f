"""Builds NRRD files line by line."""

import gzip
import struct

from corpus import MASK

# 8 bit: several labels, so that nothing is right by chance.
RAW = bytes(value * (1 + at % 5) for at, value in enumerate(MASK))


def nrrd(*extra, data=RAW, magic="NRRD0004", eol="\n", first=(), **fields):
    """A file of these fields (None drops one; `_` stands for a blank) and further lines. Without data it lacks the empty line, too."""
    fields = {"type": "uchar", "dimension": "3", "sizes": "4 3 2", "encoding": "raw"} | fields
    named = [f"{name.replace('_', ' ')}: {value}" for name, value in fields.items() if value is not None]
    lines = [magic, *first, *named, *extra]
    text = "".join(line + eol for line in lines).encode("latin-1")
    return text if data is None else text + eol.encode() + data


def typed(endian, code):
    """The voxels in a type of the struct module, extremes among them."""
    size = struct.calcsize("<" + code)
    if code in "fd":
        on, off = [1, 0.75, float("inf"), 0.500001], [0, 0.5, -1, float("nan"), 0.499999, float("-inf")]
    elif code.islower():
        on, off = [1, 7, 2 ** (8 * size - 1) - 1, 2 ** (8 * size - 2)], [0, -1, 0, -(2 ** (8 * size - 1))]
    else:
        on, off = [1, 7, 2 ** (8 * size) - 1, 2 ** (8 * size - 1)], [0]
    values = [on[at % len(on)] if value else off[at % len(off)] for at, value in enumerate(MASK)]
    return struct.pack(f"{endian}24{code}", *values)


def gz(data):
    return gzip.compress(data, 9, mtime=0)
