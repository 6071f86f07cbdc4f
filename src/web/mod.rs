//! Router, extractors, pages and the API. `routes.rs` shows every address at a glance.

mod answer;
mod api;
mod auth;
mod caller;
pub mod connections;
mod error;
mod files;
mod frame;
mod gate;
mod health;
mod json;
mod markdown;
mod multipart;
mod network;
mod pages;
mod picture;
mod query;
mod revalidate;
mod routes;
mod throttle;
mod upload;
mod visitor;

use std::ops::Deref;
use std::sync::Arc;

use crate::blobs::Blobs;
use crate::mail::Mailer;
use crate::scoring::Notifier;
use crate::service::Services;
use crate::service::places::Places;
use crate::stop::Stop;
use crate::store::Store;

pub use api::members::{DESCRIBED, Described};
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

/// What every handler works with. Each layer and each request has one of its own, so it is a pointer.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// The state of the server, of which there is one.
pub struct Shared {
    pub services: Services,
    pub settings: Settings,
    bad_tokens: throttle::BadTokens,
    untrusted_proxy: network::UntrustedProxy,
    /// For uploads under way.
    uploads: Places,
    readiness: health::Readiness,
    frames: frame::Frames,
}

impl App {
    /// `stop`: knows when the server is asked to stop.
    pub fn new(
        store: Store,
        blobs: Blobs,
        notifier: Arc<Notifier>,
        settings: Settings,
        stop: Stop,
    ) -> Self {
        let (mail, url) = (settings.mail.clone(), settings.public_url.clone());
        Self(Arc::new(Shared {
            services: Services::new(store, blobs, notifier, mail, url, stop),
            uploads: Places::new(settings.uploads_at_once),
            settings,
            bad_tokens: throttle::BadTokens::default(),
            untrusted_proxy: network::UntrustedProxy::default(),
            readiness: health::Readiness::default(),
            frames: frame::Frames::default(),
        }))
    }

    pub fn store(&self) -> &Store {
        &self.services.store
    }
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
