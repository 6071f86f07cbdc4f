//! A picture in a form.

use axum::body::Body;
use axum::http::HeaderMap;

use super::multipart::{Part, Parts};
use crate::domain::Error;

/// What the other parts of the form may add to the picture.
const OVERHEAD: u64 = 64 * 1024;

/// The longest name that is read.
const MAX_NAME: usize = 400;

/// The picture in the field `file`, and its name: what the field `name` says, or else what the file is called.
pub struct Picture {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Reads a form with a picture; of one that is larger than `limit` bytes, only so much that this can be seen.
pub async fn picture(headers: &HeaderMap, body: Body, limit: usize) -> Result<Picture, Error> {
    let mut parts = Parts::new(headers, body, limit as u64 + OVERHEAD)?;
    let mut found = Picture { name: String::new(), bytes: Vec::new() };
    while let Some(mut part) = parts.next().await? {
        match part.name() {
            "name" => {
                let name = read(&mut part, MAX_NAME).await?;
                found.name = String::from_utf8_lossy(&name).trim().to_owned();
            }
            "file" => {
                if found.name.is_empty() {
                    found.name = part.file_name().unwrap_or_default().to_owned();
                }
                found.bytes = read(&mut part, limit).await?;
                break;
            }
            _ => {}
        }
    }
    Ok(found)
}

/// So many bytes of a part and at most a chunk more.
async fn read(part: &mut Part, limit: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    while bytes.len() <= limit
        && let Some(chunk) = part.chunk().await?
    {
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
