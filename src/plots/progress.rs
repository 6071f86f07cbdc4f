use super::axes::{BELOW, horizontal, reference_line, vertical};
use super::data::{Plotted, Reference};
use super::drawing::{Drawing, Look, Shape, Tone};
use super::labels::{Area, Places, cut};
use super::legend::{Sample, legend};
use super::plot::{Plot, SMALL, Table, WIDTH};
use super::scale::{Scale, Span};
use super::ticks::{day, moment};
use crate::domain::{PerMetric, RankedMetric};

/// What was ever submitted and may be ranked.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Which challenge and which cases, for a title.
    pub about: String,
    /// The earliest first.
    pub sent: Vec<Sent>,
    /// How many more there are.
    pub left_out: usize,
    /// Inter-observer agreement, if it is known.
    pub reference: Option<Reference>,
}

impl Progress {
    /// With no more than the latest so many, those that were the best when they came, and the own ones.
    pub fn thinned(mut self, max: usize) -> Self {
        let best: Vec<*const Sent> = RankedMetric::ALL
            .iter()
            .flat_map(|&metric| frontier(&self.sent, metric))
            .map(std::ptr::from_ref)
            .collect();
        let late = self.sent.len().saturating_sub(max);
        let stays: Vec<bool> = (self.sent.iter().enumerate())
            .map(|(at, sent)| at >= late || sent.own || best.contains(&std::ptr::from_ref(sent)))
            .collect();
        self.left_out += stays.iter().filter(|stays| !**stays).count();
        let mut stays = stays.into_iter();
        self.sent.retain(|_| stays.next() == Some(true));
        self
    }
}

#[derive(Clone, Debug)]
pub struct Sent {
    pub name: String,
    /// When, in seconds since 1970.
    pub at: f64,
    pub means: PerMetric<f64>,
    /// Whether it is of the team whose own plot may be drawn.
    pub own: bool,
}

const LEFT: f64 = 56.0;
const RIGHT: f64 = WIDTH - 20.0;
const HIGH: f64 = 190.0;
/// The best are at an edge, and their names need room.
const AIR: f64 = 16.0;
const PANEL: f64 = HIGH + BELOW + 44.0;
const TOP: f64 = 34.0;

/// Every submission over time, and the best so far.
pub fn progress(of: &Progress) -> Plot {
    let mut said = String::from(
        "For each metric, a circle for each submission that may be ranked, by the time of submission; a line for the best so \
         far, and a named diamond for each submission that was the best when submitted. HD95 is on a scale of log(1 + x).",
    );
    if let [first, .., last] = of.sent.as_slice() {
        said += &format!(" From {} to {}.", day(first.at), day(last.at));
    }
    let title = format!("Progress: {}", of.about);
    let keys = [
        (Sample::Mark(Shape::Circle, submission()), "a submission"),
        (Sample::Mark(Shape::Diamond, Look::filled(Tone::Ink)), "the best when submitted"),
        (Sample::Line(Look::line(Tone::Ink, 2.0)), "best so far"),
    ];
    let cut = match of.left_out {
        0 => None,
        count => {
            Some(format!("{count} earlier submissions that were never the best are left out."))
        }
    };
    draw("progress", title, said, of, None, &keys).with_cut(cut)
}

/// The submissions of one's own team, its best so far, and everybody's.
pub fn progress_of(of: &Progress, team: &str) -> Plot {
    let own: Vec<Sent> = of.sent.iter().filter(|sent| sent.own).cloned().collect();
    let said = format!(
        "For each metric, a circle for each submission of {team} that may be ranked, by the time of submission; a line for the \
         team's best so far, a diamond where there was a new one, and a dashed line for the best of all teams. HD95 is on \
         a scale of log(1 + x)."
    );
    let title = format!("Progress of {team}: {}", of.about);
    let keys = [
        (Sample::Mark(Shape::Circle, submission()), "a submission"),
        (Sample::Mark(Shape::Diamond, Look::filled(Tone::Ink)), "the team’s best when submitted"),
        (Sample::Line(Look::line(Tone::Ink, 2.0)), "the team’s best so far"),
        (Sample::Line(Look::line(Tone::Soft, 1.2).dashed()), "best of all teams"),
    ];
    draw("own-progress", title, said, of, Some(&own), &keys)
}

fn submission() -> Look {
    Look::line(Tone::Soft, 1.2)
}

/// Marks all submissions, or the own ones with the best of all behind.
fn draw(
    name: &'static str,
    title: String,
    mut said: String,
    of: &Progress,
    own: Option<&[Sent]>,
    keys: &[(Sample, &str)],
) -> Plot {
    let marked = own.unwrap_or(&of.sent);
    if marked.is_empty() {
        return Plot::empty(name, title, "There is nothing to draw.");
    }
    let moments = of.sent.iter().map(|sent| sent.at);
    let time = Scale::time(moments, Span { from: LEFT, to: RIGHT, gap: 110.0 });
    let label = if own.is_some() { Label::Value } else { Label::Name };
    let mut drawing = Drawing::default();
    for (at, metric) in RankedMetric::ALL.into_iter().enumerate() {
        let top = TOP + PANEL * at as f64;
        let level = of.reference.as_ref().and_then(|reference| reference.level(metric));
        let values =
            of.sent.iter().map(|sent| *sent.means.of(metric)).chain(level.map(|level| level.mean));
        let scale = metric.scale(values, Span { from: top + HIGH - AIR, to: top + AIR, gap: 28.0 });
        horizontal(&mut drawing, &time, [top, top + HIGH], "sent (UTC)");
        vertical(&mut drawing, &scale, [LEFT, RIGHT], top, &format!("mean {}", metric.axis()));
        let reference = level.map(|level| scale.at(level.mean));
        let panel = Panel { metric, time: &time, scale: &scale, top, reference };
        if let Some(y) = reference {
            drawing.part("reference", reference_line(), |drawing| {
                drawing.line([LEFT, y], [RIGHT, y]);
            });
        }
        if own.is_some() {
            let look = Look::line(Tone::Soft, 1.2).dashed();
            drawing.part("everybody", look, |drawing| drawing.polyline(&panel.steps(&of.sent)));
        }
        let look = Look::line(Tone::Ink, 2.0);
        drawing.part("frontier", look, |drawing| drawing.polyline(&panel.steps(marked)));
        panel.marks(&mut drawing, marked, label);
    }
    let mut keys = keys.to_vec();
    if let Some(reference) = &of.reference {
        said += &format!(" A dashed straight line is the mean of {}.", reference.name);
        keys.push((Sample::Line(reference_line()), &reference.name));
    }
    let end = legend(&mut drawing, TOP + 2.0 * PANEL - 36.0, &keys);
    let mut plot = Plot::new(name, title, said, end + 8.0, drawing);
    plot.numbers = vec![numbers(marked)];
    plot
}

/// What stands beside what was the best.
#[derive(Clone, Copy)]
enum Label {
    Name,
    Value,
}

struct Panel<'a> {
    metric: RankedMetric,
    time: &'a Scale,
    scale: &'a Scale,
    top: f64,
    /// How high people stand.
    reference: Option<f64>,
}

impl Panel<'_> {
    fn place(&self, sent: &Sent) -> [f64; 2] {
        [self.time.at(sent.at), self.scale.at(*sent.means.of(self.metric))]
    }

    /// Steps from best to best, on to the end of the axis.
    fn steps(&self, of: &[Sent]) -> Vec<[f64; 2]> {
        let mut points: Vec<[f64; 2]> = Vec::new();
        for [x, y] in frontier(of, self.metric).into_iter().map(|sent| self.place(sent)) {
            points.extend(points.last().map(|last| [x, last[1]]));
            points.push([x, y]);
        }
        points.extend(points.last().map(|last| [RIGHT, last[1]]));
        points
    }

    fn marks(&self, drawing: &mut Drawing, of: &[Sent], label: Label) {
        let best = frontier(of, self.metric);
        self.labels(drawing, of, &best, label);
        let said = |sent: &Sent| {
            let value = self.metric.say(*sent.means.of(self.metric));
            format!("{}: {value}, {}", sent.name, moment(sent.at))
        };
        drawing.part("submissions", submission(), |drawing| {
            for sent in of.iter().filter(|sent| sent.means.of(self.metric).is_finite()) {
                drawing.titled(&said(sent), |drawing| {
                    drawing.mark(Shape::Circle, self.place(sent), 3.6);
                });
            }
        });
        drawing.part("best", Look::area(Tone::Ink, Tone::Paper, 1.0), |drawing| {
            for sent in &best {
                drawing.titled(&said(sent), |drawing| {
                    drawing.mark(Shape::Diamond, self.place(sent), 6.0);
                });
            }
        });
    }

    /// Before the marks: where words have to lie over some, these are seen.
    fn labels(&self, drawing: &mut Drawing, of: &[Sent], best: &[&Sent], label: Label) {
        let mut places =
            Places::new(Area { left: LEFT, top: self.top, right: RIGHT, bottom: self.top + HIGH });
        of.iter().for_each(|sent| places.take_minor_mark(self.place(sent), 4.0));
        best.iter().for_each(|sent| places.take_mark(self.place(sent), 6.0));
        for ends in self.steps(of).windows(2) {
            let [[left, top], [right, bottom]] = [ends[0], ends[1]];
            let (top, bottom) = (top.min(bottom) - 1.0, top.max(bottom) + 1.0);
            places.take(Area { left: left - 1.0, top, right: right + 1.0, bottom });
        }
        if let Some(y) = self.reference {
            places.take(Area { left: LEFT, top: y - 1.0, right: RIGHT, bottom: y + 1.0 });
            drawing.part("reference", Look::words(Tone::Accent), |drawing| {
                let end = [RIGHT - 40.0, y];
                if let Some((at, anchor)) = places.beside(end, 3.0, "annotators", SMALL) {
                    drawing.text(at, anchor, SMALL, "annotators");
                }
            });
        }
        drawing.part("labels", Look::words(Tone::Ink), |drawing| {
            // The latest first: where there is no room for all, these matter most.
            for sent in best.iter().rev() {
                let whole = match label {
                    Label::Name => sent.name.clone(),
                    Label::Value => self.metric.say_briefly(*sent.means.of(self.metric)),
                };
                let words = cut(&whole, 130.0, SMALL);
                if let Some((at, anchor)) = places.beside(self.place(sent), 6.0, &words, SMALL) {
                    drawing.titled(&whole, |drawing| drawing.text(at, anchor, SMALL, &words));
                }
            }
        });
    }
}

/// Those that were better than everything before them.
fn frontier(sent: &[Sent], metric: RankedMetric) -> Vec<&Sent> {
    let mut best: Vec<&Sent> = Vec::new();
    for one in sent.iter().filter(|sent| sent.means.of(metric).is_finite()) {
        let value = *one.means.of(metric);
        if best.last().is_none_or(|last| metric.direction.is_better(value, *last.means.of(metric)))
        {
            best.push(one);
        }
    }
    best
}

fn numbers(sent: &[Sent]) -> Table {
    let best = RankedMetric::ALL.map(|metric| frontier(sent, metric));
    let row = |sent: &Sent| {
        let was_best = RankedMetric::ALL.into_iter().zip(&best).filter(|(_, best)| {
            // The same one, not one with the same values.
            best.iter().any(|best| std::ptr::eq(*best, sent))
        });
        let names: Vec<&str> = was_best.map(|(metric, _)| metric.title).collect();
        let [dice, hd95] = RankedMetric::ALL.map(|metric| metric.say(*sent.means.of(metric)));
        vec![sent.name.clone(), moment(sent.at), dice, hd95, names.join(", ")]
    };
    Table {
        caption: "Submissions".to_owned(),
        head: ["Entry", "sent", "mean Dice", "mean HD95", "best so far in"]
            .map(str::to_owned)
            .into(),
        rows: sent.iter().map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_the_latest_the_best_and_the_own_ones_stay() {
        let sent = |(at, dice): (usize, f64)| Sent {
            name: at.to_string(),
            at: at as f64,
            means: PerMetric { dice, hd95: 1.0 },
            own: at == 2,
        };
        let sent = [0.5, 0.6, 0.1, 0.2, 0.7, 0.3, 0.4].into_iter().enumerate().map(sent).collect();
        let thinned =
            Progress { about: String::new(), sent, left_out: 0, reference: None }.thinned(2);
        let names: Vec<&str> = thinned.sent.iter().map(|sent| sent.name.as_str()).collect();
        assert_eq!(
            (names.as_slice(), thinned.left_out),
            (["0", "1", "2", "4", "5", "6"].as_slice(), 1)
        );
    }

    #[test]
    fn the_frontier_is_what_was_better_than_all_before_it_by_each_metric() {
        let sent = |(at, (dice, hd95)): (usize, (f64, f64))| Sent {
            name: at.to_string(),
            at: at as f64,
            means: PerMetric { dice, hd95 },
            own: false,
        };
        let values = [(0.7, 5.0), (0.7, 4.0), (0.6, 9.0), (0.8, 4.5), (f64::NAN, 1.0)];
        let sent: Vec<Sent> = values.into_iter().enumerate().map(sent).collect();
        let names = |metric| -> Vec<&str> {
            frontier(&sent, metric).into_iter().map(|sent| sent.name.as_str()).collect()
        };
        assert_eq!(names(RankedMetric::Dice), ["0", "3"]);
        assert_eq!(names(RankedMetric::Hd95), ["0", "1", "4"]);
    }
}
