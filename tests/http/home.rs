//! What makes the site a challenge's own: its name, its pages and pictures, the overview, the feed of news.

use asoca::store::Timestamp;
use axum::http::StatusCode;
use coronary_phantom::Method;
use serde_json::{Value, json};
use test_support::client::{Answer, Client};
use test_support::form::Form;
use test_support::page::Page;
use test_support::site::{Setup, Site};
use test_support::{Database, on_both_engines};

on_both_engines! {
    the_challenge_goes_by_the_name_that_organisers_give_it,
    settings_that_somebody_else_has_changed_are_not_overwritten,
    settings_out_of_bounds_are_refused_all_at_once,
    a_form_of_settings_says_that_it_was_saved_and_keeps_what_was_wrong,
    a_logo_is_a_picture_within_bounds_and_sent_as_what_it_is,
    a_file_that_only_pretends_to_be_a_picture_is_refused,
    a_page_is_seen_once_it_is_published_and_kept_when_it_no_longer_is,
    a_page_is_shown_before_it_is_saved_and_nothing_is_kept_of_that,
    a_revision_that_was_replaced_can_be_seen_and_restored,
    a_page_that_somebody_else_has_changed_is_not_overwritten,
    names_and_texts_of_pages_keep_their_bounds,
    a_page_can_show_pictures_of_this_site_and_do_no_harm,
    the_overview_shows_the_first_three_as_far_as_feedback_allows,
    the_overview_has_all_phases_in_the_order_they_open,
    the_feed_of_news_is_well_formed_and_names_its_entries_for_ever,
    public_pages_say_what_they_are_and_where,
    an_error_says_whom_to_write_to,
    what_organisers_change_is_in_the_audit_log,
    the_overview_shows_the_example_a_picture_or_nothing_beside_the_description,
}

/// The beginning of a PNG of 16 × 8 pixels, which is all that is looked at.
pub const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x10\0\0\0\x08\x08\x06\0\0\0<script>alert(1)</script>";

const CHALLENGE: &str = "/api/v1/admin/challenge";
const PAGES: &str = "/api/v1/admin/pages";
const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

async fn change(organiser: &Client, to: Value) -> Answer {
    organiser.post_json(CHALLENGE, &to).await
}

async fn read(site: &Site, path: &str) -> Page {
    site.anybody().get(path).await.html(StatusCode::OK)
}

async fn browser(site: &Site) -> Client {
    site.account("org", None, true).await;
    site.log_in("org").await
}

async fn the_challenge_goes_by_the_name_that_organisers_give_it(database: Database) {
    let site = Site::without_worker(database).await;
    let before = read(&site, "/").await;
    assert_eq!(before.text(".brand"), "ASOCA");
    let organiser = site.organiser().await;
    let to = json!({
        "name": "Veins <2027>", "tagline": "Find them all", "description": "In \"CT\".",
        "contact": "help@example.org", "organisers": "Ada, Example University\nBob",
        "licence": "CC BY 4.0",
        "links": [{ "label": "Data", "url": "https://example.org/data?a=1&b=2" }],
    });
    let changed = change(&organiser, to).await.expect(StatusCode::OK);
    let shown = site.anybody().get("/api/v1/challenge").await.expect(StatusCode::OK);
    assert_eq!(shown, changed);
    assert_eq!((&shown["revision"], &shown["logo"]), (&json!(2), &Value::Null));
    let page = read(&site, "/").await;
    assert_eq!(
        (page.text("title"), page.text("h1")),
        ("Overview · Veins <2027>".into(), "Find them all".into())
    );
    assert_eq!(page.text(".brand"), "Veins <2027>");
    assert_eq!(page.link(".links a"), "https://example.org/data?a=1&b=2");
    assert_eq!(page.link("footer p a"), "mailto:help@example.org");
    let about = read(&site, "/about").await.text("main");
    for said in ["Example University", "CC BY 4.0", "Data", "help@example.org", "In \"CT\"."] {
        assert!(about.contains(said), "{said}: {about}");
    }
    assert_eq!(read(&site, "/login").await.text("title"), "Log in · Veins <2027>");
    // What is not said stays.
    let to = json!({ "contact": "https://example.org/help" });
    let changed = change(&organiser, to).await.expect(StatusCode::OK);
    assert_eq!(changed["name"], "Veins <2027>");
    assert_eq!(read(&site, "/").await.link("footer p a"), "https://example.org/help");
}

async fn settings_that_somebody_else_has_changed_are_not_overwritten(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    change(&organiser, json!({ "name": "First", "revision": 1 })).await.expect(StatusCode::OK);
    let late = change(&organiser, json!({ "name": "Second", "revision": 1 })).await;
    assert_eq!(late.problem(StatusCode::CONFLICT), "revision.stale");
    assert!(late.text().contains("First") && late.text().contains("Second"), "{}", late.text());
    let shown = site.anybody().get("/api/v1/challenge").await.expect(StatusCode::OK);
    assert_eq!((&shown["name"], &shown["revision"]), (&json!("First"), &json!(2)));
    // A form shows both, and who sends it again means it.
    let browser = browser(&site).await;
    let form = |revision| [("name", "Third"), ("revision", revision)];
    let stale = browser.post("/admin/challenge", &form("1")).await.html(StatusCode::CONFLICT);
    let revision = stale.fields("form[action='/admin/challenge']")["revision"].clone();
    assert_eq!(revision, "2");
    let again = browser.post("/admin/challenge", &form(&revision)).await;
    assert_eq!(again.redirect(), "/admin/challenge");
}

async fn settings_out_of_bounds_are_refused_all_at_once(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    let long = |length| "x".repeat(length);
    let link = |url: &str| json!([{ "label": "Data", "url": url }]);
    for to in [
        json!({ "name": "" }),
        json!({ "name": "\u{202e}name" }),
        json!({ "name": "a\nb" }),
        json!({ "name": long(61) }),
        json!({ "tagline": long(121) }),
        json!({ "description": long(401) }),
        json!({ "organisers": long(4001) }),
        json!({ "organisers": "a\u{7}b" }),
        json!({ "licence": long(201) }),
        json!({ "contact": "nobody" }),
        json!({ "contact": "javascript:alert(1)" }),
        json!({ "contact": "http://example.org" }),
        json!({ "links": link("javascript:alert(1)") }),
        json!({ "links": link("https://example.org/\"onclick=") }),
        json!({ "links": [{ "label": "", "url": "https://example.org" }] }),
    ] {
        let refused = change(&organiser, to.clone()).await.problems(UNPROCESSABLE);
        assert_eq!(refused, [(String::new(), "field.invalid".to_owned())], "{to}");
    }
    let many = vec![json!({ "label": "Data", "url": "https://example.org" }); 9];
    assert_eq!(change(&organiser, json!({ "links": many })).await.problems(UNPROCESSABLE).len(), 1);
    let both = change(&organiser, json!({ "name": "", "contact": "nobody" })).await;
    assert_eq!(both.problems(UNPROCESSABLE).len(), 2);
    let shown = site.anybody().get("/api/v1/challenge").await.expect(StatusCode::OK);
    assert_eq!(shown["revision"], 1);
}

async fn a_form_of_settings_says_that_it_was_saved_and_keeps_what_was_wrong(database: Database) {
    let site = Site::without_worker(database).await;
    let browser = browser(&site).await;
    let mut fields =
        vec![("name", "Veins"), ("tagline", "t"), ("contact", "nobody"), ("revision", "1")];
    fields.extend([
        ("label", ""),
        ("url", ""),
        ("label", "Paper"),
        ("url", "https://example.org/p"),
    ]);
    let refused = browser.post("/admin/challenge", &fields).await.html(UNPROCESSABLE);
    let kept = refused.fields("form[action='/admin/challenge']");
    assert_eq!((kept["name"].as_str(), kept["contact"].as_str()), ("Veins", "nobody"));
    assert!(refused.has(".problems") && !refused.has("#saved"));
    fields[2].1 = "";
    let saved = browser.post_and_follow("/admin/challenge", &fields).await.html(StatusCode::OK);
    assert_eq!(saved.text("#saved"), "Saved.");
    let shown = site.anybody().get("/api/v1/challenge").await.expect(StatusCode::OK);
    assert_eq!(shown["links"], json!([{ "label": "Paper", "url": "https://example.org/p" }]));
}

async fn a_logo_is_a_picture_within_bounds_and_sent_as_what_it_is(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    let logo = |bytes: &[u8]| {
        Form::default().file("logo.svg", bytes).request("/api/v1/admin/challenge/logo")
    };
    let set = organiser.send(logo(PNG)).await.expect(StatusCode::OK);
    let address = set["logo"].as_str().unwrap();
    let path = &address[address.find("/media/").unwrap()..];
    let sent = site.anybody().get(path).await;
    assert_eq!(sent.status, StatusCode::OK);
    assert_eq!(sent.header("content-type"), Some("image/png"));
    assert_eq!(sent.header("content-disposition"), Some("inline; filename=\"logo.png\""));
    assert_eq!(sent.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(&sent.body[..], PNG);
    let page = site.anybody().get("/").await;
    assert!(page.page(StatusCode::OK).contains(path), "the header shows it");

    let mut wide = PNG.to_vec();
    wide[16..20].copy_from_slice(&1025_u32.to_be_bytes());
    let mut heavy = PNG.to_vec();
    heavy.resize(256_001, 0);
    let heaviest = vec![0; 3 << 20];
    for refused in [&wide, &heavy, &heaviest] {
        assert_eq!(organiser.send(logo(refused)).await.problem(UNPROCESSABLE), "field.invalid");
    }
    assert_eq!(&site.anybody().get(path).await.body[..], PNG);
    let removed = organiser.post("/api/v1/admin/challenge/logo/remove", &[]).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    assert_eq!(site.anybody().get(path).await.status, StatusCode::NOT_FOUND);

    let browser = browser(&site).await;
    let form = Form::default().file("logo.png", PNG).request("/admin/challenge/logo");
    assert_eq!(browser.send(form).await.redirect(), "/admin/challenge");
    let form = Form::default().file("logo.png", b"GIF89a").request("/admin/challenge/logo");
    assert!(browser.send(form).await.html(UNPROCESSABLE).has(".problems"));
    let removed = browser.post("/admin/challenge/logo/remove", &[]).await;
    assert_eq!(removed.redirect(), "/admin/challenge");
}

async fn a_file_that_only_pretends_to_be_a_picture_is_refused(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    let images = "/api/v1/admin/images";
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    for bytes in
        [svg.as_slice(), b"<!doctype html><script>alert(1)</script>", b"GIF89a\x01\0\x01\0", b""]
    {
        let form = Form::default().file("a.png", bytes);
        assert_eq!(
            organiser.send(form.request(images)).await.problem(UNPROCESSABLE),
            "field.invalid"
        );
    }
    let nothing = Form::default().field("name", "a");
    assert_eq!(
        organiser.send(nothing.request(images)).await.problem(UNPROCESSABLE),
        "field.invalid"
    );
    // Named by what it is, wherever the name would lead.
    let form = Form::default().file("../../static/asoca.js", PNG);
    let kept = organiser.send(form.request(images)).await.expect(StatusCode::CREATED);
    assert_eq!(
        (&kept["name"], &kept["width"], &kept["height"]),
        (&json!("asoca.png"), &json!(16), &json!(8))
    );
    let taken = Form::default().field("name", "ASOCA").file("b.png", PNG);
    assert_eq!(organiser.send(taken.request(images)).await.problem(UNPROCESSABLE), "field.invalid");
    let unnamed = Form::default().file("…", PNG);
    assert_eq!(
        organiser.send(unnamed.request(images)).await.problem(UNPROCESSABLE),
        "field.invalid"
    );
    for name in ["none.png", "..%2Flogo", "asoca.png%00", "asoca", "%F0%9F%A4%96"] {
        let answer = site.anybody().get(&format!("/media/{name}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}");
    }
    assert_eq!(organiser.get(images).await.expect(StatusCode::OK)["images"], json!([kept]));
    let browser = browser(&site).await;
    let form = Form::default().file("Flow.PNG", PNG).request("/admin/images");
    assert_eq!(browser.send(form).await.redirect(), "/admin/images");
    assert!(browser.get("/admin/images").await.page(StatusCode::OK).contains("/media/flow.png"));
    for name in ["flow.png", "asoca.png"] {
        let gone = browser.post(&format!("/admin/images/{name}/delete"), &[]).await;
        assert_eq!(gone.redirect(), "/admin/images");
    }
    // The logo is none of them.
    let gone = organiser.post(&format!("{images}/logo/delete"), &[]).await;
    assert_eq!(gone.problem(StatusCode::NOT_FOUND), "request.not_found");
}

async fn the_overview_shows_the_example_a_picture_or_nothing_beside_the_description(
    database: Database,
) {
    let site = Site::start(database).await;
    let (organiser, browser) = (site.organiser().await, browser(&site).await);
    let shown = async || {
        let page = site.anybody().get("/").await;
        let page = page.page(StatusCode::OK);
        let hero = ["/example.mesh", "/media/heart.png"].map(|what| page.contains(what));
        (hero, Page::of(page).has(".hero"))
    };
    assert_eq!(shown().await, ([true, false], true));
    // A picture that is not there, or that nothing is told of, is refused.
    let wrong = json!({ "hero": "picture", "hero_picture": "heart.png" });
    assert_eq!(change(&organiser, wrong.clone()).await.problems(UNPROCESSABLE).len(), 2);
    let form = Form::default().file("heart.png", PNG).request("/api/v1/admin/images");
    organiser.send(form).await.expect(StatusCode::CREATED);
    assert_eq!(change(&organiser, wrong).await.problems(UNPROCESSABLE).len(), 1);
    for unknown in [json!({ "hero": "film" }), json!({ "hero": "picture", "hero_picture": "logo" })]
    {
        assert_eq!(change(&organiser, unknown).await.status, UNPROCESSABLE);
    }
    let settings = browser.get("/admin/challenge").await.html(StatusCode::OK);
    assert!(settings.texts("select[name=hero_picture] option").contains(&"heart.png".to_owned()));
    let mut fields = settings.fields("form[action='/admin/challenge']");
    for (name, value) in
        [("hero", "picture"), ("hero_picture", "heart.png"), ("hero_alt", "A <heart> & more")]
    {
        fields.insert(name.to_owned(), value.to_owned());
    }
    let fields: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (&**a, &**b)).collect();
    let saved = browser.post_and_follow("/admin/challenge", &fields).await;
    assert!(saved.html(StatusCode::OK).has("#saved"));
    assert_eq!(shown().await, ([false, true], true));
    let page = site.anybody().get("/").await;
    assert!(page.text().contains("alt=\"A &#60;heart&#62; &#38; more\""), "{}", page.text());
    assert!(!page.text().contains("viewer.js"));
    let told = site.anybody().get("/api/v1/challenge").await.expect(StatusCode::OK);
    assert_eq!((&told["hero"], &told["hero_picture"]), (&json!("picture"), &json!("heart.png")));
    // Nothing is broken where the picture is gone, and something else can be changed then.
    organiser.post("/api/v1/admin/images/heart.png/delete", &[]).await;
    assert_eq!(shown().await, ([false, false], false));
    change(&organiser, json!({ "tagline": "Another line" })).await.expect(StatusCode::OK);
    for (hero, expected) in
        [("nothing", ([false, false], false)), ("example", ([true, false], true))]
    {
        change(&organiser, json!({ "hero": hero })).await.expect(StatusCode::OK);
        assert_eq!(shown().await, expected, "{hero}");
    }
}

async fn a_page_is_seen_once_it_is_published_and_kept_when_it_no_longer_is(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    let new =
        json!({ "slug": "rules", "title": "Rules & data", "body": "# One\n\nSend *one* zip." });
    let made = organiser.post_json(PAGES, &new).await.expect(StatusCode::CREATED);
    assert_eq!((&made["published"], &made["revision"]), (&json!(false), &json!(1)));
    for path in ["/pages/rules", "/api/v1/pages/rules", "/pages/none", "/pages/..", "/pages/%20"] {
        assert_eq!(site.anybody().get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(!read(&site, "/").await.has("a[href='/pages/rules']"));
    let publish = json!({ "published": true });
    organiser.post_json(&format!("{PAGES}/rules"), &publish).await.expect(StatusCode::OK);
    let page = read(&site, "/pages/rules").await;
    assert_eq!(
        (page.text("h1"), page.text("article h2")),
        ("Rules & data".to_owned(), "One".to_owned())
    );
    for path in ["/", "/about", "/leaderboard"] {
        assert!(read(&site, path).await.has("a[href='/pages/rules']"), "{path}");
    }
    let first = json!({ "slug": "faq", "title": "Z: asked often", "order": 0, "published": true });
    organiser.post_json(PAGES, &first).await.expect(StatusCode::CREATED);
    organiser
        .post_json(&format!("{PAGES}/rules"), &json!({ "order": 5 }))
        .await
        .expect(StatusCode::OK);
    let listed = site.anybody().get("/api/v1/pages").await.expect(StatusCode::OK);
    let slugs: Vec<&Value> =
        listed["pages"].as_array().unwrap().iter().map(|page| &page["slug"]).collect();
    assert_eq!(slugs, ["faq", "rules"]);
    let shown = site.anybody().get("/api/v1/pages/rules").await.expect(StatusCode::OK);
    assert_eq!((&shown["body"], &shown["order"]), (&new["body"], &json!(5)));

    let away = json!({ "published": false });
    organiser.post_json(&format!("{PAGES}/rules"), &away).await.expect(StatusCode::OK);
    assert_eq!(site.anybody().get("/pages/rules").await.status, StatusCode::NOT_FOUND);
    let revisions = organiser.get(&format!("{PAGES}/rules/revisions")).await.expect(StatusCode::OK);
    let published: Vec<&Value> =
        revisions["revisions"].as_array().unwrap().iter().map(|one| &one["published"]).collect();
    assert_eq!(published, [false, true, true, false]);
    assert_eq!(revisions["revisions"][0]["author"], "organiser");
}

async fn a_page_is_shown_before_it_is_saved_and_nothing_is_kept_of_that(database: Database) {
    let site = Site::without_worker(database).await;
    let browser = browser(&site).await;
    let fields = |title, preview: bool| {
        let mut fields = vec![
            ("slug", "data"),
            ("title", title),
            ("order", "3"),
            ("published", "on"),
            ("body", "Some *data*.\r\n\r\n<script>alert(1)</script>"),
        ];
        if preview {
            fields.push(("preview", "yes"));
        }
        fields
    };
    let preview = browser.post("/admin/pages", &fields("Data", true)).await.html(StatusCode::OK);
    assert_eq!(
        (preview.text(".preview h2"), preview.text(".preview em")),
        ("Data".into(), "data".into())
    );
    assert!(!preview.has(".preview script"));
    let kept = preview.fields("form[action='/admin/pages']");
    assert_eq!((kept["slug"].as_str(), kept["order"].as_str()), ("data", "3"));
    assert_eq!(browser.get("/admin/pages/data").await.status, StatusCode::NOT_FOUND);
    // What would be refused is said already.
    let preview = browser.post("/admin/pages", &fields("", true)).await.html(StatusCode::OK);
    assert!(preview.has(".problems") && preview.has(".preview"));

    let made =
        browser.post_and_follow("/admin/pages", &fields("Data", false)).await.html(StatusCode::OK);
    assert_eq!(made.text("#saved"), "Saved.");
    let body =
        site.anybody().get("/api/v1/pages/data").await.expect(StatusCode::OK)["body"].clone();
    assert_eq!(body, "Some *data*.\n\n<script>alert(1)</script>");
    let preview =
        browser.post("/admin/pages/data", &fields("Other", true)).await.html(StatusCode::OK);
    assert_eq!(preview.text(".preview h2"), "Other");
    assert_eq!(read(&site, "/pages/data").await.text("h1"), "Data");
    let taken = browser.post("/admin/pages", &fields("Again", false)).await;
    assert!(taken.page(UNPROCESSABLE).contains("a short name that no page has"));
}

async fn a_revision_that_was_replaced_can_be_seen_and_restored(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    let new = json!({ "slug": "rules", "title": "Rules", "body": "first", "published": true });
    organiser.post_json(PAGES, &new).await.expect(StatusCode::CREATED);
    let rules = format!("{PAGES}/rules");
    organiser.post_json(&rules, &json!({ "body": "second" })).await.expect(StatusCode::OK);
    // Nothing new is no revision.
    let same =
        organiser.post_json(&rules, &json!({ "body": "second" })).await.expect(StatusCode::OK);
    assert_eq!(same["revision"], 2);
    let first = organiser.get(&format!("{rules}/revisions/1")).await.expect(StatusCode::OK);
    assert_eq!(first["body"], "first");
    let restored = organiser.post(&format!("{rules}/revisions/1/restore"), &[]).await;
    let restored = restored.expect(StatusCode::OK);
    assert_eq!((&restored["body"], &restored["revision"]), (&json!("first"), &json!(3)));

    let browser = browser(&site).await;
    let seen = browser.get("/admin/pages/rules/revisions/2").await.html(StatusCode::OK);
    assert_eq!((seen.text(".preview p"), seen.text("pre")), ("second".into(), "second".into()));
    let back = browser.post("/admin/pages/rules/revisions/2/restore", &[]).await;
    assert_eq!(back.redirect(), "/admin/pages/rules");
    assert!(
        site.anybody().get("/pages/rules").await.page(StatusCode::OK).contains("<p>second</p>")
    );
    assert!(
        !browser.get("/admin/pages/rules/revisions/4").await.html(StatusCode::OK).has("main form")
    );
    for revision in ["0", "5", "-1", "x", "99999999999999999999"] {
        let path = format!("{rules}/revisions/{revision}");
        assert_eq!(organiser.get(&path).await.problem(StatusCode::NOT_FOUND), "request.not_found");
        let restored = organiser.post(&format!("{path}/restore"), &[]).await;
        assert_eq!(restored.problem(StatusCode::NOT_FOUND), "request.not_found");
    }
}

async fn a_page_that_somebody_else_has_changed_is_not_overwritten(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    let new = json!({ "slug": "rules", "title": "Rules", "body": "first" });
    organiser.post_json(PAGES, &new).await.expect(StatusCode::CREATED);
    let rules = format!("{PAGES}/rules");
    let to = |body: &str| json!({ "body": body, "revision": 1 });
    organiser.post_json(&rules, &to("mine")).await.expect(StatusCode::OK);
    let late = organiser.post_json(&rules, &to("yours")).await;
    assert_eq!(late.problem(StatusCode::CONFLICT), "revision.stale");
    let browser = browser(&site).await;
    let fields = |revision| [("title", "Rules"), ("body", "yours"), ("revision", revision)];
    let stale = browser.post("/admin/pages/rules", &fields("1")).await.html(StatusCode::CONFLICT);
    assert_eq!(stale.text("textarea"), "yours");
    let revision = stale.fields("form[action='/admin/pages/rules']")["revision"].clone();
    let saved = browser.post("/admin/pages/rules", &fields(&revision)).await;
    assert_eq!(saved.redirect(), "/admin/pages/rules");
    let there = organiser.get(&rules).await.expect(StatusCode::OK);
    assert_eq!((&there["body"], &there["revision"]), (&json!("yours"), &json!(3)));
}

async fn names_and_texts_of_pages_keep_their_bounds(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    let page = |slug: &str, title: &str, order: i64, body: &str| json!({ "slug": slug, "title": title, "order": order, "body": body, "published": true });
    let most = "é".repeat(25_000);
    for (slug, title, order, body) in [
        ("", "T", 0, ""),
        ("new", "T", 0, ""),
        ("images", "T", 0, ""),
        ("A", "T", 0, ""),
        ("a/b", "T", 0, ""),
        ("ok", "", 0, ""),
        ("ok", "a\u{0}b", 0, ""),
        ("ok", "T", 1001, ""),
        ("ok", "T", -1, ""),
        ("ok", "T", 0, "a\u{8}b"),
        ("ok", "T", 0, &format!("{most}x")),
    ] {
        let refused = organiser.post_json(PAGES, &page(slug, title, order, body)).await;
        assert_eq!(refused.problem(UNPROCESSABLE), "field.invalid", "{slug} {title}");
    }
    organiser.post_json(PAGES, &page("ok", "T", 1000, &most)).await.expect(StatusCode::CREATED);
    // As long as a form writes it, too: in three characters a byte.
    let browser = browser(&site).await;
    let fields = [("title", "T"), ("body", &*"ü".repeat(25_000)), ("order", "many")];
    let refused = browser.post("/admin/pages/ok", &fields).await;
    assert!(refused.html(UNPROCESSABLE).has(".problems"));
    let fields = [fields[0], fields[1], ("order", "7")];
    assert_eq!(browser.post("/admin/pages/ok", &fields).await.redirect(), "/admin/pages/ok");
}

async fn a_page_can_show_pictures_of_this_site_and_do_no_harm(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    let body = "![a tree](/media/tree.png) ![spy](https://evil.example/a.png) ![x](/media/../logout)\n\n\
         [a](javascript:alert(1)) [b](data:text/html,x) [c](https://evil.example) [d](/leaderboard)\n\n\
         <img src=x onerror=alert(1)> <a href=\"javascript:alert(1)\">e</a>";
    let new = json!({ "slug": "rules", "title": "<script>alert(1)</script>", "body": body, "published": true });
    organiser.post_json(PAGES, &new).await.expect(StatusCode::CREATED);
    let page = site.anybody().get("/pages/rules").await;
    let text = page.page(StatusCode::OK).to_lowercase();
    assert!(
        !text.contains("<script>alert")
            && !text.contains("<a href=\"javascript")
            && !text.contains("evil.example/a")
    );
    let page = Page::of(page.text());
    assert_eq!(page.parts("article img").len(), 1);
    assert!(page.has("article img[src='/media/tree.png'][alt='a tree']"));
    assert!(page.has("a[href='https://evil.example'][rel=nofollow]"));
    assert!(page.has("a[href='/leaderboard']:not([rel])"));
}

async fn the_overview_shows_the_first_three_as_far_as_feedback_allows(database: Database) {
    let site = Site::start(database).await;
    for (team, method) in
        [("A", Method::Thin), ("B", Method::Leaky), ("C", Method::NearPerfect), ("D", Method::Thin)]
    {
        site.team(team).await.score(method).await;
    }
    let board = site.anybody().get("/api/v1/leaderboard").await.expect(StatusCode::OK);
    let page = read(&site, "/").await;
    let teams: Vec<&str> = board["entries"]
        .as_array()
        .unwrap()
        .iter()
        .take(3)
        .map(|row| row["team"].as_str().unwrap())
        .collect();
    assert_eq!(page.texts(".top tbody th"), teams);
    let dice = format!("{:.4}", board["entries"][0]["dice"].as_f64().unwrap());
    assert!(page.text(".top").contains(&dice), "{}", page.text(".top"));
    let organiser = site.organiser().await;
    let set = async |to: Value| {
        organiser.post_json("/api/v1/admin/phases/main", &to).await.expect(StatusCode::OK)
    };
    set(json!({ "feedback": "rounded" })).await;
    let page = read(&site, "/").await;
    assert!(page.has(".top tbody") && !page.text(".top").contains(&dice));
    for hides in [
        json!({ "feedback": "hidden" }),
        json!({ "feedback": "per_case", "leaderboard": "hidden" }),
    ] {
        set(hides.clone()).await;
        let page = read(&site, "/").await;
        assert!(!page.has(".top table"), "{hides}: {}", page.text(".top"));
        assert!(!page.text("main").contains(&dice));
    }
}

async fn the_overview_has_all_phases_in_the_order_they_open(database: Database) {
    let hour = std::time::Duration::from_secs(3600);
    let now = Timestamp::now();
    let setup = Setup { opens_at: now.plus(50 * hour), worker: false, ..Setup::default() };
    let site = Site::with(database, setup).await;
    site.add_phase("warm-up").await;
    let text = json!({ "title": "Warm-up", "opens_at": now.minus(9 * hour), "closes_at": now.minus(hour) });
    let organiser = site.organiser().await;
    organiser.post_json("/api/v1/admin/phases/warm-up", &text).await.expect(StatusCode::OK);
    let page = read(&site, "/").await;
    assert_eq!(page.texts(".timeline strong a"), ["Warm-up", "Final test"]);
    assert_eq!(page.texts(".timeline .state"), ["closed", "planned"]);
    assert_eq!(page.text(".timeline strong[data-until]"), "in 2 days");
    assert_eq!(
        page.links(".timeline a"),
        ["/leaderboard?phase=warm-up", "/leaderboard?phase=main"]
    );
}

async fn the_feed_of_news_is_well_formed_and_names_its_entries_for_ever(database: Database) {
    let setup =
        Setup { worker: false, public_url: Some("https://asoca.example"), ..Setup::default() };
    let site = Site::with(database, setup).await;
    let feed = async || {
        let answer = site.anybody().get("/news.atom").await;
        assert_eq!(answer.header("content-type"), Some("application/atom+xml; charset=utf-8"));
        answer.text().to_owned()
    };
    let id = |feed: &str| feed.split("<id>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let empty = feed().await;
    assert!(empty.contains("<updated>1970-01-01T00:00:00.000000Z</updated>"), "{empty}");
    let organiser = site.organiser().await;
    let mut told = Vec::new();
    for title in ["One <b>&amp;", "Two"] {
        let new = json!({ "title": title, "text": "Text with ]]> & <script>, *em*." });
        let made = organiser.post_json("/api/v1/admin/announcements", &new).await;
        told.push(made.expect(StatusCode::CREATED));
    }
    let withdrawn =
        format!("/api/v1/admin/announcements/{}/withdraw", told[1]["id"].as_str().unwrap());
    let both = feed().await;
    assert_eq!(both.matches("<entry>").count(), 2);
    let newest = both.split("<updated>").nth(1).unwrap().split('<').next().unwrap();
    assert_eq!(Timestamp::parse(newest), Timestamp::parse(told[1]["at"].as_str().unwrap()));
    organiser.post(&withdrawn, &[]).await;
    let left = feed().await;
    assert_eq!((id(&left), id(&both)), (id(&empty), id(&empty)));
    assert!(id(&empty).starts_with("urn:uuid:") && !id(&empty).contains("00000000-0000"));
    assert!(!left.contains("Two"), "{left}");
    for part in [
        "<link rel=\"self\" type=\"application/atom+xml\" href=\"https://asoca.example/news.atom\"/>",
        &format!("<id>urn:uuid:{}</id>", told[0]["id"].as_str().unwrap()),
        "<title>One &#60;b&#62;&#38;amp;</title>",
        "&#60;em&#62;em&#60;/em&#62;",
        "<author><name>ASOCA</name></author>",
    ] {
        assert!(left.contains(part), "{part}: {left}");
    }
    assert!(!left.contains("<script") && !left.contains("]]>"), "{left}");
    assert!(
        read(&site, "/")
            .await
            .has("link[rel=alternate][type='application/atom+xml'][href='/news.atom']")
    );
}

async fn public_pages_say_what_they_are_and_where(database: Database) {
    let setup =
        Setup { worker: false, public_url: Some("https://asoca.example"), ..Setup::default() };
    let site = Site::with(database, setup).await;
    let organiser = site.organiser().await;
    change(&organiser, json!({ "description": "Say \"Hi\" & <go>." })).await.expect(StatusCode::OK);
    let page = json!({ "slug": "rules", "title": "R \"&\" D", "published": true });
    organiser.post_json(PAGES, &page).await.expect(StatusCode::CREATED);
    let logo = Form::default().file("a.png", PNG).request("/api/v1/admin/challenge/logo");
    let logo =
        organiser.send(logo).await.expect(StatusCode::OK)["logo"].as_str().unwrap().to_owned();
    assert!(logo.starts_with("https://asoca.example/media/logo?"), "{logo}");
    let example = "<meta property=\"og:image\" content=\"https://asoca.example/example.png\">";
    assert!(site.anybody().get("/").await.text().contains(example));
    change(&organiser, json!({ "hero": "nothing" })).await.expect(StatusCode::OK);
    for (path, title) in [
        ("/", "Overview"),
        ("/about", "About"),
        ("/scoring", "How it is scored"),
        ("/cases", "Cases"),
        ("/news", "News"),
        ("/leaderboard", "Leaderboard"),
        ("/docs", "Documentation"),
        ("/pages/rules", "R &#34;&#38;&#34; D"),
    ] {
        let page = site.anybody().get(path).await;
        let text = page.page(StatusCode::OK);
        for part in [
            format!("<meta property=\"og:title\" content=\"{title} · ASOCA\">"),
            format!("<title>{title} · ASOCA</title>"),
            format!("<meta property=\"og:url\" content=\"https://asoca.example{path}\">"),
            format!("<link rel=\"canonical\" href=\"https://asoca.example{path}\">"),
            format!("<meta property=\"og:image\" content=\"{logo}\">"),
            "<meta property=\"og:site_name\" content=\"ASOCA\">".to_owned(),
        ] {
            assert!(text.contains(&part), "{path}: {part}: {text}");
        }
        assert_eq!(
            text.matches("Say &#34;Hi&#34; &#38; &#60;go&#62;.\">").count(),
            2,
            "{path}: {text}"
        );
    }
    // What only some people see is nobody else's to quote.
    assert!(!browser(&site).await.get("/admin").await.text().contains("og:title"));
}

async fn an_error_says_whom_to_write_to(database: Database) {
    let site = Site::without_worker(database).await;
    let page = site.anybody().get("/nowhere").await.html(StatusCode::NOT_FOUND);
    assert!(!page.text("main").contains("Write to"));
    let organiser = site.organiser().await;
    change(&organiser, json!({ "contact": "help@example.org" })).await.expect(StatusCode::OK);
    let page = site.anybody().get("/nowhere").await.html(StatusCode::NOT_FOUND);
    assert!(page.text("main").contains("Write to help@example.org"), "{}", page.text("main"));
}

async fn what_organisers_change_is_in_the_audit_log(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    change(&organiser, json!({ "name": "New" })).await.expect(StatusCode::OK);
    let logo = Form::default().file("a.png", PNG);
    organiser.send(logo.request("/api/v1/admin/challenge/logo")).await.expect(StatusCode::OK);
    organiser.send(logo.request("/api/v1/admin/images")).await.expect(StatusCode::CREATED);
    organiser.post("/api/v1/admin/images/a.png/delete", &[]).await;
    let new = json!({ "slug": "rules", "title": "Rules" });
    organiser.post_json(PAGES, &new).await.expect(StatusCode::CREATED);
    organiser
        .post_json(&format!("{PAGES}/rules"), &json!({ "title": "The rules" }))
        .await
        .expect(StatusCode::OK);
    let trail = organiser.get("/api/v1/admin/audit").await.expect(StatusCode::OK);
    let events = trail["events"].as_array().unwrap();
    let told: Vec<(&str, &str)> = events
        .iter()
        .rev()
        .map(|event| (event["action"].as_str().unwrap(), event["subject"].as_str().unwrap()))
        .filter(|(_, subject)| ["challenge", "a.png", "rules"].contains(subject))
        .collect();
    assert_eq!(
        told,
        [
            ("challenge changed", "challenge"),
            ("logo changed", "challenge"),
            ("image added", "a.png"),
            ("image deleted", "a.png"),
            ("page created", "rules"),
            ("page changed", "rules"),
        ]
    );
    let of =
        |action: &str| &events.iter().find(|event| event["action"] == action).unwrap()["detail"];
    let named = of("challenge changed");
    assert_eq!(
        (&named["before"]["name"], &named["after"]["name"]),
        (&json!("ASOCA"), &json!("New"))
    );
    let page = of("page changed");
    assert_eq!(
        (&page["before"]["title"], &page["after"]["revision"]),
        (&json!("Rules"), &json!(2))
    );
}
