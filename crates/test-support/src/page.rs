//! Pages as those who read them see them: by selectors of CSS, not by how the HTML is written.

use std::collections::BTreeMap;

use scraper::{ElementRef, Html, Selector};

/// A page, or a part of one.
#[derive(Debug)]
pub struct Page {
    // As text: what a parser makes of it can't be held while something is waited for.
    html: String,
}

impl Page {
    /// The page of this HTML.
    pub fn of(html: &str) -> Self {
        Self { html: html.to_owned() }
    }

    /// The text of each element that fits, its white space made single blanks.
    #[track_caller]
    pub fn texts(&self, selector: &str) -> Vec<String> {
        self.each(selector, |element| {
            let text: String = element.text().collect();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        })
    }

    /// The text of the one element that fits.
    #[track_caller]
    pub fn text(&self, selector: &str) -> String {
        self.only(selector, self.texts(selector))
    }

    /// The text of the one element that fits, white space as it is.
    #[track_caller]
    pub fn verbatim(&self, selector: &str) -> String {
        self.only(selector, self.each(selector, |element| element.text().collect()))
    }

    /// Whether an element fits.
    #[track_caller]
    pub fn has(&self, selector: &str) -> bool {
        !self.texts(selector).is_empty()
    }

    /// Each element that fits, as a part of the page.
    #[track_caller]
    pub fn parts(&self, selector: &str) -> Vec<Self> {
        // In a template, where a row of a table may stand alone.
        let part = |element: ElementRef| format!("<template>{}</template>", element.html());
        self.each(selector, part).into_iter().map(|html| Self { html }).collect()
    }

    /// Where the links lead that fit.
    #[track_caller]
    pub fn links(&self, selector: &str) -> Vec<String> {
        self.each(selector, |element| {
            element.attr("href").unwrap_or_else(|| panic!("{selector} is no link")).to_owned()
        })
    }

    /// Where the one link leads that fits.
    #[track_caller]
    pub fn link(&self, selector: &str) -> String {
        self.only(selector, self.links(selector))
    }

    /// What the one form that fits would send, if nothing were changed; what is typed into it has an empty value.
    #[track_caller]
    pub fn fields(&self, selector: &str) -> BTreeMap<String, String> {
        self.only(selector, self.each(selector, fields))
    }

    #[track_caller]
    fn each<T>(&self, selector: &str, of: impl Fn(ElementRef) -> T) -> Vec<T> {
        let html = Html::parse_document(&self.html);
        let selector = Selector::parse(selector).unwrap_or_else(|wrong| panic!("{wrong}"));
        html.select(&selector).map(of).collect()
    }

    #[track_caller]
    fn only<T>(&self, selector: &str, mut found: Vec<T>) -> T {
        assert_eq!(found.len(), 1, "so many elements are {selector} in {}", self.html);
        found.remove(0)
    }
}

/// Names and values of a form's fields that would be sent.
fn fields(form: ElementRef) -> BTreeMap<String, String> {
    let named = Selector::parse("[name]:is(input, select, textarea)").unwrap();
    let chosen = Selector::parse("option[selected]").unwrap();
    let value_of = |field: ElementRef| {
        let value = |of: ElementRef| of.attr("value").map(str::to_owned);
        match field.value().name() {
            "textarea" => Some(field.text().collect()),
            "select" => {
                field.select(&chosen).next().or_else(|| first_option(field)).and_then(value)
            }
            _ => match field.attr("type") {
                Some("checkbox" | "radio") if field.attr("checked").is_none() => None,
                Some("checkbox" | "radio") => Some(value(field).unwrap_or_else(|| "on".to_owned())),
                _ => Some(value(field).unwrap_or_default()),
            },
        }
    };
    form.select(&named)
        .filter_map(|field| Some((field.attr("name")?.to_owned(), value_of(field)?)))
        .collect()
}

/// What a browser chooses where nothing is said.
fn first_option(field: ElementRef) -> Option<ElementRef> {
    field.select(&Selector::parse("option").unwrap()).next()
}
