use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::Html;

use crate::disk::Room;
use crate::domain::{Approval, Error, Problem, SignUp, Standing};
use crate::service::Caller;
use crate::service::accounts::NOT_SENT;
use crate::service::flags::{Flagged, by_submission};
use crate::service::phases::{current_phase, must_be_open};
use crate::store::{
    Beginnings, Event, EventFilter, Phase, Queue, Submission, SubmissionFilter, Timestamp,
    ToReview, Unsent,
};
use crate::web::App;
use crate::web::pages::{Page, html};

const MAX_LISTED: i64 = 10;

/// How far back flags are shown; all of them are in the list of submissions.
const FLAGGED: Duration = Duration::from_secs(14 * 24 * 3600);

const MAX_FLAGS: i64 = 20;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A worker looks for something to do far more often.
const LONG: Duration = Duration::from_secs(60);

#[derive(Template)]
#[template(path = "admin/overview.html")]
struct Dashboard {
    page: Page,
    /// What is still to be done in a new challenge; none where it runs.
    steps: Vec<Step>,
    queue: Queue,
    /// How many submissions were scored in the last hour.
    lately: i64,
    /// Results that wait for an organiser to publish them.
    to_review: Vec<ToReview>,
    phase: Option<Phase>,
    phases: Vec<Phase>,
    /// Why nobody can submit at this moment.
    closed: Vec<Problem>,
    failed: Vec<Submission>,
    /// Sent not long ago, with why they should be looked at.
    flagged: Vec<Flagged>,
    /// The last mail that could not be sent, if that was not long ago.
    unsent: Option<Event>,
    /// Mail that was tried and waits to be tried again.
    delayed: Unsent,
    /// How many teams the phase takes submissions of.
    taken: i64,
    /// How many teams wait for approval.
    pending: i64,
    /// It is over, and takes what is never ranked.
    late: bool,
    /// Submissions wait for long, and nobody scores.
    stuck: bool,
    room: Option<Room>,
    /// Requests come through a proxy that is not trusted.
    untrusted_proxy: bool,
}

/// A step of a challenge's first hour.
struct Step {
    done: bool,
    /// Where it is done.
    page: &'static str,
    title: &'static str,
    why: &'static str,
}

/// The steps, until all are done or others have submitted.
fn steps(of: Beginnings, has_contact: bool, mails: bool) -> Vec<Step> {
    let step = |done, page, title, why| Step { done, page, title, why };
    let steps = vec![
        step(
            has_contact,
            "/admin/challenge",
            "Name and contact",
            "what the challenge is called and whom to ask",
        ),
        step(
            of.truth_sets > 0,
            "/admin/truth-sets",
            "Ground truth",
            "a zip with the hidden segmentation of each case",
        ),
        step(
            of.phases > 0,
            "/admin/phases",
            "A phase",
            "when teams can submit, how often, and what they see of scores",
        ),
        step(of.sign_ups > 0, "/admin/users", "Sign-ups", "who can create an account"),
        step(
            of.own > 0,
            "/submit",
            "A trial submission",
            "create a team of your own and submit what you expect of others",
        ),
        step(
            mails,
            "/account#mails",
            "Mail",
            "start the server with --smtp and --mail-from, and confirm your own address",
        ),
    ];
    let ended = of.others > 0 || steps.iter().all(|step| step.done);
    if ended { Vec::new() } else { steps }
}

impl Dashboard {
    /// How long the queue takes at the rate of the last hour; nothing where none was scored.
    fn expected(&self) -> Option<String> {
        let left = self.queue.queued + self.queue.scoring;
        (self.lately > 0).then(|| in_words((left * 60 / self.lately).unsigned_abs()))
    }

    /// For how long the oldest in the queue has waited.
    fn age(&self, oldest: &Timestamp) -> String {
        in_words(oldest.until(Timestamp::now()).as_secs() / 60)
    }

    fn gib(&self, bytes: &u64) -> String {
        format!("{:.1} GiB", *bytes as f64 / (1u64 << 30) as f64)
    }
}

/// So many minutes.
fn in_words(minutes: u64) -> String {
    match minutes {
        0 => "less than a minute".to_owned(),
        1 => "a minute".to_owned(),
        2..120 => format!("{minutes} minutes"),
        _ => format!("{} hours", minutes / 60),
    }
}

pub async fn show(State(app): State<App>, caller: Caller) -> Result<Html<String>, Error> {
    let now = Timestamp::now();
    let phase = current_phase(app.store(), now).await?;
    let open = phase.as_ref().map(|phase| must_be_open(phase, now));
    let unsent = EventFilter { action: NOT_SENT.into(), ..EventFilter::default() };
    let unsent = app.store().events(&unsent, 1).await?.pop();
    let failed = SubmissionFilter { state: "failed".into(), ..SubmissionFilter::default() };
    let queue = app.store().queue().await?;
    let waits_for_long = queue.oldest.is_some_and(|sent| sent < now.minus(LONG));
    let mode = app.store().sign_up_mode().await?;
    let required = |phase: &Phase| mode.approval(phase.rules.approval) == Approval::Required;
    let over = |phase: &Phase| phase.closes_at.is_some_and(|end| end <= now);
    let phases = app.store().phases().await?;
    let asked = phases.iter().any(|phase| required(phase) && !over(phase));
    let pending = app.store().teams_standing(Standing::Pending).await?;
    let approved = app.store().teams_standing(Standing::Approved).await?;
    let contact = app.store().challenge().await?.contact().is_some();
    let confirmed = caller.user().is_some_and(|user| user.confirmed_at.is_some());
    let mails = app.services.mailer.is_some() && confirmed;
    html(&Dashboard {
        steps: steps(app.store().beginnings().await?, contact, mails),
        page: Page::new(&app, &caller, "admin").await,
        stuck: waits_for_long && queue.workers == 0,
        lately: app.store().ended_last_hour(now).await?,
        to_review: app.store().to_review().await?,
        queue,
        late: phase.as_ref().is_some_and(|phase| phase.takes_late(now)),
        closed: open.and_then(Result::err).map(|error| error.problems).unwrap_or_default(),
        unsent: unsent.filter(|event| event.at > now.minus(DAY)),
        delayed: app.store().unsent_mail().await?,
        flagged: by_submission(app.store().flags_since(now.minus(FLAGGED), MAX_FLAGS).await?),
        failed: app.store().submissions(&failed, MAX_LISTED).await?,
        // Where nobody has to be approved, nobody waits for it.
        taken: if phase.as_ref().is_some_and(required) { approved } else { approved + pending },
        pending: if asked || mode == SignUp::Approval { pending } else { 0 },
        room: app.services.blobs.disk().room(),
        untrusted_proxy: app.untrusted_proxy.is_there(),
        phase,
        phases,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_ends_when_all_is_done_or_others_submit() {
        let none = Beginnings { truth_sets: 0, phases: 0, sign_ups: 0, own: 0, others: 0 };
        let all = Beginnings { truth_sets: 1, phases: 1, sign_ups: 1, own: 1, others: 0 };
        assert!(steps(none, false, false).iter().all(|step| !step.done));
        assert_eq!(steps(all, true, false).iter().filter(|step| !step.done).count(), 1);
        assert!(steps(all, true, true).is_empty());
        assert!(steps(Beginnings { others: 1, ..none }, false, false).is_empty());
    }
}
