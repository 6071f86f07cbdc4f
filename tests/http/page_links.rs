//! Links of the pages: every one leads somewhere, whoever reads and however many phases are open.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use coronary_phantom::Method;
use test_support::challenge::zip_of;
use test_support::client::Client;
use test_support::form::Form;
use test_support::page::Page;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    with_one_phase_every_link_leads_somewhere,
    with_several_open_phases_every_link_leads_somewhere,
}

async fn with_one_phase_every_link_leads_somewhere(database: Database) {
    let site = scored(database).await;
    everybody_follows_all_links(&site).await;
}

async fn with_several_open_phases_every_link_leads_somewhere(database: Database) {
    let site = scored(database).await;
    site.add_phase("other").await;
    everybody_follows_all_links(&site).await;
}

/// A site with an entry on the leaderboard.
async fn scored(database: Database) -> Site {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    let form = Form::zip(&zip_of(Method::Thin)).field("phase", "main");
    team.submit_and_wait(&form).await.expect(StatusCode::CREATED);
    site
}

async fn everybody_follows_all_links(site: &Site) {
    site.account("organiser of pages", None, true).await;
    let participant = site.log_in("Team A").await;
    let organiser = site.log_in("organiser of pages").await;
    // Visitors have a home, a leaderboard, a team and an analysis at least.
    for (reader, least) in [(site.anybody(), 8), (participant, 15), (organiser, 25)] {
        let followed = follow_all(&reader).await;
        assert!(followed.len() >= least, "{followed:?}");
    }
}

/// Follows the links of the home page, and those of what they lead to.
async fn follow_all(reader: &Client) -> BTreeSet<String> {
    let mut known = BTreeSet::from(["/".to_owned()]);
    let mut next: Vec<(String, String)> = vec![("the start".to_owned(), "/".to_owned())];
    while let Some((from, path)) = next.pop() {
        let answer = reader.get(&path).await;
        assert!(answer.status.as_u16() < 400, "{path}, linked from {from}: {}", answer.text());
        if !answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
            continue;
        }
        for link in Page::of(answer.text()).links("a[href]") {
            let local = link.split('#').next().unwrap_or_default().to_owned();
            if local.starts_with('/') && known.insert(local.clone()) {
                next.push((path.clone(), local));
            }
        }
    }
    known
}
