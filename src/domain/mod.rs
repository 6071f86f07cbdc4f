//! The challenge's types and rules. The catalogue of errors lives here.

mod catalogue;
mod causes;
mod disclosure;
mod error;
pub mod explain;
mod flags;
mod ids;
mod mails;
pub mod metric;
mod observers;
mod policy;
pub mod questions;
mod ranking;
mod terms;
mod warning;

pub use catalogue::{Code, Problem};
pub use causes::{Cause, causes, runs, some_of};
pub use disclosure::{Disclosure, Exact, Withheld};
pub use error::Error;
pub use flags::{Earlier, Flag, FlagKind, Inspected, SentCase, inspect};
pub use ids::{
    AnnouncementId, EvaluationId, EventId, LetterId, PhaseId, SubmissionId, TeamId, TokenId,
    TrialId, TruthSetId, UserId,
};
pub use mails::{Audience, MailKind, MailState};
pub use metric::{Metric, OF_CASES, OF_VESSELS, PerMetric, RankedMetric, VesselValues};
pub use observers::{Agreement, MAX_TOLERANCE_MM, MeanStd, ObserverSource, Observers};
pub use policy::{Action, Actor, AuthMethod, Membership, Refusal, may};
pub use questions::{Answer, AnswerValue, Question, QuestionKind};
pub use ranking::{Counting, Scheme};
pub use terms::{
    Approval, Decision, Feedback, Group, Hero, ImageKind, Late, Publication, Scope, SignUp,
    Standing, State, TeamDecision, Visibility,
};
pub use warning::{Alike, CaseWarning};
