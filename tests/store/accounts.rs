use asoca::store::{EventFilter, StoreError};

use crate::common::{Database, on_both_engines};
use crate::scene::{account, at, value};

on_both_engines! {
    an_address_is_taken_in_any_letter_case,
    a_taken_team_name_adds_neither_person_nor_team,
    a_person_without_a_team_has_none,
    an_organiser_is_known_to_be_there,
    events_come_back_newest_first_as_they_were_written,
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

    let again = store.add_account(&account("b@example.org", Some("STRASSE 1")), at(1)).await;
    assert!(again.is_ok(), "upper-case ß is another name: {again:?}");
    let again = store.add_account(&account("c@example.org", Some("straße 1")), at(1)).await;
    assert!(matches!(again, Err(StoreError::Taken)), "{again:?}");

    assert!(store.user_by_email("c@example.org").await.unwrap().is_none());
    let members: i64 = value!(store, "select count(*) from team_members");
    assert_eq!(members, 2);
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
    store.note(Some(user), "first", "it", detail.clone(), at(1)).await.unwrap();
    store.note(None, "second", "it", serde_json::json!({}), at(2)).await.unwrap();
    store.note(None, "third", "it", serde_json::json!({}), at(3)).await.unwrap();

    let events = store.events(&EventFilter::default(), 2).await.unwrap();
    let actions: Vec<&str> = events.iter().map(|event| event.action.as_str()).collect();
    assert_eq!(actions, ["third", "second"]);
    let first = store.events(&EventFilter::default(), 10).await.unwrap().pop().unwrap();
    assert_eq!((first.actor, first.at, first.detail), (Some(user), at(1), detail));
}
