//! Teams and their entries as everybody sees them: no more than a leaderboard shows.

use std::sync::Arc;

use serde::Serialize;

use super::{Caller, Services};
use crate::domain::{Answer, Disclosure, Error, RankedMetric, SubmissionId, TeamId};
use crate::leaderboard::{Candidate, Counts, Row, View};
use crate::scoring::ShownAggregates;
use crate::store::{Phase, Submission, TeamProfile, Timestamp};

/// An entry of a leaderboard, now or earlier.
#[derive(Debug, Serialize)]
pub struct Entry {
    pub submission: SubmissionId,
    /// The address of its page.
    pub page: String,
    /// Short name of its phase.
    pub phase: String,
    pub title: String,
    pub team: String,
    pub team_id: TeamId,
    pub method: String,
    pub description: String,
    pub url: String,
    pub code_url: String,
    pub data_url: String,
    /// Those that the caller may see.
    pub answers: Vec<Answer>,
    pub created_at: Timestamp,
    pub counts: Counts,
    /// Whether it is there for comparison only, and not ranked.
    pub baseline: bool,
    pub disclosure: Disclosure,
    /// Where it counts and positions are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<usize>,
    /// How many entries the leaderboard has.
    pub entries: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aggregates: Option<ShownAggregates>,
}

impl Entry {
    /// A mean over all cases, as it is shown.
    pub fn mean(&self, metric: RankedMetric) -> Option<String> {
        let means = self.aggregates.as_ref()?.of_group(None)?;
        Some(means.of(metric).text(metric.digits))
    }

    /// Whether only its team and organisers see it.
    pub fn is_private(&self) -> bool {
        !self.counts.is_public()
    }
}

/// The entry that a submission is: of everybody's those that count or counted on the leaderboard as the caller sees it; to its
/// team and organisers all that may be ranked.
///
/// # Errors
/// `not_found` for every other submission, whether it exists or not.
pub async fn entry(services: &Services, caller: &Caller, id: &str) -> Result<Entry, Error> {
    let id: SubmissionId = id.parse().map_err(|_| Error::not_found())?;
    let found = services.store.submission(id).await?.ok_or_else(Error::not_found)?;
    let phase = services.store.phase(found.phase_id).await?.ok_or_else(Error::not_found)?;
    let view = services.leaderboards.view(&caller.actor, &phase, None).await?;
    let sees_all = caller.sees_all_of(found.team_id);
    let candidate = view.all_candidates().find(|one| one.submission.id == id);
    let candidate = candidate.filter(|one| sees_all || one.counts.is_public());
    let candidate = candidate.ok_or_else(Error::not_found)?;
    let row = view.entries.iter().find(|row| row.submission == id);
    let position = row.and_then(|row| Some(row.placed.as_ref()?.position));
    let Submission { team_id, team_name, says, created_at, .. } = found;
    let is_shown = |answer: &Answer| sees_all || answer.is_public(&phase.rules.questions);
    Ok(Entry {
        submission: id,
        page: format!("{}/entries/{id}", services.public_url),
        phase: view.phase.clone(),
        title: view.title.clone(),
        team: team_name,
        team_id,
        method: says.method,
        description: says.description,
        url: says.url,
        code_url: says.code_url,
        data_url: says.data_url,
        answers: says.answers.into_iter().filter(is_shown).collect(),
        created_at,
        counts: candidate.counts,
        baseline: candidate.submission.baseline,
        disclosure: view.disclosure,
        position,
        entries: view.entries.len(),
        aggregates: ShownAggregates::of(&candidate.values, &view.groups, view.disclosure),
    })
}

/// A team on the leaderboard of a phase.
pub struct RankedTeam {
    pub id: TeamId,
    pub name: String,
    pub profile: TeamProfile,
    /// Whether the caller sees more than its entries.
    pub sees_all: bool,
    pub leaderboard: Arc<View>,
}

/// A team as the caller may see it on the leaderboard of a phase.
///
/// # Errors
/// `not_found` if it has nothing there, whether it exists or not.
pub async fn team(
    services: &Services,
    caller: &Caller,
    id: &str,
    phase: &Phase,
    at: Option<Timestamp>,
) -> Result<RankedTeam, Error> {
    let id: TeamId = id.parse().map_err(|_| Error::not_found())?;
    let leaderboard = services.leaderboards.view(&caller.actor, phase, at).await?;
    let sees_all = caller.sees_all_of(id);
    if !leaderboard.all_candidates().any(|one| one.submission.team_id == id) {
        return Err(Error::not_found());
    }
    let team = services.store.profiled_team(id).await?.ok_or_else(Error::not_found)?;
    Ok(RankedTeam { id, name: team.name, profile: team.profile, sees_all, leaderboard })
}

/// The address of a team's page on the latest leaderboard that has it, as the caller sees them.
pub async fn page_of_team(
    services: &Services,
    caller: &Caller,
    team: TeamId,
) -> Result<Option<String>, Error> {
    for phase in services.store.phases().await? {
        let view = services.leaderboards.view(&caller.actor, &phase, None).await?;
        if view.all_candidates().any(|one| one.submission.team_id == team) {
            return Ok(Some(format!("/teams/{team}?phase={}", phase.slug)));
        }
    }
    Ok(None)
}

/// Whether a submission has a page as an entry that the caller sees.
pub async fn has_page(
    services: &Services,
    caller: &Caller,
    phase: &Phase,
    of: SubmissionId,
) -> Result<bool, Error> {
    let view = services.leaderboards.view(&caller.actor, phase, None).await?;
    Ok(view.all_candidates().any(|one| one.submission.id == of))
}

impl RankedTeam {
    /// Its submissions that the caller sees, oldest first.
    pub fn submissions(&self) -> impl Iterator<Item = &Candidate> {
        let all = self.leaderboard.all_candidates();
        let own = all.filter(|one| one.submission.team_id == self.id);
        own.filter(|one| self.sees_all || one.counts.is_public())
    }

    /// Whether it is there for comparison only.
    pub fn is_baseline(&self) -> bool {
        self.submissions().any(|one| one.submission.baseline)
    }

    /// Its best-placed row of the leaderboard.
    pub fn row(&self) -> Option<&Row> {
        self.leaderboard.entries.iter().find(|row| row.team_id == self.id)
    }
}
