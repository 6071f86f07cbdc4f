use super::drawing::{Drawing, Look, Tone, escaped, number};

/// A finished plot: a picture and the same in words and numbers.
#[derive(Clone, Debug)]
pub struct Plot {
    /// Its address's last part, and the beginning of the ids in it.
    pub name: &'static str,
    pub title: String,
    pub description: String,
    /// Every number that is drawn.
    pub numbers: Vec<Table>,
    /// What is said where not every entry is drawn.
    pub cut: Option<String>,
    height: f64,
    drawn: String,
}

#[derive(Clone, Debug)]
pub struct Table {
    pub caption: String,
    pub head: Vec<String>,
    /// As many fields each as the head; the first ones name the row.
    pub rows: Vec<Vec<String>>,
}

/// All plots are as wide.
pub(super) const WIDTH: f64 = 720.0;

/// Sizes of letters. On a phone a plot is shown a little smaller than it is, and moved sideways.
pub(super) const LETTERS: f64 = 14.0;
pub(super) const SMALL: f64 = 13.0;

const FONTS: &str = "system-ui, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif";

impl Plot {
    pub(super) fn new(
        name: &'static str,
        title: String,
        description: String,
        height: f64,
        drawing: Drawing,
    ) -> Self {
        let drawn = drawing.into_text();
        Self { name, title, description, numbers: Vec::new(), cut: None, height, drawn }
    }

    /// The same, of which not every entry is drawn if there is something to say of that.
    pub(super) fn with_cut(mut self, cut: Option<String>) -> Self {
        self.description.extend(cut.iter().flat_map(|cut| [" ", cut]));
        self.cut = cut;
        self
    }

    /// One that says why it is empty.
    pub fn empty(name: &'static str, title: String, why: &str) -> Self {
        let mut drawing = Drawing::default();
        drawing.part("note", Look::filled(Tone::Ink), |drawing| {
            drawing.text([20.0, 36.0], super::drawing::Anchor::Start, LETTERS, why);
        });
        Self::new(name, title, why.to_owned(), 60.0, drawing)
    }

    /// For a page, whose style sheet gives the colours.
    pub fn inline(&self) -> String {
        format!("<svg class=\"plot\" {}>{}</svg>", self.frame(), self.inside())
    }

    /// A file of its own, on white.
    pub fn file(&self) -> String {
        let size = format!("width=\"{}\" height=\"{}\"", number(WIDTH), number(self.height));
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <svg xmlns=\"http://www.w3.org/2000/svg\" {size} {}>\
             <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>{}</svg>\n",
            self.frame(),
            self.inside()
        )
    }

    fn frame(&self) -> String {
        format!(
            "viewBox=\"0 0 {} {}\" font-family=\"{FONTS}\" role=\"img\" \
             aria-labelledby=\"{name}-title {name}-description\"",
            number(WIDTH),
            number(self.height),
            name = self.name
        )
    }

    fn inside(&self) -> String {
        format!(
            "<title id=\"{name}-title\">{}</title>\
             <desc id=\"{name}-description\">{}</desc>\n{}",
            escaped(&self.title),
            escaped(&self.description),
            self.drawn,
            name = self.name
        )
    }
}
