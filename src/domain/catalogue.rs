//! The closed catalogue of everything that can be wrong with an upload or a request.
//!
//! Lower modules return typed errors of their own; here they become a stable code
//! and words for the person who has to fix it. A code never changes its meaning.

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

/// One thing that is wrong, where, and how to fix it.
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
    /// How to fix it.
    pub hint: String,
}

macro_rules! catalogue {
    (@note) => { None };
    (@note $note:literal) => { Some($note) };
    ($($variant:ident $code:literal $status:literal $title:literal $($note:literal)?;)*) => {
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

            /// The HTTP status of an answer with it. 422 where only a command says it.
            pub fn status(self) -> u16 {
                match self { $(Code::$variant => $status),* }
            }

            /// Where it comes up and what to do, in general. Nothing for what an upload's author
            /// has to fix: there each problem says its own.
            pub fn note(self) -> Option<&'static str> {
                match self { $(Code::$variant => catalogue!(@note $($note)?)),* }
            }
        }
    };
}

catalogue! {
    ArchiveNotAZip "archive.not_a_zip" 422 "The file is not a zip archive.";
    ArchiveDamaged "archive.damaged" 422 "The zip archive is damaged or incomplete.";
    ArchiveTooLarge "archive.too_large" 413 "The upload is larger than this server accepts."
        "Save the segmentations as 8-bit NRRD with gzip encoding and zip them again; twenty cases then take a few megabytes.";
    ArchiveUnpackedTooLarge "archive.unpacked_too_large" 422 "The files in the archive are larger than this server accepts.";
    ArchiveTooManyEntries "archive.too_many_entries" 422 "The archive holds far too many files.";
    ArchiveUnsafePath "archive.unsafe_path" 422 "A file's name leads out of the archive.";
    ArchiveSymbolicLink "archive.symbolic_link" 422 "A file in the archive is a symbolic link.";
    ArchiveEncrypted "archive.encrypted" 422 "A file in the archive is encrypted.";
    ArchiveUnsupportedCompression "archive.unsupported_compression" 422 "A file in the archive is compressed in an unusual way.";
    ArchiveDamagedEntry "archive.damaged_entry" 422 "A file in the archive is damaged.";
    ArchiveOverlappingEntries "archive.overlapping_entries" 422 "Files in the archive share bytes.";
    CaseMissing "case.missing" 422 "A case has no file.";
    CaseUnexpected "case.unexpected" 422 "A file belongs to no case.";
    CaseDuplicate "case.duplicate" 422 "A case has several files.";
    CaseFileTooLarge "case.file_too_large" 422 "A file is far larger than a segmentation of its case can be.";
    CaseEmpty "case.empty" 422 "A segmentation has no foreground.";
    VolumeWrongShape "volume.wrong_shape" 422 "A segmentation has another shape than its case.";
    VolumeNotThreeDimensional "volume.not_3d" 422 "A segmentation does not have three axes.";
    VolumeBadSizes "volume.bad_sizes" 422 "A segmentation has a size of zero, or far too many voxels.";
    NrrdNotNrrd "nrrd.not_nrrd" 422 "The file is not an NRRD.";
    NrrdByteOrderMark "nrrd.byte_order_mark" 422 "The NRRD starts with a byte order mark.";
    NrrdBadHeader "nrrd.bad_header" 422 "The NRRD header can't be understood.";
    NrrdDataFile "nrrd.data_file" 422 "The NRRD header points at another file.";
    NrrdUnsupportedType "nrrd.unsupported_type" 422 "The NRRD's type is not a plain number.";
    NrrdUnsupportedEncoding "nrrd.unsupported_encoding" 422 "The NRRD's encoding is unknown.";
    NrrdTruncated "nrrd.truncated" 422 "The NRRD ends before its last voxel.";
    NrrdTooLong "nrrd.too_long" 422 "The NRRD holds far more data than its header says.";
    NrrdCorrupt "nrrd.corrupt" 422 "The NRRD's compressed data are damaged.";
    NrrdBadValue "nrrd.bad_value" 422 "The NRRD holds text that is not a number.";
    NpzNotNpz "npz.not_npz" 422 "The file is not an NPZ.";
    NpzNotOneArray "npz.not_one_array" 422 "The NPZ does not hold exactly one array.";
    NpzBadHeader "npz.bad_header" 422 "The header of the NPZ's array can't be understood.";
    NpzUnsupportedType "npz.unsupported_type" 422 "The NPZ's array does not hold plain numbers.";
    NpzTruncated "npz.truncated" 422 "The NPZ's array ends before its last value.";
    NpzTooLong "npz.too_long" 422 "The NPZ holds far more data than its array needs.";
    NpzCorrupt "npz.corrupt" 422 "The NPZ is damaged.";

    // Requests, accounts, rules of the phase.
    AuthRequired "auth.required" 401 "This needs a log-in or a token."
        "Only the overview, the leaderboard, the cases and the phases are for everybody. Log in, or send a token as 'Authorization: Bearer TOKEN'.";
    AuthBadToken "auth.bad_token" 401 "The token is not valid."
        "It is unknown, expired or revoked. Copy the whole of it, or make a new one on the account page.";
    AuthBadPassword "auth.bad_password" 422 "E-mail address and password don't match."
        "On the log-in page. Check both; letter case matters in the password only.";
    AuthTooMany "auth.too_many" 429 "There were too many attempts to get in."
        "After many wrong passwords, mails asked for, new accounts or wrong tokens, for an address or from a network. 'Retry-After' says after how many seconds the next one is looked at. Who logs in from a network or a browser as before is not held off by what others try.";
    LinkOver "link.over" 410 "The link has been used, or its time is over."
        "A link to set a password or to confirm an address works once and for a day. Ask for another one.";
    AuthScope "auth.scope" 403 "The token may not do this."
        "Make a token with the scope that the answer names: 'read', 'submit' or 'organise'.";
    Forbidden "auth.forbidden" 403 "This is for organisers."
        "The address is for organisers, or for people who are logged in rather than for tokens.";
    CrossSite "auth.cross_site" 403 "The request came from another site."
        "A form was sent from a page of another site, or through a proxy that changes 'Host' or 'Origin'. Open the page here and send the form again.";
    TeamNone "team.none" 403 "Submissions belong to a team, and you are in none."
        "On submitting, and on the team page. Create a team there, or join one by its invitation link.";
    TeamPending "team.pending" 403 "The team waits for an organiser's approval."
        "On submitting to a phase whose 'approval' is 'required', or to any while new teams wait by the sign-up setting. Ask the organisers to approve the team, and submit again then.";
    TeamSuspended "team.suspended" 403 "The team is suspended."
        "On submitting, and on the team page: a suspended team stays as it is. The answer says the reason; the organisers can reinstate it.";
    TeamAlreadyMember "team.already_member" 409 "You are in a team already."
        "On creating or joining a team. Leave yours first.";
    TeamNameTaken "team.name_taken" 409 "The team's name is taken."
        "On creating a team. Letter case and spaces make no other name.";
    TeamNotLeader "team.not_leader" 403 "This is for the team's leader."
        "On the team page. The leader invites people and can hand over the leadership.";
    TeamHandOverFirst "team.hand_over_first" 409 "The team would be without a leader."
        "On leaving a team. Make another member the leader first.";
    TeamHasSubmissions "team.has_submissions" 409 "The team's submissions would belong to nobody."
        "On leaving a team as the last of its members. Invite somebody and hand over first, or ask the organisers to merge the team into another one.";
    TeamInvitationOver "team.invitation_over" 410 "The invitation is over."
        "A team's link works for 14 days, unless it was withdrawn or another one took its place; an organiser's works once. Ask for a new one.";
    AccountInvitationNeeded "account.invitation_needed" 403 "Accounts are made by invitation."
        "On the sign-up page. Follow a team's invitation link, or ask an organiser for one.";
    OrganiserOwnRole "organiser.own_role" 409 "Organisers don't withdraw their own role."
        "Ask another organiser to do it, so that one is always left.";
    PhaseNone "phase.none" 404 "There is no such phase."
        "No phase has this name, or there is none yet. Leave 'phase' out to mean the one that is open.";
    PhaseClosed "phase.closed" 409 "The phase takes no submissions now."
        "On submitting before the phase opens or after it has closed; the answer says when.";
    QuotaExhausted "quota.exhausted" 429 "The team has used up its submissions for now."
        "'Retry-After' says after how many seconds the next submission is possible. 'asoca validate' and 'asoca score' work on your own machine without a limit.";
    QuotaTotal "quota.total" 403 "The team has used up its submissions in this phase."
        "A phase limits the submissions of a team in all, besides those in a period. 'asoca validate' and 'asoca score' work on your own machine without a limit.";
    ResultsWithheld "results.withheld" 403 "These results are not shown yet."
        "While a phase is open its feedback decides what is shown of scores; everything else follows once the organisers have declared the results final.";
    ResultsNotClosed "results.not_closed" 409 "The results can't be final yet."
        "On declaring results final, while something that is sent to this phase or to another one with one of its cases would still be scored.";
    IdempotencyKeyReused "idempotency.key_reused" 422 "The Idempotency-Key belongs to another request."
        "Another file or other fields came under a key that was used before. Use a new key for a new submission.";
    FieldInvalid "field.invalid" 422 "A field can't be used as it is."
        "The answer names the field of the form or the member of the JSON and what fits it. JSON has no members but those the API page names.";
    AccountTaken "account.taken" 422 "The address or the team's name is taken."
        "On the sign-up page. Log in if the account is yours, or choose another name for the team.";
    AccountLastOrganiser "account.last_organiser" 409 "Without this account nobody could organise."
        "On deleting the account of the only organiser. Make another organiser first: 'asoca admin create-organiser'.";
    RequestHeaderInvalid "request.header_invalid" 400 "A header can't be used as it is."
        "The answer names the header and what fits it.";
    RequestUrlTooLong "request.url_too_long" 414 "The address is too long."
        "Send what is long in the body of the request.";
    RequestHeadersTooLarge "request.headers_too_large" 431 "The headers are too large."
        "Send fewer or shorter headers; in a browser, delete the cookies of this site.";
    RequestMalformed "request.malformed" 400 "The request can't be read."
        "A query, a form, JSON or a multipart body that breaks off or holds something else. curl's '-F' makes a body right.";
    RequestTooLarge "request.too_large" 413 "The request is larger than this address takes."
        "On forms and JSON; an upload has a limit of its own. Send less, for instance in several requests.";
    RequestMediaType "request.media_type" 415 "The request has the wrong content type."
        "An upload is 'multipart/form-data': curl's '-F file=@results.zip' sends it right, '-d' and '--data-binary' don't. JSON is 'application/json': curl's '--json'.";
    NotFound "request.not_found" 404 "There is nothing here."
        "The address leads nowhere, or to something that is not yours to see. Check it, and that you are logged in as the right person.";
    MethodNotAllowed "request.method_not_allowed" 405 "This address doesn't do that."
        "The API page lists every address with its methods.";
    ServerBusy "server.busy" 503 "The server has too much to do."
        "Nothing was stored. Try again after the seconds that 'Retry-After' says.";
    ServerUnavailable "server.unavailable" 503 "The server can't reach its database, or can't write to it."
        "It recovers by itself once the database is back or has room. Try again after the seconds that 'Retry-After' says; a submission with the same Idempotency-Key, should it have arrived nevertheless.";
    ServerNoRoom "server.no_room" 507 "The server's disk has no room for uploads."
        "Refused before anything is stored, so that everything else goes on. Tell the organisers, and try again after the seconds that 'Retry-After' says.";
    ServerStopping "server.stopping" 503 "The server is being stopped or restarted."
        "Nothing was stored. Try again after the seconds that 'Retry-After' says.";
    ServerError "server.error" 500 "The server made a mistake."
        "Try again; if it stays, tell the organisers the time and what you did.";
    ScoringFailed "scoring.failed" 500 "The submission could not be scored, by no fault of yours."
        "It costs no quota. The organisers can see why and start it again.";
    SubmissionCancelled "submission.cancelled" 409 "The submission was cancelled."
        "The answer to a request that waited for its score. Submit again if it was not meant.";
    RequestTooSlow "request.too_slow" 408 "The upload took too long."
        "Nothing was stored. Send it over a faster line, or make it smaller: 8-bit NRRD with gzip encoding.";
    SubmissionEnded "submission.ended" 409 "Nothing more will happen to the submission." "A submission can be cancelled while it waits or is being scored.";
    TruthCases "truth.cases" 422 "The list of the truth's cases can't be used."
        "On importing ground truth. The zip holds cases.json, a list like [{\"id\": \"0\", \"group\": \"normal\"}, …], with every case once.";
    TruthGeometry "truth.geometry" 422 "Distances in a ground truth would have no unit or be wrong."
        "On importing ground truth. Each file says its spacing in mm, finite and not zero, along the axes of its voxels.";
    ObserversInvalid "observers.invalid" 422 "The annotators' table can't be used."
        "On importing what annotators score against a truth set. It is what 'asoca consensus --json' printed when that truth was made.";
    ConsensusGeometry "consensus.geometry" 422 "Annotators' masks of a case don't lie in the same place."
        "On 'asoca consensus'. All masks of a case have one shape and, as far as their files say it, one spacing, origin, direction and space.";
    ConsensusEmpty "consensus.empty" 422 "Annotators agree on no voxel of a case."
        "On 'asoca consensus'. Look whether their files are of the same case, and turned the same way.";
    TrialNotReady "trial.not_ready" 409 "The trial can't be activated."
        "While submissions in it wait for their result; once it is activated; or when a later trial of the phase has begun.";
    SubmissionNotScored "submission.not_scored" 409 "The submission has no score."
        "On asking for the metrics of a submission that waits, runs or has ended without a score.";
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_wrong_with_an_upload_all_at_once_has_one_status() {
        for code in Code::ALL.iter().filter(|code| code.note().is_none()) {
            assert_eq!(code.status(), 422, "{code}");
        }
    }
}
