//! Organisers find people, teams, submissions and events by any part of a name, in whatever letter case of whatever
//! script.

use asoca::store::{EventFilter, NewAccount, PersonFilter, SubmissionFilter, TeamFilter};
use serde_json::json;
use test_support::rows::account;
use test_support::{Database, on_both_engines};

use crate::scene::{Scene, at};

on_both_engines! {
    letter_case_of_any_script_makes_no_difference,
}

/// A name, and ways to write parts of it that have to find it.
const NAMES: [(&str, &[&str]); 5] = [
    ("Ömer Ågren", &["Ömer", "ömer", "ÖMER ÅG", "ågr"]),
    ("École ÜNet", &["École", "école", "ünet", "E ÜNET"]),
    ("Ärzte ß", &["ÄRZTE", "ärzte", "ß"]),
    ("Фёдор", &["фёдор", "ФЁДОР", "дор"]),
    ("Σίσυφος Lab", &["σίσυ", "ΣΊΣΥΦΟΣ", "lab"]),
];

async fn letter_case_of_any_script_makes_no_difference(database: Database) {
    let scene = Scene::new(database).await;
    let store = &scene.store;
    for (number, (name, parts)) in NAMES.into_iter().enumerate() {
        let email = format!("{number}@example.org");
        let by_name = NewAccount { display_name: name, team: Some(name), ..account(&email, None) };
        let user = store.add_account(&by_name, at(1)).await.unwrap();
        let email = format!("of-{number}@example.org");
        let elsewhere = NewAccount { affiliation: name, ..account(&email, None) };
        let colleague = store.add_account(&elsewhere, at(1)).await.unwrap();
        let team = store.team_of(user).await.unwrap().unwrap().id;
        let sent = scene.submission().with_method(name).add_new(at(2)).await;
        store
            .record_event(None, "decided", "x", json!({ "reason": name }), at(number as u64 + 10))
            .await
            .unwrap();

        for &part in parts {
            let search = part.to_owned();
            let people = PersonFilter { search: search.clone(), ..Default::default() };
            let people = store.people(&people, 10).await.unwrap();
            let people: Vec<_> = people.into_iter().map(|person| person.id).collect();
            assert_eq!(people, [colleague, user], "{part}");
            let teams = TeamFilter { search: search.clone(), ..Default::default() };
            let teams: Vec<_> =
                store.teams(&teams, 10).await.unwrap().into_iter().map(|team| team.id).collect();
            assert_eq!(teams, [team], "{part}");
            let submissions = SubmissionFilter { search: search.clone(), ..Default::default() };
            let submissions = store.submissions(&submissions, 10).await.unwrap();
            assert_eq!(submissions.iter().map(|one| one.id).collect::<Vec<_>>(), [sent], "{part}");
            let events =
                EventFilter { text: search, action: "decided".into(), ..Default::default() };
            let events = store.events(&events, 10).await.unwrap();
            assert_eq!(
                events.iter().map(|event| event.at).collect::<Vec<_>>(),
                [at(number as u64 + 10)]
            );
        }
    }
}
