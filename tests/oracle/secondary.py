"""The secondary metrics by their reference implementations: the judge of the Rust code.

    python3 secondary.py --masks DIR --skeletons DIR
    python3 secondary.py --areas X Y Z

Each DIR holds the folders `truth` and `predictions` with NRRD files of the same names. The first
form holds the skeletons it is given against its own and prints the metrics of each pair as JSON, by file
name. The second prints the area in mm² of a surface element in voxels of X × Y × Z mm,
by code: bit z + 2y + 4x for the voxel at that corner of the cell.

Skeletons are scikit-image's, surfaces are of DeepMind's surface-distance, components scipy's.
"""

import argparse
import json
import pathlib
import sys
import warnings

import nrrd
import numpy as np
from scipy import ndimage
from skimage.morphology import skeletonize

# surface-distance reaches scipy's functions by names that are going out of use.
warnings.simplefilter("ignore", DeprecationWarning)
import surface_distance
from surface_distance import lookup_tables

TOLERANCE = 0.5


def check_skeleton(of, mask, found):
    """scikit-image loses whole components. They have to have one voxel, all others what it says."""
    expected = skeletonize(mask, method="lee")
    labels, count = components(mask)
    lost = np.setdiff1d(np.arange(1, count + 1), labels[expected])
    added = labels[found & ~expected]
    if np.any(expected & ~found) or sorted(added) != lost.tolist():
        sys.exit(f"{of}: skeleton {np.argwhere(found)}, expected {np.argwhere(expected)} and one voxel of {lost}")
    return len(lost)


def cl_dice(truth, prediction, truth_skeleton, skeleton):
    precision = np.sum(skeleton & truth) / np.sum(skeleton)
    sensitivity = np.sum(truth_skeleton & prediction) / np.sum(truth_skeleton)
    both = precision + sensitivity
    return float(2 * precision * sensitivity / both) if both else 0.0


def surface_dice(truth, prediction, spacing):
    distances = surface_distance.compute_surface_distances(truth, prediction, spacing)
    return float(surface_distance.compute_surface_dice_at_tolerance(distances, TOLERANCE))


def components(mask):
    return ndimage.label(mask, np.ones((3, 3, 3)))


def score(name, masks, skeletons, spacing):
    truth, prediction = masks
    lost = sum(check_skeleton(name, *pair) for pair in zip(masks, skeletons))
    shared = np.sum(truth & prediction)
    return {
        "cl_dice": cl_dice(truth, prediction, *skeletons),
        "surface_dice": surface_dice(truth, prediction, spacing),
        "precision": float(shared / np.sum(prediction)),
        "recall": float(shared / np.sum(truth)),
        "component_difference": components(prediction)[1] - components(truth)[1],
        "lost": lost,
    }


def areas(spacing):
    """The reference's table, from its own order of corners into ours."""
    table = lookup_tables.create_table_neighbour_code_to_surface_area(spacing)
    kernel = lookup_tables.ENCODE_NEIGHBOURHOOD_3D_KERNEL
    bits = [kernel[at >> 2 & 1, at >> 1 & 1, at & 1] for at in range(8)]
    return [float(table[sum(bit for at, bit in enumerate(bits) if code >> at & 1)]) for code in range(256)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--areas", type=float, nargs=3)
    parser.add_argument("--masks", type=pathlib.Path)
    parser.add_argument("--skeletons", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.areas:
        print(json.dumps(areas(arguments.areas)))
        return
    found = {}
    for path in sorted((arguments.masks / "truth").glob("*.nrrd")):
        read = lambda folder: [nrrd.read(str(folder / side / path.name)) for side in ("truth", "predictions")]
        (truth, header), (prediction, _) = read(arguments.masks)
        skeletons = [skeleton > 0 for skeleton, _ in read(arguments.skeletons)]
        # Signs are of no consequence to a distance, but to the reference's areas.
        spacing = np.abs(np.diag(header["space directions"]))
        found[path.stem] = score(path.stem, (truth > 0, prediction > 0), skeletons, spacing)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
