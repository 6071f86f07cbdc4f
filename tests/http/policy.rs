//! Every route by every kind of actor, held against the table in `docs/policy.md`.

use std::fmt::Write;
use std::time::Duration;

use asoca::domain::{
    AnnouncementId, ImageKind, Scope, SubmissionId, TeamId, TokenId, TrialId, UserId,
};
use asoca::service::credentials::make_token;
use asoca::store::{AuditContext, NewImage, NewSignUp, PageText, Timestamp};
use asoca::web::ROUTES;
use axum::http::StatusCode;
use test_support::client::{Answer, Client};
use test_support::site::Site;
use test_support::{Database, on_both_engines, rows};

on_both_engines! {
    every_route_answers_every_actor_as_the_table_says,
    the_page_about_the_api_names_every_address_of_it,
}

const TABLE: &str = include_str!("../../docs/policy.md");

const ACTORS: [Actor; 10] = [
    Actor::Nobody,
    Actor::LoggedIn("without team"),
    Actor::LoggedIn("member"),
    Actor::LoggedIn("other team"),
    Actor::LoggedIn("suspended"),
    Actor::LoggedIn("organiser"),
    Actor::Token("member", Scope::Read),
    Actor::Token("member", Scope::Submit),
    Actor::Token("organiser", Scope::Organise),
    Actor::ExpiredToken("member"),
];

/// People are named after their part.
#[derive(Clone, Copy)]
enum Actor {
    Nobody,
    LoggedIn(&'static str),
    Token(&'static str, Scope),
    ExpiredToken(&'static str),
}

/// The people of the table, and what belongs to the member.
struct Scene {
    site: Site,
    people: Vec<(&'static str, UserId)>,
}

impl Scene {
    async fn new(database: Database) -> Self {
        let site = Site::without_worker(database).await;
        let mut people = Vec::new();
        for name in ["without team", "member", "other team", "suspended", "organiser"] {
            let team = Some(name).filter(|name| !["without team", "organiser"].contains(name));
            people.push((name, site.account(name, team, name == "organiser").await));
        }
        let text = "update teams set standing = 'suspended' where name = $1";
        site.execute(text, "suspended").await;
        Self { site, people }
    }

    fn person(&self, name: &str) -> UserId {
        self.people.iter().find(|person| person.0 == name).unwrap().1
    }

    async fn client(&self, actor: Actor) -> Client {
        let token = async |name, scope, lifetime| {
            let (store, user) = (&self.site.store, self.person(name));
            let made = make_token(store, user, "t", scope, lifetime, Timestamp::now()).await;
            self.site.anybody().with_token(&made.unwrap())
        };
        match actor {
            Actor::Nobody => self.site.anybody(),
            Actor::LoggedIn(name) => self.site.log_in(name).await,
            Actor::Token(name, scope) => token(name, scope, Duration::from_secs(3600)).await,
            Actor::ExpiredToken(name) => token(name, Scope::Submit, Duration::ZERO).await,
        }
    }

    /// The address with the id of something new that belongs to the member or the member's team.
    async fn address(&self, path: &str) -> String {
        let id = match path {
            _ if !path.contains('{') => return path.to_owned(),
            _ if path.contains("/pages/") => {
                return path.replace("{slug}", "rules").replace("{revision}", "1");
            }
            _ if path.contains("/media/") || path.contains("/images/") => {
                return path.replace("{name}", &self.image().await);
            }
            _ if path.contains("/plots/") => return path.replace("{name}", "ranks.svg"),
            _ if path.starts_with("/docs/") => return path.replace("{name}", "statistics"),
            _ if path.contains("/phases/") => return path.replace("{slug}", "main"),
            // Who has no secret has nothing.
            _ if path.contains("{secret}") => return path.replace("{secret}", "none"),
            _ if path.contains("/sessions/") => return path.replace("{id}", &self.session().await),
            _ if path.contains("/sign-ups/") => return path.replace("{id}", &self.sign_up().await),
            _ if path.contains("/truth-sets/") => self.site.phase.truth_set_id.uuid(),
            _ if path.contains("/trials/") => self.trial().await.uuid(),
            _ if path.contains("/tokens/") => self.token().await.uuid(),
            _ if path.contains("/teams/") => self.team().await.uuid(),
            _ if path.contains("/users/") => self.person("without team").uuid(),
            _ if path.contains("{case}") => {
                let id = self.submission().await.uuid();
                return path
                    .replace("{id}", &id.to_string())
                    .replace("{case}", "0")
                    .replace("{z}", "0");
            }
            _ if path.contains("/submissions/") || path.contains("/entries/") => {
                self.submission().await.uuid()
            }
            _ if path.contains("/announcements/") => self.announcement().await.uuid(),
            _ => panic!("which object does {path} speak of?"),
        };
        path.replace("{id}", &id.to_string())
    }

    /// Of everybody's: a page that is published.
    async fn add_page(&self) {
        let says =
            PageText { title: "Rules".into(), place: 0, body: String::new(), published: true };
        let (author, now) = (self.person("organiser"), Timestamp::now());
        let detail = serde_json::json!({});
        assert!(
            self.site.store.add_site_page("rules", &says, 1, author, detail, now).await.unwrap()
        );
    }

    async fn image(&self) -> String {
        let name = format!("{}.png", UserId::new());
        let new =
            NewImage { kind: ImageKind::Png, width: 1, height: 1, sha256: "", bytes: b"text" };
        let (by, now) = (AuditContext::default(), Timestamp::now());
        assert!(self.site.store.add_image(&name, &new, 10_000, &by, now).await.unwrap());
        name
    }

    async fn team(&self) -> TeamId {
        self.site.store.team_of(self.person("member")).await.unwrap().unwrap().id
    }

    async fn token(&self) -> TokenId {
        let member = self.person("member");
        self.client(Actor::Token("member", Scope::Read)).await;
        self.site.store.tokens_of(member).await.unwrap()[0].id
    }

    async fn session(&self) -> String {
        let member = self.person("member");
        self.site.log_in("member").await;
        let sessions = self.site.store.sessions_of(member, Timestamp::now()).await.unwrap();
        sessions[0].digest.clone()
    }

    async fn sign_up(&self) -> String {
        let digest = UserId::new().to_string();
        let new = NewSignUp {
            email: format!("{digest}@example.org"),
            display_name: "new".to_owned(),
            affiliation: String::new(),
            password_hash: String::new(),
            team: None,
            invitation: None,
            next: String::new(),
        };
        self.site.store.add_sign_up(&digest, &new, Timestamp::now()).await.unwrap();
        digest
    }

    async fn announcement(&self) -> AnnouncementId {
        let made =
            self.site.store.announce("title", "", &AuditContext::default(), Timestamp::now()).await;
        made.unwrap().id
    }

    async fn trial(&self) -> TrialId {
        let (phase, organiser) = (&self.site.phase, self.person("organiser"));
        let now = Timestamp::now();
        self.site.store.start_trial(phase.id, phase.truth_set_id, organiser, now).await.unwrap()
    }

    async fn submission(&self) -> SubmissionId {
        let user = self.person("member");
        let new = rows::submission(self.team().await, user);
        let mut phase = self.site.phase.clone();
        phase.quota = 1_000_000;
        phase.rules.total = None;
        self.site.store.add_submission(&phase, &new, Timestamp::now()).await.unwrap();
        new.id
    }
}

/// What the table calls an answer.
fn word(answer: &Answer) -> &'static str {
    let to_log_in = answer.header("location").is_some_and(|to| to.starts_with("/login?"));
    match answer.status {
        StatusCode::UNAUTHORIZED => "log in",
        StatusCode::SEE_OTHER if to_log_in => "log in",
        StatusCode::FORBIDDEN => "no",
        StatusCode::NOT_FOUND => "hidden",
        status if status.is_server_error() => panic!("{status}: {}", answer.text()),
        _ => "yes",
    }
}

async fn every_route_answers_every_actor_as_the_table_says(database: Database) {
    let scene = Scene::new(database).await;
    scene.add_page().await;
    let mut logged_in = Vec::new();
    for actor in ACTORS {
        logged_in.push(scene.client(actor).await);
    }
    let mut found = String::new();
    for route in ROUTES {
        let method = route.method.to_uppercase();
        write!(found, "| {method} `{}` |", route.path).unwrap();
        for (actor, client) in ACTORS.into_iter().zip(&mut logged_in) {
            let address = scene.address(route.path).await;
            let answer = match route.method {
                "get" => client.get(&address).await,
                "post" => client.post(&address, &[]).await,
                method => panic!("how is a request with {method} sent?"),
            };
            write!(found, " {} |", word(&answer)).unwrap();
            if route.path == "/logout" {
                *client = scene.client(actor).await;
            }
        }
        found.push('\n');
    }
    let rows = TABLE.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
    let stated: String = rows.map(|row| format!("{row}\n")).collect();
    if found != stated {
        let new = found.lines().filter(|line| !stated.contains(line));
        let new: Vec<&str> = new.collect();
        panic!("docs/policy.md does not say, or says in another order:\n{}", new.join("\n"));
    }
}

async fn the_page_about_the_api_names_every_address_of_it(database: Database) {
    let site = Site::without_worker(database).await;
    let page = site.anybody().get("/docs/api").await;
    let page = page.page(StatusCode::OK);
    for route in ROUTES.iter().filter(|route| route.path.starts_with("/api/")) {
        let path =
            route.path.replace("{id}", "ID").replace("{slug}", "NAME").replace("{case}", "CASE");
        let path =
            path.replace("{name}", "NAME").replace("{revision}", "NUMBER").replace("{z}", "Z");
        let row = format!("<code>{} {path}", route.method.to_uppercase());
        let after = page.split(&row).skip(1).filter_map(|rest| rest.chars().next());
        assert!(after.into_iter().any(|end| "?<".contains(end)), "{row} is not on the page");
    }
}
