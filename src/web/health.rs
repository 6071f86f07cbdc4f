use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use tokio::sync::Mutex;

use super::App;
use super::error::plain;
use crate::domain::Code;
use crate::store::Timestamp;

/// For how long an answer stands for the next ones: strangers may ask, and each answer is a write.
const FRESH: Duration = Duration::from_secs(1);

/// A write that takes longer than this is none.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process runs.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// The process can do its work: it is to go on, and the database and the folder of uploads can be written.
pub async fn readyz(State(app): State<App>) -> Response {
    if app.services.stop.is_asked() {
        return plain(Code::ServerStopping, "the server is being stopped\n");
    }
    match app.readiness.clone().ask(app).await {
        true => "ready\n".into_response(),
        false => {
            let wait = [(header::RETRY_AFTER, FRESH.as_secs().to_string())];
            (wait, plain(Code::ServerUnavailable, "nothing can be written\n")).into_response()
        }
    }
}

/// Whether writing worked when it was last tried, and when that was.
#[derive(Clone, Default)]
pub struct Readiness(Arc<Mutex<Option<(Instant, bool)>>>);

impl Readiness {
    async fn ask(self, app: App) -> bool {
        let mut last = self.0.lock_owned().await;
        if let Some((at, ready)) = *last
            && at.elapsed() < FRESH
        {
            return ready;
        }
        // On a task of its own: who asks and hangs up must not make the next one write again.
        let asked = tokio::spawn(async move {
            let ready = can_write(&app).await;
            *last = Some((Instant::now(), ready));
            ready
        });
        asked.await.unwrap_or(false)
    }
}

async fn can_write(app: &App) -> bool {
    let row = tokio::time::timeout(PATIENCE, app.store().check_writing(Timestamp::now())).await;
    match row {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready: the database can't be written");
            return false;
        }
        Err(_) => {
            tracing::warn!("not ready: the database takes too long to write a row");
            return false;
        }
    }
    let blobs = app.services.blobs.clone();
    match tokio::task::spawn_blocking(move || blobs.check_writing()).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready: the folder of uploads can't be written");
            false
        }
        Err(_) => false,
    }
}
