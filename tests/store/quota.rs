use asoca::domain::State;
use asoca::store::{Added, JobOutcome};
use test_support::{Database, on_both_engines};

use crate::scene::{Scene, add_phase, add_team, at, execute, failed, value};

on_both_engines! {
    parallel_uploads_of_a_team_never_exceed_its_quota,
    invalid_uploads_cost_no_quota_but_are_not_taken_without_end,
    what_fails_through_our_fault_is_no_attempt_either,
    a_place_is_free_again_one_period_after_it_was_taken,
    only_what_is_scored_or_may_still_be_uses_quota,
    each_team_and_each_phase_has_a_quota_of_its_own,
}

async fn with_quota(database: Database, quota: i64) -> Scene {
    let mut scene = Scene::new(database).await;
    scene.phase = add_phase(&scene.store, "small", scene.phase.truth_set_id, quota).await;
    scene
}

async fn parallel_uploads_of_a_team_never_exceed_its_quota(database: Database) {
    let scene = with_quota(database, 3).await;
    let uploads = (0..50).map(|_| scene.submission().add(at(10)));
    let added = futures_util::future::join_all(uploads).await;

    let new = added.iter().filter(|(_, added)| *added == Added::New).count();
    assert_eq!(new, 3);
    let refused = Added::QuotaExhausted { limit: 3, until: at(3610) };
    assert_eq!(added.iter().filter(|(_, added)| *added == refused).count(), 47);
    let rows: i64 = value!(&scene.store, "select count(*) from submissions");
    assert_eq!(rows, 3);
}

async fn invalid_uploads_cost_no_quota_but_are_not_taken_without_end(database: Database) {
    let scene = with_quota(database, 1).await;
    for second in 10..20 {
        scene.submit(at(second)).await;
        let job = scene.claim(at(second)).await;
        assert!(scene.finish(&job, &JobOutcome::Invalid(Vec::new()), at(second)).await);
    }
    let (_, refused) = scene.submission().add(at(20)).await;
    assert_eq!(refused, Added::QuotaExhausted { limit: 10, until: at(3610) });
    scene.submit(at(3610)).await;
}

async fn what_fails_through_our_fault_is_no_attempt_either(database: Database) {
    let scene = with_quota(database, 1).await;
    for second in 10..20 {
        let id = scene.submit(at(second)).await;
        execute!(
            &scene.store,
            "update evaluations set state = 'failed', finished_at = created_at where submission_id = $1",
            id
        );
    }
    scene.submit(at(20)).await;
}

async fn a_place_is_free_again_one_period_after_it_was_taken(database: Database) {
    let scene = with_quota(database, 2).await;
    scene.submit(at(10)).await;
    scene.submit(at(20)).await;
    let quota = scene.store.quota(&scene.phase, scene.team, at(30)).await.unwrap();
    assert_eq!((quota.used, quota.free_at), (2, Some(at(3610))));

    let (_, early) = scene.submission().add(at(3609)).await;
    assert_eq!(early, Added::QuotaExhausted { limit: 2, until: at(3610) });
    scene.submit(at(3610)).await;
    let quota = scene.store.quota(&scene.phase, scene.team, at(3611)).await.unwrap();
    assert_eq!((quota.used, quota.free_at), (2, Some(at(3620))));
}

async fn only_what_is_scored_or_may_still_be_uses_quota(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(10)).await;
    for &state in State::ALL {
        execute!(
            &scene.store,
            "update evaluations
             set state = $1, scorer_version = 'asoca-1',
                 finished_at = case when $1 in ('queued', 'scoring') then null else created_at end
             where submission_id = $2",
            state.as_str(),
            id
        );
        let used = scene.store.quota(&scene.phase, scene.team, at(20)).await.unwrap().used;
        let counts = matches!(state, State::Queued | State::Scoring | State::Scored);
        assert_eq!(used, i64::from(counts), "{state}");
    }

    let failing = scene.submit(at(30)).await;
    for now in [100, 200, 300] {
        let job = scene.claim(at(now)).await;
        assert_eq!(job.submission_id, failing);
        assert!(scene.finish(&job, &failed("a disk"), at(now)).await);
    }
    assert_eq!(scene.state(failing).await, State::Failed);
    assert_eq!(scene.store.quota(&scene.phase, scene.team, at(400)).await.unwrap().used, 0);
}

async fn each_team_and_each_phase_has_a_quota_of_its_own(database: Database) {
    let mut scene = with_quota(database, 1).await;
    scene.submit(at(10)).await;
    let (user, team) = add_team(&scene.store, "b@example.org", "Team B").await;
    let mut other = scene.submission();
    (other.user, other.team) = (user, team);
    other.add_new(at(10)).await;

    scene.phase = add_phase(&scene.store, "other", scene.phase.truth_set_id, 1).await;
    scene.submit(at(10)).await;
    let (_, third) = scene.submission().add(at(10)).await;
    assert!(matches!(third, Added::QuotaExhausted { .. }), "{third:?}");
}
