//! The use cases: what participants and organisers do, whether a page, the API or a command asks for it.
//!
//! They take the stores and the ways out of the program ([`Services`]) and return [`Error`](crate::domain::Error)s;
//! they know nothing of HTTP.

pub mod accounts;
pub mod again;
pub mod annotators;
pub mod announcements;
mod caller;
pub mod challenge;
pub mod credentials;
pub mod decide;
mod edits;
pub mod entries;
pub mod exports;
pub mod fields;
pub mod flags;
pub mod images;
pub mod letters;
mod mailing;
pub mod methods;
pub mod outbox;
pub mod passwords;
mod phase_spec;
pub mod phases;
pub mod pictures;
pub mod places;
pub mod profiles;
pub mod releases;
pub mod report;
pub mod sign_ups;
pub mod site_pages;
pub mod submit;
pub mod teams;
pub mod trials;
pub mod truth_sets;
pub mod upload;

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::blobs::Blobs;
use crate::leaderboard::Leaderboards;
use crate::mail::Mailer;
use crate::scoring::Notifier;
use crate::stop::Stop;
use crate::store::Store;

use passwords::Passwords;
use places::Places;

pub use caller::Caller;
pub use phase_spec::PhaseSpec;

/// How many requests may wait for a score at a time. The others are answered at once, with where to ask.
const MAX_WAITS: usize = 256;

/// How many uploads may have their headers checked at a time.
const MAX_CHECKS: usize = 2;

/// How many cases are drawn at a time. Each takes a core for a fraction of a second.
const MAX_DRAWINGS: usize = 1;

/// What the use cases work with.
#[derive(Clone)]
pub struct Services {
    pub store: Store,
    pub blobs: Blobs,
    /// To the worker of this process and back.
    pub notifier: Arc<Notifier>,
    /// Without it no mail is sent: whoever forgot a password asks an organiser.
    pub mailer: Option<Mailer>,
    /// The address people reach the server by, without a slash at the end.
    pub public_url: String,
    pub passwords: Passwords,
    pub leaderboards: Leaderboards,
    pub stop: Stop,
    /// For those who wait for a score.
    waits: Places,
    checks: Arc<Semaphore>,
    /// For those who want a case drawn.
    drawings: Arc<Semaphore>,
}

impl Services {
    pub fn new(
        store: Store,
        blobs: Blobs,
        notifier: Arc<Notifier>,
        mailer: Option<Mailer>,
        public_url: String,
        stop: Stop,
    ) -> Self {
        Self {
            leaderboards: Leaderboards::new(store.clone()),
            store,
            blobs,
            notifier,
            mailer,
            public_url,
            passwords: Passwords::new(),
            stop,
            waits: Places::new(MAX_WAITS),
            checks: Arc::new(Semaphore::new(MAX_CHECKS)),
            drawings: Arc::new(Semaphore::new(MAX_DRAWINGS)),
        }
    }
}
