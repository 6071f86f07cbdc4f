//! Lines, areas, marks and words, as SVG text.

use std::fmt::Write;

/// Colours that differ in lightness. A page's style sheet has its own for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Ink,
    Soft,
    Line,
    /// Of areas.
    Card,
    Accent,
    Paper,
}

impl Tone {
    fn name(self) -> &'static str {
        match self {
            Self::Ink => "ink",
            Self::Soft => "soft",
            Self::Line => "line",
            Self::Card => "card",
            Self::Accent => "accent",
            Self::Paper => "paper",
        }
    }

    /// In a file, which is light.
    fn colour(self) -> &'static str {
        match self {
            Self::Ink => "#1c1b1a",
            Self::Soft => "#5d5a57",
            Self::Line => "#ddd6cf",
            Self::Card => "#ece6e0",
            Self::Accent => "#a3172c",
            Self::Paper => "#ffffff",
        }
    }
}

/// How a part of a drawing looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    fill: Option<Tone>,
    stroke: Option<(Tone, f64)>,
    dashes: Option<&'static str>,
    opacity: Option<f64>,
    halo: bool,
}

impl Look {
    pub fn line(tone: Tone, width: f64) -> Self {
        Self { stroke: Some((tone, width)), ..Self::default() }
    }

    pub fn filled(tone: Tone) -> Self {
        Self { fill: Some(tone), ..Self::default() }
    }

    /// What lies below is not seen through it.
    pub fn area(fill: Tone, edge: Tone, width: f64) -> Self {
        Self { fill: Some(fill), ..Self::line(edge, width) }
    }

    /// Words that stay readable across lines.
    pub fn words(tone: Tone) -> Self {
        Self { halo: true, ..Self::area(tone, Tone::Paper, 3.5) }
    }

    pub fn dashed(self) -> Self {
        Self { dashes: Some("6 4"), ..self }
    }

    pub fn seen_through(self, opacity: f64) -> Self {
        Self { opacity: Some(opacity), ..self }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Circle,
    Triangle,
    Diamond,
    /// Two crossed lines.
    Cross,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

#[derive(Clone, Debug, Default)]
pub struct Drawing(String);

impl Drawing {
    pub fn into_text(self) -> String {
        self.0
    }

    /// Something that is drawn, by its name and in one look.
    pub fn part(&mut self, name: &str, look: Look, draw: impl FnOnce(&mut Self)) {
        let mut classes = name.to_owned();
        let mut attributes = format!(" fill=\"{}\"", look.fill.map_or("none", Tone::colour));
        if let Some(fill) = look.fill {
            classes += &format!(" fill-{}", fill.name());
        }
        if let Some((tone, width)) = look.stroke {
            classes += &format!(" stroke-{}", tone.name());
            let (colour, width) = (tone.colour(), number(width));
            attributes += &format!(" stroke=\"{colour}\" stroke-width=\"{width}\"");
        }
        if let Some(dashes) = look.dashes {
            attributes += &format!(" stroke-dasharray=\"{dashes}\"");
        }
        if let Some(opacity) = look.opacity {
            attributes += &format!(" opacity=\"{opacity}\"");
        }
        if look.halo {
            attributes += " paint-order=\"stroke\" stroke-linejoin=\"round\"";
        }
        self.0 += &format!("<g class=\"{classes}\"{attributes}>");
        draw(self);
        self.0 += "</g>\n";
    }

    /// Says something of what is drawn to who points at it.
    pub fn titled(&mut self, title: &str, draw: impl FnOnce(&mut Self)) {
        self.0 += &format!("<g><title>{}</title>", escaped(title));
        draw(self);
        self.0 += "</g>";
    }

    pub fn line(&mut self, from: [f64; 2], to: [f64; 2]) {
        self.polyline(&[from, to]);
    }

    pub fn polyline(&mut self, points: &[[f64; 2]]) {
        let points: Vec<String> = points.iter().map(|&[x, y]| place(x, y)).collect();
        if !points.is_empty() {
            self.path(&format!("M{}", points.join("L")));
        }
    }

    pub fn rect(&mut self, [x, y]: [f64; 2], width: f64, height: f64) {
        let (x, y, width, height) = (number(x), number(y), number(width), number(height));
        _ = write!(self.0, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>");
    }

    /// Lines from the lower left to the upper right of a square.
    pub fn hatching(&mut self, [x, y]: [f64; 2], side: f64) {
        let mut path = String::new();
        for third in 1..6 {
            let share = f64::from(third) / 3.0;
            let [begin, end] = [(share - 1.0).max(0.0) * side, share.min(1.0) * side];
            path += &format!("M{}L{}", place(x + begin, y + end), place(x + end, y + begin));
        }
        self.path(&path);
    }

    pub fn mark(&mut self, shape: Shape, [x, y]: [f64; 2], radius: f64) {
        let r = radius;
        let path = match shape {
            Shape::Circle => {
                let (arc, back) = (number(r), number(-2.0 * r));
                let forth = number(2.0 * r);
                let start = place(x - r, y);
                format!("M{start}a{arc} {arc} 0 1 0 {forth} 0a{arc} {arc} 0 1 0 {back} 0z")
            }
            // Equilateral, as large as the circle to the eye, and with its middle at the place.
            Shape::Triangle => {
                let (half, up) = (1.2 * r, 1.39 * r);
                let (left, right) = (place(x - half, y + up / 2.0), place(x + half, y + up / 2.0));
                format!("M{}L{right}L{left}z", place(x, y - up))
            }
            Shape::Diamond => {
                let (top, bottom) = (place(x, y - r), place(x, y + r));
                format!("M{top}L{}L{bottom}L{}z", place(x + r, y), place(x - r, y))
            }
            Shape::Cross => {
                let falling = (place(x - r, y - r), place(x + r, y + r));
                let rising = (place(x - r, y + r), place(x + r, y - r));
                format!("M{}L{}M{}L{}", falling.0, falling.1, rising.0, rising.1)
            }
        };
        self.path(&path);
    }

    pub fn text(&mut self, [x, y]: [f64; 2], anchor: Anchor, size: f64, words: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let (x, y, size, words) = (number(x), number(y), number(size), escaped(words));
        _ = write!(self.0, "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\"{anchor}>{words}</text>");
    }

    fn path(&mut self, path: &str) {
        _ = write!(self.0, "<path d=\"{path}\"/>");
    }
}

fn place(x: f64, y: f64) -> String {
    format!("{} {}", number(x), number(y))
}

/// A tenth of a pixel is more than enough.
pub fn number(value: f64) -> String {
    debug_assert!(value.is_finite(), "a place that is no number");
    let tenths = if value.is_finite() { (value * 10.0).round() } else { 0.0 };
    // No "-0".
    format!("{}", tenths / 10.0 + 0.0)
}

/// Names come from strangers: nothing in them is markup, and what XML can't hold is shown as missing.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_never_markup() {
        let mut drawing = Drawing::default();
        drawing.text([1.0, 2.0], Anchor::End, 14.0, "<script>\"&'\u{0}");
        let expected = "<text x=\"1\" y=\"2\" font-size=\"14\" text-anchor=\"end\">\
                        &lt;script&gt;&quot;&amp;&#39;\u{fffd}</text>";
        assert_eq!(drawing.into_text(), expected);
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([1.04, 2.0, -0.01, 99.96].map(number), ["1", "2", "0", "100"]);
    }

    #[test]
    fn a_part_has_classes_for_a_page_and_attributes_for_a_file() {
        let mut drawing = Drawing::default();
        drawing.part("box", Look::area(Tone::Card, Tone::Ink, 1.5), |drawing| {
            drawing.rect([0.0, 0.0], 3.0, 4.0);
        });
        let text = drawing.into_text();
        assert!(text.starts_with(
            "<g class=\"box fill-card stroke-ink\" fill=\"#ece6e0\" stroke=\"#1c1b1a\" stroke-width=\"1.5\">"
        ));
    }
}
