use super::axes::{BELOW, NAMES, horizontal, name};
use super::data::{Case, Five, Plotted};
use super::drawing::{Drawing, Look, Shape, Tone};
use super::legend::{Sample, legend};
use super::plot::{Plot, Table, WIDTH};
use super::scale::{Scale, Span};
use crate::domain::RankedMetric;

/// The Dice of one submission in a case, and that of all entries.
#[derive(Clone, Debug)]
pub struct Among {
    pub case: Case,
    pub own: f64,
    /// None where there are no entries, or theirs may not be seen.
    pub entries: Option<Five>,
}

const DICE: RankedMetric = RankedMetric::Dice;
const TOP: f64 = 20.0;
const ROW: f64 = 26.0;

/// A submission's Dice in every case among those of all entries.
pub fn among(about: &str, cases: &[Among]) -> Plot {
    let title = format!("Dice by case: {about}");
    if cases.is_empty() {
        return Plot::empty("among", title, "There is nothing to draw.");
    }
    let bottom = TOP + ROW * cases.len() as f64;
    let ends = cases.iter().flat_map(|of| {
        let entries = of.entries.map(|five| [five.min, five.max]);
        entries.into_iter().flatten().chain([of.own])
    });
    let scale = DICE.scale(ends, Span { from: NAMES + 8.0, to: WIDTH - 24.0, gap: 60.0 });

    let mut drawing = Drawing::default();
    drawing.part("names", Look::filled(Tone::Ink), |drawing| {
        for (at, of) in cases.iter().enumerate() {
            name(drawing, middle(at), &of.case.words());
        }
    });
    horizontal(&mut drawing, &scale, [TOP, bottom], DICE.axis());
    for (at, of) in cases.iter().enumerate() {
        if let Some(five) = of.entries {
            strip(&mut drawing, &scale, &of.case, five, middle(at));
        }
        own(&mut drawing, &scale, of, middle(at));
    }
    let others = cases.iter().any(|of| of.entries.is_some());
    let end = legend(&mut drawing, bottom + BELOW + 8.0, &keys(others));
    let mut plot = Plot::new("among", title, description(others), end + 8.0, drawing);
    plot.numbers = vec![numbers(cases)];
    plot
}

fn middle(row: usize) -> f64 {
    TOP + ROW * (row as f64 + 0.5)
}

/// What all entries reach in a case: from the lowest to the highest, the middle half and the median.
fn strip(drawing: &mut Drawing, scale: &Scale, case: &Case, five: Five, y: f64) {
    let Five { min, q25, median, q75, max, .. } = five;
    if ![min, q25, median, q75, max].iter().all(|value| value.is_finite()) {
        return;
    }
    let half = (DICE.say(q25), DICE.say(q75));
    let said = format!(
        "All entries, {}: median {}, half of them {} to {}",
        case.words(),
        DICE.say(median),
        half.0,
        half.1
    );
    let [min, q25, median, q75, max] = [min, q25, median, q75, max].map(|value| scale.at(value));
    drawing.titled(&said, |drawing| {
        drawing.part("whiskers", Look::line(Tone::Ink, 1.2), |drawing| {
            drawing.line([min, y], [q25, y]);
            drawing.line([q75, y], [max, y]);
        });
        drawing.part("box", Look::area(Tone::Card, Tone::Ink, 1.2), |drawing| {
            drawing.rect([q25, y - 6.0], q75 - q25, 12.0);
        });
        drawing.part("median", Look::line(Tone::Ink, 2.5), |drawing| {
            drawing.line([median, y - 6.0], [median, y + 6.0]);
        });
    });
}

fn own(drawing: &mut Drawing, scale: &Scale, of: &Among, y: f64) {
    if !of.own.is_finite() {
        return;
    }
    let said = format!("This submission, {}: {}", of.case.words(), DICE.say(of.own));
    drawing.titled(&said, |drawing| {
        drawing.part("own", Look::area(Tone::Accent, Tone::Paper, 1.0), |drawing| {
            drawing.mark(Shape::Diamond, [scale.at(of.own), y], 5.5);
        });
    });
}

fn keys(others: bool) -> Vec<(Sample, &'static str)> {
    let own = Sample::Mark(Shape::Diamond, Look::filled(Tone::Accent));
    let mut keys = vec![(own, "this submission")];
    if others {
        let look = Look::area(Tone::Card, Tone::Ink, 1.2);
        keys.push((
            Sample::Square { look, hatched: false },
            "middle half of all entries, with the median",
        ));
        keys.push((Sample::Line(Look::line(Tone::Ink, 1.2)), "lowest to highest"));
    }
    keys
}

fn description(others: bool) -> String {
    let own = "A row for each case, with the Dice of this submission as a diamond.";
    match others {
        true => format!(
            "{own} Behind it is what all entries of the leaderboard reach in the case: a box from the first quartile to the \
             third with the median across it, and lines to the lowest and the highest value."
        ),
        false => own.to_owned(),
    }
}

fn numbers(cases: &[Among]) -> Table {
    let others = cases.iter().any(|of| of.entries.is_some());
    let head = ["Case", "this submission", "lowest", "25 %", "median", "75 %", "highest"];
    let columns = if others { head.len() } else { 2 };
    let row = |of: &Among| -> Vec<String> {
        let five = of.entries.map(|five| [five.min, five.q25, five.median, five.q75, five.max]);
        let entries = match five {
            Some(five) => five.map(|value| DICE.say(value)).to_vec(),
            None => vec![String::new(); head.len() - 2],
        };
        let own = [of.case.words(), DICE.say(of.own)];
        own.into_iter().chain(entries).take(columns).collect()
    };
    Table {
        caption: "Dice of every case".to_owned(),
        head: head.iter().take(columns).map(|&word| word.to_owned()).collect(),
        rows: cases.iter().map(row).collect(),
    }
}
