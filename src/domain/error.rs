//! Why something that was asked for was not done, in the catalogue's terms. What is above the domain returns it;
//! only `web::error` makes an HTTP answer of it.
//!
//! [`Error::new`] is for one thing wrong with a request, [`Error::of`] for several (an upload, a form), `?` on a lower
//! module's error for what is our own fault. The cause of our own faults is for the log and the command line, never for
//! a client.

use crate::domain::SubmissionId;

use super::{Cause, Code, Problem, Standing, causes};

/// Seconds after which it is worth to try again.
const UNAVAILABLE: u64 = 5;
const NO_ROOM: u64 = 60;
const STOPPING: u64 = 10;

/// One problem or more. The first is what the error is called by, and all have one status.
#[derive(Clone, Debug)]
pub struct Error {
    pub problems: Vec<Problem>,
    retry_after_s: Option<u64>,
    submission: Option<SubmissionId>,
    /// Of an error of our own.
    cause: Option<String>,
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::of(vec![problem])
    }
}

impl Error {
    /// One thing is wrong: what was expected, what came, how to fix it.
    pub fn new(
        code: Code,
        expected: impl Into<String>,
        found: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Problem::new(code, expected, found, hint).into()
    }

    pub fn of(problems: Vec<Problem>) -> Self {
        Self { problems, retry_after_s: None, submission: None, cause: None }
    }

    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after_s: Some(seconds), ..self }
    }

    /// Says which submission it is about.
    pub fn about(self, submission: SubmissionId) -> Self {
        Self { submission: Some(submission), ..self }
    }

    fn caused_by(self, cause: impl std::fmt::Display) -> Self {
        Self { cause: Some(cause.to_string()), ..self }
    }

    pub fn code(&self) -> Option<Code> {
        self.problems.first().map(|problem| problem.code)
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.code().unwrap_or(Code::ServerError).status()
    }

    /// Whether whoever asked can do nothing about it.
    pub fn is_of_the_server(&self) -> bool {
        self.status() >= 500
    }

    pub fn title(&self) -> &'static str {
        self.code().unwrap_or(Code::ServerError).title()
    }

    /// The problems of an upload by cause; nothing for any other request.
    pub fn summary(&self) -> Vec<Cause> {
        let is_of_upload = |one: &Problem| one.file.is_some() || one.code.note().is_none();
        match self.problems.iter().any(is_of_upload) {
            true => causes(&self.problems),
            false => Vec::new(),
        }
    }

    /// All problems in a line, for people who read JSON.
    pub fn detail(&self) -> String {
        let [one] = self.problems.as_slice() else {
            let count = self.problems.len();
            return match self.summary().as_slice() {
                [] => format!("{count} problems; all of them are listed under errors."),
                [Cause { title, hint, .. }] => {
                    format!("{count} problems with one cause. {title} {hint}")
                }
                several => {
                    format!("{count} problems with {} causes, listed under summary.", several.len())
                }
            };
        };
        format!("Expected {}; found {}. {}", one.expected, one.found, one.hint)
    }

    pub fn retry_after_s(&self) -> Option<u64> {
        self.retry_after_s
    }

    pub fn submission(&self) -> Option<SubmissionId> {
        self.submission
    }

    /// What went wrong on our side: not for a client.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    pub fn not_found() -> Self {
        Self::new(
            Code::NotFound,
            "an existing address",
            "one that does not exist, or that you may not see",
            "Check the address, and that you are logged in with the right account.",
        )
    }

    pub fn busy(seconds: u64) -> Self {
        Self::new(
            Code::ServerBusy,
            "a free place",
            "none",
            "Try again in a moment; nothing was stored.",
        )
        .retry_after(seconds)
    }

    /// The server is asked to stop; another one, or the same again, will answer soon.
    pub fn stopping() -> Self {
        Self::new(
            Code::ServerStopping,
            "a running server",
            "one that is being stopped or restarted",
            "Try again in a moment; nothing was stored.",
        )
        .retry_after(STOPPING)
    }

    /// The team takes no part as it stands, for the reason that an organiser gave.
    pub fn standing(standing: Standing, reason: Option<&str>) -> Self {
        let because = reason.map(|reason| format!(", because: {reason}")).unwrap_or_default();
        let (code, expected, found, hint) = match standing {
            Standing::Suspended => (
                Code::TeamSuspended,
                "an active team",
                "a suspended one",
                "Ask the organisers to reinstate it.",
            ),
            Standing::Pending | Standing::Approved => (
                Code::TeamPending,
                "a team that an organiser has approved, as this phase requires",
                "a team that waits for approval",
                "Ask the organisers to approve the team, then submit again.",
            ),
        };
        Self::new(code, expected, format!("{found}{because}"), hint)
    }

    /// The database is away or can't be written; it will be back without anybody's doing here.
    pub fn unavailable(error: impl std::fmt::Display) -> Self {
        Self::new(
            Code::ServerUnavailable,
            "a database that answers and is writable",
            "one that is unavailable, starting, or full",
            "Try again in a moment. Repeat a submission with the same Idempotency-Key, in case it has arrived nevertheless.",
        )
        .retry_after(UNAVAILABLE)
        .caused_by(error)
    }

    /// Uploads would take the room that everything else needs.
    pub fn no_room(error: impl std::fmt::Display) -> Self {
        Self::new(
            Code::ServerNoRoom,
            "space for the upload on the server's disk",
            "too little",
            "Nothing was stored. Tell the organisers, and try again later.",
        )
        .retry_after(NO_ROOM)
        .caused_by(error)
    }

    /// Our own mistake.
    pub fn internal(error: impl std::fmt::Display) -> Self {
        Self::new(
            Code::ServerError,
            "a result",
            "an internal error",
            "Try again. If it happens again, tell the organisers the time and what you did.",
        )
        .caused_by(error)
    }
}

impl From<tokio::task::JoinError> for Error {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::internal(error)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        if crate::disk::is_full(&error) {
            return Self::no_room(error);
        }
        Self::internal(error)
    }
}
