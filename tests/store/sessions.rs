use std::collections::HashMap;
use std::time::Duration;

use asoca::domain::UserId;
use asoca::store::Timestamp;
use serde_json::json;
use test_support::rows::account;
use test_support::{Database, on_both_engines};
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};

use crate::scene::{at, value};

on_both_engines! {
    a_saved_session_comes_back_whole,
    a_session_that_is_over_is_not_found_and_swept_away,
    a_deleted_session_is_gone,
    a_session_names_its_person_and_not_its_cookie,
}

fn record(lives_for: i64, data: HashMap<String, serde_json::Value>) -> Record {
    let expiry_date = time::OffsetDateTime::now_utc() + time::Duration::seconds(lives_for);
    Record { id: Id::default(), data, expiry_date }
}

async fn a_saved_session_comes_back_whole(database: Database) {
    let store = &database.store;
    let mut saved = record(60, HashMap::from([("seen".into(), json!([1, "ü", null]))]));
    store.create(&mut saved).await.unwrap();
    let loaded = store.load(&saved.id).await.unwrap().unwrap();
    assert_eq!((loaded.id, &loaded.data), (saved.id, &saved.data));
    assert_eq!(Timestamp::from(loaded.expiry_date), Timestamp::from(saved.expiry_date));

    saved.data.insert("seen".into(), json!("again"));
    store.save(&saved).await.unwrap();
    assert_eq!(store.load(&saved.id).await.unwrap().unwrap().data, saved.data);
    assert!(store.load(&Id(saved.id.0 ^ 1)).await.unwrap().is_none());
}

async fn a_session_that_is_over_is_not_found_and_swept_away(database: Database) {
    let store = &database.store;
    let (over, alive) = (record(-1, HashMap::new()), record(60, HashMap::new()));
    store.save(&over).await.unwrap();
    store.save(&alive).await.unwrap();
    assert!(store.load(&over.id).await.unwrap().is_none());
    assert_eq!(store.delete_expired_sessions(Timestamp::now()).await.unwrap(), 1);
    assert!(store.load(&alive.id).await.unwrap().is_some());
    let after_all = Timestamp::now().plus(Duration::from_secs(120));
    assert_eq!(store.delete_expired_sessions(after_all).await.unwrap(), 1);
}

async fn a_deleted_session_is_gone(database: Database) {
    let store = &database.store;
    let session = record(60, HashMap::new());
    store.save(&session).await.unwrap();
    store.delete(&session.id).await.unwrap();
    store.delete(&session.id).await.unwrap();
    assert!(store.load(&session.id).await.unwrap().is_none());
}

async fn a_session_names_its_person_and_not_its_cookie(database: Database) {
    let store = &database.store;
    let user = store.add_account(&account("a@example.org", None), at(0)).await.unwrap();
    let data = json!({ "user_id": user, "auth_hash": [1, 2, 3] });
    let session = record(60, HashMap::from([("axum-login.data".into(), data)]));
    store.save(&session).await.unwrap();

    let owner: Option<UserId> = value!(store, "select user_id from sessions");
    assert_eq!(owner, Some(user));
    let digest: String = value!(store, "select digest from sessions");
    assert!(!digest.contains(&session.id.to_string()) && digest.len() == 64, "{digest}");
}
