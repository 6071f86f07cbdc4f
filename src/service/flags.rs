//! What organisers should look at, in words; for nobody else.

use serde::Serialize;

use crate::domain::{FlagKind, SubmissionId};
use crate::store::{FlagRow, Timestamp};

/// Why a submission is flagged.
#[derive(Clone, Debug, Serialize)]
pub struct Flag {
    pub kind: FlagKind,
    /// What was found, in a sentence.
    pub found: String,
    /// The submission it is like, and whose that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_submission: Option<SubmissionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_team: Option<String>,
}

/// A submission with its flags, in a list.
#[derive(Clone, Debug)]
pub struct Flagged {
    pub submission: SubmissionId,
    pub team: String,
    pub created_at: Timestamp,
    pub flags: Vec<Flag>,
}

impl From<FlagRow> for Flag {
    fn from(row: FlagRow) -> Self {
        Self {
            kind: row.kind,
            found: row.kind.sentence(row.cases),
            other_submission: row.other_id,
            other_team: row.other_team,
        }
    }
}

/// The flags of each submission, in the order of the rows.
pub fn by_submission(rows: Vec<FlagRow>) -> Vec<Flagged> {
    let mut all: Vec<Flagged> = Vec::new();
    for row in rows {
        let (submission, team, created_at) =
            (row.submission_id, row.team_name.clone(), row.created_at);
        if all.last().is_none_or(|last| last.submission != submission) {
            all.push(Flagged { submission, team, created_at, flags: Vec::new() });
        }
        if let Some(last) = all.last_mut() {
            last.flags.push(row.into());
        }
    }
    all
}
