use super::axes::{BELOW, column, horizontal, name, reference, reference_line};
use super::data::{Comparison, Entry, Five, MAX_DRAWN, Plotted};
use super::drawing::{Drawing, Look, Shape, Tone};
use super::legend::{Sample, legend};
use super::plot::{Plot, Table};
use super::scale::Scale;
use crate::domain::{PerMetric, RankedMetric};

/// The values of each entry as boxes and, where single cases may be seen, as dots.
pub fn values(of: &Comparison) -> Plot {
    let title = format!("Values by entry: {}", of.about);
    let entries = of.drawn();
    if entries.is_empty() {
        return Plot::empty("values", title, "There is nothing to draw.");
    }
    let dots = !of.cases.is_empty();
    let row = if dots { 50.0 } else { 34.0 };
    let top = 30.0;
    let bottom = top + row * entries.len() as f64;

    let mut drawing = Drawing::default();
    drawing.part("names", Look::filled(Tone::Ink), |drawing| {
        for (at, entry) in entries.iter().enumerate() {
            name(drawing, top + row * (at as f64 + 0.5), &entry.name);
        }
    });
    for metric in RankedMetric::ALL {
        let level = of.level(metric).map(|level| level.mean);
        let scale = metric.scale(ends(entries, metric).chain(level), column(metric));
        horizontal(&mut drawing, &scale, [top, bottom], metric.axis());
        reference(&mut drawing, &scale, of, metric, [top, bottom]);
        for (at, entry) in entries.iter().enumerate() {
            let middle = top + row * at as f64 + if dots { 16.0 } else { row / 2.0 };
            boxed(&mut drawing, &scale, metric, entry, middle);
            if dots {
                cases(&mut drawing, &scale, metric, of, entry, middle + 13.0);
            }
        }
    }
    let end = legend(&mut drawing, bottom + BELOW + 8.0, &keys(of, dots));

    let plot = Plot::new("values", title, description(of, dots), end + 8.0, drawing);
    let mut plot = plot.with_cut(of.cut(MAX_DRAWN));
    plot.numbers = RankedMetric::ALL.map(|metric| numbers(entries, metric)).into();
    if dots {
        plot.numbers.push(single_cases(of, entries));
    }
    plot
}

fn ends(entries: &[Entry], metric: RankedMetric) -> impl Iterator<Item = f64> {
    entries.iter().flat_map(move |entry| {
        let five = entry.values.of(metric);
        [five.min, five.max]
    })
}

/// From the lowest to the highest, a box around the middle half, the median across and the mean as a diamond.
fn boxed(drawing: &mut Drawing, scale: &Scale, metric: RankedMetric, entry: &Entry, y: f64) {
    let Five { min, q25, median, q75, max, mean } = *entry.values.of(metric);
    if ![min, q25, median, q75, max, mean].iter().all(|value| value.is_finite()) {
        return;
    }
    let [min, q25, median, q75, max, mean] =
        [min, q25, median, q75, max, mean].map(|value| scale.at(value));
    let five = entry.values.of(metric);
    let (middle, half) = (metric.say(five.median), (metric.say(five.q25), metric.say(five.q75)));
    let said = format!("{}: median {middle}, half of them {} to {}", entry.name, half.0, half.1);
    drawing.titled(&said, |drawing| {
        drawing.part("whiskers", Look::line(Tone::Ink, 1.2), |drawing| {
            drawing.line([min, y], [q25, y]);
            drawing.line([q75, y], [max, y]);
            drawing.line([min, y - 4.0], [min, y + 4.0]);
            drawing.line([max, y - 4.0], [max, y + 4.0]);
        });
        drawing.part("box", Look::area(Tone::Card, Tone::Ink, 1.2), |drawing| {
            drawing.rect([q25, y - 7.0], q75 - q25, 14.0);
        });
        drawing.part("median", Look::line(Tone::Ink, 3.0), |drawing| {
            drawing.line([median, y - 7.0], [median, y + 7.0]);
        });
        drawing.part("mean", Look::area(Tone::Ink, Tone::Paper, 1.0), |drawing| {
            drawing.mark(Shape::Diamond, [mean, y], 5.0);
        });
    });
}

/// A mark for each case, strewn over a small height so that near ones stay apart, the same way every time.
fn cases(
    drawing: &mut Drawing,
    scale: &Scale,
    metric: RankedMetric,
    of: &Comparison,
    entry: &Entry,
    top: f64,
) {
    drawing.part("cases", Look::area(Tone::Paper, Tone::Soft, 1.1), |drawing| {
        for (at, (case, values)) in of.cases.iter().zip(&entry.cases).enumerate() {
            let value = *values.of(metric);
            if !value.is_finite() {
                continue;
            }
            // Multiples of the golden ratio fill a stretch evenly, however many there are.
            let y = top + 13.0 * (at as f64 * 0.618_034).fract();
            let shape = if case.diseased { Shape::Triangle } else { Shape::Circle };
            let said = format!("{}, {}: {}", entry.name, case.words(), metric.say(value));
            drawing.titled(&said, |drawing| drawing.mark(shape, [scale.at(value), y], 3.2));
        }
    });
}

fn keys(of: &Comparison, dots: bool) -> Vec<(Sample, &str)> {
    let edge = Look::area(Tone::Card, Tone::Ink, 1.2);
    let open = Look::area(Tone::Paper, Tone::Soft, 1.1);
    let mut keys = vec![
        (
            Sample::Square { look: edge, hatched: false },
            "middle half of the cases, with the median",
        ),
        (Sample::Line(Look::line(Tone::Ink, 1.2)), "lowest to highest"),
        (Sample::Mark(Shape::Diamond, Look::filled(Tone::Ink)), "mean"),
    ];
    for (diseased, shape, words) in
        [(false, Shape::Circle, "a normal case"), (true, Shape::Triangle, "a diseased case")]
    {
        if dots && of.cases.iter().any(|case| case.diseased == diseased) {
            keys.push((Sample::Mark(shape, open), words));
        }
    }
    if of.reference.is_some() {
        keys.push((Sample::Line(reference_line()), of.reference_name()));
    }
    keys
}

fn description(of: &Comparison, dots: bool) -> String {
    let mut said = String::from(
        "A row for each entry, the best first, with Dice on the left and HD95 in mm, on a scale of log(1 + x), on the \
         right. A box reaches from the first quartile to the third, with the median across it and the mean as a \
         diamond; lines reach to the lowest and the highest value.",
    );
    if dots {
        said += " Below each box there is a mark for each case: circles for normal, triangles for diseased ones.";
    }
    if let Some(reference) = &of.reference {
        said += &format!(" A dashed line is the mean of {}.", reference.name);
    }
    said
}

fn numbers(entries: &[Entry], metric: RankedMetric) -> Table {
    let head = ["Entry", "lowest", "25 %", "median", "75 %", "highest", "mean"];
    let row = |entry: &Entry| {
        let Five { min, q25, median, q75, max, mean } = *entry.values.of(metric);
        let values = [min, q25, median, q75, max, mean].map(|value| metric.say(value));
        [entry.name.clone()].into_iter().chain(values).collect()
    };
    Table {
        caption: format!("{} over the cases", metric.title),
        head: head.map(str::to_owned).into(),
        rows: entries.iter().map(row).collect(),
    }
}

fn single_cases(of: &Comparison, entries: &[Entry]) -> Table {
    let both = |values: &PerMetric<f64>| {
        let [dice, hd95] = RankedMetric::ALL.map(|metric| metric.say(*values.of(metric)));
        format!("{dice} · {hd95}")
    };
    let row = |(at, case): (usize, &super::Case)| {
        let values = entries.iter().map(|entry| entry.cases.get(at).map_or(String::new(), both));
        [case.words()].into_iter().chain(values).collect()
    };
    Table {
        caption: "Dice and HD95 of every case".to_owned(),
        head: ["Case".to_owned()]
            .into_iter()
            .chain(entries.iter().map(|entry| entry.name.clone()))
            .collect(),
        rows: of.cases.iter().enumerate().map(row).collect(),
    }
}
