//! The annotators of a truth set. For organisers only.

use serde::Serialize;

use super::{Caller, Services};
use crate::domain::{Action, Error, Observers, TruthSetId};
use crate::scoring::{ObserverTable, import_observers};
use crate::store::{Case, Timestamp};

/// Who annotated a truth set, and how far they agree with it.
#[derive(Debug, Serialize)]
pub struct Report {
    pub imported_at: Timestamp,
    /// The e-mail address of who imported it, where that was not the command line.
    pub imported_by: Option<String>,
    pub summary: Observers,
    /// With the values of single cases.
    pub table: ObserverTable,
}

/// What is known of the annotators of the truth set with these cases.
pub async fn report(
    services: &Services,
    set: TruthSetId,
    cases: &[Case],
) -> Result<Option<Report>, Error> {
    let row = services.store.observers(set).await?;
    Ok(row.map(|row| Report {
        imported_at: row.at,
        imported_by: row.email,
        summary: row.summary,
        table: ObserverTable::new(cases, row.annotators, row.summary.tolerance_mm),
    }))
}

/// Gives a truth set its annotators, in place of those it may have had.
pub async fn import(
    services: &Services,
    caller: &Caller,
    id: &str,
    document: &[u8],
) -> Result<(), Error> {
    caller.authorize(Action::Organise)?;
    let (set, actor) = (known(services, id).await?, Some(caller.authenticated_user()?.id));
    let now = Timestamp::now();
    import_observers(&services.store, set, document, actor, now).await?;
    Ok(())
}

/// Takes them away again, if there are any.
pub async fn remove(services: &Services, caller: &Caller, id: &str) -> Result<(), Error> {
    caller.authorize(Action::Organise)?;
    let (set, actor) = (known(services, id).await?, Some(caller.authenticated_user()?.id));
    services.store.set_observers(set, None, actor, Timestamp::now()).await?;
    Ok(())
}

async fn known(services: &Services, id: &str) -> Result<TruthSetId, Error> {
    let id = id.parse().map_err(|_| Error::not_found())?;
    let set = services.store.truth_set(id).await?.ok_or_else(Error::not_found)?;
    Ok(set.id)
}
