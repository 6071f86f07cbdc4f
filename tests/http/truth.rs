//! Ground truth at the organiser area: imported by zip, tried on a phase, activated.

use axum::http::StatusCode;
use coronary_phantom::Method;
use serde_json::{Value, json};
use test_support::acts::{SETS, TRIALS, id, text};
use test_support::challenge::{
    CASES, Files, SHAPE, list_of_cases, predictions, spacing, volume, zip,
};
use test_support::form::Form;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    a_corrected_truth_is_imported_tried_and_activated,
    the_same_is_done_on_the_pages,
    everything_that_is_wrong_with_a_zip_is_told_at_once,
    without_a_list_that_can_be_read_the_volumes_are_checked_all_the_same,
    a_set_without_a_name_of_its_own_is_refused,
    what_does_not_fit_the_new_truth_is_told_and_becomes_invalid_only_then,
    what_is_sent_during_a_trial_is_scored_against_the_old_truth_and_then_the_new,
    what_a_trial_has_not_scored_yet_does_not_leave_the_leaderboard,
    nobody_sees_an_empty_leaderboard_while_a_truth_set_is_activated,
    participants_learn_only_what_is_public_about_the_active_truth,
}

/// A truth that takes a method's predictions for true.
pub fn truth_of(method: Method) -> Files {
    let mut files = predictions(method);
    files.push(list_of_cases());
    files
}

pub fn in_order(teams: [&str; 2]) -> Vec<(String, u64)> {
    teams.into_iter().map(str::to_owned).zip(1..).collect()
}

async fn a_corrected_truth_is_imported_tried_and_activated(database: Database) {
    let site = Site::start(database).await;
    let (a, b) = (site.team("Team A").await, site.team("Team B").await);
    let (first, second) = (a.score(Method::NearPerfect).await, b.score(Method::Thin).await);
    let organiser = site.organiser().await;
    let old = site.store.truth_set(site.phase.truth_set_id).await.unwrap().unwrap();

    let imported = organiser.import("corrected", &truth_of(Method::Thin)).await;
    let set = imported.expect(StatusCode::CREATED);
    assert_eq!(imported.header("location"), Some(format!("{SETS}/{}", id(&set)).as_str()));
    assert_eq!(
        (&set["imported_by"], &set["phases"]),
        (&json!("organiser@example.org"), &json!([]))
    );
    let cases = set["cases"].as_array().unwrap();
    assert_eq!(cases.len(), CASES as usize);
    for (at, case) in cases.iter().enumerate() {
        let size: Vec<f64> = SHAPE.iter().zip(spacing(at)).map(|(&n, mm)| n as f64 * mm).collect();
        assert_eq!((&case["id"], &case["shape"]), (&json!(at.to_string()), &json!(SHAPE)));
        assert_eq!((&case["spacing"], &case["size"]), (&json!(spacing(at)), &json!(size)));
        assert!(case["foreground_voxels"].as_u64() > Some(100), "{case}");
        assert!(case["components"].as_u64() > Some(0), "{case}");
    }
    assert_eq!(organiser.report(SETS, &set).await, set);
    let sets = organiser.get(SETS).await.expect(StatusCode::OK);
    let listed =
        |set: &Value| (text(&set["name"]), set["case_count"].clone(), set["phases"].clone());
    let sets: Vec<_> = sets["truth_sets"].as_array().unwrap().iter().map(listed).collect();
    let six = || json!(CASES);
    let main = || json!(["main"]);
    assert_eq!(sets, [("corrected".into(), six(), json!([])), ("hidden".into(), six(), main())]);

    let trial = organiser.try_out("corrected").await;
    let trial = site.tried(&trial).await;
    assert_eq!((&trial["ready"], &trial["progress"]["scored"]), (&json!(true), &json!(2)));
    assert_eq!((&trial["before"], &trial["truth_set"]), (&json!("hidden"), &json!("corrected")));
    let entries = trial["entries"].as_array().unwrap();
    let moves = |at: &Value| {
        (text(&at["team"]), at["before"]["position"].clone(), at["after"]["position"].clone())
    };
    let moved: Vec<_> = entries.iter().map(moves).collect();
    assert_eq!(
        moved,
        [("Team B".into(), json!(2), json!(1)), ("Team A".into(), json!(1), json!(2))]
    );
    let of_b = &entries[0];
    assert_eq!(
        (&of_b["before"]["dice"], &of_b["before"]["hd95"]),
        (&second["dice"], &second["hd95"])
    );
    assert_eq!((&of_b["after"]["dice"], &of_b["after"]["hd95"]), (&json!(1.0), &json!(0.0)));
    // Nobody else sees anything of it.
    assert_eq!(a.positions().await, in_order(["Team A", "Team B"]));
    assert_eq!(b.report("/api/v1/submissions", &second).await, second);

    let done = organiser.activate(&trial, "case 3 was mirrored").await.expect(StatusCode::OK);
    assert!(done["activated_at"].is_string() && done["entries"] == trial["entries"], "{done}");
    assert_eq!((&done["before"], &done["ready"]), (&json!("hidden"), &json!(false)));
    assert_eq!(a.positions().await, in_order(["Team B", "Team A"]));
    for (team, before) in [(&a, &first), (&b, &second)] {
        let report = team.report("/api/v1/submissions", before).await;
        assert_eq!(before["truth_set_digest"], old.digest);
        assert_eq!(report["truth_set_digest"], set["digest"]);
        assert_eq!(report["decisions"][0]["reason"], "case 3 was mirrored");
        let page = team.get(&format!("/submissions/{}", id(before))).await;
        let page = page.page(StatusCode::OK);
        assert!(page.contains(&text(&set["digest"])) && page.contains("case 3 was mirrored"));
    }
    let trail = organiser.get("/api/v1/admin/audit?action=truth+set+activated").await;
    let trail = trail.expect(StatusCode::OK);
    let detail = &trail["events"][0]["detail"];
    assert_eq!(detail["before"], json!({ "name": "hidden", "digest": old.digest }));
    assert_eq!(detail["after"], json!({ "name": "corrected", "digest": set["digest"] }));
    let again = organiser.activate(&trial, "again").await;
    assert_eq!(again.problem(StatusCode::CONFLICT), "trial.not_ready");
    let trials = organiser.get(TRIALS).await.expect(StatusCode::OK);
    assert_eq!(trials["trials"][0]["activated_at"], done["activated_at"]);
}

async fn the_same_is_done_on_the_pages(database: Database) {
    let site = Site::start(database).await;
    let (a, b) = (site.team("Team A").await, site.team("Team B").await);
    a.score(Method::NearPerfect).await;
    b.score(Method::Thin).await;
    site.account("org", None, true).await;
    let browser = site.log_in("org").await;
    let send = async |files: &Files| {
        let form = Form::zip(&zip(files)).field("name", "<corrected>");
        browser.send(form.request("/admin/truth-sets")).await
    };
    let mut wrong = truth_of(Method::Thin);
    wrong.remove(2);
    let refused = send(&wrong).await;
    let page = refused.page(StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("Nothing was imported") && page.contains("case.missing"), "{page}");

    let imported = send(&truth_of(Method::Thin)).await;
    let page = browser.get(imported.redirect()).await;
    let page = page.page(StatusCode::OK);
    assert!(page.contains("&#60;corrected&#62;") && page.contains("64 × 64 × 48"), "{page}");
    let fields = [("truth_set", "<corrected>"), ("phase", "main")];
    let started = browser.post("/admin/trials", &fields).await;
    let trial = started.redirect();
    let waits = async || browser.get(trial).await.text().contains("hx-trigger");
    site.until(async || !waits().await).await;
    let page = browser.get(trial).await;
    let page = page.page(StatusCode::OK);
    assert!(
        page.contains("<strong>up 1</strong>") && page.contains("<strong>down 1</strong>"),
        "{page}"
    );

    let activate = format!("{trial}/activate");
    let refused = browser.post(&activate, &[("reason", " ")]).await;
    let page = refused.page(StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("a reason, which the teams will read"), "{page}");
    let done = browser.post(&activate, &[("reason", "a mistake")]).await;
    assert_eq!(done.redirect(), trial);
    let page = browser.get(trial).await;
    let page = page.html(StatusCode::OK);
    assert!(page.texts("dt").contains(&"Activated".to_owned()) && !page.has("[name=reason]"));
    assert_eq!(a.positions().await, in_order(["Team B", "Team A"]));
    let states = browser.get("/admin/truth-sets").await.html(StatusCode::OK).texts("td");
    assert!(states.iter().any(|state| state.starts_with("activated 20")), "{states:?}");
    let again = browser.post(&activate, &[("reason", "again")]).await;
    assert!(again.page(StatusCode::CONFLICT).contains("trial.not_ready"), "{}", again.text());
}

async fn everything_that_is_wrong_with_a_zip_is_told_at_once(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    let (files, sets) = (site.truth_files(), organiser.get(SETS).await.text().to_owned());
    let mut wrong = truth_of(Method::Thin);
    // The last one is right, and for the first there is no file.
    let header = "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 4 3 2\nencoding: raw\n";
    let oblique = "space: left-posterior-superior\nspace directions: (0,1,0) (1,0,0) (0,0,1)\n";
    let body = "\n".to_owned() + &"\u{1}".repeat(24);
    wrong[1].1 = format!("{header}{oblique}{body}").into_bytes();
    wrong[2].1 = volume([4, 3, 2], [0.5; 3], 0);
    wrong[3].1 = format!("{header}data file: 0.nrrd\n\n").into_bytes();
    wrong[4].1 = format!("{header}{body}").into_bytes();
    wrong[0].0 = "00.nrrd".into();
    wrong.push(("notes.txt".into(), b"remember".to_vec()));
    let refused = organiser.import("wrong", &wrong).await;
    let mut found = refused.problems(StatusCode::UNPROCESSABLE_ENTITY);
    found.sort();
    let expected = [
        ("", "case.missing"),
        ("00.nrrd", "case.unexpected"),
        ("1.nrrd", "truth.geometry"),
        ("2.nrrd", "case.empty"),
        ("3.nrrd", "nrrd.data_file"),
        ("4.nrrd", "truth.geometry"),
        ("notes.txt", "case.unexpected"),
    ];
    assert_eq!(found, expected.map(|(file, code)| (file.to_owned(), code.to_owned())));

    let mut wrong = truth_of(Method::Thin);
    wrong[5].1.truncate(200);
    let list = json!([
        { "id": "0", "group": "normal" }, { "id": "1" }, { "id": "2", "group": "normal" },
        { "id": "3", "group": "normal" }, { "id": "4", "group": "normal" },
        { "id": "5", "group": "normal" }, { "id": "5", "group": "diseased" },
        { "id": "../6", "group": "normal" },
    ]);
    wrong.last_mut().unwrap().1 = list.to_string().into_bytes();
    let found = organiser.import("wrong", &wrong).await.problems(StatusCode::UNPROCESSABLE_ENTITY);
    let of_list = found.iter().filter(|(file, code)| file == "cases.json" && code == "truth.cases");
    assert_eq!(of_list.count(), 3, "{found:?}");
    assert!(found.iter().any(|(file, code)| file == "5.nrrd" && code.starts_with("nrrd.")));

    let no_zip = organiser.send(Form::zip(b"Rar!").field("name", "wrong").request(SETS)).await;
    assert_eq!(no_zip.problem(StatusCode::UNPROCESSABLE_ENTITY), "archive.not_a_zip");
    assert_eq!(site.truth_files(), files);
    assert_eq!(site.files("tmp"), Vec::<std::path::PathBuf>::new());
    assert_eq!(organiser.get(SETS).await.text(), sets);
}

async fn without_a_list_that_can_be_read_the_volumes_are_checked_all_the_same(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    let mut files = truth_of(Method::Thin);
    files[2].1 = volume(SHAPE, [0.0, 0.5, 0.5], 9);
    for list in [
        None,
        Some("{"),
        Some(r#"[{"id": "0", "group": "sick"}]"#),
        Some(r#"[{"id": "0", "group": "normal", "organ": 1}]"#),
    ] {
        files.retain(|(name, _)| name != "cases.json");
        files.extend(list.map(|text| ("cases.json".into(), text.as_bytes().to_vec())));
        let found =
            organiser.import("wrong", &files).await.problems(StatusCode::UNPROCESSABLE_ENTITY);
        let code = |file: &str, code: &str| (file.to_owned(), code.to_owned());
        let expected = [code("cases.json", "truth.cases"), code("2.nrrd", "truth.geometry")];
        assert_eq!(found, expected, "{list:?}");
    }
}

async fn a_set_without_a_name_of_its_own_is_refused(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    let files = truth_of(Method::Thin);
    for name in ["", " ", "hidden"] {
        let refused = organiser.import(name, &files).await;
        assert_eq!(refused.problem(StatusCode::UNPROCESSABLE_ENTITY), "field.invalid", "{name}");
    }
    let form = Form::zip(&zip(&files)).field("name", "a").field("method", "nnU-Net");
    let refused = organiser.send(form.request(SETS)).await;
    assert_eq!(refused.problem(StatusCode::UNPROCESSABLE_ENTITY), "field.invalid");
    let sets = organiser.get(SETS).await.expect(StatusCode::OK);
    assert_eq!(sets["truth_sets"].as_array().unwrap().len(), 1);
    let unknown = json!({ "phase": "main", "truth_set": "none" });
    let refused = organiser.post_json(TRIALS, &unknown).await;
    assert_eq!(refused.problem(StatusCode::UNPROCESSABLE_ENTITY), "field.invalid");
    for path in [SETS, TRIALS] {
        for id in ["none".to_owned(), uuid::Uuid::nil().to_string()] {
            let missing = organiser.get(&format!("{path}/{id}")).await;
            assert_eq!(missing.problem(StatusCode::NOT_FOUND), "request.not_found");
        }
    }
}

async fn what_does_not_fit_the_new_truth_is_told_and_becomes_invalid_only_then(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    let scored = team.score(Method::Thin).await;
    let organiser = site.organiser().await;
    let mut files = truth_of(Method::Thin);
    files[4].1 = volume([64, 64, 47], [0.5; 3], 1000);
    organiser.import("cropped", &files).await.expect(StatusCode::CREATED);
    let trial = organiser.try_out("cropped").await;
    let trial = site.tried(&trial).await;
    assert_eq!((&trial["ready"], &trial["progress"]["invalid"]), (&json!(true), &json!(1)));
    assert_eq!(trial["entries"][0]["after"], Value::Null);
    let unscored = &trial["unscored"][0];
    assert_eq!(unscored["submission"], scored["id"]);
    assert_eq!(unscored["problems"][0]["code"], "volume.wrong_shape");
    assert_eq!(team.positions().await, [("Team A".to_owned(), 1)]);
    assert_eq!(team.report("/api/v1/submissions", &scored).await, scored);

    organiser.activate(&trial, "meant").await.expect(StatusCode::OK);
    let report = team.report("/api/v1/submissions", &scored).await;
    assert_eq!((&report["state"], &report["dice"]), (&json!("invalid"), &Value::Null));
    assert_eq!(report["errors"], unscored["problems"]);
    assert_eq!(team.positions().await, []);
}

async fn what_a_trial_has_not_scored_yet_does_not_leave_the_leaderboard(database: Database) {
    let site = Site::start(database).await;
    let (a, b, c) =
        (site.team("Team A").await, site.team("Team B").await, site.team("Team C").await);
    a.score(Method::NearPerfect).await;
    b.score(Method::Thin).await;
    let organiser = site.organiser().await;
    organiser.import("corrected", &truth_of(Method::Thin)).await.expect(StatusCode::CREATED);
    let trial = organiser.try_out("corrected").await;
    let trial = site.tried(&trial).await;
    // As if a worker had Team A's still in hand, for long.
    let in_hand = "update evaluations set state = 'scoring', finished_at = null, worker = 'one',
                          lease_until = '2999-01-01T00:00:00Z'
                   where trial_id is not null and submission_id in
                         (select s.id from submissions s join teams t on t.id = s.team_id where t.name = $1)";
    site.execute(in_hand, "Team A").await;
    site.leave_queue();
    c.score(Method::Leaky).await;

    site.account("org", None, true).await;
    let browser = site.log_in("org").await;
    let page = browser.get(&format!("/admin/trials/{}", id(&trial))).await.html(StatusCode::OK);
    let (teams, words) =
        (page.texts("#positions tbody th"), page.texts("#positions tbody td:nth-child(3)"));
    let found: Vec<(&str, &str)> =
        teams.iter().zip(&words).map(|(team, word)| (team.as_str(), word.as_str())).collect();
    let pending = "not scored yet";
    assert_eq!(found, [("Team B", "up 1"), ("Team A", pending), ("Team C", pending)]);
    assert!(page.has("#pending"), "{page:?}");
}

async fn what_is_sent_during_a_trial_is_scored_against_the_old_truth_and_then_the_new(
    database: Database,
) {
    let site = Site::start(database).await;
    let (a, b) = (site.team("Team A").await, site.team("Team B").await);
    a.score(Method::NearPerfect).await;
    let organiser = site.organiser().await;
    let set =
        organiser.import("corrected", &truth_of(Method::Thin)).await.expect(StatusCode::CREATED);
    let trial = organiser.try_out("corrected").await;
    let sent = b.score(Method::Thin).await;
    assert_ne!(sent["truth_set_digest"], set["digest"]);
    let trial = site.tried(&trial).await;
    assert_eq!(trial["progress"]["uncovered"], 1);
    assert_eq!(trial["entries"][1]["pending"], true);
    assert_eq!(
        (&trial["entries"][1]["team"], &trial["entries"][1]["after"]),
        (&json!("Team B"), &Value::Null)
    );
    organiser.activate(&trial, "a mistake").await.expect(StatusCode::OK);
    let report = async || b.report("/api/v1/submissions", &sent).await;
    site.until(async || report().await["state"] == "scored").await;
    let report = report().await;
    assert_eq!((&report["truth_set_digest"], &report["dice"]), (&set["digest"], &json!(1.0)));
    assert_eq!(a.positions().await, in_order(["Team B", "Team A"]));
}

async fn nobody_sees_an_empty_leaderboard_while_a_truth_set_is_activated(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    team.score(Method::NearPerfect).await;
    let organiser = site.organiser().await;
    let mut trials = Vec::new();
    for set in ["a", "b", "c", "d"] {
        organiser.import(set, &truth_of(Method::Thin)).await.expect(StatusCode::CREATED);
        let trial = organiser.try_out(set).await;
        trials.push(site.tried(&trial).await);
    }
    let done = std::sync::atomic::AtomicBool::new(false);
    let activate = async {
        for trial in &trials {
            organiser.activate(trial, "one after the other").await.expect(StatusCode::OK);
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    };
    let look = async || {
        while !done.load(std::sync::atomic::Ordering::Relaxed) {
            assert_eq!(team.positions().await, [("Team A".to_owned(), 1)]);
        }
    };
    tokio::join!(activate, look(), look(), look());
}

async fn participants_learn_only_what_is_public_about_the_active_truth(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    team.score(Method::NearPerfect).await;
    let organiser = site.organiser().await;
    let mut files = truth_of(Method::Thin);
    files[4].1 = volume([50, 40, 30], [0.5; 3], 1000);
    let cases = async || team.get("/api/v1/cases").await.expect(StatusCode::OK)["cases"].clone();
    let before = cases().await;
    let set = organiser.import("secret name", &files).await.expect(StatusCode::CREATED);
    let trial = organiser.try_out("secret name").await;
    let trial = site.tried(&trial).await;
    assert_eq!(cases().await, before);
    for path in ["/", "/leaderboard", "/submissions", "/api/v1/phases", "/api/v1/leaderboard"] {
        let seen = team.get(path).await;
        let secrets = ["secret name".to_owned(), text(&set["digest"]), id(&trial)];
        assert!(secrets.iter().all(|secret| !seen.text().contains(secret)), "{path}");
    }
    organiser.activate(&trial, "a mistake").await.expect(StatusCode::OK);
    let after = cases().await;
    let public = json!({ "id": "4", "group": "diseased", "shape": [50, 40, 30], "spacing": [0.5, 0.5, 0.5] });
    assert_eq!(after[4], public);
    assert!(after.as_array().unwrap().iter().all(|case| case.as_object().unwrap().len() == 4));
}
