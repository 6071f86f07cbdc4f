//! What organisers say of the challenge as a whole.

use serde::Deserialize;
use serde_json::json;

use super::{Caller, Services, edits, fields};
use crate::domain::{Action, Code, Error, Hero, Problem};
use crate::store::{AuditContext, Challenge, Link, Profile, Timestamp};

/// The most links.
pub const MAX_LINKS: usize = 8;

/// The most characters of an address.
const MAX_URL: usize = 500;

/// What of a [`Profile`] is to be different; what is not said stays as it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ProfileChange {
    pub name: Option<String>,
    pub tagline: Option<String>,
    pub description: Option<String>,
    pub contact: Option<String>,
    pub organisers: Option<String>,
    pub licence: Option<String>,
    pub links: Option<Vec<Link>>,
    pub hero: Option<Hero>,
    pub hero_picture: Option<String>,
    pub hero_alt: Option<String>,
    /// The revision that was changed; refused if there is a newer one.
    pub revision: Option<i64>,
}

impl ProfileChange {
    /// What there is with this change, without blanks around the texts.
    pub fn over(self, there: Profile) -> Profile {
        let one = |said: Option<String>, there| said.map_or(there, |text| text.trim().to_owned());
        Profile {
            name: one(self.name, there.name),
            tagline: one(self.tagline, there.tagline),
            description: one(self.description, there.description),
            contact: one(self.contact, there.contact),
            organisers: one(self.organisers, there.organisers),
            licence: one(self.licence, there.licence),
            links: self.links.map_or(there.links, |links| links.into_iter().map(trimmed).collect()),
            hero: self.hero.unwrap_or(there.hero),
            hero_picture: one(self.hero_picture, there.hero_picture),
            hero_alt: one(self.hero_alt, there.hero_alt),
        }
    }
}

fn trimmed(link: Link) -> Link {
    Link { label: link.label.trim().to_owned(), url: link.url.trim().to_owned() }
}

/// Changes what is said of the challenge, and writes down what was before and after.
pub async fn change(
    services: &Services,
    caller: &Caller,
    change: ProfileChange,
) -> Result<Challenge, Error> {
    caller.authorize(Action::Organise)?;
    let actor = Some(caller.authenticated_user()?.id);
    loop {
        let Challenge { profile: before, revision, .. } = services.store.challenge().await?;
        let after = change.clone().over(before.clone());
        if change.revision.is_some_and(|of| of != revision) {
            return Err(edits::stale("settings", &before, &after)?);
        }
        let mut problems = problems(&after);
        problems.extend(missing_picture(services, &before, &after).await?);
        if !problems.is_empty() {
            return Err(Error::of(problems));
        }
        let by = AuditContext { actor, detail: json!({ "before": before, "after": after }) };
        // Who says no revision is content with any.
        if services.store.change_challenge(revision, &after, &by, Timestamp::now()).await? {
            return Ok(services.store.challenge().await?);
        }
    }
}

/// What is wrong with the picture of the overview, where it is to be another one. One that was deleted since keeps nobody from
/// changing something else.
async fn missing_picture(
    services: &Services,
    before: &Profile,
    after: &Profile,
) -> Result<Option<Problem>, Error> {
    let chosen = |of: &Profile| (of.hero == Hero::Picture).then(|| of.hero_picture.clone());
    let Some(name) = chosen(after).filter(|_| chosen(before) != chosen(after)) else {
        return Ok(None);
    };
    if services.store.images().await?.iter().any(|image| image.name == name) {
        return Ok(None);
    }
    let hint = "Upload it among the pictures first, and choose it by its name.";
    let found = if name.is_empty() { "none" } else { "a name that no picture has" };
    Ok(Some(Problem::new(Code::FieldInvalid, "a picture of this site", found, hint)))
}

fn problems(profile: &Profile) -> Vec<Problem> {
    let Profile { name, tagline, description, contact, organisers, licence, links, .. } = profile;
    let told = usize::from(profile.hero == Hero::Picture);
    let mut checks = vec![
        fields::line("a name", name, 1..=60),
        fields::line("a tag line", tagline, 0..=120),
        fields::line("a description", description, 0..=400),
        fields::line("a licence", licence, 0..=200),
        fields::text("a list of organisers", organisers, 4000),
        contact_address(contact),
        fields::line("the name of a picture", &profile.hero_picture, 0..=80),
        fields::line("a description of the picture", &profile.hero_alt, told..=200),
    ];
    for link in links {
        checks.push(fields::line("a link's words", &link.label, 1..=60));
        checks.push(fields::https_url("a link", &link.url, MAX_URL));
    }
    if links.len() > MAX_LINKS {
        let (expected, found) = (format!("at most {MAX_LINKS} links"), links.len().to_string());
        checks.push(Err(Problem::new(Code::FieldInvalid, expected, found, "Leave some out.")));
    }
    checks.into_iter().filter_map(Result::err).collect()
}

fn contact_address(contact: &str) -> Result<(), Problem> {
    match contact {
        "" => Ok(()),
        page if page.starts_with("https://") => fields::https_url("a contact", page, MAX_URL),
        address => fields::email(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_pages_elsewhere_and_nowhere_else() {
        for (url, fits) in [
            ("https://example.org/data?a=b#c", true),
            ("https://bücher.example", true),
            ("http://example.org", false),
            ("javascript:alert(1)", false),
            ("https://", false),
            ("https:///x", false),
            ("https://user@example.org", false),
            ("https://example.org/a b", false),
            ("https://example.org/\"><script>", false),
            ("https://example.org/\u{202e}", false),
        ] {
            assert_eq!(contact_address(url).is_ok(), fits, "{url}");
            let links = vec![Link { label: "Data".into(), url: url.into() }];
            assert_eq!(
                problems(&Profile { links, ..Profile::default() }).is_empty(),
                fits,
                "{url}"
            );
        }
    }
}
