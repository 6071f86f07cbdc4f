//! What stands behind the question mark of an address is honoured or refused, and never ignored.

use asoca::web::ROUTES;
use axum::http::StatusCode;
use coronary_phantom::Method;
use test_support::client::Client;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    an_address_refuses_what_it_does_not_take,
    a_value_that_a_parameter_can_not_have_is_refused,
    results_are_those_of_the_moment_the_group_and_the_metric,
    what_a_form_answers_can_be_loaded_again_without_sending_it_again,
}

/// The parameters that mean something on several addresses.
const MEANT: [&str; 6] = ["phase", "at", "group", "state", "metric", "format"];

const RESULTS: &str = "/api/v1/admin/exports/results.csv";

/// An address of a route, with something in place of what varies.
fn address(path: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{name}" => "ranks.svg",
        "{slug}" => "main",
        part if part.starts_with('{') => "00000000-0000-7000-8000-000000000000",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

async fn an_address_refuses_what_it_does_not_take(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    let mut asked = 0;
    for route in ROUTES.iter().filter(|route| route.method == "get") {
        for name in MEANT.into_iter().chain(["unknown"]) {
            let on_page = !route.path.starts_with("/api/");
            if route.query.contains(&name) || (name == "unknown" && on_page) {
                continue;
            }
            let path = format!("{}?{name}=x", address(route.path));
            let answer = organiser.get(&path).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
            asked += 1;
        }
    }
    assert!(asked > 200, "{asked}");
    // What a link that was shared has behind it hurts no page.
    let shared = organiser.get("/leaderboard?utm_source=mail&phase=main").await;
    assert_eq!(shared.status, StatusCode::OK);
    let told = organiser.get("/api/v1/cases?fase=main").await;
    assert_eq!(told.problem(StatusCode::UNPROCESSABLE_ENTITY), "field.invalid");
    let problem = &told.json()["errors"][0];
    assert_eq!(
        (&problem["expected"], &problem["found"]),
        (&"the parameter phase".into(), &"fase".into())
    );
}

async fn a_value_that_a_parameter_can_not_have_is_refused(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    // Texts that are searched for may be anything.
    const SEARCHES: [&str; 8] =
        ["search", "q", "action", "actor", "subject", "text", "email", "next"];
    let mut asked = 0;
    for route in ROUTES.iter().filter(|route| route.method == "get") {
        for name in route.query.iter().filter(|name| !SEARCHES.contains(name)) {
            for value in ["bogus", "%00", "1%2B1"] {
                let path = format!("{}?{name}={value}", address(route.path));
                let answer = organiser.get(&path).await;
                let refused = [StatusCode::UNPROCESSABLE_ENTITY, StatusCode::NOT_FOUND];
                assert!(refused.contains(&answer.status), "{path}: {}", answer.status);
                asked += 1;
            }
        }
    }
    assert!(asked > 60, "{asked}");
    for name in SEARCHES {
        for route in ROUTES.iter().filter(|route| route.query.contains(&name)) {
            let path = format!("{}?{name}=a%00b", address(route.path));
            let refused = organiser.get(&path).await.status;
            assert_eq!(refused, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        }
    }
    for path in ["/teams/%00", "/admin/phases/a%00", "/api/v1/submissions/%00", "/plots/%00.svg"] {
        assert_eq!(organiser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in [
        "/api/v1/leaderboard?group=normal",
        "/api/v1/leaderboard?format=csv&group=diseased",
        "/api/v1/leaderboard?phase=main&phase=main",
        &format!("{RESULTS}?all=true&at=2026-01-01T00:00:00Z"),
    ] {
        let answer = organiser.get(path).await;
        assert_eq!(answer.problem(StatusCode::UNPROCESSABLE_ENTITY), "field.invalid", "{path}");
    }
}

/// The values of a column, without the line of names.
async fn column(client: &Client, query: &str, name: &str) -> Vec<String> {
    let answer = client.get(&format!("{RESULTS}{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let text = answer.text().trim_start_matches('\u{feff}').to_owned();
    let mut lines = text.lines();
    let at = lines.next().unwrap().split(',').position(|column| column == name).unwrap();
    lines.map(|line| line.split(',').nth(at).unwrap().to_owned()).collect()
}

async fn results_are_those_of_the_moment_the_group_and_the_metric(database: Database) {
    let site = Site::start(database).await;
    let (first, second) = (site.team("First").await, site.team("NA").await);
    first.score(Method::Thin).await;
    let organiser = site.organiser().await;
    let before = asoca::store::Timestamp::now().rfc3339();
    second.score(Method::Leaky).await;
    first.score(Method::NearPerfect).await;

    let now = column(&organiser, "?metric=leakage", "algorithm").await;
    assert_eq!(now.len(), 2 * 6);
    // In the order of the leaderboard, and nothing that R or pandas reads as a missing value.
    assert_eq!((now[0].as_str(), now[6].as_str()), ("First", "NA (team)"));
    let then = column(&organiser, &format!("?at={before}"), "team").await;
    assert!(then.len() > 6 * 7 && then.iter().all(|team| team == "First"), "{then:?}");
    let values =
        |rows: Vec<String>| rows.iter().map(|row| row.parse::<f64>().unwrap()).sum::<f64>();
    let dice_now = values(column(&organiser, "?metric=dice", "value").await[..6].to_vec());
    let dice_then = column(&organiser, &format!("?metric=dice&at={before}"), "value").await;
    assert_eq!(dice_then.len(), 6);
    assert!(values(dice_then) < dice_now);
    let groups = column(&organiser, "?group=diseased&metric=hd95", "group").await;
    assert_eq!(groups, vec!["diseased"; 2 * 3]);

    let states = column(&organiser, "?all=true&metric=dice", "state").await;
    let labels = column(&organiser, "?all=true&metric=dice", "algorithm").await;
    let of = |at: usize| (states[6 * at].as_str(), labels[6 * at].as_str());
    assert_eq!(states.len(), 3 * 6);
    assert_eq!(of(0), ("ranked", "First: near-perfect"));
    assert_eq!(of(1), ("ranked", "NA: leaky"));
    assert_eq!(of(2), ("not counted", "First: thin"));
}

async fn what_a_form_answers_can_be_loaded_again_without_sending_it_again(database: Database) {
    let site = Site::without_worker(database).await;
    site.account("org", Some("Team A"), true).await;
    let browser = site.log_in("org").await;
    // Whatever a form is sent with: a page in answer to it would be sent again with every reload.
    for route in ROUTES.iter().filter(|route| route.method == "post") {
        if route.path.starts_with("/api/") || route.path == "/logout" {
            continue;
        }
        let status = browser.post(&address(route.path), &[]).await.status;
        assert!(
            status == StatusCode::SEE_OTHER || status.is_client_error(),
            "{}: {status}",
            route.path
        );
    }
    let wanted = [("name", "laptop"), ("scope", "read"), ("days", "30")];
    let made = browser.post("/account/tokens", &wanted).await;
    assert_eq!(made.redirect(), "/account");
    let told = made.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let told: Vec<&str> = told.filter(|cookie| cookie.starts_with("asoca-notice=")).collect();
    let [told] = told.as_slice() else { panic!("{:?}", made.headers) };
    for word in ["HttpOnly", "SameSite=Strict", "Max-Age=120", "Path=/"] {
        assert!(told.contains(word), "{word} is not in {told}");
    }
    let shown = browser.post_and_follow("/account/tokens", &wanted).await;
    let token = shown.html(StatusCode::OK).text("code.token");
    assert!(token.starts_with("asoca_"));
    // The page makes the browser forget what it told.
    let forgotten = shown.headers.get_all("set-cookie").iter();
    let forgotten = forgotten.filter(|value| value.to_str().unwrap().starts_with("asoca-notice=;"));
    assert_eq!(forgotten.count(), 1);
    assert!(!browser.get("/account").await.text().contains(&token));
    // So does any other answer: what was not told is not for who logs in next.
    let untold = browser.post("/account/tokens", &wanted).await;
    let out = browser.with_cookie_of(&untold).post("/logout", &[]).await;
    let forgotten = out.headers.get_all("set-cookie").iter();
    let forgotten = forgotten.filter(|value| value.to_str().unwrap().starts_with("asoca-notice=;"));
    assert_eq!(forgotten.count(), 1, "{:?}", out.headers);
    // Somebody else's cookie with anything in it is no page's fault.
    let odd = site.log_in("org").await;
    for value in ["asoca-notice=x", "asoca-notice=%7B%22secret%22%3A1%7D", "asoca-notice=%FF"] {
        let request = axum::http::Request::get("/account").header("cookie", value);
        let answer = odd.send(request.body(axum::body::Body::empty()).unwrap()).await;
        assert!(
            answer.status == StatusCode::OK || answer.status == StatusCode::SEE_OTHER,
            "{value}"
        );
    }
}
