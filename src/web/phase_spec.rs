//! What an organiser says about a phase: the same for the form and the API.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::App;
use super::account_fields;
use super::caller::Caller;
use super::failure::Failure;
use crate::challenge::{Code, Feedback, Late, Problem, Publication, Visibility};
use crate::ranking::Counting;
use crate::store::{NewPhase, Phase, Rules, StoreError, Timestamp};

/// A phase with all its rules. A change sends only what is to be different.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseSpec {
    /// Short name for addresses: lower-case letters, digits and dashes.
    pub slug: String,
    pub title: String,
    /// Name of an imported truth set.
    pub truth_set: String,
    pub opens_at: Timestamp,
    pub closes_at: Option<Timestamp>,
    /// Scored submissions of a team in a period.
    pub quota: i64,
    pub quota_period_hours: i64,
    /// Uploads of a team in a period, invalid ones included; without it ten times the quota.
    pub attempts: Option<i64>,
    pub feedback: Feedback,
    pub counting: Counting,
    pub leaderboard: Visibility,
    pub frozen_at: Option<Timestamp>,
    pub publication: Publication,
    pub late: Late,
    pub needs_method: bool,
    pub needs_description: bool,
    pub needs_url: bool,
}

impl PhaseSpec {
    fn of(phase: &Phase, truth_set: String) -> Self {
        let Rules {
            attempts,
            leaderboard,
            frozen_at,
            publication,
            late,
            needs_method,
            needs_description,
            needs_url,
        } = phase.rules.clone();
        Self {
            slug: phase.slug.clone(),
            title: phase.title.clone(),
            truth_set,
            opens_at: phase.opens_at,
            closes_at: phase.closes_at,
            quota: phase.quota,
            quota_period_hours: phase.quota_period_hours,
            attempts,
            feedback: phase.feedback,
            counting: phase.counting,
            leaderboard,
            frozen_at,
            publication,
            late,
            needs_method,
            needs_description,
            needs_url,
        }
    }

    /// What a new phase has where nothing is said.
    fn usual(now: Timestamp) -> Value {
        json!({
            "opens_at": now, "closes_at": null, "quota": 3, "quota_period_hours": 24, "attempts": null,
            "feedback": Feedback::Aggregates, "counting": Counting::Best,
            "leaderboard": Visibility::Public, "frozen_at": null,
            "publication": Publication::Automatic, "late": Late::Refused,
            "needs_method": false, "needs_description": false, "needs_url": false,
        })
    }

    fn problems(&self) -> Vec<Problem> {
        let wrong = |expected: &str, found: String| {
            Problem::new(Code::FieldInvalid, expected, found, "Change the field and send it again.")
        };
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let slug = (1..=60).contains(&self.slug.len()) && self.slug.chars().all(fits);
        let mut problems: Vec<Problem> =
            account_fields::line("a title", &self.title, 1..=200).err().into_iter().collect();
        let mut must = |holds: bool, expected: &str, found: String| {
            if !holds {
                problems.push(wrong(expected, found));
            }
        };
        must(slug, "a slug of 1 to 60 lower-case letters, digits and dashes", self.slug.clone());
        let later = self.closes_at.is_none_or(|end| end > self.opens_at);
        must(later, "an end later than the beginning", "an earlier one".into());
        must((1..=10_000).contains(&self.quota), "a quota of 1 to 10000", self.quota.to_string());
        let hours = self.quota_period_hours;
        must((1..=87_600).contains(&hours), "a period of 1 to 87600 hours", hours.to_string());
        let attempts = self.attempts.unwrap_or(self.quota);
        let enough = (self.quota..=1_000_000).contains(&attempts);
        must(enough, "attempts, no fewer than the quota", attempts.to_string());
        let frozen = self.leaderboard != Visibility::Frozen || self.frozen_at.is_some();
        must(frozen, "the moment since when the leaderboard is frozen", "none".into());
        problems
    }

    fn row(&self, truth_set_id: Uuid) -> NewPhase<'_> {
        NewPhase {
            slug: &self.slug,
            title: &self.title,
            truth_set_id,
            opens_at: self.opens_at,
            closes_at: self.closes_at,
            quota: self.quota,
            quota_period_hours: self.quota_period_hours,
            feedback: self.feedback,
            counting: self.counting,
            rules: Rules {
                attempts: self.attempts,
                leaderboard: self.leaderboard,
                frozen_at: self.frozen_at,
                publication: self.publication,
                late: self.late,
                needs_method: self.needs_method,
                needs_description: self.needs_description,
                needs_url: self.needs_url,
            },
        }
    }
}

fn refused(problems: Vec<Problem>) -> Failure {
    Failure::problems(StatusCode::UNPROCESSABLE_ENTITY, problems)
}

/// What is there, with what is said put over it (RFC 7396: `null` takes away).
fn merged(there: Value, said: Map<String, Value>) -> Result<PhaseSpec, Failure> {
    let Value::Object(mut all) = there else { return Err(Failure::internal("no object")) };
    all.extend(said);
    let spec: PhaseSpec = serde_json::from_value(Value::Object(all)).map_err(|error| {
        let hint = "The API's page shows every field; moments look like 2026-12-01T00:00:00Z.";
        let found = error.to_string();
        refused(vec![Problem::new(Code::FieldInvalid, "the fields of a phase", found, hint)])
    })?;
    let problems = spec.problems();
    if problems.is_empty() { Ok(spec) } else { Err(refused(problems)) }
}

/// The phase as it is now.
pub async fn current(app: &App, phase: &Phase) -> Result<PhaseSpec, Failure> {
    let truth_set =
        app.store.truth_set(phase.truth_set_id).await?.ok_or_else(Failure::not_found)?;
    Ok(PhaseSpec::of(phase, truth_set.name))
}

/// Creates a phase, or changes `phase`, and writes down what was before and after.
pub async fn save(
    app: &App,
    caller: &Caller,
    phase: Option<&Phase>,
    said: Map<String, Value>,
) -> Result<PhaseSpec, Failure> {
    let now = Timestamp::now();
    let before = match phase {
        Some(phase) => Some(current(app, phase).await?),
        None => None,
    };
    let there = match &before {
        Some(spec) => serde_json::to_value(spec).map_err(Failure::internal)?,
        None => PhaseSpec::usual(now),
    };
    let spec = merged(there, said)?;
    let truth = app.store.truth_set_by_name(&spec.truth_set).await?.ok_or_else(|| {
        let hint = "Import it first, at /admin/truth-sets.";
        let found = spec.truth_set.clone();
        refused(vec![Problem::new(Code::FieldInvalid, "an imported truth set", found, hint)])
    })?;
    let row = spec.row(truth.id);
    let saved = match phase {
        Some(phase) => app.store.change_phase(phase.id, &row).await.map(|_| phase.id),
        None => app.store.add_phase(&row, now).await,
    };
    let id = saved.map_err(|error| match error {
        StoreError::Taken => {
            let hint = "Choose another one.";
            refused(vec![Problem::new(Code::FieldInvalid, "a new slug", spec.slug.clone(), hint)])
        }
        error => error.into(),
    })?;
    let action = if phase.is_some() { "phase changed" } else { "phase created" };
    let detail = json!({ "before": before, "after": spec });
    let actor = Some(caller.somebody()?.id);
    app.store.note(actor, action, &id.to_string(), detail, now).await?;
    Ok(spec)
}
