"""Rewrites volumes in the many forms teams save them in.

    python3 vary.py IN OUT [--truth]

Reads <number>.nrrd of IN and writes the same foreground to OUT, each case in another form, and a
zip of them to OUT.zip. Only forms that pynrrd reads, so that the oracle can judge them; with
--truth no NPZ, which has no spacing, and no values but 0 and 1, which a ground truth is asked about.
"""

import pathlib
import shutil
import sys

import nrrd
import numpy as np


def labels(mask, dtype):
    """Foreground 1 to 3, background 0 and, where the type has it, a number below 0 that would be
    foreground with its bytes swapped."""
    dtype = np.dtype(dtype)
    index = np.arange(mask.size).reshape(mask.shape, order="F")
    negative = (-1 if dtype.itemsize == 1 else -256) if dtype.kind == "i" else 0
    return np.where(mask, 1 + index % 3, negative * (index % 2)).astype(dtype)


def extremes(mask, dtype):
    """The type's largest number and its smallest."""
    limits = np.iinfo(dtype)
    return np.where(mask, np.array(limits.max, dtype), np.array(limits.min, dtype)).astype(dtype)


def probabilities(mask, dtype):
    """Foreground just above 0.5 to 1, background up to 0.5 itself and, here and there, NaN."""
    index = np.arange(mask.size).reshape(mask.shape, order="F")
    high = np.where(index % 2, np.nextafter(np.dtype(dtype).type(0.5), 1), 1)
    low = np.choose(index % 4, [0, 0.25, 0.5, np.nan])
    return np.where(mask, high, low).astype(dtype)


def as_nrrd(encoding, values, dtype):
    def write(stem, mask, header, plain):
        header = {**header, "encoding": encoding}
        nrrd.write(f"{stem}.nrrd", mask.astype(dtype) if plain else values(mask, dtype), header)

    return write


def as_npz(save, order, values, dtype):
    def write(stem, mask, header, plain):
        save(f"{stem}.npz", segmentation=np.array(values(mask, dtype), order=order))

    return write


NRRD = [
    as_nrrd("raw", labels, "uint8"),
    as_nrrd("raw", extremes, "int8"),
    as_nrrd("raw", labels, "<i2"),
    as_nrrd("raw", labels, ">i2"),
    as_nrrd("raw", extremes, "<u2"),
    as_nrrd("raw", labels, ">i4"),
    as_nrrd("raw", labels, "<i8"),
    as_nrrd("raw", probabilities, "<f4"),
    as_nrrd("raw", probabilities, ">f8"),
    as_nrrd("gzip", extremes, "uint8"),
    as_nrrd("gzip", labels, "int8"),
    as_nrrd("gzip", labels, "<i2"),
    as_nrrd("gzip", extremes, ">i2"),
    as_nrrd("gzip", labels, ">u2"),
    as_nrrd("gzip", extremes, "<u4"),
    as_nrrd("gzip", labels, ">i8"),
    as_nrrd("gzip", probabilities, ">f4"),
    as_nrrd("gzip", probabilities, "<f8"),
    as_nrrd("bzip2", labels, "uint8"),
    as_nrrd("bzip2", labels, ">i2"),
    as_nrrd("bzip2", labels, "<i4"),
    as_nrrd("bzip2", extremes, ">u8"),
    as_nrrd("bzip2", probabilities, "<f4"),
    as_nrrd("bzip2", probabilities, ">f8"),
    as_nrrd("ascii", labels, "int16"),
    as_nrrd("ascii", probabilities, "<f4"),
]
NPZ = [
    as_npz(np.savez, "C", labels, "uint8"),
    as_npz(np.savez, "F", labels, "bool"),
    as_npz(np.savez, "C", labels, ">i2"),
    as_npz(np.savez, "F", extremes, "<u4"),
    as_npz(np.savez, "C", probabilities, "<f8"),
    as_npz(np.savez, "F", probabilities, ">f8"),
    as_npz(np.savez_compressed, "C", labels, "bool"),
    as_npz(np.savez_compressed, "F", extremes, "int8"),
    as_npz(np.savez_compressed, "C", labels, ">i4"),
    as_npz(np.savez_compressed, "F", labels, "<i8"),
    as_npz(np.savez_compressed, "C", extremes, ">u2"),
    as_npz(np.savez_compressed, "F", probabilities, "f2"),
    as_npz(np.savez_compressed, "C", probabilities, "<f4"),
    as_npz(np.savez_compressed, "F", probabilities, ">f4"),
]


def main():
    source, target = map(pathlib.Path, sys.argv[1:3])
    truth = "--truth" in sys.argv
    forms = NRRD if truth else NRRD + NPZ
    target.mkdir()
    for path in sorted(source.glob("*.nrrd")):
        mask, header = nrrd.read(str(path))
        kept = {name: header[name] for name in ("space", "space directions", "space origin")}
        forms[int(path.stem) % len(forms)](target / path.stem, mask > 0, kept, truth)
    shutil.make_archive(str(target), "zip", target)


if __name__ == "__main__":
    main()
