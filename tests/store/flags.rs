//! Flags follow what was scored, in whatever order that happens.

use asoca::domain::{FlagKind, SubmissionId, TeamId, UserId};
use asoca::store::{CaseResult, SentMask};
use test_support::{Database, on_both_engines};

use crate::scene::{Scene, Sent, add_team, at, case, execute, value};

on_both_engines! {
    the_later_of_two_is_flagged_in_whatever_order_they_are_scored,
    what_is_scored_anew_is_looked_at_anew,
    what_one_team_sent_twice_is_nothing_to_look_at_once_two_teams_are_one,
    a_trial_of_a_truth_set_keeps_what_the_masks_are,
}

/// A score, and what was scored.
fn sent(id: &str, mask: &str, dice: f64) -> CaseResult {
    let mask = Some(SentMask { voxels: 500 + mask.len() as i64, sha256: mask.into() });
    CaseResult { mask, ..case(id, dice, 2.0) }
}

async fn scored(
    scene: &Scene,
    team: (UserId, TeamId),
    masks: [&str; 2],
    seconds: u64,
) -> SubmissionId {
    let sent_by = Sent { user: team.0, team: team.1, ..scene.submission() };
    let id = sent_by.add_new(at(seconds)).await;
    score(scene, masks, seconds).await;
    id
}

async fn score(scene: &Scene, masks: [&str; 2], seconds: u64) {
    let job = scene.claim(at(seconds)).await;
    let cases = vec![sent("0", masks[0], 0.8), sent("1", masks[1], 0.7)];
    assert!(scene.finish(&job, &scene.outcome(cases), at(seconds)).await);
}

async fn inspect(scene: &Scene) {
    while scene.store.inspect_submissions(1, at(900)).await.unwrap() > 0 {}
}

async fn kinds(scene: &Scene, id: SubmissionId) -> Vec<FlagKind> {
    let flags = scene.store.flags_of(id).await.unwrap();
    flags.into_iter().map(|flag| flag.kind).collect()
}

async fn the_later_of_two_is_flagged_in_whatever_order_they_are_scored(database: Database) {
    let scene = Scene::new(database).await;
    let other = add_team(&scene.store, "b@example.org", "Team B").await;
    let first = scene.submit(at(1)).await;
    let held = scene.claim(at(1)).await;
    let second = scored(&scene, other, ["a", "b"], 2).await;
    inspect(&scene).await;
    assert_eq!(kinds(&scene, second).await, []);
    let cases = vec![sent("0", "a", 0.8), sent("1", "b", 0.7)];
    assert!(scene.finish(&held, &scene.outcome(cases), at(3)).await);
    inspect(&scene).await;
    assert_eq!(kinds(&scene, first).await, []);
    assert_eq!(kinds(&scene, second).await, [FlagKind::SameMasks]);
    let flag = scene.store.flags_of(second).await.unwrap().remove(0);
    assert_eq!((flag.other_id, flag.other_team.as_deref()), (Some(first), Some("Team A")));
    let latest = scene.store.flags_since(at(0), 10).await.unwrap();
    assert_eq!(latest.len(), 1);
    assert_eq!(scene.store.flags_among(second, first).await.unwrap().get(&second), Some(&1));
    // Told once, however often it is looked at.
    execute!(&scene.store, "update evaluations set inspected = $1", false);
    inspect(&scene).await;
    let events: i64 = value!(&scene.store, "select count(*) from audit where action = 'flagged'");
    assert_eq!(events, 1);
}

async fn what_is_scored_anew_is_looked_at_anew(database: Database) {
    let scene = Scene::new(database).await;
    let other = add_team(&scene.store, "b@example.org", "Team B").await;
    let us = (scene.user, scene.team);
    scored(&scene, us, ["a", "b"], 1).await;
    let copy = scored(&scene, other, ["a", "c"], 2).await;
    inspect(&scene).await;
    assert_eq!(kinds(&scene, copy).await, [FlagKind::SharedMasks]);
    scene.rescore(copy, at(3)).await;
    score(&scene, ["d", "c"], 3).await;
    inspect(&scene).await;
    assert_eq!(kinds(&scene, copy).await, []);
    let mask: String = value!(
        &scene.store,
        "select sha256 from case_masks where submission_id = $1 and case_id = '0'",
        copy
    );
    assert_eq!(mask, "d");
}

async fn what_one_team_sent_twice_is_nothing_to_look_at_once_two_teams_are_one(database: Database) {
    let scene = Scene::new(database).await;
    let other = add_team(&scene.store, "b@example.org", "Team B").await;
    scored(&scene, (scene.user, scene.team), ["a", "b"], 1).await;
    let copy = scored(&scene, other, ["a", "b"], 2).await;
    inspect(&scene).await;
    assert_eq!(kinds(&scene, copy).await, [FlagKind::SameMasks]);
    execute!(&scene.store, "update submissions set team_id = $1", scene.team);
    assert_eq!(kinds(&scene, copy).await, []);
    assert!(scene.store.flags_since(at(0), 10).await.unwrap().is_empty());
}

async fn a_trial_of_a_truth_set_keeps_what_the_masks_are(database: Database) {
    let scene = Scene::new(database).await;
    let id = scored(&scene, (scene.user, scene.team), ["a", "b"], 1).await;
    let before = scene.results(id).await;
    assert_eq!(before[1].mask.as_ref().unwrap().sha256, "b");
    let truth = crate::scene::add_truth_set(&scene.store, "corrected", &["0", "1"]).await;
    scene.store.start_trial(scene.phase.id, truth, scene.user, at(2)).await.unwrap();
    score(&scene, ["a", "b"], 3).await;
    let masks: i64 = value!(&scene.store, "select count(*) from case_masks");
    assert_eq!((masks, scene.results(id).await), (2, before));
}
