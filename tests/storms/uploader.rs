//! Somebody who uploads until it is accepted, as a careful script does: each upload with a key of its own, and again
//! with the same key when the answer is lost or asks to come back.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

const BOUNDARY: &str = "----the-end-of-a-part";

/// Longer than any storm keeps a server away.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where the servers are just now. Those that are killed come back at another port.
pub type Servers = Arc<RwLock<Vec<String>>>;

#[derive(Default)]
pub struct Tally {
    /// Connections that were refused or broke off.
    pub broken: AtomicU64,
    /// Answers that asked to come back: 503 and 507.
    pub asked_back: AtomicU64,
    /// Uploads that had to be sent more than once.
    pub repeated: AtomicU64,
}

pub struct Uploader<'a> {
    pub servers: &'a Servers,
    pub token: &'a str,
    pub zip: &'a [u8],
    pub tally: &'a Tally,
}

/// Of an answer, its status and its body.
pub type Reply = (u16, String);

impl Uploader<'_> {
    /// Sends the upload until it is accepted, and gives the submission's id.
    pub fn accepted(&self, key: &str) -> String {
        let end = Instant::now() + PATIENCE;
        for sent in 0u32.. {
            if sent == 1 {
                self.tally.repeated.fetch_add(1, Ordering::Relaxed);
            }
            let server = {
                let servers = self.servers.read().unwrap();
                servers[sent as usize % servers.len()].clone()
            };
            match submit(&server, self.token, self.zip, key) {
                Ok((201 | 202, body)) => {
                    let report: serde_json::Value = serde_json::from_str(&body).unwrap();
                    return report["id"].as_str().unwrap().to_owned();
                }
                Ok((503 | 507, _)) => self.tally.asked_back.fetch_add(1, Ordering::Relaxed),
                Ok((status, body)) => panic!("nobody should be answered {status}: {body}"),
                Err(_) => self.tally.broken.fetch_add(1, Ordering::Relaxed),
            };
            assert!(Instant::now() < end, "the upload {key} is never accepted");
            std::thread::sleep(Duration::from_millis(20));
        }
        unreachable!()
    }
}

pub fn submit(server: &str, token: &str, zip: &[u8], key: &str) -> std::io::Result<Reply> {
    let mut body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.zip\"\r\n\r\n"
    )
    .into_bytes();
    body.extend(zip);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
    let head = format!(
        "Authorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n\
         Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
    );
    exchange(server, "POST /api/v1/submissions", &head, &body)
}

/// Sends a request and reads the whole answer.
pub fn exchange(server: &str, what: &str, head: &str, body: &[u8]) -> std::io::Result<Reply> {
    let host = server.strip_prefix("http://").unwrap();
    let address: SocketAddr = host.parse().unwrap();
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    stream.set_write_timeout(Some(Duration::from_secs(60)))?;
    let head = format!(
        "{what} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{head}Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    // Whoever refuses need not read all of it, and has answered nevertheless.
    let sent = stream.write_all(body);
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    let cut = || std::io::Error::other("the answer is cut off");
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(cut)?;
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or_else(cut)?;
    if status < 400 {
        sent?;
        read?;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        if length.is_some_and(|length: usize| length != body.len()) {
            return Err(cut());
        }
    }
    Ok((status, body.to_owned()))
}
