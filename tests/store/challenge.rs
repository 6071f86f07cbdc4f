//! Truth sets and phases.

use asoca::domain::{Counting, Feedback, Group, TruthSetId};
use asoca::store::{AuditContext, Case, NewPhase, NewTruthSet, StoreError};
use test_support::{Database, on_both_engines, rows};

use crate::scene::{add_phase, add_truth_set, at, plain_case, value};

on_both_engines! {
    cases_keep_the_order_of_their_import,
    a_spacing_comes_back_bit_for_bit,
    a_truth_set_of_a_known_name_leaves_nothing_behind,
    a_truth_set_with_a_case_twice_leaves_nothing_behind,
    phases_are_listed_by_when_they_opened,
    a_phase_is_open_from_its_first_moment_until_before_its_last,
    a_taken_phase_name_is_refused,
}

async fn cases_keep_the_order_of_their_import(database: Database) {
    let store = &database.store;
    let ids = ["10", "9", "b", "0", "B", "1"];
    let set = add_truth_set(store, "hidden", &ids).await;
    let cases = store.cases(set).await.unwrap();
    assert_eq!(cases.iter().map(|case| case.case_id.as_str()).collect::<Vec<_>>(), ids);
    assert_eq!(store.truth_set_by_name("hidden").await.unwrap().unwrap().id, set);
    assert_eq!(store.truth_set(set).await.unwrap().unwrap().created_at, at(0));
}

async fn a_spacing_comes_back_bit_for_bit(database: Database) {
    let store = &database.store;
    let spacing = [1.0 / 3.0, -0.390_625_000_000_000_06, f64::MIN_POSITIVE];
    let case = Case::new("0".into(), Group::Diseased, [512, 511, 230], spacing, "truth/0".into());
    let id = TruthSetId::new();
    let new = NewTruthSet { id, name: "hidden", digest: "00", cases: &[case], actor: None };
    store.add_truth_set(&new, at(0)).await.unwrap();

    let case = store.cases(id).await.unwrap().pop().unwrap();
    assert_eq!(case.spacing().map(f64::to_bits), spacing.map(f64::to_bits));
    assert_eq!((case.shape(), case.case_group), ([512, 511, 230], Group::Diseased));
}

async fn a_truth_set_of_a_known_name_leaves_nothing_behind(database: Database) {
    let store = &database.store;
    add_truth_set(store, "hidden", &["0"]).await;
    let id = TruthSetId::new();
    let cases = [plain_case("0"), plain_case("1")];
    let new = NewTruthSet { id, name: "hidden", digest: "11", cases: &cases, actor: None };
    let again = store.add_truth_set(&new, at(1)).await;
    assert!(matches!(again, Err(StoreError::Taken)), "{again:?}");
    assert!(store.truth_set(id).await.unwrap().is_none());
    assert!(store.cases(id).await.unwrap().is_empty());
}

async fn a_truth_set_with_a_case_twice_leaves_nothing_behind(database: Database) {
    let store = &database.store;
    let cases = [plain_case("0"), plain_case("0")];
    let new = NewTruthSet {
        id: TruthSetId::new(),
        name: "hidden",
        digest: "00",
        cases: &cases,
        actor: None,
    };
    assert!(store.add_truth_set(&new, at(0)).await.is_err());
    let left: i64 = value!(
        store,
        "select (select count(*) from truth_sets) + (select count(*) from cases)
                + (select count(*) from audit)"
    );
    assert_eq!(left, 0);
}

async fn phases_are_listed_by_when_they_opened(database: Database) {
    let store = &database.store;
    let truth_set_id = add_truth_set(store, "hidden", &["0"]).await;
    for (slug, opens_at) in [("second", 20), ("third", 30), ("first", 10)] {
        let new = NewPhase {
            closes_at: Some(at(100)),
            quota: 3,
            quota_period_hours: 24,
            feedback: Feedback::PerCase,
            counting: Counting::Latest,
            ..rows::phase(slug, truth_set_id, at(opens_at))
        };
        store.add_phase(&new, &AuditContext::default(), at(0)).await.unwrap();
    }
    let phases = store.phases().await.unwrap();
    let slugs: Vec<&str> = phases.iter().map(|phase| phase.slug.as_str()).collect();
    assert_eq!(slugs, ["third", "second", "first"]);
    let third = store.phase(phases[0].id).await.unwrap().unwrap();
    assert_eq!((third.opens_at, third.closes_at), (at(30), Some(at(100))));
    assert_eq!((third.feedback, third.counting), (Feedback::PerCase, Counting::Latest));
    assert_eq!((third.quota, third.quota_period().as_secs()), (3, 24 * 3600));
}

async fn a_phase_is_open_from_its_first_moment_until_before_its_last(database: Database) {
    let store = &database.store;
    let truth_set = add_truth_set(store, "hidden", &["0"]).await;
    let mut phase = add_phase(store, "main", truth_set, 1).await;
    phase.opens_at = at(10);
    phase.closes_at = Some(at(20));
    let open = [9, 10, 19, 20].map(|second| phase.is_open(at(second)));
    assert_eq!(open, [false, true, true, false]);
}

async fn a_taken_phase_name_is_refused(database: Database) {
    let store = &database.store;
    let truth_set_id = add_truth_set(store, "hidden", &["0"]).await;
    let phase = add_phase(store, "main", truth_set_id, 1).await;
    let new = rows::phase(&phase.slug, truth_set_id, at(0));
    let again = store.add_phase(&new, &AuditContext::default(), at(1)).await;
    assert!(matches!(again, Err(StoreError::Taken)), "{again:?}");
}
