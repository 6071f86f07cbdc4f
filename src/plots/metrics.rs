use super::axes::{BELOW, horizontal, reference_line, vertical};
use super::data::{Comparison, Entry, MAX_DRAWN, Plotted};
use super::drawing::{Drawing, Look, Shape, Tone};
use super::labels::{Area, Places, cut};
use super::legend::{Sample, legend};
use super::plot::{Plot, SMALL, Table, WIDTH};
use super::scale::{Scale, Span};
use crate::domain::RankedMetric;

const AREA: Area = Area { left: 56.0, top: 34.0, right: WIDTH - 20.0, bottom: 450.0 };
const RADIUS: f64 = 5.0;

/// Mean Dice against mean HD95.
pub fn metrics(of: &Comparison) -> Plot {
    let title = format!("Dice against HD95: {}", of.about);
    let finite = |entry: &&Entry| {
        RankedMetric::ALL.iter().all(|metric| entry.values.of(*metric).mean.is_finite())
    };
    let entries: Vec<&Entry> = of.drawn().iter().filter(finite).collect();
    if entries.is_empty() {
        return Plot::empty("metrics", title, "There is nothing to draw.");
    }
    let scale = |metric: RankedMetric, span: Span| {
        let reached = |entry: &&Entry| {
            let ends = entry.spread.means.of(metric).iter().flatten().copied();
            ends.chain([entry.values.of(metric).mean]).collect::<Vec<f64>>()
        };
        let level = of.level(metric).map(|level| level.mean);
        metric.scale(entries.iter().flat_map(reached).chain(level), span)
    };
    let x = scale(RankedMetric::Dice, Span { from: AREA.left, to: AREA.right, gap: 80.0 });
    let y = scale(RankedMetric::Hd95, Span { from: AREA.bottom, to: AREA.top, gap: 34.0 });
    let place = |entry: &Entry| [x.at(entry.values.dice.mean), y.at(entry.values.hd95.mean)];

    let mut drawing = Drawing::default();
    horizontal(&mut drawing, &x, [AREA.top, AREA.bottom], "mean Dice, right is better");
    vertical(
        &mut drawing,
        &y,
        [AREA.left, AREA.right],
        AREA.top,
        "mean HD95 in mm (log), down is better",
    );
    reference(&mut drawing, of, &x, &y);
    drawing.part("interval", Look::line(Tone::Soft, 1.0).seen_through(0.7), |drawing| {
        for entry in &entries {
            let [at_x, at_y] = place(entry);
            if let Some([low, high]) = entry.spread.means.dice {
                drawing.line([x.at(low), at_y], [x.at(high), at_y]);
            }
            if let Some([low, high]) = entry.spread.means.hd95 {
                drawing.line([at_x, y.at(low)], [at_x, y.at(high)]);
            }
        }
    });
    drawing.part("entries", Look::area(Tone::Ink, Tone::Paper, 1.0), |drawing| {
        for entry in &entries {
            let dice = RankedMetric::Dice.say(entry.values.dice.mean);
            let hd95 = RankedMetric::Hd95.say(entry.values.hd95.mean);
            drawing.titled(&format!("{}: Dice {dice}, HD95 {hd95}", entry.name), |drawing| {
                drawing.mark(Shape::Circle, place(entry), RADIUS);
            });
        }
    });
    let mut places = Places::new(AREA);
    entries.iter().for_each(|entry| places.take_mark(place(entry), RADIUS));
    if let Some([x, y]) = reference_place(of, &x, &y) {
        places.take_mark([x, y], 7.0);
    }
    if let Some(reference) = of.reference.as_ref().and(reference_place(of, &x, &y)) {
        drawing.part("reference", Look::words(Tone::Accent), |drawing| {
            if let Some((at, anchor)) = places.beside(reference, 7.0, "annotators", SMALL) {
                drawing.text(at, anchor, SMALL, "annotators");
            }
        });
    }
    drawing.part("labels", Look::words(Tone::Ink), |drawing| {
        for entry in &entries {
            let words = cut(&entry.name, 170.0, SMALL);
            // Who finds no room is still told by the mark itself and by the table.
            if let Some((at, anchor)) = places.beside(place(entry), RADIUS, &words, SMALL) {
                drawing.titled(&entry.name, |drawing| drawing.text(at, anchor, SMALL, &words));
            }
        }
    });
    let end = legend(&mut drawing, AREA.bottom + BELOW + 8.0, &keys(of));

    let mut said = String::from(
        "A mark for each entry, farther right with a larger mean Dice and lower down with a smaller mean HD95, which \
         is on a scale of log(1 + x). Thin lines are 95 % confidence intervals of the means.",
    );
    if let Some(reference) = &of.reference {
        said += &format!(" Dashed lines are the means of {}.", reference.name);
    }
    let plot = Plot::new("metrics", title, said, end + 8.0, drawing);
    let mut plot = plot.with_cut(of.cut(MAX_DRAWN));
    plot.numbers = vec![numbers(&entries, of)];
    plot
}

fn reference_place(of: &Comparison, x: &Scale, y: &Scale) -> Option<[f64; 2]> {
    let (dice, hd95) = (of.level(RankedMetric::Dice)?, of.level(RankedMetric::Hd95)?);
    Some([x.at(dice.mean), y.at(hd95.mean)])
}

fn reference(drawing: &mut Drawing, of: &Comparison, x: &Scale, y: &Scale) {
    drawing.part("reference", reference_line(), |drawing| {
        if let Some(level) = of.level(RankedMetric::Dice) {
            let at = x.at(level.mean);
            drawing.line([at, AREA.top], [at, AREA.bottom]);
        }
        if let Some(level) = of.level(RankedMetric::Hd95) {
            let at = y.at(level.mean);
            drawing.line([AREA.left, at], [AREA.right, at]);
        }
    });
    if let Some(place) = reference_place(of, x, y) {
        drawing.part("reference", Look::area(Tone::Paper, Tone::Accent, 2.0), |drawing| {
            drawing.titled(of.reference_name(), |drawing| {
                drawing.mark(Shape::Diamond, place, 7.0);
            });
        });
    }
}

fn keys(of: &Comparison) -> Vec<(Sample, &str)> {
    let mut keys = vec![
        (Sample::Mark(Shape::Circle, Look::filled(Tone::Ink)), "an entry"),
        (Sample::Line(Look::line(Tone::Soft, 1.0)), "95 % confidence interval"),
    ];
    if of.reference.is_some() {
        let look = Look::area(Tone::Paper, Tone::Accent, 2.0);
        keys.push((Sample::Mark(Shape::Diamond, look), of.reference_name()));
    }
    keys
}

fn numbers(entries: &[&Entry], of: &Comparison) -> Table {
    let row = |entry: &&Entry| {
        let both = RankedMetric::ALL.map(|metric| {
            let ends = entry.spread.means.of(metric).map(|ends| ends.map(|end| metric.say(end)));
            let interval = ends.map(|[low, high]| format!("{low} to {high}"));
            [metric.say(entry.values.of(metric).mean), interval.unwrap_or_else(|| "–".to_owned())]
        });
        [entry.name.clone()].into_iter().chain(both.into_iter().flatten()).collect()
    };
    let mut rows: Vec<Vec<String>> = entries.iter().map(row).collect();
    if let Some(reference) = &of.reference {
        let both = RankedMetric::ALL.map(|metric| {
            let level = reference.level(metric);
            let mean = level.map(|level| metric.say_briefly(level.mean));
            let std = level.and_then(|level| level.std).map(|std| metric.say_briefly(std));
            let std = std.map(|std| format!("standard deviation {std}"));
            [mean, std].map(|said| said.unwrap_or_else(|| "–".to_owned()))
        });
        let name = [reference.name.clone()];
        rows.push(name.into_iter().chain(both.into_iter().flatten()).collect());
    }
    let head = ["Entry", "mean Dice", "95 % interval", "mean HD95", "95 % interval"];
    Table { caption: "Means over the cases".to_owned(), head: head.map(str::to_owned).into(), rows }
}
