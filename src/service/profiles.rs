//! What teams say of themselves, for everybody.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Caller, Services, edits, fields};
use crate::domain::{Action, Error, Problem, Refusal, TeamId};
use crate::store::{ProfileVersion, ProfiledTeam, TeamProfile, Timestamp};

/// The most characters of a description.
pub const MAX_DESCRIPTION: usize = 4000;

/// The most characters of an address.
pub const MAX_URL: usize = 500;

/// So many versions are listed. Older ones are kept.
const LISTED: i64 = 100;

/// What of a [`TeamProfile`] is to be different; what is not said stays as it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ProfileChange {
    pub affiliation: Option<String>,
    pub website: Option<String>,
    pub description: Option<String>,
    /// The revision that was changed; refused if there is a newer one.
    pub revision: Option<i64>,
}

impl ProfileChange {
    fn over(self, there: TeamProfile) -> TeamProfile {
        let one = |said: Option<String>, there| said.map_or(there, |text| text.trim().to_owned());
        TeamProfile {
            affiliation: one(self.affiliation, there.affiliation),
            website: one(self.website, there.website),
            // As browsers send line breaks.
            description: one(self.description, there.description).replace("\r\n", "\n"),
        }
    }
}

/// What a team says of itself, for its members and organisers.
pub async fn of(services: &Services, team: TeamId) -> Result<ProfiledTeam, Error> {
    services.store.profiled_team(team).await?.ok_or_else(Error::not_found)
}

/// All that a team has said of itself, the latest first: for its members and organisers.
pub async fn versions(services: &Services, team: TeamId) -> Result<Vec<ProfileVersion>, Error> {
    Ok(services.store.profile_versions(team, LISTED).await?)
}

/// Changes what the caller's own team says of itself.
pub async fn change_own(
    services: &Services,
    caller: &Caller,
    to: ProfileChange,
) -> Result<ProfiledTeam, Error> {
    caller.authorize(Action::LeadTeam)?;
    let team = caller.team().ok_or(Refusal::NoTeam)?.id;
    save(services, caller, team, to).await
}

/// Changes what any team says of itself.
pub async fn change(
    services: &Services,
    caller: &Caller,
    team: TeamId,
    to: ProfileChange,
) -> Result<ProfiledTeam, Error> {
    caller.authorize(Action::Organise)?;
    save(services, caller, team, to).await
}

async fn save(
    services: &Services,
    caller: &Caller,
    team: TeamId,
    to: ProfileChange,
) -> Result<ProfiledTeam, Error> {
    let author = caller.authenticated_user()?.id;
    loop {
        let ProfiledTeam { profile: before, revision, .. } = of(services, team).await?;
        let after = to.clone().over(before.clone());
        if to.revision.is_some_and(|of| of != revision) {
            return Err(edits::stale("team’s fields", &before, &after)?);
        }
        let problems = problems(&after);
        if !problems.is_empty() {
            return Err(Error::of(problems));
        }
        if after == before {
            return of(services, team).await;
        }
        let detail =
            json!({ "before": told(revision, &before), "after": told(revision + 1, &after) });
        let now = Timestamp::now();
        if services.store.change_team_profile(team, revision, &after, author, detail, now).await? {
            return of(services, team).await;
        }
    }
}

/// What the audit log says of a revision, which is kept as a whole elsewhere.
fn told(revision: i64, profile: &TeamProfile) -> Value {
    let TeamProfile { affiliation, website, description } = profile;
    json!({
        "revision": revision, "affiliation": affiliation, "website": website,
        "description_bytes": description.len(),
    })
}

fn problems(profile: &TeamProfile) -> Vec<Problem> {
    let TeamProfile { affiliation, website, description } = profile;
    let mut checks = vec![
        fields::line("an affiliation", affiliation, 0..=200),
        fields::text("a description", description, MAX_DESCRIPTION),
    ];
    if !website.is_empty() {
        checks.push(fields::https_url("a website", website, MAX_URL));
    }
    checks.into_iter().filter_map(Result::err).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_keeps_its_bounds_and_leads_to_pages_alone() {
        let of = |affiliation: &str, website: &str, description: &str| {
            let owned = str::to_owned;
            problems(&TeamProfile {
                affiliation: owned(affiliation),
                website: owned(website),
                description: owned(description),
            })
            .len()
        };
        assert_eq!(of("", "", ""), 0);
        assert_eq!(of("A", "https://example.org/x", &"é".repeat(4000)), 0);
        assert_eq!(of("a\nb", "javascript:alert(1)", "a\u{7}"), 3);
        assert_eq!(of(&"x".repeat(201), "http://example.org", &"x".repeat(4001)), 3);
    }
}
