//! The documents of the program that concern participants and organisers, as they are in `docs/`.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;

use super::{Page, html};
use crate::domain::Error;
use crate::service::Caller;
use crate::web::App;
use crate::web::markdown;

/// A document: what it is called in addresses, what it says in a line, and its text in Markdown, which begins with its title.
pub struct Document {
    name: &'static str,
    summary: &'static str,
    text: &'static str,
}

macro_rules! documents {
    ($($name:literal $summary:literal;)*) => {
        &[$(Document {
            name: $name,
            summary: $summary,
            text: include_str!(concat!("../../../docs/", $name, ".md")),
        }),*]
    };
}

static FOR_PARTICIPANTS: &[Document] = documents! {
    "submitting" "what to send, in a browser and from scripts";
    "scoring-your-own-data" "the server’s code on your machine";
    "errors" "every error, and what to do about it";
    "conformance" "NRRD and NPZ, beside what pynrrd, Teem, ITK and NumPy read";
    "feedback" "why scores are rounded while a phase is open";
    "statistics" "rankings, intervals and tests, exactly enough to repeat them";
    "vessel-metrics" "how much of the tree is found, what leaks, which loops and pieces are wrong";
    "meshes" "surfaces of masks, as the published dataset has them";
    "centrelines" "centrelines of masks, with radii";
};

static FOR_ORGANISERS: &[Document] = documents! {
    "organising" "from an empty server to an open phase";
    "ground-truth" "from several annotators’ masks to a truth set";
    "policy" "every address, and what each kind of person gets there";
    "privacy" "which data is kept, why, and until when";
};

/// For those who run the server, and for scripts.
static FOR_OPERATORS: &[Document] = documents! {
    "operating" "configuration, PostgreSQL, proxies";
    "reliability" "what is promised under failures and under load";
    "logging" "what the log says";
    "api-design" "the rules that the HTTP API keeps";
};

fn all() -> impl Iterator<Item = &'static Document> {
    FOR_PARTICIPANTS.iter().chain(FOR_ORGANISERS).chain(FOR_OPERATORS)
}

impl Document {
    fn title(&self) -> &'static str {
        self.text.lines().next().unwrap_or_default().trim_start_matches("# ")
    }

    fn read(&self) -> markdown::Document {
        markdown::document(self.text, address)
    }
}

/// Where the site has another document, by how documents name it.
fn address(link: &str) -> Option<String> {
    let (file, part) = link.split_once('#').map_or((link, None), |(file, part)| (file, Some(part)));
    let name = file.strip_suffix(".md")?;
    let document = all().find(|document| document.name == name)?;
    let part = part.map_or_else(String::new, |part| format!("#{part}"));
    Some(format!("/docs/{}{part}", document.name))
}

#[derive(Template)]
#[template(path = "documents.html")]
struct Contents {
    page: Page,
    readers: [(&'static str, &'static [Document]); 3],
}

/// `GET /docs`: the documents by who reads them.
pub async fn contents(State(app): State<App>, caller: Caller) -> Result<Html<String>, Error> {
    html(&Contents {
        page: Page::new(&app, &caller, "docs").await,
        readers: [
            ("For participants", FOR_PARTICIPANTS),
            ("For organisers", FOR_ORGANISERS),
            ("For operators", FOR_OPERATORS),
        ],
    })
}

#[derive(Template)]
#[template(path = "document.html")]
struct Shown {
    page: Page,
    document: &'static Document,
    read: markdown::Document,
}

/// `GET /docs/{name}`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Html<String>, Error> {
    let document = all().find(|document| document.name == name).ok_or_else(Error::not_found)?;
    let page = Page::new(&app, &caller, "docs").await;
    html(&Shown { page, document, read: document.read() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_between_documents_lead_to_a_document_and_a_part_that_is_there() {
        for document in all() {
            let shown = document.read().html;
            let mut links =
                shown.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
            for link in
                links.by_ref().filter(|link| link.starts_with("/docs/") || link.starts_with('#'))
            {
                let (path, part) =
                    link.split_once('#').map_or((link, ""), |(path, part)| (path, part));
                let name = path.trim_start_matches("/docs/");
                let other = match name {
                    "" => document,
                    "api" => continue,
                    name => all().find(|other| other.name == name).unwrap(),
                };
                let there =
                    part.is_empty() || other.read().html.contains(&format!("id=\"{part}\""));
                assert!(there, "{}: {link}", document.name);
            }
            assert!(!shown.contains("style="), "{}", document.name);
            assert!(!document.title().is_empty() && document.text.starts_with("# "));
        }
    }
}
