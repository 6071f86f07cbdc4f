"""The majority of annotators' masks and how far each agrees with it, plainly: numpy and scipy.

    python3 consensus.py CASES.json DIR DIR ...

Each DIR holds one annotator's NRRD per case. Prints the majority's voxels (linear indices, x
fastest), every annotator's Dice and HD95, mean and standard deviation over all annotators and
cases by group, Welch's t-test of normal against diseased, and the annotators' tolerance with the
surface Dice at it, from distances and areas of DeepMind's surface-distance.
"""

import itertools
import json
import pathlib
import sys

import nrrd
import numpy as np
from scipy.stats import ttest_ind

import oracle
from secondary import surface_distance

LARGEST_MM = 2


def tolerance(pairs):
    """The smallest multiple of 0.05 mm for 95 % of the surface that is within 2 mm of the other one."""
    distances, areas = [], []
    for of in pairs:
        distances += [of["distances_gt_to_pred"], of["distances_pred_to_gt"]]
        areas += [of["surfel_areas_gt"], of["surfel_areas_pred"]]
    distances, areas = np.concatenate(distances), np.concatenate(areas)
    near = lambda mm: areas[distances <= mm].sum()
    steps = (step / 20 for step in range(1, 20 * LARGEST_MM + 1))
    return next(mm for mm in steps if near(mm) >= 0.95 * near(LARGEST_MM))


def main():
    listed = json.loads(pathlib.Path(sys.argv[1]).read_text())
    folders = [pathlib.Path(name) for name in sys.argv[2:]]
    majorities, values = {}, {folder.name: {} for folder in folders}
    pairs, against_majority = [], {folder.name: [] for folder in folders}
    for case in (case["id"] for case in listed):
        drawn = [nrrd.read(str(folder / f"{case}.nrrd")) for folder in folders]
        spacing = np.diag(drawn[0][1]["space directions"])
        masks = np.array([array > 0.5 for array, _ in drawn])
        majority = 2 * masks.sum(axis=0) > len(masks)
        majorities[case] = np.flatnonzero(majority.ravel(order="F")).tolist()
        surfaces = surface_distance.compute_surface_distances
        pairs += [surfaces(a, b, spacing) for a, b in itertools.combinations(masks, 2)]
        for folder, mask in zip(folders, masks):
            against_majority[folder.name].append(surfaces(majority, mask, spacing))
            values[folder.name][case] = {
                "dice": oracle.dice(majority, mask),
                "hd95": oracle.hd95(majority, mask, spacing),
            }

    def of(metric, group=None):
        ids = [case["id"] for case in listed if group in (None, case["group"])]
        return [values[folder.name][case][metric] for folder in folders for case in ids]

    def welch(metric):
        test = ttest_ind(of(metric, "normal"), of(metric, "diseased"), equal_var=False)
        return {"t": test.statistic, "degrees_of_freedom": test.df, "p": test.pvalue}

    aggregates = {
        name: {metric: oracle.summary(of(metric, group)) for metric in ("dice", "hd95")}
        for name, group in (("all", None), ("normal", "normal"), ("diseased", "diseased"))
    }
    tests = {metric: welch(metric) for metric in ("dice", "hd95")}
    mm = tolerance(pairs)
    dice = surface_distance.compute_surface_dice_at_tolerance
    tolerated = {
        name: float(np.mean([dice(of, mm) for of in cases]))
        for name, cases in against_majority.items()
    }
    found = {"tolerance_mm": mm, "surface_dice": tolerated}
    answer = found | {"majorities": majorities, "values": values, "aggregates": aggregates, "welch": tests}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
