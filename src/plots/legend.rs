//! What the marks mean, below a plot.

use super::drawing::{Anchor, Drawing, Look, Shape, Tone};
use super::labels::width;
use super::plot::{SMALL, WIDTH};

/// How a mark looks, small.
#[derive(Clone, Copy, Debug)]
pub enum Sample {
    Mark(Shape, Look),
    Line(Look),
    /// A square, perhaps hatched.
    Square {
        look: Look,
        hatched: bool,
    },
    /// Words alone.
    None,
}

const LINE: f64 = 22.0;
const SAMPLE: f64 = 30.0;
const LEFT: f64 = 20.0;

/// Draws the samples with their words from `top` on, in as many lines as they need, and gives where they end.
pub fn legend(drawing: &mut Drawing, top: f64, entries: &[(Sample, &str)]) -> f64 {
    let (mut x, mut y) = (LEFT, top + LINE / 2.0);
    for (sample, words) in entries {
        let sampled = if matches!(sample, Sample::None) { 0.0 } else { SAMPLE };
        let wide = sampled + width(words, SMALL) + 18.0;
        if x > LEFT && x + wide > WIDTH {
            (x, y) = (LEFT, y + LINE);
        }
        let middle = x + SAMPLE / 2.0 - 4.0;
        match *sample {
            Sample::Mark(shape, look) => {
                drawing.part("sample", look, |drawing| drawing.mark(shape, [middle, y], 4.5));
            }
            Sample::Line(look) => drawing.part("sample", look, |drawing| {
                drawing.line([middle - 11.0, y], [middle + 11.0, y]);
            }),
            Sample::Square { look, hatched } => {
                let corner = [middle - 7.0, y - 7.0];
                drawing.part("sample", look, |drawing| drawing.rect(corner, 14.0, 14.0));
                if hatched {
                    let look = Look::line(Tone::Soft, 1.0);
                    drawing.part("sample", look, |drawing| drawing.hatching(corner, 14.0));
                }
            }
            Sample::None => {}
        }
        drawing.part("key", Look::filled(Tone::Soft), |drawing| {
            drawing.text([x + sampled, y + 4.5], Anchor::Start, SMALL, words);
        });
        x += wide;
    }
    y + LINE / 2.0
}
