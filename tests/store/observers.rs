//! The annotators of a truth set.

use asoca::domain::{Agreement, MeanStd, ObserverSource, Observers, PerMetric, TruthSetId, UserId};
use asoca::store::{AnnotatorValues, EventFilter, NewObservers};
use futures_util::future::join_all;
use serde_json::{Value, json};
use test_support::{Database, on_both_engines};

use crate::scene::{Scene, add_truth_set, at};

on_both_engines! {
    annotators_come_back_bit_for_bit,
    annotators_are_replaced_and_removed_and_the_trail_says_what_was_before_and_after,
    of_parallel_imports_one_stands_and_each_tells_what_it_replaced,
    a_truth_set_that_is_not_there_has_no_annotators,
}

fn annotators(dice: f64) -> Vec<AnnotatorValues> {
    let annotator = |name: &str| AnnotatorValues {
        name: name.into(),
        values: vec![
            PerMetric { dice, hd95: 0.1 + 0.2 },
            PerMetric { dice: 0.734_567_891_234_567_8, hd95: 1e-300 },
        ],
    };
    vec![annotator("a \u{1f9d1} \"quoted\""), annotator("b")]
}

fn summary(mean: f64) -> Observers {
    let of = |mean| MeanStd { mean, std: Some(1.0 / 3.0) };
    let all = Agreement { dice: of(mean), hd95: of(0.1 + 0.2), count: Some(4) };
    let source = ObserverSource::Own;
    Observers { source, annotators: 2, all, normal: Some(all), diseased: None, tolerance_mm: None }
}

/// What the audit log holds of them, newest first.
async fn trail(scene: &Scene, set: TruthSetId) -> Vec<(String, Option<UserId>, Value)> {
    let filter = EventFilter { subject: set.to_string(), ..EventFilter::default() };
    let events = scene.store.events(&filter, 100).await.unwrap().into_iter();
    let of_observers = events.filter(|event| event.action.starts_with("observers "));
    of_observers.map(|event| (event.action, event.actor, event.detail)).collect()
}

async fn annotators_come_back_bit_for_bit(database: Database) {
    let scene = Scene::new(database).await;
    let (set, other) =
        (scene.phase.truth_set_id, add_truth_set(&scene.store, "other", &["0"]).await);
    let (annotators, summary) = (annotators(1.0 / 3.0), summary(2.0 / 3.0));
    let new = NewObservers { annotators: &annotators, summary: &summary };
    assert!(scene.store.set_observers(set, Some(new), Some(scene.user), at(1)).await.unwrap());
    let row = scene.store.observers(set).await.unwrap().unwrap();
    assert_eq!((row.at, row.email.as_deref()), (at(1), Some("a@example.org")));
    assert_eq!((row.annotators, row.summary), (annotators, summary));
    assert_eq!(scene.store.observer_summary(set).await.unwrap(), Some(summary));
    assert_eq!(scene.store.observer_summary(other).await.unwrap(), None);
}

async fn annotators_are_replaced_and_removed_and_the_trail_says_what_was_before_and_after(
    database: Database,
) {
    let scene = Scene::new(database).await;
    let (store, set) = (&scene.store, scene.phase.truth_set_id);
    let annotators = annotators(0.5);
    let (first, second) = (summary(0.8), summary(0.9));
    for (now, summary) in [(1, &first), (2, &second)] {
        let new = NewObservers { annotators: &annotators, summary };
        assert!(store.set_observers(set, Some(new), None, at(now)).await.unwrap());
        assert_eq!(store.observer_summary(set).await.unwrap(), Some(*summary));
    }
    for now in [3, 4] {
        assert!(store.set_observers(set, None, Some(scene.user), at(now)).await.unwrap());
        assert!(store.observers(set).await.unwrap().is_none());
    }
    let told = |summary: &Observers| json!(summary);
    let event = |action: &str, actor, before: Value, after: Value| {
        (action.to_owned(), actor, json!({ "before": before, "after": after }))
    };
    let expected = [
        event("observers removed", Some(scene.user), told(&second), Value::Null),
        event("observers imported", None, told(&first), told(&second)),
        event("observers imported", None, Value::Null, told(&first)),
    ];
    assert_eq!(trail(&scene, set).await, expected);
}

async fn of_parallel_imports_one_stands_and_each_tells_what_it_replaced(database: Database) {
    let scene = Scene::new(database).await;
    let set = scene.phase.truth_set_id;
    let annotators = annotators(0.5);
    let summaries: Vec<Observers> = (0..8).map(|at| summary(f64::from(at) / 8.0)).collect();
    let imports = summaries.iter().map(|summary| {
        let new = NewObservers { annotators: &annotators, summary };
        scene.store.set_observers(set, Some(new), None, at(1))
    });
    assert!(join_all(imports).await.into_iter().all(|done| done.unwrap()));
    let stands = scene.store.observer_summary(set).await.unwrap().unwrap();
    assert!(summaries.contains(&stands));
    let trail = trail(&scene, set).await;
    let summary = |side: &str| -> Vec<Value> {
        trail.iter().map(|(.., detail)| detail[side].clone()).collect()
    };
    let (before, after) = (summary("before"), summary("after"));
    // Each was replaced by one other, but for the one that stands; one replaced nothing.
    assert_eq!(before.iter().filter(|before| before.is_null()).count(), 1);
    let replaced = |after: &Value| before.iter().filter(|before| *before == after).count();
    for after in &after {
        assert_eq!(replaced(after), usize::from(*after != json!(stands)), "{after}");
    }
}

async fn a_truth_set_that_is_not_there_has_no_annotators(database: Database) {
    let scene = Scene::new(database).await;
    let (annotators, summary) = (annotators(0.5), summary(0.5));
    let new = NewObservers { annotators: &annotators, summary: &summary };
    for new in [Some(new), None] {
        assert!(!scene.store.set_observers(TruthSetId::NIL, new, None, at(1)).await.unwrap());
    }
    assert!(scene.store.observers(TruthSetId::NIL).await.unwrap().is_none());
    assert_eq!(trail(&scene, TruthSetId::NIL).await, []);
}
