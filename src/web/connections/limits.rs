use std::time::Duration;

/// What connections may take, and for how long.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at a time.
    pub connections: usize,
    /// From the first byte of a request (of a connection's first one: from connecting) to the end of its headers.
    pub headers: Duration,
    /// Between two requests. Longer than proxies keep theirs, so that they close first.
    pub idle: Duration,
    /// A client that takes nothing of an answer for this long is given up.
    pub unread_answer: Duration,
    /// What a client still sends when it has been refused is read and thrown away for this long, ...
    pub lingering: Duration,
    /// ... but no longer than this after the last of it.
    pub lingering_silence: Duration,
    /// How many connections may be read like that at a time; the others are closed at once.
    pub lingerers: usize,
    /// Uploads under way may take this long when the server is asked to stop.
    pub finish: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            headers: Duration::from_secs(20),
            idle: Duration::from_secs(150),
            unread_answer: Duration::from_secs(60),
            lingering: Duration::from_secs(30),
            lingering_silence: Duration::from_secs(5),
            lingerers: 256,
            finish: Duration::from_secs(30),
        }
    }
}
