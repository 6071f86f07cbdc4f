use std::collections::HashSet;

use asoca::domain::{State, SubmissionId};
use test_support::{Database, on_both_engines};

use crate::scene::{LEASE, Scene, at, execute, value};

on_both_engines! {
    the_submission_that_has_waited_longest_comes_first,
    no_two_workers_ever_claim_the_same_submission,
    what_is_leased_or_ended_is_not_claimed,
    a_claim_counts_and_names_its_worker,
}

async fn the_submission_that_has_waited_longest_comes_first(database: Database) {
    let scene = Scene::new(database).await;
    // Ids sort otherwise: the request that arrived first was stored last.
    let late = scene.submit(at(30)).await;
    let (early, middle) = (scene.submit(at(10)).await, scene.submit(at(20)).await);
    for expected in [early, middle, late] {
        assert_eq!(scene.claim(at(40)).await.submission_id, expected);
    }
    assert!(!scene.is_claimable(at(40)).await);
}

async fn no_two_workers_ever_claim_the_same_submission(database: Database) {
    const SUBMISSIONS: usize = 40;
    let scene = Scene::new(database).await;
    for _ in 0..SUBMISSIONS {
        scene.submit(at(10)).await;
    }
    let mut workers = tokio::task::JoinSet::new();
    for number in 0..8 {
        // Every other one in a process of its own, as it were.
        let store = match number % 2 {
            0 => scene.store.clone(),
            _ => scene.database.opened_again().await,
        };
        workers.spawn(async move {
            let mut claimed = Vec::new();
            while let Some(job) = store.claim(&number.to_string(), LEASE).await.unwrap() {
                assert_eq!((job.attempt, job.tries, job.interruptions), (1, 0, 0));
                claimed.push(job.submission_id);
            }
            claimed
        });
    }
    let claimed: Vec<SubmissionId> = workers.join_all().await.into_iter().flatten().collect();
    assert_eq!(claimed.len(), SUBMISSIONS);
    assert_eq!(claimed.iter().collect::<HashSet<_>>().len(), SUBMISSIONS);
}

async fn what_is_leased_or_ended_is_not_claimed(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(10)).await;
    scene.claim(at(20)).await;
    assert!(!scene.is_claimable(at(49)).await);
    for state in State::ALL.iter().filter(|state| state.is_final()) {
        execute!(
            &scene.store,
            "update evaluations
             set state = $1, lease_until = null, scorer_version = 'asoca-1', finished_at = created_at
             where submission_id = $2",
            state.as_str(),
            id
        );
        assert!(!scene.is_claimable(at(1000)).await, "{state}");
    }
}

async fn a_claim_counts_and_names_its_worker(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(10)).await;
    assert_eq!(scene.state(id).await, State::Queued);
    let job = scene.claim(at(20)).await;
    assert_eq!((job.submission_id, job.attempt, job.tries), (id, 1, 0));
    assert_eq!((job.official, job.phase_id), (true, scene.phase.id));
    assert_eq!(job.accepted_truth_set_id, job.truth_set_id);
    assert_eq!(job.blob_key, "uploads/one.zip");
    assert_eq!(scene.state(id).await, State::Scoring);
    let worker: String = value!(&scene.store, "select worker from evaluations");
    assert_eq!(worker, "worker");
}
