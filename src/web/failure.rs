//! Every answer that is not a success. A handler returns `Failure`; the API shows it as
//! problem+json (RFC 9457), the pages show the same as a page.
//!
//! Which constructor to use: `Failure::of` for one thing wrong with the request,
//! `Failure::problems` for what is wrong with an upload, `?` on a lower room's error for
//! what is our own fault. The words of our own faults go to the log, never to the client.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use uuid::Uuid;

use crate::blobs::BlobError;
use crate::domain::{Code, Problem, Refusal, Scope, Standing};
use crate::store::StoreError;

/// Seconds after which it is worth to try again.
const UNAVAILABLE: u64 = 5;
const NO_ROOM: u64 = 60;

#[derive(Clone, Debug)]
pub struct Failure {
    pub status: StatusCode,
    pub problems: Vec<Problem>,
    retry_after_s: Option<u64>,
    /// The submission the failure is about, where there is one.
    submission: Option<Uuid>,
}

/// RFC 9457, with the catalogue's problems as `errors`.
#[derive(Serialize)]
struct ProblemJson<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    submission: Option<Uuid>,
    errors: &'a [Problem],
}

impl Failure {
    /// One thing is wrong: what was expected, what came, how to mend it.
    pub fn of(
        status: StatusCode,
        code: Code,
        expected: impl Into<String>,
        found: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::problems(status, vec![Problem::new(code, expected, found, hint)])
    }

    pub fn problems(status: StatusCode, problems: Vec<Problem>) -> Self {
        // docs/errors.md is made from the catalogue, so that has to know the status.
        debug_assert!(
            problems.iter().all(|problem| problem.code.statuses().contains(&status.as_u16())),
            "{status} is not in the catalogue: {problems:?}"
        );
        Self { status, problems, retry_after_s: None, submission: None }
    }

    /// A field of a form can't be used as it is.
    pub fn invalid(problem: Problem) -> Self {
        Self::problems(StatusCode::UNPROCESSABLE_ENTITY, vec![problem])
    }

    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after_s: Some(seconds), ..self }
    }

    pub fn about(self, submission: Uuid) -> Self {
        Self { submission: Some(submission), ..self }
    }

    pub fn not_found() -> Self {
        Self::of(
            StatusCode::NOT_FOUND,
            Code::NotFound,
            "an address of this site",
            "one that leads nowhere, or to something that is not yours to see",
            "Check the address, and that you are logged in as the right person.",
        )
    }

    pub fn busy(seconds: u64) -> Self {
        Self::of(
            StatusCode::SERVICE_UNAVAILABLE,
            Code::ServerBusy,
            "a free place",
            "none",
            "Try again in a moment; nothing was stored.",
        )
        .retry_after(seconds)
    }

    /// The server is asked to stop; another one, or the same again, will answer soon.
    pub fn stopping() -> Self {
        Self::of(
            StatusCode::SERVICE_UNAVAILABLE,
            Code::ServerStopping,
            "a server that runs",
            "one that is being stopped or restarted",
            "Try again in a moment; nothing was stored.",
        )
        .retry_after(10)
    }

    /// The team takes no part as it stands, for the reason that an organiser gave.
    pub fn standing(standing: Standing, reason: Option<&str>) -> Self {
        let because = reason.map(|reason| format!(", because: {reason}")).unwrap_or_default();
        let (code, expected, found, hint) = match standing {
            Standing::Suspended => (
                Code::TeamSuspended,
                "a team that takes part",
                "a suspended one",
                "Ask the organisers to reinstate it.",
            ),
            Standing::Pending | Standing::Approved => (
                Code::TeamPending,
                "a team that an organiser has approved, as this phase asks for",
                "one that still waits for it",
                "Ask the organisers to approve the team, and submit again then.",
            ),
        };
        Self::of(StatusCode::FORBIDDEN, code, expected, format!("{found}{because}"), hint)
    }

    /// The database is away or can't be written; it will be back without anybody's doing here.
    pub fn unavailable(error: impl std::fmt::Display) -> Self {
        tracing::warn!(%error, "the database can't be used");
        Self::of(
            StatusCode::SERVICE_UNAVAILABLE,
            Code::ServerUnavailable,
            "a database that answers and can be written",
            "one that is away, starting, or out of room",
            "Try again in a moment; a submission with the same Idempotency-Key, should it have arrived nevertheless.",
        )
        .retry_after(UNAVAILABLE)
    }

    /// Uploads would take the room that everything else needs.
    pub fn no_room() -> Self {
        Self::of(
            StatusCode::INSUFFICIENT_STORAGE,
            Code::ServerNoRoom,
            "room for the upload on the server's disk",
            "too little",
            "Nothing was stored. Tell the organisers, and try again later.",
        )
        .retry_after(NO_ROOM)
    }

    /// Our own mistake. What it was goes to the log.
    pub fn internal(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed");
        Self::of(
            StatusCode::INTERNAL_SERVER_ERROR,
            Code::ServerError,
            "an answer",
            "a mistake of the server's",
            "Try again; if it stays, tell the organisers the time and what you did.",
        )
    }

    /// What the API answers.
    pub fn document(&self) -> impl Serialize {
        ProblemJson {
            r#type: "about:blank",
            title: self.title(),
            status: self.status.as_u16(),
            detail: self.detail(),
            submission: self.submission,
            errors: &self.problems,
        }
    }

    pub fn code(&self) -> Option<Code> {
        self.problems.first().map(|problem| problem.code)
    }

    pub fn title(&self) -> &'static str {
        self.code().map_or("Something went wrong.", Code::title)
    }

    /// All problems as one line each, for people who read JSON.
    fn detail(&self) -> String {
        match self.problems.as_slice() {
            [one] => format!("Expected {}; found {}. {}", one.expected, one.found, one.hint),
            many => format!("{} problems; all of them are listed under errors.", many.len()),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = Json(self.document());
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json; charset=utf-8"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

macro_rules! our_own_fault {
    ($($error:ty),* $(,)?) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::internal(error)
            }
        }
    )*};
}

our_own_fault! {
    tokio::task::JoinError,
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if crate::disk::is_full(&error) {
            tracing::warn!(%error, "the disk is full");
            return Self::no_room();
        }
        Self::internal(error)
    }
}

impl From<BlobError> for Failure {
    fn from(error: BlobError) -> Self {
        if error.is_full() {
            tracing::warn!(%error, "the disk is full");
            return Self::no_room();
        }
        Self::internal(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(refusal) => refusal.into(),
            error if error.is_unavailable() => Self::unavailable(error),
            error => Self::internal(error),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::LogIn => Self::of(
                StatusCode::UNAUTHORIZED,
                Code::AuthRequired,
                "a log-in, or the header 'Authorization: Bearer TOKEN'",
                "neither",
                "Log in, or make a token on the account page and send it.",
            ),
            Refusal::Scope(needed) => Self::of(
                StatusCode::FORBIDDEN,
                Code::AuthScope,
                format!("a token with the scope '{needed}'"),
                "one that may do less",
                format!("Make a token with the scope '{needed}' on the account page."),
            ),
            Refusal::NoTeam => Self::of(
                StatusCode::FORBIDDEN,
                Code::TeamNone,
                "a member of a team",
                "somebody without one",
                "Found a team on the team page, or join one by its invitation link.",
            ),
            Refusal::Standing(standing) => Self::standing(standing, None),
            Refusal::NotLeader => Self::of(
                StatusCode::FORBIDDEN,
                Code::TeamNotLeader,
                "the leader of the team",
                "another member",
                "Ask the leader, who can also hand over the leadership.",
            ),
            Refusal::HandOverFirst => Self::of(
                StatusCode::CONFLICT,
                Code::TeamHandOverFirst,
                "a member who does not lead the team",
                "its leader",
                "Make another member the leader first.",
            ),
            Refusal::HasSubmissions => Self::of(
                StatusCode::CONFLICT,
                Code::TeamHasSubmissions,
                "a team with other members, or without submissions",
                "the last member of a team with submissions",
                "Invite somebody and hand over first, or ask the organisers to merge the team into another one.",
            ),
            Refusal::AlreadyMember => Self::of(
                StatusCode::CONFLICT,
                Code::TeamAlreadyMember,
                "somebody without a team",
                "a member of one",
                "Leave your team first.",
            ),
            Refusal::TeamNameTaken => Self::of(
                StatusCode::CONFLICT,
                Code::TeamNameTaken,
                "a name that no team has yet",
                "one that is taken",
                "Choose another name, or join that team by its invitation link.",
            ),
            Refusal::InvitationOver => Self::of(
                StatusCode::GONE,
                Code::TeamInvitationOver,
                "an invitation that can still be followed",
                "one that was used, withdrawn, replaced or has expired",
                "Ask for a new one.",
            ),
            Refusal::InvitationNeeded => Self::of(
                StatusCode::FORBIDDEN,
                Code::AccountInvitationNeeded,
                "somebody who follows an invitation link",
                "somebody who doesn't",
                "Ask a team or an organiser for an invitation link.",
            ),
            Refusal::OwnRole => Self::of(
                StatusCode::CONFLICT,
                Code::OrganiserOwnRole,
                "the role of another organiser",
                "your own",
                "Ask another organiser to withdraw it.",
            ),
            Refusal::LastOrganiser => Self::of(
                StatusCode::CONFLICT,
                Code::AccountLastOrganiser,
                "another organiser besides",
                "the only one",
                "Make another organiser first.",
            ),
            Refusal::Hidden => Self::not_found(),
            Refusal::Forbidden => Self::of(
                StatusCode::FORBIDDEN,
                Code::Forbidden,
                "somebody who may do this",
                "somebody who may not",
                format!("Log in, or use a token with the scope '{}'.", Scope::Organise),
            ),
        }
    }
}
