use askama::Template;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Page, html};
use crate::domain::{Code, Error, Problem};
use crate::service::Caller;
use crate::web::App;
use crate::web::error::{ErrorPage, log, of_framework, status_line};

/// What an address stands as in the query of another one.
const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'/');

#[derive(Template)]
#[template(path = "error.html")]
struct Shown {
    page: Page,
    status: String,
    title: &'static str,
    problems: Vec<Problem>,
}

impl Shown {
    /// Whether the page of the team is where to go on.
    fn is_about_the_team(&self) -> bool {
        self.problems.iter().any(|problem| problem.code.as_str().starts_with("team."))
    }
}

/// Shows an error of the pages as a page; who has to log in first is sent there.
pub async fn as_pages(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let mut asked = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;

    let error = response.extensions().get::<Error>().cloned();
    let Some(error) = error.or_else(|| of_framework(&response)) else { return response };
    let path = asked.uri.path();
    if path == "/api" || path.starts_with("/api/") {
        return error.into_response();
    }
    if error.code() == Some(Code::AuthRequired) {
        let next = match path {
            _ if asked.method == Method::GET => asked.uri.to_string(),
            "/submit" => path.to_owned(),
            path if path.starts_with("/join/") => path.to_owned(),
            _ => "/".to_owned(),
        };
        let log_in = format!("/login?next={}", utf8_percent_encode(&next, IN_QUERY));
        return redirect(&asked.headers, log_in);
    }
    // Not asked again who it is when the database is away.
    let caller = match error.code() {
        Some(Code::ServerUnavailable) => Caller::nobody(),
        _ => Caller::from_request_parts(&mut asked, &app).await.unwrap_or_else(|error| {
            log(&error);
            Caller::nobody()
        }),
    };
    Box::pin(page(&app, &caller, error)).await
}

/// What the layer of sessions answers in place of a handler when it can't reach the database: as a page, or as a
/// problem of the API.
pub async fn without_sessions(State(app): State<App>, request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let response = next.run(request).await;
    let ours = response.headers().contains_key(header::CONTENT_TYPE);
    if !response.status().is_server_error() || ours {
        return response;
    }
    let error = Error::unavailable("sessions can't be read or written");
    if api {
        return error.into_response();
    }
    log(&error);
    Box::pin(page(&app, &Caller::nobody(), error)).await
}

async fn page(app: &App, caller: &Caller, error: Error) -> Response {
    let frame = match error.code() {
        Some(Code::ServerUnavailable) => Page::as_last_shown(app, caller, ""),
        _ => Page::new(app, caller, "").await,
    };
    let (status, title) = (status_line(&error), error.title());
    let (answer, problems) = ErrorPage::of_any(error);
    match html(&Shown { page: frame, status, title, problems }) {
        Ok(html) => answer.with(html),
        Err(error) => error.into_response(),
    }
}

/// htmx would follow a redirect by itself and put that page into the one that is open.
pub fn redirect(asked: &HeaderMap, target: String) -> Response {
    if asked.contains_key("hx-request") {
        return [("hx-redirect", target)].into_response();
    }
    Redirect::to(&target).into_response()
}
