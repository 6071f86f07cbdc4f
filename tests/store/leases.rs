use asoca::domain::State;
use asoca::store::MAX_INTERRUPTIONS;
use test_support::{Database, on_both_engines};

use crate::scene::{Scene, at, failed, value};

on_both_engines! {
    a_lease_that_ran_out_is_claimed_again_as_another_attempt,
    a_renewed_lease_lasts_from_its_renewal,
    progress_is_written_with_a_renewal_and_starts_anew_with_a_claim,
    a_lease_can_not_be_renewed_after_a_takeover,
    what_takes_its_worker_down_each_time_is_given_up_with_a_reason,
    what_loses_its_process_again_and_again_waits_longer_each_time,
    ends_of_processes_and_errors_are_counted_apart,
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
    assert_eq!((second.submission_id, second.attempt, second.interruptions), (id, 2, 1));
}

async fn a_renewed_lease_lasts_from_its_renewal(database: Database) {
    let scene = Scene::new(database).await;
    scene.submit(at(10)).await;
    let job = scene.claim(at(20)).await;
    assert!(scene.renew(&job, 1, at(45)).await);
    assert!(!scene.is_claimable(at(74)).await);
    assert!(scene.is_claimable(at(75)).await);
}

async fn progress_is_written_with_a_renewal_and_starts_anew_with_a_claim(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(10)).await;
    let job = scene.claim(at(20)).await;
    assert!(scene.renew(&job, 1, at(21)).await);
    assert_eq!(scene.row(id).await.cases_done, 1);
    scene.claim(at(100)).await;
    assert_eq!(scene.row(id).await.cases_done, 0);
}

async fn a_lease_can_not_be_renewed_after_a_takeover(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(10)).await;
    let stale = scene.claim(at(20)).await;
    let current = scene.claim(at(50)).await;
    assert!(!scene.renew(&stale, 2, at(51)).await);
    assert_eq!(scene.row(id).await.cases_done, 0);
    assert!(scene.renew(&current, 1, at(52)).await);
    assert!(scene.finish(&current, &scene.good(), at(53)).await);
    assert!(!scene.renew(&current, 1, at(54)).await);
}

async fn what_takes_its_worker_down_each_time_is_given_up_with_a_reason(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(0)).await;
    let mut last = None;
    for round in 0..MAX_INTERRUPTIONS {
        let now = 1000 * round.unsigned_abs();
        let job = scene.claim(at(now)).await;
        assert_eq!((job.tries, job.interruptions), (0, round));
        last = Some(job);
        if round + 1 < MAX_INTERRUPTIONS {
            assert_eq!(scene.end_all_leases(at(now + 1)).await, 1);
        }
    }
    let (before, end) = (24_029, 24_030);
    assert!(!scene.is_claimable(at(before)).await);
    assert_eq!(scene.state(id).await, State::Scoring);

    assert!(!scene.is_claimable(at(end)).await);
    let given_up = scene.row(id).await;
    assert_eq!((given_up.state, given_up.finished_at), (State::Failed, Some(at(end))));
    assert!(given_up.failure.is_some_and(|reason| reason.contains("25 times")));
    assert!(!scene.finish(&last.unwrap(), &scene.good(), at(end + 1)).await);
    assert_eq!(scene.state(id).await, State::Failed);
}

async fn what_loses_its_process_again_and_again_waits_longer_each_time(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(0)).await;
    let other = scene.submit(at(1)).await;
    let mut now = 10;
    for pause in [0, 1, 2, 4, 8, 16, 32, 60, 60] {
        assert_eq!(scene.claim(at(now)).await.submission_id, id);
        assert_eq!(scene.end_all_leases(at(now + 1)).await, 1);
        now += 1 + pause;
        if pause > 0 {
            // Meanwhile it is the turn of the next one, which is handed back.
            let next = scene.claim(at(now - 1)).await;
            assert_eq!(next.submission_id, other);
            assert!(scene.store.release(&next).await.unwrap());
        }
    }
    let job = scene.claim(at(now)).await;
    assert_eq!((job.submission_id, job.tries, job.interruptions), (id, 0, 9));
    // None of it was an error: it is scored as any other.
    assert!(scene.finish(&job, &scene.good(), at(now + 1)).await);
    assert_eq!(scene.state(id).await, State::Scored);
}

async fn ends_of_processes_and_errors_are_counted_apart(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(0)).await;
    for round in 0..5 {
        scene.claim(at(100 * round)).await;
        assert_eq!(scene.end_all_leases(at(100 * round + 1)).await, 1);
    }
    let job = scene.claim(at(500)).await;
    assert_eq!((job.tries, job.interruptions), (0, 5));
    assert!(scene.finish(&job, &failed("a disk"), at(501)).await);
    let job = scene.claim(at(600)).await;
    assert_eq!((job.tries, job.interruptions), (1, 5));
    assert!(scene.finish(&job, &failed("a disk"), at(601)).await);
    assert_eq!(scene.state(id).await, State::Queued);
}

async fn leases_of_a_process_that_is_gone_end_at_once(database: Database) {
    let scene = Scene::new(database).await;
    let (scoring, waiting) = (scene.submit(at(10)).await, scene.submit(at(11)).await);
    scene.claim(at(20)).await;
    assert_eq!(scene.end_all_leases(at(21)).await, 1);
    assert_eq!(scene.end_all_leases(at(21)).await, 0);
    let again = scene.claim(at(21)).await;
    assert_eq!((again.submission_id, again.attempt), (scoring, 2));
    assert_eq!(scene.claim(at(21)).await.submission_id, waiting);
    let leases: i64 =
        value!(&scene.store, "select count(*) from evaluations where lease_until is not null");
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
    assert_eq!((again.attempt, again.tries, again.interruptions), (2, 0, 0));
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
