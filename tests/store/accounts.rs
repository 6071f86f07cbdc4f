use asoca::domain::{Scope, TokenId, UserId};
use asoca::store::{AuditContext, EventFilter, LinkKind, NewAccount, NewToken, Store, StoreError};
use test_support::rows::account;
use test_support::{Database, on_both_engines};
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};

use crate::scene::{at, execute, value};

on_both_engines! {
    an_address_is_taken_in_any_letter_case,
    a_taken_team_name_adds_neither_person_nor_team,
    a_person_without_a_team_has_none,
    an_organiser_is_known_to_be_there,
    events_come_back_newest_first_as_they_were_written,
    what_is_done_to_an_account_is_written_down,
    nothing_is_done_to_an_account_that_cant_be_written_down,
}

async fn an_address_is_taken_in_any_letter_case(database: Database) {
    let store = &database.store;
    let first =
        store.add_account(&account("Ada@Example.org", Some("Team A")), at(0)).await.unwrap();

    let again = store.add_account(&account("aDA@example.ORG", Some("Team B")), at(1)).await;
    assert!(matches!(again, Err(StoreError::Taken)), "{again:?}");

    let found = store.user_by_email("ADA@EXAMPLE.ORG").await.unwrap().unwrap();
    assert_eq!((found.id, found.email.as_str()), (first, "ada@example.org"));
    let teams: i64 = value!(store, "select count(*) from teams");
    assert_eq!(teams, 1);
}

async fn a_taken_team_name_adds_neither_person_nor_team(database: Database) {
    let store = &database.store;
    let first =
        store.add_account(&account("a@example.org", Some("Straße 1")), at(0)).await.unwrap();

    for name in ["STRASSE 1", "straße 1"] {
        let again = store.add_account(&account("c@example.org", Some(name)), at(1)).await;
        assert!(matches!(again, Err(StoreError::Taken)), "{name}: {again:?}");
    }

    assert!(store.user_by_email("c@example.org").await.unwrap().is_none());
    let members: i64 = value!(store, "select count(*) from team_members");
    assert_eq!(members, 1);
    assert_eq!(store.team_of(first).await.unwrap().unwrap().name, "Straße 1");
}

async fn a_person_without_a_team_has_none(database: Database) {
    let store = &database.store;
    let user = store.add_account(&account("a@example.org", None), at(0)).await.unwrap();
    assert!(store.team_of(user).await.unwrap().is_none());
    let user = store.user(user).await.unwrap().unwrap();
    assert_eq!((user.created_at, user.organiser), (at(0), false));
}

async fn an_organiser_is_known_to_be_there(database: Database) {
    let store = &database.store;
    store.add_account(&account("a@example.org", None), at(0)).await.unwrap();
    assert!(!store.has_organiser().await.unwrap());
    let mut organiser = account("b@example.org", None);
    organiser.organiser = true;
    store.add_account(&organiser, at(0)).await.unwrap();
    assert!(store.has_organiser().await.unwrap());
}

async fn events_come_back_newest_first_as_they_were_written(database: Database) {
    let store = &database.store;
    let user = store.add_account(&account("a@example.org", None), at(0)).await.unwrap();
    let detail = serde_json::json!({ "from": null, "to": [1, 2.5, "<b>"] });
    store.record_event(Some(user), "first", "it", detail.clone(), at(1)).await.unwrap();
    store.record_event(None, "second", "it", serde_json::json!({}), at(2)).await.unwrap();
    store.record_event(None, "third", "it", serde_json::json!({}), at(3)).await.unwrap();

    let events = store.events(&EventFilter::default(), 2).await.unwrap();
    let actions: Vec<&str> = events.iter().map(|event| event.action.as_str()).collect();
    assert_eq!(actions, ["third", "second"]);
    let first = store.events(&EventFilter::default(), 10).await.unwrap().pop().unwrap();
    assert_eq!((first.actor, first.at, first.detail), (Some(user), at(1), detail));
}

/// Logs a person in, so far as the store sees it.
pub async fn session(store: &Store, user: UserId) {
    let login = serde_json::json!({ "user_id": user, "auth_hash": [1] });
    let expiry_date = time::OffsetDateTime::now_utc() + time::Duration::hours(1);
    let data = [("axum-login.data".to_owned(), login)].into();
    store.save(&Record { id: Id::default(), data, expiry_date }).await.unwrap();
}

pub fn organiser(email: &str) -> NewAccount<'_> {
    NewAccount { organiser: true, ..account(email, None) }
}

/// One after the other, everything that is done to an account, and what the audit log calls it.
async fn do_everything(store: &Store, user: UserId, token: TokenId) -> [(&'static str, bool); 10] {
    let person = store.user(user).await.unwrap().unwrap();
    let sessions = store.sessions_of(user, at(0)).await.unwrap();
    let new = NewToken {
        user_id: user,
        name: "new",
        digest: "new",
        hint: "",
        scope: Scope::Read,
        expires_at: at(100),
    };
    let (reset, welcome) = (LinkKind::Reset, LinkKind::Welcome);
    [
        ("welcome link made", store.add_link(welcome, None, "w2", None, at(1)).await.is_ok()),
        ("token made", store.add_token(&new, at(2)).await.is_ok()),
        ("token revoked", store.revoke_token(user, token, at(3)).await.unwrap_or(false)),
        (
            "session ended",
            store.end_session(user, &sessions[0].digest, at(4)).await.unwrap_or(false),
        ),
        ("other sessions ended", store.end_other_sessions(user, "", at(5)).await.is_ok()),
        (
            "password changed",
            store.change_password(&person, "changed", at(6)).await.unwrap_or(false),
        ),
        (
            "password reset",
            store.reset_password("r1", "reset", at(7)).await.is_ok_and(|user| user.is_some()),
        ),
        ("reset link made", store.add_link(reset, Some(user), "r2", None, at(8)).await.is_ok()),
        ("organiser created", store.add_account(&organiser("o@example.org"), at(9)).await.is_ok()),
        (
            "account anonymised",
            store.anonymise(user, &AuditContext::default(), at(10)).await.is_ok(),
        ),
    ]
}

/// A person with two sessions, a token and a link.
pub async fn person_with_everything(store: &Store) -> (UserId, TokenId) {
    let user = store.add_account(&account("a@example.org", None), at(0)).await.unwrap();
    session(store, user).await;
    session(store, user).await;
    let new = NewToken {
        user_id: user,
        name: "old",
        digest: "old",
        hint: "",
        scope: Scope::Read,
        expires_at: at(100),
    };
    let token = store.add_token(&new, at(0)).await.unwrap();
    store.add_link(LinkKind::Reset, Some(user), "r1", None, at(0)).await.unwrap();
    store.add_link(LinkKind::Welcome, None, "w1", None, at(0)).await.unwrap();
    (user, token)
}

async fn what_is_done_to_an_account_is_written_down(database: Database) {
    let store = &database.store;
    let (user, token) = person_with_everything(store).await;
    let before = store.events(&EventFilter::default(), 100).await.unwrap().len();
    let done = do_everything(store, user, token).await;
    assert!(done.iter().all(|(_, done)| *done), "{done:?}");
    let mut events = store.events(&EventFilter::default(), 100).await.unwrap();
    events.truncate(events.len() - before);
    let actions: Vec<&str> = events.iter().rev().map(|event| event.action.as_str()).collect();
    assert_eq!(actions, done.map(|(action, _)| action));
    let ended = events.iter().find(|event| event.action == "other sessions ended").unwrap();
    assert_eq!(ended.detail, serde_json::json!({ "sessions": 1 }));
    assert_eq!((ended.actor, &ended.subject), (Some(user), &user.to_string()));
}

async fn nothing_is_done_to_an_account_that_cant_be_written_down(database: Database) {
    let store = &database.store;
    let (user, token) = person_with_everything(store).await;
    execute!(store, "alter table audit rename to taken_away");
    let done = do_everything(store, user, token).await;
    assert!(done.iter().all(|(_, done)| !*done), "{done:?}");
    let welcome = store.add_first_organiser("w1", &organiser("o@example.org"), at(10)).await;
    assert!(welcome.is_err());
    execute!(store, "alter table taken_away rename to audit");

    assert_eq!(store.user(user).await.unwrap().unwrap().password_hash, "hash");
    assert_eq!(store.sessions_of(user, at(0)).await.unwrap().len(), 2);
    let tokens = store.tokens_of(user).await.unwrap();
    assert_eq!((tokens.len(), tokens[0].revoked_at), (1, None));
    assert!(!store.has_organiser().await.unwrap());
    for (kind, digest) in [(LinkKind::Reset, "r1"), (LinkKind::Welcome, "w1")] {
        assert!(store.open_link(kind, digest, at(10)).await.unwrap().is_some(), "{digest}");
    }
}
