"""The published definition in numpy and scipy, timed: what `score` is held against.

    python3 published.py TRUTH_DIR PREDICTIONS_DIR

Both hold one NRRD a case of the same name. Truths are read and their k-d trees built before the
clock starts, as a server keeps them; it runs from reading the first prediction to the last score.
Prints the seconds, and the sum of all scores so that both sides can be seen to do the same work.
"""

import pathlib
import sys
import time

import nrrd
import numpy as np
from scipy.spatial import cKDTree


def main():
    truths, predictions = (pathlib.Path(folder) for folder in sys.argv[1:3])
    prepared = {}
    for path in sorted(truths.glob("*.nrrd")):
        array, header = nrrd.read(str(path))
        spacing = np.diag(header["space directions"])
        points = np.argwhere(array > 0.5) * spacing
        prepared[path.name] = (array > 0.5, spacing, points, cKDTree(points))

    start = time.perf_counter()
    total = 0.0
    for name, (truth, spacing, points, tree) in prepared.items():
        array, _ = nrrd.read(str(predictions / name))
        prediction = array > 0.5
        own = np.argwhere(prediction) * spacing
        forth, _ = cKDTree(own).query(points)
        back, _ = tree.query(own)
        total += 2.0 * np.sum(truth & prediction) / (np.sum(truth) + np.sum(prediction))
        total += max(np.quantile(forth, 0.95), np.quantile(back, 0.95))
    print(time.perf_counter() - start, total)


if __name__ == "__main__":
    main()
