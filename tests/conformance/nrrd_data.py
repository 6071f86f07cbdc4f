"""NRRD data: encodings, skips, and raw voxels too few or too many."""

import bz2

from nrrd_make import RAW, gz, nrrd, typed

TRUNCATED = "A truncated file is refused; nobody knows what is missing."
INTO_HEADER = "They count back into the header and take its text for voxels."
FROM_THE_END = "As pynrrd reads it: the last bytes of what bzip2 packed. Teem drops the skip without a word."


def add(files):
    encodings(files)
    skips(files)
    byte_skips(files)
    raw_length(files)


def encodings(files):
    numbers = " ".join(map(str, RAW)).encode()
    for names, data in [
        ("raw|RAW|Raw", RAW),
        ("txt|text|ascii|ASCII|TXT|Text", numbers),
        ("hex|HEX", RAW.hex().encode()),
        ("gz|gzip|GZIP|Gz", gz(RAW)),
        ("bz2|bzip2|BZip2", bz2.compress(RAW)),
    ]:
        for name in names.split("|"):
            id = name if name.islower() else f"{name.lower()}-{'upper' if name.isupper() else 'mixed'}"
            files.ok(f"encoding-{id}", f"encoding {name}", nrrd(encoding=name, data=data))
    files.no(
        "encoding-not-zrl",
        "encoding `zrl`",
        nrrd(encoding="zrl"),
        "nrrd.unsupported_encoding",
        "Teem's own, in no definition of the format; nobody else reads it.",
    )
    for name in ["zlib", "xz", "binary", "base64", "none", "gzip2", "raw gzip", ""]:
        files.no(
            f"encoding-not-{name.replace(' ', '-') or 'empty'}",
            f"encoding `{name}`",
            nrrd(encoding=name),
            "nrrd.unsupported_encoding",
        )
    for endian, word in [("<", "little"), (">", "big")]:
        for code, name in [("h", "short"), ("f", "float"), ("d", "double")]:
            data = typed(endian, code)
            files.ok(
                f"gzip-{name}-{word}",
                f"gzip of {name}, {word} endian",
                nrrd(f"endian: {word}", type=name, encoding="gzip", data=gz(data)),
            )
        files.ok(
            f"hex-short-{word}",
            f"hex of short, {word} endian",
            nrrd(f"endian: {word}", type="short", encoding="hex", data=typed(endian, "h").hex().encode()),
        )


def skips(files):
    two = b"line one\r\nline two\n"
    numbers = " ".join(map(str, RAW)).encode()
    for encoding, data in [
        ("raw", RAW),
        ("gzip", gz(RAW)),
        ("bzip2", bz2.compress(RAW)),
        ("ascii", numbers),
        ("hex", RAW.hex().encode()),
    ]:
        files.ok(
            f"line-skip-{encoding}",
            f"line skip 2 before {encoding}, one of them CRLF",
            nrrd("line skip: 2", encoding=encoding, data=two + data),
        )
    files.ok("line-skip-0", "line skip 0", nrrd("line skip: 0"))
    files.ok("lineskip", "`lineskip`", nrrd("lineskip: 2", data=two + RAW))
    files.ok(
        "line-skip-crlf-header",
        "line skip 1 after a header in CRLF",
        nrrd("line skip: 1", eol="\r\n", data=b"line\r\n" + RAW),
    )
    files.ok("line-skip-empty-lines", "line skip 2 over empty lines", nrrd("line skip: 2", data=b"\n\n" + RAW))
    files.no("line-skip-too-many", "line skip 9 of two lines", nrrd("line skip: 9", data=two + RAW), "nrrd.truncated")
    for value in ["-1", "two", "1.5", ""]:
        files.no(
            f"line-skip-{value or 'empty'}", f"line skip `{value}`", nrrd(f"line skip: {value}"), "nrrd.bad_header"
        )


def byte_skips(files):
    two = b"line one\r\nline two\n"
    numbers = " ".join(map(str, RAW)).encode()
    behind = b"junk" + RAW
    for encoding, data in [
        ("raw", behind),
        ("gzip", gz(behind)),
        ("bzip2", bz2.compress(behind)),
        ("ascii", b"1 2 " + numbers),
        ("hex", b"0xff" + RAW.hex().encode()),
    ]:
        files.ok(
            f"byte-skip-{encoding}", f"byte skip 4 in {encoding}", nrrd("byte skip: 4", encoding=encoding, data=data)
        )
    files.ok("byte-skip-0", "byte skip 0", nrrd("byte skip: 0"))
    files.ok("byteskip", "`byteskip`", nrrd("byteskip: 4", data=behind))
    files.ok("both-skips", "line skip 2 and byte skip 4", nrrd("line skip: 2", "byte skip: 4", data=two + behind))
    files.ok(
        "both-skips-gzip",
        "line skip 2 before, byte skip 4 inside of gzip",
        nrrd("line skip: 2", "byte skip: 4", encoding="gzip", data=two + gz(behind)),
    )
    files.no("byte-skip-too-many", "byte skip 20 of 24 bytes", nrrd("byte skip: 20"), "nrrd.truncated")
    files.no("byte-skip-huge", "byte skip of 2^62", nrrd(f"byte skip: {2**62}"), "nrrd.truncated")
    files.no("byte-skip-overflow", "byte skip of 2^64", nrrd(f"byte skip: {2**64}"), "nrrd.bad_header")
    files.ok("byte-skip-end-raw", "byte skip -1 over 4 bytes, raw", nrrd("byte skip: -1", data=behind))
    files.ok("byte-skip-end-none", "byte skip -1 over nothing, raw", nrrd("byte skip: -1"))
    files.ok(
        "byte-skip-end-gzip", "byte skip -1 over 4 bytes, gzip", nrrd("byte skip: -1", encoding="gzip", data=gz(behind))
    )
    files.ok(
        "byte-skip-end-gzip-none",
        "byte skip -1 over nothing, gzip",
        nrrd("byte skip: -1", encoding="gzip", data=gz(RAW)),
    )
    files.ok(
        "byte-skip-end-short",
        "byte skip -1 over 4 bytes, short",
        nrrd("byte skip: -1", "endian: little", type="short", data=b"junk" + typed("<", "h")),
    )
    files.ok(
        "byte-skip-end-lines", "line skip 2 and byte skip -1", nrrd("line skip: 2", "byte skip: -1", data=two + behind)
    )
    files.ok(
        "byte-skip-end-bzip2",
        "byte skip -1 over nothing, bzip2",
        nrrd("byte skip: -1", encoding="bzip2", data=bz2.compress(RAW)),
    )
    files.ok(
        "byte-skip-end-bzip2-over",
        "byte skip -1 over 4 bytes, bzip2",
        nrrd("byte skip: -1", encoding="bzip2", data=bz2.compress(behind)),
        why=FROM_THE_END,
    )
    between = behind + b"more"
    files.ok(
        "byte-skip--5", "byte skip -5: the voxels end 4 bytes before the end, raw", nrrd("byte skip: -5", data=between)
    )
    files.ok(
        "byte-skip--5-gzip",
        "byte skip -5: the voxels end 4 bytes before the end, gzip",
        nrrd("byte skip: -5", encoding="gzip", data=gz(between)),
    )
    files.ok(
        "byte-skip--5-bzip2",
        "byte skip -5: the voxels end 4 bytes before the end, bzip2",
        nrrd("byte skip: -5", encoding="bzip2", data=bz2.compress(between)),
        why=FROM_THE_END,
    )
    files.ok(
        "byte-skip--2",
        "byte skip -2 over 4 bytes, the last of 25 bytes no voxel",
        nrrd("byte skip: -2", data=behind + b"\n"),
    )
    files.no("byte-skip--30", "byte skip -30 of 24 bytes", nrrd("byte skip: -30"), "nrrd.truncated", INTO_HEADER)
    for encoding, data in [("ascii", numbers), ("hex", RAW.hex().encode())]:
        files.no(
            f"byte-skip-end-{encoding}",
            f"byte skip -1 with {encoding}",
            nrrd("byte skip: -1", encoding=encoding, data=data),
            "nrrd.bad_header",
        )
    files.no(
        "byte-skip-end-too-short",
        "byte skip -1, 23 bytes of voxels",
        nrrd("byte skip: -1", data=RAW[1:]),
        "nrrd.truncated",
        INTO_HEADER,
    )
    for value in ["four", "1.5", ""]:
        files.no(
            f"byte-skip-{value or 'empty'}",
            f"byte skip `{value}`",
            nrrd(f"byte skip: {value}", data=behind),
            "nrrd.bad_header",
            "Teem and ITK read as far as a number goes; here a field means all of its text." if value == "1.5" else "",
        )


def raw_length(files):
    files.ok("raw-line-feed-after", "a line feed after the voxels", nrrd(data=RAW + b"\n"))
    files.ok("raw-longer", "1000 bytes after the voxels", nrrd(data=RAW + bytes(1000)))
    files.no("raw-short", "23 of 24 voxels", nrrd(data=RAW[:-1]), "nrrd.truncated", TRUNCATED)
    files.no(
        "raw-half", "half of the bytes of short", nrrd("endian: little", type="short"), "nrrd.truncated", TRUNCATED
    )
    files.no(
        "raw-double-as-uchar",
        "uchar's data behind a header of double",
        nrrd("endian: little", type="double"),
        "nrrd.truncated",
        TRUNCATED,
    )
    files.no(
        "raw-far-longer",
        "2 MiB after 24 voxels",
        nrrd(data=RAW + bytes(2 << 20)),
        "nrrd.too_long",
        "More than the volume once more and 1 MiB after it: the header is of something else.",
    )
