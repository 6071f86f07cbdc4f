"""The official metrics by their published definition, plainly: the judge of the Rust code.

    python3 oracle.py --truth DIR --predictions DIR_or_ZIP

DIR holds one NRRD or NPZ file per case, named by case id, and the truth also
`cases.json`: [{"id": "0", "group": "normal"}, ...]. Prints per-case values and
their summaries as JSON.
"""

import argparse
import json
import pathlib
import sys
import tempfile
import zipfile

import nrrd
import numpy as np
from scipy.spatial import cKDTree


def dice(truth, prediction):
    """2|A∩B| / (|A|+|B|) of two boolean arrays."""
    return float(2.0 * np.sum(truth & prediction) / (np.sum(truth) + np.sum(prediction)))


def hd95(truth, prediction, spacing):
    """HD95 in mm over all foreground voxels; spacing along the arrays' axes in mm."""
    a = np.argwhere(truth) * spacing
    b = np.argwhere(prediction) * spacing
    forth, _ = cKDTree(b).query(a)
    back, _ = cKDTree(a).query(b)
    return float(max(np.quantile(forth, 0.95), np.quantile(back, 0.95)))


def summary(values):
    """What pandas' `describe` says of the values; the deviation of one value is null."""
    values = np.asarray(values, dtype=np.float64)
    lower, median, upper = (float(np.quantile(values, q)) for q in (0.25, 0.5, 0.75))
    return {
        "mean": float(np.mean(values)),
        "std": float(np.std(values, ddof=1)) if len(values) > 1 else None,
        "min": float(np.min(values)),
        "25pc": lower,
        "50pc": median,
        "75pc": upper,
        "max": float(np.max(values)),
        "count": len(values),
    }


def read(path):
    """The array of a file, x first, and its NRRD header (None for NPZ)."""
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as arrays:
            (name,) = arrays.files
            return arrays[name], None
    return nrrd.read(str(path))


def file_of(folder, case):
    found = [path for path in (folder / f"{case}.nrrd", folder / f"{case}.npz") if path.is_file()]
    if len(found) != 1:
        sys.exit(f"case {case}: expected one file in the folder, found {len(found)}")
    return found[0]


def score(truth_path, prediction_path):
    truth, header = read(truth_path)
    if header is None:
        sys.exit(f"{truth_path.name}: a truth needs the space directions of an NRRD")
    prediction, _ = read(prediction_path)
    truth, prediction = truth > 0.5, prediction > 0.5
    if truth.shape != prediction.shape:
        sys.exit(f"{prediction_path.name}: shape {prediction.shape}, expected {truth.shape}")
    if not prediction.any():
        sys.exit(f"{prediction_path.name}: no foreground")
    spacing = np.diag(header["space directions"])
    return {"dice": dice(truth, prediction), "hd95": hd95(truth, prediction, spacing)}


def root_of(folder):
    """The folder itself, or the one folder it holds."""
    inside = [path for path in folder.iterdir() if path.name != "__MACOSX"]
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--truth", type=pathlib.Path, required=True)
    parser.add_argument("--predictions", type=pathlib.Path, required=True)
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as unpacked:
        predictions = arguments.predictions
        if predictions.is_file():
            with zipfile.ZipFile(predictions) as archive:
                archive.extractall(unpacked)
            predictions = pathlib.Path(unpacked)
        predictions = root_of(predictions)
        listed = json.loads((arguments.truth / "cases.json").read_text())
        cases = {
            case["id"]: score(file_of(arguments.truth, case["id"]), file_of(predictions, case["id"]))
            for case in listed
        }

    groups = {"all": list(cases)}
    for name in ("normal", "diseased"):
        groups[name] = [case["id"] for case in listed if case["group"] == name]
    aggregates = {
        name: {metric: summary([cases[case][metric] for case in ids]) for metric in ("dice", "hd95")}
        for name, ids in groups.items()
        if ids
    }
    print(json.dumps({"cases": cases, "aggregates": aggregates}, indent=1))


if __name__ == "__main__":
    main()
