//! Pictures of the site: what is taken for one, and what organisers do with them.

use serde_json::json;

use super::{Caller, Services};
use crate::digest::sha256;
use crate::domain::{Action, Code, Error, ImageKind};
use crate::store::{AuditContext, ListedImage, NewImage, StoreError, Timestamp};

/// What a picture may be at most: bytes, and pixels of a side, which is what it takes to show it.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub bytes: usize,
    pub side: u32,
}

/// Of the logo.
pub const LOGO_BOUNDS: Bounds = Bounds { bytes: 256_000, side: 1024 };

/// Of a picture of a page.
pub const BOUNDS: Bounds = Bounds { bytes: 1_000_000, side: 4096 };

/// The most pictures of pages.
pub const MAX_IMAGES: i64 = 100;

/// The most characters of a picture's name, without the extension.
const MAX_NAME: usize = 60;

/// A kind and a size as a file's own header says them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Header {
    kind: ImageKind,
    width: u32,
    height: u32,
}

/// What the bytes of a file are, whatever it is called: nothing if they are no picture of these kinds.
fn header(bytes: &[u8]) -> Option<Header> {
    png(bytes).or_else(|| jpeg(bytes)).or_else(|| webp(bytes))
}

fn part<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// PNG (ISO/IEC 15948): a signature, and IHDR is the first chunk.
fn png(bytes: &[u8]) -> Option<Header> {
    let rest = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR")?;
    let (width, height) = (u32::from_be_bytes(part(rest, 0)?), u32::from_be_bytes(part(rest, 4)?));
    Some(Header { kind: ImageKind::Png, width, height })
}

/// JPEG (ITU-T T.81): the size is in the frame header, after some other segments.
fn jpeg(bytes: &[u8]) -> Option<Header> {
    let mut rest = bytes.strip_prefix(b"\xff\xd8")?;
    loop {
        let [0xff, marker] = part(rest, 0)? else { return None };
        match marker {
            // Any number of these fills the space before a marker.
            0xff => rest = rest.get(1..)?,
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let [height, width] = [part(rest, 5)?, part(rest, 7)?].map(u16::from_be_bytes);
                let [width, height] = [width, height].map(u32::from);
                return Some(Header { kind: ImageKind::Jpeg, width, height });
            }
            0xc4 | 0xcc | 0xdb..=0xef | 0xfe => {
                let length = usize::from(u16::from_be_bytes(part(rest, 2)?));
                rest = rest.get(2 + length.max(2)..)?;
            }
            _ => return None,
        }
    }
}

/// WebP (RFC 9649): a RIFF container whose first chunk says the size.
fn webp(bytes: &[u8]) -> Option<Header> {
    let [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P'] = part(bytes, 0)? else {
        return None;
    };
    let (name, data): ([u8; 4], _) = (part(bytes, 12)?, bytes.get(20..)?);
    let (width, height) = match &name {
        b"VP8 " => {
            let [0x9d, 0x01, 0x2a] = part(data, 3)? else { return None };
            let side = |at| Some(u32::from(u16::from_le_bytes(part(data, at)?)) & 0x3fff);
            (side(6)?, side(8)?)
        }
        b"VP8L" => {
            let [0x2f] = part(data, 0)? else { return None };
            let bits = u32::from_le_bytes(part(data, 1)?);
            ((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1)
        }
        b"VP8X" => {
            let side = |at| {
                let [a, b, c] = part(data, at)?;
                Some(u32::from_le_bytes([a, b, c, 0]) + 1)
            };
            (side(4)?, side(7)?)
        }
        _ => return None,
    };
    Some(Header { kind: ImageKind::Webp, width, height })
}

fn refused(expected: impl Into<String>, found: impl Into<String>, hint: &str) -> Error {
    Error::new(Code::FieldInvalid, expected, found, hint)
}

/// The picture that some bytes are, if they are one within the bounds.
fn checked<'a>(bytes: &'a [u8], sha256: &'a str, most: Bounds) -> Result<NewImage<'a>, Error> {
    const HINT: &str = "Save the picture as PNG, JPEG or WebP, and smaller if need be.";
    let Bounds { bytes: most_bytes, side } = most;
    if bytes.len() > most_bytes {
        return Err(refused(format!("at most {} kB", most_bytes / 1000), "more", HINT));
    }
    let found = if bytes.is_empty() { "no file" } else { "another file" };
    let Header { kind, width, height } =
        header(bytes).ok_or_else(|| refused("a picture as PNG, JPEG or WebP", found, HINT))?;
    let sides = 1..=side;
    if !sides.contains(&width) || !sides.contains(&height) {
        let expected = format!("a picture of at most {side} × {side} pixels");
        return Err(refused(expected, format!("one of {width} × {height}"), HINT));
    }
    Ok(NewImage { kind, width: width.into(), height: height.into(), sha256, bytes })
}

/// Whether a picture of a page may be called that: such a name needs no escape in an address.
pub fn is_name(name: &str) -> bool {
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=MAX_NAME).contains(&stem.len())
        && stem.chars().all(fits)
        && extension.parse::<ImageKind>().is_ok()
}

/// What a file becomes in addresses: small letters, digits and dashes, and its kind.
fn name_of(file: &str, kind: ImageKind) -> Result<String, Error> {
    let file = file.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem).to_ascii_lowercase();
    let words: Vec<&str> =
        stem.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let name = format!("{}.{kind}", words.join("-"));
    if is_name(&name) {
        return Ok(name);
    }
    let expected = format!("a name of 1 to {MAX_NAME} letters, digits and dashes");
    Err(refused(expected, "another one", "Rename the file, or send the field 'name' before it."))
}

fn by(caller: &Caller, detail: serde_json::Value) -> Result<AuditContext, Error> {
    caller.authorize(Action::Organise)?;
    Ok(AuditContext { actor: Some(caller.authenticated_user()?.id), detail })
}

fn told(name: &str, image: &NewImage<'_>) -> serde_json::Value {
    let NewImage { kind, width, height, sha256, bytes } = *image;
    let size = [width, height];
    json!({ "name": name, "kind": kind, "size": size, "bytes": bytes.len(), "sha256": sha256 })
}

/// Keeps a picture for pages under the name of its file.
pub async fn add(
    services: &Services,
    caller: &Caller,
    file: &str,
    bytes: &[u8],
) -> Result<ListedImage, Error> {
    caller.authorize(Action::Organise)?;
    let (digest, now) = (sha256(bytes), Timestamp::now());
    let image = checked(bytes, &digest, BOUNDS)?;
    let name = name_of(file, image.kind)?;
    let by = by(caller, told(&name, &image))?;
    match services.store.add_image(&name, &image, MAX_IMAGES, &by, now).await {
        Ok(true) => {
            let NewImage { kind, width, height, .. } = image;
            Ok(ListedImage { name, kind, width, height, sha256: digest.clone(), added_at: now })
        }
        Ok(false) => {
            let expected = format!("at most {MAX_IMAGES} pictures");
            Err(refused(expected, "one more", "Delete some that no page shows."))
        }
        Err(StoreError::Taken) => {
            let hint = "Delete the other one first, or rename the file.";
            Err(refused("a name that no picture has", name, hint))
        }
        Err(error) => Err(error.into()),
    }
}

/// Deletes a picture of pages.
pub async fn delete(services: &Services, caller: &Caller, name: &str) -> Result<(), Error> {
    let by = by(caller, json!({}))?;
    match services.store.delete_image(name, &by, Timestamp::now()).await? {
        true => Ok(()),
        false => Err(Error::not_found()),
    }
}

/// The pictures of pages, by name.
pub async fn list(services: &Services) -> Result<Vec<ListedImage>, Error> {
    Ok(services.store.images().await?)
}

/// Gives the challenge this logo.
pub async fn set_logo(services: &Services, caller: &Caller, bytes: &[u8]) -> Result<(), Error> {
    caller.authorize(Action::Organise)?;
    let digest = sha256(bytes);
    let image = checked(bytes, &digest, LOGO_BOUNDS)?;
    let before = services.store.challenge().await?.logo;
    let by = by(caller, json!({ "before": before, "after": told("logo", &image) }))?;
    Ok(services.store.set_logo(Some(&image), &by, Timestamp::now()).await?)
}

/// Takes the logo away.
pub async fn remove_logo(services: &Services, caller: &Caller) -> Result<(), Error> {
    let before = services.store.challenge().await?.logo;
    let by = by(caller, json!({ "before": before, "after": null }))?;
    Ok(services.store.set_logo(None, &by, Timestamp::now()).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\0\0\0\0\x80\x08\x06\0\0\0";
    const JPEG: &[u8] =
        b"\xff\xd8\xff\xe0\0\x04JF\xff\xff\xc4\0\x03\0\xff\xc2\0\x11\x08\0\x80\x01\0\x03";
    const LOSSY: &[u8] = b"RIFF\x40\0\0\0WEBPVP8 \x30\0\0\0\x10\0\0\x9d\x01\x2a\0\x41\x80\0";
    const LOSSLESS: &[u8] = b"RIFF\x40\0\0\0WEBPVP8L\x30\0\0\0\x2f\xff\xc0\x1f\x00\0";
    const EXTENDED: &[u8] = b"RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0\xff\0\0\x7f\0\0";

    #[test]
    fn a_picture_is_what_its_bytes_say() {
        for (bytes, kind) in [
            (PNG, ImageKind::Png),
            (JPEG, ImageKind::Jpeg),
            (LOSSY, ImageKind::Webp),
            (LOSSLESS, ImageKind::Webp),
            (EXTENDED, ImageKind::Webp),
        ] {
            let expected = Header { kind, width: 256, height: 128 };
            assert_eq!(header(bytes), Some(expected), "{kind}");
            for end in 0..bytes.len() {
                let cut = header(&bytes[..end]);
                assert!(cut.is_none_or(|found| found == expected), "{kind} cut at {end}");
            }
        }
    }

    #[test]
    fn other_files_are_no_pictures_whatever_they_are_called() {
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
        let endless = [b"\xff\xd8".as_slice(), &[0xff; 100_000]].concat();
        let others: [&[u8]; 8] = [
            b"",
            svg,
            b"GIF89a\x01\0\x01\0",
            b"%PDF-1.7",
            b"<html>",
            b"\xff\xd8\xff\xd9",
            b"RIFF",
            &endless,
        ];
        for bytes in others {
            assert_eq!(header(bytes), None);
            assert!(checked(bytes, "", BOUNDS).is_err());
        }
    }

    #[test]
    fn a_picture_keeps_within_its_bounds() {
        let mut of = PNG.to_vec();
        assert!(checked(&of, "", LOGO_BOUNDS).is_ok());
        of.resize(LOGO_BOUNDS.bytes, 0);
        assert!(checked(&of, "", LOGO_BOUNDS).is_ok());
        of.push(0);
        assert!(checked(&of, "", LOGO_BOUNDS).is_err());
        for (width, fits) in [(1024_u32, true), (1025, false), (0, false), (u32::MAX, false)] {
            let mut of = PNG.to_vec();
            of[16..20].copy_from_slice(&width.to_be_bytes());
            assert_eq!(checked(&of, "", LOGO_BOUNDS).is_ok(), fits, "{width}");
        }
    }

    #[test]
    fn a_name_is_made_of_the_files_and_its_kind_is_the_bytes() {
        let named = |file| name_of(file, ImageKind::Png).ok();
        for (file, name) in [
            ("Data Flow.PNG", "data-flow.png"),
            ("C:\\pictures\\a_b.jpeg", "a-b.png"),
            ("../../etc/passwd", "passwd.png"),
            ("figure.svg", "figure.png"),
        ] {
            assert_eq!(named(file).as_deref(), Some(name), "{file}");
        }
        for file in ["", ".png", "…", &"a".repeat(61)] {
            assert_eq!(named(file), None, "{file}");
        }
        assert!(
            !is_name("logo") && !is_name("a.svg") && !is_name("a/b.png") && is_name("a-1.webp")
        );
    }
}
