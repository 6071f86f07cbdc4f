use std::time::Duration;

use asoca::store::{NewSignUp, StoreError};
use test_support::{Database, on_both_engines};

use crate::scene::{at, value};

on_both_engines! {
    sign_ups_wait_for_a_day_and_only_a_few_of_an_address,
    of_two_that_are_confirmed_at_once_one_makes_the_account,
}

fn sign_up(email: &str, team: Option<&str>) -> NewSignUp {
    NewSignUp {
        email: email.to_owned(),
        display_name: "Ada".to_owned(),
        affiliation: String::new(),
        password_hash: "hash".to_owned(),
        team: team.map(str::to_owned),
        invitation: None,
        next: String::new(),
    }
}

async fn sign_ups_wait_for_a_day_and_only_a_few_of_an_address(database: Database) {
    let store = &database.store;
    for i in 0..5 {
        let (email, new) = (["A@example.org", "a@example.org"][i % 2], format!("l{i}"));
        store.add_sign_up(&new, &sign_up(email, None), at(i as u64)).await.unwrap();
    }
    store.add_sign_up("b", &sign_up("b@example.org", None), at(9)).await.unwrap();
    for (link, there) in [("l0", false), ("l1", false), ("l2", true), ("l4", true), ("b", true)] {
        assert_eq!(store.signed_up(link, at(10)).await.unwrap().is_some(), there, "{link}");
    }
    let listed = store.signed_up_people(at(10), 9).await.unwrap();
    let order: Vec<&str> = listed.iter().map(|one| one.digest.as_str()).collect();
    assert_eq!(order, ["b", "l4", "l3", "l2"]);
    let later = at(4).plus(Duration::from_secs(24 * 3600));
    assert!(store.signed_up("l4", later).await.unwrap().is_none());
    assert!(store.signed_up("b", later).await.unwrap().is_some());
    assert_eq!(store.delete_expired_sign_ups(later).await.unwrap(), 3);
    let left: i64 = value!(store, "select count(*) from sign_ups");
    assert_eq!(left, 1);
}

async fn of_two_that_are_confirmed_at_once_one_makes_the_account(database: Database) {
    let store = &database.store;
    for round in 0..5 {
        let email = format!("{round}@example.org");
        let mut waiting = Vec::new();
        for which in ["x", "y"] {
            let (link, team) = (format!("{which}{round}"), format!("Team {which}{round}"));
            let new = sign_up(&email, Some(&team));
            store.add_sign_up(&link, &new, at(0)).await.unwrap();
            waiting.push(store.signed_up(&link, at(1)).await.unwrap().unwrap());
        }
        let (one, other) = tokio::join!(
            store.confirm_sign_up(&waiting[0], at(1)),
            store.confirm_sign_up(&waiting[1], at(1)),
        );
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
        let refused = if one.is_err() { one } else { other };
        assert!(matches!(refused, Err(StoreError::Taken)), "{refused:?}");
        let left: i64 = value!(store, "select count(*) from sign_ups");
        assert_eq!(left, 0);
    }
}
