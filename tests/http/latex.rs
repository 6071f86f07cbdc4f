//! Tables and citations by pdflatex and bibtex themselves, with the preamble that they state and whatever names there are.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use asoca::leaderboard::{ANY_CHARACTER, FONTS_WITH_CYRILLIC, escaped};
use axum::http::StatusCode;
use coronary_phantom::Method;
use serde_json::json;
use test_support::challenge::zip_of;
use test_support::form::Form;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    a_table_of_any_names_fits_the_text,
    a_citation_of_any_title_leaves_the_next_one_whole,
}

/// Names and methods of all kinds, and longer than any column.
const NAMES: [&str; 8] = [
    "R&D_1 {50%} #~^$ \\input|<\"",
    "Müller, Łódź & İzmir “ŷ”",
    "Команда Ґ 3 — ≤ α",
    "中文分割团队 🫀",
    "Việt Nam ở",
    "فريق שלום ทีม",
    "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
    "x",
];

fn has_latex() -> bool {
    let version = Command::new("pdflatex").arg("-version").stdout(Stdio::null()).status();
    let found = version.is_ok();
    assert!(found || std::env::var_os("CI").is_none(), "pdflatex is not on this machine");
    found
}

/// What pdflatex says of a document; it makes no page where it finds an error.
fn typeset(folder: &Path, document: &str) -> String {
    fs::write(folder.join("document.tex"), document).unwrap();
    let done = Command::new("pdflatex")
        .args(["-interaction=nonstopmode", "-halt-on-error", "-draftmode", "document.tex"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{log}");
    log
}

/// A document that loads what these lines say it has to.
fn document(stated: &str, body: &str) -> String {
    let needed = stated.split("\\usepackage").skip(1).filter_map(|said| said.split_once('}'));
    let needed: Vec<String> =
        needed.map(|(package, _)| format!("\\usepackage{package}}}")).collect();
    assert!(!needed.is_empty(), "nothing is said of packages in {stated}");
    format!(
        "\\documentclass{{article}}\n{}\n\\begin{{document}}\n{body}\n\\end{{document}}\n",
        needed.join("\n")
    )
}

async fn a_table_of_any_names_fits_the_text(database: Database) {
    if !has_latex() {
        return;
    }
    let site = Site::start(database).await;
    for (at, name) in NAMES.iter().enumerate() {
        let team = site.team(name).await;
        let method = [Method::Thin, Method::NearPerfect, Method::Leaky][at % 3];
        let form = Form::zip(&zip_of(method)).field("method", NAMES[NAMES.len() - 1 - at]);
        team.submit_and_wait(&form).await.expect(StatusCode::CREATED);
    }
    let folder = tempfile::tempdir().unwrap();
    let organiser = site.organiser().await;
    for feedback in ["per_case", "rounded", "hidden"] {
        let changed = json!({ "feedback": feedback });
        organiser.post_json("/api/v1/admin/phases/main", &changed).await.expect(StatusCode::OK);
        for group in ["all", "normal"] {
            let path = format!("/api/v1/leaderboard?format=tex&group={group}");
            let table = site.anybody().get(&path).await;
            assert_eq!(table.status, StatusCode::OK);
            let log = typeset(folder.path(), &document(table.text(), table.text()));
            assert!(
                !log.contains("Overfull \\hbox"),
                "{feedback} {group}: {log}\n{}",
                table.text()
            );
            assert!(!log.contains("Missing character"), "{log}");
            assert!(!table.text().contains("\\midrule\n\\midrule"), "{}", table.text());
        }
    }
}

async fn a_citation_of_any_title_leaves_the_next_one_whole(database: Database) {
    if !has_latex() {
        return;
    }
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    let folder = tempfile::tempdir().unwrap();
    for title in ["Odd {", "Odd }} \\", "\"Quoted\" % # & @ ~", "Фаза 中文 ễ {{"] {
        let changed = json!({ "title": title });
        organiser.post_json("/api/v1/admin/phases/main", &changed).await.expect(StatusCode::OK);
        let page = site.anybody().get("/leaderboard?phase=main").await;
        let citation = page.html(StatusCode::OK).text("#bibtex");
        let next = "@misc{next, author = {{Nobody}}, title = {{The next}}, year = {2026}}";
        fs::write(folder.path().join("cited.bib"), format!("{citation}\n\n{next}\n")).unwrap();
        let body = "\\nocite{*}\\bibliographystyle{plain}\\bibliography{cited}";
        let document = document(&citation, body);
        typeset(folder.path(), &document);
        let bibtex =
            Command::new("bibtex").arg("document").current_dir(folder.path()).output().unwrap();
        let log = String::from_utf8_lossy(&bibtex.stdout).into_owned();
        assert!(bibtex.status.success() && !log.contains("Warning"), "{title}: {log}");
        let made = fs::read_to_string(folder.path().join("document.bbl")).unwrap();
        assert_eq!(made.matches("\\bibitem").count(), 2, "{title}: {made}");
        typeset(folder.path(), &document);
    }
}

/// A character of each kind that Unicode has, every one of the first blocks, between letters and beside itself.
#[test]
fn every_character_is_set_and_none_is_obeyed() {
    if !has_latex() {
        return;
    }
    let all = (0x20..0x3000).chain((0x3000..0x11_0000).step_by(97)).filter_map(char::from_u32);
    let mut body = String::new();
    for line in all.collect::<Vec<char>>().chunks(20) {
        let line: String = line.iter().map(|c| format!("a{c}{c}b")).collect();
        body += &format!("{}\n\n", escaped(&line));
    }
    let stated = format!("{FONTS_WITH_CYRILLIC}\n\\usepackage{{textcomp}}");
    let folder = tempfile::tempdir().unwrap();
    let log = typeset(folder.path(), &document(&stated, &format!("{ANY_CHARACTER}\n{body}")));
    assert!(!log.contains("Missing character"), "{log}");
}
