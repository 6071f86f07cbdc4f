use asoca::domain::{PerMetric, Standing, SubmissionId};
use asoca::scoring::SCORER_VERSION;
use asoca::store::{JobOutcome, RankedSubmission};
use test_support::{Database, on_both_engines, opened};

use crate::scene::{Scene, Sent, add_phase, add_team, add_truth_set, at, execute};

on_both_engines! {
    submissions_come_oldest_first_with_their_cases_in_order,
    only_scored_published_and_qualified_submissions_of_approved_teams_are_ranked,
    results_of_another_scorer_or_truth_set_are_not_ranked,
    another_phase_has_a_ranking_of_its_own,
}

async fn ranked(scene: &Scene) -> Vec<RankedSubmission> {
    scene.store.ranked(&scene.phase, SCORER_VERSION, None).await.unwrap()
}

async fn ids(scene: &Scene) -> Vec<SubmissionId> {
    ranked(scene).await.into_iter().map(|submission| submission.id).collect()
}

async fn submissions_come_oldest_first_with_their_cases_in_order(database: Database) {
    let scene = Scene::new(database).await;
    let (user, team) = add_team(&scene.store, "b@example.org", "Team B").await;
    let late = scene.scored(scene.submission(), at(30)).await;
    let early = scene.scored(Sent { user, team, ..scene.submission() }, at(20)).await;

    let ranked = ranked(&scene).await;
    let order: Vec<_> = ranked.iter().map(|one| (one.id, one.team_name.as_str())).collect();
    assert_eq!(order, [(early, "Team B"), (late, "Team A")]);
    let all = scene.store.scores_of_phase(&scene.phase).await.unwrap();
    for submission in &ranked {
        let expected = [(0.5, 2.0), (0.75, 4.0)].map(|(dice, hd95)| PerMetric { dice, hd95 });
        assert_eq!(*opened(&all[&submission.evaluation]), expected);
        let alone = scene.store.scores_of(&[submission.evaluation]).await.unwrap();
        assert_eq!(opened(&alone[&submission.evaluation]), opened(&all[&submission.evaluation]));
    }
    assert_eq!((ranked[0].team_id, ranked[0].created_at), (team, at(20)));
}

async fn only_scored_published_and_qualified_submissions_of_approved_teams_are_ranked(
    database: Database,
) {
    let scene = Scene::new(database).await;
    let store = &scene.store;
    let id = scene.scored(scene.submission(), at(10)).await;
    assert_eq!(ids(&scene).await, [id]);

    execute!(store, "update submissions set published = $1", false);
    assert!(ids(&scene).await.is_empty());
    execute!(store, "update submissions set published = $1, disqualified = $2", true, true);
    assert!(ids(&scene).await.is_empty());
    execute!(store, "update submissions set disqualified = $1", false);
    for &standing in Standing::ALL {
        execute!(store, "update teams set standing = $1", standing.as_str());
        assert_eq!(ids(&scene).await.len(), usize::from(standing == Standing::Approved));
    }
    // Where no team has to be approved, a pending one takes part.
    execute!(store, "update phases set approval = 'none'");
    let open = store.phase(scene.phase.id).await.unwrap().unwrap();
    for &standing in Standing::ALL {
        execute!(store, "update teams set standing = $1", standing.as_str());
        let ranked = store.ranked(&open, SCORER_VERSION, None).await.unwrap().len();
        assert_eq!(ranked, usize::from(standing != Standing::Suspended), "{standing}");
        let then = store.ranked_at(&open, at(20), None).await.unwrap().len();
        assert_eq!(then, ranked, "{standing}");
    }
    execute!(store, "update phases set approval = 'required'");
    execute!(store, "update teams set standing = 'approved'");
    assert_eq!(ids(&scene).await, [id]);
    // Its results are still there, but are what its phase said until now.
    scene.rescore(id, at(30)).await;
    assert!(ids(&scene).await.is_empty());
}

async fn results_of_another_scorer_or_truth_set_are_not_ranked(database: Database) {
    let mut scene = Scene::new(database).await;
    let ours = scene.scored(scene.submission(), at(10)).await;
    scene.submit(at(20)).await;
    let job = scene.claim(at(20)).await;
    let JobOutcome::Scored { cases, .. } = scene.good() else { unreachable!() };
    let other = JobOutcome::Scored { scorer_version: "asoca-0", cases, pictures: None };
    assert!(scene.finish(&job, &other, at(20)).await);
    assert_eq!(ids(&scene).await, [ours]);

    scene.phase.truth_set_id = add_truth_set(&scene.store, "corrected", &["0", "1"]).await;
    assert!(ids(&scene).await.is_empty());
}

async fn another_phase_has_a_ranking_of_its_own(database: Database) {
    let mut scene = Scene::new(database).await;
    scene.scored(scene.submission(), at(10)).await;
    scene.phase = add_phase(&scene.store, "other", scene.phase.truth_set_id, 1).await;
    assert!(ids(&scene).await.is_empty());
}
