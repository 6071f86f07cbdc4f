//! What organisers decide, and the audit log it leaves.

use asoca::domain::{Decision, State, SubmissionId};
use asoca::scoring::SCORER_VERSION;
use asoca::store::{
    DecisionRequest, Event, EventFilter, Outcome, Store, SubmissionFilter, Timestamp,
};
use test_support::{Database, on_both_engines};

use crate::scene::{MAX_TRIES_PAUSED, Scene, add_team, at, failed, value};

on_both_engines! {
    what_is_hidden_or_disqualified_is_not_ranked_until_that_is_taken_back,
    a_decision_is_fenced_against_the_worker_that_scores_meanwhile,
    what_is_scored_again_is_not_ranked_before_its_new_score,
    what_failed_has_all_its_tries_again_when_it_is_queued_again,
    a_decision_that_makes_no_sense_changes_nothing_and_leaves_no_trace,
    a_decision_leaves_who_why_before_and_after,
    of_parallel_decisions_only_one_is_done,
    the_database_refuses_to_change_the_trail,
    a_row_of_the_trail_can_not_be_put_in_anothers_place,
    submissions_are_found_by_what_they_are,
    events_are_found_by_action_actor_subject_and_detail,
}

impl Scene {
    async fn decide(&self, id: SubmissionId, decision: Decision, now: Timestamp) -> Outcome {
        let request = DecisionRequest { actor: self.user, decision, reason: "for a reason" };
        self.store.decide(id, request, now).await.unwrap()
    }

    async fn ranked(&self) -> Vec<SubmissionId> {
        let ranked = self.store.ranked(&self.phase, SCORER_VERSION, None).await.unwrap();
        ranked.into_iter().map(|submission| submission.id).collect()
    }

    async fn decided(&self) -> Vec<Event> {
        events(&self.store, EventFilter { action: "submission decided".into(), ..all() }).await
    }
}

fn all() -> EventFilter {
    EventFilter::default()
}

async fn events(store: &Store, filter: EventFilter) -> Vec<Event> {
    store.events(&filter, 100).await.unwrap()
}

async fn what_is_hidden_or_disqualified_is_not_ranked_until_that_is_taken_back(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.scored(scene.submission(), at(10)).await;
    for (out, back) in
        [(Decision::Hide, Decision::Publish), (Decision::Disqualify, Decision::Reinstate)]
    {
        assert_eq!(scene.ranked().await, [id]);
        assert_eq!(scene.decide(id, out, at(20)).await, Outcome::Done);
        assert!(scene.ranked().await.is_empty());
        assert_eq!(scene.state(id).await, State::Scored);
        assert_eq!(scene.decide(id, back, at(30)).await, Outcome::Done);
    }
    assert_eq!(scene.ranked().await, [id]);
    let decided = scene.store.decisions(id).await.unwrap();
    let words: Vec<_> = decided.iter().map(|decided| decided.decision.as_str()).collect();
    assert_eq!(words, ["hide", "publish", "disqualify", "reinstate"]);
    assert_eq!((decided[0].at, decided[0].reason.as_str()), (at(20), "for a reason"));
}

async fn a_decision_is_fenced_against_the_worker_that_scores_meanwhile(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(10)).await;
    let job = scene.claim(at(11)).await;
    assert_eq!(scene.decide(id, Decision::Cancel, at(12)).await, Outcome::Done);
    assert!(!scene.finish(&job, &scene.good(), at(13)).await);
    assert_eq!(scene.state(id).await, State::Cancelled);
    assert!(!scene.is_claimable(at(1000)).await);

    assert_eq!(scene.decide(id, Decision::Requeue, at(14)).await, Outcome::Done);
    let again = scene.claim(at(15)).await;
    assert!(!scene.finish(&job, &scene.good(), at(16)).await, "the old attempt writes");
    assert!(scene.finish(&again, &scene.good(), at(17)).await);
    assert_eq!(scene.state(id).await, State::Scored);
}

async fn what_is_scored_again_is_not_ranked_before_its_new_score(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.scored(scene.submission(), at(10)).await;
    assert_eq!(scene.decide(id, Decision::Rescore, at(20)).await, Outcome::Done);
    assert_eq!((scene.state(id).await, scene.ranked().await), (State::Queued, vec![]));
    let job = scene.claim(at(21)).await;
    assert!(scene.finish(&job, &scene.good(), at(22)).await);
    assert_eq!(scene.ranked().await, [id]);
}

async fn what_failed_has_all_its_tries_again_when_it_is_queued_again(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(10)).await;
    for now in MAX_TRIES_PAUSED {
        let job = scene.claim(at(now)).await;
        assert!(scene.finish(&job, &failed("no disk"), at(now)).await);
    }
    assert_eq!(scene.state(id).await, State::Failed);
    assert_eq!(scene.decide(id, Decision::Requeue, at(200)).await, Outcome::Done);
    assert_eq!(scene.row(id).await.failure, None);
    for now in MAX_TRIES_PAUSED.map(|now| now + 200) {
        assert_eq!(scene.state(id).await, State::Queued);
        let job = scene.claim(at(now)).await;
        assert!(scene.finish(&job, &failed("no disk"), at(now)).await);
    }
    assert_eq!(scene.state(id).await, State::Failed);
}

async fn a_decision_that_makes_no_sense_changes_nothing_and_leaves_no_trace(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.scored(scene.submission(), at(10)).await;
    for decision in [Decision::Publish, Decision::Cancel, Decision::Requeue, Decision::Reinstate] {
        let outcome = scene.decide(id, decision, at(20)).await;
        assert_eq!(outcome, Outcome::InvalidState(State::Scored), "{decision}");
    }
    assert_eq!(scene.decide(SubmissionId::new(), Decision::Hide, at(20)).await, Outcome::Unknown);
    assert!(scene.store.decisions(id).await.unwrap().is_empty());
    assert!(scene.decided().await.is_empty());
}

async fn a_decision_leaves_who_why_before_and_after(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.scored(scene.submission(), at(10)).await;
    scene.decide(id, Decision::Hide, at(20)).await;
    let event = scene.decided().await.remove(0);
    assert_eq!((event.at, event.actor, event.subject), (at(20), Some(scene.user), id.to_string()));
    assert_eq!(event.email.as_deref(), Some("a@example.org"));
    assert_eq!(
        event.detail,
        serde_json::json!({
            "decision": "hide",
            "reason": "for a reason",
            "before": { "state": "scored", "published": true, "disqualified": false, "discarded": false },
            "after": { "state": "scored", "published": false, "disqualified": false, "discarded": false },
        })
    );
}

async fn of_parallel_decisions_only_one_is_done(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.scored(scene.submission(), at(10)).await;
    let requests = (0..20).map(|_| scene.decide(id, Decision::Hide, at(20)));
    let outcomes = futures_util::future::join_all(requests).await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Done).count(), 1);
    assert_eq!(scene.store.decisions(id).await.unwrap().len(), 1);
}

async fn the_database_refuses_to_change_the_trail(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.scored(scene.submission(), at(10)).await;
    scene.decide(id, Decision::Hide, at(20)).await;
    for text in [
        "update audit set action = 'nothing'",
        "delete from audit",
        "update decisions set reason = 'another'",
        "delete from decisions",
        "truncate audit",
        "truncate decisions",
    ] {
        let refused = match &scene.store {
            Store::Postgres(pool) => sqlx::query(text).execute(pool).await.map(|_| ()),
            Store::Sqlite { write, .. } => sqlx::query(text).execute(write).await.map(|_| ()),
        };
        assert!(refused.is_err(), "{text}");
    }
    let left: i64 = value!(
        &scene.store,
        "select (select count(*) from audit where action = 'submission decided')
              + (select count(*) from decisions)"
    );
    assert_eq!(left, 2);
}

async fn a_row_of_the_trail_can_not_be_put_in_anothers_place(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.submit(at(10)).await;
    scene.decide(id, Decision::Hide, at(20)).await;
    // Only SQLite has words for it; they pass by what is asked before a row is deleted.
    let Store::Sqlite { write, .. } = &scene.store else { return };
    for text in [
        "insert or replace into audit select id, at, null, 'nothing', subject, '{}', '' from audit",
        "replace into audit (rowid, id, at, action, subject, detail, detail_folded)
         select rowid, randomblob(16), at, 'nothing', subject, '{}', '' from audit",
        "insert or replace into decisions select id, submission_id, at, actor, 'publish', reason from decisions",
        "replace into decisions (rowid, id, submission_id, at, decision, reason)
         select rowid, randomblob(16), submission_id, at, 'publish', reason from decisions",
    ] {
        assert!(sqlx::query(text).execute(write).await.is_err(), "{text}");
    }
}

async fn submissions_are_found_by_what_they_are(database: Database) {
    let scene = Scene::new(database).await;
    let (user, team) = add_team(&scene.store, "b@example.org", "100 % Team_B").await;
    let first = scene.scored(scene.submission(), at(10)).await;
    let sent = crate::scene::Sent { user, team, ..scene.submission() };
    let second = sent.add_new(at(20)).await;
    scene.decide(second, Decision::Disqualify, at(30)).await;
    // Nothing of what has no score is shown to anybody.
    let third = crate::scene::Sent { user, team, ..scene.submission() }.add_new(at(31)).await;

    let filter = SubmissionFilter::default;
    for (filter, expected) in [
        (filter(), vec![third, second, first]),
        (SubmissionFilter { before: Some(second), ..filter() }, vec![first]),
        (SubmissionFilter { state: "queued".into(), ..filter() }, vec![third, second]),
        (SubmissionFilter { shown: "published".into(), ..filter() }, vec![first]),
        (SubmissionFilter { shown: "hidden".into(), ..filter() }, vec![]),
        (SubmissionFilter { shown: "disqualified".into(), ..filter() }, vec![second]),
        (SubmissionFilter { search: "team_b".into(), ..filter() }, vec![third, second]),
        (SubmissionFilter { search: "m_b".into(), ..filter() }, vec![third, second]),
        (SubmissionFilter { search: "%".into(), ..filter() }, vec![third, second]),
        (SubmissionFilter { search: " NNU ".into(), ..filter() }, vec![third, second, first]),
        (SubmissionFilter { search: "\\".into(), ..filter() }, vec![]),
        (SubmissionFilter { phase: "main".into(), ..filter() }, vec![third, second, first]),
        (SubmissionFilter { phase: "other".into(), ..filter() }, vec![]),
    ] {
        let found = scene.store.submissions(&filter, 10).await.unwrap();
        let found: Vec<SubmissionId> = found.into_iter().map(|submission| submission.id).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
    assert_eq!(scene.store.submissions(&filter(), 1).await.unwrap().len(), 1);
    let queue = scene.queue(at(40)).await;
    assert_eq!((queue.queued, queue.scoring, queue.failed, queue.workers), (2, 0, 0, 0));
    assert_eq!(queue.oldest, Some(at(20)));
    scene.claim(at(41)).await;
    let queue = scene.queue(at(42)).await;
    assert_eq!((queue.queued, queue.scoring, queue.workers), (1, 1, 1));
}

async fn events_are_found_by_action_actor_subject_and_detail(database: Database) {
    let scene = Scene::new(database).await;
    let store = &scene.store;
    let detail = || serde_json::json!({});
    store.record_event(Some(scene.user), "log-in", "x", detail(), at(1)).await.unwrap();
    store.record_event(None, "failed log-in", "x", detail(), at(2)).await.unwrap();
    store.record_event(Some(scene.user), "log-in", "y", detail(), at(3)).await.unwrap();
    let times = async |filter| {
        let found = events(store, filter).await;
        // Without what made the scene.
        let found = found.into_iter().filter(|event| event.at > at(0));
        found.map(|event| event.at).collect::<Vec<_>>()
    };
    assert_eq!(times(all()).await, [at(3), at(2), at(1)]);
    assert_eq!(times(EventFilter { action: "log-in".into(), ..all() }).await, [at(3), at(1)]);
    assert_eq!(times(EventFilter { actor: "A@EXAMPLE".into(), ..all() }).await, [at(3), at(1)]);
    assert!(times(EventFilter { actor: "b@".into(), ..all() }).await.is_empty());
    assert_eq!(times(EventFilter { subject: "x".into(), ..all() }).await, [at(2), at(1)]);
    let text = |text: &str| EventFilter { text: text.into(), ..all() };
    let detail = serde_json::json!({ "reason": "Sent by 100 % mistake" });
    store.record_event(None, "decided", "z", detail, at(4)).await.unwrap();
    assert_eq!(times(text(" by 100 % MISTAKE")).await, [at(4)]);
    assert!(times(text("by 100_% mistake")).await.is_empty());
    let newest = events(store, text("mistake")).await[0].id;
    assert_eq!(times(EventFilter { before: Some(newest), ..all() }).await, [at(3), at(2), at(1)]);
    let newest = events(store, EventFilter { before: Some(newest), ..all() }).await[0].id;
    assert_eq!(times(EventFilter { before: Some(newest), ..all() }).await, [at(2), at(1)]);
    let made = ["phase created", "truth set imported"];
    let actions = store.event_actions().await.unwrap();
    assert_eq!(actions, [&["decided", "failed log-in", "log-in"][..], &made].concat());
}
