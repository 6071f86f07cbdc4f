use super::axes::vertical;
use super::data::{Comparison, Entry, Plotted};
use super::drawing::{Anchor, Drawing, Look, Shape, Tone};
use super::legend::{Sample, legend};
use super::plot::{LETTERS, Plot, SMALL, Table, WIDTH};
use super::scale::{Scale, Span};
use crate::domain::RankedMetric;

/// Every place has a column for every entry, so there can't be many.
pub const MAX_ON_PODIUM: usize = 6;

const LEFT: f64 = 56.0;
const RIGHT: f64 = WIDTH - 20.0;
/// Heights of the upper part, where the values are, and of the lower one, where the bars are.
const VALUES: f64 = 190.0;
const BARS: f64 = 46.0;
const PANEL: f64 = VALUES + BARS + 100.0;

/// Which entry comes to which place in each case, the values of a case connected; below, how often.
pub fn podium(of: &Comparison) -> Plot {
    let title = format!("Places by case: {}", of.about);
    let entries = &of.entries[..of.entries.len().min(MAX_ON_PODIUM)];
    if entries.is_empty() {
        return Plot::empty("podium", title, "There is nothing to draw.");
    }
    if of.cases.is_empty() {
        return Plot::empty("podium", title, "Single cases are not shown in this phase.");
    }
    let mut drawing = Drawing::default();
    for (at, metric) in RankedMetric::ALL.into_iter().enumerate() {
        let places = Podium { of, entries, metric, top: 34.0 + PANEL * at as f64 };
        places.draw(&mut drawing);
    }
    let named: Vec<String> =
        entries.iter().map(|entry| format!("{} {}", entry.label, entry.name)).collect();
    let mut keys: Vec<(Sample, &str)> =
        named.iter().map(|name| (Sample::None, name.as_str())).collect();
    let open = Look::area(Tone::Paper, Tone::Ink, 1.1);
    for (diseased, shape, words) in
        [(false, Shape::Circle, "a normal case"), (true, Shape::Triangle, "a diseased case")]
    {
        if of.cases.iter().any(|case| case.diseased == diseased) {
            keys.push((Sample::Mark(shape, open), words));
        }
    }
    let end = legend(&mut drawing, 34.0 + 2.0 * PANEL - 28.0, &keys);

    let said = String::from(
        "For each metric, a podium for each place and in it a column for each entry, by its position, with a letter where several \
         entries share one. A mark is a case in \
         which the entry takes the place, at the height of its value; thin lines connect the marks of one case. Bars show \
         in how many cases the entry takes the place. Equal values share a place.",
    );
    let cut = of.cut(MAX_ON_PODIUM).map(|cut| cut + " Places are among these entries.");
    let mut plot = Plot::new("podium", title, said, end + 8.0, drawing).with_cut(cut);
    plot.numbers = RankedMetric::ALL.map(|metric| numbers(of, entries, metric)).into();
    plot
}

struct Podium<'a> {
    of: &'a Comparison,
    entries: &'a [Entry],
    metric: RankedMetric,
    top: f64,
}

impl Podium<'_> {
    fn draw(&self, drawing: &mut Drawing) {
        let values = self.entries.iter().flat_map(|entry| &entry.cases);
        let values = values.map(|values| *values.of(self.metric));
        let span = Span { from: self.top + VALUES, to: self.top, gap: 34.0 };
        let scale = self.metric.scale(values, span);
        vertical(drawing, &scale, [LEFT, RIGHT], self.top, self.metric.axis());
        self.podiums(drawing);
        self.cases(drawing, &scale);
        self.bars(drawing);
    }

    /// The middle of an entry's column at a place, both counted from 0.
    fn x(&self, place: usize, entry: usize) -> f64 {
        let podium = (RIGHT - LEFT) / self.entries.len() as f64;
        let column = (podium - 8.0) / self.entries.len() as f64;
        LEFT + podium * place as f64 + 4.0 + column * (entry as f64 + 0.5)
    }

    fn podiums(&self, drawing: &mut Drawing) {
        let podium = (RIGHT - LEFT) / self.entries.len() as f64;
        let bottom = self.top + VALUES + BARS + 28.0;
        drawing.part("grid", Look::line(Tone::Line, 1.0), |drawing| {
            for place in 0..=self.entries.len() {
                let x = LEFT + podium * place as f64;
                drawing.line([x, self.top], [x, bottom + 20.0]);
            }
        });
        drawing.part("axis", Look::filled(Tone::Ink), |drawing| {
            for place in 0..self.entries.len() {
                let x = LEFT + podium * (place as f64 + 0.5);
                let words = if place == 0 { "place 1".into() } else { (place + 1).to_string() };
                drawing.text([x, bottom + 14.0], Anchor::Middle, LETTERS, &words);
            }
        });
    }

    fn cases(&self, drawing: &mut Drawing, scale: &Scale) {
        let mut marks: Vec<(Shape, [f64; 2], String)> = Vec::new();
        drawing.part("connections", Look::line(Tone::Soft, 0.8).seen_through(0.45), |drawing| {
            for (at, case) in self.of.cases.iter().enumerate() {
                let mut points = Vec::new();
                for (entry, place) in places(self.entries, self.metric, at) {
                    let Some(of) = self.entries.get(entry) else { continue };
                    let Some(value) = of.cases.get(at).map(|values| *values.of(self.metric)) else {
                        continue;
                    };
                    let point = [self.x(place - 1, entry), scale.at(value)];
                    let shape = if case.diseased { Shape::Triangle } else { Shape::Circle };
                    let said = self.metric.say(value);
                    let said = format!("{}, {}: {said}, place {place}", of.name, case.words());
                    marks.push((shape, point, said));
                    points.push(point);
                }
                points.sort_by(|a, b| a[0].total_cmp(&b[0]));
                drawing.polyline(&points);
            }
        });
        drawing.part("cases", Look::area(Tone::Paper, Tone::Ink, 1.1), |drawing| {
            for (shape, point, said) in marks {
                drawing.titled(&said, |drawing| drawing.mark(shape, point, 3.0));
            }
        });
    }

    fn bars(&self, drawing: &mut Drawing) {
        let counts = counts(self.of, self.entries, self.metric);
        let base = self.top + VALUES + BARS + 8.0;
        let wide = (0.7 * (self.x(0, 1) - self.x(0, 0))).min(22.0);
        let most = counts.iter().flatten().max().map_or(1, |most| *most).max(1);
        let unit = BARS / most as f64;
        let each = || {
            let entries = counts.iter().enumerate();
            entries.flat_map(|(entry, counts)| {
                let counts = counts.iter().enumerate().filter(|(_, count)| **count > 0);
                counts.map(move |(place, &count)| (entry, place, count))
            })
        };
        drawing.part("bars", Look::filled(Tone::Soft), |drawing| {
            for (entry, place, count) in each() {
                let (x, high) = (self.x(place, entry), unit * count as f64);
                drawing.rect([x - wide / 2.0, base - high], wide, high);
            }
        });
        drawing.part("numbers", Look::filled(Tone::Ink), |drawing| {
            for (entry, place, _) in each() {
                let at = [self.x(place, entry), base + 14.0];
                let label = self.entries.get(entry).map_or("", |entry| &entry.label);
                drawing.text(at, Anchor::Middle, SMALL, label);
            }
        });
    }
}

/// For a case, the entries by number, each with its place from 1; equal ones share it.
fn places(entries: &[Entry], metric: RankedMetric, case: usize) -> Vec<(usize, usize)> {
    let value = |entry: &Entry| entry.cases.get(case).map(|values| *values.of(metric));
    let values: Vec<(usize, f64)> = entries
        .iter()
        .enumerate()
        .filter_map(|(at, entry)| Some((at, value(entry).filter(|value| value.is_finite())?)))
        .collect();
    let places = metric.ranking().positions(values.iter().map(|(_, value)| value));
    values.iter().map(|(at, _)| *at).zip(places).collect()
}

/// In how many cases each entry comes to each place.
fn counts(of: &Comparison, entries: &[Entry], metric: RankedMetric) -> Vec<Vec<usize>> {
    let mut counts = vec![vec![0; entries.len()]; entries.len()];
    for case in 0..of.cases.len() {
        for (entry, place) in places(entries, metric, case) {
            counts[entry][place - 1] += 1;
        }
    }
    counts
}

fn numbers(of: &Comparison, entries: &[Entry], metric: RankedMetric) -> Table {
    let places = (1..=entries.len()).map(|place| format!("place {place}"));
    let rows = entries.iter().zip(counts(of, entries, metric));
    let row = |(entry, counts): (&Entry, Vec<usize>)| {
        let counts = counts.iter().map(usize::to_string);
        [entry.name.clone()].into_iter().chain(counts).collect()
    };
    Table {
        caption: format!("Number of cases (of {}), by {}", of.cases.len(), metric.title),
        head: ["Entry".to_owned()].into_iter().chain(places).collect(),
        rows: rows.map(row).collect(),
    }
}
