"""NPZ files: what is in the zip, and what is damaged."""

import io
import pickle
import struct
import zipfile

from corpus import zipped
from npz_make import LAST_FASTEST, npy, npz

ONE_ARRAY = "An NPZ holds exactly one array and nothing else, so that nobody has to guess which is meant."
CHECKSUM = "Data that contradict their own length or checksum are refused."


def add(files):
    archives(files)
    damaged(files)


def archives(files):
    array = npy()
    for id, name in [
        ("path", "folder/mask.npy"),
        ("up", "../mask.npy"),
        ("absolute", "/mask.npy"),
        ("unicode", "Gefäß.npy"),
        ("bare", ".npy"),
    ]:
        files.ok(f"npz-name-{id}", f"a member `{name}`", npz(array, name))
    for id, name in [("none", "mask"), ("upper", "MASK.NPY"), ("txt", "mask.txt")]:
        files.no(
            f"npz-name-{id}",
            f"an array as member `{name}`",
            npz(array, name),
            "npz.not_one_array",
            "NumPy's writers name every array `.npy`; another name is something else.",
        )
    files.no("npz-two", "two arrays", zipped([("a.npy", array), ("b.npy", array)]), "npz.not_one_array", ONE_ARRAY)
    files.no("npz-same-name", "two arrays of one name", same_names(array), "npz.not_one_array", ONE_ARRAY)
    files.no(
        "npz-readme",
        "an array and a text",
        zipped([("a.npy", array), ("readme.txt", b"hello")]),
        "npz.not_one_array",
        ONE_ARRAY,
    )
    files.no(
        "npz-folder",
        "a folder and an array in it",
        zipped([("folder/", b""), ("folder/a.npy", array)]),
        "npz.not_one_array",
        ONE_ARRAY,
    )
    files.no("npz-none", "no array", zipped([]), "npz.not_one_array", ONE_ARRAY)
    files.no("npz-text", "a text alone", zipped([("readme.txt", b"hello")]), "npz.not_one_array", ONE_ARRAY)
    files.no(
        "npz-npy",
        "an .npy named .npz",
        array,
        "npz.not_npz",
        "What is not zipped is not an NPZ; NumPy looks at the content alone.",
    )
    files.no("npz-nrrd", "an NRRD named .npz", b"NRRD0004\n", "npz.not_npz")
    files.no("npz-empty", "an empty file", b"", "npz.not_npz")
    files.no("npz-pickle", "a pickle named .npz", pickle.dumps([1], protocol=2), "npz.not_npz")
    files.ok("npz-comment", "a comment in the archive", commented(npz(array)))
    files.no("npz-junk-before", "bytes before the archive", b"some junk" + npz(array), "npz.not_npz")
    files.ok("npz-junk-after", "bytes after the archive", npz(array) + b"some junk")
    files.ok("npz-streamed", "lengths after the data, as streams are zipped", streamed(array))
    files.ok("npz-zip64", "lengths in 64 bits, as NumPy writes them", zip64(array))
    for id, method in [("bzip2", zipfile.ZIP_BZIP2), ("lzma", zipfile.ZIP_LZMA)]:
        files.no(
            f"npz-{id}",
            f"a member packed with {id}",
            packed(array, method),
            "npz.corrupt",
            "NumPy stores or deflates; nothing else is unpacked here.",
        )


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
    no("bad-crc", "a flipped bit in a stored value", stored[:at] + bytes([stored[at] ^ 1]) + stored[at + 1 :])
    deflated = npz(npy())
    end = deflated.index(b"PK\1\2")
    no(
        "bad-deflate",
        "a flipped bit in deflated data",
        deflated[: end - 3] + bytes([deflated[end - 3] ^ 1]) + deflated[end - 2 :],
    )
    no("bad-crc-deflated", "a wrong checksum in both headers of a deflated member", patched(deflated))
    no("short", "an array of 23 values", npz(npy(data=LAST_FASTEST[:-1])), "truncated")
    no("no-values", "an array without values", npz(npy(data=b"")), "truncated")
    files.ok("npz-longer", "bytes after the array inside of its member", npz(npy(data=LAST_FASTEST + b"more")))
    no(
        "far-longer",
        "2 MiB after the array inside of its member",
        npz(npy(data=LAST_FASTEST + bytes(2 << 20))),
        "too_long",
        "More than the volume once more and 1 MiB after it: the header is of something else.",
    )
    no("cut", "the archive cut off in the middle", stored[: len(stored) // 2], "not_npz")
    no("cut-end", "the archive's last byte missing", stored[:-1], "not_npz")
    no("no-local-header", "a damaged header before the member's data", stored[:2] + bytes(2) + stored[4:])
    no("zeros-first", "four zero bytes at the start", bytes(4) + stored[4:], "not_npz")
    no(
        "encrypted",
        "a member marked as encrypted",
        stored[:6] + b"\1" + stored[7 : stored.index(b"PK\1\2") + 8] + b"\1" + stored[stored.index(b"PK\1\2") + 9 :],
    )


def patched(archive):
    crc = archive[14:18]
    return archive.replace(crc, bytes([crc[0] ^ 1]) + crc[1:])
