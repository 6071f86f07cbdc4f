//! Whether a team can send another submission to a phase, and when.

use super::Services;
use crate::domain::{Error, TeamId};
use crate::store::{Phase, Timestamp, UsedUp};

/// When a team can send the next submission that is ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// So many more in this period.
    Now { left: i64 },
    /// Its quota is used up until then.
    From(Timestamp),
    /// It has used up what it may send before the phase closes.
    UsedUp,
    /// The phase is not open.
    Closed,
}

impl Again {
    pub async fn of(
        services: &Services,
        phase: &Phase,
        team: TeamId,
        now: Timestamp,
    ) -> Result<Self, Error> {
        if !phase.is_open(now) {
            return Ok(Self::Closed);
        }
        Ok(match services.store.used_up(phase, team, now).await? {
            Some(UsedUp::InAll { .. }) => Self::UsedUp,
            Some(UsedUp::ForNow { until, .. }) => Self::from(phase, until),
            None => {
                let quota = services.store.quota(phase, team, now).await?;
                let left = phase.quota - quota.used;
                Self::Now { left: quota.left.map_or(left, |in_all| in_all.min(left)) }
            }
        })
    }

    fn from(phase: &Phase, until: Timestamp) -> Self {
        if phase.is_open(until) { Self::From(until) } else { Self::UsedUp }
    }
}
