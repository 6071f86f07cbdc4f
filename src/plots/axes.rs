//! What lies around the marks: axes, names of rows, lines to compare with.

use super::data::{Comparison, Plotted};
use super::drawing::{Anchor, Drawing, Look, Tone};
use super::labels::{cut, width};
use super::plot::{LETTERS, SMALL, WIDTH};
use super::scale::{Scale, Span};
use crate::domain::RankedMetric;

/// Where names of rows end.
pub const NAMES: f64 = 150.0;

/// Below a drawing: the numbers and the words of a horizontal axis.
pub const BELOW: f64 = 48.0;

/// One column for each metric, right of the names.
pub fn column(metric: RankedMetric) -> Span {
    let (room, between) = (WIDTH - NAMES - 24.0, 52.0);
    let wide = (room - between) / 2.0;
    let from = match metric {
        RankedMetric::Dice => NAMES + 8.0,
        RankedMetric::Hd95 => NAMES + 8.0 + wide + between,
    };
    Span { from, to: from + wide, gap: 34.0 }
}

/// Fine lines from top to bottom, with their values and what these are below.
pub fn horizontal(drawing: &mut Drawing, scale: &Scale, [top, bottom]: [f64; 2], words: &str) {
    drawing.part("grid", Look::line(Tone::Line, 1.0), |drawing| {
        for tick in &scale.ticks {
            let x = scale.at(tick.value);
            drawing.line([x, top], [x, bottom]);
        }
    });
    drawing.part("axis", Look::filled(Tone::Soft), |drawing| {
        for tick in &scale.ticks {
            // At an end of the axis there may be less room than the words need.
            let half = width(&tick.label, SMALL) / 2.0 + 2.0;
            let x = scale.at(tick.value).min(WIDTH - half).max(half);
            drawing.text([x, bottom + 18.0], Anchor::Middle, SMALL, &tick.label);
        }
        let Span { from, to, .. } = scale.span();
        drawing.text([(from + to) / 2.0, bottom + 38.0], Anchor::Middle, SMALL, words);
    });
}

/// Fine lines from left to right, with their values on the left and what these are above.
pub fn vertical(
    drawing: &mut Drawing,
    scale: &Scale,
    [left, right]: [f64; 2],
    top: f64,
    words: &str,
) {
    drawing.part("grid", Look::line(Tone::Line, 1.0), |drawing| {
        for tick in &scale.ticks {
            let y = scale.at(tick.value);
            drawing.line([left, y], [right, y]);
        }
    });
    drawing.part("axis", Look::filled(Tone::Soft), |drawing| {
        for tick in &scale.ticks {
            let at = [left - 8.0, scale.at(tick.value) + 4.5];
            drawing.text(at, Anchor::End, SMALL, &tick.label);
        }
        drawing.text([left, top - 12.0], Anchor::Start, SMALL, words);
    });
}

/// A row's name, its whole for who points at it.
pub fn name(drawing: &mut Drawing, y: f64, name: &str) {
    drawing.titled(name, |drawing| {
        let words = cut(name, NAMES - 14.0, LETTERS);
        drawing.text([NAMES - 10.0, y + 5.0], Anchor::End, LETTERS, &words);
    });
}

/// How a level to compare with is drawn.
pub fn reference_line() -> Look {
    Look::line(Tone::Accent, 1.5).dashed()
}

/// The level to compare with as a dashed line from top to bottom, its value above.
pub fn reference(
    drawing: &mut Drawing,
    scale: &Scale,
    comparison: &Comparison,
    metric: RankedMetric,
    [top, bottom]: [f64; 2],
) {
    let Some(level) = comparison.level(metric) else { return };
    let x = scale.at(level.mean);
    drawing.part("reference", reference_line(), |drawing| {
        drawing.line([x, top], [x, bottom]);
    });
    let words = format!("annotators {}", metric.say_briefly(level.mean));
    let half = width(&words, SMALL) / 2.0;
    let Span { from, to, .. } = scale.span();
    let middle = x.clamp(from + half - 8.0, (to - half + 8.0).max(from + half - 8.0));
    drawing.part("reference", Look::filled(Tone::Accent), |drawing| {
        drawing.text([middle, top - 6.0], Anchor::Middle, SMALL, &words);
    });
}
