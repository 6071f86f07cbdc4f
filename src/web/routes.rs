use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{from_fn, from_fn_with_state, map_response_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum_login::AuthManagerLayerBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;
use tower_http::trace::TraceLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

use super::caller::guard;
use super::{App, api, auth, files, health, pages, revalidate, visitor};
use crate::domain::{Action, Code, Error};

/// A form is small; only uploads are not, and they read the body and count its bytes themselves.
const FORM_BYTES: usize = 64 * 1024;

/// Organisers send the texts of pages, 50 000 bytes, each written as three; teams the answers to twenty questions.
pub(super) const LONG_FORM_BYTES: usize = 192 * 1024;

/// An upload that stands still for this long is dropped.
const STALLED: Duration = Duration::from_secs(60);

const SESSION: time::Duration = time::Duration::days(14);

/// The name of the session's cookie. Under https it has a prefix for which browsers take no cookie but one of this very
/// host that came over https: neither another host of the same domain nor an open network can plant one.
const COOKIE: &str = "asoca";
const HOST_COOKIE: &str = "__Host-asoca";

/// Who came by https once comes by nothing else for a year. Hosts below this one are not ours to speak for.
const STRICT_TRANSPORT: &str = "max-age=31536000";

/// An address, with what the policy is asked before its handler runs.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    pub action: Action,
    /// The parameters that the address takes.
    pub query: &'static [&'static str],
}

impl Route {
    /// Whether what it gives may be kept by who is not logged in.
    fn is_public_read(&self) -> bool {
        self.method == "get" && revalidate::PUBLIC_READS.contains(&self.path)
    }

    /// Whether its forms are longer than most.
    pub(super) fn takes_long_forms(&self) -> bool {
        self.action == Action::Organise || self.path == "/submissions/{id}/method"
    }
}

/// Makes the routers and a list of all routes from one table. There is no other way to add a route, so none
/// is without an action.
macro_rules! routes {
    ($($router:ident($prefix:literal) {
        $($method:ident $path:literal $action:ident $(?$($query:ident),+)? => $handler:path;)*
    })*) => {
        $(fn $router(app: &App) -> Router<App> {
            Router::new()$(.route($path, {
                let route = Route {
                    method: stringify!($method),
                    path: concat!($prefix, $path),
                    action: Action::$action,
                    query: &[$($(stringify!($query)),+)?],
                };
                let guarded = $method($handler).layer(from_fn_with_state((app.clone(), route), guard));
                match route.is_public_read() {
                    true => guarded.layer(from_fn(revalidate::tagged)),
                    false => guarded,
                }
            }))*
        })*

        /// All routes but those of static files and of the probes of health.
        pub const ROUTES: &[Route] = &[$($(Route {
            method: stringify!($method),
            path: concat!($prefix, $path),
            action: Action::$action,
            query: &[$($(stringify!($query)),+)?],
        },)*)*];
    };
}

routes! {
    pages("") {
        get "/" ViewPublic => pages::overview::show;
        get "/example.png" ViewPublic => pages::example::picture;
        get "/example.mesh" ViewPublic => pages::example::mesh;
        get "/about" ViewPublic => pages::about::show;
        get "/scoring" ViewPublic => pages::scoring::show;
        get "/cases" ViewPublic => pages::scoring::cases;
        get "/news" ViewPublic => pages::news::show;
        get "/news.atom" ViewPublic => pages::news::feed;
        get "/pages/{slug}" ViewPublic => pages::site_page::show;
        get "/media/{name}" ViewPublic => pages::media::file;
        get "/leaderboard" ViewPublic ?phase, group, at, sort, order, q, page, columns => pages::leaderboard::show;
        get "/analysis" ViewPublic ?phase, group, at => pages::analysis::show;
        get "/compare" ViewPublic ?phase, group, at, entries => pages::compare::show;
        get "/plots/{name}" ViewPublic ?phase, group, at, team => pages::plots::file;
        get "/teams/{id}" ViewPublic ?phase, at => pages::public_team::show;
        get "/entries/{id}" ViewPublic => pages::entry::show;
        get "/docs" ViewPublic => pages::documents::contents;
        get "/docs/api" ViewPublic => pages::docs::show;
        get "/docs/{name}" ViewPublic => pages::documents::show;
        get "/signup" ViewPublic ?next => pages::sign_up::form;
        post "/signup" ViewPublic => pages::sign_up::send;
        get "/confirm/{secret}" ViewPublic => pages::confirm::form;
        post "/confirm/{secret}" ViewPublic => pages::confirm::send;
        get "/login" ViewPublic ?next => pages::log_in::form;
        post "/login" ViewPublic => pages::log_in::send;
        get "/forgot" ViewPublic => pages::forgot::form;
        post "/forgot" ViewPublic => pages::forgot::send;
        get "/reset/{secret}" ViewPublic => pages::reset::form;
        post "/reset/{secret}" ViewPublic => pages::reset::send;
        get "/welcome/{secret}" ViewPublic => pages::welcome::form;
        post "/welcome/{secret}" ViewPublic => pages::welcome::send;
        post "/logout" ViewPublic => pages::log_in::log_out;
        get "/account" ManageAccount => pages::account::show;
        post "/account/profile" ManageAccount => pages::account::change_profile;
        post "/account/email" ManageAccount => pages::account::change_address;
        get "/address/{secret}" ViewPublic => pages::address::form;
        post "/address/{secret}" ViewPublic => pages::address::send;
        post "/account/email/confirm" ManageAccount => pages::account::confirm_address;
        post "/account/mails" ManageAccount => pages::account::set_mails;
        get "/unsubscribe/{secret}" ViewPublic => pages::unsubscribe::form;
        post "/unsubscribe/{secret}" ViewPublic => pages::unsubscribe::send;
        post "/account/password" ManageAccount => pages::account::change_password;
        post "/account/sessions/{id}/end" ManageAccount => pages::sessions::end;
        post "/account/sessions/end" ManageAccount => pages::sessions::end_others;
        post "/account/tokens" ManageAccount => pages::account::add_token;
        post "/account/tokens/{id}/revoke" ManageAccount => pages::account::revoke_token;
        post "/account/delete" ManageAccount => pages::account::delete;
        get "/team" ManageAccount => pages::team::show;
        post "/team" ManageAccount => pages::team::create;
        post "/team/invitation" LeadTeam => pages::team::invite;
        post "/team/invitation/withdraw" LeadTeam => pages::team::withdraw;
        post "/team/name" LeadTeam => pages::team::rename;
        post "/team/profile" LeadTeam => pages::team::change_profile;
        post "/team/leader" LeadTeam => pages::team::hand_over;
        post "/team/leave" LeaveTeam => pages::team::leave;
        get "/join/{secret}" ViewPublic => pages::join::show;
        post "/join/{secret}" ManageAccount => pages::join::send;
        get "/submit" ViewOwn ?phase => pages::submit::form;
        post "/submit" Submit ?phase, key => pages::submit::send;
        get "/submissions" ViewOwn => pages::submissions::list;
        get "/submissions/{id}" ViewOwn => pages::submissions::show;
        post "/submissions/{id}/cancel" Submit => pages::submissions::cancel;
        post "/submissions/{id}/method" ViewOwn => pages::submissions::change_method;
        get "/admin" Organise => pages::admin::dashboard::show;
        get "/admin/submissions" Organise ?phase, state, search, shown, flagged, before => pages::admin::submissions::list;
        post "/admin/submissions" Organise ?phase, state, search, shown, flagged, before => pages::admin::submissions::decide;
        get "/admin/submissions/{id}/cases/{case}/slices" Organise ?z, outlines => pages::admin::slices::show;
        get "/admin/teams" Organise ?standing, search, before => pages::admin::teams::list;
        post "/admin/teams" Organise ?standing, search, before => pages::admin::teams::decide;
        post "/admin/teams/rename" Organise => pages::admin::teams::rename;
        get "/admin/teams/{id}" Organise => pages::admin::team_profile::show;
        post "/admin/teams/{id}" Organise => pages::admin::team_profile::change;
        get "/admin/users" Organise ?search, before => pages::admin::users::list;
        post "/admin/users/{id}" ChangeRoles => pages::admin::users::set_role;
        post "/admin/sign-ups/{id}" Organise => pages::admin::users::let_in;
        post "/admin/settings" Organise => pages::admin::users::set_sign_up;
        post "/admin/invitations" Organise => pages::admin::users::invite;
        get "/admin/phases" Organise ?copy => pages::admin::phases::list;
        post "/admin/phases" Organise => pages::admin::phases::create;
        get "/admin/phases/{slug}" Organise => pages::admin::phases::show;
        post "/admin/phases/{slug}" Organise => pages::admin::phases::change;
        post "/admin/phases/{slug}/final" Organise => pages::admin::phases::set_final;
        post "/admin/phases/{slug}/snapshots" Organise => pages::admin::phases::publish_snapshot;
        post "/admin/phases/{slug}/delete" Organise => pages::admin::phases::delete;
        get "/admin/reset-link" Organise ?email => pages::admin::accounts::show;
        post "/admin/reset-link" Organise => pages::admin::accounts::reset_link;
        post "/admin/anonymise" Organise => pages::admin::accounts::anonymise;
        get "/admin/announcements" Organise => pages::admin::announcements::list;
        post "/admin/announcements" Organise => pages::admin::announcements::create;
        post "/admin/announcements/{id}/withdraw" Organise => pages::admin::announcements::withdraw;
        get "/admin/letters" Organise => pages::admin::letters::list;
        post "/admin/letters" Organise => pages::admin::letters::send;
        post "/admin/letters/kinds" Organise => pages::admin::letters::set_kinds;
        get "/admin/challenge" Organise => pages::admin::challenge::show;
        post "/admin/challenge" Organise => pages::admin::challenge::change;
        post "/admin/challenge/logo" Organise => pages::admin::challenge::set_logo;
        post "/admin/challenge/logo/remove" Organise => pages::admin::challenge::remove_logo;
        get "/admin/pages" Organise => pages::admin::site_pages::list;
        post "/admin/pages" Organise => pages::admin::site_pages::create;
        get "/admin/pages/{slug}" Organise => pages::admin::site_pages::show;
        post "/admin/pages/{slug}" Organise => pages::admin::site_pages::change;
        get "/admin/pages/{slug}/revisions/{revision}" Organise => pages::admin::site_pages::earlier;
        post "/admin/pages/{slug}/revisions/{revision}/restore" Organise => pages::admin::site_pages::restore;
        get "/admin/images" Organise => pages::admin::images::list;
        post "/admin/images" Organise => pages::admin::images::add;
        post "/admin/images/{name}/delete" Organise => pages::admin::images::delete;
        get "/admin/truth-sets" Organise => pages::admin::truth_sets::list;
        post "/admin/truth-sets" Organise => pages::admin::truth_sets::import;
        get "/admin/truth-sets/{id}" Organise => pages::admin::truth_sets::show;
        post "/admin/truth-sets/{id}/observers" Organise => pages::admin::truth_sets::import_observers;
        post "/admin/truth-sets/{id}/observers/remove" Organise => pages::admin::truth_sets::remove_observers;
        post "/admin/trials" Organise => pages::admin::trials::start;
        get "/admin/trials/{id}" Organise => pages::admin::trials::show;
        post "/admin/trials/{id}/activate" Organise => pages::admin::trials::activate;
        get "/admin/audit" Organise ?action, actor, subject, text, before => pages::admin::audit::show;
    }
    api("/api/v1") {
        get "/submissions" ViewOwn => api::submissions::list;
        post "/submissions" Submit ?wait, phase => api::submissions::create;
        get "/submissions/{id}" ViewOwn => api::submissions::show;
        post "/submissions/{id}" ViewOwn => api::submissions::change;
        get "/submissions/{id}/history" ViewOwn => api::submissions::history;
        get "/submissions/{id}/metrics.json" ViewOwn => api::submissions::metrics;
        post "/submissions/{id}/cancel" Submit => api::submissions::cancel;
        get "/submissions/{id}/cases/{case}/preview.png" ViewOwn => api::pictures::preview;
        get "/submissions/{id}/cases/{case}/mesh" ViewOwn => api::pictures::mesh;
        get "/leaderboard" ViewPublic ?phase, group, at, format => api::leaderboard::show;
        get "/entries/{id}" ViewPublic => api::entries::show;
        get "/teams/{id}" ViewPublic ?phase, at => api::teams::show;
        get "/analysis" ViewPublic ?phase, group, at => api::analysis::show;
        get "/compare" ViewPublic ?phase, group, at, entries => api::compare::show;
        get "/cases" ViewPublic ?phase => api::cases::list;
        get "/phases" ViewPublic => api::phases::list;
        get "/announcements" ViewPublic => api::announcements::list;
        get "/challenge" ViewPublic => api::challenge::show;
        get "/pages" ViewPublic => api::pages::list;
        get "/pages/{slug}" ViewPublic => api::pages::show;
        get "/admin/submissions" Organise ?phase, state, search, shown, flagged, before => api::admin::submissions::list;
        get "/admin/submissions/{id}/cases/{case}/agreement.png" Organise => api::pictures::agreement;
        get "/admin/submissions/{id}/cases/{case}/mesh" Organise => api::pictures::agreement_mesh;
        get "/admin/submissions/{id}/cases/{case}/slices/{z}" Organise ?outlines => api::pictures::slice;
        post "/admin/decisions" Organise => api::admin::submissions::decide;
        get "/admin/teams" Organise ?standing, search, before => api::admin::teams::list;
        post "/admin/teams/{id}" Organise => api::admin::teams::rename;
        get "/admin/teams/{id}/profile" Organise => api::admin::teams::profile;
        post "/admin/teams/{id}/profile" Organise => api::admin::teams::change_profile;
        post "/admin/teams/decisions" Organise => api::admin::teams::decide;
        get "/admin/users" Organise ?search, before => api::admin::users::list;
        post "/admin/users/{id}" ChangeRoles => api::admin::users::change;
        get "/admin/sign-ups" Organise => api::admin::users::sign_ups;
        post "/admin/sign-ups/{id}" Organise => api::admin::users::let_in;
        get "/admin/settings" Organise => api::admin::users::settings;
        post "/admin/settings" Organise => api::admin::users::change_settings;
        post "/admin/invitations" Organise => api::admin::users::invite;
        get "/admin/phases" Organise => api::admin::phases::list;
        post "/admin/phases" Organise => api::admin::phases::create;
        post "/admin/phases/{slug}" Organise => api::admin::phases::change;
        post "/admin/phases/{slug}/final" Organise => api::admin::phases::set_final;
        post "/admin/phases/{slug}/snapshots" Organise => api::admin::phases::publish_snapshot;
        post "/admin/phases/{slug}/delete" Organise => api::admin::phases::delete;
        post "/admin/users/{id}/reset-link" Organise => api::admin::accounts::reset_link;
        post "/admin/users/{id}/anonymise" Organise => api::admin::accounts::anonymise;
        post "/admin/announcements" Organise => api::admin::announcements::create;
        post "/admin/announcements/{id}/withdraw" Organise => api::admin::announcements::withdraw;
        get "/admin/letters" Organise => api::admin::letters::list;
        post "/admin/letters" Organise => api::admin::letters::send;
        post "/admin/letters/preview" Organise => api::admin::letters::preview;
        get "/admin/mails" Organise => api::admin::letters::mails;
        post "/admin/mails" Organise => api::admin::letters::change_mails;
        post "/admin/challenge" Organise => api::admin::challenge::change;
        post "/admin/challenge/logo" Organise => api::admin::challenge::set_logo;
        post "/admin/challenge/logo/remove" Organise => api::admin::challenge::remove_logo;
        get "/admin/pages" Organise => api::admin::pages::list;
        post "/admin/pages" Organise => api::admin::pages::create;
        get "/admin/pages/{slug}" Organise => api::admin::pages::show;
        post "/admin/pages/{slug}" Organise => api::admin::pages::change;
        get "/admin/pages/{slug}/revisions" Organise => api::admin::pages::revisions;
        get "/admin/pages/{slug}/revisions/{revision}" Organise => api::admin::pages::earlier;
        post "/admin/pages/{slug}/revisions/{revision}/restore" Organise => api::admin::pages::restore;
        get "/admin/images" Organise => api::admin::images::list;
        post "/admin/images" Organise => api::admin::images::add;
        post "/admin/images/{name}/delete" Organise => api::admin::images::delete;
        get "/admin/exports/results.csv" Organise ?phase, all, at, group, metric => api::admin::exports::results;
        get "/admin/exports/methods.csv" Organise ?phase => api::admin::exports::methods;
        get "/admin/exports/submissions.json" Organise ?phase, state, search, shown, flagged, before => api::admin::exports::submissions;
        get "/admin/truth-sets" Organise => api::admin::truth_sets::list;
        post "/admin/truth-sets" Organise => api::admin::truth_sets::import;
        get "/admin/truth-sets/{id}" Organise => api::admin::truth_sets::show;
        post "/admin/truth-sets/{id}/observers" Organise => api::admin::truth_sets::import_observers;
        post "/admin/truth-sets/{id}/observers/remove" Organise => api::admin::truth_sets::remove_observers;
        get "/admin/trials" Organise => api::admin::trials::list;
        post "/admin/trials" Organise => api::admin::trials::start;
        get "/admin/trials/{id}" Organise => api::admin::trials::show;
        post "/admin/trials/{id}/activate" Organise => api::admin::trials::activate;
        get "/admin/audit" Organise ?action, actor, subject, text, before, format => api::admin::audit::list;
    }
}

/// Everything the server answers.
pub fn router(app: App) -> Router {
    let pages = pages(&app)
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .fallback(async || Error::not_found())
        .layer(csrf())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(app.clone(), pages::notice::once))
        .layer(from_fn_with_state(app.clone(), pages::error::as_pages));

    let api = api(&app)
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .fallback(async || Error::not_found())
        .layer(csrf())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(api::as_problems));

    let sessions = SessionManagerLayer::new(app.services.store.clone())
        .with_name(if app.settings.is_https() { HOST_COOKIE } else { COOKIE })
        .with_secure(app.settings.is_https())
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(SESSION));
    let backend = auth::Backend {
        store: app.services.store.clone(),
        passwords: app.services.passwords.clone(),
    };

    Router::new()
        .merge(pages)
        .nest("/api/v1", api)
        .layer(AuthManagerLayerBuilder::new(backend, sessions).build())
        .layer(from_fn_with_state(app.clone(), pages::error::without_sessions))
        .layer(map_response_with_state(app.clone(), cookies))
        .route("/static/{file}", get(files::file))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .layer(CompressionLayer::new().compress_when(revalidate::Texts))
        .layer(RequestBodyTimeoutLayer::new(STALLED))
        .layer(always("content-security-policy", CONTENT_SECURITY_POLICY))
        .layer(always("x-content-type-options", "nosniff"))
        .layer(always("x-frame-options", "DENY"))
        .layer(always("referrer-policy", "same-origin"))
        .layer(always("cross-origin-opener-policy", "same-origin"))
        .layer(always("cross-origin-resource-policy", "same-origin"))
        .layer(SetResponseHeaderLayer::overriding(
            header::STRICT_TRANSPORT_SECURITY,
            app.settings.is_https().then(|| HeaderValue::from_static(STRICT_TRANSPORT)),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .with_state(app)
}

/// What the log says of a request: the route rather than the address, which may hold a one-time link's secret.
fn span(request: &Request) -> tracing::Span {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
    tracing::debug_span!("request", method = %request.method(), route)
}

/// Nothing from elsewhere, nothing inline, no frames.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
     img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A browser takes no cookie of the prefix without `Secure`, not even one that removes it, and tower-sessions removes a
/// cookie with nothing of what it was set with but the path.
async fn cookies(State(app): State<App>, mut response: Response) -> Response {
    for value in response.headers_mut().iter_mut().filter(|(name, _)| *name == header::SET_COOKIE) {
        let text = value.1.to_str().unwrap_or_default();
        if text.starts_with(HOST_COOKIE)
            && !text.contains("; Secure")
            && let Ok(secure) = HeaderValue::try_from(format!("{text}; Secure"))
        {
            *value.1 = secure;
        }
    }
    visitor::set_cookie(&mut response, app.settings.is_https());
    response
}

fn always(name: &'static str, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(
        HeaderName::from_static(name),
        HeaderValue::from_static(value),
    )
}

/// Refuses what another site made a browser send; scripts without a browser pass.
fn csrf() -> CsrfLayer<fn(ProtectionError) -> Response> {
    CsrfLayer::new().with_rejection_response(|_| {
        Error::new(
            Code::CrossSite,
            "a form of this site",
            "a request that another site started",
            "Open the page on this site and send the form again.",
        )
        .into_response()
    })
}

fn panicked(reason: Box<dyn Any + Send + 'static>) -> Response {
    let reason = reason
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| reason.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words")
        .to_owned();
    Error::internal(reason).into_response()
}
