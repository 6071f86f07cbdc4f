//! What the frame around every page shows of the challenge.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::App;
use crate::store::{Challenge, ListedPage, StoreError};

#[derive(Clone, Debug, Default)]
pub struct Frame {
    pub challenge: Challenge,
    /// Those that everybody sees, in their order.
    pub pages: Vec<ListedPage>,
}

/// The one that was shown last, for pages that have to be shown without the database.
#[derive(Debug, Default)]
pub struct Frames(Mutex<Frame>);

impl Frames {
    fn last(&self) -> MutexGuard<'_, Frame> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// As it is now; where the database can't say, as it was shown last.
    pub async fn frame(&self) -> Frame {
        match self.read_frame().await {
            Ok(frame) => {
                self.frames.last().clone_from(&frame);
                frame
            }
            Err(error) => {
                tracing::warn!(%error, "what a page shows of the challenge can't be read");
                self.last_frame()
            }
        }
    }

    pub fn last_frame(&self) -> Frame {
        self.frames.last().clone()
    }

    async fn read_frame(&self) -> Result<Frame, StoreError> {
        let (challenge, pages) =
            (self.store().challenge().await?, self.store().site_pages(false).await?);
        Ok(Frame { challenge, pages })
    }
}
