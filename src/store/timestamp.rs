use serde::{Deserialize, Serialize};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Decode, Encode, Postgres, Sqlite, Type};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// A moment in UTC, to the microsecond, so that both engines give back what was put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Timestamp(OffsetDateTime);

/// As it is in JSON, with any offset when read.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Written(#[serde(with = "time::serde::rfc3339")] OffsetDateTime);

impl From<Written> for Timestamp {
    fn from(Written(at): Written) -> Self {
        at.into()
    }
}

impl From<Timestamp> for Written {
    fn from(Timestamp(at): Timestamp) -> Self {
        Self(at)
    }
}

/// SQLite compares timestamps as text: every one must have the same width.
const TEXT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

const SHOWN: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute] UTC");

impl Timestamp {
    /// Before everything that happens here.
    pub const EPOCH: Self = Self(OffsetDateTime::UNIX_EPOCH);

    pub fn now() -> Self {
        OffsetDateTime::now_utc().into()
    }

    /// Reads RFC 3339, with any offset.
    pub fn parse(text: &str) -> Option<Self> {
        OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339)
            .ok()
            .map(Self::from)
    }

    pub fn plus(self, duration: std::time::Duration) -> Self {
        Self(self.0 + duration)
    }

    pub fn minus(self, duration: std::time::Duration) -> Self {
        Self(self.0 - duration)
    }

    /// Time from `self` until `later`, zero when that is past.
    pub fn until(self, later: Self) -> std::time::Duration {
        (later.0 - self.0).try_into().unwrap_or_default()
    }

    /// As a form's field for a moment holds it.
    pub fn minutes(self) -> String {
        self.rfc3339().chars().take(16).collect()
    }

    /// For `<time datetime>` and JSON.
    pub fn rfc3339(self) -> String {
        self.0.format(TEXT).unwrap_or_default()
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(at: OffsetDateTime) -> Self {
        let at = at.to_offset(time::UtcOffset::UTC);
        Self(at.replace_microsecond(at.microsecond()).unwrap_or(at))
    }
}

impl From<Timestamp> for OffsetDateTime {
    fn from(at: Timestamp) -> Self {
        at.0
    }
}

/// For people: minutes, and the zone said.
impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.format(SHOWN).map_err(|_| std::fmt::Error)?)
    }
}

impl Type<Sqlite> for Timestamp {
    fn type_info() -> <Sqlite as sqlx::Database>::TypeInfo {
        <OffsetDateTime as Type<Sqlite>>::type_info()
    }

    fn compatible(ty: &<Sqlite as sqlx::Database>::TypeInfo) -> bool {
        <OffsetDateTime as Type<Sqlite>>::compatible(ty)
    }
}

impl Encode<'_, Sqlite> for Timestamp {
    fn encode_by_ref(
        &self,
        buffer: &mut <Sqlite as sqlx::Database>::ArgumentBuffer,
    ) -> Result<IsNull, BoxDynError> {
        Encode::<Sqlite>::encode(self.0.format(TEXT)?, buffer)
    }
}

impl<'r> Decode<'r, Sqlite> for Timestamp {
    fn decode(value: <Sqlite as sqlx::Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
        <OffsetDateTime as Decode<Sqlite>>::decode(value).map(Self::from)
    }
}

impl Type<Postgres> for Timestamp {
    fn type_info() -> <Postgres as sqlx::Database>::TypeInfo {
        <OffsetDateTime as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for Timestamp {
    fn encode_by_ref(
        &self,
        buffer: &mut <Postgres as sqlx::Database>::ArgumentBuffer,
    ) -> Result<IsNull, BoxDynError> {
        Encode::<Postgres>::encode(self.0, buffer)
    }
}

impl<'r> Decode<'r, Postgres> for Timestamp {
    fn decode(value: <Postgres as sqlx::Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
        <OffsetDateTime as Decode<Postgres>>::decode(value).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_on_the_full_second_is_as_wide_as_any_other() {
        let full = Timestamp::parse("2026-11-23T12:00:00Z").unwrap();
        let later = full.plus(std::time::Duration::from_micros(100_000));
        assert_eq!(full.rfc3339(), "2026-11-23T12:00:00.000000Z");
        assert!(full.rfc3339() < later.rfc3339());
    }

    #[test]
    fn an_offset_is_turned_into_utc() {
        let local = Timestamp::parse("2026-11-23T12:00:00+01:00").unwrap();
        assert_eq!(local.to_string(), "2026-11-23 11:00 UTC");
    }
}
