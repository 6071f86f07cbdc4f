use std::fs;
use std::path::Path;

use segmentation::Geometry;
use serde_json::Value;
use test_support::program::Site;
use test_support::program::http::Client;
use test_support::program::volumes::{geometry, row, two_truths, write};
use test_support::program::{Done, asoca, run};

use super::score_refusals::problems_in;

/// Files below the folder, however deep.
fn files(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { files(&path) } else { 1 })
        .sum()
}

#[test]
fn a_challenge_set_up_on_the_command_line_takes_and_scores_a_submission() {
    let site = Site::new(None);
    site.set_up();
    let server = site.serve();
    let token = site.participant(&server);
    assert!(token.starts_with("asoca_"), "{token}");

    let zip = fs::read(site.phantoms().join("predictions/thin.zip")).unwrap();
    let client = Client::new(&server.url, Some(&token));
    let report = client.submit(&zip, "?wait=60", "a").json(201);
    assert_eq!(report["state"], "scored");
    assert_eq!(report["phase"], "one");
    assert_eq!(report["team"], "Nanoseconds");

    let (truth, zip) =
        (site.phantoms().join("truth"), site.phantoms().join("predictions/thin.zip"));
    let scores = run(&mut asoca([&"score", &"--json", &"--metrics=all", &"--truth", &truth, &zip]))
        .succeeded();
    let scores: Value = serde_json::from_str(&scores).unwrap();
    assert_eq!(report["aggregates"], scores["aggregates"]);
    assert_eq!(report["cases"], scores["cases"]);

    let leaderboard = Client::new(&server.url, None).get("/api/v1/leaderboard").json(200);
    assert_eq!(leaderboard["entries"].as_array().map(Vec::len), Some(1));
    assert_eq!(leaderboard["entries"][0]["dice"], scores["aggregates"]["all"]["dice"]["mean"]);

    assert_eq!(server.process.interrupt().code, Some(0));
}

#[test]
fn an_organiser_is_refused_like_anybody_who_signs_up_badly() {
    let site = Site::new(None);
    site.create_organiser().succeeded();
    site.create_organiser().refused(2, &["ada@example.org", "has an account already"]);
    let refused = |email: &str, name: &str, word| {
        site.admin([&"create-organiser", &"--email", &email, &"--name", &name])
            .refused(2, &["expected", word]);
    };
    refused("ada", "Ada", "e-mail address");
    refused("b@example.org", "", "a name");
    let mut short = asoca([
        &"admin",
        &"create-organiser",
        &"--email",
        &"b@example.org",
        &"--name",
        &"B",
        &"--data",
        &site.data(),
    ]);
    run(short.env("ASOCA_PASSWORD", "short")).refused(2, &["a password", "10 characters"]);
    // Without the variable it is read from standard input, which is empty here.
    run(short.env_remove("ASOCA_PASSWORD")).refused(2, &["a password", "10 characters"]);
}

#[test]
fn a_token_is_made_for_who_may_have_it() {
    let site = Site::new(None);
    site.create_organiser().succeeded();
    let token = |email: &str, scope: &str| {
        site.admin([&"create-token", &"--email", &email, &"--scope", &scope])
    };
    token("eve@example.org", "read").refused(2, &["eve@example.org", "has no account"]);
    assert!(token("ada@example.org", "organise").succeeded().starts_with("asoca_"));
    let unknown = token("ada@example.org", "everything");
    assert_eq!((unknown.code, unknown.stdout.as_str()), (Some(2), ""), "{unknown:?}");

    let server = site.serve();
    site.participant(&server);
    token("grace@example.org", "organise").refused(2, &["--scope organise", "organisers only"]);
}

#[test]
fn a_phase_needs_a_truth_a_name_and_dates_in_order() {
    let site = Site::new(None);
    two_truths(&site.folder.path().join("truth"));
    let truth = site.folder.path().join("truth");
    site.admin([&"import-truth", &"--name", &"first", &truth]).succeeded();
    let phase = |slug: &str, truth: &str, opens: &str, closes: &str| -> Done {
        site.admin([
            &"create-phase",
            &"--title",
            &"Phase",
            &"--slug",
            &slug,
            &"--truth",
            &truth,
            &"--opens",
            &opens,
            &"--closes",
            &closes,
        ])
    };
    let (early, late) = ("2026-12-01T00:00:00Z", "2027-01-01T01:00:00+02:00");
    phase("one", "second", early, late)
        .refused(2, &["the name of an imported truth set", "second"]);
    phase("one", "first", late, early).refused(2, &["an end later than the beginning"]);
    phase("one", "first", early, early).refused(2, &["an end later than the beginning"]);
    phase("Phase One", "first", early, late).refused(2, &["a slug of 1 to 60 lower-case"]);
    for vague in ["tomorrow", "2026-12-01", "2026-12-01T00:00:00", "2026-13-01T00:00:00Z"] {
        let done = phase("one", "first", vague, late);
        assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""), "{done:?}");
        assert!(done.stderr.contains("--opens") && done.stderr.contains("with its zone"));
    }
    phase("one", "first", early, late).succeeded();
    phase("one", "first", early, late).refused(2, &["a slug that no phase has or had", "one"]);
}

#[test]
fn a_truth_set_that_is_not_right_leaves_nothing_behind() {
    let site = Site::new(None);
    let truth = site.folder.path().join("truth");
    let import = || site.admin([&"import-truth", &"--name", &"first", &truth]);
    let refused = |problems: &[(&str, &str)], words: &str| {
        let done = import();
        assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""), "{done:?}");
        assert_eq!(problems_in(&done.stderr), problems);
        assert!(done.stderr.contains(words), "no '{words}' in: {}", done.stderr);
    };
    two_truths(&truth);
    let blobs = site.data().join("blobs");

    let listed = fs::read(truth.join("cases.json")).unwrap();
    fs::remove_file(truth.join("cases.json")).unwrap();
    refused(&[("cases.json", "truth.cases")], "found no such file");
    fs::write(truth.join("cases.json"), r#"[{"id": "0"}, {"id": "1"}, {"id": "1"}]"#).unwrap();
    refused(&[("cases.json", "truth.cases"); 2], "case 1 again");
    fs::write(truth.join("cases.json"), listed).unwrap();

    let whole = fs::read(truth.join("1.nrrd")).unwrap();
    let oblique = [[0.4, 0.1, 0.0], [-0.1, 0.4, 0.0], [0.0, 0.0, 0.6]];
    let flat = [[0.4, 0.0, 0.0], [0.0, 0.4, 0.0], [0.0, 0.0, 0.0]];
    for (voxels, directions, code, words) in [
        (row([]), None, "case.empty", "no foreground"),
        (row(0..10), Some(oblique), "truth.geometry", "oblique or swapped axes"),
        (row(0..10), Some(flat), "truth.geometry", "finite spacings different from zero"),
    ] {
        let directions = directions.or(geometry().directions);
        write(&truth.join("1.nrrd"), &voxels, &Geometry { directions, ..geometry() });
        refused(&[("1.nrrd", code)], words);
        assert_eq!(files(&blobs), 0, "{words}");
    }
    let header = "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 12 3 2\nencoding: raw\n";
    fs::write(truth.join("1.nrrd"), format!("{header}data file: 0.nrrd\n\n")).unwrap();
    refused(&[("1.nrrd", "nrrd.data_file")], "points at another file");
    assert_eq!(files(&blobs), 0);

    fs::write(truth.join("1.nrrd"), whole).unwrap();
    let said = import().succeeded();
    assert!(said.contains("truth set 'first': 2 cases"), "{said}");
    assert!(said.contains("12x3x2, 0.5 x 0.5 x 2 mm, 10 voxels"), "{said}");
    assert_eq!(files(&blobs), 2);
    import().refused(2, &["there is a truth set of this name already"]);
    assert_eq!(files(&blobs), 2);
}
