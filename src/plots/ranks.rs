use super::axes::{BELOW, NAMES, horizontal, name};
use super::data::{Comparison, Entry, MAX_DRAWN};
use super::drawing::{Drawing, Look, Shape, Tone};
use super::legend::{Sample, legend};
use super::plot::{Plot, Table, WIDTH};
use super::scale::{Scale, Span};

/// How often each entry comes to each position when the cases are drawn anew: areas of blobs.
pub fn ranks(of: &Comparison) -> Plot {
    let title = format!("Positions in bootstrap samples: {}", of.about);
    let entries = of.drawn();
    let all = || entries.iter().flat_map(|entry| &entry.spread.positions);
    let Some(last) = all().map(|(position, _)| *position).max() else {
        return Plot::empty("ranks", title, "There is nothing to draw.");
    };
    let (top, row) = (12.0, 36.0);
    let bottom = top + row * entries.len() as f64;
    let scale = Scale::positions(last, Span { from: NAMES + 8.0, to: WIDTH - 16.0, gap: 20.0 });
    // Where positions are close, blobs may overlap a little rather than be too small to see.
    let between = scale.at(2.0) - scale.at(1.0);
    let largest = (between / 2.0 - 1.0).clamp(9.0, row / 2.0 - 2.0);
    let most = all().map(|(_, share)| *share).fold(0.01, f64::max);

    let mut drawing = Drawing::default();
    horizontal(&mut drawing, &scale, [top, bottom], "position, 1 is best");
    for (at, entry) in entries.iter().enumerate() {
        let y = top + row * (at as f64 + 0.5);
        drawing.part("names", Look::filled(Tone::Ink), |drawing| name(drawing, y, &entry.name));
        drawing.part("blobs", Look::area(Tone::Card, Tone::Soft, 1.2), |drawing| {
            for &(position, share) in &entry.spread.positions {
                let radius = (largest * (share.max(0.0) / most).sqrt()).max(1.0);
                let said = format!("{}: position {position} in {}", entry.name, percent(share));
                let place = [scale.at(position as f64), y];
                drawing.titled(&said, |drawing| drawing.mark(Shape::Circle, place, radius));
            }
        });
        let [low, high] = entry.spread.position.map(|position| scale.at(position));
        drawing.part("interval", Look::line(Tone::Ink, 1.5), |drawing| {
            if low == high {
                return;
            }
            drawing.line([low, y], [high, y]);
            drawing.line([low, y - 4.0], [low, y + 4.0]);
            drawing.line([high, y - 4.0], [high, y + 4.0]);
        });
        drawing.part("median", Look::line(Tone::Ink, 2.5), |drawing| {
            drawing.mark(Shape::Cross, [scale.at(entry.spread.median_position), y], 5.0);
        });
    }
    let keys = [
        (
            Sample::Mark(Shape::Circle, Look::area(Tone::Card, Tone::Soft, 1.2)),
            "area: share of the samples",
        ),
        (Sample::Mark(Shape::Cross, Look::line(Tone::Ink, 2.5)), "median"),
        (Sample::Line(Look::line(Tone::Ink, 1.5)), "95 % interval"),
    ];
    let end = legend(&mut drawing, bottom + BELOW + 8.0, &keys);

    let said = format!(
        "A row for each entry, the best first, and a column for each position. The area of a circle is the share of {} \
         bootstrap samples of the cases in which the entry has that position; a cross marks the median, a line the \
         95 % interval.",
        of.draws
    );
    let plot = Plot::new("ranks", title, said, end + 8.0, drawing);
    let mut plot = plot.with_cut(of.cut(MAX_DRAWN));
    plot.numbers = vec![numbers(of, last)];
    plot
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

fn numbers(of: &Comparison, last: usize) -> Table {
    let row = |entry: &Entry| {
        let [low, high] = entry.spread.position;
        let mut fields = vec![
            entry.name.clone(),
            entry.spread.median_position.to_string(),
            format!("{low} to {high}"),
        ];
        fields.extend((1..=last).map(|position| {
            let found = entry.spread.positions.iter().find(|(at, _)| *at == position);
            found.map_or("–".to_owned(), |(_, share)| percent(*share))
        }));
        fields
    };
    let head = ["Entry", "median", "95 % interval"].map(str::to_owned);
    Table {
        caption: "Positions and their share of the bootstrap samples".to_owned(),
        head: head.into_iter().chain((1..=last).map(|position| position.to_string())).collect(),
        rows: of.drawn().iter().map(row).collect(),
    }
}
