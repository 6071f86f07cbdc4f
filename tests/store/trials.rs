//! A truth set tried on a phase, and made its own.

use asoca::domain::{Code, Decision, Problem, State, SubmissionId, TrialId, TruthSetId};
use asoca::scoring::SCORER_VERSION;
use asoca::store::{
    ActivateTruthSet, Activated, EventFilter, Job, JobOutcome, MAX_INTERRUPTIONS, MAX_TRIES, Phase,
    Trial,
};
use serde_json::json;
use test_support::{Database, on_both_engines};

use crate::scene::{Scene, add_truth_set, at, case, dice, execute, failed, value};

on_both_engines! {
    a_trial_scores_what_has_a_score_and_leaves_it_as_it_is,
    what_a_team_sends_is_scored_before_a_trial_goes_on,
    an_entry_of_a_trial_has_leases_attempts_and_tries_of_its_own,
    an_entry_that_takes_its_worker_down_each_time_is_given_up_and_its_submission_is_not,
    what_a_stopped_or_killed_worker_was_trying_is_claimed_at_once,
    a_result_of_a_trial_becomes_official_when_it_is_activated,
    what_the_trial_does_not_cover_is_scored_anew_when_it_is_activated,
    who_scores_during_an_activation_writes_nothing,
    a_score_against_a_truth_that_the_phase_no_longer_has_is_not_written,
    a_trial_that_is_not_done_activated_or_overtaken_can_not_be_activated,
    of_parallel_activations_only_one_is_done,
    results_of_another_scorer_are_not_taken_over,
    the_same_truth_tried_with_a_new_scorer_brings_its_results_at_one_stroke,
    a_trial_and_its_activation_leave_who_why_before_and_after,
    no_reader_sees_a_phase_between_two_truths,
}

/// A scene with a scored submission and a truth set that is not the phase's.
struct Trying {
    scene: Scene,
    new: TruthSetId,
    /// The submission.
    id: SubmissionId,
}

impl Trying {
    async fn new(database: Database) -> Self {
        let scene = Scene::new(database).await;
        let new = add_truth_set(&scene.store, "corrected", &["0", "1"]).await;
        let id = scene.scored(scene.submission(), at(10)).await;
        Self { scene, new, id }
    }

    async fn start(&self, now: u64) -> TrialId {
        let Scene { store, phase, user, .. } = &self.scene;
        store.start_trial(phase.id, self.new, *user, at(now)).await.unwrap()
    }

    /// Claims the next entry of a trial, which is what waits.
    async fn claim(&self, now: u64) -> Job {
        let job = self.scene.claim(at(now)).await;
        assert_eq!((job.official, job.truth_set_id), (false, self.new));
        job
    }

    /// Starts a trial and scores the one submission in it.
    async fn tried(&self, now: u64) -> TrialId {
        let trial = self.start(now).await;
        let job = self.claim(now).await;
        assert!(self.scene.finish(&job, &self.better(), at(now + 1)).await);
        trial
    }

    /// The score against the new truth.
    fn better(&self) -> JobOutcome {
        self.scene.outcome(vec![case("0", 0.75, 1.0), case("1", 1.0, 1.0)])
    }

    async fn activate(&self, trial: TrialId, now: u64) -> Activated {
        let comparison = json!([{ "kept": true }]);
        let request = ActivateTruthSet {
            actor: self.scene.user,
            reason: "case 1 was wrong",
            scorer_version: SCORER_VERSION,
            comparison: &comparison,
        };
        self.scene.store.activate_trial(trial, request, at(now)).await.unwrap()
    }

    async fn trial(&self, id: TrialId) -> Trial {
        self.scene.store.trial(id).await.unwrap().unwrap()
    }

    async fn phase(&self) -> Phase {
        self.scene.store.phase(self.scene.phase.id).await.unwrap().unwrap()
    }

    /// What is ranked at this moment: each submission with its Dice.
    async fn board(&self) -> Vec<(SubmissionId, Vec<f64>)> {
        self.scene.board(&self.phase().await).await
    }
}

async fn a_trial_scores_what_has_a_score_and_leaves_it_as_it_is(database: Database) {
    let trying = Trying::new(database).await;
    let (scene, id) = (&trying.scene, trying.id);
    let invalid = scene.submit(at(11)).await;
    let job = scene.claim(at(11)).await;
    scene.finish(&job, &JobOutcome::Invalid(Vec::new()), at(11)).await;
    let before = (format!("{:?}", scene.row(id).await), scene.results(id).await);

    let trial = trying.tried(20).await;
    assert!(!scene.is_claimable(at(1000)).await, "there is an entry for {invalid}");
    let found = trying.trial(trial).await;
    assert_eq!((found.waiting, found.scored, found.uncovered, found.is_ready()), (0, 1, 0, true));
    let ranked = scene.store.ranked_in_trial(trial, SCORER_VERSION).await.unwrap();
    let scores = scene.store.scores_in_trial(trial).await.unwrap();
    assert_eq!(dice(&ranked, &scores), [(id, vec![0.75, 1.0])]);

    let after = (format!("{:?}", scene.row(id).await), scene.results(id).await);
    assert_eq!(before, after);
    assert_eq!(trying.board().await, [(id, vec![0.5, 0.75])]);
}

async fn what_a_team_sends_is_scored_before_a_trial_goes_on(database: Database) {
    let trying = Trying::new(database).await;
    trying.start(20).await;
    let sent = trying.scene.submit(at(30)).await;
    let job = trying.scene.claim(at(31)).await;
    assert_eq!((job.official, job.submission_id), (true, sent));
    assert_eq!(job.truth_set_id, trying.scene.phase.truth_set_id);
    trying.claim(31).await;
}

async fn an_entry_of_a_trial_has_leases_attempts_and_tries_of_its_own(database: Database) {
    let trying = Trying::new(database).await;
    let scene = &trying.scene;
    let trial = trying.start(20).await;
    let stale = trying.claim(20).await;
    assert!(scene.renew(&stale, 1, at(45)).await);
    assert!(!scene.is_claimable(at(74)).await);
    let current = trying.claim(75).await;
    assert_eq!((current.id, current.attempt, current.interruptions), (stale.id, 2, 1));
    assert!(!scene.renew(&stale, 1, at(76)).await);
    assert!(!scene.finish(&stale, &trying.better(), at(76)).await);
    assert_eq!(trying.trial(trial).await.waiting, 1);
    let results: i64 = value!(
        &scene.store,
        "select count(*) from evaluation_results r join evaluations e on e.id = r.evaluation_id
         where e.trial_id is not null"
    );
    assert_eq!(results, 0);
    assert!(scene.finish(&current, &trying.better(), at(77)).await);
    assert!(!scene.finish(&current, &trying.better(), at(78)).await);
    assert_eq!(trying.trial(trial).await.scored, 1);
    let row = scene.row(trying.id).await;
    assert_eq!((row.state, row.attempt), (State::Scored, 1));
}

async fn an_entry_that_takes_its_worker_down_each_time_is_given_up_and_its_submission_is_not(
    database: Database,
) {
    let trying = Trying::new(database).await;
    let scene = &trying.scene;
    let trial = trying.start(20).await;
    for round in 1..=MAX_INTERRUPTIONS.unsigned_abs() {
        trying.claim(1000 * round).await;
        assert_eq!(scene.end_all_leases(at(1000 * round + 1)).await, 1);
    }
    assert!(!scene.is_claimable(at(100_000)).await);
    let found = trying.trial(trial).await;
    assert_eq!((found.failed, found.is_ready()), (1, true));
    let unscored = scene.store.unscored_in_trial(trial).await.unwrap();
    assert_eq!((unscored[0].submission, unscored[0].state), (trying.id, State::Failed));
    assert!(unscored[0].failure.as_ref().is_some_and(|reason| reason.contains("25 times")));
    assert_eq!(trying.board().await, [(trying.id, vec![0.5, 0.75])]);
}

async fn what_a_stopped_or_killed_worker_was_trying_is_claimed_at_once(database: Database) {
    let trying = Trying::new(database).await;
    let scene = &trying.scene;
    trying.start(20).await;
    let job = trying.claim(20).await;
    assert!(scene.store.release(&job).await.unwrap());
    let again = trying.claim(20).await;
    assert_eq!((again.attempt, again.tries, again.interruptions), (2, 0, 0));
    assert_eq!(scene.end_all_leases(at(21)).await, 1);
    assert_eq!(trying.claim(21).await.attempt, 3);
}

async fn a_result_of_a_trial_becomes_official_when_it_is_activated(database: Database) {
    let trying = Trying::new(database).await;
    let (scene, id) = (&trying.scene, trying.id);
    let unfit = scene.scored(scene.submission(), at(11)).await;
    let trial = trying.start(20).await;
    let problem = Problem::new(Code::VolumeWrongShape, "64 x 64 x 48", "64 x 64 x 47", "Fix it.");
    for _ in 0..2 {
        let job = trying.claim(20).await;
        let outcome = match job.submission_id == id {
            true => trying.better(),
            false => JobOutcome::Invalid(vec![problem.clone()]),
        };
        assert!(scene.finish(&job, &outcome, at(21)).await);
    }
    assert_eq!(trying.board().await.len(), 2);

    let done = Activated::Done { taken: 2, requeued: 0 };
    assert_eq!(trying.activate(trial, 30).await, done);
    assert_eq!(trying.phase().await.truth_set_id, trying.new);
    assert_eq!(trying.board().await, [(id, vec![0.75, 1.0])]);
    let row = scene.row(id).await;
    assert_eq!((row.state, row.truth_set_id), (State::Scored, trying.new));
    assert_eq!((row.finished_at, row.cases_done), (Some(at(21)), 2));
    assert_eq!(row.scorer_version.as_deref(), Some(SCORER_VERSION));
    let row = scene.row(unfit).await;
    assert_eq!((row.state, row.problems), (State::Invalid, Some(vec![problem])));
    assert!(scene.results(unfit).await.is_empty());
    for id in [id, unfit] {
        let decided = scene.store.decisions(id).await.unwrap();
        assert_eq!(decided.len(), 1);
        assert_eq!((decided[0].decision, decided[0].at), (Decision::Rescore, at(30)));
        assert_eq!(decided[0].reason, "case 1 was wrong");
    }
    let found = trying.trial(trial).await;
    assert_eq!(found.activated_at, Some(at(30)));
    assert_eq!(found.replaced_id, Some(scene.phase.truth_set_id));
    assert_eq!(found.comparison, Some(json!([{ "kept": true }])));
}

async fn what_the_trial_does_not_cover_is_scored_anew_when_it_is_activated(database: Database) {
    let trying = Trying::new(database).await;
    let scene = &trying.scene;
    // Three in the trial, of which one fails there; one is scored and one waits since it began.
    let fails = scene.scored(scene.submission(), at(11)).await;
    let rescored = scene.scored(scene.submission(), at(12)).await;
    let trial = trying.start(20).await;
    for round in 0..3 {
        let job = trying.claim(100 * round + 100).await;
        let (last, outcome) = match job.submission_id == fails {
            true => (Job { tries: MAX_TRIES - 1, ..job }, failed("no disk")),
            false => (job, trying.better()),
        };
        assert!(scene.finish(&last, &outcome, at(100 * round + 100)).await);
    }
    let since = scene.scored(scene.submission(), at(400)).await;
    scene.rescore(rescored, at(401)).await;
    assert_eq!(trying.trial(trial).await.uncovered, 1);

    let done = Activated::Done { taken: 1, requeued: 3 };
    assert_eq!(trying.activate(trial, 500).await, done);
    assert_eq!(trying.board().await, [(trying.id, vec![0.75, 1.0])]);
    for id in [rescored, fails, since] {
        let job = scene.claim(at(501)).await;
        assert_eq!((job.official, job.submission_id, job.tries), (true, id, 0));
        assert_eq!(job.truth_set_id, trying.new);
        assert!(scene.finish(&job, &trying.better(), at(502)).await);
    }
    assert_eq!(trying.board().await.len(), 4);
    assert!(!scene.is_claimable(at(1000)).await);
}

async fn who_scores_during_an_activation_writes_nothing(database: Database) {
    let trying = Trying::new(database).await;
    let scene = &trying.scene;
    let trial = trying.tried(20).await;
    let sent = scene.submit(at(30)).await;
    let stale = scene.claim(at(31)).await;
    trying.activate(trial, 32).await;
    assert!(!scene.renew(&stale, 1, at(33)).await);
    assert!(!scene.finish(&stale, &scene.good(), at(33)).await);
    assert_eq!(scene.state(sent).await, State::Queued);
    let again = scene.claim(at(34)).await;
    assert_eq!((again.submission_id, again.truth_set_id, again.tries), (sent, trying.new, 0));
}

async fn a_score_against_a_truth_that_the_phase_no_longer_has_is_not_written(database: Database) {
    let trying = Trying::new(database).await;
    let scene = &trying.scene;
    let sent = scene.submit(at(30)).await;
    for outcome in [scene.good(), JobOutcome::Invalid(Vec::new()), failed("no disk")] {
        let job = scene.claim(at(31)).await;
        // As when a phase's form is sent; the attempt is still the latest.
        let other =
            if job.truth_set_id == trying.new { scene.phase.truth_set_id } else { trying.new };
        execute!(&scene.store, "update phases set truth_set_id = $1", other);
        assert!(!scene.finish(&job, &outcome, at(32)).await, "{}", outcome.as_str());
        assert_eq!(scene.state(sent).await, State::Queued);
        assert!(scene.results(sent).await.is_empty());
    }
    let job = scene.claim(at(33)).await;
    assert_eq!((job.truth_set_id, job.tries), (trying.new, 0));
    assert!(scene.finish(&job, &trying.better(), at(34)).await);
}

async fn a_trial_that_is_not_done_activated_or_overtaken_can_not_be_activated(database: Database) {
    let trying = Trying::new(database).await;
    let scene = &trying.scene;
    assert_eq!(trying.activate(TrialId::NIL, 20).await, Activated::Unknown);
    let overtaken = trying.start(20).await;
    assert_eq!(trying.activate(overtaken, 20).await, Activated::NotReady);
    let stale = trying.claim(20).await;
    assert_eq!(trying.activate(overtaken, 20).await, Activated::NotReady);

    let trial = trying.tried(21).await;
    assert!(!scene.finish(&stale, &trying.better(), at(22)).await);
    assert_eq!(trying.trial(overtaken).await.cancelled, 1);
    assert_eq!(trying.activate(overtaken, 23).await, Activated::NotReady);
    assert_eq!(trying.phase().await.truth_set_id, scene.phase.truth_set_id);
    assert_eq!(trying.board().await, [(trying.id, vec![0.5, 0.75])]);

    assert!(matches!(trying.activate(trial, 24).await, Activated::Done { .. }));
    assert_eq!(trying.activate(trial, 25).await, Activated::NotReady);
    assert_eq!(scene.store.decisions(trying.id).await.unwrap().len(), 1);
}

async fn of_parallel_activations_only_one_is_done(database: Database) {
    let trying = Trying::new(database).await;
    let trial = trying.tried(20).await;
    let requests = (0..10).map(|_| trying.activate(trial, 30));
    let outcomes = futures_util::future::join_all(requests).await;
    let done = Activated::Done { taken: 1, requeued: 0 };
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == done).count(), 1, "{outcomes:?}");
    assert_eq!(trying.scene.store.decisions(trying.id).await.unwrap().len(), 1);
}

async fn results_of_another_scorer_are_not_taken_over(database: Database) {
    let trying = Trying::new(database).await;
    let trial = trying.start(20).await;
    let job = trying.claim(20).await;
    let JobOutcome::Scored { cases, .. } = trying.better() else { unreachable!() };
    let older = JobOutcome::Scored { scorer_version: "asoca-0", cases, pictures: None };
    assert!(trying.scene.finish(&job, &older, at(21)).await);
    assert!(trying.scene.store.ranked_in_trial(trial, SCORER_VERSION).await.unwrap().is_empty());
    assert_eq!(trying.activate(trial, 30).await, Activated::Done { taken: 0, requeued: 1 });
    assert_eq!(trying.scene.state(trying.id).await, State::Queued);
}

async fn the_same_truth_tried_with_a_new_scorer_brings_its_results_at_one_stroke(
    database: Database,
) {
    let mut trying = Trying::new(database).await;
    trying.new = trying.scene.phase.truth_set_id;
    execute!(&trying.scene.store, "update evaluations set scorer_version = 'asoca-0'");
    assert!(trying.board().await.is_empty());
    let trial = trying.tried(20).await;
    assert_eq!(trying.activate(trial, 30).await, Activated::Done { taken: 1, requeued: 0 });
    assert_eq!(trying.board().await, [(trying.id, vec![0.75, 1.0])]);
}

async fn a_trial_and_its_activation_leave_who_why_before_and_after(database: Database) {
    let trying = Trying::new(database).await;
    let scene = &trying.scene;
    let trial = trying.tried(20).await;
    trying.activate(trial, 30).await;
    let events = scene.store.events(&EventFilter::default(), 10).await.unwrap();
    let [activated, started, ..] = events.as_slice() else { panic!("{events:?}") };
    let (before, after) = (
        json!({ "name": "hidden", "digest": "00" }),
        json!({ "name": "corrected", "digest": "00" }),
    );
    assert_eq!((started.action.as_str(), started.actor), ("trial started", Some(scene.user)));
    assert_eq!(
        started.detail,
        json!({ "phase": "main", "current": before, "tried": after, "submissions": 1 })
    );
    assert_eq!(activated.action, "truth set activated");
    assert_eq!((activated.at, activated.actor), (at(30), Some(scene.user)));
    assert_eq!(activated.subject, scene.phase.id.to_string());
    assert_eq!(
        activated.detail,
        json!({
            "phase": "main", "reason": "case 1 was wrong", "trial": trial, "before": before,
            "after": after, "taken": 1, "requeued": 0,
        })
    );
}

async fn no_reader_sees_a_phase_between_two_truths(database: Database) {
    let trying = Trying::new(database).await;
    let mut trials = Vec::new();
    // To and fro, so that there is something to see.
    let sets = [trying.new, trying.scene.phase.truth_set_id];
    for round in 0..10u64 {
        let Scene { store, phase, user, .. } = &trying.scene;
        let set = sets[round as usize % 2];
        let now = 20 + 10 * round;
        let trial = store.start_trial(phase.id, set, *user, at(now)).await.unwrap();
        let job = trying.scene.claim(at(now)).await;
        assert!(trying.scene.finish(&job, &trying.better(), at(now)).await);
        trials.push(trial);
    }
    let done = std::sync::atomic::AtomicBool::new(false);
    let activate = async {
        for (round, &trial) in trials.iter().enumerate() {
            let outcome = trying.activate(trial, 500 + round as u64).await;
            assert!(matches!(outcome, Activated::Done { taken: 1, .. }), "{outcome:?}");
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    };
    let read = async {
        while !done.load(std::sync::atomic::Ordering::Relaxed) {
            let seen: i64 = value!(
                &trying.scene.store,
                "select count(*) from official_results r join phases p on p.id = r.phase_id
                 where r.truth_set_id = p.truth_set_id and r.official_until is null"
            );
            assert_eq!(seen, 2);
        }
    };
    tokio::join!(activate, read);
}
