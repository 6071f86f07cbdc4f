use asoca::challenge::State;
use asoca::store::MOST_TRIES;

use crate::common::{Database, on_both_engines};
use crate::scene::{LEASE, Scene, at, value};

on_both_engines! {
    a_lease_that_ran_out_is_claimed_again_as_another_attempt,
    a_renewed_lease_lasts_from_its_renewal,
    progress_is_written_with_a_renewal_and_starts_anew_with_a_claim,
    a_lease_can_not_be_renewed_after_a_takeover,
    what_takes_its_worker_down_each_time_is_given_up,
    leases_of_a_process_that_is_gone_end_at_once,
    what_a_stopped_worker_hands_back_is_claimed_at_once_and_costs_no_try,
    a_worker_that_lost_its_lease_hands_nothing_back,
}

async fn a_lease_that_ran_out_is_claimed_again_as_another_attempt(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(10)).await;
    scene.claim(at(20)).await;
    assert!(!scene.is_claimable(at(49)).await);
    let second = scene.claim(at(50)).await;
    assert_eq!((second.id, second.attempt, second.tries), (id, 2, 2));
}

async fn a_renewed_lease_lasts_from_its_renewal(database: Database) {
    let scene = Scene::new(database).await;
    scene.submit(at(10)).await;
    let job = scene.claim(at(20)).await;
    assert!(scene.store.renew(&job, 1, LEASE, at(45)).await.unwrap());
    assert!(!scene.is_claimable(at(74)).await);
    assert!(scene.is_claimable(at(75)).await);
}

async fn progress_is_written_with_a_renewal_and_starts_anew_with_a_claim(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(10)).await;
    let job = scene.claim(at(20)).await;
    assert!(scene.store.renew(&job, 1, LEASE, at(21)).await.unwrap());
    assert_eq!(scene.row(id).await.cases_done, 1);
    scene.claim(at(100)).await;
    assert_eq!(scene.row(id).await.cases_done, 0);
}

async fn a_lease_can_not_be_renewed_after_a_takeover(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(10)).await;
    let stale = scene.claim(at(20)).await;
    let current = scene.claim(at(50)).await;
    assert!(!scene.store.renew(&stale, 2, LEASE, at(51)).await.unwrap());
    assert_eq!(scene.row(id).await.cases_done, 0);
    assert!(scene.store.renew(&current, 1, LEASE, at(52)).await.unwrap());
    assert!(scene.finish(&current, &scene.good(), at(53)).await);
    assert!(!scene.store.renew(&current, 1, LEASE, at(54)).await.unwrap());
}

async fn what_takes_its_worker_down_each_time_is_given_up(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(0)).await;
    let mut last = None;
    for round in 1..=MOST_TRIES {
        let job = scene.claim(at(100 * round.unsigned_abs())).await;
        assert_eq!(job.tries, round);
        last = Some(job);
    }
    assert!(!scene.is_claimable(at(329)).await);
    assert_eq!(scene.state(id).await, State::Scoring);

    assert!(!scene.is_claimable(at(330)).await);
    let given_up = scene.row(id).await;
    assert_eq!((given_up.state, given_up.finished_at), (State::Failed, Some(at(330))));
    assert!(given_up.failure.is_some_and(|reason| reason.contains("worker")));
    assert!(!scene.finish(&last.unwrap(), &scene.good(), at(331)).await);
    assert_eq!(scene.state(id).await, State::Failed);
}

async fn leases_of_a_process_that_is_gone_end_at_once(database: Database) {
    let scene = Scene::new(database).await;
    let (scoring, waiting) = (scene.submit(at(10)).await, scene.submit(at(11)).await);
    scene.claim(at(20)).await;
    assert_eq!(scene.store.end_all_leases(at(21)).await.unwrap(), 1);
    assert_eq!(scene.store.end_all_leases(at(21)).await.unwrap(), 0);
    let again = scene.claim(at(21)).await;
    assert_eq!((again.id, again.attempt), (scoring, 2));
    assert_eq!(scene.claim(at(21)).await.id, waiting);
    let leases: i64 =
        value!(&scene.store, "select count(*) from submissions where lease_until is not null");
    assert_eq!(leases, 2);
}

async fn what_a_stopped_worker_hands_back_is_claimed_at_once_and_costs_no_try(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(10)).await;
    let job = scene.claim(at(20)).await;
    assert!(scene.store.release(&job).await.unwrap());
    assert_eq!(scene.state(id).await, State::Queued);
    assert!(!scene.finish(&job, &scene.good(), at(20)).await);
    let again = scene.claim(at(20)).await;
    assert_eq!((again.attempt, again.tries), (2, 1));
}

async fn a_worker_that_lost_its_lease_hands_nothing_back(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(10)).await;
    let stale = scene.claim(at(20)).await;
    let current = scene.claim(at(50)).await;
    assert!(!scene.store.release(&stale).await.unwrap());
    assert_eq!(scene.state(id).await, State::Scoring);
    assert!(scene.finish(&current, &scene.good(), at(51)).await);
    assert!(!scene.store.release(&current).await.unwrap());
    assert_eq!(scene.state(id).await, State::Scored);
}
