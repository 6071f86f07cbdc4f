//! The ranking as it stood at an earlier moment, and how it is noticed that it has changed.

use asoca::domain::{
    Counting, Decision, Publication, Scheme, SubmissionId, TeamDecision, TruthSetId,
};
use asoca::scoring::SCORER_VERSION;
use asoca::store::{
    ActivateTruthSet, AuditContext, DecisionRequest, JobOutcome, NewPhase, Outcome, Rules,
    TeamOutcome, Timestamp,
};
use serde_json::json;
use test_support::{Database, on_both_engines};

use crate::scene::{Scene, add_truth_set, at, case};

on_both_engines! {
    a_score_is_there_from_the_moment_it_was_written,
    what_was_hidden_or_disqualified_later_still_stands_in_the_past,
    what_is_published_after_review_was_not_ranked_before,
    a_score_that_was_replaced_still_stands_in_the_past,
    an_activated_truth_leaves_the_earlier_ranking_as_it_was,
    what_became_invalid_with_a_new_truth_still_stands_in_the_past,
    a_team_stands_in_the_past_as_it_stood_then,
    the_rules_of_the_past_are_those_of_the_past,
    results_of_a_scorer_that_was_replaced_are_not_mixed_with_newer_ones,
    every_change_that_a_ranking_may_show_counts_up_the_revision,
}

type Board = Vec<(SubmissionId, Vec<f64>)>;

/// What [`Scene::good`] gives.
const GOOD: [f64; 2] = [0.5, 0.75];

impl Scene {
    async fn decide_now(&self, id: SubmissionId, decision: Decision, now: Timestamp) {
        let request = DecisionRequest { actor: self.user, decision, reason: "for a reason" };
        assert_eq!(self.store.decide(id, request, now).await.unwrap(), Outcome::Done);
    }

    fn better(&self) -> JobOutcome {
        self.outcome(vec![case("0", 0.75, 1.0), case("1", 1.0, 1.0)])
    }

    async fn change_phase(
        &self,
        truth_set_id: TruthSetId,
        counting: Counting,
        rules: Rules,
        now: Timestamp,
    ) {
        let phase = &self.phase;
        let to = NewPhase {
            slug: &phase.slug,
            title: &phase.title,
            truth_set_id,
            opens_at: phase.opens_at,
            closes_at: None,
            quota: phase.quota,
            quota_period_hours: phase.quota_period_hours,
            feedback: phase.feedback,
            counting,
            rules,
        };
        assert!({
            let phase = self.store.phase(phase.id).await.unwrap().unwrap();
            let by = AuditContext::default();
            self.store.change_phase(phase.id, phase.revision, &to, &by, now).await.unwrap()
        });
    }

    async fn set_standing(&self, decision: TeamDecision, now: Timestamp) {
        assert_eq!(self.decide_team(decision, now).await, TeamOutcome::Done);
    }

    /// Tries a truth set, with this outcome for the one submission, and makes it the phase's own.
    async fn activate(&self, truth_set: TruthSetId, outcome: &JobOutcome, now: u64) {
        let trial =
            self.store.start_trial(self.phase.id, truth_set, self.user, at(now)).await.unwrap();
        let job = self.claim(at(now)).await;
        assert!(self.finish(&job, outcome, at(now + 1)).await);
        let comparison = json!([]);
        let request = ActivateTruthSet {
            actor: self.user,
            reason: "case 1 was wrong",
            scorer_version: SCORER_VERSION,
            comparison: &comparison,
        };
        self.store.activate_trial(trial, request, at(now + 2)).await.unwrap();
    }
}

fn good(id: SubmissionId) -> Board {
    vec![(id, GOOD.to_vec())]
}

async fn a_score_is_there_from_the_moment_it_was_written(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(10)).await;
    let job = scene.claim(at(11)).await;
    assert!(scene.finish(&job, &scene.good(), at(20)).await);
    let later = scene.scored(scene.submission(), at(30)).await;
    assert_eq!(scene.board_at(at(19)).await, []);
    assert_eq!(scene.board_at(at(20)).await, good(id));
    assert_eq!(scene.board_at(at(29)).await, good(id));
    assert_eq!(scene.board_at(at(30)).await, [(id, GOOD.to_vec()), (later, GOOD.to_vec())]);
}

async fn what_was_hidden_or_disqualified_later_still_stands_in_the_past(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.scored(scene.submission(), at(10)).await;
    for (decision, now) in [
        (Decision::Hide, 20),
        (Decision::Publish, 30),
        (Decision::Disqualify, 40),
        (Decision::Reinstate, 50),
        (Decision::Discard, 60),
        (Decision::Restore, 70),
        (Decision::Hide, 80),
    ] {
        scene.decide_now(id, decision, at(now)).await;
    }
    let shown = [true, false, true, false, true, false, true, false];
    let shown = shown.into_iter().enumerate().map(|(at, shown)| (10 * (at as u64 + 1), shown));
    for (now, shown) in shown {
        for moment in [now, now + 9] {
            let expected = if shown { good(id) } else { vec![] };
            assert_eq!(scene.board_at(at(moment)).await, expected, "{moment}");
        }
    }
}

async fn what_is_published_after_review_was_not_ranked_before(database: Database) {
    let mut scene = Scene::new(database).await;
    let rules = Rules { publication: Publication::AfterReview, ..Rules::default() };
    scene.change_phase(scene.phase.truth_set_id, Counting::Best, rules, at(1)).await;
    scene.phase = scene.store.phase(scene.phase.id).await.unwrap().unwrap();
    let id = scene.scored(scene.submission(), at(10)).await;
    scene.decide_now(id, Decision::Publish, at(20)).await;
    assert_eq!(scene.board_at(at(15)).await, []);
    assert_eq!(scene.board_at(at(20)).await, good(id));
}

async fn a_score_that_was_replaced_still_stands_in_the_past(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.scored(scene.submission(), at(10)).await;
    scene.decide_now(id, Decision::Rescore, at(20)).await;
    let job = scene.claim(at(21)).await;
    assert!(scene.finish(&job, &scene.better(), at(30)).await);
    assert_eq!(scene.board_at(at(19)).await, good(id));
    assert_eq!(scene.board_at(at(20)).await, [], "it waited for its new score");
    assert_eq!(scene.board_at(at(30)).await, [(id, vec![0.75, 1.0])]);
    assert_eq!(scene.board_at(at(30)).await, scene.board(&scene.phase).await);
}

async fn an_activated_truth_leaves_the_earlier_ranking_as_it_was(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.scored(scene.submission(), at(10)).await;
    let corrected = add_truth_set(&scene.store, "corrected", &["0", "1"]).await;
    scene.activate(corrected, &scene.better(), 20).await;
    let sent_later = scene.scored(scene.submission(), at(30)).await;
    assert_eq!(scene.board_at(at(21)).await, good(id));
    assert_eq!(scene.board_at(at(22)).await, [(id, vec![0.75, 1.0])]);
    // And back again: every stretch of time keeps its own.
    let trial = scene.phase.truth_set_id;
    scene.decide_now(sent_later, Decision::Disqualify, at(35)).await;
    let again = scene.store.start_trial(scene.phase.id, trial, scene.user, at(40)).await.unwrap();
    for _ in 0..2 {
        let job = scene.claim(at(41)).await;
        assert!(scene.finish(&job, &scene.good(), at(41)).await);
    }
    let comparison = json!([]);
    let request = ActivateTruthSet {
        actor: scene.user,
        reason: "the first was right",
        scorer_version: SCORER_VERSION,
        comparison: &comparison,
    };
    scene.store.activate_trial(again, request, at(42)).await.unwrap();
    assert_eq!(scene.board_at(at(21)).await, good(id));
    assert_eq!(scene.board_at(at(34)).await.len(), 2);
    assert_eq!(scene.board_at(at(41)).await, [(id, vec![0.75, 1.0])]);
    assert_eq!(scene.board_at(at(42)).await, good(id));
}

async fn what_became_invalid_with_a_new_truth_still_stands_in_the_past(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.scored(scene.submission(), at(10)).await;
    let corrected = add_truth_set(&scene.store, "corrected", &["0", "1"]).await;
    scene.activate(corrected, &JobOutcome::Invalid(Vec::new()), 20).await;
    assert_eq!(scene.board_at(at(21)).await, good(id));
    assert_eq!(scene.board_at(at(22)).await, []);
}

async fn a_team_stands_in_the_past_as_it_stood_then(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.scored(scene.submission(), at(10)).await;
    scene.set_standing(TeamDecision::Suspend, at(20)).await;
    scene.set_standing(TeamDecision::Reinstate, at(30)).await;
    scene.set_standing(TeamDecision::Suspend, at(40)).await;
    let shown = [(19, true), (20, false), (30, true), (39, true), (40, false)];
    for (moment, shown) in shown {
        let expected = if shown { good(id) } else { vec![] };
        assert_eq!(scene.board_at(at(moment)).await, expected, "{moment}");
    }
}

async fn the_rules_of_the_past_are_those_of_the_past(database: Database) {
    let scene = Scene::new(database).await;
    let truth = scene.phase.truth_set_id;
    let rules = Rules { scheme: Scheme::DiceOnly, ..Rules::default() };
    scene.change_phase(truth, Counting::Latest, rules.clone(), at(20)).await;
    let corrected = add_truth_set(&scene.store, "corrected", &["0", "1"]).await;
    scene.change_phase(corrected, Counting::All, rules, at(30)).await;
    let now = scene.store.phase(scene.phase.id).await.unwrap().unwrap();
    for (moment, expected) in [
        (19, (truth, Counting::Best, Scheme::MeanOfPositions)),
        (20, (truth, Counting::Latest, Scheme::DiceOnly)),
        (30, (corrected, Counting::All, Scheme::DiceOnly)),
    ] {
        let then = scene.store.phase_at(&now, at(moment)).await.unwrap();
        assert_eq!((then.truth_set_id, then.counting, then.rules.scheme), expected, "{moment}");
    }
}

async fn results_of_a_scorer_that_was_replaced_are_not_mixed_with_newer_ones(database: Database) {
    let scene = Scene::new(database).await;
    let old = scene.submit(at(10)).await;
    let job = scene.claim(at(10)).await;
    let JobOutcome::Scored { cases, .. } = scene.good() else { unreachable!() };
    let by_old = JobOutcome::Scored { scorer_version: "asoca-0", cases, pictures: None };
    assert!(scene.finish(&job, &by_old, at(10)).await);
    let new = scene.scored(scene.submission(), at(20)).await;
    assert_eq!(scene.board_at(at(19)).await, good(old));
    assert_eq!(scene.board_at(at(20)).await, good(new));
}

async fn every_change_that_a_ranking_may_show_counts_up_the_revision(database: Database) {
    let scene = Scene::new(database).await;
    let store = &scene.store;
    let mut last = store.ranking_revision().await.unwrap();
    let mut must_have_changed = async |what: &str| {
        let now = store.ranking_revision().await.unwrap();
        assert!(now > last, "{what}");
        last = now;
    };
    let id = scene.scored(scene.submission(), at(10)).await;
    must_have_changed("a score").await;
    for decision in [Decision::Hide, Decision::Publish, Decision::Disqualify, Decision::Rescore] {
        scene.decide_now(id, decision, at(20)).await;
        must_have_changed(decision.as_str()).await;
    }
    let job = scene.claim(at(21)).await;
    assert!(scene.finish(&job, &scene.good(), at(22)).await);
    must_have_changed("a new score").await;
    scene.set_standing(TeamDecision::Suspend, at(30)).await;
    must_have_changed("a team's standing").await;
    let (_, other) = crate::scene::add_team(store, "b@example.org", "Team B").await;
    scene.merge(scene.team, other).await;
    must_have_changed("a merge").await;
    let truth = scene.phase.truth_set_id;
    scene.change_phase(truth, Counting::All, Rules::default(), at(50)).await;
    must_have_changed("a phase's rules").await;
    let corrected = add_truth_set(store, "corrected", &["0", "1"]).await;
    scene.activate(corrected, &scene.better(), 60).await;
    must_have_changed("another truth").await;
    crate::scene::add_phase(store, "next", truth, 3).await;
    must_have_changed("a new phase").await;
}
