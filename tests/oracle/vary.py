"""Rewrites predictions in the many forms teams save them in.

    python3 vary.py IN OUT

Reads <number>.nrrd of IN and writes the same foreground to OUT, each case in another form.
Only forms that pynrrd reads, so that the oracle can judge them.
"""

import pathlib
import sys

import nrrd
import numpy as np


def labels(mask, dtype):
    """Foreground 1 to 3, background 0 and, where the type has it, -1."""
    index = np.arange(mask.size).reshape(mask.shape, order="F")
    background = -(index % 2) if np.dtype(dtype).kind == "i" else 0
    return np.where(mask, 1 + index % 3, background).astype(dtype)


def probabilities(mask, dtype):
    """Foreground just above 0.5 to 1, background up to 0.5 itself and, here and there, NaN."""
    index = np.arange(mask.size).reshape(mask.shape, order="F")
    high = np.where(index % 2, np.nextafter(np.dtype(dtype).type(0.5), 1), 1)
    low = np.choose(index % 4, [0, 0.25, 0.5, np.nan])
    return np.where(mask, high, low).astype(dtype)


def as_nrrd(encoding, values, dtype):
    def write(stem, mask, header):
        header = {**header, "encoding": encoding}
        nrrd.write(f"{stem}.nrrd", values(mask, dtype), header)

    return write


def as_npz(save, order, values, dtype):
    def write(stem, mask, header):
        save(f"{stem}.npz", segmentation=np.array(values(mask, dtype), order=order))

    return write


FORMS = [
    as_nrrd("raw", labels, "uint8"),
    as_nrrd("gzip", labels, "int8"),
    as_nrrd("ascii", labels, "int16"),
    as_nrrd("bzip2", labels, "uint8"),
    as_nrrd("raw", labels, "<i2"),
    as_nrrd("raw", labels, ">i2"),
    as_nrrd("gzip", labels, ">u2"),
    as_nrrd("bzip2", labels, "<i4"),
    as_nrrd("gzip", labels, ">i8"),
    as_nrrd("raw", probabilities, "<f4"),
    as_nrrd("gzip", probabilities, ">f4"),
    as_nrrd("ascii", probabilities, "<f4"),
    as_nrrd("raw", probabilities, ">f8"),
    as_nrrd("bzip2", probabilities, "<f8"),
    as_npz(np.savez, "C", labels, "uint8"),
    as_npz(np.savez_compressed, "F", labels, "bool"),
    as_npz(np.savez_compressed, "C", labels, ">i4"),
    as_npz(np.savez, "F", probabilities, ">f8"),
    as_npz(np.savez_compressed, "C", probabilities, "<f4"),
    as_npz(np.savez_compressed, "F", probabilities, "f2"),
]


def main():
    source, target = map(pathlib.Path, sys.argv[1:])
    target.mkdir()
    for path in sorted(source.glob("*.nrrd")):
        mask, header = nrrd.read(str(path))
        kept = {name: header[name] for name in ("space", "space directions", "space origin")}
        FORMS[int(path.stem) % len(FORMS)](target / path.stem, mask > 0, kept)


if __name__ == "__main__":
    main()
