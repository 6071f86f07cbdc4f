//! What an organiser says about a phase: the same for the form, the API and the command line.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::fields;
use crate::domain::questions;
use crate::domain::{Approval, Code, Counting, Error, Feedback, Problem, TruthSetId, Visibility};
use crate::store::{NewPhase, Phase, Rules, Timestamp};

/// A phase with all its rules. A change sends only what is to be different.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhaseSpec {
    /// Short name for addresses: lower-case letters, digits and dashes.
    pub slug: String,
    pub title: String,
    /// Name of an imported truth set.
    pub truth_set: String,
    pub opens_at: Timestamp,
    pub closes_at: Option<Timestamp>,
    /// Scored submissions of a team per period.
    pub quota: i64,
    pub quota_period_hours: i64,
    pub feedback: Feedback,
    pub counting: Counting,
    #[serde(flatten)]
    pub rules: Rules,
}

/// The most characters of a description or an announcement.
pub const MAX_TEXT: usize = 20_000;

impl PhaseSpec {
    pub(super) fn of(phase: &Phase, truth_set: String) -> Self {
        Self {
            slug: phase.slug.clone(),
            title: phase.title.clone(),
            truth_set,
            opens_at: phase.opens_at,
            closes_at: phase.closes_at,
            quota: phase.quota,
            quota_period_hours: phase.quota_period_hours,
            feedback: phase.feedback,
            counting: phase.counting,
            rules: phase.rules.clone(),
        }
    }

    /// What a new phase has where nothing is said: all but the names of the phase and its truth set.
    pub(super) fn usual(now: Timestamp, approval: Approval) -> Self {
        Self {
            slug: String::new(),
            title: String::new(),
            truth_set: String::new(),
            opens_at: now,
            closes_at: None,
            quota: 3,
            quota_period_hours: 24,
            feedback: Feedback::Rounded,
            counting: Counting::Best,
            rules: Rules { approval, ..Rules::default() },
        }
    }

    /// Itself, with what is said put over it (RFC 7396: `null` takes away).
    pub(super) fn changed(&self, said: Map<String, Value>) -> Result<Self, Error> {
        let unreadable = |found: String| {
            let hint = "The API page lists every field; times look like 2026-12-01T00:00:00Z.";
            refused("the fields of a phase", found, hint)
        };
        let written = serde_json::to_value(self).map_err(|error| unreadable(error.to_string()))?;
        let Value::Object(mut all) = written else { return Err(unreadable("no object".into())) };
        for (name, value) in said {
            match all.get_mut(&name) {
                Some(there) => *there = value,
                None => return Err(unreadable(format!("a field '{name}'"))),
            }
        }
        let spec: Self = serde_json::from_value(Value::Object(all))
            .map_err(|error| unreadable(error.to_string()))?;
        let problems = spec.problems();
        if problems.is_empty() { Ok(spec) } else { Err(Error::of(problems)) }
    }

    fn problems(&self) -> Vec<Problem> {
        let wrong = |expected: &str, found: String| {
            Problem::new(Code::FieldInvalid, expected, found, "Change the field and send it again.")
        };
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let slug = (1..=60).contains(&self.slug.len()) && self.slug.chars().all(fits);
        let mut problems: Vec<Problem> =
            fields::line("a title", &self.title, 1..=200).err().into_iter().collect();
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
        let total = self.rules.total.is_none_or(|total| (1..=1_000_000).contains(&total));
        must(total, "a total of 1 to 1000000, or none", format!("{:?}", self.rules.total));
        let attempts = self.rules.attempts.unwrap_or(self.quota);
        let enough = (self.quota..=1_000_000).contains(&attempts);
        must(enough, "attempts, no fewer than the quota", attempts.to_string());
        let frozen = self.rules.leaderboard != Visibility::Frozen || self.rules.frozen_at.is_some();
        must(frozen, "the time from which the leaderboard is frozen", "none".into());
        let description = fields::text("a description", &self.rules.description, MAX_TEXT);
        problems.extend(description.err());
        problems.extend(questions::problems(&self.rules.questions));
        problems
    }

    pub(super) fn row(&self, truth_set_id: TruthSetId) -> NewPhase<'_> {
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
            rules: self.rules.clone(),
        }
    }
}

pub(super) fn refused(expected: &str, found: String, hint: &str) -> Error {
    Error::new(Code::FieldInvalid, expected, found, hint)
}
