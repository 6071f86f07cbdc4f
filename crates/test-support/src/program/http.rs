use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

/// A server's address, without the scheme, and who talks to it.
pub struct Client<'a> {
    /// Where it listens.
    pub host: &'a str,
    /// Whose requests these are.
    pub token: Option<&'a str>,
}

/// An answer that has arrived whole.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// In small letters.
    pub head: String,
    /// Its body.
    pub body: String,
}

impl Answer {
    /// All that comes until the connection ends.
    #[track_caller]
    pub fn read(mut from: impl Read) -> Self {
        let mut answer = String::new();
        from.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let head = head.to_ascii_lowercase();
        let chunked = head.contains("\r\ntransfer-encoding: chunked");
        let body = if chunked { joined(body) } else { body.to_owned() };
        Self { status, head, body }
    }

    /// The JSON of an answer that has this status.
    #[track_caller]
    pub fn json(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A body that came in chunks, as a proxy sends what it has unpacked.
#[track_caller]
fn joined(mut chunks: &str) -> String {
    let mut body = String::new();
    loop {
        let (size, rest) = chunks.split_once("\r\n").unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        body.push_str(&rest[..size]);
        if size == 0 {
            return body;
        }
        chunks = rest[size..].strip_prefix("\r\n").unwrap();
    }
}

const BOUNDARY: &str = "----the-end-of-a-part";

impl<'a> Client<'a> {
    /// From an address such as `http://127.0.0.1:8080`.
    pub fn new(url: &'a str, token: Option<&'a str>) -> Self {
        Self { host: url.strip_prefix("http://").unwrap(), token }
    }

    /// Asks for a page or document.
    pub fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path}"), "", b"")
    }

    /// Sends a form whose fields are encoded already.
    pub fn post_form(&self, path: &str, fields: &str) -> Answer {
        let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
        self.send(&format!("POST {path}"), kind, fields.as_bytes())
    }

    /// Sends a zip as curl does. A request with the same key may be repeated.
    pub fn submit(&self, zip: &[u8], query: &str, key: &str) -> Answer {
        let mut stream = TcpStream::connect(self.host).unwrap();
        stream.write_all(&self.submission(zip, query, key)).unwrap();
        Answer::read(stream)
    }

    /// The bytes that submit a zip.
    pub fn submission(&self, zip: &[u8], query: &str, key: &str) -> Vec<u8> {
        let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=");
        let mut body = format!("{part}\"method\"\r\n\r\nby hand\r\n").into_bytes();
        body.extend(format!("{part}\"file\"; filename=\"a.zip\"\r\n\r\n").bytes());
        body.extend(zip);
        body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
        let head = format!(
            "Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nIdempotency-Key: {key}\r\n"
        );
        self.request(&format!("POST /api/v1/submissions{query}"), &head, &body)
    }

    fn send(&self, what: &str, head: &str, body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.host).unwrap();
        stream.write_all(&self.request(what, head, body)).unwrap();
        Answer::read(stream)
    }

    /// The bytes of a request after which the connection ends.
    fn request(&self, what: &str, head: &str, body: &[u8]) -> Vec<u8> {
        let who = self.token.map(|token| format!("Authorization: Bearer {token}\r\n"));
        let (host, who, length) = (self.host, who.unwrap_or_default(), body.len());
        let head = format!(
            "{what} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{who}{head}\
             Content-Length: {length}\r\n\r\n"
        );
        [head.as_bytes(), body].concat()
    }
}
