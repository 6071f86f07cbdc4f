//! What it costs to say how far a ranking can be trusted: the bootstrap, by the number of entries.
//!
//!     cargo bench --bench ranking

use std::hint::black_box;
use std::time::{Duration, Instant};

use challenge_ranking::{Metric, Scheme, ScoreTable};
use ndarray::Array3;

/// Ten normal and ten diseased cases.
const STRATA: [usize; 20] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];

/// Dice and HD95 of made-up entries that differ by about as much as those of a challenge.
fn table(entries: usize) -> ScoreTable {
    // Golden ratio steps: spread evenly, and the same every time.
    let unit = |at: usize| (at as f64 * 0.618_033_988_749_894_9).fract();
    let score = |(metric, case, entry): (usize, usize, usize)| {
        let quality = 0.7 + 0.2 * unit(entry) + 0.1 * unit(entry * 31 + case * 17);
        if metric == 0 { quality } else { 20.0 * (1.0 - quality) + unit(entry * 7 + case * 13) }
    };
    let scores = Array3::from_shape_fn((2, STRATA.len(), entries), score);
    ScoreTable::new(scores, &[Metric::SHARE, Metric::DISTANCE]).expect("a metric each")
}

/// The smallest of five.
fn time(mut run: impl FnMut()) -> Duration {
    let once = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..5).map(once).min().unwrap_or_default()
}

fn main() {
    println!(
        "bootstrap of 1000 draws over {} cases, one thread, the smallest of five",
        STRATA.len()
    );
    println!(
        "{:>8}  {:>20}  {:>10}  {:>20}",
        "entries", "mean of positions", "us/entry", "rank then aggregate"
    );
    for count in [60, 125, 250, 500, 1000] {
        let table = table(count);
        let of = |scheme| time(|| drop(black_box(table.bootstrap(&STRATA, scheme))));
        let mean = of(Scheme::MeanOfPositions);
        let aggregate = of(Scheme::RankThenAggregate);
        println!(
            "{count:>8}  {:>17.0} ms  {:>10.0}  {:>17.0} ms",
            mean.as_secs_f64() * 1e3,
            mean.as_secs_f64() * 1e6 / count as f64,
            aggregate.as_secs_f64() * 1e3,
        );
    }
    for count in [10, 30, 50, 100, 200] {
        let table = table(count);
        let start = Instant::now();
        let draws = table.bootstrap(&STRATA, Scheme::TestThenRank).map_or(0, |all| all.draws);
        let taken = start.elapsed().as_secs_f64() * 1e3;
        println!("test then rank, {count} entries: {draws} draws in {taken:.0} ms");
    }
    let map = time(|| drop(black_box(table(30).significance(0))));
    println!("map of 30 entries: {:.1} ms", map.as_secs_f64() * 1e3);
}
