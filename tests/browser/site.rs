use std::ffi::OsStr;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::Value;

use crate::guard::{Guard, folder};
use crate::uploads;

/// The demo's server, one for all tests.
pub struct Site {
    pub url: String,
    pub sample_zip: PathBuf,
    /// A participant's, who submits from scripts only.
    pub token: String,
    pub participant: LogIn,
    pub organiser: LogIn,
    _guard: Guard,
}

pub struct LogIn {
    pub email: String,
    pub password: String,
}

pub static SITE: LazyLock<Site> = LazyLock::new(Site::start);

impl Site {
    fn start() -> Self {
        let folder = folder();
        let data = folder.join("demo");
        let args = ["demo", "--small", "--listen", "127.0.0.1:0", "--data"].map(OsStr::new);
        let args: Vec<&OsStr> = args.into_iter().chain([data.as_os_str()]).collect();
        let guard = Guard::start(&folder, env!("CARGO_BIN_EXE_asoca"), &args);
        let card = guard.until("demo", |_| std::fs::read(data.join("demo.json")).ok());
        let card: Value = serde_json::from_slice(&card).expect("demo.json is JSON");
        let text = |pointer: &str| {
            let value = card.pointer(pointer).and_then(Value::as_str);
            value.unwrap_or_else(|| panic!("{pointer} in demo.json")).to_owned()
        };
        let log_in = |who: &str| LogIn {
            email: text(&format!("/{who}/email")),
            password: text(&format!("/{who}/password")),
        };
        Self {
            url: text("/url"),
            sample_zip: text("/sample_zip").into(),
            token: text("/participant_token"),
            participant: log_in("participant"),
            organiser: log_in("organiser"),
            _guard: guard,
        }
    }

    /// What the API answers somebody with this token.
    pub fn get(&self, token: &str, path: &str) -> Value {
        let (status, answer) = self.request(token, &format!("GET {path}"), "", &[]);
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// The status of such an answer.
    pub fn status(&self, token: &str, path: &str) -> u16 {
        self.request(token, &format!("GET {path}"), "", &[]).0
    }

    /// Submits a zip from a script and gives the submission as it is `wait` seconds later.
    pub fn submit(&self, zip: &Path, method: &str, wait: u32) -> Value {
        let file = std::fs::read(zip).expect("the zip can be read");
        let mut body = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"method\"\r\n\r\n{method}\r\n\
             --edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.zip\"\r\n\r\n"
        )
        .into_bytes();
        body.extend(file);
        body.extend(b"\r\n--edge--\r\n");
        let line = format!("POST /api/v1/submissions?wait={wait}");
        let kind = "Content-Type: multipart/form-data; boundary=edge\r\n";
        self.request(&self.token, &line, kind, &body).1
    }

    fn request(&self, token: &str, line: &str, header: &str, body: &[u8]) -> (u16, Value) {
        let host = self.url.strip_prefix("http://").expect("plain HTTP");
        let mut stream = TcpStream::connect(host).expect("the server listens");
        // HTTP/1.0, so that the answer ends with the connection and comes in one piece.
        let head = format!(
            "{line} HTTP/1.0\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n{header}\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).expect("the server reads");
        stream.write_all(body).expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the server answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let body = serde_json::from_str(body).unwrap_or_else(|_| panic!("JSON, not {answer}"));
        (status.expect("a status"), body)
    }

    /// Gives the scorer work for some seconds, so that what is submitted next has to wait.
    pub fn keep_busy(&self) {
        let folder = tempfile::tempdir().expect("a folder");
        let zip = uploads::everything_is_vessel(folder.path(), &self.sample_zip);
        for _ in 0..2 {
            self.submit(&zip, "everything is vessel", 0);
        }
    }
}
