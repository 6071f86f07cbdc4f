//! A multipart request to files on disk, within bounds, hashed on the way.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};
use axum::http::{HeaderMap, StatusCode, header};
use sha2::{Digest, Sha256};
use tempfile::{NamedTempFile, TempPath};
use tokio::io::AsyncWriteExt;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::failure::Failure;
use crate::challenge::Code;
use crate::volume::Format;
use crate::volume::archive::{self, Location};

/// More parts than any challenge has cases.
const MOST_FILES: usize = 1000;

/// The most bytes of a text field.
const MOST_TEXT: usize = 8 * 1024;

/// What a submission is sent with.
#[derive(Debug)]
pub struct Upload {
    pub body: Body,
    pub bytes: u64,
    pub sha256: String,
    pub fields: Fields,
}

/// The files, on disk as they came.
#[derive(Debug)]
pub enum Body {
    Zip(TempPath),
    Files {
        named: Vec<(String, PathBuf)>,
        /// Removes them in the end.
        _kept: Vec<TempPath>,
    },
}

impl Body {
    pub fn location(&self) -> Location<'_> {
        match self {
            Self::Zip(path) => Location::Zip(path),
            Self::Files { named, .. } => Location::Files(named),
        }
    }

    /// One zip to keep: the one that came, or the cases' files under the cases' ids.
    /// They hardly shrink any more, so they are packed as they are.
    pub fn into_zip(self, checked: &archive::Upload, scratch: &Path) -> std::io::Result<TempPath> {
        if let Self::Zip(path) = self {
            return Ok(path);
        }
        let (file, path) = NamedTempFile::new_in(scratch)?.into_parts();
        let mut zip = ZipWriter::new(BufWriter::with_capacity(1 << 20, file));
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(true)
            .last_modified_time(zip::DateTime::default());
        for file in &checked.files {
            let extension = match file.format {
                Format::Nrrd => "nrrd",
                Format::Npz => "npz",
            };
            zip.start_file(format!("{}.{extension}", file.case), options)?;
            std::io::copy(&mut file.source.open()?, &mut zip)?;
        }
        zip.finish()?.flush()?;
        Ok(path)
    }
}

#[derive(Clone, Debug, Default)]
pub struct Fields {
    pub phase: String,
    pub method: String,
    pub description: String,
    pub url: String,
}

struct Part {
    name: String,
    file: TempPath,
    bytes: u64,
    sha256: String,
}

fn too_large(limit: u64) -> Failure {
    Failure::of(
        StatusCode::PAYLOAD_TOO_LARGE,
        Code::ArchiveTooLarge,
        format!("at most {limit} bytes"),
        "more",
        "Save the segmentations as 8-bit NRRD with gzip encoding and zip them again; \
         twenty cases then take a few megabytes.",
    )
}

fn field_invalid(name: &str, expected: String, found: &str) -> Failure {
    Failure::of(
        StatusCode::UNPROCESSABLE_ENTITY,
        Code::FieldInvalid,
        expected,
        found,
        format!("Mend the field '{name}' and send the request again."),
    )
}

fn malformed(error: MultipartError) -> Failure {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Failure::of(
            StatusCode::PAYLOAD_TOO_LARGE,
            Code::ArchiveTooLarge,
            "a smaller upload",
            "one over the limit",
            "Save the segmentations as 8-bit NRRD with gzip encoding and zip them again.",
        );
    }
    Failure::of(
        StatusCode::BAD_REQUEST,
        Code::RequestMalformed,
        "a whole multipart/form-data body",
        "one that breaks off or has no boundaries",
        "Send the request again; curl's -F makes the body right.",
    )
}

pub fn not_multipart() -> Failure {
    Failure::of(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::RequestMediaType,
        "multipart/form-data with the field 'file'",
        "another content type",
        "curl's -F file=@results.zip sends it right; -d and --data-binary don't.",
    )
}

/// Refuses by the announced length, before a byte of the body is read.
pub fn check_length(headers: &HeaderMap, limit: u64) -> Result<(), Failure> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<u64>().ok());
    match announced {
        Some(bytes) if bytes > limit => Err(too_large(limit)),
        _ => Ok(()),
    }
}

/// Reads the request into a file below `scratch`. At most `limit` bytes of files are written.
pub async fn receive(
    mut multipart: Multipart,
    scratch: &Path,
    limit: u64,
) -> Result<Upload, Failure> {
    let mut parts: Vec<Part> = Vec::new();
    let mut fields = Fields::default();
    let mut left = limit;
    while let Some(field) = multipart.next_field().await.map_err(malformed)? {
        let name = field.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "file" => {
                // A browser sends an empty nameless part for a file field left empty.
                if field.file_name().is_some_and(str::is_empty) {
                    continue;
                }
                if parts.len() == MOST_FILES {
                    return Err(field_invalid(
                        "file",
                        format!("at most {MOST_FILES} files"),
                        "more",
                    ));
                }
                let part = store_part(field, scratch, left, limit).await?;
                left -= part.bytes;
                parts.push(part);
            }
            "phase" => fields.phase = text(field, "phase", 100).await?,
            "method" => fields.method = text(field, "method", 200).await?,
            "description" => fields.description = text(field, "description", 5000).await?,
            "url" => fields.url = text(field, "url", 500).await?,
            _ => {
                return Err(field_invalid(
                    &name.chars().take(40).collect::<String>(),
                    "the fields file, phase, method, description and url".into(),
                    "another one",
                ));
            }
        }
    }
    check_url(&fields.url)?;
    bundle(parts, fields)
}

/// A link on a page leads to a page, not into a script.
fn check_url(url: &str) -> Result<(), Failure> {
    if url.is_empty() || url.starts_with("https://") || url.starts_with("http://") {
        return Ok(());
    }
    let expected = "an address that starts with https:// or http://, or nothing".into();
    Err(field_invalid("url", expected, "something else"))
}

async fn text(mut field: Field<'_>, name: &str, most_chars: usize) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(malformed)? {
        if bytes.len() + chunk.len() > MOST_TEXT {
            return Err(field_invalid(name, format!("at most {most_chars} characters"), "more"));
        }
        bytes.extend_from_slice(&chunk);
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| field_invalid(name, "text in UTF-8".into(), "other bytes"))?;
    let text = text.trim();
    if text.chars().count() > most_chars {
        return Err(field_invalid(name, format!("at most {most_chars} characters"), "more"));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(field_invalid(name, "text without control characters".into(), "some"));
    }
    Ok(text.to_owned())
}

async fn store_part(
    mut field: Field<'_>,
    scratch: &Path,
    left: u64,
    limit: u64,
) -> Result<Part, Failure> {
    let name = field.file_name().unwrap_or_default().to_owned();
    let (file, path) = NamedTempFile::new_in(scratch)?.into_parts();
    let mut file = tokio::io::BufWriter::with_capacity(1 << 20, tokio::fs::File::from_std(file));
    let mut hash = Sha256::new();
    let mut bytes = 0u64;
    while let Some(chunk) = field.chunk().await.map_err(malformed)? {
        bytes += chunk.len() as u64;
        if bytes > left {
            return Err(too_large(limit));
        }
        hash.update(&chunk);
        file.write_all(&chunk).await?;
    }
    file.flush().await?;
    Ok(Part { name, file: path, bytes, sha256: crate::digest::hex(&hash.finalize()) })
}

/// One file that is no segmentation by name is taken for the zip it should be.
fn bundle(mut parts: Vec<Part>, fields: Fields) -> Result<Upload, Failure> {
    if parts.len() == 1
        && let Some(part) = parts.pop_if(|part| !is_segmentation(&part.name))
    {
        let Part { file, bytes, sha256, .. } = part;
        return Ok(Upload { body: Body::Zip(file), bytes, sha256, fields });
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
    let (named, kept) =
        parts.into_iter().map(|part| ((part.name, part.file.to_path_buf()), part.file)).unzip();
    Ok(Upload { body: Body::Files { named, _kept: kept }, bytes, sha256, fields })
}

fn is_segmentation(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with(".nrrd") || name.ends_with(".npz")
}
