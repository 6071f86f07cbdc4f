use asoca::store::{Added, SubmissionFilter};
use test_support::{Database, on_both_engines};

use crate::scene::{Scene, Sent, add_phase, add_team, at, value};

on_both_engines! {
    the_same_request_with_the_same_key_is_replayed,
    another_request_with_the_same_key_is_refused,
    parallel_requests_with_one_key_make_one_submission,
    a_key_belongs_to_one_person,
    a_replay_needs_no_quota,
    requests_without_a_key_are_all_new,
}

fn keyed<'a>(scene: &'a Scene, key: &'a str) -> Sent<'a> {
    Sent { key: Some(key), ..scene.submission() }
}

async fn the_same_request_with_the_same_key_is_replayed(database: Database) {
    let scene = Scene::new(database).await;
    assert_eq!(scene.store.request_of_key(scene.user, "k").await.unwrap(), None);
    let first = keyed(&scene, "k").add_new(at(10)).await;
    let known = scene.store.request_of_key(scene.user, "k").await.unwrap();
    assert_eq!(known, Some((first, scene.submission().request.to_owned())));
    let (_, again) = keyed(&scene, "k").add(at(20)).await;
    assert_eq!(again, Added::Replayed(first));
}

async fn another_request_with_the_same_key_is_refused(database: Database) {
    let scene = Scene::new(database).await;
    keyed(&scene, "k").add_new(at(10)).await;
    let (_, other) = Sent { request: "two", ..keyed(&scene, "k") }.add(at(20)).await;
    assert_eq!(other, Added::KeyReused);
    Sent { request: "two", ..keyed(&scene, "K") }.add_new(at(20)).await;
}

async fn parallel_requests_with_one_key_make_one_submission(database: Database) {
    let scene = Scene::new(database).await;
    let requests = (0..20).map(|_| keyed(&scene, "k").add(at(10)));
    let added = futures_util::future::join_all(requests).await;

    let new: Vec<_> = added.iter().filter(|(_, added)| *added == Added::New).collect();
    let [(id, _)] = new.as_slice() else { panic!("{} are new", new.len()) };
    let replayed = added.iter().filter(|(_, added)| *added == Added::Replayed(*id)).count();
    assert_eq!(replayed, 19);
    let rows: i64 = value!(&scene.store, "select count(*) from submissions");
    assert_eq!(rows, 1);
}

async fn a_key_belongs_to_one_person(database: Database) {
    let scene = Scene::new(database).await;
    keyed(&scene, "k").add_new(at(10)).await;
    let (user, team) = add_team(&scene.store, "b@example.org", "Team B").await;
    assert_eq!(scene.store.request_of_key(user, "k").await.unwrap(), None);
    Sent { user, team, request: "two", ..keyed(&scene, "k") }.add_new(at(10)).await;
}

async fn a_replay_needs_no_quota(database: Database) {
    let mut scene = Scene::new(database).await;
    scene.phase = add_phase(&scene.store, "small", scene.phase.truth_set_id, 1).await;
    let first = keyed(&scene, "k").add_new(at(10)).await;
    let (_, again) = keyed(&scene, "k").add(at(20)).await;
    assert_eq!(again, Added::Replayed(first));
}

async fn requests_without_a_key_are_all_new(database: Database) {
    let scene = Scene::new(database).await;
    let first = scene.submit(at(10)).await;
    let second = scene.submit(at(10)).await;
    let listed = scene.store.submissions_of(scene.team, 10).await.unwrap();
    assert_eq!(listed.iter().map(|row| row.id).collect::<Vec<_>>(), [second, first]);
    assert_eq!(scene.store.submissions(&SubmissionFilter::default(), 1).await.unwrap().len(), 1);
}
