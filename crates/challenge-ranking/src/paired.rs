//! By how much two entries differ, case by case.

use ndarray::{Array3, Axis};
use reproducible::mean;

use crate::{Interval, Metric, Scheme, ScoreTable};

/// The differences of two entries in one metric: the first one's value of a case minus the second one's.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Paired {
    /// Their mean, in the metric's unit.
    pub mean: f64,
    /// Where that mean would be with other cases, with a confidence of 95 % (stratified bootstrap-t). None where a stratum has a
    /// single case, or the differences vary too little to tell.
    pub interval: Option<Interval>,
    /// In how many cases the first is better.
    pub better: usize,
    /// In how many cases they differ by no more than the metric's tolerance.
    pub equal: usize,
    /// In how many cases the second is better.
    pub worse: usize,
}

impl ScoreTable {
    /// By how much the first entry differs from the second in each metric. `strata` says which group each case is of, as in
    /// [`ScoreTable::bootstrap`], whose draws these are. `None` without cases, without such entries, or where there is not a
    /// stratum for each case.
    pub fn paired(&self, first: usize, second: usize, strata: &[usize]) -> Option<Vec<Paired>> {
        let cases = self.cases();
        if cases == 0 || strata.len() != cases || first.max(second) >= self.entries() {
            return None;
        }
        let scores = self.scores();
        let difference = |(metric, case, _): (usize, usize, usize)| {
            scores[[metric, case, first]] - scores[[metric, case, second]]
        };
        let differences = Array3::from_shape_fn((self.metrics().len(), cases, 1), difference);
        let widest = |metric: &Metric| {
            // A difference goes both ways.
            let [from, to] = metric.range;
            Metric { range: [from - to, to - from], ..*metric }
        };
        let metrics: Vec<Metric> = self.metrics().iter().map(widest).collect();
        let table = Self::new(differences, &metrics).ok()?;
        let drawn = table.bootstrap(strata, Scheme::FirstMetric)?;
        let intervals = drawn.entries.into_iter().next()?.means;
        let scores = table.scores();
        let of_metrics = scores.outer_iter().zip(&metrics).zip(intervals);
        let paired = of_metrics.map(|((differences, metric), interval)| {
            let differences = differences.index_axis(Axis(1), 0);
            let count = |is: &dyn Fn(f64) -> bool| differences.iter().filter(|of| is(**of)).count();
            let tolerance = metric.tolerance;
            Paired {
                mean: mean(differences.iter().copied()),
                interval,
                better: count(&|of| metric.direction.loss(of) < -tolerance),
                equal: count(&|of| of.abs() <= tolerance),
                worse: count(&|of| metric.direction.loss(of) > tolerance),
            }
        });
        Some(paired.collect())
    }
}

#[cfg(test)]
mod tests {
    use crate::samples::table;

    #[test]
    fn the_better_cases_are_counted_by_the_metrics_direction() {
        let first = vec![[0.9, 3.0], [0.8, 4.0], [0.7, 5.0], [0.6, 6.0]];
        let second = vec![[0.8, 5.0], [0.8, 4.0], [0.8, 2.0], [0.5, 7.5]];
        let paired = table(&[first, second]).paired(0, 1, &[0, 0, 1, 1]).unwrap();
        let counts: Vec<_> = paired.iter().map(|of| (of.better, of.equal, of.worse)).collect();
        assert_eq!(counts, [(2, 1, 1), (2, 1, 1)]);
        assert!((paired[0].mean - 0.025).abs() < 1e-15);
        assert!((paired[1].mean + 0.125).abs() < 1e-15);
    }

    #[test]
    fn turned_round_the_same_is_said_with_the_other_sign() {
        let (one, other): (Vec<_>, Vec<_>) = (0..20)
            .map(|case| {
                let x = f64::from(case);
                (
                    [0.8 + 0.004 * x, 5.0 - 0.1 * x],
                    [0.75 + 0.006 * (x * 7.0 % 11.0), 4.0 + 0.1 * (x * 3.0 % 7.0)],
                )
            })
            .unzip();
        let table = table(&[one, other]);
        let strata: Vec<usize> = (0..20).map(|case| case / 10).collect();
        let there = table.paired(0, 1, &strata).unwrap();
        let back = table.paired(1, 0, &strata).unwrap();
        for (there, back) in there.iter().zip(&back) {
            assert_eq!(
                (there.better, there.equal, there.worse),
                (back.worse, back.equal, back.better)
            );
            assert_eq!(there.mean, -back.mean);
            let (of, turned) = (there.interval.unwrap(), back.interval.unwrap());
            // The draws come from the data, which differs by its sign.
            let wide = of.high - of.low;
            assert!(
                (of.low + turned.high).abs() < 0.2 * wide
                    && (of.high + turned.low).abs() < 0.2 * wide
            );
            assert!(of.low <= there.mean && there.mean <= of.high);
        }
    }

    #[test]
    fn nothing_is_said_of_what_is_not_there() {
        let table = table(&[vec![[0.5, 1.0]; 3], vec![[0.6, 1.0]; 3]]);
        assert_eq!(table.paired(0, 2, &[0, 0, 0]), None);
        assert_eq!(table.paired(0, 1, &[0, 0]), None);
        // The same difference in each case varies too little for an interval.
        let same = table.paired(0, 1, &[0, 0, 0]).unwrap();
        assert_eq!((same[0].interval, same[0].worse, same[1].equal), (None, 3, 3));
    }
}
