//! Who gets in, and who organises.

use asoca::domain::{Refusal, SignUp, UserId};
use asoca::store::{EventFilter, PersonFilter, Store, StoreError};
use futures_util::future::join_all;
use test_support::rows::account;
use test_support::{Database, on_both_engines};

use crate::scene::{add_team, at};

on_both_engines! {
    an_invitation_of_an_organisers_lets_one_person_in,
    a_teams_invitation_lets_anybody_sign_up,
    a_sign_up_is_refused_whole_and_its_invitation_still_works,
    organisers_who_withdraw_each_others_role_leave_one,
    a_role_that_is_so_already_or_ones_own_is_not_changed,
    people_are_found_by_what_is_known_of_them,
}

async fn add_organiser(store: &Store, email: &str) -> UserId {
    let mut new = account(email, None);
    new.organiser = true;
    store.add_account(&new, at(0)).await.unwrap()
}

async fn an_invitation_of_an_organisers_lets_one_person_in(database: Database) {
    let store = &database.store;
    let organiser = add_organiser(store, "org@example.org").await;
    store.set_sign_up_mode(organiser, None, SignUp::Invitation, at(1)).await.unwrap();
    store.invite_person(organiser, "Ada", "link", at(2)).await.unwrap();
    let emails: Vec<String> = (0..8).map(|i| format!("{i}@example.org")).collect();
    let new: Vec<_> = emails.iter().map(|email| account(email, None)).collect();
    let sign_ups = new.iter().map(|new| store.sign_up(new, Some("link"), at(3)));
    let mut let_in = Vec::new();
    for outcome in join_all(sign_ups).await {
        match outcome {
            Ok(user) => let_in.push(user),
            Err(StoreError::Refused(refusal)) => assert_eq!(refusal, Refusal::InvitationNeeded),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(let_in.len(), 1);
    let events = store.events(&EventFilter::default(), 2).await.unwrap();
    assert_eq!((events[0].actor, events[0].action.as_str()), (Some(let_in[0]), "sign-up"));
    assert_eq!(events[0].detail["invitation"], "link");
    assert_eq!((events[1].actor, events[1].subject.as_str()), (Some(organiser), "link"));
    assert_eq!(events[1].detail["whom"], "Ada");
}

async fn a_teams_invitation_lets_anybody_sign_up(database: Database) {
    let store = &database.store;
    let (leader, team) = add_team(store, "a@example.org", "Team A").await;
    store.invite_to_team(team, leader, Some("link"), at(1)).await.unwrap();
    store.set_sign_up_mode(leader, None, SignUp::Invitation, at(1)).await.unwrap();
    for email in ["b@example.org", "c@example.org"] {
        store.sign_up(&account(email, None), Some("link"), at(2)).await.unwrap();
    }
    for (link, now) in [(None, at(2)), (Some("other"), at(2)), (Some("link"), at(15 * 86_400))] {
        let refused = store.sign_up(&account("d@example.org", None), link, now).await;
        let needed = matches!(refused, Err(StoreError::Refused(Refusal::InvitationNeeded)));
        assert!(needed, "{refused:?}");
    }
}

async fn a_sign_up_is_refused_whole_and_its_invitation_still_works(database: Database) {
    let store = &database.store;
    let (leader, _) = add_team(store, "a@example.org", "Team A").await;
    store.set_sign_up_mode(leader, None, SignUp::Invitation, at(1)).await.unwrap();
    store.invite_person(leader, "somebody", "link", at(1)).await.unwrap();
    for (email, team) in [("A@example.org", None), ("b@example.org", Some("team a"))] {
        let taken = store.sign_up(&account(email, team), Some("link"), at(2)).await;
        assert!(matches!(taken, Err(StoreError::Taken)), "{taken:?}");
    }
    assert!(store.user_by_email("b@example.org").await.unwrap().is_none());
    let new = account("b@example.org", Some("Team B"));
    let user = store.sign_up(&new, Some("link"), at(2)).await.unwrap();
    assert!(store.team_of(user).await.unwrap().unwrap().leader);
    assert!(store.invitation("link", at(2)).await.unwrap().is_none());
}

async fn organisers_who_withdraw_each_others_role_leave_one(database: Database) {
    let store = &database.store;
    for round in 0..5 {
        let a = add_organiser(store, &format!("a{round}@example.org")).await;
        let b = add_organiser(store, &format!("b{round}@example.org")).await;
        let outcomes = futures_util::join!(
            store.set_organiser(a, b, false, at(1)),
            store.set_organiser(b, a, false, at(1)),
        );
        for outcome in [outcomes.0, outcomes.1] {
            match outcome {
                Ok(changed) => assert!(changed),
                Err(StoreError::Refused(refusal)) => assert_eq!(refusal, Refusal::Forbidden),
                Err(other) => panic!("{other}"),
            }
        }
        let mut left = 0;
        for user in [a, b] {
            left += usize::from(store.user(user).await.unwrap().unwrap().organiser);
        }
        assert_eq!(left, 1);
    }
}

async fn a_role_that_is_so_already_or_ones_own_is_not_changed(database: Database) {
    let store = &database.store;
    let organiser = add_organiser(store, "org@example.org").await;
    let user = store.add_account(&account("a@example.org", None), at(0)).await.unwrap();
    let own = store.set_organiser(organiser, organiser, false, at(1)).await;
    assert!(matches!(own, Err(StoreError::Refused(Refusal::OwnRole))), "{own:?}");
    let unknown = store.set_organiser(organiser, UserId::NIL, true, at(1)).await;
    assert!(matches!(unknown, Err(StoreError::Refused(Refusal::Hidden))), "{unknown:?}");
    let by_user = store.set_organiser(user, user, true, at(1)).await;
    assert!(matches!(by_user, Err(StoreError::Refused(Refusal::Forbidden))), "{by_user:?}");
    assert!(!store.set_organiser(organiser, user, false, at(1)).await.unwrap());
    let events = store.events(&EventFilter::default(), 10).await.unwrap();
    assert!(events.iter().all(|event| event.at == at(0)), "only of the accounts: {events:?}");

    assert!(store.set_organiser(organiser, user, true, at(2)).await.unwrap());
    let event = store.events(&EventFilter::default(), 1).await.unwrap().remove(0);
    assert_eq!((event.actor, event.subject), (Some(organiser), user.to_string()));
    assert_eq!(event.detail["before"]["organiser"], false);
    assert!(store.set_organiser(user, organiser, false, at(3)).await.unwrap());
}

async fn people_are_found_by_what_is_known_of_them(database: Database) {
    let store = &database.store;
    let (first, _) = add_team(store, "a@example.org", "Team 100 %").await;
    let mut new = account("b@example.org", None);
    (new.display_name, new.affiliation) = ("Grace Hopper", "Navy");
    let second = store.add_account(&new, at(1)).await.unwrap();
    let filter = PersonFilter::default;
    for (filter, expected) in [
        (filter(), vec![second, first]),
        (PersonFilter { before: Some(second), ..filter() }, vec![first]),
        (PersonFilter { search: "A@EX".into(), ..filter() }, vec![first]),
        (PersonFilter { search: "hopper".into(), ..filter() }, vec![second]),
        (PersonFilter { search: "navy".into(), ..filter() }, vec![second]),
        (PersonFilter { search: "100 %".into(), ..filter() }, vec![first]),
        (PersonFilter { search: "_".into(), ..filter() }, vec![]),
    ] {
        let found = store.people(&filter, 10).await.unwrap();
        let ids: Vec<UserId> = found.iter().map(|person| person.id).collect();
        assert_eq!(ids, expected, "{filter:?}");
    }
    let listed = store.people(&filter(), 10).await.unwrap();
    assert_eq!((listed[1].team.as_deref(), listed[0].team.as_deref()), (Some("Team 100 %"), None));
}
