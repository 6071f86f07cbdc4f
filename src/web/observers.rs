//! The annotators of a truth set, for the pages and the API alike. For organisers only.

use axum::body::Body;
use axum::http::HeaderMap;
use serde::Serialize;
use uuid::Uuid;

use super::App;
use super::caller::Caller;
use super::parts::Parts;
use crate::domain::{Action, Error, Observers};
use crate::scoring::{ImportError, MOST_OBSERVERS_BYTES, ObserverTable, import_observers};
use crate::store::{Case, Timestamp};

/// What the headers of a form's parts may add to the document.
const OVERHEAD: u64 = 64 * 1024;

/// Who annotated a truth set, and how far they agree with it.
#[derive(Debug, Serialize)]
pub struct Report {
    pub imported_at: Timestamp,
    /// The address of mail of who imported it, where that was not the command line.
    pub imported_by: Option<String>,
    pub summary: Observers,
    /// With the values of single cases.
    pub table: ObserverTable,
}

/// What is known of the annotators of the truth set with these cases.
pub async fn report(app: &App, set: Uuid, cases: &[Case]) -> Result<Option<Report>, Error> {
    let row = app.store.observers(set).await?;
    Ok(row.map(|row| Report {
        imported_at: row.at,
        imported_by: row.email,
        summary: row.summary,
        table: ObserverTable::new(cases, row.annotators),
    }))
}

/// Gives a truth set its annotators, in place of those it may have had.
pub async fn import(app: &App, caller: &Caller, id: &str, document: &[u8]) -> Result<(), Error> {
    caller.must(Action::Organise)?;
    let (set, actor) = (known(app, id).await?, Some(caller.somebody()?.id));
    let now = Timestamp::now();
    match import_observers(&app.store, set, document, actor, now).await {
        Ok(_) => Ok(()),
        Err(ImportError::Invalid(problems)) => Err(Error::of(problems)),
        Err(error) => Err(error.into()),
    }
}

/// Takes them away again, if there are any.
pub async fn remove(app: &App, caller: &Caller, id: &str) -> Result<(), Error> {
    caller.must(Action::Organise)?;
    let (set, actor) = (known(app, id).await?, Some(caller.somebody()?.id));
    app.store.set_observers(set, None, actor, Timestamp::now()).await?;
    Ok(())
}

async fn known(app: &App, id: &str) -> Result<Uuid, Error> {
    let id = id.parse().map_err(|_| Error::not_found())?;
    let set = app.store.truth_set(id).await?.ok_or_else(Error::not_found)?;
    Ok(set.id)
}

/// A document that is the first file of a form.
pub async fn of_form(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Error> {
    let mut parts = Parts::new(headers, body, MOST_OBSERVERS_BYTES as u64 + OVERHEAD)?;
    let mut document = Vec::new();
    while let Some(mut part) = parts.next().await? {
        if part.name() != "file" {
            continue;
        }
        while let Some(chunk) = part.chunk().await? {
            document.extend_from_slice(&chunk);
            if document.len() > MOST_OBSERVERS_BYTES {
                return Ok(document);
            }
        }
        return Ok(document);
    }
    Ok(document)
}
