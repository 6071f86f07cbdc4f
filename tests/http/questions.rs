//! What organisers ask about methods, and what becomes of the answers.

use axum::http::StatusCode;
use coronary_phantom::Method;
use serde_json::{Value, json};
use test_support::acts::id;
use test_support::challenge::zip_of;
use test_support::client::Client;
use test_support::form::Form;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    questions_are_written_one_a_line_and_what_is_wrong_names_its_line,
    a_form_asks_and_keeps_what_was_answered_when_it_is_refused,
    everybody_sees_the_answers_that_are_public_and_the_team_and_organisers_all,
    answers_are_corrected_with_their_history,
    an_answer_stays_readable_when_the_question_has_changed,
    answers_are_exported_with_their_questions_and_no_formula,
    a_request_with_other_answers_is_another_request,
}

const PHASE: &str = "/api/v1/admin/phases/main";
const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

fn questions() -> Value {
    json!([
        { "key": "data", "text": "Trained on?", "kind": "long_text", "required": true, "public": true },
        { "key": "gpu", "text": "How long?", "kind": "number", "unit": "GPU hours" },
        { "key": "dims", "text": "Sees?", "kind": "choice", "options": ["slices", "volumes"] },
        { "key": "pre", "text": "Pretrained?", "kind": "yes_no", "public": true },
    ])
}

async fn ask(site: &Site, questions: Value) {
    let to = json!({ "questions": questions });
    site.organiser().await.post_json(PHASE, &to).await.expect(StatusCode::OK);
}

async fn send(team: &Client, method: Method, answers: Value) -> Value {
    let form = Form::default()
        .field("method", "=Net()")
        .field("answers", &answers.to_string())
        .file("results.zip", &zip_of(method));
    team.submit_and_wait(&form).await.expect(StatusCode::CREATED)
}

fn entry(of: &Value) -> String {
    format!("/entries/{}", id(of))
}

/// Keys and texts of the answers that a reader of the JSON sees.
async fn seen(reader: &Client, path: &str) -> Vec<(String, Value)> {
    let told = reader.get(&format!("/api/v1{path}")).await.expect(StatusCode::OK);
    let answers = told["answers"].as_array().cloned().unwrap_or_default();
    let seen = |one: &Value| (one["key"].as_str().unwrap().to_owned(), one["value"].clone());
    answers.iter().map(seen).collect()
}

async fn questions_are_written_one_a_line_and_what_is_wrong_names_its_line(database: Database) {
    let site = Site::without_worker(database).await;
    site.account("org", None, true).await;
    let organiser = site.log_in("org").await;
    let path = "/admin/phases/main";
    let page = organiser.get(path).await.html(StatusCode::OK);
    let mut fields = page.fields("form:not([action]):has(textarea)");
    let mut save = async |lines: &str| {
        fields.insert("questions".into(), lines.to_owned());
        fields.remove("revision");
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        organiser.post(path, &fields).await
    };
    let wrong = "data | Trained on? | long text | required\r\n\r\ngpu | How long? | hours\r\n";
    let refused = save(wrong).await.html(UNPROCESSABLE);
    assert!(refused.text(".problems").contains("line 3: a kind"), "{}", refused.text(".problems"));
    assert!(refused.text("textarea[name=questions]").contains("gpu | How long? | hours"));
    let right = "data | Trained on? | long text | required | public\r\n\
        dims | Sees? | choice: slices, volumes\r\n";
    assert_eq!(save(right).await.redirect(), path);
    let shown = organiser.get(path).await.html(StatusCode::OK);
    let lines = shown.verbatim("textarea[name=questions]");
    assert_eq!(
        lines.trim(),
        "data | Trained on? | long text | required | public\n\
         dims | Sees? | choice: slices; volumes | organisers only"
    );
    let phases = site.anybody().get("/api/v1/phases").await.expect(StatusCode::OK);
    let told = &phases["phases"][0]["questions"];
    assert_eq!(
        (&told[0]["kind"], &told[1]["options"][1]),
        (&json!("long_text"), &json!("volumes"))
    );
    // The API takes the same, and refuses the same.
    for questions in [
        json!([{ "key": "A", "text": "x", "kind": "number" }]),
        json!([{ "key": "a", "text": "x", "kind": "choice", "options": ["one"] }]),
        json!([{ "key": "a", "text": "x", "kind": "essay" }]),
        json!([{ "key": "a", "text": "x", "kind": "number", "requried": true }]),
        json!(vec![json!({ "key": "a", "text": "x", "kind": "number" }); 2]),
        json!(vec![json!({ "key": "a", "text": "x", "kind": "number" }); 21]),
    ] {
        let organiser = site.organiser().await;
        let refused = organiser.post_json(PHASE, &json!({ "questions": questions })).await;
        assert_eq!(refused.problem(UNPROCESSABLE), "field.invalid", "{questions}");
    }
    assert_eq!(save("").await.redirect(), path);
    let phases = site.anybody().get("/api/v1/phases").await.expect(StatusCode::OK);
    assert_eq!(phases["phases"][0]["questions"], json!([]));
}

async fn a_form_asks_and_keeps_what_was_answered_when_it_is_refused(database: Database) {
    let site = Site::without_worker(database).await;
    site.leave_queue();
    ask(&site, questions()).await;
    site.member("Team A").await;
    let member = site.log_in("Team A").await;
    let page = member.get("/submit").await.html(StatusCode::OK);
    let fields = page.fields("#upload");
    for key in ["data", "gpu", "dims", "pre"] {
        assert_eq!(fields[&format!("answer.{key}")], "", "{key}");
    }
    let form = |gpu: &str| {
        let form = Form::zip(&zip_of(Method::Thin)).field("answer.data", "Public data");
        form.field("answer.gpu", gpu).field("answer.dims", "volumes").field("answer.pre", "no")
    };
    let refused = member.send(form("long").request("/submit")).await.html(UNPROCESSABLE);
    assert!(refused.text("#outcome").contains("How long?"));
    let kept = refused.fields("#upload");
    let of = |key: &str| kept[&format!("answer.{key}")].as_str();
    assert_eq!((of("data"), of("dims"), of("pre")), ("Public data", "volumes", "no"));
    let sent = member.send(form("12.5").request("/submit")).await;
    let path = sent.redirect().to_owned();
    let told = seen(&member, &path).await;
    let told: Vec<&Value> = told.iter().map(|(_, value)| value).collect();
    assert_eq!(told, [&json!("Public data"), &json!(12.5), &json!("volumes"), &json!(false)]);
    // Fields without end are refused.
    let mut many = Form::zip(&zip_of(Method::Thin));
    for at in 0..21 {
        many = many.field(&format!("answer.k{at}"), "x");
    }
    assert_eq!(member.send(many.request("/submit")).await.status, UNPROCESSABLE);
}

async fn everybody_sees_the_answers_that_are_public_and_the_team_and_organisers_all(
    database: Database,
) {
    let site = Site::start(database).await;
    ask(&site, questions()).await;
    let (team, anybody) = (site.team("Team A").await, site.anybody());
    let answers = json!({ "data": "<b>Ours</b>", "gpu": 7, "pre": true });
    let sent = send(&team, Method::NearPerfect, answers).await;
    let public = vec![("data".to_owned(), json!("<b>Ours</b>")), ("pre".to_owned(), json!(true))];
    assert_eq!(seen(&anybody, &entry(&sent)).await, public);
    for insider in [&team, &site.organiser().await] {
        assert_eq!(seen(insider, &entry(&sent)).await.len(), 3);
    }
    let page = anybody.get(&entry(&sent)).await.html(StatusCode::OK);
    assert_eq!(page.texts(".answers dd"), ["<b>Ours</b>", "yes"]);
    assert!(!page.text("main").contains("How long?"));
    // What was answered to organisers only does not become public, and what is withdrawn is hidden at once.
    let mut turned = questions();
    for (at, public) in [false, true, true, true].into_iter().enumerate() {
        turned[at]["public"] = json!(public);
    }
    ask(&site, turned).await;
    assert_eq!(seen(&anybody, &entry(&sent)).await, [("pre".to_owned(), json!(true))]);
}

async fn answers_are_corrected_with_their_history(database: Database) {
    let site = Site::start(database).await;
    ask(&site, questions()).await;
    let (team, anybody) = (site.team("Team A").await, site.anybody());
    let sent = send(&team, Method::NearPerfect, json!({ "data": "Old", "gpu": 7 })).await;
    let path = format!("/api/v1/submissions/{}", id(&sent));
    let missing = team.post_json(&path, &json!({ "answers": { "data": null } })).await;
    assert_eq!(missing.problem(UNPROCESSABLE), "answer.missing");
    let to = json!({ "answers": { "data": "New", "gpu": null } });
    team.post_json(&path, &to).await.expect(StatusCode::OK);
    let now = vec![("data".to_owned(), json!("New"))];
    assert_eq!(seen(&anybody, &entry(&sent)).await, now);
    let told = team.get(&format!("{path}/history")).await.expect(StatusCode::OK);
    assert_eq!(told["history"][1]["answers"][0]["value"], "Old");
    let member = site.log_in("Team A").await;
    let own = format!("/submissions/{}", id(&sent));
    let page = member.get(&own).await.html(StatusCode::OK);
    assert!(page.text(".history").contains("7 GPU hours"));
    let fields = page.fields("form[action$='/method']");
    assert_eq!((&*fields["answer.data"], &*fields["answer.gpu"]), ("New", ""));
    let form = [("method", "Net"), ("answer.data", "Newer"), ("answer.pre", "yes")];
    assert_eq!(member.post(&format!("{own}/method"), &form).await.redirect(), own);
    let now = vec![("data".to_owned(), json!("Newer")), ("pre".to_owned(), json!(true))];
    assert_eq!(seen(&anybody, &entry(&sent)).await, now);
}

async fn an_answer_stays_readable_when_the_question_has_changed(database: Database) {
    let site = Site::start(database).await;
    ask(&site, questions()).await;
    let (team, anybody) = (site.team("Team A").await, site.anybody());
    let sent = send(&team, Method::NearPerfect, json!({ "data": "Ours", "pre": true })).await;
    let other = json!([
        { "key": "data", "text": "Which data?", "kind": "short_text", "public": true },
        { "key": "seed", "text": "Seed?", "kind": "number", "required": true },
    ]);
    ask(&site, other).await;
    let page = anybody.get(&entry(&sent)).await.html(StatusCode::OK);
    assert_eq!(page.texts(".answers dt"), ["Trained on?", "Pretrained?"]);
    // Neither is lost when something else is changed, nor is what is asked now owed by what was sent before.
    let member = site.log_in("Team A").await;
    let path = format!("/submissions/{}", id(&sent));
    let shown = member.get(&path).await.html(StatusCode::OK);
    let mut fields = shown.fields("form[action$='/method']");
    fields.insert("method".into(), "Net 2".into());
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(member.post(&format!("{path}/method"), &fields).await.redirect(), path);
    let page = anybody.get(&entry(&sent)).await.html(StatusCode::OK);
    assert_eq!(page.texts(".answers dt"), ["Which data?", "Pretrained?"]);
    assert_eq!(page.texts(".answers dd"), ["Ours", "yes"]);
}

async fn answers_are_exported_with_their_questions_and_no_formula(database: Database) {
    let site = Site::start(database).await;
    ask(&site, questions()).await;
    let team = site.team("Team A").await;
    let answers = json!({ "data": "=1+1", "gpu": -2.5, "dims": "slices" });
    let sent = send(&team, Method::NearPerfect, answers).await;
    let organiser = site.organiser().await;
    let csv = organiser.get("/api/v1/admin/exports/methods.csv?phase=main").await;
    assert_eq!(csv.status, StatusCode::OK);
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    let text = csv.text().to_owned();
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    assert_eq!(
        lines.next().unwrap(),
        "submission,position,team,affiliation,website,method,description,code,paper,data,created_at,\
         answer_data,answer_gpu,answer_dims,answer_pre,answers"
    );
    let line = lines.next().unwrap();
    assert!(line.starts_with(&format!("{},1,Team A,,,'=Net(),,,,,", id(&sent))), "{line}");
    assert!(line.contains(",'=1+1,-2.5,slices,,\"[{"), "{line}");
    assert!(line.contains("Trained on?") && line.contains("GPU hours"), "{line}");
    assert_eq!(lines.next(), None);
    let document = organiser.get("/api/v1/admin/exports/submissions.json").await;
    let answers = &document.expect(StatusCode::OK)["submissions"][0]["answers"];
    assert_eq!(
        (&answers[1]["question"], &answers[1]["value"]),
        (&json!("How long?"), &json!(-2.5))
    );
    assert_eq!(team.get("/api/v1/admin/exports/methods.csv").await.status, StatusCode::FORBIDDEN);
}

async fn a_request_with_other_answers_is_another_request(database: Database) {
    let site = Site::without_worker(database).await;
    site.leave_queue();
    ask(&site, questions()).await;
    let team = site.team("Team A").await;
    let form = |data: &str| {
        let answers = json!({ "data": data }).to_string();
        Form::zip(&zip_of(Method::Thin)).field("answers", &answers)
    };
    let first = team.submit_with_key(&form("a"), "k").await.expect(StatusCode::ACCEPTED);
    let again = team.submit_with_key(&form("a"), "k").await.expect(StatusCode::ACCEPTED);
    assert_eq!(again["id"], first["id"]);
    let other = team.submit_with_key(&form("b"), "k").await;
    assert_eq!(other.problem(UNPROCESSABLE), "idempotency.key_reused");
}
