//! How an attempt ends, and what an attempt that is no longer the latest may not do.

use asoca::domain::metric::{LEAKAGE, TREE_LENGTH};
use asoca::domain::{CaseWarning, Code, Problem, State, VesselValues};
use asoca::store::{CaseResult, JobOutcome, MAX_TRIES};
use segmentation_metrics::secondary::SecondaryMetrics;
use test_support::{Database, on_both_engines, opened};

use crate::scene::{PAUSE, Scene, at, case, execute, failed, value};

on_both_engines! {
    results_come_back_bit_for_bit_and_in_the_order_of_the_cases,
    a_stale_attempt_writes_neither_result_nor_state,
    a_cancelled_submission_takes_no_result,
    results_and_state_are_written_together_or_not_at_all,
    a_second_scoring_replaces_the_first_results,
    an_invalid_submission_keeps_every_problem,
    a_problem_that_quotes_a_nul_is_kept_without_it,
    a_failure_is_tried_again_after_a_pause_and_then_given_up,
}

async fn results_come_back_bit_for_bit_and_in_the_order_of_the_cases(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(10)).await;
    let job = scene.claim(at(20)).await;
    let warnings = vec![
        CaseWarning::Upload("Values other than 0 and 1 occur, \"1e-5\" — ü".into()),
        CaseWarning::Turned { turned: "is flipped along z".into() },
        CaseWarning::Upload(String::new()),
    ];
    let secondary = Some(SecondaryMetrics {
        cl_dice: 1.0 / 3.0,
        surface_dice: f64::from_bits(1),
        precision: 1.0,
        recall: 0.1,
        component_difference: -7,
    });
    let values = [(&TREE_LENGTH, Some(f64::from_bits(1))), (&LEAKAGE, Some(0.1 + 0.2))];
    let vessels = Some(VesselValues::new(values));
    // In another order than the truth set's.
    let results = vec![
        CaseResult { warnings, secondary, vessels, ..case("1", 1.0 / 3.0, 123_456_789.123_456_79) },
        case("0", f64::from_bits(1), f64::MAX),
    ];
    assert!(scene.finish(&job, &scene.outcome(results.clone()), at(30)).await);

    let stored = scene.results(id).await;
    assert_eq!(stored, [results[1].clone(), results[0].clone()]);
    let bits = |result: &CaseResult| (result.dice.to_bits(), result.hd95.to_bits());
    assert_eq!(bits(&stored[0]), bits(&results[1]));
    assert_eq!(bits(&stored[1]), bits(&results[0]));
    let row = scene.row(id).await;
    assert_eq!((row.state, row.finished_at, row.cases_done), (State::Scored, Some(at(30)), 2));
    assert_eq!(row.truth_set_id, scene.phase.truth_set_id);
    assert_eq!(row.scorer_version.as_deref(), Some(asoca::scoring::SCORER_VERSION));
}

async fn a_stale_attempt_writes_neither_result_nor_state(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(10)).await;
    let stale = scene.claim(at(20)).await;
    let current = scene.claim(at(50)).await;
    let problem = Problem::new(Code::CaseEmpty, "", "", "");
    for outcome in [scene.good(), JobOutcome::Invalid(vec![problem]), failed("a disk")] {
        assert!(!scene.finish(&stale, &outcome, at(51)).await, "{}", outcome.as_str());
        assert_eq!(scene.state(id).await, State::Scoring);
        let results: i64 = value!(&scene.store, "select count(*) from evaluation_results");
        assert_eq!(results, 0);
    }
    let row = scene.row(id).await;
    assert_eq!((row.problems, row.scorer_version), (None, None));
    assert!(row.failure.is_some_and(|why| why.contains("ended before it was done")));

    assert!(scene.finish(&current, &scene.good(), at(52)).await);
    assert!(!scene.finish(&stale, &failed("a disk"), at(53)).await);
    assert!(!scene.finish(&current, &failed("a disk"), at(53)).await, "it has ended already");
    assert_eq!(scene.state(id).await, State::Scored);
    assert_eq!(scene.results(id).await.len(), 2);
}

async fn a_cancelled_submission_takes_no_result(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(10)).await;
    let job = scene.claim(at(20)).await;
    execute!(&scene.store, "update evaluations set state = 'cancelled', finished_at = created_at");
    assert!(!scene.finish(&job, &scene.good(), at(30)).await);
    assert_eq!(scene.state(id).await, State::Cancelled);
    assert!(scene.results(id).await.is_empty());
}

async fn results_and_state_are_written_together_or_not_at_all(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(10)).await;
    let job = scene.claim(at(20)).await;
    // The second row breaks the primary key.
    let broken = scene.outcome(vec![case("0", 0.5, 1.0), case("0", 0.5, 1.0)]);
    assert!(scene.store.finish(&job, &broken).await.is_err());
    assert_eq!(scene.state(id).await, State::Scoring);
    let results: i64 = value!(&scene.store, "select count(*) from evaluation_results");
    assert_eq!(results, 0);
    assert!(scene.finish(&job, &scene.good(), at(31)).await);
}

async fn a_second_scoring_replaces_the_first_results(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.scored(scene.submission(), at(10)).await;
    let first = scene.row(id).await.evaluation;
    scene.rescore(id, at(15)).await;
    let job = scene.claim(at(20)).await;
    assert_eq!((job.submission_id, job.attempt, job.tries), (id, 1, 0));
    let other = scene.outcome(vec![case("0", 0.25, 8.0)]);
    assert!(scene.finish(&job, &other, at(21)).await);
    assert_eq!(scene.results(id).await, [case("0", 0.25, 8.0)]);
    // The first ones are what was shown until then.
    assert_eq!(opened(&scene.store.case_results(first).await.unwrap()).len(), 2);
}

async fn an_invalid_submission_keeps_every_problem(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(10)).await;
    let job = scene.claim(at(20)).await;
    let problems: Vec<Problem> = Code::ALL
        .iter()
        .map(|&code| Problem {
            file: Some("ordner/0 ü.nrrd".into()),
            ..Problem::new(code, "\"quoted\"", "<b>", "\\ \n '")
        })
        .collect();
    assert!(scene.finish(&job, &JobOutcome::Invalid(problems.clone()), at(30)).await);
    let row = scene.row(id).await;
    assert_eq!((row.state, row.problems, row.failure), (State::Invalid, Some(problems), None));
    assert_eq!(row.finished_at, Some(at(30)));
}

async fn a_problem_that_quotes_a_nul_is_kept_without_it(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(10)).await;
    let job = scene.claim(at(20)).await;
    let problem = Problem::new(Code::NrrdBadValue, "a digit", "a \0 in the data", "Save it again.");
    assert!(scene.finish(&job, &JobOutcome::Invalid(vec![problem]), at(30)).await);
    let kept = scene.store.submission(id).await.unwrap().unwrap().problems.unwrap();
    assert_eq!(kept[0].found, "a \u{fffd} in the data");
}

async fn a_failure_is_tried_again_after_a_pause_and_then_given_up(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(10)).await;
    let mut now = at(20);
    for round in 1..MAX_TRIES {
        let job = scene.claim(now).await;
        assert_eq!(job.tries, round - 1);
        assert!(scene.finish(&job, &failed("a disk"), now).await);
        let row = scene.row(id).await;
        assert_eq!((row.state, row.finished_at), (State::Queued, None));
        assert_eq!(row.failure.as_deref(), Some("a disk"));
        assert!(!scene.is_claimable(now).await, "the pause is not over");
        now = now.plus(PAUSE);
    }
    let job = scene.claim(now).await;
    assert!(scene.finish(&job, &failed("a disk again"), now).await);
    let row = scene.row(id).await;
    assert_eq!((row.state, row.finished_at), (State::Failed, Some(now)));
    assert_eq!(row.failure.as_deref(), Some("a disk again"));
    assert!(!scene.is_claimable(at(10_000)).await);
}
