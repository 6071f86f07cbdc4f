//! A multipart request to files on disk, within bounds, hashed on the way.

use std::path::Path;
use std::time::Duration;

use axum::body::Body as RequestBody;
use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use tempfile::{NamedTempFile, TempPath};
use tokio::io::AsyncWriteExt;

use super::App;
use super::multipart::{MultipartError, Part, Parts};
use crate::blobs::Blobs;
use crate::disk::Share;
use crate::domain::questions::MAX_QUESTIONS;
use crate::domain::{Code, Error};
use crate::service::fields::https_url;
use crate::service::upload::{ANSWER, Body, Fields, Upload};
use crate::stop::Stop;

/// More parts than any challenge has cases.
const MAX_FILES: usize = 1000;

/// How many copies of an upload the disk holds at a time: as it came, and as it is kept.
const COPIES: u64 = 2;

/// What the headers of the parts and the texts may add to the files.
const OVERHEAD: u64 = 16 << 20;

/// What is written at a time.
const BUFFER: usize = 64 * 1024;

/// What counts is when an upload began, so it may not take for ever.
const MAX_UPLOAD: Duration = Duration::from_secs(3600);

/// A field that is not a file.
pub struct Text {
    name: &'static str,
    max_chars: usize,
    /// Whether it may have several lines.
    lines: bool,
    place: fn(&mut Fields) -> &mut String,
}

/// The field with all answers to a phase's questions. A form has a field for each, whose name begins with [`ANSWER`].
const ANSWERS: &str = "answers";

/// Most characters of a field's name that are repeated.
const MAX_SHOWN: usize = 40;

/// The most characters of an answer; which it may have is the question's to say.
const MAX_ANSWER: usize = 4000;

/// The fields of a submission.
pub const SUBMISSION: &[Text] = &[
    Text { name: "phase", max_chars: 100, lines: false, place: |fields| &mut fields.phase },
    Text { name: "method", max_chars: 200, lines: false, place: |fields| &mut fields.method },
    Text {
        name: "description",
        max_chars: 5000,
        lines: true,
        place: |fields| &mut fields.description,
    },
    Text { name: "url", max_chars: 500, lines: false, place: |fields| &mut fields.url },
    Text { name: "code_url", max_chars: 500, lines: false, place: |fields| &mut fields.code_url },
    Text { name: "data_url", max_chars: 500, lines: false, place: |fields| &mut fields.data_url },
    Text { name: ANSWERS, max_chars: 60_000, lines: true, place: |fields| &mut fields.answers },
];

/// The fields of a truth set.
pub const TRUTH: &[Text] = &[
    Text { name: "name", max_chars: 100, lines: false, place: |fields| &mut fields.name },
    Text {
        name: "vessel_labels",
        max_chars: 1000,
        lines: false,
        place: |fields| &mut fields.vessel_labels,
    },
];

struct Stored {
    name: String,
    file: TempPath,
    bytes: u64,
    sha256: String,
}

fn too_large(limit: u64) -> Error {
    Error::new(
        Code::ArchiveTooLarge,
        format!("at most {limit} bytes"),
        "more",
        "Save the segmentations as 8-bit NRRD with gzip encoding and zip them again; \
         twenty cases then take a few megabytes.",
    )
}

fn field_invalid(name: &str, expected: String, found: &str) -> Error {
    Error::new(
        Code::FieldInvalid,
        expected,
        found,
        format!("Fix the field '{name}' and send the request again."),
    )
}

impl From<MultipartError> for Error {
    fn from(error: MultipartError) -> Self {
        match error {
            MultipartError::NotMultipart => not_multipart(),
            MultipartError::TooLong => Self::new(
                Code::ArchiveTooLarge,
                "a smaller upload",
                "one over the limit",
                "Save the segmentations as 8-bit NRRD with gzip encoding and zip them again.",
            ),
            MultipartError::Endless | MultipartError::Broken(_) | MultipartError::Malformed(_) => {
                Self::new(
                    Code::RequestMalformed,
                    "a whole multipart/form-data body",
                    "an incomplete body, or one without boundaries",
                    "Send the request again; curl's -F sends a correct body.",
                )
            }
        }
    }
}

fn too_slow(longest: Duration) -> Error {
    Error::new(
        Code::RequestTooSlow,
        format!("an upload that takes at most {} minutes", longest.as_secs() / 60),
        "a longer one",
        "Use a faster connection, or make the upload smaller: 8-bit NRRD with gzip encoding.",
    )
}

fn not_multipart() -> Error {
    Error::new(
        Code::RequestMediaType,
        "multipart/form-data with the field 'file'",
        "another content type",
        "curl's -F file=@results.zip sends it correctly; -d and --data-binary don't.",
    )
}

/// Refuses by the announced length, before a byte of the body is read.
fn check_length(headers: &HeaderMap, limit: u64) -> Result<(), Error> {
    match announced(headers) {
        Some(bytes) if bytes > limit => Err(too_large(limit)),
        _ => Ok(()),
    }
}

/// Refuses if the upload would take the disk below its floor, before a byte of the body is read. One that says
/// nothing of its length is measured as it comes, as is one among others.
fn check_room(headers: &HeaderMap, blobs: &Blobs) -> Result<(), Error> {
    let bytes = announced(headers).unwrap_or(0);
    if blobs.disk().has_room_for(bytes.saturating_mul(COPIES)) {
        return Ok(());
    }
    Err(Error::no_room("uploads would use the space that is kept free"))
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Looks at the fields that came before the first file, before that is read.
pub trait BeforeFiles {
    fn before_files(&self, fields: &Fields) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Where nothing is to be seen by them.
impl BeforeFiles for () {
    async fn before_files(&self, _: &Fields) -> Result<(), Error> {
        Ok(())
    }
}

/// Where uploads go, and what bounds them.
pub struct Intake<'a> {
    blobs: &'a Blobs,
    /// The most bytes of files.
    limit: u64,
    longest: Duration,
    stop: &'a Stop,
}

impl<'a> Intake<'a> {
    pub fn of(app: &'a App) -> Self {
        Self {
            blobs: &app.services.blobs,
            limit: app.settings.max_upload,
            longest: MAX_UPLOAD,
            stop: &app.services.stop,
        }
    }

    /// Refuses what the headers alone show to be no upload.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), Error> {
        if self.stop.is_asked() {
            return Err(Error::stopping());
        }
        check_length(headers, self.limit)?;
        check_room(headers, self.blobs)?;
        Ok(Parts::check(headers)?)
    }

    /// Reads the request into files; `texts` are the other fields there may be.
    pub async fn receive(
        &self,
        headers: &HeaderMap,
        body: RequestBody,
        texts: &[Text],
        gate: &impl BeforeFiles,
    ) -> Result<Upload, Error> {
        let parts = Parts::new(headers, body, self.limit.saturating_add(OVERHEAD))?;
        // On the heap: an upload that waits for its turn needs no room for being read.
        let reading = Box::pin(read(parts, texts, self.blobs, self.limit, gate));
        tokio::select! {
            upload = reading => upload,
            () = tokio::time::sleep(self.longest) => Err(too_slow(self.longest)),
            () = self.stop.uploads_end() => Err(Error::stopping()),
        }
    }
}

async fn read(
    mut parts: Parts,
    texts: &[Text],
    blobs: &Blobs,
    limit: u64,
    gate: &impl BeforeFiles,
) -> Result<Upload, Error> {
    let mut room = blobs.disk().share();
    let mut files: Vec<Stored> = Vec::new();
    let mut fields = Fields::default();
    let mut seen = Vec::new();
    let mut left = limit;
    let mut has_empty = false;
    while let Some(mut part) = parts.next().await? {
        if part.name() == "file" {
            // A browser sends an empty nameless part for a file field left empty.
            if part.file_name().is_some_and(str::is_empty) {
                if has_empty || part.chunk().await?.is_some_and(|chunk| !chunk.is_empty()) {
                    return Err(field_invalid("file", "files with names".into(), "one without"));
                }
                has_empty = true;
                continue;
            }
            if files.len() == MAX_FILES {
                let expected = format!("at most {MAX_FILES} files");
                return Err(field_invalid("file", expected, "more"));
            }
            if files.is_empty() {
                gate.before_files(&fields).await?;
            }
            let file = store(part, blobs.scratch(), left, limit, &mut room).await?;
            left -= file.bytes;
            files.push(file);
            continue;
        }
        let answers = texts.iter().any(|text| text.name == ANSWERS);
        if let Some(key) = part.name().strip_prefix(ANSWER).filter(|_| answers) {
            let key: String = key.chars().take(MAX_SHOWN).collect();
            if fields.given.len() == MAX_QUESTIONS || fields.given.iter().any(|one| one.0 == key) {
                let expected = format!("the answers to at most {MAX_QUESTIONS} questions, once");
                return Err(field_invalid(&key, expected, "more"));
            }
            let answer = read_text(part, &key, MAX_ANSWER, true).await?;
            fields.given.push((key, answer));
            continue;
        }
        let Some(text) = texts.iter().find(|text| text.name == part.name()) else {
            let name: String = part.name().chars().take(MAX_SHOWN).collect();
            let known: Vec<&str> = texts.iter().map(|text| text.name).collect();
            let expected = format!("the fields file, {}", known.join(", "));
            return Err(field_invalid(&name, expected, "another one"));
        };
        if seen.contains(&text.name) {
            return Err(field_invalid(text.name, "the field once".into(), "it again"));
        }
        seen.push(text.name);
        *(text.place)(&mut fields) = read_text(part, text.name, text.max_chars, text.lines).await?;
    }
    check_url(&fields.url)?;
    for (what, url) in [("code_url", &fields.code_url), ("data_url", &fields.data_url)] {
        if !url.is_empty() {
            https_url(what, url, 500)?;
        }
    }
    bundle(files, fields, room)
}

/// A link on a page leads to a page, not into a script.
fn check_url(url: &str) -> Result<(), Error> {
    if url.is_empty() || url.starts_with("https://") || url.starts_with("http://") {
        return Ok(());
    }
    let expected = "an address that starts with https:// or http://, or nothing".into();
    Err(field_invalid("url", expected, "something else"))
}

/// The text of a field, trimmed, with lines that end as on Unix. `lines`: whether it may have several.
async fn read_text(
    mut part: Part,
    name: &str,
    max_chars: usize,
    lines: bool,
) -> Result<String, Error> {
    let invalid = |expected: String, found: &str| field_invalid(name, expected, found);
    let too_long = || invalid(format!("at most {max_chars} characters"), "more");
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await? {
        // No character has more than four bytes.
        if bytes.len() + chunk.len() > 4 * max_chars {
            return Err(too_long());
        }
        bytes.extend_from_slice(&chunk);
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| invalid("text in UTF-8".into(), "other bytes"))?
        .replace("\r\n", "\n");
    let text = text.trim();
    if text.chars().count() > max_chars {
        return Err(too_long());
    }
    if !lines && text.contains(['\n', '\r']) {
        return Err(invalid("one line".into(), "several"));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(invalid("text without control characters".into(), "some"));
    }
    Ok(text.to_owned())
}

async fn store(
    mut part: Part,
    scratch: &Path,
    left: u64,
    limit: u64,
    room: &mut Share,
) -> Result<Stored, Error> {
    let name = part.file_name().unwrap_or_default().to_owned();
    let (file, path) = NamedTempFile::new_in(scratch)?.into_parts();
    let mut file = tokio::fs::File::from_std(file);
    // What an upload takes of memory is a multiple of this.
    file.set_max_buf_size(BUFFER);
    let mut file = tokio::io::BufWriter::with_capacity(BUFFER, file);
    let mut hash = Sha256::new();
    let mut bytes = 0u64;
    while let Some(chunk) = part.chunk().await? {
        bytes += chunk.len() as u64;
        if bytes > left {
            return Err(too_large(limit));
        }
        if !room.take(COPIES * chunk.len() as u64) {
            return Err(Error::no_room("uploads would use the space that is kept free"));
        }
        hash.update(&chunk);
        file.write_all(&chunk).await?;
        room.written(chunk.len() as u64);
    }
    file.flush().await?;
    Ok(Stored { name, file: path, bytes, sha256: crate::digest::hex(&hash.finalize()) })
}

/// One file that is no segmentation by name is taken for the zip it should be.
fn bundle(mut parts: Vec<Stored>, fields: Fields, room: Share) -> Result<Upload, Error> {
    if parts.len() == 1
        && let Some(part) = parts.pop_if(|part| !is_segmentation(&part.name))
    {
        let Stored { file, bytes, sha256, .. } = part;
        return Ok(Upload { body: Body::Zip(file), bytes, sha256, fields, room, place: None });
    }
    if parts.is_empty() {
        let expected = "a zip, or one segmentation a case, in the field 'file'".into();
        return Err(field_invalid("file", expected, "no file"));
    }
    parts.sort_by(|a, b| a.name.cmp(&b.name));
    let mut hash = Sha256::new();
    for part in &parts {
        hash.update(format!("{} {}\n", part.sha256, part.name));
    }
    let sha256 = crate::digest::hex(&hash.finalize());
    let bytes = parts.iter().map(|part| part.bytes).sum();
    let (named, files) =
        parts.into_iter().map(|part| ((part.name, part.file.to_path_buf()), part.file)).unzip();
    Ok(Upload { body: Body::Files { named, files }, bytes, sha256, fields, room, place: None })
}

fn is_segmentation(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with(".nrrd") || name.ends_with(".npz")
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;

    #[tokio::test]
    async fn an_upload_that_drips_on_is_given_up_and_leaves_no_file() {
        let head = "--edge\r\ncontent-disposition: form-data; name=\"file\"; \
                    filename=\"a.zip\"\r\n\r\n";
        let drops = futures_util::stream::unfold((), async |()| {
            tokio::time::sleep(Duration::from_millis(1)).await;
            Some(("a", ()))
        });
        let body = futures_util::stream::iter([head]).chain(drops).map(Ok::<_, std::io::Error>);
        let mut headers = HeaderMap::new();
        let kind = header::HeaderValue::from_static("multipart/form-data; boundary=edge");
        headers.insert(header::CONTENT_TYPE, kind);
        let folder = tempfile::tempdir().unwrap();
        let scratch = folder.path().join("tmp");
        let intake = Intake {
            blobs: &Blobs::local(&folder.path().join("blobs"), &scratch).unwrap(),
            limit: 1 << 30,
            longest: Duration::from_millis(50),
            stop: &Stop::default(),
        };
        let received = intake.receive(&headers, RequestBody::from_stream(body), SUBMISSION, &());
        let error = received.await.unwrap_err();
        assert_eq!(error.code(), Some(Code::RequestTooSlow));
        assert_eq!(std::fs::read_dir(scratch).unwrap().count(), 0);
    }
}
