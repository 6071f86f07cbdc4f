//! Accounts that are deleted, and what stays of them.

use asoca::domain::{Refusal, Scope, UserId};
use asoca::store::{
    AuditContext, EventFilter, LinkKind, NewToken, PersonFilter, Store, StoreError, TeamFilter,
};
use serde_json::json;
use test_support::rows::account;
use test_support::{Database, on_both_engines};

use crate::accounts::{organiser, person_with_everything, session};
use crate::scene::{Scene, add_team, at, value};

on_both_engines! {
    what_told_whose_an_account_was_is_gone,
    what_was_submitted_stays_with_the_team,
    a_team_that_sent_nothing_goes_with_its_last_member,
    who_leads_others_has_to_hand_over_first,
    the_last_organiser_stays,
    of_the_last_two_organisers_who_leave_at_once_one_stays,
    a_deleted_account_becomes_no_organiser,
    a_link_that_is_used_while_its_account_is_deleted_brings_nothing_back,
}

/// Deletes an account; why not, if it isn't.
async fn anonymise(store: &Store, user: UserId) -> Option<Refusal> {
    let by = AuditContext { actor: Some(user), detail: json!({ "reason": "asked for" }) };
    match store.anonymise(user, &by, at(50)).await {
        Ok(()) => None,
        Err(StoreError::Refused(refusal)) => Some(refusal),
        Err(error) => panic!("{error}"),
    }
}

async fn what_told_whose_an_account_was_is_gone(database: Database) {
    let store = &database.store;
    let (user, token) = person_with_everything(store).await;
    let (token, digest) = (store.tokens_of(user).await.unwrap().remove(0), token.to_string());
    assert_eq!(token.id.to_string(), digest);
    store.note_token_network(&token, "192.0.2.1", at(1)).await.unwrap();
    let other = store.add_account(&account("b@example.org", None), at(0)).await.unwrap();
    session(store, other).await;

    assert_eq!(anonymise(store, user).await, None);
    let name: String = value!(store, "select display_name from users where id = $1", user);
    let email: String = value!(store, "select email from users where id = $1", user);
    let hash: String = value!(store, "select password_hash from users where id = $1", user);
    assert_eq!((name.as_str(), hash.as_str()), ("Deleted account", "deleted"));
    assert_eq!(email, format!("deleted-{user}@invalid"));
    assert!(store.user(user).await.unwrap().is_none());
    for address in ["a@example.org", &email] {
        assert!(store.user_by_email(address).await.unwrap().is_none(), "{address}");
    }
    assert!(store.sessions_of(user, at(0)).await.unwrap().is_empty());
    assert!(store.token_networks(user).await.unwrap().is_empty());
    let token = store.token("old").await.unwrap().unwrap();
    assert_eq!((token.name.as_str(), token.revoked_at), ("deleted", Some(at(50))));
    assert!(store.open_link(LinkKind::Reset, "r1", at(51)).await.unwrap().is_none());
    assert_eq!(store.sessions_of(other, at(0)).await.unwrap().len(), 1, "of somebody else");

    let events = store.events(&EventFilter::default(), 100).await.unwrap();
    assert_eq!(events[0].action, "account anonymised");
    assert_eq!((events[0].actor, &events[0].subject), (Some(user), &user.to_string()));
    assert_eq!(events[0].detail, json!({ "reason": "asked for" }));
    assert!(!format!("{events:?}").contains("a@example.org"));

    assert_eq!(anonymise(store, user).await, Some(Refusal::Hidden), "a second time");
    assert_eq!(anonymise(store, UserId::NIL).await, Some(Refusal::Hidden));
    store.add_account(&account("a@example.org", None), at(60)).await.unwrap();
}

async fn what_was_submitted_stays_with_the_team(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.scored(scene.submission(), at(10)).await;
    assert_eq!(anonymise(&scene.store, scene.user).await, None);
    assert!(scene.store.team_of(scene.user).await.unwrap().is_none());
    let row = scene.row(id).await;
    assert_eq!((row.team_id, row.team_name.as_str()), (scene.team, "Team A"));
    assert_eq!(row.user_id, scene.user);
}

async fn a_team_that_sent_nothing_goes_with_its_last_member(database: Database) {
    let scene = Scene::new(database).await;
    let store = &scene.store;
    let (user, team) = add_team(store, "b@example.org", "Team B").await;
    let other = store.add_account(&account("c@example.org", None), at(0)).await.unwrap();
    store.invite_to_team(team, user, Some("invitation"), at(1)).await.unwrap();
    assert_eq!(anonymise(store, user).await, None);
    let teams = store.teams(&TeamFilter::default(), 10).await.unwrap();
    let names: Vec<&str> = teams.iter().map(|team| team.name.as_str()).collect();
    assert_eq!(names, ["Team A"]);
    assert!(store.join_team(other, "invitation", at(2)).await.is_err());
    // The name is free.
    store.create_team(other, "team b", at(3)).await.unwrap();
}

async fn who_leads_others_has_to_hand_over_first(database: Database) {
    let scene = Scene::new(database).await;
    let (store, team) = (&scene.store, scene.team);
    let other = store.add_account(&account("b@example.org", None), at(0)).await.unwrap();
    store.invite_to_team(team, scene.user, Some("invitation"), at(1)).await.unwrap();
    store.join_team(other, "invitation", at(2)).await.unwrap();
    assert_eq!(anonymise(store, scene.user).await, Some(Refusal::HandOverFirst));
    assert!(store.user(scene.user).await.unwrap().is_some());
    assert!(store.team_of(scene.user).await.unwrap().is_some());

    store.hand_over(team, scene.user, other, at(3)).await.unwrap();
    assert_eq!(anonymise(store, scene.user).await, None);
    assert_eq!(store.team_of(other).await.unwrap().unwrap().id, team);
    let third = store.add_account(&account("c@example.org", None), at(0)).await.unwrap();
    assert!(store.join_team(third, "invitation", at(51)).await.is_err(), "a link of who is gone");
    assert_eq!(anonymise(store, other).await, None, "leads nobody any more");
}

async fn the_last_organiser_stays(database: Database) {
    let store = &database.store;
    let first = store.add_account(&organiser("a@example.org"), at(0)).await.unwrap();
    assert_eq!(anonymise(store, first).await, Some(Refusal::LastOrganiser));
    assert_eq!(store.user(first).await.unwrap().unwrap().email, "a@example.org");
    let second = store.add_account(&organiser("b@example.org"), at(0)).await.unwrap();
    assert_eq!(anonymise(store, first).await, None);
    assert_eq!(anonymise(store, second).await, Some(Refusal::LastOrganiser));
    assert!(store.has_organiser().await.unwrap());
}

async fn of_the_last_two_organisers_who_leave_at_once_one_stays(database: Database) {
    let store = &database.store;
    let mut stays = store.add_account(&organiser("a@example.org"), at(0)).await.unwrap();
    for i in 0..10 {
        let email = format!("{i}@example.org");
        let second = store.add_account(&organiser(&email), at(0)).await.unwrap();
        let outcomes = tokio::join!(anonymise(store, stays), anonymise(store, second));
        stays = match outcomes {
            (None, Some(Refusal::LastOrganiser)) => second,
            (Some(Refusal::LastOrganiser), None) => stays,
            other => panic!("{other:?}"),
        };
    }
}

async fn a_deleted_account_becomes_no_organiser(database: Database) {
    let store = &database.store;
    let first = store.add_account(&organiser("a@example.org"), at(0)).await.unwrap();
    let gone = store.add_account(&account("b@example.org", None), at(0)).await.unwrap();
    assert_eq!(anonymise(store, gone).await, None);
    let made = store.set_organiser(first, gone, true, at(60)).await;
    assert!(matches!(made, Err(StoreError::Refused(Refusal::Hidden))), "{made:?}");
    assert_eq!(anonymise(store, first).await, Some(Refusal::LastOrganiser));
    let people = store.people(&PersonFilter::default(), 10).await.unwrap();
    assert_eq!(people.iter().map(|person| person.id).collect::<Vec<_>>(), [first]);
}

async fn a_link_that_is_used_while_its_account_is_deleted_brings_nothing_back(database: Database) {
    let store = &database.store;
    for i in 0..10 {
        let (email, digest) = (format!("{i}@example.org"), format!("link {i}"));
        let user = store.add_account(&account(&email, None), at(0)).await.unwrap();
        store.add_link(LinkKind::Reset, Some(user), &digest, None, at(0)).await.unwrap();
        let new = NewToken {
            user_id: user,
            name: "",
            digest: &digest,
            hint: "",
            scope: Scope::Read,
            expires_at: at(100),
        };
        let (outcome, reset, token) = tokio::join!(
            anonymise(store, user),
            store.reset_password(&digest, "another", at(1)),
            store.add_token(&new, at(1)),
        );
        assert_eq!(outcome, None);
        reset.unwrap();
        token.unwrap();
        let hash: String = value!(store, "select password_hash from users where id = $1", user);
        assert_eq!(hash, "deleted");
    }
}
