"""NRRD data compressed by gzip and bzip2, whole and damaged."""

import bz2
import gzip
import struct
import zlib

from nrrd_make import RAW, gz, nrrd, typed

CHECKSUM = "A checksum that does not match means that the file is damaged."
TRUNCATED = "A truncated file is refused; nobody knows what is missing."


def add(files):
    gzips(files)
    bzip2s(files)


def gzips(files):
    def ok(id, what, data, why=""):
        files.ok(f"gzip-{id}", what, nrrd(encoding="gzip", data=data), why=why)

    def no(id, what, data, code="corrupt", why=""):
        files.no(f"gzip-{id}", what, nrrd(encoding="gzip", data=data), f"nrrd.{code}", why)

    whole = gz(RAW)
    deflated = whole[10:-8]
    crc = struct.pack("<H", zlib.crc32(b"\x1f\x8b\x08\x02" + whole[4:10]) & 0xFFFF)
    ok("stored", "gzip of level 0", gzip.compress(RAW, 0, mtime=0))
    ok("name", "a file name in the gzip header", b"\x1f\x8b\x08\x08" + whole[4:10] + b"voxels.raw\0" + whole[10:])
    ok("comment", "a comment in the gzip header", b"\x1f\x8b\x08\x10" + whole[4:10] + b"a comment\0" + whole[10:])
    ok("extra", "an extra field in the gzip header", b"\x1f\x8b\x08\x04" + whole[4:10] + b"\3\0abc" + whole[10:])
    ok("header-crc", "a checksum in the gzip header", b"\x1f\x8b\x08\x02" + whole[4:10] + crc + whole[10:])
    ok("two-members", "two gzip members", gz(RAW[:10]) + gz(RAW[10:]))
    ok("empty-member", "an empty member before the voxels'", gz(b"") + gz(RAW))
    ok("member-after", "a member of other bytes after the voxels'", gz(RAW) + gz(b"more"))
    ok("longer", "4 bytes after the voxels, inside of gzip", gz(RAW + b"more"))
    ok("padding", "512 zero bytes after gzip", whole + bytes(512))
    ok("line-feed-after", "a line feed after gzip", whole + b"\n")
    ok("junk-after", "junk after gzip", whole + b"some junk")
    no("short", "gzip of 23 voxels", gz(RAW[:-1]), "truncated", TRUNCATED)
    no("empty", "gzip of nothing", gz(b""), "truncated", TRUNCATED)
    no("nothing", "no data behind the header", b"", "truncated", TRUNCATED)
    no("cut", "deflated data cut off", whole[: len(whole) // 2], "truncated", TRUNCATED)
    no("no-trailer", "no checksum and no length at the end", whole[:-8], why=TRUNCATED)
    no("half-trailer", "the last 3 bytes missing", whole[:-3], why=TRUNCATED)
    no("wrong-crc", "a wrong checksum", whole[:-8] + bytes([whole[-8] ^ 1]) + whole[-7:], why=CHECKSUM)
    no("wrong-length", "a wrong length at the end", whole[:-1] + b"\1", why=CHECKSUM)
    no(
        "flipped",
        "a flipped bit in the deflated data",
        whole[:14] + bytes([whole[14] ^ 0x10]) + whole[15:],
        why=CHECKSUM,
    )
    no("second-cut", "a second member cut off", gz(RAW) + gz(bytes(100))[:20], why=CHECKSUM)
    no(
        "raw",
        "raw voxels instead of gzip",
        RAW,
        why="Teem and ITK pass on what is not gzip as it is, and so without a checksum: one flipped bit in the first two bytes would make voxels of compressed data.",
    )
    no("zlib", "a zlib stream instead of gzip", zlib.compress(RAW))
    no("deflate", "a bare deflate stream", deflated)
    no("reserved-flag", "a reserved flag in the gzip header", b"\x1f\x8b\x08\x20" + whole[4:])
    no(
        "bomb",
        "4 MiB of zeros behind 24 voxels",
        gz(RAW + bytes(4 << 20)),
        "too_long",
        "What is inflated is bounded by the shape.",
    )


def bzip2s(files):
    whole = bz2.compress(RAW)

    def no(id, what, data, code="corrupt", why=""):
        files.no(f"bzip2-{id}", what, nrrd(encoding="bzip2", data=data), f"nrrd.{code}", why)

    files.ok("bzip2-level-1", "bzip2 of level 1", nrrd(encoding="bzip2", data=bz2.compress(RAW, 1)))
    files.ok(
        "bzip2-two-streams",
        "two bzip2 streams",
        nrrd(encoding="bzip2", data=bz2.compress(RAW[:10]) + bz2.compress(RAW[10:])),
        why="As bzip2 itself and its parallel sisters make and read them; each has its checksum.",
    )
    files.ok(
        "bzip2-longer",
        "4 bytes after the voxels, inside of bzip2",
        nrrd(encoding="bzip2", data=bz2.compress(RAW + b"more")),
    )
    files.ok("bzip2-junk-after", "junk after bzip2", nrrd(encoding="bzip2", data=whole + b"some junk"))
    files.ok(
        "bzip2-short",
        "bzip2 of short, big endian",
        nrrd("endian: big", type="short", encoding="bzip2", data=bz2.compress(typed(">", "h"))),
    )
    no("short-data", "bzip2 of 23 voxels", bz2.compress(RAW[:-1]), "truncated", TRUNCATED)
    no("cut", "bzip2 cut off", whole[: len(whole) // 2], "truncated", TRUNCATED)
    no("no-trailer", "no checksum at the end", whole[:-10], why=TRUNCATED)
    no("wrong-crc", "a wrong checksum", whole[:10] + bytes([whole[10] ^ 1]) + whole[11:], why=CHECKSUM)
    no("raw", "raw voxels instead of bzip2", RAW)
