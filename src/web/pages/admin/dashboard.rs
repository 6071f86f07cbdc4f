use askama::Template;
use axum::extract::State;
use axum::response::Html;

use crate::blobs::Room;
use crate::challenge::Problem;
use crate::store::{Phase, Queue, Submission, SubmissionFilter, Timestamp};
use crate::web::App;
use crate::web::caller::Caller;
use crate::web::failure::Failure;
use crate::web::pages::{Page, html};
use crate::web::submit::{current_phase, must_be_open};

const MOST_LISTED: i64 = 10;

#[derive(Template)]
#[template(path = "admin.html")]
struct Dashboard {
    page: Page,
    queue: Queue,
    phase: Option<Phase>,
    /// Why nobody can submit at this moment.
    closed: Vec<Problem>,
    failed: Vec<Submission>,
    /// How many teams wait for approval.
    pending: i64,
    room: Option<Room>,
}

impl Dashboard {
    fn gib(&self, bytes: &u64) -> String {
        format!("{:.1} GiB", *bytes as f64 / (1u64 << 30) as f64)
    }
}

pub async fn show(State(app): State<App>, caller: Caller) -> Result<Html<String>, Failure> {
    let now = Timestamp::now();
    let phase = current_phase(&app, now).await?;
    let open = phase.as_ref().map(|phase| must_be_open(phase, now));
    let failed = SubmissionFilter { state: "failed".into(), ..SubmissionFilter::default() };
    html(&Dashboard {
        page: Page::new(&app, &caller, "desk"),
        queue: app.store.queue(now).await?,
        closed: open.and_then(Result::err).map(|failure| failure.problems).unwrap_or_default(),
        phase,
        failed: app.store.submissions(&failed, MOST_LISTED).await?,
        pending: app.store.pending_teams().await?,
        room: app.blobs.room(),
    })
}
