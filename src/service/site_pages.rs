//! Pages that organisers write.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Caller, Services, edits, fields};
use crate::domain::{Action, Code, Error, Problem};
use crate::store::{ListedRevision, PageText, SitePage, StoreError, Timestamp};

/// The most bytes of a page's text.
pub const MAX_BODY: usize = 50_000;

/// The most pages.
pub const MAX_PAGES: i64 = 100;

/// Where a page may stand.
const PLACES: std::ops::RangeInclusive<i64> = 0..=1000;

/// So many of a page's revisions are listed. Older ones are kept and still have their addresses.
const LISTED: i64 = 200;

/// What a new page says.
#[derive(Clone, Debug, Deserialize)]
pub struct NewSitePage {
    pub slug: String,
    pub title: String,
    #[serde(default, rename = "order")]
    pub place: i64,
    #[serde(default)]
    pub body: String,
    #[serde(default)]
    pub published: bool,
}

/// What a page is to say instead; what is not said stays as it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SitePageChange {
    pub title: Option<String>,
    #[serde(rename = "order")]
    pub place: Option<i64>,
    pub body: Option<String>,
    pub published: Option<bool>,
    /// The revision that was changed; refused if there is a newer one.
    pub revision: Option<i64>,
}

impl SitePageChange {
    fn over(self, there: PageText) -> PageText {
        PageText {
            title: self.title.map_or(there.title, |title| title.trim().to_owned()),
            place: self.place.unwrap_or(there.place),
            body: self.body.unwrap_or(there.body),
            published: self.published.unwrap_or(there.published),
        }
    }
}

/// Creates a page.
pub async fn create(
    services: &Services,
    caller: &Caller,
    new: NewSitePage,
) -> Result<SitePage, Error> {
    caller.authorize(Action::Organise)?;
    let author = caller.authenticated_user()?.id;
    let NewSitePage { slug, title, place, body, published } = new;
    let says = PageText { title: title.trim().to_owned(), place, body, published };
    let mut problems = problems(&says);
    problems.extend(short_name(&slug).err());
    if !problems.is_empty() {
        return Err(Error::of(problems));
    }
    let detail = json!({ "before": null, "after": told(1, &says) });
    let now = Timestamp::now();
    match services.store.add_site_page(&slug, &says, MAX_PAGES, author, detail, now).await {
        Ok(true) => page(services, &slug).await,
        Ok(false) => {
            let expected = format!("at most {MAX_PAGES} pages");
            Err(refused(expected, "one more", "Change one that is not needed any more.").into())
        }
        Err(StoreError::Taken) => {
            let hint = "Choose another one, or change the page that has it.";
            Err(refused("a short name that no page has", slug, hint).into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Gives a page its next revision.
pub async fn change(
    services: &Services,
    caller: &Caller,
    slug: &str,
    change: SitePageChange,
) -> Result<SitePage, Error> {
    caller.authorize(Action::Organise)?;
    let author = caller.authenticated_user()?.id;
    loop {
        let SitePage { says: before, revision, .. } = page(services, slug).await?;
        let after = change.clone().over(before.clone());
        if change.revision.is_some_and(|of| of != revision) {
            return Err(edits::stale("page’s fields", &before, &after)?);
        }
        let problems = problems(&after);
        if !problems.is_empty() {
            return Err(Error::of(problems));
        }
        if after == before {
            return page(services, slug).await;
        }
        let detail =
            json!({ "before": told(revision, &before), "after": told(revision + 1, &after) });
        let now = Timestamp::now();
        if services.store.change_site_page(slug, revision, &after, author, detail, now).await? {
            return page(services, slug).await;
        }
    }
}

/// Makes a page say again what it said in a revision. Whether everybody sees it stays as it is.
pub async fn restore(
    services: &Services,
    caller: &Caller,
    slug: &str,
    revision: &str,
) -> Result<SitePage, Error> {
    let PageText { title, place, body, .. } = page_at(services, slug, revision).await?.says;
    let again = SitePageChange {
        title: Some(title),
        place: Some(place),
        body: Some(body),
        ..SitePageChange::default()
    };
    change(services, caller, slug, again).await
}

/// The page of this short name, published or not: for organisers.
pub async fn page(services: &Services, slug: &str) -> Result<SitePage, Error> {
    services.store.site_page(slug).await?.ok_or_else(Error::not_found)
}

/// The page of this short name, if everybody sees it.
pub async fn published(services: &Services, slug: &str) -> Result<SitePage, Error> {
    let page = page(services, slug).await?;
    if page.says.published { Ok(page) } else { Err(Error::not_found()) }
}

/// The page as it was in a revision: for organisers.
pub async fn page_at(services: &Services, slug: &str, revision: &str) -> Result<SitePage, Error> {
    let revision = revision.parse().map_err(|_| Error::not_found())?;
    services.store.site_page_at(slug, revision).await?.ok_or_else(Error::not_found)
}

/// The latest revisions of a page, newest first: for organisers.
pub async fn revisions(services: &Services, slug: &str) -> Result<Vec<ListedRevision>, Error> {
    Ok(services.store.page_revisions(&page(services, slug).await?.slug, LISTED).await?)
}

/// What the audit log says of a revision, which is kept as a whole elsewhere.
fn told(revision: i64, says: &PageText) -> Value {
    let PageText { title, place, body, published } = says;
    json!({
        "revision": revision, "title": title, "order": place, "published": published,
        "bytes": body.len(),
    })
}

fn refused(expected: impl Into<String>, found: impl Into<String>, hint: &str) -> Problem {
    Problem::new(Code::FieldInvalid, expected, found, hint)
}

fn short_name(slug: &str) -> Result<(), Problem> {
    // Of addresses below /admin/pages, now or one day.
    const TAKEN: [&str; 4] = ["new", "preview", "images", "revisions"];
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let expected = "a short name of 1 to 60 lower-case letters, digits and dashes";
    if !(1..=60).contains(&slug.len()) || !slug.chars().all(fits) || !slug.contains(|c| c != '-') {
        return Err(refused(
            expected,
            slug.chars().take(80).collect::<String>(),
            "For instance data-use.",
        ));
    }
    if TAKEN.contains(&slug) {
        return Err(refused(
            "a short name that the site does not need itself",
            slug,
            "Choose another one.",
        ));
    }
    Ok(())
}

/// What is wrong with what a page is to say.
pub fn problems(says: &PageText) -> Vec<Problem> {
    let mut problems: Vec<Problem> =
        fields::line("a title", &says.title, 1..=200).err().into_iter().collect();
    if !PLACES.contains(&says.place) {
        let expected = format!("an order of {} to {}", PLACES.start(), PLACES.end());
        problems.push(refused(expected, says.place.to_string(), "Smaller comes first."));
    }
    if says.body.len() > MAX_BODY {
        let expected = format!("a text of at most {MAX_BODY} bytes");
        problems.push(refused(expected, says.body.len().to_string(), "Shorten it."));
    } else {
        problems.extend(fields::text("a text", &says.body, MAX_BODY).err());
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_is_small_letters_digits_and_dashes_and_none_that_the_site_needs() {
        for (slug, fits) in [
            ("rules", true),
            ("data-2026", true),
            ("", false),
            ("-", false),
            ("new", false),
            ("images", false),
            ("Rules", false),
            ("a/b", false),
            ("..", false),
            ("ä", false),
            ("a b", false),
        ] {
            assert_eq!(short_name(slug).is_ok(), fits, "{slug}");
        }
        assert!(short_name(&"a".repeat(60)).is_ok() && short_name(&"a".repeat(61)).is_err());
    }

    #[test]
    fn a_text_has_so_many_bytes_and_no_more() {
        let of = |body: String, place| {
            problems(&PageText { title: "T".into(), place, body, published: true }).len()
        };
        assert_eq!(of("é".repeat(25_000), 0), 0);
        assert_eq!(of("é".repeat(25_001), 0), 1);
        assert_eq!(of("a\0".into(), 0), 1);
        assert_eq!(of(String::new(), -1), 1);
        assert_eq!(of(String::new(), 1001), 1);
    }
}
