"""NRRD data written as numbers or as hexadecimal digits."""

from corpus import MASK
from nrrd_make import RAW, nrrd

TRUNCATED = "A truncated file is refused; nobody knows what is missing."
LENIENT = "Teem and ITK read as far as a number goes: `0x1` would be 0, and `1d-3` would be 1."
WRAPS = "All three wrap it around: 256 would be background, and -1 a vessel. A number that its type can't hold is named instead."


def add(files):
    text(files)
    hexadecimal(files)


def text(files):
    def body(numbers, type="uchar"):
        return nrrd(
            type=type, encoding="ascii", data=numbers if isinstance(numbers, bytes) else numbers.encode("latin-1")
        )

    words = [str(value) for value in RAW]

    def at(index, word, base=words):
        return " ".join([*base[:index], word, *base[index + 1 :]])

    for id, what, joined in [
        ("newlines", "a number a line", "\n".join(words) + "\n"),
        ("crlf", "a number a line, CRLF", "\r\n".join(words) + "\r\n"),
        ("tabs", "tabs between", "\t".join(words)),
        ("commas", "commas between", ",".join(words)),
        ("comma-blank", "commas and blanks between", ", ".join(words)),
        ("blanks-before", "blank lines before", "\n \n" + " ".join(words)),
        ("commas-double", "empty places between commas", ",,".join(words)),
        ("comma-last", "a comma after the last", ", ".join(words) + ","),
        ("lines-of-four", "rows of four", "\n".join(" ".join(words[n : n + 4]) for n in range(0, 24, 4))),
    ]:
        files.ok(
            f"text-{id}",
            f"text, {what}",
            body(joined),
            why=(
                "A comma is as good as a blank, as it is to Teem and ITK where a blank follows."
                if id in ("commas", "commas-double")
                else ""
            ),
        )
    files.ok("text-extra", "text, three numbers too many", body(" ".join(words) + " 1 1 1"))
    files.ok("text-junk-after", "text, words after the last number", body(" ".join(words) + " the end"))
    files.no("text-short", "text, 23 numbers", body(" ".join(words[:-1])), "nrrd.truncated", TRUNCATED)
    files.no("text-nothing", "text, no numbers", body(""), "nrrd.truncated", TRUNCATED)
    files.no("text-blank", "text, blanks only", body(" \n "), "nrrd.truncated", TRUNCATED)
    for id, word in [("plus", "+1"), ("zeros-before", "007"), ("255", "255")]:
        files.ok(f"text-{id}", f"text of uchar, `{word}` at a vessel's voxel", body(at(5, word)))
    for id, word in [("fraction", "1.0"), ("exponent", "1e0")]:
        files.ok(f"text-{id}", f"text of uchar, `{word}` at a vessel's voxel", body(at(5, word)))
    files.ok(
        "text-exponent-below-1",
        "text of uchar, `1e-3` at a background voxel",
        body(at(0, "1e-3")),
        why="The number is meant, and cut to 0; Teem and ITK read as far as the 1.",
    )
    files.ok("text-fraction-below-1", "text of uchar, `0.9` at a background voxel", body(at(0, "0.9")))
    for id, word in [("256", "256"), ("300", "300"), ("negative", "-1"), ("huge", "99999999999999999999999")]:
        files.no(f"text-{id}", f"text of uchar, `{word}` among the numbers", body(at(5, word)), "nrrd.bad_value", WRAPS)
    for id, word in [
        ("hex", "0x1"),
        ("nan", "nan"),
        ("word", "true"),
        ("semicolon", "1;"),
        ("suffix", "1f"),
        ("underscore", "1_0"),
        ("quoted", '"1"'),
        ("comment", "#"),
        ("nul", "\0"),
        ("latin1", "é"),
    ]:
        files.no(
            f"text-{id}",
            f"text of uchar, `{word}` among the numbers".replace("\0", "\\0"),
            body(at(5, word)),
            "nrrd.bad_value",
            LENIENT,
        )
    files.no("text-raw", "raw voxels instead of text", body(RAW), "nrrd.bad_value")
    files.no(
        "text-bom",
        "text with a byte order mark before the first number",
        body(b"\xef\xbb\xbf" + " ".join(words).encode()),
        "nrrd.bad_value",
        LENIENT,
    )
    files.ok("text-short-negative", "text of short, with negative numbers", body(at(0, "-3"), "short"))
    files.no("text-short-overflow", "text of short, 40000", body(at(5, "40000"), "short"), "nrrd.bad_value", WRAPS)
    files.ok("text-int-large", "text of int, 2147483647", body(at(5, "2147483647"), "int"))
    files.ok("text-uint64-large", "text of uint64, 2^64-1", body(at(5, str(2**64 - 1)), "uint64"))
    floats = ["1.5" if value else "0.0" for value in MASK]
    for type in ["float", "double"]:
        files.ok(f"text-{type}", f"text of {type}", body(" ".join(floats), type))
        for id, index, word in [
            ("exponent", 5, "1e0"),
            ("exponent-small", 0, "1e-3"),
            ("exponent-upper", 5, "6.0E-1"),
            ("no-zero", 5, ".75"),
            ("point-last", 5, "1."),
            ("nan", 0, "nan"),
            ("nan-upper", 0, "NaN"),
            ("infinite", 5, "inf"),
            ("infinite-negative", 0, "-inf"),
            ("infinity", 5, "Infinity"),
            ("half", 0, "0.5"),
            ("denormal", 0, "1e-320"),
            ("nan-signed", 0, "-nan"),
            ("nan-payload", 0, "nan(1)"),
            ("nan-windows", 0, "-nan(ind)"),
            ("long", 5, "0." + "9" * 100),
        ]:
            files.ok(
                f"text-{type}-{id}",
                f"text of {type}, `{word[:20]}` at a {'vessel' if MASK[index] else 'background'} voxel",
                body(at(index, word, floats), type),
            )
        for id, word in [("words", "one"), ("fortran", "1d0"), ("comma", "0,9"), ("hex", "0x1p0")]:
            if id == "comma":
                files.ok(
                    f"text-{type}-comma",
                    f"text of {type}, `1,9`: two numbers, one too many",
                    body(at(23, "1,9", floats), type),
                )
            else:
                files.no(
                    f"text-{type}-{id}",
                    f"text of {type}, `{word}` among the numbers",
                    body(at(5, word, floats), type),
                    "nrrd.bad_value",
                    LENIENT,
                )
    files.ok("text-float-overflow", "text of float, 1e39", body(at(5, "1e39", floats), "float"))
    files.ok("text-double-overflow", "text of double, 1e999", body(at(5, "1e999", floats), "double"))
    files.ok(
        "text-float-rounds",
        "text of float, 0.50000000001, which is 0.5 as a float",
        body(at(0, "0.50000000001", floats), "float"),
    )
    files.ok("text-double-above-half", "text of double, 0.50000000001", body(at(5, "0.50000000001", floats), "double"))


def hexadecimal(files):
    digits = RAW.hex()

    def ok(id, what, data):
        files.ok(f"hex-{id}", f"hex, {what}", nrrd(encoding="hex", data=data.encode()))

    def no(id, what, data, code="bad_value", why=""):
        files.no(f"hex-{id}", f"hex, {what}", nrrd(encoding="hex", data=data.encode()), f"nrrd.{code}", why)

    files.ok(
        "hex-capitals",
        "hex, capital digits",
        nrrd(encoding="hex", data=bytes([0xAB * v for v in MASK]).hex().upper().encode()),
    )
    ok("lines", "in lines", "\n".join(digits[n : n + 8] for n in range(0, 48, 8)) + "\n")
    ok("spaced", "blanks between bytes", " ".join(digits[n : n + 2] for n in range(0, 48, 2)))
    ok("split", "blanks inside of bytes", " ".join(digits))
    ok("extra", "two bytes too many", digits + "ffff")
    ok("odd", "one digit too many", digits + "f")
    ok("crlf", "in CRLF lines", "\r\n".join(digits[n : n + 8] for n in range(0, 48, 8)))
    no(
        "junk-after",
        "words after the last byte",
        digits + "\nthe end",
        why="What is no digit is refused wherever it stands: it is damage rather than intent.",
    )
    no("short", "23 bytes", digits[:-2], "truncated", TRUNCATED)
    no("half-byte-short", "the last digit missing", digits[:-1], "truncated", TRUNCATED)
    no("prefix", "0x before every byte", " ".join("0x" + digits[n : n + 2] for n in range(0, 48, 2)))
    no("letter", "a letter that is no digit", digits[:10] + "g" + digits[11:])
    no("commas", "commas between bytes", ",".join(digits[n : n + 2] for n in range(0, 48, 2)))
    no("raw", "raw voxels instead of digits", RAW.decode() * 2)
