use asoca::challenge::Scope;
use asoca::store::{NewToken, Store, Token};
use uuid::Uuid;

use crate::common::{Database, on_both_engines};
use crate::scene::{account, at};

on_both_engines! {
    a_token_is_valid_until_the_moment_it_expires,
    only_its_owner_revokes_a_token_and_only_once,
    use_is_written_down_at_most_once_a_minute,
    tokens_are_listed_newest_first_and_only_to_their_owner,
}

async fn person(store: &Store, email: &str) -> Uuid {
    store.add_account(&account(email, None), at(0)).await.unwrap()
}

/// A token that lives for 100 seconds.
async fn token(store: &Store, user_id: Uuid, digest: &str) -> Token {
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
