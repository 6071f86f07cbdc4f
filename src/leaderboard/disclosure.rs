//! How much of a phase's scores somebody is shown.

use super::Leaderboards;
use crate::domain::{Actor, Code, Disclosure, Error};
use crate::store::{Phase, Timestamp};

impl Leaderboards {
    /// Of everybody's entries, now or as it stood at a moment: an earlier moment shows what it showed then.
    ///
    /// Exact numbers of a phase with another feedback than `per_case` are for organisers, and for everybody where the
    /// moment is a published snapshot or the results were final by then and still are.
    pub async fn disclosure(
        &self,
        actor: &Actor,
        phase: &Phase,
        at: Option<Timestamp>,
    ) -> Result<Disclosure, Error> {
        if let Some(everything) = Disclosure::to_organiser(actor) {
            return Ok(everything);
        }
        let now = Timestamp::now();
        let then = match at {
            Some(at) => self.store.phase_at(phase, at).await?,
            None => phase.clone(),
        };
        let cases_public = then.rules.cases_public;
        let usual = Disclosure::to_everybody(then.feedback, cases_public);
        if usual.exact().is_some() {
            return Ok(usual);
        }
        let published = match at {
            Some(at) => self.store.is_snapshot(phase.id, at).await?,
            None => false,
        };
        if published || self.is_final(phase, at.unwrap_or(now), now).await? {
            return Ok(Disclosure::of_results(cases_public));
        }
        Ok(usual)
    }

    /// Of a submission of the caller's own team, now.
    pub async fn own_disclosure(&self, actor: &Actor, phase: &Phase) -> Result<Disclosure, Error> {
        if let Some(everything) = Disclosure::to_organiser(actor) {
            return Ok(everything);
        }
        let now = Timestamp::now();
        Ok(match self.is_final(phase, now, now).await? {
            true => Disclosure::EveryCase,
            false => Disclosure::to_team(phase.feedback),
        })
    }

    /// Whether a phase's results were final at a moment and can be shown now: nothing that anybody sends any more asks about
    /// one of its cases.
    async fn is_final(&self, phase: &Phase, at: Timestamp, now: Timestamp) -> Result<bool, Error> {
        match phase.final_at {
            Some(since) if since <= at => {
                Ok(self.store.phases_in_the_way(phase, now).await?.is_empty())
            }
            _ => Ok(false),
        }
    }
}

/// What there is, is not shown to this caller yet.
pub fn withheld(what: &str) -> Error {
    Error::new(
        Code::ResultsWithheld,
        format!("{what}, available once the results of the phase are final"),
        "a phase whose results are not final",
        "Wait until the organisers have declared the results final.",
    )
}
