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
    ArchiveTooManyEntries "archive.too_many_entries" 422 "The archive has far too many files.";
    ArchiveUnsafePath "archive.unsafe_path" 422 "A file's name points outside the archive.";
    ArchiveSymbolicLink "archive.symbolic_link" 422 "A file in the archive is a symbolic link.";
    ArchiveEncrypted "archive.encrypted" 422 "A file in the archive is encrypted.";
    ArchiveUnsupportedCompression "archive.unsupported_compression" 422 "A file in the archive is compressed in an unusual way.";
    ArchiveDamagedEntry "archive.damaged_entry" 422 "A file in the archive is damaged.";
    ArchiveOverlappingEntries "archive.overlapping_entries" 422 "Files in the archive overlap.";
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
        "Only the overview, the leaderboard, the cases and the phases are public. Log in, or send a token as 'Authorization: Bearer TOKEN'.";
    AuthBadToken "auth.bad_token" 401 "The token is not valid."
        "It is unknown, expired or revoked. Copy the complete token, or create a new one on the account page.";
    AuthBadPassword "auth.bad_password" 422 "E-mail address and password don't match."
        "On the log-in page. Check both. Upper and lower case matter only in the password.";
    AuthTooMany "auth.too_many" 429 "There were too many attempts."
        "After too many wrong passwords, requested mails, new accounts or wrong tokens, for an e-mail address or from a network, too many new names of a team, or too many changes of what it says of itself and its methods. 'Retry-After' says after how many seconds to try again. Attempts by others don't affect a log-in from a network or browser that you have used before.";
    LinkOver "link.over" 410 "The link has been used or has expired."
        "A link to set a password or to confirm an e-mail address works once, within a day. Ask for a new one.";
    AuthScope "auth.scope" 403 "The token may not do this."
        "Create a token with the scope that the answer names: 'read', 'submit' or 'organise'.";
    Forbidden "auth.forbidden" 403 "This is for organisers."
        "The address is for organisers, or for logged-in people and not for tokens.";
    CrossSite "auth.cross_site" 403 "The request came from another site."
        "A form was sent from a page of another site, or through a proxy that changes 'Host' or 'Origin'. Open the page on this site and send the form again.";
    TeamNone "team.none" 403 "Submissions belong to a team, and you are in none."
        "On submitting, and on the team page. Create a team there, or join one by its invitation link.";
    TeamPending "team.pending" 403 "The team waits for an organiser's approval."
        "On submitting to a phase whose 'approval' is 'required', or to any phase if the sign-up setting requires approval. Ask the organisers to approve the team, then submit again.";
    TeamSuspended "team.suspended" 403 "The team is suspended."
        "On submitting, and on the team page: a suspended team can't be changed. The answer gives the reason; the organisers can reinstate the team.";
    TeamAlreadyMember "team.already_member" 409 "You are in a team already."
        "On creating or joining a team. Leave yours first.";
    TeamNameTaken "team.name_taken" 409 "The team's name is taken."
        "On creating a team. Names that differ only in upper and lower case or spaces count as the same.";
    TeamNotLeader "team.not_leader" 403 "This is for the team's leader."
        "On the team page. The leader invites people and can make another member the leader.";
    TeamHandOverFirst "team.hand_over_first" 409 "The team would be without a leader."
        "On leaving a team. Make another member the leader first.";
    TeamHasSubmissions "team.has_submissions" 409 "The team's submissions would belong to nobody."
        "On leaving a team as its last member. Invite somebody and make them the leader first, or ask the organisers to merge the team into another one.";
    TeamInvitationOver "team.invitation_over" 410 "The invitation is no longer valid."
        "A team's link works for 14 days unless it was withdrawn or replaced; an organiser's link works once. Ask for a new one.";
    AccountInvitationNeeded "account.invitation_needed" 403 "You need an invitation to create an account."
        "On the sign-up page. Follow a team's invitation link, or ask an organiser for one.";
    OrganiserOwnRole "organiser.own_role" 409 "Organisers can't withdraw their own role."
        "Ask another organiser to do it, so that at least one remains.";
    PhaseNone "phase.none" 404 "There is no such phase."
        "No phase has this name, or there is none yet. Without 'phase', the open one is used; where several are open, one has to be named.";
    PhaseAmbiguous "phase.ambiguous" 422 "Several phases are open, and none is named."
        "The answer names them. An upload names one in the form field 'phase' or in its address, everything else in its address: ?phase=NAME.";
    PhaseClosed "phase.closed" 409 "The phase is not open for submissions."
        "On submitting before the phase opens or after it has closed; the answer says when.";
    QuotaExhausted "quota.exhausted" 429 "The team has used up its submissions for now."
        "'Retry-After' says after how many seconds the next submission is possible. 'asoca validate' and 'asoca score' work on your own machine without a limit.";
    QuotaTotal "quota.total" 403 "The team has used up its submissions in this phase."
        "A phase can limit the total number of a team's submissions, in addition to the quota in a period. 'asoca validate' and 'asoca score' work on your own machine without a limit.";
    ResultsWithheld "results.withheld" 403 "These results are not shown yet."
        "While a phase is open, its feedback setting decides how much of the scores is shown. Everything is shown once the organisers have declared the results final.";
    ResultsNotClosed "results.not_closed" 409 "The results can't be final yet."
        "On declaring results final while submissions to this phase, or to another phase with one of its cases, can still be scored.";
    IdempotencyKeyReused "idempotency.key_reused" 422 "The Idempotency-Key belongs to another request."
        "Another file or other fields were sent with a key that was used before. Use a new key for a new submission.";
    FieldInvalid "field.invalid" 422 "A field has an invalid value."
        "The answer names the form field or JSON member and what is expected. Only the JSON members on the API page are accepted.";
    AnswerMissing "answer.missing" 422 "A required question about the method is not answered."
        "On submitting to a phase with questions, and on changing what a team says of a method. The answer names the question; an upload answers in the field 'answers' before its files, so that none are sent in vain.";
    AnswerInvalid "answer.invalid" 422 "An answer does not fit its question."
        "The phase says what it asks: a text, yes or no, one of several options, or a number. Answers are a JSON object of the questions' keys.";
    AccountTaken "account.taken" 422 "The address or the team's name is taken."
        "On the sign-up page. Log in if the account is yours, or choose another name for the team.";
    AccountLastOrganiser "account.last_organiser" 409 "This is the only organiser's account."
        "On deleting the account of the only organiser. Make somebody else an organiser first, for instance with 'asoca admin create-organiser'.";
    RequestHeaderInvalid "request.header_invalid" 400 "A header has an invalid value."
        "The answer names the header and what is expected.";
    RequestUrlTooLong "request.url_too_long" 414 "The address is too long."
        "Send long values in the body of the request.";
    RequestHeadersTooLarge "request.headers_too_large" 431 "The headers are too large."
        "Send fewer or shorter headers; in a browser, delete the cookies of this site.";
    RequestMalformed "request.malformed" 400 "The request can't be read."
        "A query, form, JSON or multipart body is incomplete or malformed. curl's '-F' sends a correct multipart body.";
    RequestTooLarge "request.too_large" 413 "The request is larger than this address accepts."
        "On forms and JSON; uploads have a separate limit. Send less, for instance in several requests.";
    RequestMediaType "request.media_type" 415 "The request has the wrong content type."
        "An upload is 'multipart/form-data': curl's '-F file=@results.zip' sends it correctly, '-d' and '--data-binary' don't. JSON is 'application/json': curl's '--json'.";
    NotFound "request.not_found" 404 "There is nothing at this address."
        "The address does not exist, or you may not see it. Check the address, and that you are logged in with the right account.";
    MethodNotAllowed "request.method_not_allowed" 405 "This address doesn't allow this method."
        "The API page lists every address with its methods.";
    ServerBusy "server.busy" 503 "The server is busy."
        "Nothing was stored. 'Retry-After' says after how many seconds to try again.";
    ServerUnavailable "server.unavailable" 503 "The server can't reach its database, or can't write to it."
        "It recovers by itself once the database is available and has space. 'Retry-After' says after how many seconds to try again. Repeat a submission with the same Idempotency-Key, in case it has arrived nevertheless.";
    ServerNoRoom "server.no_room" 507 "The server's disk has no space for uploads."
        "Uploads are refused before anything is stored, so that everything else keeps working. Tell the organisers. 'Retry-After' says after how many seconds to try again.";
    ServerStopping "server.stopping" 503 "The server is being stopped or restarted."
        "Nothing was stored. 'Retry-After' says after how many seconds to try again.";
    ServerError "server.error" 500 "The server had an internal error."
        "Try again. If it happens again, tell the organisers the time and what you did.";
    ScoringFailed "scoring.failed" 500 "The submission could not be scored because of an internal error."
        "It uses no quota. The organisers can see the reason and queue the submission again.";
    SubmissionCancelled "submission.cancelled" 409 "The submission was cancelled."
        "The answer to a request that waited for the score. Submit again if this was not intended.";
    RequestTooSlow "request.too_slow" 408 "The upload took too long."
        "Nothing was stored. Use a faster connection, or make the upload smaller: 8-bit NRRD with gzip encoding.";
    SubmissionEnded "submission.ended" 409 "The submission has already ended." "A submission can be cancelled while it waits or is being scored.";
    TruthCases "truth.cases" 422 "The list of the truth's cases can't be used."
        "On importing ground truth. The zip contains cases.json, a list like [{\"id\": \"0\", \"group\": \"normal\"}, …], with every case once. It may be left out where the names of all files say the group, as Normal_1 and Diseased_1 do.";
    TruthGeometry "truth.geometry" 422 "The geometry of a ground-truth file can't be used for distances."
        "On importing ground truth. Each file needs a spacing in mm, from 0.05 to 10 as CTs have, along the axes of its voxels.";
    TruthLabels "truth.labels" 422 "A ground-truth file has values other than 0 and 1."
        "On importing ground truth, and on 'asoca score' and 'asoca consensus'. Which labels are vessel is not guessed: save 0 and 1 only, or name the labels that are vessel.";
    CtGeometry "ct.geometry" 422 "A CT does not lie on the grid of its ground truth."
        "On 'asoca admin import-ct'. Import the CT that the truth was drawn in, as it came from the scanner, under the id of its case.";
    CtValues "ct.values" 422 "A CT has no Hounsfield units."
        "On 'asoca admin import-ct'. Air is about −1000 and vessels with contrast medium are 200 to 500: check that it is the image and not a mask, and that nothing has rescaled it.";
    ObserversInvalid "observers.invalid" 422 "The annotators' table can't be used."
        "On importing annotators' scores for a truth set. Use the output of 'asoca consensus --json' from making that truth set.";
    ConsensusGeometry "consensus.geometry" 422 "The annotators' masks of a case have different geometries."
        "On 'asoca consensus'. All masks of a case need the same shape and, as far as their files state them, the same spacing, origin, direction and space.";
    ConsensusEmpty "consensus.empty" 422 "The annotators agree on no voxel of a case."
        "On 'asoca consensus'. Check that their files are of the same case and have the same orientation.";
    MaskGeometry "mask.geometry" 422 "The file does not say where its voxels lie."
        "On 'asoca mesh' and 'asoca centreline'. Save the mask as NRRD with the geometry of its CT; an NPZ has none.";
    MaskNoTree "mask.no_tree" 422 "The foreground is far too large or too scattered for a vessel tree."
        "On 'asoca mesh' and 'asoca centreline'. Check that vessel is 1 and background 0, not the other way round.";
    Stale "revision.stale" 409 "It was changed by somebody else meanwhile."
        "On saving what was read before another change was saved. The answer shows both: decide, and save again.";
    TrialNotReady "trial.not_ready" 409 "The trial can't be activated."
        "While its submissions wait for results, after it was activated, or after a later trial of the phase has begun.";
    SubmissionNotScored "submission.not_scored" 409 "The submission has no score."
        "On requesting the metrics of a submission that waits, is being scored or has ended without a score.";
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
