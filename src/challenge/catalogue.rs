//! The closed catalogue of everything that can be wrong with an upload or a request.
//!
//! Lower rooms return typed errors of their own; here they become a stable code
//! and words for the person who has to mend it. A code never changes its meaning.

use serde::Serialize;

use crate::text::is_odd;

impl Problem {
    /// A problem with the request as a whole rather than with one of its files.
    pub fn new(
        code: Code,
        expected: impl Into<String>,
        found: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            file: None,
            code,
            expected: clean(expected.into()),
            found: clean(found.into()),
            hint: clean(hint.into()),
        }
    }
}

/// Never blank, and without control characters: what a file says may be part of a sentence, and
/// neither a log nor a database has to take everything a file may say.
fn clean(text: String) -> String {
    if text.trim().is_empty() {
        return "nothing".to_string();
    }
    if text.contains(is_odd) {
        return text.chars().map(|c| if is_odd(c) { '\u{fffd}' } else { c }).collect();
    }
    text
}

/// One thing that is wrong, where, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Problem {
    /// The file inside the upload, as its author named it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    pub code: Code,
    /// What would have been right.
    pub expected: String,
    /// What came instead.
    pub found: String,
    /// How to mend it.
    pub hint: String,
}

macro_rules! catalogue {
    ($($variant:ident $code:literal $title:literal)*) => {
        /// A stable code: `area.what`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($variant),* }

        impl Code {
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            /// The code as it is written in answers, logs and rows.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $code),* }
            }

            /// What it means, in one sentence.
            pub fn title(self) -> &'static str {
                match self { $(Code::$variant => $title),* }
            }
        }
    };
}

catalogue! {
    ArchiveNotAZip "archive.not_a_zip" "The file is not a zip archive."
    ArchiveDamaged "archive.damaged" "The zip archive is damaged or incomplete."
    ArchiveTooLarge "archive.too_large" "The upload is larger than this server accepts."
    ArchiveTooManyEntries "archive.too_many_entries" "The archive holds far too many files."
    ArchiveUnsafePath "archive.unsafe_path" "A file's name leads out of the archive."
    ArchiveSymbolicLink "archive.symbolic_link" "A file in the archive is a symbolic link."
    ArchiveEncrypted "archive.encrypted" "A file in the archive is encrypted."
    ArchiveUnsupportedCompression "archive.unsupported_compression" "A file in the archive is compressed in an unusual way."
    ArchiveDamagedEntry "archive.damaged_entry" "A file in the archive is damaged."
    ArchiveOverlappingEntries "archive.overlapping_entries" "Files in the archive share bytes."
    CaseMissing "case.missing" "A case has no file."
    CaseUnexpected "case.unexpected" "A file belongs to no case."
    CaseDuplicate "case.duplicate" "A case has several files."
    CaseFileTooLarge "case.file_too_large" "A file is far larger than a segmentation of its case can be."
    CaseEmpty "case.empty" "A segmentation has no foreground."
    VolumeWrongShape "volume.wrong_shape" "A segmentation has another shape than its case."
    VolumeNotThreeDimensional "volume.not_3d" "A segmentation does not have three axes."
    VolumeBadSizes "volume.bad_sizes" "A segmentation has a size of zero, or far too many voxels."
    NrrdNotNrrd "nrrd.not_nrrd" "The file is not an NRRD."
    NrrdByteOrderMark "nrrd.byte_order_mark" "The NRRD starts with a byte order mark."
    NrrdBadHeader "nrrd.bad_header" "The NRRD header can't be understood."
    NrrdDataFile "nrrd.data_file" "The NRRD header points at another file."
    NrrdUnsupportedType "nrrd.unsupported_type" "The NRRD's type is not a plain number."
    NrrdUnsupportedEncoding "nrrd.unsupported_encoding" "The NRRD's encoding is unknown."
    NrrdTruncated "nrrd.truncated" "The NRRD ends before its last voxel."
    NrrdTooLong "nrrd.too_long" "The NRRD holds far more data than its header says."
    NrrdCorrupt "nrrd.corrupt" "The NRRD's compressed data are damaged."
    NrrdBadValue "nrrd.bad_value" "The NRRD holds text that is not a number."
    NpzNotNpz "npz.not_npz" "The file is not an NPZ."
    NpzNotOneArray "npz.not_one_array" "The NPZ does not hold exactly one array."
    NpzBadHeader "npz.bad_header" "The header of the NPZ's array can't be understood."
    NpzUnsupportedType "npz.unsupported_type" "The NPZ's array does not hold plain numbers."
    NpzTruncated "npz.truncated" "The NPZ's array ends before its last value."
    NpzTooLong "npz.too_long" "The NPZ holds far more data than its array needs."
    NpzCorrupt "npz.corrupt" "The NPZ is damaged."

    // Requests, accounts, rules of the phase.
    AuthRequired "auth.required" "This needs a log-in or a token."
    AuthBadToken "auth.bad_token" "The token is not valid."
    AuthBadPassword "auth.bad_password" "E-mail address and password don't match."
    AuthScope "auth.scope" "The token may not do this."
    Forbidden "auth.forbidden" "This is for organisers."
    CrossSite "auth.cross_site" "The request came from another site."
    TeamNone "team.none" "Submissions belong to a team, and you are in none."
    TeamPending "team.pending" "The team waits for an organiser's approval."
    TeamSuspended "team.suspended" "The team is suspended."
    PhaseNone "phase.none" "There is no such phase."
    PhaseClosed "phase.closed" "The phase takes no submissions now."
    QuotaExhausted "quota.exhausted" "The team has used up its submissions for now."
    IdempotencyKeyReused "idempotency.key_reused" "The Idempotency-Key belongs to another request."
    FieldInvalid "field.invalid" "A field can't be used as it is."
    AccountTaken "account.taken" "The address or the team's name is taken."
    RequestMalformed "request.malformed" "The request can't be read."
    RequestMediaType "request.media_type" "The request has the wrong content type."
    NotFound "request.not_found" "There is nothing here."
    MethodNotAllowed "request.method_not_allowed" "This address doesn't do that."
    ServerBusy "server.busy" "The server has too much to do."
    ServerError "server.error" "The server made a mistake."
    ScoringFailed "scoring.failed" "The submission could not be scored, by no fault of yours."
    SubmissionCancelled "submission.cancelled" "The submission was cancelled."
    RequestTooSlow "request.too_slow" "The upload took too long."
    SubmissionNotScored "submission.not_scored" "The submission has no score."
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Code::ALL
            .iter()
            .copied()
            .find(|code| code.as_str() == text)
            .ok_or_else(|| serde::de::Error::custom("a code that is not in the catalogue"))
    }
}
