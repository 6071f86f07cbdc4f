use super::axes::{BELOW, column, horizontal, name};
use super::data::{Case, Plotted};
use super::drawing::{Drawing, Look, Shape, Tone};
use super::legend::{Sample, legend};
use super::plot::{Plot, Table};
use crate::domain::{PerMetric, RankedMetric};

/// Some entries' values in the same cases.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// Which challenge and which cases, for a title.
    pub about: String,
    /// At most [`MAX_BESIDE`], each with its name and a value for each case.
    pub entries: Vec<(String, Vec<PerMetric<f64>>)>,
    pub cases: Vec<Case>,
}

/// So many marks can be told apart.
pub const MAX_BESIDE: usize = 6;

/// Of more cases the first ones are drawn.
const MAX_CASES: usize = 60;

const TOP: f64 = 20.0;
const ROW: f64 = 24.0;

/// By shape and by filling.
fn mark(entry: usize) -> (Shape, Look) {
    let hollow = |tone| Look::area(Tone::Paper, tone, 1.6);
    match entry {
        0 => (Shape::Circle, Look::area(Tone::Accent, Tone::Paper, 1.0)),
        1 => (Shape::Diamond, Look::area(Tone::Ink, Tone::Paper, 1.0)),
        2 => (Shape::Triangle, hollow(Tone::Ink)),
        3 => (Shape::Circle, hollow(Tone::Ink)),
        4 => (Shape::Triangle, Look::area(Tone::Soft, Tone::Paper, 1.0)),
        _ => (Shape::Diamond, hollow(Tone::Accent)),
    }
}

/// The values of some entries in each case, those of a case connected.
pub fn beside(of: &Beside) -> Plot {
    let title = format!("Values by case: {}", of.about);
    let cases = &of.cases[..of.cases.len().min(MAX_CASES)];
    let entries = &of.entries[..of.entries.len().min(MAX_BESIDE)];
    if cases.is_empty() || entries.is_empty() {
        return Plot::empty("beside", title, "There is nothing to draw.");
    }
    let middle = |row: usize| TOP + ROW * (row as f64 + 0.5);
    let bottom = TOP + ROW * cases.len() as f64;
    let mut drawing = Drawing::default();
    drawing.part("names", Look::filled(Tone::Ink), |drawing| {
        for (at, case) in cases.iter().enumerate() {
            name(drawing, middle(at), &case.words());
        }
    });
    for metric in RankedMetric::ALL {
        let value = |entry: usize, case: usize| {
            let values = entries.get(entry)?.1.get(case)?;
            Some(*values.of(metric)).filter(|value| value.is_finite())
        };
        let of_case = |case: usize| (0..entries.len()).filter_map(move |entry| value(entry, case));
        let scale = metric.scale((0..cases.len()).flat_map(of_case), column(metric));
        horizontal(&mut drawing, &scale, [TOP, bottom], metric.axis());
        drawing.part("connections", Look::line(Tone::Soft, 1.5), |drawing| {
            for case in 0..cases.len() {
                let ends = [of_case(case).reduce(f64::min), of_case(case).reduce(f64::max)];
                if let [Some(low), Some(high)] = ends.map(|end| end.map(|value| scale.at(value))) {
                    drawing.line([low, middle(case)], [high, middle(case)]);
                }
            }
        });
        // The first entry lies on top.
        for (entry, (whose, _)) in entries.iter().enumerate().rev() {
            let (shape, look) = mark(entry);
            drawing.part("cases", look, |drawing| {
                for (at, case) in cases.iter().enumerate() {
                    let Some(value) = value(entry, at) else { continue };
                    let said = format!("{whose}, {}: {}", case.words(), metric.say(value));
                    let place = [scale.at(value), middle(at)];
                    drawing.titled(&said, |drawing| drawing.mark(shape, place, 5.0));
                }
            });
        }
    }
    let keys: Vec<(Sample, &str)> = (entries.iter().enumerate())
        .map(|(at, (whose, _))| {
            let (shape, look) = mark(at);
            (Sample::Mark(shape, look), whose.as_str())
        })
        .collect();
    let end = legend(&mut drawing, bottom + BELOW + 8.0, &keys);
    let said = "For each metric a row for each case, in it a mark for each entry at its value, connected by a line.";
    let cut = (of.cases.len() > cases.len())
        .then(|| format!("The first {MAX_CASES} of {} cases are drawn.", of.cases.len()));
    let mut plot = Plot::new("beside", title, said.to_owned(), end + 8.0, drawing).with_cut(cut);
    plot.numbers = RankedMetric::ALL.map(|metric| numbers(of, metric)).into();
    plot
}

fn numbers(of: &Beside, metric: RankedMetric) -> Table {
    let row = |(at, case): (usize, &Case)| {
        let value = |(_, values): &(String, Vec<PerMetric<f64>>)| {
            values.get(at).map_or_else(String::new, |values| metric.say(*values.of(metric)))
        };
        [case.words()].into_iter().chain(of.entries.iter().map(value)).collect()
    };
    Table {
        caption: format!("{} of every case", metric.title),
        head: ["Case".to_owned()]
            .into_iter()
            .chain(of.entries.iter().map(|(whose, _)| whose.clone()))
            .collect(),
        rows: of.cases.iter().enumerate().map(row).collect(),
    }
}
