"""The meshes of `asoca mesh` against VTK: the same triangles, and the same vertices within 1e-9 mm.

    pip install vtk==9.3.1 numpy pynrrd        (or a newer vtk)
    python tests/oracle/mesh.py --asoca target/release/asoca
    python tests/oracle/mesh.py --expected crates/segmentation-mesh/src/tests/expected.json
    python tests/oracle/mesh.py --asoca target/release/asoca --times target/release/examples/time_meshes

The masks are phantoms of full size as truth and as some methods see them, and small ones at the limits. VTK gets each mask
with a margin of one voxel, at unit spacing, where 32-bit points are exact; its points are put in place in 64 bits and
smoothed as such. VTK until 9.3.1 has one window, Hamming; newer ones have both.

With --times both mesh four phantoms in turn, on one thread, and the medians stand side by side.

With --expected the small masks and what VTK makes of them are written to a file, against which the crate's tests hold
themselves where there is no VTK.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nrrd
import numpy as np
import vtk
from vtk.util.numpy_support import numpy_to_vtk, vtk_to_numpy

PASSBAND, ITERATIONS = 0.03, 30
DIAGONAL = np.diag([0.35, 0.35, 0.625])
METHODS = ["fragmented", "leaky", "speckled", "thin", "distal-lost"]


def has_windows():
    return hasattr(vtk.vtkWindowedSincPolyDataFilter(), "SetWindowFunction")


def small_masks():
    """(name, mask indexed (x, y, z), directions as rows, origin): none has more than a few hundred vertices."""
    rng = np.random.default_rng(1)
    origin = [-80.5, 12.25, 1040.0]

    def of(shape, *voxels):
        mask = np.zeros(shape, bool)
        for voxel in voxels:
            mask[voxel] = True
        return mask

    ball = sum((np.indices((7, 7, 5)) - np.array([3, 3, 2]).reshape(3, 1, 1, 1)) ** 2) < 6
    hollow = np.ones((4, 4, 4), bool)
    hollow[1:3, 1:3, 1:3] = False
    line = of((9, 9, 9), *[(i, i, i) for i in range(8)])
    oblique = np.array([[0.3, 0.1, 0.0], [-0.1, 0.3, 0.05], [0.0, -0.1, 0.6]])
    return [
        ("one voxel", of((1, 1, 1), (0, 0, 0)), DIAGONAL, origin),
        ("two that share an edge", of((2, 2, 1), (0, 0, 0), (1, 1, 0)), DIAGONAL, origin),
        ("two that share a corner", of((3, 3, 3), (0, 0, 0), (1, 1, 1)), DIAGONAL, origin),
        ("all of the volume", np.ones((3, 4, 2), bool), DIAGONAL, origin),
        ("a wall around a cavity", hollow, DIAGONAL, origin),
        ("a diagonal line", line, DIAGONAL, origin),
        ("a ball at the border", ball[:, :, 2:], DIAGONAL, origin),
        ("noise, a tenth", rng.random((7, 6, 5)) < 0.1, DIAGONAL, origin),
        ("noise, a half", rng.random((5, 5, 4)) < 0.5, DIAGONAL, origin),
        ("a left-handed volume", ball, np.diag([0.4, 0.4, -0.5]), origin),
        ("an oblique volume", ball, oblique, origin),
        ("thick slices", ball, np.diag([0.3, 0.3, 3.0]), [0.0, 0.0, 0.0]),
    ]


def of_vtk(mask, directions, origin):
    """The points in voxels, doubled to be whole, the triangles, and the smoothed points of each window."""
    padded = np.pad(mask, 1).astype(np.uint8)
    image = vtk.vtkImageData()
    image.SetDimensions(*padded.shape)
    image.GetPointData().SetScalars(numpy_to_vtk(padded.ravel(order="F"), deep=True))
    started = time.perf_counter()
    edges = vtk.vtkFlyingEdges3D()
    edges.SetInputData(image)
    edges.SetValue(0, 0.5)
    edges.ComputeNormalsOff()
    edges.ComputeScalarsOff()
    edges.Update()
    surface = edges.GetOutput()
    seconds = [time.perf_counter() - started]
    points = vtk_to_numpy(surface.GetPoints().GetData()).astype(np.float64) - 1
    doubled = np.rint(points * 2).astype(np.int64)
    assert (doubled == points * 2).all()
    triangles = vtk_to_numpy(surface.GetPolys().GetConnectivityArray()).reshape(-1, 3)
    placed = vtk.vtkPolyData()
    inside = vtk.vtkPoints()
    inside.SetDataTypeToDouble()
    inside.SetData(numpy_to_vtk(np.asarray(origin) + points @ np.asarray(directions), deep=True))
    placed.SetPoints(inside)
    placed.SetPolys(surface.GetPolys())
    smoothed = {}
    for window in ["hamming", "nuttall"] if has_windows() else ["hamming"]:
        started = time.perf_counter()
        smoothing = vtk.vtkWindowedSincPolyDataFilter()
        if has_windows():
            smoothing.SetWindowFunction(getattr(smoothing, window.upper()))
        smoothing.SetInputData(placed)
        smoothing.SetNumberOfIterations(ITERATIONS)
        smoothing.SetPassBand(PASSBAND)
        smoothing.NormalizeCoordinatesOn()
        smoothing.BoundarySmoothingOn()
        smoothing.FeatureEdgeSmoothingOff()
        smoothing.Update()
        seconds.append(time.perf_counter() - started)
        smoothed[window] = vtk_to_numpy(smoothing.GetOutput().GetPoints().GetData())
        assert smoothed[window].dtype == np.float64
    return doubled, triangles, smoothed, seconds


def read_ply(path):
    data = path.read_bytes()
    end = data.index(b"end_header\n") + len(b"end_header\n")
    counts = [int(line.split()[2]) for line in data[:end].split(b"\n") if line.startswith(b"element")]
    points = np.frombuffer(data, "<f8", 3 * counts[0], end).reshape(-1, 3)
    face = np.dtype([("count", "u1"), ("corners", "<i4", 3)])
    return points, np.frombuffer(data, face, counts[1], end + points.nbytes)["corners"]


def compare(asoca, name, path, mask, directions, origin, made):
    """Holds the files that were made of a mask against VTK, and prints a line of the table."""
    doubled, triangles, smoothed, _ = of_vtk(mask, directions, origin)
    raw, found = read_ply(made["raw"] / (path.stem + ".ply"))
    index = (raw - np.asarray(origin)) @ np.linalg.inv(directions)
    place = {tuple(point): at for at, point in enumerate(np.rint(index * 2).astype(np.int64))}
    ours = np.array([place[tuple(point)] for point in doubled])
    expected = ours[triangles]
    if np.linalg.det(directions) < 0:
        expected = expected[:, [0, 2, 1]]
    same = len(place) == len(doubled) and np.array_equal(found, expected)
    assert same, f"{name}: other triangles"
    differences = []
    for window in ["hamming", "nuttall"]:
        if window not in smoothed:
            differences.append("-")
            continue
        points, found = read_ply(made[window] / (path.stem + ".ply"))
        assert np.array_equal(found, expected), f"{name}: other triangles when smoothed"
        difference = np.abs(points[ours] - smoothed[window]).max()
        assert difference < 1e-9, f"{name}, {window}: {difference} mm"
        differences.append(f"{difference:.1e}")
    print(f"| {name} | {len(doubled)} | {len(triangles)} | same | {' | '.join(differences)} |")


def run(asoca, phantoms):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        masks = []
        if phantoms:
            subprocess.run([asoca, "phantom", "--seed", "5", "--cases", "4", "--out", folder / "phantoms"], check=True, stderr=subprocess.DEVNULL)
            truths = [("truth", case) for case in range(4)]
            seen = [(f"predictions/{method}", at % 4) for at, method in enumerate(METHODS)]
            for kind, case in truths + seen:
                path = folder / f"{Path(kind).name}-{case}.nrrd"
                (folder / "phantoms" / kind / f"{case}.nrrd").rename(path)
                voxels, header = nrrd.read(str(path))
                origin = header["space origin"]
                masks.append((f"phantom {case}, {Path(kind).name}", path, voxels > 0, header["space directions"], origin))
        for name, mask, directions, origin in small_masks():
            path = folder / f"{name.replace(' ', '-').replace(',', '')}.nrrd"
            header = {"space": "left-posterior-superior", "space directions": directions, "space origin": origin}
            nrrd.write(str(path), mask.astype(np.uint8), header)
            masks.append((name, path, mask, directions, origin))
        files = [mask[1] for mask in masks]
        made = {}
        for kind in ["raw", "hamming", "nuttall"]:
            made[kind] = folder / f"made-{kind}"
            how = ["--raw"] if kind == "raw" else ["--window", kind]
            subprocess.run([asoca, "mesh", *how, "--out", made[kind], *files], check=True, capture_output=True)
        version = vtk.vtkVersion.GetVTKVersion()
        print(f"| mask ({len(masks)}, VTK {version}) | vertices | triangles | triangles | Hamming, mm | Nuttall, mm |")
        print("|---|---|---|---|---|---|")
        for mask in masks:
            compare(asoca, *mask, made)


def times(asoca, ours, rounds=7):
    """The medians of both in one run, each in turn."""
    vtk.vtkSMPTools.SetBackend("Sequential")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([asoca, "phantom", "--seed", "5", "--cases", "4", "--out", f"{folder}/p"], check=True, stderr=subprocess.DEVNULL)
        print(f"| phantom (VTK {vtk.vtkVersion.GetVTKVersion()}, ms) | surface | VTK's | smoothing | VTK's | both | VTK's |")
        print("|---|---|---|---|---|---|---|")
        for case in range(4):
            path = f"{folder}/p/truth/{case}.nrrd"
            voxels, header = nrrd.read(path)
            found = []
            for _ in range(rounds):
                lines = subprocess.run([ours, "1", path], check=True, capture_output=True, text=True).stdout.splitlines()
                surface, smoothing, _ = map(float, lines[1].split(",")[1:])
                *_, (first, second, *_) = of_vtk(voxels > 0, header["space directions"], header["space origin"])
                found.append([surface, first * 1e3, smoothing, second * 1e3, surface + smoothing, (first + second) * 1e3])
            print(f"| {case} | {' | '.join(f'{value:.0f}' for value in np.median(found, axis=0))} |")


def write_expected(path):
    assert has_windows(), "needs a VTK with both windows"
    masks = []
    for name, mask, directions, origin in small_masks():
        doubled, triangles, smoothed, _ = of_vtk(mask, directions, origin)
        masks.append({
            "name": name,
            "shape": mask.shape,
            "voxels": np.argwhere(mask).tolist(),
            "directions": np.asarray(directions).tolist(),
            "origin": origin,
            "doubled": doubled.tolist(),
            "triangles": triangles.tolist(),
            **{window: points.round(12).tolist() for window, points in smoothed.items()},
        })
    lines = ",\n".join(json.dumps(mask, separators=(",", ":")) for mask in masks)
    Path(path).write_text(f'{{"vtk":"{vtk.vtkVersion.GetVTKVersion()}","masks":[\n{lines}\n]}}\n')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--asoca", help="the program")
    parser.add_argument("--small", action="store_true", help="leave the phantoms out")
    parser.add_argument("--times", help="the example time_meshes")
    parser.add_argument("--expected", help="write the small masks and VTK's meshes of them")
    arguments = parser.parse_args()
    if arguments.expected:
        write_expected(arguments.expected)
    if arguments.times:
        times(Path(arguments.asoca).resolve(), Path(arguments.times).resolve())
    elif arguments.asoca:
        run(Path(arguments.asoca).resolve(), not arguments.small)


if __name__ == "__main__":
    sys.exit(main())
