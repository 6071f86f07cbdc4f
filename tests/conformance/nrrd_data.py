"""NRRD data: encodings, skips, and what is too short, too long or damaged."""

import bz2
import gzip
import struct
import zlib

from corpus import MASK
from nrrd_make import RAW, nrrd, typed

CHECKSUM = "A checksum that does not match means that the file is damaged."
TRUNCATED = "A truncated file is refused; nobody knows what is missing."
LENIENT = "Teem and ITK read as far as a number goes: `0x1` would be 0, and `1d-3` would be 1."
WRAPS = "All three wrap it around: 256 would be background, and -1 a vessel. A number that its type can't hold is named instead."
INTO_HEADER = "They count back into the header and take its text for voxels."
FROM_THE_END = "As pynrrd reads it: the last bytes of what bzip2 packed. Teem drops the skip without a word."


def gz(data):
    return gzip.compress(data, 9, mtime=0)


def add(files):
    encodings(files)
    skips(files)
    raw_length(files)
    gzips(files)
    bzip2s(files)
    text(files)
    hexadecimal(files)


def encodings(files):
    numbers = " ".join(map(str, RAW)).encode()
    for names, data in [("raw|RAW|Raw", RAW), ("txt|text|ascii|ASCII|TXT|Text", numbers), ("hex|HEX", RAW.hex().encode()),
                        ("gz|gzip|GZIP|Gz", gz(RAW)), ("bz2|bzip2|BZip2", bz2.compress(RAW))]:
        for name in names.split("|"):
            id = name if name.islower() else f"{name.lower()}-{'upper' if name.isupper() else 'mixed'}"
            files.ok(f"encoding-{id}", f"encoding {name}", nrrd(encoding=name, data=data))
    files.no("encoding-not-zrl", "encoding `zrl`", nrrd(encoding="zrl"), "nrrd.unsupported_encoding", "Teem's own, in no definition of the format; nobody else reads it.")
    for name in ["zlib", "xz", "binary", "base64", "none", "gzip2", "raw gzip", ""]:
        files.no(f"encoding-not-{name.replace(' ', '-') or 'empty'}", f"encoding `{name}`", nrrd(encoding=name), "nrrd.unsupported_encoding")
    for endian, word in [("<", "little"), (">", "big")]:
        for code, name in [("h", "short"), ("f", "float"), ("d", "double")]:
            data = typed(endian, code)
            files.ok(f"gzip-{name}-{word}", f"gzip of {name}, {word} endian", nrrd(f"endian: {word}", type=name, encoding="gzip", data=gz(data)))
        files.ok(f"hex-short-{word}", f"hex of short, {word} endian", nrrd(f"endian: {word}", type="short", encoding="hex", data=typed(endian, "h").hex().encode()))


def skips(files):
    two = b"line one\r\nline two\n"
    numbers = " ".join(map(str, RAW)).encode()
    for encoding, data in [("raw", RAW), ("gzip", gz(RAW)), ("bzip2", bz2.compress(RAW)), ("ascii", numbers), ("hex", RAW.hex().encode())]:
        files.ok(f"line-skip-{encoding}", f"line skip 2 before {encoding}, one of them CRLF", nrrd("line skip: 2", encoding=encoding, data=two + data))
    files.ok("line-skip-0", "line skip 0", nrrd("line skip: 0"))
    files.ok("lineskip", "`lineskip`", nrrd("lineskip: 2", data=two + RAW))
    files.ok("line-skip-crlf-header", "line skip 1 after a header in CRLF", nrrd("line skip: 1", eol="\r\n", data=b"line\r\n" + RAW))
    files.ok("line-skip-empty-lines", "line skip 2 over empty lines", nrrd("line skip: 2", data=b"\n\n" + RAW))
    files.no("line-skip-too-many", "line skip 9 of two lines", nrrd("line skip: 9", data=two + RAW), "nrrd.truncated")
    for value in ["-1", "two", "1.5", ""]:
        files.no(f"line-skip-{value or 'empty'}", f"line skip `{value}`", nrrd(f"line skip: {value}"), "nrrd.bad_header")
    behind = b"junk" + RAW
    for encoding, data in [("raw", behind), ("gzip", gz(behind)), ("bzip2", bz2.compress(behind)), ("ascii", b"1 2 " + numbers), ("hex", b"0xff" + RAW.hex().encode())]:
        files.ok(f"byte-skip-{encoding}", f"byte skip 4 in {encoding}", nrrd("byte skip: 4", encoding=encoding, data=data))
    files.ok("byte-skip-0", "byte skip 0", nrrd("byte skip: 0"))
    files.ok("byteskip", "`byteskip`", nrrd("byteskip: 4", data=behind))
    files.ok("both-skips", "line skip 2 and byte skip 4", nrrd("line skip: 2", "byte skip: 4", data=two + behind))
    files.ok("both-skips-gzip", "line skip 2 before, byte skip 4 inside of gzip", nrrd("line skip: 2", "byte skip: 4", encoding="gzip", data=two + gz(behind)))
    files.no("byte-skip-too-many", "byte skip 20 of 24 bytes", nrrd("byte skip: 20"), "nrrd.truncated")
    files.no("byte-skip-huge", "byte skip of 2^62", nrrd(f"byte skip: {2**62}"), "nrrd.truncated")
    files.no("byte-skip-overflow", "byte skip of 2^64", nrrd(f"byte skip: {2**64}"), "nrrd.bad_header")
    files.ok("byte-skip-end-raw", "byte skip -1 over 4 bytes, raw", nrrd("byte skip: -1", data=behind))
    files.ok("byte-skip-end-none", "byte skip -1 over nothing, raw", nrrd("byte skip: -1"))
    files.ok("byte-skip-end-gzip", "byte skip -1 over 4 bytes, gzip", nrrd("byte skip: -1", encoding="gzip", data=gz(behind)))
    files.ok("byte-skip-end-gzip-none", "byte skip -1 over nothing, gzip", nrrd("byte skip: -1", encoding="gzip", data=gz(RAW)))
    files.ok("byte-skip-end-short", "byte skip -1 over 4 bytes, short", nrrd("byte skip: -1", "endian: little", type="short", data=b"junk" + typed("<", "h")))
    files.ok("byte-skip-end-lines", "line skip 2 and byte skip -1", nrrd("line skip: 2", "byte skip: -1", data=two + behind))
    files.ok("byte-skip-end-bzip2", "byte skip -1 over nothing, bzip2", nrrd("byte skip: -1", encoding="bzip2", data=bz2.compress(RAW)))
    files.ok("byte-skip-end-bzip2-over", "byte skip -1 over 4 bytes, bzip2", nrrd("byte skip: -1", encoding="bzip2", data=bz2.compress(behind)), why=FROM_THE_END)
    between = behind + b"more"
    files.ok("byte-skip--5", "byte skip -5: the voxels end 4 bytes before the end, raw", nrrd("byte skip: -5", data=between))
    files.ok("byte-skip--5-gzip", "byte skip -5: the voxels end 4 bytes before the end, gzip", nrrd("byte skip: -5", encoding="gzip", data=gz(between)))
    files.ok("byte-skip--5-bzip2", "byte skip -5: the voxels end 4 bytes before the end, bzip2", nrrd("byte skip: -5", encoding="bzip2", data=bz2.compress(between)), why=FROM_THE_END)
    files.ok("byte-skip--2", "byte skip -2 over 4 bytes, the last of 25 bytes no voxel", nrrd("byte skip: -2", data=behind + b"\n"))
    files.no("byte-skip--30", "byte skip -30 of 24 bytes", nrrd("byte skip: -30"), "nrrd.truncated", INTO_HEADER)
    for encoding, data in [("ascii", numbers), ("hex", RAW.hex().encode())]:
        files.no(f"byte-skip-end-{encoding}", f"byte skip -1 with {encoding}", nrrd("byte skip: -1", encoding=encoding, data=data), "nrrd.bad_header")
    files.no("byte-skip-end-too-short", "byte skip -1, 23 bytes of voxels", nrrd("byte skip: -1", data=RAW[1:]), "nrrd.truncated", INTO_HEADER)
    for value in ["four", "1.5", ""]:
        files.no(f"byte-skip-{value or 'empty'}", f"byte skip `{value}`", nrrd(f"byte skip: {value}", data=behind), "nrrd.bad_header",
                 "Teem and ITK read as far as a number goes; here a field means all of its text." if value == "1.5" else "")


def raw_length(files):
    files.ok("raw-line-feed-after", "a line feed after the voxels", nrrd(data=RAW + b"\n"))
    files.ok("raw-longer", "1000 bytes after the voxels", nrrd(data=RAW + bytes(1000)))
    files.no("raw-short", "23 of 24 voxels", nrrd(data=RAW[:-1]), "nrrd.truncated", TRUNCATED)
    files.no("raw-half", "half of the bytes of short", nrrd("endian: little", type="short"), "nrrd.truncated", TRUNCATED)
    files.no("raw-double-as-uchar", "uchar's data behind a header of double", nrrd("endian: little", type="double"), "nrrd.truncated", TRUNCATED)
    files.no("raw-far-longer", "2 MiB after 24 voxels", nrrd(data=RAW + bytes(2 << 20)), "nrrd.too_long",
             "More than the volume once more and 1 MiB after it: the header is of something else.")


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
    no("cut", "deflated data cut off", whole[:len(whole) // 2], "truncated", TRUNCATED)
    no("no-trailer", "no checksum and no length at the end", whole[:-8], why=TRUNCATED)
    no("half-trailer", "the last 3 bytes missing", whole[:-3], why=TRUNCATED)
    no("wrong-crc", "a wrong checksum", whole[:-8] + bytes([whole[-8] ^ 1]) + whole[-7:], why=CHECKSUM)
    no("wrong-length", "a wrong length at the end", whole[:-1] + b"\1", why=CHECKSUM)
    no("flipped", "a flipped bit in the deflated data", whole[:14] + bytes([whole[14] ^ 0x10]) + whole[15:], why=CHECKSUM)
    no("second-cut", "a second member cut off", gz(RAW) + gz(bytes(100))[:20], why=CHECKSUM)
    no("raw", "raw voxels instead of gzip", RAW, why="Teem and ITK pass on what is not gzip as it is, and so without a checksum: one flipped bit in the first two bytes would make voxels of compressed data.")
    no("zlib", "a zlib stream instead of gzip", zlib.compress(RAW))
    no("deflate", "a bare deflate stream", deflated)
    no("reserved-flag", "a reserved flag in the gzip header", b"\x1f\x8b\x08\x20" + whole[4:])
    no("bomb", "4 MiB of zeros behind 24 voxels", gz(RAW + bytes(4 << 20)), "too_long", "What is inflated is bounded by the shape.")


def bzip2s(files):
    whole = bz2.compress(RAW)

    def no(id, what, data, code="corrupt", why=""):
        files.no(f"bzip2-{id}", what, nrrd(encoding="bzip2", data=data), f"nrrd.{code}", why)

    files.ok("bzip2-level-1", "bzip2 of level 1", nrrd(encoding="bzip2", data=bz2.compress(RAW, 1)))
    files.ok("bzip2-two-streams", "two bzip2 streams", nrrd(encoding="bzip2", data=bz2.compress(RAW[:10]) + bz2.compress(RAW[10:])),
             why="As bzip2 itself and its parallel sisters make and read them; each has its checksum.")
    files.ok("bzip2-longer", "4 bytes after the voxels, inside of bzip2", nrrd(encoding="bzip2", data=bz2.compress(RAW + b"more")))
    files.ok("bzip2-junk-after", "junk after bzip2", nrrd(encoding="bzip2", data=whole + b"some junk"))
    files.ok("bzip2-short", "bzip2 of short, big endian", nrrd("endian: big", type="short", encoding="bzip2", data=bz2.compress(typed(">", "h"))))
    no("short-data", "bzip2 of 23 voxels", bz2.compress(RAW[:-1]), "truncated", TRUNCATED)
    no("cut", "bzip2 cut off", whole[:len(whole) // 2], "truncated", TRUNCATED)
    no("no-trailer", "no checksum at the end", whole[:-10], why=TRUNCATED)
    no("wrong-crc", "a wrong checksum", whole[:10] + bytes([whole[10] ^ 1]) + whole[11:], why=CHECKSUM)
    no("raw", "raw voxels instead of bzip2", RAW)


def text(files):
    def body(numbers, type="uchar"):
        return nrrd(type=type, encoding="ascii", data=numbers if isinstance(numbers, bytes) else numbers.encode("latin-1"))

    words = [str(value) for value in RAW]

    def at(index, word, base=words):
        return " ".join([*base[:index], word, *base[index + 1:]])

    for id, what, joined in [("newlines", "a number a line", "\n".join(words) + "\n"), ("crlf", "a number a line, CRLF", "\r\n".join(words) + "\r\n"), ("tabs", "tabs between", "\t".join(words)),
                             ("commas", "commas between", ",".join(words)), ("comma-blank", "commas and blanks between", ", ".join(words)), ("blanks-before", "blank lines before", "\n \n" + " ".join(words)),
                             ("commas-double", "empty places between commas", ",,".join(words)), ("comma-last", "a comma after the last", ", ".join(words) + ","),
                             ("lines-of-four", "rows of four", "\n".join(" ".join(words[n:n + 4]) for n in range(0, 24, 4)))]:
        files.ok(f"text-{id}", f"text, {what}", body(joined), why="A comma is as good as a blank, as it is to Teem and ITK where a blank follows." if id in ("commas", "commas-double") else "")
    files.ok("text-extra", "text, three numbers too many", body(" ".join(words) + " 1 1 1"))
    files.ok("text-junk-after", "text, words after the last number", body(" ".join(words) + " the end"))
    files.no("text-short", "text, 23 numbers", body(" ".join(words[:-1])), "nrrd.truncated", TRUNCATED)
    files.no("text-nothing", "text, no numbers", body(""), "nrrd.truncated", TRUNCATED)
    files.no("text-blank", "text, blanks only", body(" \n "), "nrrd.truncated", TRUNCATED)
    for id, word in [("plus", "+1"), ("zeros-before", "007"), ("255", "255")]:
        files.ok(f"text-{id}", f"text of uchar, `{word}` at a vessel's voxel", body(at(5, word)))
    for id, word in [("fraction", "1.0"), ("exponent", "1e0")]:
        files.ok(f"text-{id}", f"text of uchar, `{word}` at a vessel's voxel", body(at(5, word)))
    files.ok("text-exponent-below-1", "text of uchar, `1e-3` at a background voxel", body(at(0, "1e-3")), why="The number is meant, and cut to 0; Teem and ITK read as far as the 1.")
    files.ok("text-fraction-below-1", "text of uchar, `0.9` at a background voxel", body(at(0, "0.9")))
    for id, word in [("256", "256"), ("300", "300"), ("negative", "-1"), ("huge", "99999999999999999999999")]:
        files.no(f"text-{id}", f"text of uchar, `{word}` among the numbers", body(at(5, word)), "nrrd.bad_value", WRAPS)
    for id, word in [("hex", "0x1"), ("nan", "nan"), ("word", "true"), ("semicolon", "1;"), ("suffix", "1f"),
                     ("underscore", "1_0"), ("quoted", '"1"'), ("comment", "#"), ("nul", "\0"), ("latin1", "é")]:
        files.no(f"text-{id}", f"text of uchar, `{word}` among the numbers".replace("\0", "\\0"), body(at(5, word)), "nrrd.bad_value", LENIENT)
    files.no("text-raw", "raw voxels instead of text", body(RAW), "nrrd.bad_value")
    files.no("text-bom", "text with a byte order mark before the first number", body(b"\xef\xbb\xbf" + " ".join(words).encode()), "nrrd.bad_value", LENIENT)
    files.ok("text-short-negative", "text of short, with negative numbers", body(at(0, "-3"), "short"))
    files.no("text-short-overflow", "text of short, 40000", body(at(5, "40000"), "short"), "nrrd.bad_value", WRAPS)
    files.ok("text-int-large", "text of int, 2147483647", body(at(5, "2147483647"), "int"))
    files.ok("text-uint64-large", "text of uint64, 2^64-1", body(at(5, str(2**64 - 1)), "uint64"))
    floats = ["1.5" if value else "0.0" for value in MASK]
    for type in ["float", "double"]:
        files.ok(f"text-{type}", f"text of {type}", body(" ".join(floats), type))
        for id, index, word in [("exponent", 5, "1e0"), ("exponent-small", 0, "1e-3"), ("exponent-upper", 5, "6.0E-1"), ("no-zero", 5, ".75"), ("point-last", 5, "1."), ("nan", 0, "nan"), ("nan-upper", 0, "NaN"),
                                ("infinite", 5, "inf"), ("infinite-negative", 0, "-inf"), ("infinity", 5, "Infinity"), ("half", 0, "0.5"), ("denormal", 0, "1e-320"), ("nan-signed", 0, "-nan"), ("nan-payload", 0, "nan(1)"), ("nan-windows", 0, "-nan(ind)"), ("long", 5, "0." + "9" * 100)]:
            files.ok(f"text-{type}-{id}", f"text of {type}, `{word[:20]}` at a {'vessel' if MASK[index] else 'background'} voxel", body(at(index, word, floats), type))
        for id, word in [("words", "one"), ("fortran", "1d0"), ("comma", "0,9"), ("hex", "0x1p0")]:
            if id == "comma":
                files.ok(f"text-{type}-comma", f"text of {type}, `1,9`: two numbers, one too many", body(at(23, "1,9", floats), type))
            else:
                files.no(f"text-{type}-{id}", f"text of {type}, `{word}` among the numbers", body(at(5, word, floats), type), "nrrd.bad_value", LENIENT)
    files.ok("text-float-overflow", "text of float, 1e39", body(at(5, "1e39", floats), "float"))
    files.ok("text-double-overflow", "text of double, 1e999", body(at(5, "1e999", floats), "double"))
    files.ok("text-float-rounds", "text of float, 0.50000000001, which is 0.5 as a float", body(at(0, "0.50000000001", floats), "float"))
    files.ok("text-double-above-half", "text of double, 0.50000000001", body(at(5, "0.50000000001", floats), "double"))


def hexadecimal(files):
    digits = RAW.hex()

    def ok(id, what, data):
        files.ok(f"hex-{id}", f"hex, {what}", nrrd(encoding="hex", data=data.encode()))

    def no(id, what, data, code="bad_value", why=""):
        files.no(f"hex-{id}", f"hex, {what}", nrrd(encoding="hex", data=data.encode()), f"nrrd.{code}", why)

    files.ok("hex-capitals", "hex, capital digits", nrrd(encoding="hex", data=bytes([0xAB * v for v in MASK]).hex().upper().encode()))
    ok("lines", "in lines", "\n".join(digits[n:n + 8] for n in range(0, 48, 8)) + "\n")
    ok("spaced", "blanks between bytes", " ".join(digits[n:n + 2] for n in range(0, 48, 2)))
    ok("split", "blanks inside of bytes", " ".join(digits))
    ok("extra", "two bytes too many", digits + "ffff")
    ok("odd", "one digit too many", digits + "f")
    ok("crlf", "in CRLF lines", "\r\n".join(digits[n:n + 8] for n in range(0, 48, 8)))
    no("junk-after", "words after the last byte", digits + "\nthe end", why="What is no digit is refused wherever it stands: it is damage rather than intent.")
    no("short", "23 bytes", digits[:-2], "truncated", TRUNCATED)
    no("half-byte-short", "the last digit missing", digits[:-1], "truncated", TRUNCATED)
    no("prefix", "0x before every byte", " ".join("0x" + digits[n:n + 2] for n in range(0, 48, 2)))
    no("letter", "a letter that is no digit", digits[:10] + "g" + digits[11:])
    no("commas", "commas between bytes", ",".join(digits[n:n + 2] for n in range(0, 48, 2)))
    no("raw", "raw voxels instead of digits", RAW.decode() * 2)
