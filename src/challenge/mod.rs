//! The challenge's types and rules. The catalogue of errors lives here.

mod catalogue;
pub mod explain;
mod observers;
mod policy;
mod terms;

pub use catalogue::{Code, Problem};
pub use observers::{Agreement, MeanStd, ObserverSource, Observers};
pub use policy::{Action, Actor, Means, Membership, Refusal, may};
pub use terms::{
    Approval, Decision, Feedback, Group, Late, Publication, Scope, SignUp, Standing, State,
    TeamDecision, Visibility,
};
