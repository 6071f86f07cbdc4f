//! Decisions after which exact results are shown, for the pages and the API alike.

use serde_json::json;

use super::{Caller, Services, fields};
use crate::domain::{Action, Code, Error};
use crate::store::{AuditContext, Phase, Snapshot, Timestamp};

/// Declares a phase's results final, or no longer so.
///
/// Refused while something that is sent to this phase, or to another one with one of its cases, would still be
/// scored: exact scores would help to find out about those cases.
pub async fn set_final(
    services: &Services,
    caller: &Caller,
    phase: &Phase,
    is_final: bool,
    reason: &str,
) -> Result<(), Error> {
    let (by, now) = (by(caller, reason)?, Timestamp::now());
    if is_final {
        let in_the_way = services.store.phases_in_the_way(phase, now).await?;
        if !in_the_way.is_empty() {
            return Err(Error::new(
                Code::ResultsNotClosed,
                "no phase with one of these cases that is open, planned or takes late submissions",
                in_the_way.join(", "),
                "Close it first and let it refuse late submissions, or publish a snapshot.",
            ));
        }
    }
    services.store.set_final(phase.id, is_final, &by, now).await?;
    Ok(())
}

/// Publishes the exact ranking and analysis of this moment.
pub async fn publish_snapshot(
    services: &Services,
    caller: &Caller,
    phase: &Phase,
    reason: &str,
) -> Result<Snapshot, Error> {
    let (by, at) = (by(caller, reason)?, Timestamp::now());
    let reason = reason.trim();
    services.store.publish_snapshot(phase.id, at, reason, &by).await?;
    Ok(Snapshot { at, reason: reason.to_owned() })
}

fn by(caller: &Caller, reason: &str) -> Result<AuditContext, Error> {
    caller.authorize(Action::Organise)?;
    let reason = reason.trim();
    fields::line("a reason", reason, 1..=500)?;
    Ok(AuditContext {
        actor: Some(caller.authenticated_user()?.id),
        detail: json!({ "reason": reason }),
    })
}
