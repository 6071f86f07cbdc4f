use std::time::Duration;

use asoca::domain::UserId;
use asoca::store::{Bucket, Rate, Timestamp};
use test_support::rows::account;
use test_support::{Database, on_both_engines};

use crate::scene::{at, value};

on_both_engines! {
    a_bucket_takes_a_burst_and_then_one_at_a_time,
    what_one_bucket_refuses_is_put_into_none,
    at_the_same_moment_no_more_get_through_than_there_is_room_for,
    what_is_taken_back_makes_room_and_empty_buckets_are_forgotten,
    the_places_of_a_person_are_bounded_in_number_and_time,
}

fn bucket(whose: &str, burst: u32) -> Bucket {
    Bucket::new("test", &[whose], Rate { burst, every: Duration::from_secs(10) })
}

async fn a_bucket_takes_a_burst_and_then_one_at_a_time(database: Database) {
    let store = &database.store;
    let one = [bucket("a", 3)];
    for _ in 0..3 {
        assert_eq!(store.throttle(&one, at(0)).await.unwrap(), None);
    }
    for refused in [at(0), at(5), at(9)] {
        assert_eq!(store.throttle(&one, refused).await.unwrap(), Some(at(10)));
        assert_eq!(store.throttled(&one, refused).await.unwrap(), Some(at(10)));
    }
    assert_eq!(store.throttled(&one, at(10)).await.unwrap(), None);
    assert_eq!(store.throttle(&one, at(10)).await.unwrap(), None);
    assert_eq!(store.throttle(&one, at(11)).await.unwrap(), Some(at(20)));
    assert_eq!(store.throttle(&[bucket("b", 3)], at(11)).await.unwrap(), None);
    // After a long time there is room for a burst and no more.
    for _ in 0..3 {
        assert_eq!(store.throttle(&one, at(9000)).await.unwrap(), None);
    }
    assert_eq!(store.throttle(&one, at(9000)).await.unwrap(), Some(at(9010)));
}

async fn what_one_bucket_refuses_is_put_into_none(database: Database) {
    let store = &database.store;
    let (wide, narrow) = (bucket("wide", 5), bucket("narrow", 1));
    let both = [wide.clone(), narrow];
    assert_eq!(store.throttle(&both, at(0)).await.unwrap(), None);
    for _ in 0..9 {
        assert_eq!(store.throttle(&both, at(0)).await.unwrap(), Some(at(10)));
    }
    for _ in 0..4 {
        assert_eq!(store.throttle(std::slice::from_ref(&wide), at(0)).await.unwrap(), None);
    }
    assert_eq!(store.throttle(&[wide], at(0)).await.unwrap(), Some(at(10)));
}

async fn at_the_same_moment_no_more_get_through_than_there_is_room_for(database: Database) {
    let all = (0..40).map(|i| {
        let store = database.store.clone();
        // In either order: nobody waits for the other for ever.
        let mut buckets = vec![bucket("a", 10), bucket("b", 20)];
        if i % 2 == 0 {
            buckets.reverse();
        }
        tokio::spawn(async move { store.throttle(&buckets, at(0)).await })
    });
    let mut through = 0;
    for attempt in all.collect::<Vec<_>>() {
        through += u32::from(attempt.await.unwrap().unwrap().is_none());
    }
    assert_eq!(through, 10);
}

async fn what_is_taken_back_makes_room_and_empty_buckets_are_forgotten(database: Database) {
    let store = &database.store;
    let both = [bucket("a", 2), bucket("b", 2)];
    for _ in 0..2 {
        assert_eq!(store.throttle(&both, at(0)).await.unwrap(), None);
    }
    store.unthrottle(&both, &both[0], at(0)).await.unwrap();
    for left in [2, 1] {
        let one = std::slice::from_ref(&both[2 - left]);
        for _ in 0..left {
            assert_eq!(store.throttle(one, at(0)).await.unwrap(), None);
        }
        assert_eq!(store.throttle(one, at(0)).await.unwrap(), Some(at(10)));
    }
    assert_eq!(store.delete_expired_throttles(at(19)).await.unwrap(), 0);
    assert_eq!(store.delete_expired_throttles(at(20)).await.unwrap(), 2);
    let key: i64 = value!(store, "select count(*) from throttles");
    assert_eq!(key, 0);
}

async fn the_places_of_a_person_are_bounded_in_number_and_time(database: Database) {
    let store = &database.store;
    let ada = store.add_account(&account("a@example.org", None), at(0)).await.unwrap();
    let bob = store.add_account(&account("b@example.org", None), at(0)).await.unwrap();
    let known = async |user: UserId, place: &str, now: Timestamp| {
        store.known_place(user, &["none".into(), place.into()], now).await.unwrap().is_some()
    };
    for i in 0..30 {
        store.remember_places(ada, &[format!("p{i}")], None, at(i)).await.unwrap();
    }
    let rows: i64 = value!(store, "select count(*) from known_places");
    assert_eq!(rows, 20);
    assert!(!known(ada, "p9", at(40)).await && known(ada, "p10", at(40)).await);
    assert!(!known(bob, "p10", at(40)).await);
    store.remember_places(ada, &["new".into()], Some("p29"), at(40)).await.unwrap();
    assert!(!known(ada, "p29", at(40)).await && known(ada, "new", at(40)).await);

    let later = at(30).plus(Duration::from_secs(180 * 24 * 3600));
    assert!(!known(ada, "p20", later).await && known(ada, "new", later).await);
    assert_eq!(store.delete_expired_known_places(later).await.unwrap(), 19);
    store.remember_places(bob, &["p".into()], None, later).await.unwrap();
}
