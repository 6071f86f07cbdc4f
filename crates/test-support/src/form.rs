//! Bodies of requests.

use axum::body::Body;
use axum::http::{Request, header};

/// What stands between two parts of a body.
pub const BOUNDARY: &str = "----------------asoca";

/// A `multipart/form-data` body.
#[derive(Clone, Default)]
pub struct Form {
    body: Vec<u8>,
}

impl Form {
    /// With a zip in the field `file`.
    pub fn zip(bytes: &[u8]) -> Self {
        Self::default().file("results.zip", bytes)
    }

    /// One more part in the field `file`.
    pub fn file(self, name: &str, bytes: &[u8]) -> Self {
        let disposition = format!("name=\"file\"; filename=\"{name}\"");
        self.part(&format!("{disposition}\r\ncontent-type: application/octet-stream"), bytes)
    }

    /// One more part with a value.
    pub fn field(self, name: &str, value: &str) -> Self {
        self.part(&format!("name=\"{name}\""), value.as_bytes())
    }

    fn part(mut self, head: &str, bytes: &[u8]) -> Self {
        let head = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; {head}\r\n\r\n");
        self.body.extend_from_slice(head.as_bytes());
        self.body.extend_from_slice(bytes);
        self.body.extend_from_slice(b"\r\n");
        self
    }

    /// The whole body.
    pub fn bytes(&self) -> Vec<u8> {
        [self.body.as_slice(), format!("--{BOUNDARY}--\r\n").as_bytes()].concat()
    }

    /// The request that sends it.
    pub fn request(&self, path: &str) -> Request<Body> {
        Request::post(path)
            .header(header::CONTENT_TYPE, content_type())
            .body(self.bytes().into())
            .unwrap()
    }
}

/// The content type of every [`Form`].
pub fn content_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

/// Fields as a browser sends a form without files.
pub fn url_encoded(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
                byte => format!("%{byte:02X}"),
            })
            .collect()
    };
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}
