//! Pictures that organisers upload: the logo, and those of pages.

use sqlx::FromRow;

use super::audit::{AuditContext, record_event};
use super::challenge::LOGO;
use super::engine::{Result, Store, on, transaction};
use super::timestamp::Timestamp;
use crate::domain::ImageKind;

/// A picture without its bytes.
#[derive(Clone, Debug, FromRow, serde::Serialize)]
pub struct ListedImage {
    pub name: String,
    #[sqlx(try_from = "String")]
    pub kind: ImageKind,
    pub width: i64,
    pub height: i64,
    pub sha256: String,
    pub added_at: Timestamp,
}

/// What a browser is sent of a picture.
#[derive(Clone, Debug, FromRow)]
pub struct ImageFile {
    #[sqlx(try_from = "String")]
    pub kind: ImageKind,
    pub bytes: Vec<u8>,
}

/// A picture to keep.
#[derive(Clone, Debug)]
pub struct NewImage<'a> {
    pub kind: ImageKind,
    pub width: i64,
    pub height: i64,
    pub sha256: &'a str,
    pub bytes: &'a [u8],
}

/// Binds: name, then the picture.
const ADD: &str = "insert into images (name, kind, width, height, sha256, bytes, added_at)
     values ($1, $2, $3, $4, $5, $6, $7)";

macro_rules! add {
    ($tx:ident, $name:expr, $new:expr, $now:expr) => {
        sqlx::query(ADD)
            .bind($name)
            .bind($new.kind.as_str())
            .bind($new.width)
            .bind($new.height)
            .bind($new.sha256)
            .bind($new.bytes)
            .bind($now)
            .execute(&mut *$tx)
            .await?
    };
}

impl Store {
    /// The picture of this name.
    pub async fn image(&self, name: &str) -> Result<Option<ImageFile>> {
        on!(self.read, db => sqlx::query_as("select kind, bytes from images where name = $1")
            .bind(name)
            .fetch_optional(db))
    }

    /// The pictures of pages, by name.
    pub async fn images(&self) -> Result<Vec<ListedImage>> {
        on!(self.read, db => sqlx::query_as(
            "select name, kind, width, height, sha256, added_at from images where name <> $1 order by name",
        )
        .bind(LOGO)
        .fetch_all(db))
    }

    /// Keeps a picture for pages, and writes down who sent it; false if there are so many already. `Taken` if another
    /// one has the name.
    pub async fn add_image(
        &self,
        name: &str,
        new: &NewImage<'_>,
        most: i64,
        by: &AuditContext,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(transaction!(self, tx => {
            let count: i64 = sqlx::query_scalar("select count(*) from images where name <> $1")
                .bind(LOGO)
                .fetch_one(&mut *tx)
                .await?;
            if count >= most {
                return Ok(false);
            }
            add!(tx, name, new, now);
            record_event!(tx, by, "image added", name, now);
            true
        }))
    }

    /// Deletes a picture of pages, and writes down who did; false if there is none of this name.
    pub async fn delete_image(
        &self,
        name: &str,
        by: &AuditContext,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(transaction!(self, tx => {
            let touched = sqlx::query("delete from images where name = $1 and name <> $2")
                .bind(name)
                .bind(LOGO)
                .execute(&mut *tx)
                .await?;
            if touched.rows_affected() == 0 {
                return Ok(false);
            }
            record_event!(tx, by, "image deleted", name, now);
            true
        }))
    }

    /// Gives the challenge a logo in place of the one it may have, or none, and writes that down.
    pub async fn set_logo(
        &self,
        new: Option<&NewImage<'_>>,
        by: &AuditContext,
        now: Timestamp,
    ) -> Result<()> {
        transaction!(self, tx => {
            sqlx::query("delete from images where name = $1").bind(LOGO).execute(&mut *tx).await?;
            if let Some(new) = new {
                add!(tx, LOGO, new, now);
            }
            record_event!(tx, by, "logo changed", "challenge", now);
        });
        Ok(())
    }
}
