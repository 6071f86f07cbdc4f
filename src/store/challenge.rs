//! What the challenge is called and says of itself.

use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use sqlx::{FromRow, PgPool, SqlitePool};
use uuid::Uuid;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::timestamp::Timestamp;
use crate::domain::Hero;

/// What makes the site this challenge's.
#[derive(Clone, Debug, FromRow)]
pub struct Challenge {
    #[sqlx(flatten)]
    pub profile: Profile,
    /// Names the feed of news, for ever.
    pub feed_id: Uuid,
    /// SHA-256 of the logo, if there is one.
    pub logo: Option<String>,
    /// The same of the picture of the overview.
    pub hero_sha256: Option<String>,
    /// Goes up with every change of the profile.
    pub revision: i64,
}

/// What organisers say of the challenge.
#[derive(Clone, Debug, PartialEq, Eq, FromRow, Serialize)]
pub struct Profile {
    /// In the header, in titles and in mails.
    pub name: String,
    /// What the name stands for, or another short line.
    pub tagline: String,
    /// A sentence or two, in plain text.
    pub description: String,
    /// An e-mail address or a web page; empty for none.
    pub contact: String,
    /// Who they are, with their affiliations, a line each.
    pub organisers: String,
    /// Of the data.
    pub licence: String,
    #[sqlx(json)]
    pub links: Vec<Link>,
    /// What the overview shows beside all this.
    #[sqlx(try_from = "String")]
    pub hero: Hero,
    /// The name of the picture that it shows, if it shows one.
    pub hero_picture: String,
    /// What is to be seen on it.
    pub hero_alt: String,
}

/// A page elsewhere: the data, a paper, code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub label: String,
    pub url: String,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            name: "ASOCA".into(),
            tagline: "Automated Segmentation Of Coronary Arteries".into(),
            description:
                "Segment the coronary tree in CT angiography, and see how your method compares."
                    .into(),
            contact: String::new(),
            organisers: String::new(),
            licence: String::new(),
            links: Vec::new(),
            hero: Hero::Example,
            hero_picture: String::new(),
            hero_alt: String::new(),
        }
    }
}

impl Default for Challenge {
    /// As it is before anybody has said anything, or where the database can't be asked.
    fn default() -> Self {
        let (profile, feed_id) = (Profile::default(), Uuid::nil());
        Self { profile, feed_id, logo: None, hero_sha256: None, revision: 1 }
    }
}

impl Challenge {
    /// The address to write to, and how it is shown, if there is one.
    pub fn contact(&self) -> Option<(String, &str)> {
        match self.profile.contact.as_str() {
            "" => None,
            page if page.starts_with("https://") => Some((page.to_owned(), page)),
            address => Some((format!("mailto:{address}"), address)),
        }
    }

    /// What it is, in a line or two.
    pub fn summary(&self) -> String {
        let Profile { name, tagline, description, .. } = &self.profile;
        let parts = [tagline, description].map(String::as_str);
        let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if said.is_empty() { name.clone() } else { said.join(". ") }
    }

    /// Where the logo is, if there is one: another address for another picture.
    pub fn logo_path(&self) -> Option<String> {
        Some(path(LOGO, self.logo.as_ref()?))
    }

    /// Whether the overview shows the synthetic example.
    pub fn shows_example(&self) -> bool {
        self.profile.hero == Hero::Example
    }

    /// Where the picture of the overview is, if it shows one that is still there.
    pub fn hero_path(&self) -> Option<String> {
        match self.profile.hero {
            Hero::Picture => Some(path(&self.profile.hero_picture, self.hero_sha256.as_ref()?)),
            Hero::Example | Hero::Nothing => None,
        }
    }

    /// What a link to the site is shown with elsewhere: the picture of the overview, or else the logo.
    pub fn shared_path(&self) -> Option<String> {
        match self.profile.hero {
            Hero::Example => Some("/example.png".to_owned()),
            Hero::Picture | Hero::Nothing => self.hero_path().or_else(|| self.logo_path()),
        }
    }
}

/// Where a picture is: another address for another one of the same name.
fn path(name: &str, sha256: &str) -> String {
    format!("/media/{name}?{}", sha256.chars().take(12).collect::<String>())
}

/// The name of the picture that is the logo. Those of pages have an extension.
pub const LOGO: &str = "logo";

const ADD: &str = "insert into challenge
         (id, feed_id, name, tagline, description, contact, organisers, licence, links,
          hero, hero_picture, hero_alt, revision)
     values (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1)
     on conflict (id) do nothing";

const READ: &str = "select c.*, i.sha256 as logo, h.sha256 as hero_sha256 from challenge c
     left join images i on i.name = 'logo'
     left join images h on h.name = c.hero_picture and h.name <> 'logo'";

/// Binds the columns that organisers set, in their order.
macro_rules! bind_profile {
    ($query:expr, $profile:expr) => {
        $query
            .bind(&$profile.name)
            .bind(&$profile.tagline)
            .bind(&$profile.description)
            .bind(&$profile.contact)
            .bind(&$profile.organisers)
            .bind(&$profile.licence)
            .bind(Json(&$profile.links))
            .bind($profile.hero.as_str())
            .bind(&$profile.hero_picture)
            .bind(&$profile.hero_alt)
    };
}

/// Adds the row where there is none yet.
pub(super) async fn begin_postgres(pool: &PgPool) -> sqlx::Result<()> {
    let usual = Profile::default();
    bind_profile!(sqlx::query(ADD).bind(Uuid::now_v7()), usual).execute(pool).await?;
    Ok(())
}

/// The same in SQLite.
pub(super) async fn begin_sqlite(pool: &SqlitePool) -> sqlx::Result<()> {
    let usual = Profile::default();
    bind_profile!(sqlx::query(ADD).bind(Uuid::now_v7()), usual).execute(pool).await?;
    Ok(())
}

impl Store {
    /// What the challenge is called and says of itself.
    pub async fn challenge(&self) -> Result<Challenge> {
        on!(self.read, db => sqlx::query_as(READ).fetch_one(db))
    }

    /// Changes what the challenge says of itself, and writes down who did; false if it has no such revision, because somebody
    /// else has changed it.
    pub async fn change_challenge(
        &self,
        revision: i64,
        to: &Profile,
        by: &AuditContext,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(transaction!(self, tx => {
            let touched = bind_profile!(sqlx::query(
                "update challenge
                 set name = $2, tagline = $3, description = $4, contact = $5, organisers = $6, licence = $7,
                     links = $8, hero = $9, hero_picture = $10, hero_alt = $11, revision = revision + 1
                 where revision = $1",
            ).bind(revision), to).execute(&mut *tx).await?;
            if touched.rows_affected() == 0 {
                return Ok(false);
            }
            record_event!(tx, by, "challenge changed", "challenge", now);
            true
        }))
    }
}
