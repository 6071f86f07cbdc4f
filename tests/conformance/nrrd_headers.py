"""NRRD headers: magic, line ends, comments, keys, and what points at other files."""

from corpus import MASK
from nrrd_make import RAW, nrrd

DATA_FILE = "A header that points at another file is refused before anything is opened: one such read the ground truth itself in a published evaluator."
KEY_VALUE = "The format makes `:=` a key/value pair, whatever its key; only pynrrd takes it for a field."
VERSIONS = "Versions are NRRD0001 to NRRD0005; others are in no definition of the format."


def add(files):
    magic(files)
    lines(files)
    keys(files)
    detached(files)


def magic(files):
    for version in "12345":
        files.ok(f"magic-{version}", f"magic NRRD000{version}", nrrd(magic=f"NRRD000{version}"))
    for id, text in [
        ("0", "NRRD0000"),
        ("6", "NRRD0006"),
        ("00", "NRRD00.01"),
        ("long", "NRRD00041"),
        ("lower", "nrrd0004"),
        ("bare", "NRRD"),
        ("short", "NRRD4"),
        ("words", "NRRD0004 and more"),
        ("space-before", " NRRD0004"),
        ("blank-before", "\nNRRD0004"),
    ]:
        files.no(
            f"magic-{id}",
            f"magic `{text}`".replace("\n", "\\n"),
            nrrd(magic=text),
            "nrrd.not_nrrd",
            VERSIONS if id in ("0", "6", "00", "short") else "",
        )
    files.ok("magic-trailing-space", "blanks after the magic", nrrd(magic="NRRD0004  "))
    files.no("bom", "a byte order mark (UTF-8) before the magic", b"\xef\xbb\xbf" + nrrd(), "nrrd.byte_order_mark")
    files.no(
        "bom-skip",
        "a byte order mark, and byte skip -1",
        b"\xef\xbb\xbf" + nrrd("byte skip: -1"),
        "nrrd.byte_order_mark",
        "pynrrd drops whatever is not ASCII and is wrong by three bytes unless it counts from the end; a file that others can't open is named instead.",
    )
    files.no("bom-utf16", "the header in UTF-16", nrrd(data=b"").decode().encode("utf-16") + RAW, "nrrd.not_nrrd")
    files.no("empty", "an empty file", b"", "nrrd.not_nrrd")
    files.no("zeros", "1000 zero bytes", bytes(1000), "nrrd.not_nrrd")
    files.no("magic-alone", "the magic and nothing else", b"NRRD0004", "nrrd.bad_header")
    files.no("magic-line-alone", "the magic line and an empty one", b"NRRD0004\n\n", "nrrd.bad_header")


def lines(files):
    files.ok("crlf", "CRLF in the whole header", nrrd(eol="\r\n"))
    text = nrrd(data=b"").decode()
    files.ok(
        "crlf-mixed",
        "CRLF after every second line",
        "".join(line + ("\r\n" if at % 2 else "\n") for at, line in enumerate(text.split("\n")[:-1])).encode() + RAW,
    )
    files.ok("crlf-last", "CRLF for the empty line alone", text[:-1].encode() + b"\r\n" + RAW)
    files.no(
        "cr",
        "CR alone, as on old Macs",
        nrrd(eol="\r"),
        "nrrd.bad_header",
        "Lines end in LF or CRLF. No writer of today ends a line so, and the first voxel may be a 13, too.",
    )
    files.ok(
        "crlf-raw-cr",
        "CRLF, the first voxels 13 and 10",
        nrrd(eol="\r\n", data=b"\r\n" + RAW[2:]),
        mask=b"\1\1" + MASK[2:],
    )
    files.ok("blank-line-spaces", "an empty line of two blanks", text[:-1].encode() + b"  \n" + RAW)
    files.ok("trailing-spaces", "blanks and tabs at the end of every line", nrrd(eol="  \t\n", data=None) + b"\n" + RAW)
    files.no("no-blank-line", "no empty line between header and voxels", text[:-1].encode() + RAW, "nrrd.bad_header")
    files.no("header-only", "a header, its empty line, and no voxels", nrrd(data=b""), "nrrd.truncated")
    files.no("header-cut", "a header cut off in a line", nrrd(data=b"")[:30], "nrrd.bad_header")
    files.ok(
        "comments",
        "comments in all places, one empty",
        nrrd("# last", first=["# first", "#", "#no blank", "# a: b", "# a:=b"]),
    )
    files.ok("comment-latin1", "a comment in latin-1", nrrd("# Gefäß"))
    files.ok("comment-utf8", "a comment in UTF-8", nrrd("# Gefäß".encode().decode("latin-1")))
    files.no("comment-indented", "a comment with a blank before it", nrrd(" # indented"), "nrrd.bad_header")
    files.no("comment-before", "a comment before the magic", b"# first\n" + nrrd(), "nrrd.not_nrrd")
    files.ok("comment-data-file", "a comment that speaks of a data file", nrrd("# data file: voxels.raw"))
    files.no("line-without-colon", "a line without a colon", nrrd("what is this"), "nrrd.bad_header")
    files.ok("line-colon-alone", "a line that is a colon", nrrd(":"))
    files.ok("line-64k", "a field of 64 KiB", nrrd("content: " + "x" * 65536))
    files.no(
        "line-2m",
        "a field of 2 MiB",
        nrrd("content: " + "x" * (2 << 20)),
        "nrrd.bad_header",
        "A header may have 1 MiB; what is longer is no segmentation's.",
    )
    files.ok("nul-in-comment", "a zero byte in a comment", nrrd("# a\0b"))
    files.ok("indented-field", "a blank before a field's name", nrrd(type=None, first=[" type: uchar"]))


def keys(files):
    for id, line in [
        ("plain", "key:=value"),
        ("empty-value", "key:="),
        ("colon", "key:=a: b := c"),
        ("spaces", "a key with blanks:= value "),
        ("unicode", "clé:=ä"),
        ("space-before", "key :=value"),
        ("field-name", "sizes:=9 9 9"),
        ("byte-skip", "byte skip:=-1"),
        ("escapes", "key:=one\\ntwo"),
    ]:
        why = KEY_VALUE if id == "field-name" else ""
        files.ok(f"key-{id}", f"`{line}`", nrrd(line), why=why)
    files.ok("key-empty", "`:=value`, a pair without a key", nrrd(":=value"))
    files.ok("key-twice", "the same key twice", nrrd("key:=one", "key:=two"))
    files.ok("key-like-field", "`type:=short` beside `type: uchar`", nrrd("type:=short"), why=KEY_VALUE)
    files.ok("key-byte-skip-4", "`byte skip:=4`", nrrd("byte skip:=4"), why=KEY_VALUE)
    files.ok("key-first", "a pair before all fields", nrrd(first=["key:=value"]))
    files.ok(
        "key-slicer",
        "3D Slicer's pairs of a segmentation that is not cropped",
        nrrd("Segmentation_MasterRepresentation:=Binary labelmap", "Segment0_Name:=LAD"),
    )
    files.no(
        "key-for-field",
        "`encoding:=raw` instead of the field",
        nrrd("encoding:=raw", encoding=None),
        "nrrd.bad_header",
        KEY_VALUE,
    )


def detached(files):
    for id, line in [
        ("plain", "data file: voxels.raw"),
        ("one-word", "datafile: voxels.raw"),
        ("case", "Data File: voxels.raw"),
        ("no-space", "data file:voxels.raw"),
        ("absolute", "data file: /dev/zero"),
        ("up", "data file: ../voxels.raw"),
        ("missing", "data file: nowhere.raw"),
        ("pattern", "data file: slice%d.raw 1 2 1"),
        ("key", "data file:=voxels.raw"),
        ("list", "data file: LIST\nslice1.raw\nslice2.raw"),
        ("list-2d", "data file: LIST 2\nslice1.raw\nslice2.raw"),
        ("empty", "data file:"),
    ]:
        why = KEY_VALUE + " " + DATA_FILE if id == "key" else DATA_FILE
        files.no(
            f"detached-{id}",
            f"`{line}`, nothing attached".replace("\n", "`, `"),
            nrrd(line, data=b""),
            "nrrd.data_file",
            why,
        )
        if id in ("plain", "key", "missing"):
            files.no(f"detached-{id}-attached", f"`{line}`, with voxels attached", nrrd(line), "nrrd.data_file", why)
    files.no(
        "detached-no-blank",
        "a detached header without its empty line",
        nrrd("data file: voxels.raw", data=None),
        "nrrd.data_file",
        DATA_FILE,
    )
