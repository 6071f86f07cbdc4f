"""NPZ files: types, orders, headers, archives."""

import io
import pickle
import struct
import zipfile

import numpy as np

from corpus import MASK, SHAPE, zipped

NOT_3D = "A segmentation has three axes; the published evaluator, too, refuses another shape than the truth's."
ONE_ARRAY = "An NPZ holds exactly one array and nothing else, so that nobody has to guess which is meant."
NO_NUMBER = "Only plain numbers are compared with 0.5; what these would be is anybody's guess."
PLAIN_HEADER = "NumPy reads the header as Python source; here only the form that writers of arrays produce is understood, not a language."
CHECKSUM = "Data that contradict their own length or checksum are refused."
DICT = "{'descr': '|u1', 'fortran_order': False, 'shape': (4, 3, 2), }"

VOLUME = np.frombuffer(MASK, np.uint8).reshape(SHAPE, order="F")
LAST_FASTEST = VOLUME.tobytes(order="C")


def npy(dict=DICT, data=LAST_FASTEST, version=(1, 0), length=None):
    """An array's file: magic, version, the header padded as NumPy pads it, values."""
    width = "<H" if version[0] == 1 else "<I"
    text = dict.encode("utf-8" if version[0] == 3 else "latin-1")
    text += b" " * (-(9 + struct.calcsize(width) + len(text)) % 64) + b"\n"
    stated = len(text) if length is None else length
    return b"\x93NUMPY" + bytes(version) + struct.pack(width, stated) + text + data


def npz(array, name="arr_0.npy", deflated=True):
    return zipped([(name, array)], deflated)


def saved(volume, deflated=True):
    """As NumPy writes this array."""
    out = io.BytesIO()
    np.lib.format.write_array(out, volume, allow_pickle=False)
    return npz(out.getvalue(), deflated=deflated)


def add(files):
    types(files)
    headers(files)
    shapes(files)
    archives(files)
    damaged(files)


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


def types(files):
    for code in ["|b1", "|u1", "|i1"] + [order + kind for kind in ["u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"] for order in "<>"]:
        id = code.strip("|<>") + {"<": "-little", ">": "-big", "|": ""}[code[0]]
        volume = values(np.dtype(code))
        files.ok(f"npz-{id}", f"{code}, deflated, C order", saved(volume))
        files.ok(f"npz-{id}-fortran", f"{code}, stored, Fortran order", saved(np.asfortranarray(volume), deflated=False))
    for code in ["=i2", "u1", "?", "B", "<H", "uint8", "bool", "float32", "<u1"]:
        volume = values(np.dtype(code)) if code != "<u1" else VOLUME
        files.ok(f"npz-descr-{code.replace('?', 'question-mark').replace('=', 'native-').replace('<', 'little-')}", f"descr '{code}'", npz(npy(DICT.replace("|u1", code), volume.tobytes())))
    files.ok("npz-descr-little-uint8", "descr '<uint8'", npz(npy(DICT.replace("|u1", "<uint8"))), why="A name with a byte order before it; nothing else can be meant.")
    for id, dtype, volume in [("complex64", "<c8", VOLUME.astype("<c8")), ("complex128", "<c16", VOLUME.astype("<c16")), ("bytes", "|S1", VOLUME.astype("S1")), ("text", "<U1", VOLUME.astype("<U1")),
                              ("datetime", "<M8[s]", VOLUME.astype("<i8").view("<M8[s]")), ("timedelta", "<m8[s]", VOLUME.astype("<i8").view("<m8[s]")), ("void", "|V1", VOLUME.view("|V1")),
                              ("structured", "[('label', '|u1')]", VOLUME.view([("label", "u1")]))]:
        files.no(f"npz-not-{id}", f"{dtype}", saved(np.ascontiguousarray(volume)), "npz.unsupported_type", NO_NUMBER)
    files.no("npz-not-long-double", "<f16, NumPy's longdouble", npz(npy(DICT.replace("|u1", "<f16"), VOLUME.astype("<f16").tobytes() if np.dtype(np.longdouble).itemsize == 16 else bytes(384))),
             "npz.unsupported_type", "Its 16 bytes mean another number on every kind of processor: 80 bits, 128 bits, two doubles.")
    pickled = pickle.dumps(np.array([None, 1], dtype=object), protocol=2)
    files.no("npz-not-object", "|O, pickled", npz(npy("{'descr': '|O', 'fortran_order': False, 'shape': (4, 3, 2), }", pickled)), "npz.unsupported_type")
    files.no("npz-not-subarray", "descr ('|u1', (2,))", npz(npy("{'descr': ('|u1', (2,)), 'fortran_order': False, 'shape': (4, 3, 1), }")), "npz.unsupported_type", NO_NUMBER)
    for code in ["<u3", "|u16", "<x8", "", "<i2 ", "int"]:
        files.no(f"npz-not-{code.strip('<|').replace(' ', '-blank') or 'empty'}", f"descr '{code}'", npz(npy(DICT.replace("|u1", code), VOLUME.astype("<i8").tobytes())), "npz.unsupported_type",
                 "Of no stated width: 32 bits on one system, 64 on another." if code == "int" else "")


def headers(files):
    def ok(id, what, array, **more):
        files.ok(f"npz-header-{id}", what, npz(array), **more)

    def no(id, what, array, code="bad_header", why=""):
        files.no(f"npz-header-{id}", what, npz(array), f"npz.{code}", why)

    for version in [(1, 0), (2, 0), (3, 0)]:
        ok(f"version-{version[0]}", f"header version {version[0]}.0, C order", npy(version=version))
        ok(f"version-{version[0]}-fortran", f"header version {version[0]}.0, Fortran order", npy(DICT.replace("False", "True"), MASK, version))
    for version in [(0, 0), (4, 0), (255, 0), (1, 1), (2, 1)]:
        no(f"version-{version[0]}-{version[1]}", f"header version {version[0]}.{version[1]}", npy(version=version))
    ok("order", "keys in another order", npy("{'shape': (4, 3, 2), 'fortran_order': False, 'descr': '|u1'}"))
    ok("double-quotes", "double quotes", npy(DICT.replace("'", '"')))
    ok("no-blanks", "no blanks", npy(DICT.replace(" ", "")))
    ok("line-feeds", "line feeds and tabs between the keys", npy(DICT.replace(", '", ",\n\t'")))
    ok("unpadded", "no padding", b"\x93NUMPY\1\0" + struct.pack("<H", len(DICT)) + DICT.encode() + LAST_FASTEST)
    ok("long-integers", "Python 2's `4L`", npy(DICT.replace("(4, 3, 2)", "(4L, 3L, 2L)")))
    ok("long-integers-3", "Python 2's `4L` in version 3.0", npy(DICT.replace("(4, 3, 2)", "(4L, 3L, 2L)"), version=(3, 0)),
       why="Read as in the other versions; nothing else can be meant.")
    ok("comma-last", "a comma after the last size", npy(DICT.replace("2)", "2,)")))
    ok("large", "a header of 20 000 bytes", npy(DICT + " " * 20000, version=(2, 0)), why="NumPy's own bound guards its parser of Python source; this reader's is 64 KiB.")
    no("too-large", "a header of 100 000 bytes", npy(DICT + " " * 100000, version=(2, 0)))
    for id, what, dict, why in [
            ("extra-key", "a key more", DICT.replace("'shape'", "'more': 1, 'shape'"), ""), ("no-descr", "no descr", "{'fortran_order': False, 'shape': (4, 3, 2)}", ""),
            ("no-order", "no fortran_order", "{'descr': '|u1', 'shape': (4, 3, 2)}", ""), ("no-shape", "no shape", "{'descr': '|u1', 'fortran_order': False}", ""),
            ("twice", "descr twice", DICT.replace("'shape'", "'descr': '|u1', 'shape'"), "Which of two values would be meant can't be known; Python takes the last."),
            ("order-0", "fortran_order 0", DICT.replace("False", "0"), ""), ("order-none", "fortran_order None", DICT.replace("False", "None"), ""),
            ("order-lower", "fortran_order false", DICT.replace("False", "false"), ""), ("order-quoted", "fortran_order 'False'", DICT.replace("False", "'False'"), ""),
            ("shape-list", "a list as shape", DICT.replace("(4, 3, 2)", "[4, 3, 2]"), ""), ("shape-negative", "a negative size", DICT.replace("3", "-3"), ""),
            ("shape-two-negative", "two negative sizes", DICT.replace("3, 2", "-3, -2"), ""), ("shape-fraction", "a fraction as size", DICT.replace("3", "3.0"), ""),
            ("shape-hex", "a size in hexadecimal", DICT.replace("(4", "(0x4"), PLAIN_HEADER), ("shape-sum", "a sum as size", DICT.replace("(4", "(2+2"), ""),
            ("shape-number", "a number as shape", DICT.replace("(4, 3, 2)", "24"), ""), ("unicode", "u'' strings", DICT.replace("'descr'", "u'descr'"), PLAIN_HEADER),
            ("escape", "an escape in a string", DICT.replace("|u1", "|\\x751"), PLAIN_HEADER), ("list", "a list instead of a dictionary", "[1, 2]", ""), ("empty", "nothing in it", "", ""),
            ("open", "no closing brace", DICT[:-1], ""), ("two", "two dictionaries", DICT + DICT, ""), ("call", "a function call", "{'descr': __import__('os'), 'fortran_order': False, 'shape': (4, 3, 2)}", "")]:
        no(id, f"header with {what}" if not what.startswith("no") else what, npy(dict), why=why)
    data = npy()[10 + 98:]
    ok("length-short", "a header length 20 too small: blanks become values", npy(length=98), mask=np.frombuffer(data[:24], np.uint8).reshape(SHAPE).__gt__(0).astype(np.uint8).tobytes(order="F"))
    no("length-too-short", "a header length that cuts the dictionary", npy(length=30))
    no("length-long", "a header length 10 too large", npy(length=128))
    no("length-longer", "a header length past the end of the file", npy(length=1000), "truncated")
    no("magic", "another magic", b"\x93NUMPX" + npy()[6:], "not_npz")
    no("cut", "a member of 5 bytes", npy()[:5], "not_npz")


def shapes(files):
    for id, shape in [("0d", "()"), ("1d", "(24,)"), ("2d", "(4, 6)"), ("4d", "(1, 4, 3, 2)"), ("4d-last", "(4, 3, 2, 1)")]:
        data = LAST_FASTEST[:1] if id == "0d" else LAST_FASTEST
        files.no(f"npz-shape-{id}", f"shape {shape}", npz(npy(DICT.replace("(4, 3, 2)", shape), data)), "volume.not_3d", NOT_3D)
    files.ok("npz-shape-one", "shape (1, 1, 1)", npz(npy(DICT.replace("(4, 3, 2)", "(1, 1, 1)"), b"\1")), shape=(1, 1, 1), mask=b"\1")
    files.no("npz-shape-zero", "shape (4, 0, 2)", npz(npy(DICT.replace("3", "0"), b"")), "volume.bad_sizes", "There is nothing to score in a volume without voxels.")
    for id, shape in [("huge", "(65536, 65536, 65536)"), ("overflow", "(4294967296, 4294967296, 2)"), ("wraps-to-24", "(4611686018427387905, 3, 8)")]:
        files.no(f"npz-shape-{id}", f"shape {shape}", npz(npy(DICT.replace("(4, 3, 2)", shape))), "volume.bad_sizes")
    files.no("npz-shape-beyond", "a size of 2^64", npz(npy(DICT.replace("(4", f"({2**64}"))), "npz.bad_header")


def archives(files):
    array = npy()
    for id, name in [("path", "folder/mask.npy"), ("up", "../mask.npy"), ("absolute", "/mask.npy"), ("unicode", "Gefäß.npy"), ("bare", ".npy")]:
        files.ok(f"npz-name-{id}", f"a member `{name}`", npz(array, name))
    for id, name in [("none", "mask"), ("upper", "MASK.NPY"), ("txt", "mask.txt")]:
        files.no(f"npz-name-{id}", f"an array as member `{name}`", npz(array, name), "npz.not_one_array", "NumPy's writers name every array `.npy`; another name is something else.")
    files.no("npz-two", "two arrays", zipped([("a.npy", array), ("b.npy", array)]), "npz.not_one_array", ONE_ARRAY)
    files.no("npz-same-name", "two arrays of one name", same_names(array), "npz.not_one_array", ONE_ARRAY)
    files.no("npz-readme", "an array and a text", zipped([("a.npy", array), ("readme.txt", b"hello")]), "npz.not_one_array", ONE_ARRAY)
    files.no("npz-folder", "a folder and an array in it", zipped([("folder/", b""), ("folder/a.npy", array)]), "npz.not_one_array", ONE_ARRAY)
    files.no("npz-none", "no array", zipped([]), "npz.not_one_array", ONE_ARRAY)
    files.no("npz-text", "a text alone", zipped([("readme.txt", b"hello")]), "npz.not_one_array", ONE_ARRAY)
    files.no("npz-npy", "an .npy named .npz", array, "npz.not_npz", "What is not zipped is not an NPZ; NumPy looks at the content alone.")
    files.no("npz-nrrd", "an NRRD named .npz", b"NRRD0004\n", "npz.not_npz")
    files.no("npz-empty", "an empty file", b"", "npz.not_npz")
    files.no("npz-pickle", "a pickle named .npz", pickle.dumps([1], protocol=2), "npz.not_npz")
    files.ok("npz-comment", "a comment in the archive", commented(npz(array)))
    files.no("npz-junk-before", "bytes before the archive", b"some junk" + npz(array), "npz.not_npz")
    files.ok("npz-junk-after", "bytes after the archive", npz(array) + b"some junk")
    files.ok("npz-streamed", "lengths after the data, as streams are zipped", streamed(array))
    files.ok("npz-zip64", "lengths in 64 bits, as NumPy writes them", zip64(array))
    for id, method in [("bzip2", zipfile.ZIP_BZIP2), ("lzma", zipfile.ZIP_LZMA)]:
        files.no(f"npz-{id}", f"a member packed with {id}", packed(array, method), "npz.corrupt", "NumPy stores or deflates; nothing else is unpacked here.")


def packed(array, method):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr(zipfile.ZipInfo("arr_0.npy", (2026, 11, 1, 0, 0, 0)), array, method)
    return out.getvalue()


def same_names(array):
    whole = zipped([("a.npy", array), ("b.npy", array)])
    return whole.replace(b"b.npy", b"a.npy")


def commented(archive):
    return archive[:-2] + struct.pack("<H", 9) + b"a comment"


def streamed(array):
    class Pipe(io.BytesIO):
        def seekable(self):
            return False

        def tell(self):
            raise OSError

        def seek(self, *_):
            raise OSError

    out = Pipe()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("arr_0.npy", (2026, 11, 1, 0, 0, 0)), array)
    return out.getvalue()


def zip64(array):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        with archive.open(zipfile.ZipInfo("arr_0.npy", (2026, 11, 1, 0, 0, 0)), "w", force_zip64=True) as member:
            member.write(array)
    return out.getvalue()


def damaged(files):
    def no(id, what, data, code="corrupt", why=CHECKSUM):
        files.no(f"npz-{id}", what, data, f"npz.{code}", why)

    stored = npz(npy(), deflated=False)
    at = stored.index(LAST_FASTEST)
    no("bad-crc", "a flipped bit in a stored value", stored[:at] + bytes([stored[at] ^ 1]) + stored[at + 1:])
    deflated = npz(npy())
    end = deflated.index(b"PK\1\2")
    no("bad-deflate", "a flipped bit in deflated data", deflated[:end - 3] + bytes([deflated[end - 3] ^ 1]) + deflated[end - 2:])
    no("bad-crc-deflated", "a wrong checksum in both headers of a deflated member", patched(deflated))
    no("short", "an array of 23 values", npz(npy(data=LAST_FASTEST[:-1])), "truncated")
    no("no-values", "an array without values", npz(npy(data=b"")), "truncated")
    files.ok("npz-longer", "bytes after the array inside of its member", npz(npy(data=LAST_FASTEST + b"more")))
    no("far-longer", "2 MiB after the array inside of its member", npz(npy(data=LAST_FASTEST + bytes(2 << 20))), "too_long",
       "More than the volume once more and 1 MiB after it: the header is of something else.")
    no("cut", "the archive cut off in the middle", stored[:len(stored) // 2], "not_npz")
    no("cut-end", "the archive's last byte missing", stored[:-1], "not_npz")
    no("no-local-header", "a damaged header before the member's data", stored[:2] + bytes(2) + stored[4:])
    no("zeros-first", "four zero bytes at the start", bytes(4) + stored[4:], "not_npz")
    no("encrypted", "a member marked as encrypted", stored[:6] + b"\1" + stored[7:stored.index(b"PK\1\2") + 8] + b"\1" + stored[stored.index(b"PK\1\2") + 9:])


def patched(archive):
    crc = archive[14:18]
    return archive.replace(crc, bytes([crc[0] ^ 1]) + crc[1:])
