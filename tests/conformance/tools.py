"""The readers that the program is held against: what each makes of a file.

An outcome is `ok 4 3 2 SHA-256` (shape, then the digest of one byte a voxel, 1 where the
value is above 0.5, x fastest), `not comparable: ...` for what was read but is no volume of
plain numbers, or `refused: ...`.
"""

import hashlib
import multiprocessing
import resource
import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path

import nrrd
import numpy as np
import SimpleITK

MEMORY = 4 << 30
SECONDS = 30
UNU = shutil.which("teem-unu") or shutil.which("unu")


def outcome(volume):
    """Of an array indexed (x, y, z)."""
    if volume.dtype.kind not in "buif":
        return f"not comparable: {volume.dtype}"
    with np.errstate(all="ignore"):
        mask = (volume > 0.5).astype(np.uint8)
    return " ".join(["ok", *map(str, volume.shape), hashlib.sha256(mask.tobytes(order="F")).hexdigest()])


def pynrrd(path):
    return outcome(nrrd.read(str(path))[0])


def itk(path):
    SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)
    image = SimpleITK.ReadImage(str(path), imageIO="NrrdImageIO")
    if image.GetNumberOfComponentsPerPixel() != 1:
        return f"not comparable: {image.GetPixelIDTypeAsString()}, size {image.GetSize()}"
    return outcome(SimpleITK.GetArrayFromImage(image).transpose())


def teem(path):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out.nrrd")
        done = subprocess.run(
            [UNU, "save", "-f", "nrrd", "-e", "raw", "-i", path, "-o", out],
            capture_output=True,
            text=True,
            errors="replace",
        )
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if line.startswith("[")]
            raise ValueError(said[-1] if said else f"ended with {done.returncode}")
        header, data = out.read_bytes().split(b"\n\n", 1)
    fields = dict(
        line.split(": ", 1) for line in header.decode("latin-1").splitlines() if ": " in line and line[0] != "#"
    )
    types = {
        "signed char": "i1",
        "unsigned char": "u1",
        "short": "i2",
        "unsigned short": "u2",
        "int": "i4",
        "unsigned int": "u4",
        "long long int": "i8",
        "unsigned long long int": "u8",
        "float": "f4",
        "double": "f8",
    }
    if fields["type"] not in types:
        return f"not comparable: {fields['type']}"
    dtype = np.dtype(types[fields["type"]]).newbyteorder({"big": ">"}.get(fields.get("endian"), "<"))
    return outcome(np.frombuffer(data, dtype).reshape([int(size) for size in fields["sizes"].split()], order="F"))


def numpy(path):
    loaded = np.load(path, allow_pickle=False)
    if not isinstance(loaded, np.lib.npyio.NpzFile):
        return outcome(loaded)
    if len(loaded.files) != 1:
        raise ValueError(f"{len(loaded.files)} arrays, not one")
    volume = loaded[loaded.files[0]]
    if not isinstance(volume, np.ndarray):
        raise ValueError("a member that is no array")
    return outcome(volume)


READERS = {"nrrd": {"pynrrd": pynrrd, "Teem": teem, "ITK": itk}, "npz": {"NumPy": numpy}}


def _judge(reader, path, pipe):
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        pipe.send(reader(path))
    except BaseException as error:
        words = [line for line in str(error).splitlines() if line.strip()] or [""]
        pipe.send(f"refused: {type(error).__name__}: {words[-1].strip()}"[:200])


def judge(reader, path):
    """In a process of its own: some of these files bring some of these readers down."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_judge, args=(reader, path, theirs))
    process.start()
    theirs.close()
    found = f"refused: takes longer than {SECONDS} s"
    if ours.poll(SECONDS):
        try:
            found = ours.recv()
        except EOFError:
            process.join()
            found = f"refused: ended by signal {-process.exitcode}"
    process.kill()
    process.join()
    return found
