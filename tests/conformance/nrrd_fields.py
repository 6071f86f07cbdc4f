"""NRRD headers: types, sizes, and all other fields but those of space."""

from corpus import MASK
from nrrd_make import RAW, nrrd, typed

BLANKS = "Any white space between two words is one blank; nothing else can be meant."
NOT_3D = "A segmentation has three axes; the published evaluator, too, refuses another shape than the truth's."
MORE = "Some read as far as a number goes and drop the rest: `4e1` would be 40 to pynrrd and 4 to Teem and ITK, `4.9` would be 4. Here a field means all of its text."
TEXT_OF_GEOMETRY = "What says nothing of the voxels is not read here, so it can't be wrong."
KINDS = "Voxels are what three axes of a header say, whatever kinds they are of; so read pynrrd, which the published evaluator uses, and Teem."


def add(files):
    types(files)
    endians(files)
    sizes(files)
    dimensions(files)
    fields(files)
    descriptions(files)


def types(files):
    spellings = {
        "b": "signed char|int8|int8_t",
        "B": "uchar|unsigned char|uint8|uint8_t",
        "h": "short|short int|signed short|signed short int|int16|int16_t",
        "H": "ushort|unsigned short|unsigned short int|uint16|uint16_t",
        "i": "int|signed int|int32|int32_t",
        "I": "uint|unsigned int|uint32|uint32_t",
        "q": "longlong|long long|long long int|signed long long|signed long long int|int64|int64_t",
        "Q": "ulonglong|unsigned long long|unsigned long long int|uint64|uint64_t",
        "f": "float",
        "d": "double",
    }
    for code, names in spellings.items():
        for at, name in enumerate(names.split("|")):
            endian = "<>"[at % 2]
            files.ok(
                f"type-{name.replace(' ', '-')}",
                f"type {name}, {'big' if at % 2 else 'little'} endian",
                nrrd(f"endian: {'big' if at % 2 else 'little'}", type=name, data=typed(endian, code)),
            )
    for name, code in [("UChar", "B"), ("Unsigned Char", "B"), ("UINT8_T", "B"), ("FLOAT", "f"), ("Short Int", "h")]:
        files.ok(
            f"type-case-{name.replace(' ', '-').lower()}",
            f"type {name}",
            nrrd("endian: little", type=name, data=typed("<", code)),
        )
    files.ok("type-two-spaces", "type `unsigned  char`", nrrd(type="unsigned  char"), why=BLANKS)
    files.ok("type-tab", "type `unsigned<tab>char`", nrrd(type="unsigned\tchar"), why=BLANKS)
    for name, size in [
        ("char", 1),
        ("bool", 1),
        ("byte", 1),
        ("unsigned", 4),
        ("signed", 4),
        ("long", 8),
        ("unsigned long", 8),
        ("long double", 16),
        ("half", 2),
        ("float16", 2),
        ("float32", 4),
        ("float64", 8),
        ("real", 8),
        ("complex", 8),
        ("uint128", 16),
        ("<u1", 1),
    ]:
        files.no(
            f"type-not-{name.strip('<').replace(' ', '-')}",
            f"type {name}",
            nrrd("endian: little", type=name, data=b"".join(bytes([v]) + bytes(size - 1) for v in MASK)),
            "nrrd.unsupported_type",
        )
    files.no(
        "type-block",
        "type block, block size 1",
        nrrd("block size: 1", type="block"),
        "nrrd.unsupported_type",
        "A block is opaque; there is nothing in it to compare with 0.5.",
    )
    files.no("type-block-no-size", "type block without its size", nrrd(type="block"), "nrrd.unsupported_type")
    files.no("type-empty", "an empty type", nrrd(type=""), "nrrd.unsupported_type")


def endians(files):
    short = typed("<", "h")
    for id, line, data in [
        ("big-upper", "endian: BIG", typed(">", "h")),
        ("little-mixed", "endian: Little", short),
        ("space-before", "endian:   little", short),
    ]:
        files.ok(f"endian-{id}", f"`{line}` of short", nrrd(line, type="short", data=data))
    files.no("endian-missing", "short without endian", nrrd(type="short", data=short), "nrrd.bad_header")
    files.no(
        "endian-missing-hex",
        "short in hex without endian",
        nrrd(type="short", encoding="hex", data=short.hex().encode()),
        "nrrd.bad_header",
    )
    files.ok(
        "endian-missing-text",
        "short as text without endian",
        nrrd(type="short", encoding="ascii", data=" ".join(map(str, MASK)).encode()),
    )
    files.no(
        "endian-middle", "endian middle, of short", nrrd("endian: middle", type="short", data=short), "nrrd.bad_header"
    )
    files.no(
        "endian-middle-uchar",
        "endian middle, of uchar",
        nrrd("endian: middle"),
        "nrrd.bad_header",
        "pynrrd does not look where bytes have no order; a word that means nothing is named all the same.",
    )
    files.no("endian-empty", "an empty endian, of short", nrrd("endian:", type="short", data=short), "nrrd.bad_header")
    files.ok("endian-uchar", "endian big of uchar", nrrd("endian: big"))


def sizes(files):
    files.ok("sizes-one", "a volume of one voxel", nrrd(sizes="1 1 1", data=b"\1"), shape=(1, 1, 1), mask=b"\1")
    files.ok("sizes-flat", "one slice", nrrd(sizes="4 6 1"), shape=(4, 6, 1))
    files.ok("sizes-empty-mask", "no foreground", nrrd(data=bytes(24)), mask=bytes(24))
    files.ok("sizes-tabs", "tabs between sizes", nrrd(sizes="4\t3\t\t2"))
    for id, sizes, code in [
        ("zero", "4 3 0", "bad_sizes"),
        ("zero-all", "0 0 0", "bad_sizes"),
        ("huge", "65536 65536 65536", "bad_sizes"),
        ("overflow-product", "4294967296 4294967296 2", "bad_sizes"),
        ("wraps-to-24", "4611686018427387905 3 8", "bad_sizes"),
    ]:
        files.no(f"sizes-{id}", f"sizes {sizes}", nrrd(sizes=sizes), f"volume.{code}")
    files.no(
        "sizes-overflow",
        "sizes 2^64 + 4, 3, 2",
        nrrd(sizes="18446744073709551620 3 2"),
        "nrrd.bad_header",
        "Sizes that overflow are refused; Teem and ITK wrap this one around to 4.",
    )
    for id, sizes in [
        ("negative", "4 -3 2"),
        ("two-negative", "4 -3 -2"),
        ("few", "4 6"),
        ("empty", ""),
        ("words", "four three two"),
        ("commas", "4,3,2"),
        ("fraction", "4.9 3 2"),
        ("exponent", "4e0 3 2"),
        ("hex", "0x4 3 2"),
    ]:
        files.no(
            f"sizes-{id}",
            f"sizes `{sizes}`",
            nrrd(sizes=sizes),
            "nrrd.bad_header",
            MORE if id in ("fraction", "exponent") else "",
        )
    files.no("sizes-many", "four sizes, dimension 3", nrrd(sizes="4 3 2 1"), "nrrd.bad_header", MORE)
    files.no("sizes-comment", "`sizes: 4 3 2 # x y z`", nrrd(sizes="4 3 2 # x y z"), "nrrd.bad_header", MORE)
    files.ok("sizes-points", "sizes 4.0 3. 2.00", nrrd(sizes="4.0 3. 2.00"))
    files.ok("sizes-plus", "sizes +4 +3 +2", nrrd(sizes="+4 +3 +2"))
    files.ok("sizes-zeros-before", "sizes 04 003 2", nrrd(sizes="04 003 2"))


def dimensions(files):
    files.ok("dimension-point", "dimension 3.0", nrrd(dimension="3.0"))
    files.ok("dimension-zeros-before", "dimension 03", nrrd(dimension="03"))
    for id, dimension in [
        ("0", "0"),
        ("17", "17"),
        ("negative", "-3"),
        ("words", "three"),
        ("fraction", "3.5"),
        ("empty", ""),
        ("more", "3 4"),
    ]:
        files.no(
            f"dimension-{id}",
            f"dimension `{dimension}`",
            nrrd(dimension=dimension),
            "nrrd.bad_header",
            MORE if id in ("fraction", "more") else "",
        )
    files.no("dimension-2-of-3", "dimension 2, three sizes", nrrd(dimension="2"), "nrrd.bad_header", MORE)
    files.no("dimension-1", "one axis of 24", nrrd(dimension="1", sizes="24"), "volume.not_3d", NOT_3D)
    files.no("dimension-2", "two axes", nrrd(dimension="2", sizes="4 6"), "volume.not_3d", NOT_3D)
    files.no(
        "dimension-4", "four axes, the last of size 1", nrrd(dimension="4", sizes="4 3 2 1"), "volume.not_3d", NOT_3D
    )
    files.no(
        "dimension-4-first",
        "four axes, the first of size 1",
        nrrd(dimension="4", sizes="1 4 3 2"),
        "volume.not_3d",
        NOT_3D,
    )
    files.no(
        "dimension-4-layers",
        "3D Slicer's overlapping segments",
        nrrd(
            dimension="4",
            sizes="2 4 3 2",
            data=RAW * 2,
            space="left-posterior-superior",
            space_directions="none (1,0,0) (0,1,0) (0,0,1)",
            kinds="list domain domain domain",
        ),
        "volume.not_3d",
        NOT_3D,
    )
    files.no("dimension-16", "sixteen axes", nrrd(dimension="16", sizes="4 3 2" + " 1" * 13), "volume.not_3d", NOT_3D)


def fields(files):
    for field in ["type", "dimension", "sizes", "encoding"]:
        files.no(f"missing-{field}", f"no {field}", nrrd(**{field: None}), "nrrd.bad_header")
        line = {
            "type": "type: uchar",
            "dimension": "dimension: 3",
            "sizes": "sizes: 4 3 2",
            "encoding": "encoding: raw",
        }[field]
        files.no(f"twice-{field}", f"`{line}` twice", nrrd(line), "nrrd.bad_header")
        text = nrrd(data=b"").decode().replace(line, line.replace(field, field.title()))
        files.ok(f"case-{field}", f"the name `{field.title()}`", text.encode() + RAW)
    files.no("twice-content", "content twice", nrrd("content: a", "content: b"), "nrrd.bad_header")
    files.no(
        "twice-other-case",
        "`Content` beside `content`",
        nrrd("content: a", "Content: b"),
        "nrrd.bad_header",
        "Names are read in any letter case, so this is one field twice; pynrrd knows only the lower case.",
    )
    files.no(
        "twice-synonym",
        "`line skip` beside `lineskip`",
        nrrd("line skip: 0", "lineskip: 0"),
        "nrrd.bad_header",
        "They are one field; which of two values would be meant can't be known.",
    )
    files.no("twice-unknown", "an unknown field twice", nrrd("colour: a", "colour: b"), "nrrd.bad_header")
    everything = dict(type=None, dimension=None, sizes=None, encoding=None)
    t, d, s, e = "type: uchar", "dimension: 3", "sizes: 4 3 2", "encoding: raw"
    for id, order in [
        ("tdse", [t, d, s, e]),
        ("edst", [e, d, s, t]),
        ("dset", [d, s, e, t]),
        ("sdte", [s, d, t, e]),
        ("etsd", [e, t, s, d]),
    ]:
        files.ok(f"order-{id}", "order " + ", ".join(line.split(":")[0] for line in order), nrrd(*order, **everything))
    for id, between in [("none", ""), ("tab", "\t"), ("many", "      "), ("mixed", " \t ")]:
        files.ok(
            f"colon-{id}",
            f"{id} between colon and value",
            nrrd(*(line.replace(": ", ":" + between) for line in [t, d, s, e]), **everything),
        )
    files.ok("colon-before", "a blank before the colon", nrrd("type : uchar", type=None))


def descriptions(files):
    for id, line in [
        ("unknown", "favourite colour: blue"),
        ("unknown-empty", "nothing:"),
        ("number", "number: 24"),
        ("content", "content: a: b, c"),
        ("content-empty", "content: "),
        ("content-latin1", "content: Gefäß"),
        ("min-max", "min: 0\nmax: 1"),
        ("old-min", "old min: 0\noldmax: 255"),
        ("min-nan", "min: nan"),
        ("block-size", "block size: 1"),
        ("blocksize", "blocksize: 1"),
        ("units", 'units: "mm" "mm" "mm"'),
        ("units-empty", 'units: "" "" ""'),
        ("labels", 'labels: "x" "y" "z"'),
        ("labels-few", 'labels: "x"'),
        ("labels-bare", "labels: x y z"),
        ("kinds", "kinds: domain domain domain"),
        ("kinds-unknown", "kinds: a b c"),
        ("kinds-few", "kinds: domain"),
        ("centers", "centers: cell cell cell"),
        ("centerings", "centerings: cell node ???"),
        ("thicknesses", "thicknesses: nan nan 0.5"),
        ("axis-mins", "axis mins: 0 0 0\naxismaxs: 1 1 1"),
        ("sample-units", "sample units: HU"),
        ("kinds-space", "kinds: space space space"),
        ("min-words", "min: low"),
    ]:
        files.ok(f"field-{id}", f"`{line}`".replace("\n", "`, `"), nrrd(*line.split("\n")))

    for kind in ["list", "vector", "3-color", "RGB-color", "complex"]:
        files.ok(
            f"field-kinds-{kind.lower()}",
            f"`kinds: {kind} domain domain`",
            nrrd(f"kinds: {kind} domain domain"),
            why=KINDS,
        )
    files.ok("field-labels-open", '`labels: "x" "y" "z`', nrrd('labels: "x" "y" "z'), why=TEXT_OF_GEOMETRY)
