#!/usr/bin/env python3
"""Repeats the analysis of a leaderboard from the values of its cases, and says where the two differ.

    curl -H "Authorization: Bearer $ASOCA_TOKEN" "$URL/api/v1/admin/exports/results.csv?phase=main" > results.csv
    curl "$URL/api/v1/analysis?phase=main" > analysis.json
    python3 examples/replay_analysis.py results.csv analysis.json

Needs nothing but Python 3.9. What is done is described in docs/statistics.md; numbers are equal to the bit, p-values of Welch's
test to nine digits. Without analysis.json, `--scheme` and `--group` say what to compute, and it is printed as JSON.
"""

import argparse
import csv
import hashlib
import json
import math
import struct
from fractions import Fraction

DRAWS = 1000
METRICS = ("dice", "hd95")
# A difference of the values of a case that is no larger comes from rounding.
TOLERANCE = {"dice": 1e-12, "hd95": 1e-9}
RANGE = {"dice": (0.0, 1.0), "hd95": (0.0, math.inf)}
GOLDEN, BITS = 0x9E3779B97F4A7C15, (1 << 64) - 1


class SplitMix64:
    """Steele, Lea and Flood 2014."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state + GOLDEN) & BITS
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & BITS
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & BITS
        z ^= z >> 31
        return int((z >> 11) / 2**53 * n)


def read(path, group):
    """Entries as {submission: {metric: values}}, and the stratum of each case; cases in the order of the file."""
    entries, strata = {}, {}
    with open(path, newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if row["metric"] in METRICS and group in (None, row["group"]):
                strata[row["case"]] = int(row["group"] == "diseased")
                of_entry = entries.setdefault(row["submission"], {metric: {} for metric in METRICS})
                of_entry[row["metric"]][row["case"]] = float(row["value"])
    cases = list(strata)
    whole = {
        submission: {metric: [values[metric][case] for case in cases] for metric in METRICS}
        for submission, values in entries.items()
    }
    return whole, [strata[case] for case in cases]


def seed_of(entries, strata):
    def digest(values):
        of_cases = zip(*(values[metric] for metric in METRICS))
        return hashlib.sha256(b"".join(struct.pack("<2d", *case) for case in of_cases)).digest()

    whole = hashlib.sha256(b"".join(struct.pack("<Q", stratum) for stratum in strata))
    for one in sorted(digest(values) for values in entries):
        whole.update(one)
    return int.from_bytes(whole.digest()[:8], "big")


def mean(values):
    """The nearest f64 to the mean, whatever the order of the values."""
    return float(sum(map(Fraction, values)) / len(values))


def variance(values):
    of_all = mean(values)
    squares = sum(Fraction((value - of_all) * (value - of_all)) for value in values)
    return float(squares) / (len(values) - 1)


def loss(metric, value):
    return -value if metric == "dice" else value


def positions(losses, tolerance=0.0):
    """1, 2, 2, 4: sorted values are equal while each is within the tolerance of the one before."""
    order = sorted(range(len(losses)), key=lambda at: losses[at])
    found, first = [0] * len(losses), 0
    for at, index in enumerate(order):
        if at == 0 or losses[index] - losses[order[at - 1]] > tolerance:
            first = at
        found[index] = first + 1
    return found


def quantile(values, q):
    """Linear interpolation (numpy's default, R's type 7) among sorted values, from the nearer end."""
    exact = q * (len(values) - 1)
    low = int(exact)
    fraction = exact - low
    a, b = values[low], values[min(low + 1, len(values) - 1) if fraction > 0 else low]
    return a + (b - a) * fraction if fraction < 0.5 else b - (b - a) * (1 - fraction)


def interval(values):
    if not values:
        return None
    values = sorted(values)
    return {"low": quantile(values, 0.025), "median": quantile(values, 0.5), "high": quantile(values, 0.975)}


def signed_rank(differences, tolerance, known={}):
    """One-sided exact p-values of the differences being above 0, and below."""
    kept = sorted((d for d in differences if abs(d) > tolerance), key=abs)
    doubled = []
    while len(doubled) < len(kept):
        first = last = len(doubled)
        while last + 1 < len(kept) and abs(kept[last + 1]) - abs(kept[last]) <= tolerance:
            last += 1
        doubled += [first + last + 2] * (last + 1 - first)
    key = tuple(doubled)
    if key not in known:
        # A number of 64 bits for each sum of ranks: in how many ways signs give it.
        ways = 1
        for rank in doubled:
            ways += ways << 64 * rank
        counts = [ways >> 64 * at & BITS for at in range(sum(doubled) + 1)]
        tails = [0] * (len(counts) + 1)
        for at in reversed(range(len(counts))):
            tails[at] = tails[at + 1] + counts[at]
        known[key] = tails
    tails, above = known[key], sum(rank for d, rank in zip(kept, doubled) if d > 0)
    return [tails[at] / 2 ** len(kept) for at in (above, sum(doubled) - above)]


def significance(entries, metric):
    """p[i][j]: of i being better than j, adjusted after Holm over all ordered pairs."""
    count = len(entries)
    p = {}
    for i in range(count):
        for j in range(i + 1, count):
            pairs = zip(entries[i][metric], entries[j][metric])
            differences = [loss(metric, b) - loss(metric, a) for a, b in pairs]
            p[i, j], p[j, i] = signed_rank(differences, TOLERANCE[metric])
    largest, adjusted = 0.0, [[1.0] * count for _ in range(count)]
    for before, pair in enumerate(sorted(p, key=lambda pair: p[pair])):
        largest = min(1.0, max(largest, p[pair] * (len(p) - before)))
        adjusted[pair[0]][pair[1]] = largest
    return adjusted


def tau_b(a, b):
    pairs = [(x, y) for x in range(len(a)) for y in range(x)]
    in_a = sum(a[x] == a[y] for x, y in pairs)
    in_b = sum(b[x] == b[y] for x, y in pairs)
    discordant = sum((a[x] - a[y]) * (b[x] - b[y]) < 0 for x, y in pairs)
    concordant = sum((a[x] - a[y]) * (b[x] - b[y]) > 0 for x, y in pairs)
    scale = math.sqrt(float((len(pairs) - in_a) * (len(pairs) - in_b)))
    return (concordant - discordant) / scale if scale > 0 else None


class Scheme:
    def __init__(self, name, entries):
        self.name, self.entries = name, entries
        # In each case the sum of an entry's positions in it.
        self.in_cases = []
        for case in range(len(entries[0]["dice"])):
            of_case = [
                positions([loss(metric, entry[metric][case]) for entry in entries], TOLERANCE[metric])
                for metric in METRICS
            ]
            self.in_cases.append([sum(of_entry) for of_entry in zip(*of_case)])

    def ranked(self, drawn):
        """Positions where these are the cases, some of them several times."""
        if self.name == "rank_then_aggregate":
            return positions([sum(of) for of in zip(*(self.in_cases[case] for case in drawn))])
        taken = [{metric: [entry[metric][case] for case in drawn] for metric in METRICS} for entry in self.entries]
        if self.name == "test_then_rank":
            of_metrics = []
            for metric in METRICS:
                p = significance(taken, metric)
                wins = [sum(i != j and p[i][j] <= 0.05 for j in range(len(p))) for i in range(len(p))]
                of_metrics.append(positions([-won for won in wins]))
        else:
            by_means = lambda metric: positions([loss(metric, mean(entry[metric])) for entry in taken])
            if self.name == "dice_only":
                return by_means("dice")
            of_metrics = [by_means(metric) for metric in METRICS]
        return positions([sum(of_entry) for of_entry in zip(*of_metrics)])


class BootstrapT:
    """By how many of its own standard errors the mean of a draw is off (Efron and Tibshirani 1993, 12.5)."""

    def __init__(self, values, strata, bounds):
        self.members = [[at for at, of in enumerate(strata) if of == stratum] for stratum in sorted(set(strata))]
        self.mean, self.bounds, self.drawn = mean(values), bounds, []
        self.centred, squares = list(values), 0.0
        self.told = all(len(cases) > 1 for cases in self.members)
        for cases in self.members if self.told else ():
            of_stratum = [values[case] for case in cases]
            squares += len(cases) * variance(of_stratum)
            for case in cases:
                self.centred[case] -= mean(of_stratum)
        self.error = math.sqrt(squares) / len(values)
        self.told = self.told and self.error > 10 * 2.0**-52 * abs(self.mean)

    def draw(self, weights):
        if not self.told:
            return
        shift = square = noise = 0.0
        for cases in self.members:
            total = squares = 0.0
            for case in cases:
                value = self.centred[case]
                total += weights[case] * value
                squares += weights[case] * (value * value)
            count = float(len(cases))
            scale = count / (count - 1)
            shift += total
            square += (squares - total * total / count) * scale
            noise += squares * scale * 1e-12
        if square > noise:
            self.drawn.append(shift / math.sqrt(square))
        else:
            self.drawn.append(math.copysign(math.inf, shift) if shift else 0.0)

    def interval(self):
        if not self.told:
            return None
        off = interval(self.drawn)
        if not (math.isfinite(off["low"]) and math.isfinite(off["high"])):
            return None
        end = lambda t: min(max(self.mean - t * self.error, self.bounds[0]), self.bounds[1])
        return {"low": end(off["high"]), "median": end(off["median"]), "high": end(off["low"])}


def welch(a, b):
    if min(len(a), len(b)) < 2:
        return None
    of_a, of_b = variance(a) / len(a), variance(b) / len(b)
    error = math.sqrt(of_a + of_b)
    if error <= 10 * 2.0**-52 * max(abs(mean(a)), abs(mean(b))):
        return None
    t = (mean(a) - mean(b)) / error
    df = (of_a + of_b) ** 2 / (of_a**2 / (len(a) - 1) + of_b**2 / (len(b) - 1))
    # With t = √df·tan φ the density becomes a power of the cosine; Simpson's rule over what is farther out.
    start, steps = math.atan(abs(t) / math.sqrt(df)), 20_000
    wide = (math.pi / 2 - start) / steps
    f = lambda at: max(math.cos(start + wide * at), 0.0) ** (df - 1)
    area = f(0) + f(steps) + sum((4 if at % 2 else 2) * f(at) for at in range(1, steps))
    scale = math.lgamma(df / 2) + math.lgamma(0.5) - math.lgamma(df / 2 + 0.5)
    return {"t": t, "degrees_of_freedom": df, "p": area * wide / 3 * 2 / math.exp(scale)}


def analyse(path, scheme, group):
    named, strata = read(path, group)
    names, entries = list(named), list(named.values())
    seed = seed_of(entries, strata)
    members = [[at for at, of in enumerate(strata) if of == stratum] for stratum in sorted(set(strata))]
    draws = DRAWS
    if scheme == "test_then_rank":
        draws = max(50, min(DRAWS, DRAWS * 25 * 25 // len(entries) ** 2))
    ranking = Scheme(scheme, entries)
    ranked = ranking.ranked(range(len(strata)))
    means = [{m: BootstrapT(entry[m], strata, RANGE[m]) for m in METRICS} for entry in entries]
    standings, taus = [[] for _ in entries], []
    chance = SplitMix64(seed)
    for draw in range(DRAWS):
        drawn = [of[chance.below(len(of))] for of in members for _ in of]
        weights = [drawn.count(case) for case in range(len(strata))]
        for of_entry in means:
            for of_metric in of_entry.values():
                of_metric.draw(weights)
        if draw < draws:
            found = ranking.ranked(drawn)
            tau = tau_b(ranked, found)
            taus += [] if tau is None else [tau]
            for standing, position in zip(standings, found):
                standing.append(position)
    halves = read(path, None)
    answer = {"seed": f"{seed:016x}", "draws": draws, "tau": interval(taus), "entries": {}}
    for at, name in enumerate(names):
        places = [
            {"position": place, "share": standings[at].count(place) / draws} for place in sorted(set(standings[at]))
        ]
        values = halves[0][name]
        of_half = lambda m, half: [value for value, of in zip(values[m], halves[1]) if of == half]
        answer["entries"][name] = {
            "ranked": ranked[at],
            "position": interval(standings[at]),
            "positions": places,
            "wins": places[0]["share"] if places[0]["position"] == 1 else 0.0,
            "welch": {m: welch(of_half(m, 0), of_half(m, 1)) for m in METRICS},
            **{m: means[at][m].interval() for m in METRICS},
        }
    # Tests are of at most 30 entries, in the order of the ranking; of entries that share a position all are tested or none.
    tested = sorted(range(len(names)), key=lambda at: ranked[at])
    if len(tested) > 30:
        tested = [at for at in tested if ranked[at] < ranked[tested[30]]]
    for metric in METRICS:
        p = significance([entries[at] for at in tested], metric)
        answer[f"better_in_{metric}"] = {
            names[a]: {names[b]: p[i][j] for j, b in enumerate(tested)} for i, a in enumerate(tested)
        }
    return answer


def by_name(analysis):
    """An answer of the server in the same form."""
    names = [entry["submission"] for entry in analysis["entries"]]
    keys = ["ranked", "position", "positions", "wins", "welch", *METRICS]
    entries = {entry["submission"]: {key: entry[key] for key in keys} for entry in analysis["entries"]}
    maps = {
        key: {names[i]: dict(zip(names, row)) for i, row in enumerate(analysis[key])}
        for key in (f"better_in_{metric}" for metric in METRICS)
    }
    return {**{key: analysis[key] for key in ("seed", "draws", "tau")}, "entries": entries, **maps}


def differences(found, given, where=""):
    """What isn't the same, each with the place it was found at, and how many numbers were compared."""
    if isinstance(found, (dict, list)) and type(found) is type(given):
        keys = found if isinstance(found, dict) else range(len(found))
        if len(found) != len(given) or isinstance(found, dict) and set(found) != set(given):
            return [f"{where}: {given} rather than {found}"], 0
        inner = [differences(found[key], given[key], f"{where}/{key}") for key in keys]
        return [line for lines, _ in inner for line in lines], sum(count for _, count in inner)
    close = isinstance(found, float) and given is not None and where.startswith("/entries/") and "/welch/" in where
    same = math.isclose(found, given, rel_tol=1e-9) if close else found == given
    return [] if same else [f"{where}: {given} rather than {found}"], 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", help="every value of every case, as the server exports them")
    parser.add_argument("analysis", nargs="?", help="the server's analysis of them, to compare with")
    parser.add_argument("--scheme", default="mean_of_positions")
    parser.add_argument("--group", choices=["normal", "diseased"])
    asked = parser.parse_args()
    if asked.analysis is None:
        print(json.dumps(analyse(asked.results, asked.scheme, asked.group), indent=2))
        return 0
    with open(asked.analysis, encoding="utf-8") as file:
        given = json.load(file)
    found = analyse(asked.results, given["scheme"], given["group"])
    lines, count = differences(found, by_name(given))
    print(f"{count} values compared, {len(lines)} differ")
    for line in lines[:20]:
        print(line)
    return 1 if lines else 0


if __name__ == "__main__":
    raise SystemExit(main())
