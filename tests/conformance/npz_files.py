"""NPZ files: types, orders, headers, shapes."""

import pickle
import struct

import numpy as np

from corpus import MASK, SHAPE
from npz_make import DICT, LAST_FASTEST, VOLUME, npy, npz, saved

NOT_3D = "A segmentation has three axes; the published evaluator, too, refuses another shape than the truth's."
NO_NUMBER = "Only plain numbers are compared with 0.5; what these would be is anybody's guess."
PLAIN_HEADER = "NumPy reads the header as Python source; here only the form that writers of arrays produce is understood, not a language."


def add(files):
    types(files)
    headers(files)
    shapes(files)


def types(files):
    for code in ["|b1", "|u1", "|i1"] + [
        order + kind for kind in ["u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"] for order in "<>"
    ]:
        id = code.strip("|<>") + {"<": "-little", ">": "-big", "|": ""}[code[0]]
        volume = values(np.dtype(code))
        files.ok(f"npz-{id}", f"{code}, deflated, C order", saved(volume))
        files.ok(
            f"npz-{id}-fortran", f"{code}, stored, Fortran order", saved(np.asfortranarray(volume), deflated=False)
        )
    for code in ["=i2", "u1", "?", "B", "<H", "uint8", "bool", "float32", "<u1"]:
        volume = values(np.dtype(code)) if code != "<u1" else VOLUME
        files.ok(
            f"npz-descr-{code.replace('?', 'question-mark').replace('=', 'native-').replace('<', 'little-')}",
            f"descr '{code}'",
            npz(npy(DICT.replace("|u1", code), volume.tobytes())),
        )
    files.ok(
        "npz-descr-little-uint8",
        "descr '<uint8'",
        npz(npy(DICT.replace("|u1", "<uint8"))),
        why="A name with a byte order before it; nothing else can be meant.",
    )
    for id, dtype, volume in [
        ("complex64", "<c8", VOLUME.astype("<c8")),
        ("complex128", "<c16", VOLUME.astype("<c16")),
        ("bytes", "|S1", VOLUME.astype("S1")),
        ("text", "<U1", VOLUME.astype("<U1")),
        ("datetime", "<M8[s]", VOLUME.astype("<i8").view("<M8[s]")),
        ("timedelta", "<m8[s]", VOLUME.astype("<i8").view("<m8[s]")),
        ("void", "|V1", VOLUME.view("|V1")),
        ("structured", "[('label', '|u1')]", VOLUME.view([("label", "u1")])),
    ]:
        files.no(f"npz-not-{id}", f"{dtype}", saved(np.ascontiguousarray(volume)), "npz.unsupported_type", NO_NUMBER)
    files.no(
        "npz-not-long-double",
        "<f16, NumPy's longdouble",
        npz(
            npy(
                DICT.replace("|u1", "<f16"),
                VOLUME.astype("<f16").tobytes() if np.dtype(np.longdouble).itemsize == 16 else bytes(384),
            )
        ),
        "npz.unsupported_type",
        "Its 16 bytes mean another number on every kind of processor: 80 bits, 128 bits, two doubles.",
    )
    pickled = pickle.dumps(np.array([None, 1], dtype=object), protocol=2)
    files.no(
        "npz-not-object",
        "|O, pickled",
        npz(npy("{'descr': '|O', 'fortran_order': False, 'shape': (4, 3, 2), }", pickled)),
        "npz.unsupported_type",
    )
    files.no(
        "npz-not-subarray",
        "descr ('|u1', (2,))",
        npz(npy("{'descr': ('|u1', (2,)), 'fortran_order': False, 'shape': (4, 3, 1), }")),
        "npz.unsupported_type",
        NO_NUMBER,
    )
    for code in ["<u3", "|u16", "<x8", "", "<i2 ", "int"]:
        files.no(
            f"npz-not-{code.strip('<|').replace(' ', '-blank') or 'empty'}",
            f"descr '{code}'",
            npz(npy(DICT.replace("|u1", code), VOLUME.astype("<i8").tobytes())),
            "npz.unsupported_type",
            "Of no stated width: 32 bits on one system, 64 on another." if code == "int" else "",
        )


def values(dtype):
    """The mask in this type, extremes among its values."""
    if dtype.kind == "b":
        return VOLUME.astype(dtype)
    if dtype.kind == "f":
        on, off = [1, 0.75, np.inf, 0.501], [0, 0.5, -1, np.nan, 0.499, -np.inf]
    else:
        info = np.iinfo(dtype)
        on, off = [1, 7, info.max, info.max // 2], [0, info.min]
    flat = np.empty(24, dtype)
    for at, value in enumerate(MASK):
        flat[at] = on[at % len(on)] if value else off[at % len(off)]
    return flat.reshape(SHAPE, order="F")


def headers(files):
    def ok(id, what, array, **more):
        files.ok(f"npz-header-{id}", what, npz(array), **more)

    def no(id, what, array, code="bad_header", why=""):
        files.no(f"npz-header-{id}", what, npz(array), f"npz.{code}", why)

    for version in [(1, 0), (2, 0), (3, 0)]:
        ok(f"version-{version[0]}", f"header version {version[0]}.0, C order", npy(version=version))
        ok(
            f"version-{version[0]}-fortran",
            f"header version {version[0]}.0, Fortran order",
            npy(DICT.replace("False", "True"), MASK, version),
        )
    for version in [(0, 0), (4, 0), (255, 0), (1, 1), (2, 1)]:
        no(f"version-{version[0]}-{version[1]}", f"header version {version[0]}.{version[1]}", npy(version=version))
    ok("order", "keys in another order", npy("{'shape': (4, 3, 2), 'fortran_order': False, 'descr': '|u1'}"))
    ok("double-quotes", "double quotes", npy(DICT.replace("'", '"')))
    ok("no-blanks", "no blanks", npy(DICT.replace(" ", "")))
    ok("line-feeds", "line feeds and tabs between the keys", npy(DICT.replace(", '", ",\n\t'")))
    ok("unpadded", "no padding", b"\x93NUMPY\1\0" + struct.pack("<H", len(DICT)) + DICT.encode() + LAST_FASTEST)
    ok("long-integers", "Python 2's `4L`", npy(DICT.replace("(4, 3, 2)", "(4L, 3L, 2L)")))
    ok(
        "long-integers-3",
        "Python 2's `4L` in version 3.0",
        npy(DICT.replace("(4, 3, 2)", "(4L, 3L, 2L)"), version=(3, 0)),
        why="Read as in the other versions; nothing else can be meant.",
    )
    ok("comma-last", "a comma after the last size", npy(DICT.replace("2)", "2,)")))
    ok(
        "large",
        "a header of 20 000 bytes",
        npy(DICT + " " * 20000, version=(2, 0)),
        why="NumPy's own bound guards its parser of Python source; this reader's is 64 KiB.",
    )
    no("too-large", "a header of 100 000 bytes", npy(DICT + " " * 100000, version=(2, 0)))
    for id, what, dict, why in [
        ("extra-key", "a key more", DICT.replace("'shape'", "'more': 1, 'shape'"), ""),
        ("no-descr", "no descr", "{'fortran_order': False, 'shape': (4, 3, 2)}", ""),
        ("no-order", "no fortran_order", "{'descr': '|u1', 'shape': (4, 3, 2)}", ""),
        ("no-shape", "no shape", "{'descr': '|u1', 'fortran_order': False}", ""),
        (
            "twice",
            "descr twice",
            DICT.replace("'shape'", "'descr': '|u1', 'shape'"),
            "Which of two values would be meant can't be known; Python takes the last.",
        ),
        ("order-0", "fortran_order 0", DICT.replace("False", "0"), ""),
        ("order-none", "fortran_order None", DICT.replace("False", "None"), ""),
        ("order-lower", "fortran_order false", DICT.replace("False", "false"), ""),
        ("order-quoted", "fortran_order 'False'", DICT.replace("False", "'False'"), ""),
        ("shape-list", "a list as shape", DICT.replace("(4, 3, 2)", "[4, 3, 2]"), ""),
        ("shape-negative", "a negative size", DICT.replace("3", "-3"), ""),
        ("shape-two-negative", "two negative sizes", DICT.replace("3, 2", "-3, -2"), ""),
        ("shape-fraction", "a fraction as size", DICT.replace("3", "3.0"), ""),
        ("shape-hex", "a size in hexadecimal", DICT.replace("(4", "(0x4"), PLAIN_HEADER),
        ("shape-sum", "a sum as size", DICT.replace("(4", "(2+2"), ""),
        ("shape-number", "a number as shape", DICT.replace("(4, 3, 2)", "24"), ""),
        ("unicode", "u'' strings", DICT.replace("'descr'", "u'descr'"), PLAIN_HEADER),
        ("escape", "an escape in a string", DICT.replace("|u1", "|\\x751"), PLAIN_HEADER),
        ("list", "a list instead of a dictionary", "[1, 2]", ""),
        ("empty", "nothing in it", "", ""),
        ("open", "no closing brace", DICT[:-1], ""),
        ("two", "two dictionaries", DICT + DICT, ""),
        ("call", "a function call", "{'descr': __import__('os'), 'fortran_order': False, 'shape': (4, 3, 2)}", ""),
    ]:
        no(id, f"header with {what}" if not what.startswith("no") else what, npy(dict), why=why)
    data = npy()[10 + 98 :]
    ok(
        "length-short",
        "a header length 20 too small: blanks become values",
        npy(length=98),
        mask=np.frombuffer(data[:24], np.uint8).reshape(SHAPE).__gt__(0).astype(np.uint8).tobytes(order="F"),
    )
    no("length-too-short", "a header length that cuts the dictionary", npy(length=30))
    no("length-long", "a header length 10 too large", npy(length=128))
    no("length-longer", "a header length past the end of the file", npy(length=1000), "truncated")
    no("magic", "another magic", b"\x93NUMPX" + npy()[6:], "not_npz")
    no("cut", "a member of 5 bytes", npy()[:5], "not_npz")


def shapes(files):
    for id, shape in [
        ("0d", "()"),
        ("1d", "(24,)"),
        ("2d", "(4, 6)"),
        ("4d", "(1, 4, 3, 2)"),
        ("4d-last", "(4, 3, 2, 1)"),
    ]:
        data = LAST_FASTEST[:1] if id == "0d" else LAST_FASTEST
        files.no(
            f"npz-shape-{id}",
            f"shape {shape}",
            npz(npy(DICT.replace("(4, 3, 2)", shape), data)),
            "volume.not_3d",
            NOT_3D,
        )
    files.ok(
        "npz-shape-one",
        "shape (1, 1, 1)",
        npz(npy(DICT.replace("(4, 3, 2)", "(1, 1, 1)"), b"\1")),
        shape=(1, 1, 1),
        mask=b"\1",
    )
    files.no(
        "npz-shape-zero",
        "shape (4, 0, 2)",
        npz(npy(DICT.replace("3", "0"), b"")),
        "volume.bad_sizes",
        "There is nothing to score in a volume without voxels.",
    )
    for id, shape in [
        ("huge", "(65536, 65536, 65536)"),
        ("overflow", "(4294967296, 4294967296, 2)"),
        ("wraps-to-24", "(4611686018427387905, 3, 8)"),
    ]:
        files.no(f"npz-shape-{id}", f"shape {shape}", npz(npy(DICT.replace("(4, 3, 2)", shape))), "volume.bad_sizes")
    files.no("npz-shape-beyond", "a size of 2^64", npz(npy(DICT.replace("(4", f"({2**64}"))), "npz.bad_header")
