//! Moments are compared by the database, so it has to see them as the program does.

use std::time::Duration;

use asoca::domain::Scope;
use asoca::store::{NewToken, Timestamp};
use test_support::rows::account;
use test_support::{Database, on_both_engines};

use crate::scene::{at, value};

on_both_engines! {
    moments_come_back_to_the_microsecond,
    the_database_orders_moments_as_the_program_does,
}

/// Full seconds, which are shorter to write, beside their neighbours, and years apart.
fn moments() -> Vec<Timestamp> {
    let micros = |micros| at(0).plus(Duration::from_micros(micros));
    vec![
        Timestamp::parse("1999-12-31T23:59:59.999999Z").unwrap(),
        at(0).minus(Duration::from_micros(1)),
        at(0),
        micros(1),
        micros(100_000),
        micros(123_456),
        micros(999_999),
        at(1),
        Timestamp::parse("9999-12-31T23:59:59Z").unwrap(),
    ]
}

async fn moments_come_back_to_the_microsecond(database: Database) {
    let store = &database.store;
    let user_id = store.add_account(&account("a@example.org", None), at(0)).await.unwrap();
    for moment in moments() {
        let digest = moment.rfc3339();
        let new = NewToken {
            user_id,
            name: "",
            digest: &digest,
            hint: "",
            scope: Scope::Read,
            expires_at: moment,
        };
        store.add_token(&new, moment).await.unwrap();
        assert_eq!(store.token(&digest).await.unwrap().unwrap().expires_at, moment);
    }
    let ordered = store.tokens_of(user_id).await.unwrap();
    assert_eq!(ordered.len(), moments().len());
}

async fn the_database_orders_moments_as_the_program_does(database: Database) {
    let store = &database.store;
    store.add_account(&account("a@example.org", None), at(0)).await.unwrap();
    for stored in moments() {
        crate::scene::execute!(store, "update users set created_at = $1", stored);
        for given in moments() {
            let less: bool = value!(store, "select created_at < $1 from users", given);
            assert_eq!(less, stored < given, "{} < {}", stored.rfc3339(), given.rfc3339());
            let equal: bool = value!(store, "select created_at = $1 from users", given);
            assert_eq!(equal, stored == given);
        }
    }
}
