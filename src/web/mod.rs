//! Router, extractors, pages and the API. `routes.rs` shows every address at a glance.

pub mod account_fields;
mod accounts;
mod analysis;
mod answer;
mod api;
mod auth;
mod board;
mod caller;
pub mod connections;
mod desk;
mod disclosure;
mod error;
mod files;
mod flags;
mod gate;
mod health;
mod json;
mod markdown;
mod network;
mod observers;
mod pages;
mod parts;
mod passwords;
mod phase_spec;
mod places;
mod plots;
mod reference;
mod releases;
mod report;
mod routes;
mod sign_ups;
mod submit;
mod team_desk;
mod throttle;
mod trials;
mod truth;
mod upload;
mod visitor;

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::blobs::Blobs;
use crate::mail::Mailer;
use crate::scoring::Bell;
use crate::store::Store;

use connections::Stop;
use places::Places;

pub use auth::{AuthError, make_link, make_token, secret};
pub use passwords::Passwords;
pub use phase_spec::save as save_phase;
pub use routes::{ROUTES, Route, router};

/// What a running server is configured with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address people reach the server by, without a slash at the end.
    pub public_url: String,
    /// The most bytes of one upload.
    pub max_upload: u64,
    /// How many uploads may be under way at a time.
    pub uploads_at_once: usize,
    /// Whether every request comes through a proxy that writes down whose it is, as the last entry of
    /// `X-Forwarded-For`.
    pub trusted_proxy: bool,
    /// Without it, whoever forgot a password asks an organiser.
    pub mail: Option<Mailer>,
    /// How many accounts may be made from a network in an hour; 0: any number.
    pub sign_up_rate: u32,
}

impl Settings {
    /// Cookies are for https only where the server is reached by https.
    fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

/// How many requests may wait for a score at a time. The others are answered at once, with where to ask.
const MOST_WAITS: usize = 256;

/// What every handler works with.
#[derive(Clone)]
pub struct App {
    pub store: Store,
    pub blobs: Blobs,
    pub bell: Arc<Bell>,
    pub passwords: Passwords,
    pub settings: Arc<Settings>,
    bad_tokens: throttle::BadTokens,
    untrusted_proxy: network::UntrustedProxy,
    pub stop: Stop,
    /// For uploads under way.
    uploads: Places,
    /// For those who wait for a score.
    waits: Places,
    /// How many uploads may have their headers checked at a time.
    checks: Arc<Semaphore>,
    boards: board::Boards,
    analyses: analysis::Analyses,
    readiness: health::Readiness,
}

impl App {
    pub fn new(store: Store, blobs: Blobs, bell: Arc<Bell>, settings: Settings) -> Self {
        Self {
            store,
            blobs,
            bell,
            passwords: Passwords::new(),
            uploads: Places::new(settings.uploads_at_once),
            waits: Places::new(MOST_WAITS),
            settings: Arc::new(settings),
            bad_tokens: throttle::BadTokens::default(),
            untrusted_proxy: network::UntrustedProxy::default(),
            stop: Stop::default(),
            checks: Arc::new(Semaphore::new(2)),
            boards: board::Boards::default(),
            analyses: analysis::Analyses::default(),
            readiness: health::Readiness::default(),
        }
    }

    /// One that knows when the server is asked to stop.
    pub fn with_stop(self, stop: Stop) -> Self {
        Self { stop, ..self }
    }
}
