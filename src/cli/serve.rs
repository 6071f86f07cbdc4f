use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::descriptors::descriptors;
use super::error::CliError;
use super::output::output;
use super::secret::secret;
use super::site::{Opened, Site};
use super::worker::{Scoring, stop_signal};
use crate::mail::{Mailer, SetupError};
use crate::scoring::{Notifier, run_cleanup};
use crate::service::credentials::make_link;
use crate::service::outbox;
use crate::stop::Stop;
use crate::store::{LinkKind, Timestamp};
use crate::web::connections::{Limits, serve};
use crate::web::{App, Settings, router};

#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    site: Site,
    #[command(flatten)]
    scoring: Scoring,
    #[command(flatten)]
    web: Web,

    /// Leave scoring to 'asoca worker' processes (PostgreSQL only).
    #[arg(long, env = "ASOCA_NO_WORKER")]
    no_worker: bool,
}

/// How the website is reached and what it takes.
#[derive(Args, Clone)]
pub struct Web {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, env = "ASOCA_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR")]
    pub listen: SocketAddr,

    /// Public address of the site, a host without a path [default: http:// and the listening address].
    #[arg(long, env = "ASOCA_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,

    /// Maximum size of an upload in MiB.
    #[arg(long, env = "ASOCA_MAX_UPLOAD", default_value_t = 2048, value_name = "MIB")]
    pub max_upload: u64,

    /// MiB that uploads leave free on the disk of the data folder; 0 lets them fill it [default: 1024, or a twentieth
    /// of a smaller disk].
    #[arg(long, env = "ASOCA_FREE_FLOOR", value_name = "MIB")]
    pub free_floor: Option<u64>,

    /// Maximum of uploads at a time; an eighth of them for one team.
    #[arg(long, env = "ASOCA_UPLOADS_AT_ONCE", default_value_t = 64, value_name = "N",
          value_parser = clap::value_parser!(u16).range(1..))]
    pub uploads_at_once: u16,

    /// Take the client's address from X-Forwarded-For; only if all requests come through a proxy that appends it.
    #[arg(long, env = "ASOCA_TRUSTED_PROXY")]
    pub trusted_proxy: bool,

    /// Maximum of new accounts from one network in an hour, up to 100 of them at once; 0 for no limit.
    #[arg(long, env = "ASOCA_SIGN_UP_RATE", default_value_t = 600, value_name = "N")]
    pub sign_up_rate: u32,

    /// Seconds that running uploads may still take when the server is asked to stop.
    #[arg(long, env = "ASOCA_STOP_AFTER", default_value_t = 30, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(..=3600))]
    pub stop_after: u64,

    /// Maximum of connections at a time [default: as the limit of open files allows, at most 1024].
    #[arg(long, env = "ASOCA_MAX_CONNECTIONS", value_name = "N",
          value_parser = clap::value_parser!(u64).range(16..=65536))]
    pub max_connections: Option<u64>,

    /// The server to send mail through: smtp://user:password@host:port, or smtps://…
    /// ASOCA_SMTP_FILE can name a file with it.
    #[arg(long, env = "ASOCA_SMTP", hide_env_values = true, value_name = "URL")]
    pub smtp: Option<String>,

    /// Sender of mail, like 'ASOCA <asoca@example.org>'.
    #[arg(long, env = "ASOCA_MAIL_FROM", value_name = "ADDRESS")]
    pub mail_from: Option<String>,
}

/// Of the descriptors, what is left for the database and for files being scored.
const OTHER_FILES: u64 = 128;

impl Web {
    fn limits(&self) -> Limits {
        let connections = match self.max_connections {
            Some(most) => {
                descriptors();
                most
            }
            None => descriptors()
                .saturating_sub(OTHER_FILES + u64::from(self.uploads_at_once))
                .clamp(16, 1024),
        };
        Limits {
            connections: connections.try_into().unwrap_or(usize::MAX),
            finish: Duration::from_secs(self.stop_after),
            ..Limits::default()
        }
    }

    fn mailer(&self) -> Result<Option<Mailer>, CliError> {
        match (secret("ASOCA_SMTP", self.smtp.as_deref())?, &self.mail_from) {
            (None, None) => Ok(None),
            (Some(server), Some(from)) => {
                let option = |error: &SetupError| match error {
                    SetupError::Server => "--smtp",
                    SetupError::From => "--mail-from",
                };
                let mailer = Mailer::new(&server, from);
                mailer.map(Some).map_err(|error| CliError::input(option(&error), error))
            }
            _ => Err(CliError::input("--smtp and --mail-from", "are only valid together")),
        }
    }
}

/// The public address of the site, without a slash at its end. Its pages lie at the top of a host: below a path neither
/// links nor cookies would be right.
pub fn public_url(url: &str) -> Result<String, CliError> {
    let refused = |why: &str| Err(CliError::input("--public-url", why));
    let Some((scheme @ ("http" | "https"), place)) = url.split_once("://") else {
        return refused("has to start with http:// or https://");
    };
    let host = place.trim_end_matches('/');
    if host.contains('/') {
        return refused(
            "has to be a host without a path: the site can't lie below one such as /asoca; give it a host name of its own",
        );
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
    if host.is_empty() || !host.chars().all(fits) {
        return refused(
            "has to be http:// or https:// with a host and, if need be, a port, such as https://asoca.example.org",
        );
    }
    Ok(format!("{scheme}://{host}"))
}

impl Serve {
    pub async fn run(self) -> Result<(), CliError> {
        if self.no_worker && self.site.database_url.is_none() {
            return Err(CliError::input(
                "--no-worker needs PostgreSQL",
                "with SQLite no other process can score",
            ));
        }
        let server = Server::bind(&self.web).await?;
        let url = server.url().to_owned();
        let alone = self.site.lock()?;
        let opened = self.site.open().await?;
        if let Some(alone) = &alone {
            alone.take_over(&opened.store).await?;
        }
        let asked_to_stop = stop_signal();
        let stop = CancellationToken::new();
        let scoring = (!self.no_worker).then_some(&self.scoring);
        let running = server.start(&opened, scoring, stop.clone())?;
        tracing::info!("listening on {url}");
        if !opened.store.has_organiser().await? {
            let path =
                make_link(&opened.store, LinkKind::Welcome, None, None, Timestamp::now()).await;
            let path =
                path.map_err(|error| CliError::server("the first organiser's link", error))?;
            // Not into the log, which more people read for longer.
            output(|out| writeln!(out, "Create the first organiser's account: {url}{path}"))?;
        }
        asked_to_stop.await;
        tracing::info!("stopping");
        stop.cancel();
        running.ended_or_asked_again().await?;
        opened.close().await;
        drop(alone);
        Ok(())
    }
}

/// A website that has its port but does not answer yet.
pub struct Server {
    listener: TcpListener,
    /// Bytes that uploads leave free.
    free_floor: Option<u64>,
    settings: Settings,
    limits: Limits,
}

/// A website that answers, and its worker.
pub struct Running {
    web: tokio::task::JoinHandle<()>,
    worker: Option<tokio::task::JoinHandle<()>>,
}

impl Server {
    /// Takes the port first: nothing is made or opened for a server that can't listen.
    pub async fn bind(web: &Web) -> Result<Self, CliError> {
        let mail = web.mailer()?;
        let taken = |error: std::io::Error| {
            let what = format!("the address {} can't be used for listening", web.listen);
            match error.kind() {
                std::io::ErrorKind::AddrInUse => {
                    CliError::server(what, "another program uses it; choose another with --listen")
                }
                _ => CliError::server(what, error),
            }
        };
        let listener = TcpListener::bind(web.listen).await.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        let public_url = match &web.public_url {
            Some(url) => public_url(url)?,
            None => format!("http://{}", reachable(address)),
        };
        let max_upload = web.max_upload.saturating_mul(1 << 20);
        let free_floor = web.free_floor.map(|mib| mib.saturating_mul(1 << 20));
        let settings = Settings {
            public_url,
            max_upload,
            uploads_at_once: web.uploads_at_once.into(),
            trusted_proxy: web.trusted_proxy,
            mail,
            sign_up_rate: web.sign_up_rate,
        };
        Ok(Self { listener, free_floor, settings, limits: web.limits() })
    }

    pub fn url(&self) -> &str {
        &self.settings.public_url
    }

    /// Answers requests and, with `scoring`, scores submissions, until told to stop.
    pub fn start(
        self,
        opened: &Opened,
        scoring: Option<&Scoring>,
        stop: CancellationToken,
    ) -> Result<Running, CliError> {
        let notifier = Arc::new(Notifier::default());
        let worker = match scoring {
            Some(scoring) => {
                let worker = scoring.worker(opened, Arc::clone(&notifier))?;
                Some(tokio::spawn(worker.run(stop.clone())))
            }
            None => None,
        };
        let blobs = opened.blobs.clone().with_free_floor(self.free_floor);
        tokio::spawn(run_cleanup(opened.store.clone(), opened.blobs.clone(), stop.clone()));
        let stop = Stop::when(stop);
        let app = App::new(opened.store.clone(), blobs, notifier, self.settings, stop.clone());
        let sender = outbox::run(app.services.clone(), outbox::INTERVAL, stop.clone());
        tokio::spawn(sender);
        let web = tokio::spawn(serve(self.listener, router(app), self.limits, stop));
        Ok(Running { web, worker })
    }
}

impl Running {
    /// Waits until requests and worker have come to their end: uploads have [`Web::stop_after`].
    pub async fn ended(self) -> Result<(), CliError> {
        let worker = async {
            match self.worker {
                Some(worker) => worker.await.map_err(|error| CliError::server("the worker", error)),
                None => Ok(()),
            }
        };
        let web = async { self.web.await.map_err(|error| CliError::server("the website", error)) };
        tokio::try_join!(worker, web).map(drop)
    }

    /// The same, but whoever asks a second time does not want to wait. What was accepted is durable.
    pub async fn ended_or_asked_again(self) -> Result<(), CliError> {
        tokio::select! {
            ended = self.ended() => ended,
            () = stop_signal() => {
                tracing::warn!("stopping at once");
                Ok(())
            }
        }
    }
}

/// Where a browser on this machine finds a server that listens on all addresses.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => ([127, 0, 0, 1], v4.port()).into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => {
            (std::net::Ipv6Addr::LOCALHOST, v6.port()).into()
        }
        address => address,
    }
}
