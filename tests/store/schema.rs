//! The schema's own rules.

use asoca::domain::{
    Approval, Audience, Counting, Decision, Feedback, FlagKind, Group, Hero, ImageKind, Late,
    MailKind, MailState, Publication, Scheme, Scope, Standing, State, Visibility,
};
use test_support::{Database, on_both_engines};

use crate::scene::{Scene, at, execute_result};

on_both_engines! {
    a_submission_has_one_current_evaluation,
    a_row_that_no_reader_could_make_sense_of_is_refused,
}

fn schema() -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    files.sort();
    files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// The words that a table takes for a column.
fn words<'a>(schema: &'a str, table: &str, column: &str) -> Vec<&'a str> {
    // A table whose check was changed was made anew, under another name at first.
    let anew = schema.rsplit_once(&format!("create table new_{table} ("));
    let made = || schema.split_once(&format!("create table {table} ("));
    let (_, rest) = anew.or_else(made).unwrap();
    let (_, rest) = rest.split_once(&format!("check ({column} in")).unwrap();
    let (list, _) = rest.split_once("))").unwrap();
    list.split('\'').skip(1).step_by(2).collect()
}

#[test]
fn a_column_takes_the_words_of_its_type_and_no_other() {
    let schema = schema();
    let mut held = 0;
    let mut holds = |table: &str, column: &str, expected: Vec<&str>| {
        assert_eq!(words(&schema, table, column), expected, "{table}.{column}");
        held += 1;
    };
    macro_rules! of {
        ($type:ty) => {
            <$type>::ALL.iter().map(|word| word.as_str()).collect()
        };
    }
    holds("cases", "case_group", of!(Group));
    holds("images", "kind", of!(ImageKind));
    holds("challenge", "hero", of!(Hero));
    holds("teams", "standing", of!(Standing));
    holds("tokens", "scope", of!(Scope));
    holds("one_time_links", "kind", vec!["reset", "welcome"]);
    holds("phases", "feedback", of!(Feedback));
    holds("phases", "counting", of!(Counting));
    holds("phases", "scheme", of!(Scheme));
    holds("phases", "leaderboard", of!(Visibility));
    holds("phases", "publication", of!(Publication));
    holds("phases", "late", of!(Late));
    holds("phases", "approval", of!(Approval));
    holds("flags", "kind", of!(FlagKind));
    holds("decisions", "decision", of!(Decision));
    holds("evaluations", "state", of!(State));
    holds("mail_events", "kind", of!(MailKind));
    holds("mails", "state", of!(MailState));
    holds("letters", "audience", of!(Audience));
    // No list of words is left out.
    let lists =
        schema.lines().filter(|line| line.contains("check (") && line.contains(" in")).count();
    let others =
        schema.lines().filter(|line| line.contains("check ((finished_at is null)")).count();
    let anew = schema.matches("create table new_").count();
    assert_eq!(lists - others - anew, held);
}

async fn a_submission_has_one_current_evaluation(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.scored(scene.submission(), at(10)).await;
    let second = "insert into evaluations (id, submission_id, truth_set_id, state, created_at, official_from)
                  select submission_id, submission_id, truth_set_id, 'queued', created_at, created_at
                  from evaluations where submission_id = $1";
    assert!(execute_result(&scene.store, second, id).await.is_err());
    scene.rescore(id, at(20)).await;
    assert!(execute_result(&scene.store, second, id).await.is_err());
}

async fn a_row_that_no_reader_could_make_sense_of_is_refused(database: Database) {
    let scene = Scene::new(database).await;
    let id = scene.scored(scene.submission(), at(10)).await;
    for change in [
        "update evaluations set state = 'done' where submission_id = $1",
        "update evaluations set state = 'queued' where submission_id = $1",
        "update evaluations set scorer_version = null where submission_id = $1",
        "update evaluations set official_from = null where submission_id = $1",
        "update evaluation_results set dice = 1.5 where evaluation_id in (select id from evaluations where submission_id = $1)",
        "update evaluation_results set hd95 = -1 where evaluation_id in (select id from evaluations where submission_id = $1)",
        "update phases set quota = 0 where id in (select phase_id from submissions where id = $1)",
        "update phases set leaderboard = 'secret' where id in (select phase_id from submissions where id = $1)",
    ] {
        assert!(execute_result(&scene.store, change, id).await.is_err(), "{change}");
    }
}
