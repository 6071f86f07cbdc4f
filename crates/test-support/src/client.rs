//! Sends requests over the network, and holds every answer against what no answer may lack or hold.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::form::{Form, url_encoded};
use crate::page::Page;

/// Longer than anything takes; who waits for longer waits for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who sends requests: somebody with a token, with a session, or nobody in particular.
#[derive(Clone)]
pub struct Client {
    /// Where requests are sent.
    pub address: SocketAddr,
    token: Option<String>,
    cookie: Option<String>,
    /// What no answer may hold.
    secrets: Vec<String>,
}

/// An answer that has arrived whole.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Client {
    /// Nobody in particular, whom no answer may tell any of the `secrets`.
    pub fn new(address: SocketAddr, secrets: Vec<String>) -> Self {
        Self { address, token: None, cookie: None, secrets }
    }

    /// The same with a token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    /// With the cookies that an answer sets: that of a session, and the browser's own.
    pub fn with_cookie_of(&self, answer: &Answer) -> Self {
        let set = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        let cookies: Vec<&str> = set.filter_map(|cookie| cookie.split(';').next()).collect();
        assert!(!cookies.is_empty(), "the answer sets no cookie");
        Self { cookie: Some(cookies.join("; ")), ..self.clone() }
    }

    /// Asks for a page or document.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form without files.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(url_encoded(fields).into())
            .unwrap();
        self.send(request).await
    }

    /// Sends a form as a browser does: an answer that leads elsewhere is followed, with the cookies that it sets.
    pub async fn post_and_follow(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.post(path, fields).await;
        if answer.status != StatusCode::SEE_OTHER {
            return answer;
        }
        let set = self.with_cookie_of_any(&answer);
        set.get(answer.header("location").unwrap()).await
    }

    /// With its own cookies and those that an answer sets, if it does.
    fn with_cookie_of_any(&self, answer: &Answer) -> Self {
        let set = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        let set: Vec<&str> = set.filter_map(|cookie| cookie.split(';').next()).collect();
        let name = |cookie: &str| cookie.split('=').next().map(str::to_owned);
        let own = self.cookie.iter().flat_map(|own| own.split("; "));
        let kept = own.filter(|own| set.iter().all(|new| name(new) != name(own)));
        let all: Vec<&str> = kept.chain(set.iter().copied()).collect();
        Self { cookie: Some(all.join("; ")), ..self.clone() }
    }

    /// Sends a document.
    pub async fn post_json(&self, path: &str, body: &Value) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        self.send(request).await
    }

    /// Submits and goes away.
    pub async fn submit(&self, form: &Form) -> Answer {
        self.send(form.request("/api/v1/submissions")).await
    }

    /// Submits and waits for the score.
    pub async fn submit_and_wait(&self, form: &Form) -> Answer {
        self.send(form.request("/api/v1/submissions?wait=60")).await
    }

    /// Submits with an idempotency key.
    pub async fn submit_with_key(&self, form: &Form, key: &str) -> Answer {
        let mut request = form.request("/api/v1/submissions");
        request.headers_mut().insert("idempotency-key", key.parse().unwrap());
        self.send(request).await
    }

    /// Sends a request, and holds the answer against what no answer may lack or hold.
    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        let headers = request.headers_mut();
        headers.insert(header::HOST, self.address.to_string().parse().unwrap());
        let mut add = |name, value: Option<String>| {
            if let Some(value) = value {
                headers.insert(name, HeaderValue::try_from(value).unwrap());
            }
        };
        add(header::AUTHORIZATION, self.token.as_ref().map(|token| format!("Bearer {token}")));
        add(header::COOKIE, self.cookie.clone());
        let answer = tokio::time::timeout(PATIENCE, self.exchange(request)).await.unwrap();
        answer.assert_headers();
        answer.assert_no_secrets(&self.secrets);
        answer
    }

    async fn exchange(&self, request: Request<Body>) -> Answer {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let (head, body) = sender.send_request(request).await.unwrap().into_parts();
        let body = to_bytes(Body::new(body), usize::MAX).await.unwrap();
        Answer { status: head.status, headers: head.headers, body }
    }

    /// The token, which is there.
    pub fn token(&self) -> &str {
        self.token.as_deref().expect("a client without a token")
    }

    /// Sends bytes and goes away.
    pub async fn send_part(&self, bytes: &[u8]) {
        TcpStream::connect(self.address).await.unwrap().write_all(bytes).await.unwrap();
    }

    /// Sends bytes as they are, as long as the server takes them, and gives all that comes back.
    pub async fn send_raw(&self, bytes: &[u8]) -> String {
        let exchange = async {
            let (mut from, mut to) = TcpStream::connect(self.address).await.unwrap().into_split();
            let (_, answer) = tokio::join!(to.write_all(bytes), async {
                let mut answer = Vec::new();
                // A server that refuses may well reset the connection afterwards.
                let _ = from.read_to_end(&mut answer).await;
                answer
            });
            String::from_utf8_lossy(&answer).into_owned()
        };
        tokio::time::timeout(PATIENCE, exchange).await.unwrap()
    }
}

impl Answer {
    /// A header, if it is there.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    /// The JSON of an answer that has this status.
    #[track_caller]
    pub fn expect(&self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()
    }

    /// A problem document (RFC 9457) of this status: its errors as (file, code).
    #[track_caller]
    pub fn problems(&self, status: StatusCode) -> Vec<(String, String)> {
        let document = self.expect(status);
        let kind = self.header("content-type").unwrap();
        assert!(kind.starts_with("application/problem+json"), "{kind}");
        assert_eq!(document["status"], status.as_u16(), "{document}");
        for member in ["type", "title", "detail"] {
            assert!(document[member].is_string(), "{member} is missing: {document}");
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let errors = document["errors"].as_array().unwrap();
        for member in ["code", "expected", "found", "hint"] {
            assert!(errors.iter().all(|error| !text(&error[member]).is_empty()), "{document}");
        }
        errors.iter().map(|error| (text(&error["file"]), text(&error["code"]))).collect()
    }

    /// The code of a problem document with one error.
    #[track_caller]
    pub fn problem(&self, status: StatusCode) -> String {
        let problems = self.problems(status);
        assert_eq!(problems.len(), 1, "{problems:?}");
        problems.into_iter().map(|(_, code)| code).collect()
    }

    /// The page of an answer that has this status.
    #[track_caller]
    pub fn page(&self, status: StatusCode) -> &str {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), Some("text/html; charset=utf-8"));
        self.text()
    }

    /// The same, to look into.
    #[track_caller]
    pub fn html(&self, status: StatusCode) -> Page {
        Page::of(self.page(status))
    }

    /// Where a redirect leads.
    #[track_caller]
    pub fn redirect(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text());
        self.header("location").unwrap()
    }

    #[track_caller]
    fn assert_headers(&self) {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(self.header(name), Some(value), "{name} of {self:?}");
        }
        let policy = self.header("content-security-policy").expect("no content security policy");
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(
            !policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(self.header("cache-control").is_some());
    }

    #[track_caller]
    fn assert_no_secrets(&self, secrets: &[String]) {
        let text = String::from_utf8_lossy(&self.body);
        for secret in secrets {
            assert!(!text.contains(secret), "the answer tells {secret}: {text}");
            assert!(!format!("{:?}", self.headers).contains(secret), "a header tells {secret}");
        }
    }
}
