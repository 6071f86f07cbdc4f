"""Small files as writers make them and as nobody should, each with the outcome it must have.

    python3 corpus.py            writes corpus.zip

All but a few hold one volume of 4 x 3 x 2 voxels whose foreground, x fastest, is MASK.
The gzip and zip bytes come from Python's zlib: another build may write others, so the
stored corpus.zip is what the tests read.
"""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

SHAPE = (4, 3, 2)
MASK = bytes([0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
HERE = Path(__file__).parent


@dataclass(frozen=True)
class File:
    """One file, and what must come of it: these voxels, or this code."""

    name: str
    what: str
    data: bytes
    mask: bytes = MASK
    shape: tuple = SHAPE
    refused: str = ""
    # Why, where the readers disagree in another way than that one of them takes it and so do we.
    why: str = ""


class Collection(list):
    """Files of one format, each under a name of its own."""

    def __init__(self, extension):
        super().__init__()
        self.extension = extension

    def ok(self, id, what, data, **more):
        self.append(File(f"{id}.{self.extension}", what, data, **more))

    def no(self, id, what, data, code, why=""):
        self.append(File(f"{id}.{self.extension}", what, data, refused=code, why=why))


def collect():
    """All files, NRRD first."""
    import npz_archives
    import npz_files
    import nrrd_compressed
    import nrrd_data
    import nrrd_fields
    import nrrd_headers
    import nrrd_space
    import nrrd_text

    nrrd, npz = Collection("nrrd"), Collection("npz")
    for part in [nrrd_headers, nrrd_fields, nrrd_space, nrrd_data, nrrd_compressed, nrrd_text]:
        part.add(nrrd)
    for part in [npz_files, npz_archives]:
        part.add(npz)
    files = [*nrrd, *npz]
    names = [file.name for file in files]
    assert len(set(names)) == len(names), sorted(name for name in names if names.count(name) > 1)
    return files


def zipped(members, deflated=True):
    """A zip of (name, bytes), the same bytes every time."""
    out = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 1, 0, 0, 0)), data, method)
    return out.getvalue()


if __name__ == "__main__":
    (HERE / "corpus.zip").write_bytes(zipped((file.name, file.data) for file in collect()))
