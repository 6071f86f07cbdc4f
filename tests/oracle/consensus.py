"""The majority of annotators' masks and how far each agrees with it, plainly: numpy and scipy.

    python3 consensus.py CASES.json DIR DIR ...

Each DIR holds one annotator's NRRD per case. Prints the majority's voxels (linear indices, x
fastest), every annotator's Dice and HD95, mean and standard deviation over all annotators and
cases by group, and Welch's t-test of normal against diseased.
"""

import json
import pathlib
import sys

import nrrd
import numpy as np
from scipy.stats import ttest_ind

import oracle


def main():
    listed = json.loads(pathlib.Path(sys.argv[1]).read_text())
    folders = [pathlib.Path(name) for name in sys.argv[2:]]
    majorities, values = {}, {folder.name: {} for folder in folders}
    for case in (case["id"] for case in listed):
        drawn = [nrrd.read(str(folder / f"{case}.nrrd")) for folder in folders]
        spacing = np.diag(drawn[0][1]["space directions"])
        masks = np.array([array > 0.5 for array, _ in drawn])
        majority = 2 * masks.sum(axis=0) > len(masks)
        majorities[case] = np.flatnonzero(majority.ravel(order="F")).tolist()
        for folder, mask in zip(folders, masks):
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
    answer = {"majorities": majorities, "values": values, "aggregates": aggregates, "welch": tests}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
