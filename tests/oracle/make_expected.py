"""Writes expected.json: small pairs of volumes as rules, with the oracle's scores.

    python3 make_expected.py > expected.json

A volume is a list of parts, painted in order: [operation, rule, integers], where the
operation adds the rule's voxels or removes them. Rules, all in integers so that any
language makes the same voxels:

    box   [x0, y0, z0, x1, y1, z1]           x0 <= x < x1, and so on
    tube  [ax, ay, az, bx, by, bz, r2]       squared distance from the segment a-b at most
                                             r2, flat ends
    salt  [seed, permille]                   a hash of the linear index, x fastest
"""

import json
import random

import numpy as np

import oracle


def paint(shape, parts):
    x, y, z = np.indices(shape, dtype=np.int64)
    index = x + shape[0] * (y + shape[1] * z)
    volume = np.zeros(shape, dtype=bool)
    for operation, rule, n in parts:
        if rule == "box":
            inside = (x >= n[0]) & (x < n[3]) & (y >= n[1]) & (y < n[4]) & (z >= n[2]) & (z < n[5])
        elif rule == "tube":
            v = (x - n[0], y - n[1], z - n[2])
            d = (n[3] - n[0], n[4] - n[1], n[5] - n[2])
            along = sum(p * q for p, q in zip(v, d))
            length = sum(q * q for q in d)
            across = sum(p * p for p in v) * length - along * along
            inside = (along >= 0) & (along <= length) & (across <= n[6] * length)
        else:
            mixed = (index * 40503 + n[0] * 7919) % 1000003
            inside = (mixed * mixed) % 1000003 % 1000 < n[1]
        volume = volume | inside if operation == "add" else volume & ~inside
    return volume


def hand_made():
    add, remove = "add", "remove"
    small = [9, 10, 11]
    vessel = [add, "tube", [3, 4, 0, 30, 25, 19, 5]]
    room = [36, 32, 20]
    spacing = [0.390625, 0.390625, 0.625]
    return [
        ("identical", room, spacing, [vessel], [vessel]),
        ("one voxel each", small, [0.3, 0.7, 1.1], [[add, "box", [1, 2, 3, 2, 3, 4]]], [[add, "box", [7, 8, 9, 8, 9, 10]]]),
        ("disjoint, far apart", [90, 12, 12], [0.4, 0.5, 0.6], [[add, "box", [0, 0, 0, 4, 4, 4]]], [[add, "box", [80, 7, 5, 90, 12, 12]]]),
        ("filled volume against a vessel", room, spacing, [vessel], [[add, "box", [0, 0, 0, 36, 32, 20]]]),
        ("inverted labels", room, spacing, [vessel], [[add, "box", [0, 0, 0, 36, 32, 20]], [remove, *vessel[1:]]]),
        ("a border against the opposite border", small, [0.5, 0.5, 0.5], [[add, "box", [0, 0, 0, 1, 10, 11]]], [[add, "box", [8, 0, 0, 9, 10, 11]]]),
        ("exactly 5 % outside", [40, 1, 1], [0.7, 1, 1], [[add, "box", [0, 0, 0, 20, 1, 1]]], [[add, "box", [0, 0, 0, 21, 1, 1]]]),
        ("one voxel more than 5 % outside", [40, 1, 1], [0.7, 1, 1], [[add, "box", [0, 0, 0, 20, 1, 1]]], [[add, "box", [0, 0, 0, 22, 1, 1]]]),
        ("salt noise beside the vessel", room, spacing, [vessel], [vessel, [add, "salt", [5, 20]]]),
        ("salt noise alone", room, spacing, [vessel], [[add, "salt", [6, 10]]]),
        ("distal quarter lost", room, spacing, [vessel], [vessel, [remove, "box", [24, 0, 0, 36, 32, 20]]]),
        ("thick slices", room, [0.3, 0.3, 3.0], [vessel], [[add, "tube", [3, 4, 2, 30, 25, 17, 9]]]),
        ("negative spacing", room, [-0.4, -0.4, 0.6], [vessel], [[add, "tube", [5, 4, 0, 32, 25, 19, 5]]]),
        ("leak into a chamber", room, spacing, [vessel], [vessel, [add, "box", [20, 0, 8, 36, 14, 20]]]),
    ]


def drawn():
    """Trees of a few segments; the prediction moves, swells, thins or loses some of them."""
    draw = random.Random(20261101)
    for number in range(18):
        shape = [draw.randint(20, 70), draw.randint(15, 50), draw.randint(10, 40)]
        spacing = [draw.randint(250, 500) / 1000, draw.randint(250, 500) / 1000, draw.randint(400, 1500) / 1000]
        point = lambda: [draw.randrange(size) for size in shape]
        points = [point() for _ in range(draw.randint(3, 6))]
        truth = [["add", "tube", [*a, *b, draw.randint(1, 12)]] for a, b in zip(points, points[1:])]
        prediction = []
        for _, rule, n in truth:
            fate = draw.randrange(5)
            if fate == 0 and prediction:
                continue
            moved = [at + draw.randint(-fate // 2, fate // 2) for at in n[:6]]
            prediction.append(["add", rule, [*moved, max(1, n[6] + draw.randint(-4, 4))]])
        if number % 3 == 0:
            prediction.append(["add", "tube", [*point(), *point(), 3]])
        if number % 5 == 0:
            prediction.append(["add", "salt", [number, 2]])
        yield f"tree {number}", shape, spacing, truth, prediction


def main():
    cases = []
    for name, shape, spacing, truth, prediction in [*hand_made(), *drawn()]:
        a, b = paint(shape, truth), paint(shape, prediction)
        cases.append({
            "name": name,
            "shape": shape,
            "spacing": spacing,
            "truth": truth,
            "prediction": prediction,
            "voxels": [int(a.sum()), int(b.sum())],
            "dice": oracle.dice(a, b),
            "hd95": oracle.hd95(a, b, np.array(spacing)),
        })
    summaries = {metric: oracle.summary([case[metric] for case in cases]) for metric in ("dice", "hd95")}
    lines = ",\n".join(json.dumps(case) for case in cases)
    print(f'{{"cases": [\n{lines}\n],\n"summaries": {json.dumps(summaries)}}}')


if __name__ == "__main__":
    main()
