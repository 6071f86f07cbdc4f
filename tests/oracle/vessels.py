"""The vessel metrics from their definitions: the judge of the Rust code.

    python3 vessels.py --masks DIR --skeletons DIR --tolerance MM

Each DIR holds the folders `truth` and `predictions` with NRRD files of the same names. Prints the metrics of each pair as
JSON, by file name. Skeletons are taken as they are given; `secondary.py` holds them against scikit-image's.

Components are scipy's, as are the distances to the background and between centrelines; the Euler characteristic is scikit-image's, and has to be
that of the counted vertices, edges, faces and cubes; surfaces are of DeepMind's surface-distance.
"""

import argparse
import itertools
import json
import pathlib
import sys
import warnings

import nrrd
import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree
from skimage.measure import euler_number

# surface-distance reaches scipy's functions by names that are going out of use.
warnings.simplefilter("ignore", DeprecationWarning)
import surface_distance

TOLERANCES = {"at_0_25_mm": 0.25, "at_0_5_mm": 0.5, "at_1_mm": 1.0}
CALIBRES = {"below_1_5_mm": (0, 1.5), "from_1_5_to_2_mm": (1.5, 2), "from_2_mm": (2, np.inf)}
# A vessel's radius counts for no more.
MAX_RADIUS = 3.5
# What is this near, in mm or as a share, is the same.
SAME = 1e-9

BY_CORNERS = np.ones((3, 3, 3))
BY_FACES = ndimage.generate_binary_structure(3, 1)


def crop(arrays):
    """To the box that the foreground of any of them fills, two background voxels around it."""
    union = np.logical_or.reduce(arrays)
    box = ndimage.find_objects(union.astype(np.uint8))[0]
    return [np.pad(array[box], 2) for array in arrays]


def weights(skeleton, spacing):
    """Half of the steps from each voxel to its neighbours on the skeleton, in mm, in the order of `np.nonzero`."""
    voxels = np.argwhere(skeleton)
    found = np.zeros(len(voxels))
    for step in itertools.product((-1, 0, 1), repeat=3):
        if any(step):
            # Inside the array: it has a margin.
            neighbours = skeleton[tuple((voxels + step).T)]
            found += neighbours * np.linalg.norm(np.multiply(step, spacing)) / 2
    found[found == 0] = min(spacing) / 2
    return found


def tree_lengths(truth, prediction, skeleton, spacing):
    at = np.nonzero(skeleton)
    weight = weights(skeleton, spacing)
    components = ndimage.label(truth, BY_CORNERS)[0][at]
    pieces = ndimage.label(prediction, BY_CORNERS)[0][at]
    connected = np.zeros(len(weight), bool)
    for component in np.unique(components):
        best, longest = None, 0
        for piece in np.unique(pieces[(components == component) & (pieces > 0)]):
            voxels = (components == component) & (pieces == piece)
            length = weight[voxels].sum()
            if length > longest * (1 + SAME):
                best, longest = voxels, length
        if best is not None:
            connected |= best
    diameter = 2 * ndimage.distance_transform_edt(truth, sampling=spacing)[at]
    calibres = {"all": np.ones(len(weight), bool)}
    for name, (low, high) in CALIBRES.items():
        calibres[name] = (diameter > low - SAME) & (diameter < high - SAME)

    def shares(inside):
        share = lambda of: float(weight[of & inside].sum() / weight[of].sum()) if of.any() else None
        return {name: share(of) for name, of in calibres.items()}

    return shares(pieces > 0), shares(connected)


def centreline_overlap(truth, truth_skeleton, skeleton, spacing):
    """Overlap, and accuracy in mm or None."""
    points = [np.argwhere(of) * spacing for of in (truth_skeleton, skeleton)]
    of_truth, of_prediction = map(cKDTree, points)
    radius = np.minimum(ndimage.distance_transform_edt(truth, sampling=spacing)[truth_skeleton], MAX_RADIUS)
    to_prediction, to_truth = of_prediction.query(points[0])[0], of_truth.query(points[1])[0]
    # Of several nearest voxels the one with the largest radius.
    nearest = of_truth.query_ball_point(points[1], to_truth + SAME)
    radius_there = np.array([radius[of].max() for of in nearest])
    near = np.concatenate([to_prediction <= radius + SAME, to_truth <= radius_there + SAME])
    distance = np.concatenate([to_prediction, to_truth])
    weight = np.concatenate([weights(of, spacing) for of in (truth_skeleton, skeleton)])
    accuracy = float(np.average(distance[near], weights=weight[near])) if near.any() else None
    return float(weight[near].sum() / weight.sum()), accuracy


def counted_cells(mask):
    """Vertices - edges + faces - cubes of the union of the closed voxels, in an array with a margin."""
    count = -int(mask.sum())
    # A cell is there if one of the voxels around it is: two to a face, four to an edge, eight to a vertex.
    for axes in itertools.chain.from_iterable(itertools.combinations(range(3), n) for n in (1, 2, 3)):
        cells = mask
        for axis in axes:
            cells = cells | np.roll(cells, 1, axis=axis)
        count += int(cells.sum()) * (-1) ** (3 - len(axes))
    return count


def betti(mask):
    euler = int(euler_number(mask, connectivity=3))
    if euler != counted_cells(mask):
        sys.exit(f"Euler characteristic {euler}, counted {counted_cells(mask)}")
    components = ndimage.label(mask, BY_CORNERS)[1]
    cavities = ndimage.label(~mask, BY_FACES)[1] - 1
    return [components, components + cavities - euler, cavities]


def score(masks, skeletons, spacing, tolerance):
    truth, prediction, truth_skeleton, skeleton = crop([*masks, *skeletons])
    tree_length, connected = tree_lengths(truth, prediction, truth_skeleton, spacing)
    overlap, accuracy = centreline_overlap(truth, truth_skeleton, skeleton, spacing)
    of_truth, of_prediction = betti(truth), betti(prediction)
    distances = surface_distance.compute_surface_distances(truth, prediction, spacing)
    dice = lambda mm: float(surface_distance.compute_surface_dice_at_tolerance(distances, mm))
    return {
        "tree_length": tree_length,
        "connected_tree_length": connected,
        "centreline_overlap": overlap,
        "centreline_accuracy_mm": accuracy,
        "leakage_mm": float(weights(skeleton, spacing)[~truth[skeleton]].sum()),
        "betti_0_error": abs(of_prediction[0] - of_truth[0]),
        "betti_1_error": abs(of_prediction[1] - of_truth[1]),
        "surface_dice": {name: dice(mm) for name, mm in (TOLERANCES | {"at_given": tolerance}).items()},
        "betti_numbers": [of_truth, of_prediction],
        "length_mm": float(weights(truth_skeleton, spacing).sum()),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--masks", type=pathlib.Path, required=True)
    parser.add_argument("--skeletons", type=pathlib.Path, required=True)
    parser.add_argument("--tolerance", type=float, required=True)
    arguments = parser.parse_args()
    found = {}
    for path in sorted((arguments.masks / "truth").glob("*.nrrd")):
        read = lambda folder: [nrrd.read(str(folder / side / path.name)) for side in ("truth", "predictions")]
        masks, skeletons = read(arguments.masks), read(arguments.skeletons)
        spacing = np.abs(np.diag(masks[0][1]["space directions"]))
        of = lambda pair: [array > 0 for array, _ in pair]
        found[path.stem] = score(of(masks), of(skeletons), spacing, arguments.tolerance)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
