//! A little mail server that really speaks SMTP (RFC 5321) over a socket, and hands out what it was sent.

use std::io::Write;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use asoca::mail::Mailer;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A mail as it arrived.
#[derive(Debug, Default)]
pub struct Mail {
    pub from: String,
    pub to: String,
    /// Headers and body.
    pub text: String,
}

pub struct MailServer {
    address: SocketAddr,
    arrived: UnboundedReceiver<Mail>,
}

impl MailServer {
    pub async fn start() -> Self {
        Self::that(None).await
    }

    /// Refuses everybody it is to deliver to.
    pub async fn that_refuses() -> Self {
        Self::that(Some("550 5.1.1 nobody like that")).await
    }

    async fn that(refusal: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, arrived) = unbounded_channel();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(talk(stream, refusal, sender.clone()));
            }
        });
        Self { address, arrived }
    }

    pub fn mailer(&self) -> Mailer {
        self.mailer_of("The challenge <asoca@example.org>")
    }

    /// One whose mails are from somebody else.
    pub fn mailer_of(&self, from: &str) -> Mailer {
        Mailer::new(&format!("smtp://{}", self.address), from).unwrap()
    }

    /// The next mail, waited for.
    pub async fn next(&mut self) -> Mail {
        let next = tokio::time::timeout(Duration::from_secs(60), self.arrived.recv());
        next.await.expect("no mail comes").unwrap()
    }

    pub fn is_empty(&self) -> bool {
        self.arrived.is_empty()
    }
}

/// Python's own reader, with every defect an error: the mail's headers and its text as JSON.
const READER: &str = r#"
import email, email.policy, json, sys
mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.strict)
for name, value in mail.items():
    assert not value.defects, (name, value.defects)
print(json.dumps({
    "headers": {name.lower(): str(value) for name, value in mail.items()},
    "from": [[of.display_name, of.addr_spec] for of in mail["from"].addresses],
    "charset": mail["content-type"].params["charset"],
    "type": mail["content-type"].content_type,
    "text": mail.get_content(),
}))
"#;

impl Mail {
    /// The mail as a strict reader reads it; nothing where the machine has no Python, and everything has not to
    /// be tested (`CI` in the environment).
    pub fn read_strictly(&self) -> Option<Value> {
        let python = std::env::var("ASOCA_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let reader = Command::new(python)
            .args(["-c", READER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut reader = match reader {
            Ok(reader) => reader,
            Err(error) => {
                assert!(std::env::var_os("CI").is_none(), "no Python: {error}");
                println!("not run: no Python: {error}");
                return None;
            }
        };
        reader.stdin.take().unwrap().write_all(self.text.as_bytes()).unwrap();
        let read = reader.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&read.stderr);
        assert!(read.status.success(), "{said}\n{}", self.text);
        Some(serde_json::from_slice(&read.stdout).unwrap())
    }

    /// The body as people read it. What it was packed into for the way is "quoted-printable" (RFC 2045) here.
    pub fn body(&self) -> String {
        let (head, body) = self.text.split_once("\r\n\r\n").unwrap();
        if head.contains("Content-Transfer-Encoding: 7bit") {
            return body.to_owned();
        }
        assert!(head.contains("Content-Transfer-Encoding: quoted-printable"), "{head}");
        body.replace("=\r\n", "").replace("=3D", "=")
    }
}

/// One connection, from the greeting to the farewell.
async fn talk(stream: TcpStream, refusal: Option<&str>, arrived: UnboundedSender<Mail>) {
    let mut stream = BufReader::new(stream);
    let mut mail = Mail::default();
    let mut answer = "220 mail.example.org".to_owned();
    loop {
        stream.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap() == 0 {
            return;
        }
        let line = line.trim_end();
        let path = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        answer = match verb.as_str() {
            "EHLO" => "250-mail.example.org\r\n250 8BITMIME".into(),
            "MAIL" => {
                mail.from = path();
                "250 yes".into()
            }
            "RCPT" => {
                mail.to = path();
                refusal.unwrap_or("250 yes").into()
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await.unwrap();
                mail.text = data(&mut stream).await;
                arrived.send(std::mem::take(&mut mail)).unwrap();
                "250 on its way".into()
            }
            "QUIT" => {
                stream.write_all(b"221 farewell\r\n").await.unwrap();
                return;
            }
            _ => "502 no".into(),
        };
    }
}

/// Lines until one with nothing but a dot; another dot at a line's beginning is doubled on the way.
async fn data(stream: &mut BufReader<TcpStream>) -> String {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        assert!(stream.read_line(&mut line).await.unwrap() > 0, "the mail breaks off");
        if line == ".\r\n" {
            return text;
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
