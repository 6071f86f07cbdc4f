use asoca::store::{Attempt, Attempted};

use crate::common::{Database, on_both_engines};
use crate::scene::at;

on_both_engines! { of_attempts_at_the_same_moment_no_more_get_through_than_there_is_room_for }

async fn of_attempts_at_the_same_moment_no_more_get_through_than_there_is_room_for(
    database: Database,
) {
    let all = (0..40).map(|_| {
        let store = database.store.clone();
        tokio::spawn(async move {
            store.begin_attempt(Attempted::Password, "a@example.org", "here", at(0)).await
        })
    });
    let mut begun = 0;
    for attempt in all.collect::<Vec<_>>() {
        begun += u32::from(matches!(attempt.await.unwrap().unwrap(), Attempt::Begun(_)));
    }
    assert!(begun <= 10, "{begun}");
}
