//! What rows are named by: a type for each kind, so that a team's id is never taken for a person's.

use uuid::Uuid;

/// Makes a type for the ids of each kind of thing. The store reads and writes them (`store/ids.rs`).
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Names nothing. What is asked about it takes as long as about what is there.
            pub const NIL: Self = Self(Uuid::nil());

            /// A new one, of version 7: those made later sort later.
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    AnnouncementId
    /// Names the job and, since what has ended is never scored again, a result that never changes.
    EvaluationId
    /// Names an entry of the audit log.
    EventId
    /// What organisers wrote to many.
    LetterId
    PhaseId
    SubmissionId
    TeamId
    TokenId
    TrialId
    TruthSetId
    UserId
}
