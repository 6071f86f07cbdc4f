//! A whole synthetic challenge in one go.

mod begun;
mod card;
mod make;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::error::CliError;
use super::output::output;
use super::serve::{Server, Web};
use super::site::Site;
use super::worker::{Scoring, stop_signal};
use crate::store::Store;
use begun::{Begun, UNFINISHED};
use make::make;

#[derive(Args)]
pub struct Demo {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDR")]
    listen: SocketAddr,

    /// Folder of the demo; an existing demo is used again.
    #[arg(long, default_value = "demo-data", value_name = "DIR")]
    data: PathBuf,

    #[command(flatten)]
    scoring: Scoring,

    /// Cases of a small fixed shape, for quick trials.
    #[arg(long, hide = true)]
    small: bool,
}

fn made(error: impl std::fmt::Display) -> CliError {
    CliError::server("the demo can't be created", error)
}

impl Demo {
    pub async fn run(self) -> Result<(), CliError> {
        let web = Web {
            listen: self.listen,
            public_url: None,
            max_upload: 2048,
            free_floor: None,
            trusted_proxy: false,
            uploads_at_once: 64,
            stop_after: 30,
            max_connections: None,
            smtp: None,
            mail_from: None,
            sign_up_rate: 600,
        };
        let server = Server::bind(&web).await?;
        // Always in its own folder: a demo has no business in somebody's PostgreSQL.
        let site = Site { data: self.data.clone(), database_url: None, database_password: None };
        let alone = site.lock()?;
        let path = self.data.join("demo.json");
        let begun = Begun::look(&self.data)?;
        let opened = site.open().await?;
        if let Some(alone) = &alone {
            alone.take_over(&opened.store).await?;
        }
        let mut card = match begun {
            Begun::Finished(card) => card,
            Begun::Not => make(&opened, &self.data, self.small).await?,
        };
        card.url = server.url().to_owned();

        let stop = CancellationToken::new();
        let running = server.start(&opened, Some(&self.scoring), stop.clone())?;
        eprintln!("Listening on {}; scoring the teams' submissions.", card.url);
        // One for both waits: a signal between two of them would be lost.
        let mut asked_to_stop = std::pin::pin!(stop_signal());
        tokio::select! {
            ended = all_ended(&opened.store) => ended?,
            () = &mut asked_to_stop => {
                stop.cancel();
                return running.ended_or_asked_again().await;
            }
        }
        card.write(&path)?;
        let _ = std::fs::remove_file(self.data.join(UNFINISHED));
        output(|out| card.print(out, &path))?;

        asked_to_stop.await;
        stop.cancel();
        running.ended_or_asked_again().await?;
        opened.close().await;
        drop(alone);
        Ok(())
    }
}

/// Returns once no submission waits for a score.
async fn all_ended(store: &Store) -> Result<(), CliError> {
    while store.queue().await?.is_busy() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}
