//! A truth set tried on a phase: what would change, and making it so.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::phases::phase_named;
use super::{Caller, Services, fields};
use crate::domain::{Action, Code, Error, Problem, SubmissionId, TrialId};
use crate::leaderboard::{Candidate, Row, groups, rows};
use crate::scoring::SCORER_VERSION;
use crate::store::{ActivateTruthSet, Activated, Phase, Timestamp, Trial, TruthSet, Unscored};

/// A trial in a list.
#[derive(Debug, Serialize)]
pub struct Summary {
    pub id: TrialId,
    pub phase: String,
    /// The name of the truth set that is tried.
    pub truth_set: String,
    pub truth_set_digest: String,
    pub started_at: Timestamp,
    /// The e-mail address of who did.
    pub started_by: Option<String>,
    pub activated_at: Option<Timestamp>,
    /// Whether it can be activated now.
    pub ready: bool,
    pub progress: Progress,
}

/// How many submissions are how far.
#[derive(Debug, Serialize)]
pub struct Progress {
    pub total: i64,
    pub waiting: i64,
    pub scored: i64,
    pub invalid: i64,
    pub failed: i64,
    /// That a later trial has taken out.
    pub cancelled: i64,
    /// Of the phase, but not in the trial: they are scored anew when it is activated.
    pub uncovered: i64,
}

/// A trial with all that would change, or has changed once it is activated.
#[derive(Debug, Serialize)]
pub struct Report {
    #[serde(flatten)]
    pub trial: Summary,
    /// The name of the truth set that the phase has, or had before.
    pub before: String,
    pub before_digest: String,
    pub entries: Vec<Change>,
    pub unscored: Vec<Unscored>,
}

/// Where an entry of the leaderboard stands before and after.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Change {
    pub submission: SubmissionId,
    pub team: String,
    pub method: String,
    pub before: Option<Standing>,
    pub after: Option<Standing>,
    /// There is nothing after because the trial has no result of it yet: it waits, failed on our side, or was sent when
    /// the trial had begun.
    #[serde(default)]
    pub pending: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    pub position: usize,
    /// Mean over all cases.
    pub dice: f64,
    /// mm, mean over all cases.
    pub hd95: f64,
}

impl Change {
    /// What becomes of the position, in words.
    pub fn words(&self) -> String {
        match (self.before, self.after) {
            (Some(before), Some(after)) if after.position < before.position => {
                format!("up {}", before.position - after.position)
            }
            (Some(before), Some(after)) if after.position > before.position => {
                format!("down {}", after.position - before.position)
            }
            (Some(_), Some(_)) => "stays".into(),
            (Some(_), None) if self.pending => "not scored yet".into(),
            (Some(_), None) => "leaves".into(),
            (None, _) => "enters".into(),
        }
    }
}

impl Standing {
    /// Of a row that shows scores, as all do to organisers.
    fn of(row: &Row) -> Option<Self> {
        let (placed, scored) = (row.placed.as_ref()?, row.scored.as_ref()?);
        Some(Self { position: placed.position, dice: scored.dice, hd95: scored.hd95 })
    }
}

impl Report {
    /// Whether the trial has no result of an entry yet.
    pub fn has_pending(&self) -> bool {
        self.entries.iter().any(|entry| entry.pending)
    }
}

impl Summary {
    fn of(trial: &Trial, phase: &Phase, truth: &TruthSet) -> Self {
        let &Trial { waiting, scored, invalid, failed, cancelled, uncovered, .. } = trial;
        let total = waiting + scored + invalid + failed + cancelled;
        Self {
            id: trial.id,
            phase: phase.slug.clone(),
            truth_set: truth.name.clone(),
            truth_set_digest: truth.digest.clone(),
            started_at: trial.created_at,
            started_by: trial.email.clone(),
            activated_at: trial.activated_at,
            ready: trial.is_ready(),
            progress: Progress { total, waiting, scored, invalid, failed, cancelled, uncovered },
        }
    }
}

/// All of them, newest first.
pub async fn list(services: &Services) -> Result<Vec<Summary>, Error> {
    let (phases, sets) = (services.store.phases().await?, services.store.truth_sets().await?);
    let trials = services.store.trials().await?;
    let summary = |trial: &Trial| {
        let phase = phases.iter().find(|phase| phase.id == trial.phase_id)?;
        let truth = sets.iter().find(|set| set.id == trial.truth_set_id)?;
        Some(Summary::of(trial, phase, truth))
    };
    Ok(trials.iter().filter_map(summary).collect())
}

async fn found(services: &Services, id: &str) -> Result<(Trial, Phase), Error> {
    let id: TrialId = id.parse().map_err(|_| Error::not_found())?;
    let trial = services.store.trial(id).await?.ok_or_else(Error::not_found)?;
    let phase = services.store.phase(trial.phase_id).await?.ok_or_else(Error::not_found)?;
    Ok((trial, phase))
}

pub async fn report(services: &Services, caller: &Caller, id: &str) -> Result<Report, Error> {
    caller.authorize(Action::Organise)?;
    let (trial, phase) = found(services, id).await?;
    let truth_set = async |id| services.store.truth_set(id).await?.ok_or_else(Error::not_found);
    let tried = truth_set(trial.truth_set_id).await?;
    let before = truth_set(trial.replaced_id.unwrap_or(phase.truth_set_id)).await?;
    let entries = match &trial.comparison {
        Some(kept) => serde_json::from_value(kept.clone()).map_err(Error::internal)?,
        None => comparison(services, caller, &trial, &phase).await?,
    };
    Ok(Report {
        trial: Summary::of(&trial, &phase, &tried),
        before: before.name,
        before_digest: before.digest,
        entries,
        unscored: services.store.unscored_in_trial(trial.id).await?,
    })
}

/// Every entry of the leaderboard as it is and as it would be, as an organiser sees it.
async fn comparison(
    services: &Services,
    caller: &Caller,
    trial: &Trial,
    phase: &Phase,
) -> Result<Vec<Change>, Error> {
    let leaderboard = services.leaderboards.view(&caller.actor, phase, None).await?;
    let before = &leaderboard.entries;
    let would_be = services.store.ranked_in_trial(trial.id, SCORER_VERSION).await?;
    let scores = services.store.scores_in_trial(trial.id).await?;
    let groups = groups(&services.store, trial.truth_set_id).await?;
    let candidates = Candidate::all(would_be, &scores, &groups, leaderboard.disclosure);
    let after = rows(&candidates, &groups, phase, leaderboard.disclosure);

    let mut standings: HashMap<SubmissionId, Standing> =
        before.iter().filter_map(|row| Some((row.submission, Standing::of(row)?))).collect();
    let results = services.store.results_in_trial(trial.id).await?;
    let change = |row: &Row, before, after: Option<Standing>| Change {
        submission: row.submission,
        team: row.team.clone(),
        method: row.method.clone(),
        before,
        pending: after.is_none() && !results.contains(&row.submission),
        after,
    };
    let mut changes: Vec<Change> = after
        .iter()
        .map(|row| change(row, standings.remove(&row.submission), Standing::of(row)))
        .collect();
    // What is left of them will not be on the leaderboard, or has no result yet.
    let leave = before.iter().filter(|row| standings.contains_key(&row.submission));
    changes.extend(leave.map(|row| change(row, Standing::of(row), None)));
    Ok(changes)
}

/// Begins to score everything that has a score in a phase against another truth set as well.
pub async fn start(
    services: &Services,
    caller: &Caller,
    phase: &str,
    truth_set: &str,
) -> Result<TrialId, Error> {
    caller.authorize(Action::Organise)?;
    let now = Timestamp::now();
    let phase = phase_named(&services.store, phase, now).await?;
    let truth = services.store.truth_set_by_name(truth_set).await?.ok_or_else(|| {
        let hint = "Import it first.";
        let problem = Problem::new(Code::FieldInvalid, "the name of a truth set", truth_set, hint);
        Error::of(vec![problem])
    })?;
    let id = services
        .store
        .start_trial(phase.id, truth.id, caller.authenticated_user()?.id, now)
        .await?;
    services.notifier.notify_queued();
    Ok(id)
}

/// Makes the tried truth set the phase's own, and the trial's results official.
pub async fn activate(
    services: &Services,
    caller: &Caller,
    id: &str,
    reason: &str,
) -> Result<(), Error> {
    caller.authorize(Action::Organise)?;
    let reason = reason.trim();
    fields::line("a reason, which the teams will read,", reason, 1..=500)?;
    let (trial, phase) = found(services, id).await?;
    let comparison = comparison(services, caller, &trial, &phase).await?;
    let comparison = serde_json::to_value(comparison).map_err(Error::internal)?;
    let request = ActivateTruthSet {
        actor: caller.authenticated_user()?.id,
        reason,
        scorer_version: SCORER_VERSION,
        comparison: &comparison,
    };
    match services.store.activate_trial(trial.id, request, Timestamp::now()).await? {
        Activated::Done { .. } => {
            services.notifier.notify_queued();
            Ok(())
        }
        Activated::NotReady => Err(Error::new(
            Code::TrialNotReady,
            "a trial in which every submission has its result",
            "a trial that still waits, was activated already, or was replaced by a later one",
            "Wait until all submissions have a result, or start the trial again.",
        )),
        Activated::Unknown => Err(Error::not_found()),
    }
}
