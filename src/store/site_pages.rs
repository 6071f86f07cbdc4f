//! Pages of the challenge's own, with all that they have said.

use sqlx::FromRow;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::timestamp::Timestamp;
use crate::domain::UserId;

/// A page as it is.
#[derive(Clone, Debug, FromRow, serde::Serialize)]
pub struct SitePage {
    pub slug: String,
    #[sqlx(flatten)]
    #[serde(flatten)]
    pub says: PageText,
    pub revision: i64,
    /// When it was last changed.
    #[sqlx(rename = "at")]
    pub changed_at: Timestamp,
}

/// What a page says in a revision.
#[derive(Clone, Debug, PartialEq, Eq, FromRow, serde::Serialize)]
pub struct PageText {
    pub title: String,
    /// Where it stands among the pages: smaller comes first.
    #[serde(rename = "order")]
    pub place: i64,
    /// In Markdown.
    pub body: String,
    /// Whether everybody sees it.
    pub published: bool,
}

/// A page in a list.
#[derive(Clone, Debug, FromRow, serde::Serialize)]
pub struct ListedPage {
    pub slug: String,
    pub title: String,
    #[serde(rename = "order")]
    pub place: i64,
    pub published: bool,
    pub revision: i64,
    #[sqlx(rename = "at")]
    pub changed_at: Timestamp,
}

/// What a page said once, in the list of its revisions.
#[derive(Clone, Debug, FromRow, serde::Serialize)]
pub struct ListedRevision {
    pub revision: i64,
    pub at: Timestamp,
    /// Name of who wrote it.
    pub author: String,
    pub title: String,
    pub published: bool,
}

/// Binds: slug, revision, moment, author, then what it says.
const ADD_REVISION: &str =
    "insert into page_revisions (slug, revision, at, author, title, place, body, published)
     values ($1, $2, $3, $4, $5, $6, $7, $8)";

macro_rules! add_revision {
    ($tx:ident, $slug:expr, $revision:expr, $says:expr, $author:expr, $now:expr) => {
        sqlx::query(ADD_REVISION)
            .bind($slug)
            .bind($revision)
            .bind($now)
            .bind($author)
            .bind(&$says.title)
            .bind($says.place)
            .bind(&$says.body)
            .bind($says.published)
            .execute(&mut *$tx)
            .await?
    };
}

impl Store {
    /// The pages in their order, those that everybody sees or all of them.
    pub async fn site_pages(&self, drafts: bool) -> Result<Vec<ListedPage>> {
        on!(self.read, db => sqlx::query_as(
            "select p.slug, p.revision, r.title, r.place, r.published, r.at
             from pages p join page_revisions r on r.slug = p.slug and r.revision = p.revision
             where r.published or $1 order by r.place, r.title, p.slug",
        )
        .bind(drafts)
        .fetch_all(db))
    }

    /// The page of this short name, as it is.
    pub async fn site_page(&self, slug: &str) -> Result<Option<SitePage>> {
        on!(self.read, db => sqlx::query_as(
            "select p.slug, p.revision, r.title, r.place, r.body, r.published, r.at
             from pages p join page_revisions r on r.slug = p.slug and r.revision = p.revision
             where p.slug = $1",
        )
        .bind(slug)
        .fetch_optional(db))
    }

    /// The page as it was in a revision.
    pub async fn site_page_at(&self, slug: &str, revision: i64) -> Result<Option<SitePage>> {
        on!(self.read, db => sqlx::query_as(
            "select slug, revision, title, place, body, published, at from page_revisions
             where slug = $1 and revision = $2",
        )
        .bind(slug)
        .bind(revision)
        .fetch_optional(db))
    }

    /// The latest revisions of a page, newest first.
    pub async fn page_revisions(&self, slug: &str, limit: i64) -> Result<Vec<ListedRevision>> {
        on!(self.read, db => sqlx::query_as(
            "select r.revision, r.at, u.display_name as author, r.title, r.published
             from page_revisions r join users u on u.id = r.author
             where r.slug = $1 order by r.revision desc limit $2",
        )
        .bind(slug)
        .bind(limit)
        .fetch_all(db))
    }

    /// Adds a page, and writes down who did; false if there are so many already. `Taken` if another one has the name.
    pub async fn add_site_page(
        &self,
        slug: &str,
        says: &PageText,
        most: i64,
        author: UserId,
        detail: serde_json::Value,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(transaction!(self, tx => {
            let count: i64 =
                sqlx::query_scalar("select count(*) from pages").fetch_one(&mut *tx).await?;
            if count >= most {
                return Ok(false);
            }
            sqlx::query("insert into pages (slug, revision) values ($1, 1)")
                .bind(slug)
                .execute(&mut *tx)
                .await?;
            add_revision!(tx, slug, 1_i64, says, author, now);
            let by = AuditContext { actor: Some(author), detail };
            record_event!(tx, by, "page created", slug, now);
            true
        }))
    }

    /// Gives a page its next revision, and writes down who did; false if `revision` is not its latest, because somebody
    /// else has changed it.
    pub async fn change_site_page(
        &self,
        slug: &str,
        revision: i64,
        says: &PageText,
        author: UserId,
        detail: serde_json::Value,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(transaction!(self, tx => {
            let touched = sqlx::query(
                "update pages set revision = revision + 1 where slug = $1 and revision = $2",
            )
            .bind(slug)
            .bind(revision)
            .execute(&mut *tx)
            .await?;
            if touched.rows_affected() == 0 {
                return Ok(false);
            }
            add_revision!(tx, slug, revision + 1, says, author, now);
            let by = AuditContext { actor: Some(author), detail };
            record_event!(tx, by, "page changed", slug, now);
            true
        }))
    }
}
