//! Prints the table of docs/vessel-metrics.md: every way of a phantom to get a tree wrong, and what the metrics say.
//!
//!     cargo run --release --example vessel_metrics -- [CASES] [SEED]
//!
//! Means over full-size cases, half of them with stenoses; by calibre over the cases that have such vessels.

use std::error::Error;

use coronary_phantom::{Method, Phantom, Size};
use segmentation_metrics::secondary::{
    ByCalibre, PreparedVessels, SecondaryMetrics, VesselMetrics, vessel_metrics,
};
use segmentation_metrics::{Truth, score};

/// A mean of what is there.
#[derive(Clone, Copy, Default)]
struct Mean {
    sum: f64,
    count: u32,
}

impl Mean {
    fn add(&mut self, value: Option<f64>) {
        if let Some(value) = value {
            self.sum += value;
            self.count += 1;
        }
    }

    fn show(self, digits: usize) -> String {
        if self.count == 0 {
            return "-".into();
        }
        format!("{:.digits$}", self.sum / f64::from(self.count))
    }
}

/// Each column's title and digits.
const COLUMNS: [(&str, usize); 20] = [
    ("Dice", 3),
    ("HD95, mm", 2),
    ("clDice", 3),
    ("TL", 2),
    ("< 1.5", 2),
    ("1.5–2", 2),
    ("≥ 2 mm", 2),
    ("TLc", 2),
    ("< 1.5", 2),
    ("1.5–2", 2),
    ("≥ 2 mm", 2),
    ("OV", 2),
    ("AI, mm", 2),
    ("leakage, mm", 1),
    ("β0 error", 1),
    ("β1 error", 1),
    ("NSD 0.25", 2),
    ("0.5", 2),
    ("1.0 mm", 2),
    ("precision / recall", 2),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let cases: u32 = arguments.next().as_deref().unwrap_or("10").parse()?;
    let seed: u64 = arguments.next().as_deref().unwrap_or("42").parse()?;

    let mut means = [[Mean::default(); COLUMNS.len() + 1]; Method::ALL.len()];
    let mut lengths = [Mean::default(); 4];
    for case in 0..cases {
        let phantom = Phantom::new(seed, case, cases, Size::FULL);
        let truth = Truth::new(phantom.truth(), phantom.spacing)?;
        let prepared = PreparedVessels::new(truth.mask(), phantom.spacing, None)?;
        let (all, by_calibre) = prepared.lengths_mm();
        lengths[0].add(Some(all));
        lengths[1..].iter_mut().zip(by_calibre).for_each(|(mean, length)| mean.add(Some(length)));
        for (method, means) in Method::ALL.into_iter().zip(&mut means) {
            let prediction = phantom.predict(method);
            let official = score(&truth, &prediction)?;
            let (secondary, vessels) = vessel_metrics(truth.mask(), &prepared, &prediction)?;
            let values = [Some(official.dice), Some(official.hd95)].into_iter();
            let values = values.chain(listed(secondary, vessels));
            means.iter_mut().zip(values).for_each(|(mean, value)| mean.add(value));
        }
    }

    let lengths = lengths.map(|mean| mean.show(0));
    println!(
        "{cases} cases of seed {seed}; centrelines of {} mm on average: {} mm of them below 1.5 mm, {} mm from 1.5 to 2 mm, \
         {} mm from 2 mm on.\n",
        lengths[0], lengths[1], lengths[2], lengths[3]
    );
    println!("| method | {} |", COLUMNS.map(|(title, _)| title).join(" | "));
    println!("|{}", "---|".repeat(COLUMNS.len() + 1));
    for (method, means) in Method::ALL.into_iter().zip(means) {
        let [shown @ .., recall] = means;
        let columns = shown.into_iter().zip(COLUMNS).map(|(mean, (_, digits))| mean.show(digits));
        let columns: Vec<String> = columns.collect();
        println!("| {} | {} / {} |", method.name(), columns.join(" | "), recall.show(2));
    }
    Ok(())
}

/// The columns after the official metrics.
fn listed(secondary: SecondaryMetrics, vessels: VesselMetrics) -> Vec<Option<f64>> {
    let shares = |of: ByCalibre| [Some(of.all), of.below_1_5_mm, of.from_1_5_to_2_mm, of.from_2_mm];
    let surface = vessels.surface_dice;
    let mut columns = vec![Some(secondary.cl_dice)];
    columns.extend(shares(vessels.tree_length));
    columns.extend(shares(vessels.connected_tree_length));
    columns.extend([Some(vessels.centreline_overlap), vessels.centreline_accuracy_mm]);
    columns.extend(
        [
            vessels.leakage_mm,
            vessels.betti_0_error as f64,
            vessels.betti_1_error as f64,
            surface.at_0_25_mm,
            surface.at_0_5_mm,
            surface.at_1_mm,
            secondary.precision,
            secondary.recall,
        ]
        .map(Some),
    );
    columns
}
