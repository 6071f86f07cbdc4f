"""Holds the program against pynrrd, Teem, ITK and NumPy, file by file.

To repeat everything, on Debian, from the repository's root:

    apt-get install teem-apps
    python3 -m venv ../conformance && . ../conformance/bin/activate
    pip install -r tests/conformance/requirements.txt
    python tests/conformance/corpus.py    # after a change to the corpus
    cargo build --example voxels
    python tests/conformance/run.py target/debug/examples/voxels

Writes docs/conformance.md and, out of what the corpus states, expected.json, which
`cargo test --test conformance` checks without Python. Fails where the program does not do
what the corpus states, where a reader sees other voxels, and where a choice lacks its reason.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import corpus
import report
import tools
from nrrd_make import RAW

# What the detached headers of the corpus point at.
BESIDE = {"voxels.raw": RAW, "slice1.raw": RAW[:12], "slice2.raw": RAW[12:]}


def meant(file):
    return " ".join(["ok", *map(str, file.shape), hashlib.sha256(file.mask).hexdigest()])


def stated(file):
    if file.refused:
        return f"refused {file.refused}"
    return meant(file)


def main(program):
    files = corpus.collect()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "files")
        folder.mkdir()
        Path(name, "voxels.raw").write_bytes(RAW)
        for beside, data in BESIDE.items():
            (folder / beside).write_bytes(data)
        with zipfile.ZipFile(corpus.HERE / "corpus.zip") as stored:
            if {file.name: file.data for file in files} != {name: stored.read(name) for name in stored.namelist()}:
                sys.exit("corpus.zip is not what corpus.py makes: write it anew")
            stored.extractall(folder)
        ours = asoca(program, [folder / file.name for file in files])
        rows = [
            report.Row(file, meant(file), stated(file), ours[file.name], judged(folder / file.name)) for file in files
        ]
    lines = ",\n".join(f"  {json.dumps(row.file.name)}: {json.dumps(row.stated)}" for row in rows)
    (corpus.HERE / "expected.json").write_text(f"{{\n{lines}\n}}\n")
    page = corpus.HERE.parents[1] / "docs" / "conformance.md"
    page.write_text(report.document(rows))
    faults = [fault for row in rows for fault in row.faults()]
    print(report.summary(rows), *faults, sep="\n")
    sys.exit(bool(faults))


def asoca(program, paths):
    done = subprocess.run([program, *paths], capture_output=True, text=True, check=True)
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def judged(path):
    return {name: tools.judge(reader, path) for name, reader in tools.READERS[path.suffix[1:]].items()}


if __name__ == "__main__":
    main(*sys.argv[1:])
