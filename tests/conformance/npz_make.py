"""Builds NPZ files from their parts."""

import io
import struct

import numpy as np

from corpus import MASK, SHAPE, zipped

DICT = "{'descr': '|u1', 'fortran_order': False, 'shape': (4, 3, 2), }"
VOLUME = np.frombuffer(MASK, np.uint8).reshape(SHAPE, order="F")
LAST_FASTEST = VOLUME.tobytes(order="C")


def npy(dict=DICT, data=LAST_FASTEST, version=(1, 0), length=None):
    """An array's file: magic, version, the header padded as NumPy pads it, values."""
    width = "<H" if version[0] == 1 else "<I"
    text = dict.encode("utf-8" if version[0] == 3 else "latin-1")
    text += b" " * (-(9 + struct.calcsize(width) + len(text)) % 64) + b"\n"
    stated = len(text) if length is None else length
    return b"\x93NUMPY" + bytes(version) + struct.pack(width, stated) + text + data


def npz(array, name="arr_0.npy", deflated=True):
    return zipped([(name, array)], deflated)


def saved(volume, deflated=True):
    """As NumPy writes this array."""
    out = io.BytesIO()
    np.lib.format.write_array(out, volume, allow_pickle=False)
    return npz(out.getvalue(), deflated=deflated)
