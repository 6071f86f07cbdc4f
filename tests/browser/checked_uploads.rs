//! Files are looked at in the browser before they are sent, and while they are it says how far that is.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::page::{Page, in_browser};
use crate::site::SITE;
use crate::uploads;

async fn choose(page: &Page, files: &[&Path]) {
    page.open("/submit").await;
    page.choose_files(files).await;
}

/// The browser and the server say the same of the upload, which is that.
async fn is_refused(page: &Page, upload: &Path, title: &str) {
    choose(page, &[upload]).await;
    assert_eq!(page.text("#check .problems strong").await, title);
    assert_eq!(page.count("#check .problems > li").await, 1, "{title}");
    page.fill("method", "sent all the same").await;
    page.click("#upload button").await;
    assert_eq!(page.text("#outcome .problems strong").await, title);
    assert_eq!(page.text("#check").await, "", "said twice");
}

type Make = fn(&Path, &Path) -> PathBuf;

#[tokio::test]
async fn files_are_found_wrong_before_they_are_sent_in_the_words_of_the_server() {
    const REFUSED: [(Make, &str); 4] = [
        (
            |folder, sample| uploads::renamed(folder, sample, |name| name.replace("nrrd", "mha")),
            "20 files are MetaImage (.mha).",
        ),
        (uploads::counted_from_one, "20 files are named 1 to 20; case numbers start at 0."),
        (uploads::one_is_reversed, "3.nrrd: A segmentation has another shape than its case."),
        (|folder, _| uploads::text_called_zip(folder, 100), "The file is not a zip archive."),
    ];
    in_browser(async |page| {
        page.sign_up("Proofreaders").await;
        let folder = tempfile::tempdir().expect("a folder");
        for (make, title) in REFUSED {
            is_refused(page, &make(folder.path(), &SITE.sample_zip), title).await;
        }
    })
    .await;
}

#[tokio::test]
async fn uploads_that_fit_are_said_to_fit_whether_in_a_zip_or_not() {
    in_browser(async |page| {
        page.sign_up("Tailors").await;
        let folder = tempfile::tempdir().expect("a folder");
        let files = uploads::single_files(folder.path(), &SITE.sample_zip);
        let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
        for upload in [vec![SITE.sample_zip.as_path()], files] {
            choose(page, &upload).await;
            let fit = "//*[@id='check'][.='20 files for 20 cases, names and shapes fit.']";
            let wait = page.client.wait().for_element(fantoccini::Locator::XPath(fit));
            wait.await.expect("words that it fits");
        }
    })
    .await;
}

#[tokio::test]
async fn while_files_of_uploads_are_sent_it_is_said_how_far_and_how_long_yet() {
    in_browser(async |page| {
        page.sign_up("Slow Lorises").await;
        let folder = tempfile::tempdir().expect("a folder");
        choose(page, &[&uploads::text_called_zip(folder.path(), 2_000_000)]).await;
        page.fill("method", "slow").await;
        let words = page.script("return [3, 38, 100, 7200].map(timeLeft)", vec![]).await;
        let expected =
            ["a few seconds left", "about 40 s left", "about 2 min left", "about 2.0 h left"];
        assert_eq!(words, json!(expected));
        page.developer("Network.enable", json!({})).await;
        let slow = json!({ "offline": false, "latency": 0, "downloadThroughput": -1,
            "uploadThroughput": 500_000 });
        page.developer("Network.emulateNetworkConditions", slow).await;
        let watch = "window.seen = {sent: [], 'sent-said': [], leaves: []};
            for (const id of ['sent', 'sent-said']) {
                const place = document.getElementById(id);
                new MutationObserver(() => {
                    window.seen[id].push(place.textContent);
                    const leave = new Event('beforeunload', {cancelable: true});
                    window.seen.leaves.push(window.dispatchEvent(leave));
                }).observe(place, {childList: true});
            }";
        page.script(watch, vec![]).await;
        page.click("#upload button").await;
        page.find("#outcome .problems").await;
        let seen = page.script("return window.seen", vec![]).await;
        let texts = |id: &str| -> Vec<String> {
            let texts = seen[id].as_array().into_iter().flatten().filter_map(Value::as_str);
            texts.map(str::to_owned).collect()
        };
        let (seen_texts, said) = (texts("sent"), texts("sent-said"));
        let is_whole = |text: &String| {
            ["% · ", " of 2.0 MB", " MB/s · ", " left"].iter().all(|part| text.contains(part))
        };
        assert!(seen_texts.iter().any(is_whole), "{seen_texts:?}");
        assert!(seen_texts.iter().any(|text| text == "Sent; the server checks the files."));
        assert_eq!(said, ["Sent; the server checks the files.", ""], "read out too often");
        let leaves = seen["leaves"].as_array().expect("a list");
        assert_eq!(leaves.first(), Some(&json!(false)), "who leaves now is not warned");
        let leave = "return window.dispatchEvent(new Event('beforeunload', {cancelable: true}))";
        assert_eq!(page.script(leave, vec![]).await, true, "who leaves later is warned");
    })
    .await;
}

#[tokio::test]
async fn invalid_uploads_are_sent_again_from_a_form_that_is_filled_in() {
    in_browser(async |page| {
        page.sign_up("Second Thoughts").await;
        let folder = tempfile::tempdir().expect("a folder");
        choose(page, &[&uploads::one_case_is_empty(folder.path(), &SITE.sample_zip)]).await;
        page.fill("method", "U-Net & friends").await;
        page.fill("description", "the first try").await;
        page.fill("url", "https://example.org/code").await;
        page.click("#upload button").await;
        page.find("#again").await;
        let form = page
            .script("return document.querySelector('#again').getAttribute('href')", vec![])
            .await;
        page.follow("#again").await;
        let filled = "return ['method', 'description', 'url'].map(
            name => document.querySelector(`#upload [name=${name}]`).value)";
        let entered = json!(["U-Net & friends", "the first try", "https://example.org/code"]);
        assert_eq!(page.script(filled, vec![]).await, entered);

        page.log_out().await;
        for stranger in [&SITE.participant, &SITE.organiser] {
            page.log_in(stranger).await;
            page.open(form.as_str().expect("an address")).await;
            let answer = page.text("main").await;
            assert!(answer.contains("not_found"), "another team's is shown: {answer}");
            page.log_out().await;
        }
    })
    .await;
}
