use asoca::domain::{Scope, UserId};
use asoca::store::{EventFilter, NewToken, Store, Token};
use test_support::rows::account;
use test_support::{Database, on_both_engines};

use crate::scene::at;

on_both_engines! {
    a_token_is_valid_until_the_moment_it_expires,
    only_its_owner_revokes_a_token_and_only_once,
    use_is_written_down_at_most_once_a_minute,
    tokens_are_listed_newest_first_and_only_to_their_owner,
    the_first_use_of_a_token_from_a_network_is_one_event,
    of_the_networks_of_a_token_a_hundred_are_remembered_until_long_after_its_end,
}

async fn person(store: &Store, email: &str) -> UserId {
    store.add_account(&account(email, None), at(0)).await.unwrap()
}

/// A token that lives for 100 seconds.
async fn token(store: &Store, user_id: UserId, digest: &str) -> Token {
    let expires_at = at(100);
    let scope = Scope::Submit;
    let new = NewToken { user_id, name: "laptop", digest, hint: "asoca_123", scope, expires_at };
    store.add_token(&new, at(0)).await.unwrap();
    stored(store, digest).await
}

async fn stored(store: &Store, digest: &str) -> Token {
    store.token(digest).await.unwrap().unwrap()
}

async fn a_token_is_valid_until_the_moment_it_expires(database: Database) {
    let store = &database.store;
    let user = person(store, "a@example.org").await;
    let token = token(store, user, "d1").await;
    assert_eq!((token.scope, token.user_id, token.last_used_at), (Scope::Submit, user, None));
    assert!(token.is_valid(at(99)));
    assert!(!token.is_valid(at(100)));
    assert!(store.token("D1").await.unwrap().is_none());
}

async fn only_its_owner_revokes_a_token_and_only_once(database: Database) {
    let store = &database.store;
    let (owner, other) =
        (person(store, "a@example.org").await, person(store, "b@example.org").await);
    let token = token(store, owner, "d1").await;

    assert!(!store.revoke_token(other, token.id, at(1)).await.unwrap());
    assert!(stored(store, "d1").await.is_valid(at(1)));

    assert!(store.revoke_token(owner, token.id, at(2)).await.unwrap());
    assert!(!store.revoke_token(owner, token.id, at(3)).await.unwrap());
    let revoked = stored(store, "d1").await;
    assert_eq!(revoked.revoked_at, Some(at(2)));
    assert!(!revoked.is_valid(at(2)));
}

async fn use_is_written_down_at_most_once_a_minute(database: Database) {
    let store = &database.store;
    let user = person(store, "a@example.org").await;
    token(store, user, "d1").await;
    for (now, written) in [(10, 10), (11, 10), (69, 10), (70, 70), (71, 70)] {
        store.touch_token(&stored(store, "d1").await, at(now)).await.unwrap();
        assert_eq!(stored(store, "d1").await.last_used_at, Some(at(written)), "at {now}");
    }
}

async fn tokens_are_listed_newest_first_and_only_to_their_owner(database: Database) {
    let store = &database.store;
    let (owner, other) =
        (person(store, "a@example.org").await, person(store, "b@example.org").await);
    let first = token(store, owner, "d1").await.id;
    token(store, other, "d2").await;
    let second = token(store, owner, "d3").await.id;
    let listed = store.tokens_of(owner).await.unwrap();
    assert_eq!(listed.iter().map(|token| token.id).collect::<Vec<_>>(), [second, first]);
}

async fn the_first_use_of_a_token_from_a_network_is_one_event(database: Database) {
    let store = &database.store;
    let user = person(store, "a@example.org").await;
    let (token, other) = (token(store, user, "d1").await, token(store, user, "d2").await);
    let uses = (0..20).map(|_| {
        let (store, token) = (store.clone(), token.clone());
        tokio::spawn(async move { store.note_token_network(&token, "192.0.2.1", at(10)).await })
    });
    for used in uses.collect::<Vec<_>>() {
        used.await.unwrap().unwrap();
    }
    store.note_token_network(&token, "192.0.2.2", at(20)).await.unwrap();
    store.note_token_network(&other, "192.0.2.1", at(30)).await.unwrap();
    store.note_token_network(&token, "192.0.2.1", at(40)).await.unwrap();

    let action = "token used from new address".into();
    let events = store.events(&EventFilter { action, ..Default::default() }, 100).await.unwrap();
    let told = |event: &asoca::store::Event| (event.at, event.subject.clone());
    let (token, other) = (token.id.to_string(), other.id.to_string());
    let expected = [(at(30), other), (at(20), token.clone()), (at(10), token.clone())];
    assert_eq!(events.iter().map(told).collect::<Vec<_>>(), expected);
    assert_eq!(events[1].actor, Some(user));
    assert_eq!(events[1].detail, serde_json::json!({ "network": "192.0.2.2" }));

    let seen = store.token_networks(user).await.unwrap();
    let seen = seen.iter().filter(|seen| seen.token_id.to_string() == token);
    let seen: Vec<&str> = seen.map(|seen| seen.network.as_str()).collect();
    assert_eq!(seen, ["192.0.2.2", "192.0.2.1"], "the newest first");
    let stranger = person(store, "b@example.org").await;
    assert!(store.token_networks(stranger).await.unwrap().is_empty());
}

async fn of_the_networks_of_a_token_a_hundred_are_remembered_until_long_after_its_end(
    database: Database,
) {
    let store = &database.store;
    let user = person(store, "a@example.org").await;
    let token = token(store, user, "d1").await;
    for i in 0..102 {
        store.note_token_network(&token, &format!("network {i}"), at(i)).await.unwrap();
    }
    let seen = store.token_networks(user).await.unwrap();
    let ends = [seen.first(), seen.last()].map(|seen| seen.unwrap().network.as_str());
    assert_eq!((seen.len(), ends), (100, ["network 101", "network 2"]));

    let month = 30 * 24 * 3600;
    assert_eq!(store.delete_expired_token_networks(at(99 + month)).await.unwrap(), 0);
    assert_eq!(store.delete_expired_token_networks(at(100 + month)).await.unwrap(), 100);
}
