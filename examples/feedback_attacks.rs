//! What uploads made of probes learn about a hidden truth, at each level of feedback. Prints the tables of
//! docs/feedback.md; the same numbers every time.
//!
//!     cargo run --release --example feedback_attacks
//!
//! A numeric model, no volumes: a case is the voxels of its truth T, of the team's mask P, and of both I, so that
//! Dice = 2I / (P + T). The attacker knows P, and places of which no voxel is vessel, the corners of the volume:
//! a mask of one corner voxel has a Dice of 0, and k such voxels more make a mask's Dice 2I / (P + k + T). Two
//! unknowns, N = 2I and S = P + T, are then behind every answer about the case. All that an answer tells is that
//! N / (S + k) lies between two numbers: two lines in the plane of N and S. The attacker keeps the polygon of what is
//! possible, and sends the k whose line cuts it best. Only Dice is looked at; HD95 tells more in the same way.

use std::fmt::Write;

use asoca::domain::{SentCase, TeamId, inspect};

const CASES: usize = 20;
/// Of the group of normal cases, and of that of diseased ones.
const GROUP: usize = 10;
/// A mean Dice is shown to three decimals at the level `rounded`.
const GRID: f64 = 0.001;
/// By so much the best has to improve at the level `improved`, which shows it as a multiple of this.
const STEP: f64 = 0.002;
const VOLUME: f64 = 512.0 * 512.0 * 200.0;
const UPLOADS: [usize; 6] = [1, 3, 10, 30, 100, 300];
const CHALLENGES: u64 = 20;

/// SplitMix64: the same numbers everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }
}

#[derive(Clone, Copy, Debug)]
struct Case {
    sent: f64,
    truth: f64,
    both: f64,
}

impl Case {
    fn random(random: &mut Random) -> Self {
        let truth = random.between(20_000.0, 90_000.0).round();
        let sent = (truth * random.between(0.7, 1.4)).round();
        let dice = random.between(0.65, 0.93);
        let both = (dice * (sent + truth) / 2.0).min(0.98 * sent.min(truth)).round();
        Self { sent, truth, both }
    }

    /// With k voxels more that are no vessel.
    fn dice(&self, more: f64) -> f64 {
        2.0 * self.both / (self.sent + more + self.truth)
    }
}

/// What is possible: a convex polygon in the plane of S and N, both as parts of the mask's voxels.
#[derive(Clone)]
struct Possible {
    corners: Vec<[f64; 2]>,
    sent: f64,
}

/// What is known of a case.
#[derive(Clone, Copy)]
struct Guess {
    dice: f64,
    truth: f64,
}

impl Possible {
    /// Before anything was sent: no more than half of the mask, or of the truth, is missing.
    fn anything(sent: f64) -> Self {
        let mut all = Self { corners: vec![[1.5, 0.5], [3.0, 0.5], [3.0, 2.0], [1.5, 2.0]], sent };
        // Of both no more than the truth has, and no less than half of it.
        all.keep(|[s, n]| 2.0 * (s - 1.0) - n);
        all.keep(|[s, n]| n - (s - 1.0));
        all
    }

    /// Keeps where a linear function is not negative.
    fn keep(&mut self, inside: impl Fn([f64; 2]) -> f64) {
        let count = self.corners.len();
        let mut kept = Vec::with_capacity(count + 1);
        for at in 0..count {
            let (a, b) = (self.corners[at], self.corners[(at + 1) % count]);
            let (from, to) = (inside(a), inside(b));
            if from >= 0.0 {
                kept.push(a);
            }
            if (from >= 0.0) != (to >= 0.0) {
                let part = from / (from - to);
                kept.push([a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])]);
            }
        }
        // What rounding leaves of nothing: the truth is in it all the same.
        if kept.len() >= 3 {
            self.corners = kept;
        }
    }

    /// With k voxels more, Dice is between these.
    fn learn(&mut self, more: f64, low: f64, high: f64) {
        let k = more / self.sent;
        self.keep(|[s, n]| n - low * (s + k));
        self.keep(|[s, n]| high * (s + k) - n);
    }

    fn centre(&self) -> [f64; 2] {
        let count = self.corners.len() as f64;
        let sum = self.corners.iter().fold([0.0, 0.0], |sum, at| [sum[0] + at[0], sum[1] + at[1]]);
        [sum[0] / count, sum[1] / count]
    }

    fn guess(&self) -> Guess {
        let [s, n] = self.centre();
        Guess { dice: n / s, truth: (s - 1.0) * self.sent }
    }

    /// How far apart two possibilities can be: in Dice, and in the truth's voxels as a part of themselves.
    fn spread(&self) -> f64 {
        let over = |of: &dyn Fn(&[f64; 2]) -> f64| {
            let (low, high) = self
                .corners
                .iter()
                .map(of)
                .fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
            high - low
        };
        over(&|[s, n]| n / s) + over(&|[s, _]| s.ln())
    }

    /// The k with which Dice would be `dice` in the middle of what is possible.
    fn more_for(&self, dice: f64) -> Option<f64> {
        let [s, n] = self.centre();
        let more = ((n / dice - s) * self.sent).round();
        (0.0..VOLUME).contains(&more).then_some(more)
    }

    /// Of several k, with the Dice at which the answer turns, the one that leaves least.
    fn best(&self, thresholds: impl Iterator<Item = f64>) -> f64 {
        let rated = thresholds.filter_map(|dice| {
            let more = self.more_for(dice)?;
            let worst = [(0.0, dice), (dice, 1.0)].into_iter().map(|(low, high)| {
                let mut rest = self.clone();
                rest.learn(more, low, high);
                rest.spread()
            });
            Some((more, worst.fold(0.0, f64::max)))
        });
        rated.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0.0, |(more, _)| more)
    }
}

/// The nearest multiple of a step. The server rounds the exact decimal, half to even; no mean here is half-way.
fn shown(mean: f64, step: f64) -> f64 {
    (mean / step).round() * step
}

/// `rounded`, one case of a group: the other nine are corner voxels, and the group's mean is shown.
fn rounded(case: &Case, uploads: usize) -> Guess {
    let mut possible = Possible::anything(case.sent);
    let group = GROUP as f64;
    for upload in 0..uploads {
        let turns = (0..100).map(|step| (f64::from(step) + 0.5) * GRID * group);
        let more = if upload == 0 { 0.0 } else { possible.best(turns) };
        let answer = shown(case.dice(more) / group, GRID);
        let half = 0.5 * GRID;
        possible.learn(more, (answer - half) * group, (answer + half) * group);
    }
    possible.guess()
}

/// `rounded`, all cases of a group with few uploads: each upload has half of them as corner voxels, another half
/// each time, and the rest follows from all means by least squares.
fn weighed(cases: &[Case], uploads: usize, random: &mut Random) -> Vec<Guess> {
    const TYPICAL: f64 = 0.8;
    let count = cases.len();
    // A weak belief in what is typical, for cases that no upload has asked about.
    let (mut left, mut right) = (vec![vec![0.0; count]; count], vec![0.0; count]);
    let (belief, precision) = (1.0 / 0.08f64.powi(2), 1.0 / (0.01f64.powi(2) / 12.0));
    for at in 0..count {
        left[at][at] += belief;
        right[at] += belief * TYPICAL;
    }
    for _ in 0..uploads {
        let chosen: Vec<bool> = (0..count).map(|_| random.next() < 0.5).collect();
        let sum: f64 = cases
            .iter()
            .zip(&chosen)
            .filter(|(_, chosen)| **chosen)
            .map(|(case, _)| case.dice(0.0))
            .sum();
        let answer = shown(sum / count as f64, GRID) * count as f64;
        for a in (0..count).filter(|&a| chosen[a]) {
            right[a] += precision * answer;
            (0..count).filter(|&b| chosen[b]).for_each(|b| left[a][b] += precision);
        }
    }
    let dice = solve(left, right);
    cases.iter().zip(dice).map(|(case, dice)| Guess { dice, truth: case.sent }).collect()
}

/// A x = b, by elimination; A is symmetric and positive.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let count = b.len();
    for at in 0..count {
        let pivot = a[at].clone();
        for row in at + 1..count {
            let factor = a[row][at] / pivot[at];
            a[row].iter_mut().zip(&pivot).for_each(|(value, pivot)| *value -= factor * pivot);
            b[row] -= factor * b[at];
        }
    }
    for at in (0..count).rev() {
        let rest: f64 = (at + 1..count).map(|column| a[at][column] * b[column]).sum();
        b[at] = (b[at] - rest) / a[at][at];
    }
    b
}

/// `improved`: nothing but whether the best has improved, and then its mean over all cases. One case after the
/// other is added to those that are known; each climbs from many false voxels to none, with so many uploads.
fn improved(cases: &[Case], each: usize) -> Vec<Guess> {
    let all = CASES as f64;
    let (mut best, mut guesses) = (None::<f64>, Vec::new());
    // Sum of the Dice of the cases before: as it is, and between what it is known to be.
    let (mut before, mut known) = (0.0, [0.0, 0.0]);
    for case in cases {
        let mut possible = Possible::anything(case.sent);
        let mut shown_last = None;
        for upload in 0..each {
            let last = upload + 1 == each;
            let threshold = best.map_or(0.0, |best| (best + STEP) * all);
            let middle = (known[0] + known[1]) / 2.0;
            // The last of a case has no false voxels, so that the next case begins from a mean that is known.
            let more =
                if last { Some(0.0) } else { possible.more_for((threshold - middle).max(0.02)) };
            let more = more.unwrap_or(0.0);
            let mean = (before + case.dice(more)) / all;
            if best.is_none_or(|best| mean >= best + STEP) {
                let answer = shown(mean, STEP);
                let half = 0.5 * STEP;
                let low = ((answer - half) * all).max(threshold);
                possible.learn(more, low - known[1], (answer + half) * all - known[0]);
                best = Some(answer);
                shown_last = last.then_some(answer);
            } else {
                possible.learn(more, 0.0, threshold - known[0]);
            }
        }
        guesses.push(possible.guess());
        before += case.dice(0.0);
        let dice = |[s, n]: &[f64; 2]| n / s;
        let low = possible.corners.iter().map(dice).fold(f64::MAX, f64::min);
        let high = possible.corners.iter().map(dice).fold(f64::MIN, f64::max);
        known = [known[0] + low, known[1] + high];
        // The mean that was shown last may be of exactly these masks.
        if let Some(answer) = shown_last {
            let half = 0.5 * STEP;
            known = [known[0].max((answer - half) * all), known[1].min((answer + half) * all)];
        }
    }
    guesses
}

/// Full precision: a mean of ten with nine zeros is the case, and with voxels added tells the truth's as well.
fn exact(case: &Case, uploads: usize) -> Guess {
    let group = GROUP as f64;
    let dice = case.dice(0.0) / group * group;
    if uploads < 2 {
        return Guess { dice, truth: case.sent };
    }
    let more = 2.0 * case.sent;
    let with_more = case.dice(more) / group * group;
    Guess { dice, truth: with_more * more / (dice - with_more) - case.sent }
}

/// Errors of many guesses: the median and the largest, of Dice and of the truth's voxels as a part of them.
#[derive(Default)]
struct Errors {
    dice: Vec<f64>,
    truth: Vec<f64>,
}

impl Errors {
    fn add(&mut self, case: &Case, guess: Guess) {
        self.dice.push((guess.dice - case.dice(0.0)).abs());
        self.truth.push((guess.truth / case.truth - 1.0).abs());
    }

    fn cell(mut self) -> String {
        let mut cell = String::new();
        for (values, percent) in [(&mut self.dice, false), (&mut self.truth, true)] {
            values.sort_by(f64::total_cmp);
            let (median, largest) = (values[values.len() / 2], values[values.len() - 1]);
            let text = |value: f64| match (percent, value) {
                (_, value) if value < 1e-9 => "exact".to_owned(),
                (true, value) if value >= 0.0001 => format!("{:.2} %", 100.0 * value),
                (true, value) => format!("{:.0e} %", 100.0 * value),
                (false, value) if value >= 0.0001 => format!("{value:.4}"),
                (false, value) => format!("{value:.0e}"),
            };
            let words = format!("{} / {}", text(median), text(largest));
            write!(cell, "{}{words}", if cell.is_empty() { "" } else { "; " }).unwrap();
        }
        cell
    }
}

fn challenges() -> Vec<Vec<Case>> {
    let challenge = |seed| {
        let mut random = Random(seed);
        (0..CASES).map(|_| Case::random(&mut random)).collect()
    };
    (1..=CHALLENGES).map(challenge).collect()
}

/// A row of a table: what each number of uploads makes of the cases of every challenge.
fn row(name: &str, guesses: impl Fn(&[Case], usize) -> Vec<(Case, Guess)>) -> String {
    let mut row = format!("| {name} |");
    for uploads in UPLOADS {
        let mut errors = Errors::default();
        for cases in challenges() {
            guesses(&cases, uploads).into_iter().for_each(|(case, guess)| errors.add(&case, guess));
        }
        write!(row, " {} |", errors.cell()).unwrap();
    }
    row
}

/// `hidden`: what is known before the first upload.
fn nothing(case: &Case) -> Guess {
    Possible::anything(case.sent).guess()
}

/// One case of each group: both groups' means are shown, so that two are learnt at a time.
fn one_of_each(cases: &[Case], of: impl Fn(&Case) -> Guess) -> Vec<(Case, Guess)> {
    [cases[0], cases[GROUP]].into_iter().map(|case| (case, of(&case))).collect()
}

fn all_rounded(cases: &[Case], uploads: usize) -> Vec<(Case, Guess)> {
    if uploads >= 2 * GROUP {
        return cases.iter().map(|case| (*case, rounded(case, uploads / GROUP))).collect();
    }
    let mut random = Random(uploads as u64);
    let of_group = |group: &[Case]| {
        group.iter().copied().zip(weighed(group, uploads, &mut random)).collect::<Vec<_>>()
    };
    cases.chunks(GROUP).flat_map(of_group).collect()
}

fn all_improved(cases: &[Case], uploads: usize) -> Vec<(Case, Guess)> {
    let reached = uploads.min(CASES);
    let guesses = improved(&cases[..reached], uploads.div_ceil(CASES).min(uploads / reached));
    let rest = cases[reached..].iter().map(nothing);
    cases.iter().copied().zip(guesses.into_iter().chain(rest)).collect()
}

fn all_exact(cases: &[Case], uploads: usize) -> Vec<(Case, Guess)> {
    let of = |(at, case): (usize, &Case)| {
        // One case of each group at a time.
        let sent = uploads
            .saturating_sub(at % GROUP * uploads.div_ceil(GROUP))
            .min(uploads.div_ceil(GROUP));
        (*case, if sent == 0 { nothing(case) } else { exact(case, sent) })
    };
    cases.iter().enumerate().map(of).collect()
}

/// After learning a case, an upload asks of a region of so many voxels whether it is vessel: how many of the
/// answers at the level `rounded` are right.
fn answers(region: f64, learning: usize, questions: usize) -> (usize, usize) {
    let (mut right, mut all) = (0, 0);
    let mut random = Random(99);
    let group = GROUP as f64;
    for cases in challenges() {
        for case in [cases[0], cases[GROUP]] {
            let known = rounded(&case, learning);
            let (s, n) = (case.sent + known.truth, known.dice * (case.sent + known.truth));
            for _ in 0..questions {
                let vessel = random.next() < 0.5;
                // The turn of the rounded mean that lies between both answers, with the fewest false voxels.
                let turn = (1..90).rev().map(|step| (f64::from(step) + 0.5) * GRID * group);
                let more = turn.map(|dice| ((n + region) / dice - s - region).round());
                let more = more.filter(|more| *more >= 0.0).fold(f64::MAX, f64::min);
                let probe = Case {
                    sent: case.sent + region,
                    both: case.both + if vessel { region } else { 0.0 },
                    ..case
                };
                let answer = shown(probe.dice(more) / group, GRID);
                let without = shown(n / (s + region + more) / group, GRID);
                right += usize::from((answer > without) == vessel);
                all += 1;
            }
        }
    }
    (right, all)
}

/// At which upload the rules for flags tell of such an attack: each has real masks for some and corner voxels for the
/// others.
fn flagged(real: usize) -> String {
    let cases = &challenges()[0];
    let sent: Vec<SentCase> = cases
        .iter()
        .enumerate()
        .map(|(at, case)| {
            let (voxels, dice) =
                if at < real { (case.sent as i64, case.dice(0.0)) } else { (1, 0.0) };
            SentCase { id: at.to_string(), voxels, dice, truth_voxels: Some(case.truth as i64) }
        })
        .collect();
    let flags = inspect(&sent, TeamId::NIL, &[], 0).flags;
    let kinds: Vec<&str> = flags.iter().map(|flag| flag.kind.as_str()).collect();
    if kinds.is_empty() { "not flagged".into() } else { format!("flagged: {}", kinds.join(", ")) }
}

fn main() {
    let head =
        UPLOADS.iter().fold("| level |".to_owned(), |head, uploads| format!("{head} {uploads} |"));
    let rule = "|---|".to_owned() + &"---|".repeat(UPLOADS.len());
    println!(
        "One case (of each group), after so many uploads: median / largest error of its Dice; of its truth's voxels\n"
    );
    println!("{head}\n{rule}");
    println!("{}", row("`hidden`", |cases, _| one_of_each(cases, nothing)));
    println!(
        "{}",
        row("`improved`", |cases, uploads| vec![(cases[0], improved(&cases[..1], uploads)[0])])
    );
    println!(
        "{}",
        row("`rounded`", |cases, uploads| one_of_each(cases, |case| rounded(case, uploads)))
    );
    println!(
        "{}",
        row("exact means", |cases, uploads| one_of_each(cases, |case| exact(case, uploads)))
    );
    println!("\nAll {CASES} cases\n\n{head}\n{rule}");
    println!(
        "{}",
        row("`hidden`", |cases, _| cases.iter().map(|case| (*case, nothing(case))).collect())
    );
    println!("{}", row("`improved`", all_improved));
    println!("{}", row("`rounded`", all_rounded));
    println!("{}", row("exact means", all_exact));
    println!(
        "\nIs this region vessel? Right answers at `rounded`, two an upload, after 30 uploads\n"
    );
    println!("| voxels | right |\n|---|---|");
    for region in [8.0, 32.0, 128.0, 512.0] {
        let (right, all) = answers(region, 30, 50);
        println!("| {region} | {:.0} % |", 100.0 * right as f64 / all as f64);
    }
    println!("\nReal masks for 1, 2, 10 and 16 of {CASES} cases, corner voxels for the others:");
    for real in [1, 2, 10, 16] {
        println!("- {real}: {}", flagged(real));
    }
}
