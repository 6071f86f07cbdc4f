use super::axes::{NAMES, name};
use super::data::Comparison;
use super::drawing::{Anchor, Drawing, Look, Tone};
use super::labels::width;
use super::legend::{Sample, legend};
use super::plot::{LETTERS, Plot, SMALL, WIDTH};
use crate::domain::RankedMetric;

/// Up to so many entries the maps of both metrics stand side by side.
const BESIDE: usize = 10;

/// Which entries are better than which others beyond chance: a map for each metric.
pub fn significance(of: &Comparison) -> Plot {
    let title = format!("Significant differences: {}", of.about);
    let count = of.better.dice.len().min(of.drawn().len());
    if count == 0 {
        let why = match of.entries.len() {
            0 => "There is nothing to draw.",
            _ => "No pair is tested: too many entries share the first position.",
        };
        return Plot::empty("significance", title, why);
    }
    let beside = count <= BESIDE;
    let room = WIDTH - NAMES - 20.0;
    let room = if beside { (room - 28.0) / 2.0 } else { room };
    let side = (room / count as f64).min(30.0);
    let high = side * count as f64;

    let mut drawing = Drawing::default();
    let mut end = 0.0;
    for metric in RankedMetric::ALL {
        let second = metric == RankedMetric::Hd95;
        let left = NAMES + 8.0 + if second && beside { room + 28.0 } else { 0.0 };
        let top = 52.0 + if second && !beside { high + 64.0 } else { 0.0 };
        if !(second && beside) {
            drawing.part("names", Look::filled(Tone::Ink), |drawing| {
                for (at, entry) in of.drawn().iter().take(count).enumerate() {
                    let labelled = format!("{} {}", entry.label, entry.name);
                    name(drawing, top + side * (at as f64 + 0.5), &labelled);
                }
            });
        }
        let labels: Vec<&str> = of.drawn()[..count].iter().map(|of| of.label.as_str()).collect();
        map(&mut drawing, of.better.of(metric), metric, [left, top], side, &labels);
        end = top + high;
    }
    let keys = [
        (
            Sample::Square { look: Look::filled(Tone::Ink), hatched: false },
            "with a plus: the row’s entry is better than the column’s",
        ),
        (
            Sample::Square { look: Look::line(Tone::Line, 1.0), hatched: true },
            "the column’s is better",
        ),
        (
            Sample::Square { look: Look::line(Tone::Line, 1.0), hatched: false },
            "no significant difference",
        ),
    ];
    let end = legend(&mut drawing, end + 16.0, &keys);

    let said = String::from(
        "A map for each metric, with a row and a column for each entry, by its position, with a letter where several \
         entries share one. A filled square with a plus means that the row's entry is significantly better than the \
         column's, a hatched one the reverse, an empty one that there is no significant difference.",
    );
    Plot::new("significance", title, said, end + 8.0, drawing).with_cut(of.cut(count))
}

fn map(
    drawing: &mut Drawing,
    better: &[Vec<bool>],
    metric: RankedMetric,
    [left, top]: [f64; 2],
    side: f64,
    labels: &[&str],
) {
    let count = labels.len();
    let is = |row: usize, column: usize| {
        better.get(row).and_then(|row| row.get(column)).is_some_and(|better| *better)
    };
    let corner = |row: usize, column: usize| {
        [left + side * column as f64 + 1.0, top + side * row as f64 + 1.0]
    };
    let inner = side - 2.0;
    let pairs = || (0..count).flat_map(move |row| (0..count).map(move |column| (row, column)));
    let others = || pairs().filter(|(row, column)| row != column);

    drawing.part("names", Look::filled(Tone::Ink), |drawing| {
        drawing.text([left, top - 32.0], Anchor::Start, LETTERS, metric.title);
    });
    drawing.part("axis", Look::filled(Tone::Soft), |drawing| {
        let size = if side < 20.0 { 12.0 } else { SMALL };
        // Where neighbours would touch, every second one stands higher.
        let long = labels.iter().any(|label| width(label, size) > side - 2.0);
        for (column, label) in labels.iter().enumerate() {
            let x = left + side * (column as f64 + 0.5);
            let lift = if long && column % 2 == 1 { size } else { 0.0 };
            drawing.text([x, top - 7.0 - lift], Anchor::Middle, size, label);
        }
    });
    drawing.part("open", Look::line(Tone::Line, 1.0), |drawing| {
        for (row, column) in others().filter(|&(row, column)| !is(row, column)) {
            drawing.rect(corner(row, column), inner, inner);
        }
    });
    drawing.part("worse", Look::line(Tone::Soft, 1.0), |drawing| {
        for (row, column) in others().filter(|&(row, column)| is(column, row)) {
            drawing.hatching(corner(row, column), inner);
        }
    });
    drawing.part("better", Look::filled(Tone::Ink), |drawing| {
        for (row, column) in others().filter(|&(row, column)| is(row, column)) {
            drawing.rect(corner(row, column), inner, inner);
        }
    });
    drawing.part("plus", Look::line(Tone::Paper, 2.0), |drawing| {
        for (row, column) in others().filter(|&(row, column)| is(row, column)) {
            let [x, y] = corner(row, column).map(|edge| edge + inner / 2.0);
            drawing.line([x - 4.0, y], [x + 4.0, y]);
            drawing.line([x, y - 4.0], [x, y + 4.0]);
        }
    });
}
