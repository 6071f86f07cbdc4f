use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum_login::AuthManagerLayerBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;
use tower_http::trace::TraceLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

use super::failure::Failure;
use super::{App, api, auth, files, health, pages};
use crate::challenge::Code;

/// A form is small; only uploads are not, and they count their bytes themselves.
const FORM_BYTES: usize = 64 * 1024;

/// An upload that stands still for this long is dropped.
const STALLED: Duration = Duration::from_secs(60);

const SESSION: time::Duration = time::Duration::days(14);

/// Everything the server answers.
pub fn router(app: App) -> Router {
    let pages = Router::new()
        .route("/", get(pages::overview::show))
        .route("/leaderboard", get(pages::leaderboard::show))
        .route("/docs/api", get(pages::docs::show))
        .route("/signup", get(pages::sign_up::form).post(pages::sign_up::send))
        .route("/login", get(pages::log_in::form).post(pages::log_in::send))
        .route("/logout", post(pages::log_in::log_out))
        .route("/account", get(pages::account::show))
        .route("/account/tokens", post(pages::account::add_token))
        .route("/account/tokens/{id}/revoke", post(pages::account::revoke_token))
        .route("/submit", get(pages::submit::form))
        .route("/submissions", get(pages::submissions::list))
        .route("/submissions/{id}", get(pages::submissions::show))
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .route("/submit", post(pages::submit::send))
        .fallback(async || Failure::not_found())
        .layer(csrf())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(app.clone(), pages::error::as_pages));

    let api = Router::new()
        .route("/submissions", get(api::submissions::list))
        .route("/submissions/{id}", get(api::submissions::show))
        .route("/submissions/{id}/metrics.json", get(api::submissions::metrics))
        .route("/leaderboard", get(api::leaderboard::show))
        .route("/cases", get(api::cases::list))
        .route("/phases", get(api::phases::list))
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .route("/submissions", post(api::submissions::create))
        .fallback(async || Failure::not_found())
        .layer(csrf())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(api::as_problems));

    let sessions = SessionManagerLayer::new(app.store.clone())
        .with_name("asoca")
        .with_secure(app.settings.is_https())
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(SESSION));
    let backend = auth::Backend { store: app.store.clone(), passwords: app.passwords.clone() };

    Router::new()
        .merge(pages)
        .nest("/api/v1", api)
        .layer(AuthManagerLayerBuilder::new(backend, sessions).build())
        .route("/static/{file}", get(files::file))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .layer(RequestBodyTimeoutLayer::new(STALLED))
        .layer(always("content-security-policy", CONTENT_SECURITY_POLICY))
        .layer(always("x-content-type-options", "nosniff"))
        .layer(always("x-frame-options", "DENY"))
        .layer(always("referrer-policy", "same-origin"))
        .layer(always("cross-origin-opener-policy", "same-origin"))
        .layer(always("cross-origin-resource-policy", "same-origin"))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
        .layer(TraceLayer::new_for_http())
        .with_state(app)
}

/// Nothing from elsewhere, nothing inline, no frames.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
     img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn always(name: &'static str, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(
        HeaderName::from_static(name),
        HeaderValue::from_static(value),
    )
}

/// Refuses what another site made a browser send; scripts without a browser pass.
fn csrf() -> CsrfLayer<fn(ProtectionError) -> Response> {
    CsrfLayer::new().with_rejection_response(|_| {
        Failure::of(
            StatusCode::FORBIDDEN,
            Code::CrossSite,
            "a form of this site",
            "a request that another site started",
            "Open the page here and send the form again.",
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
    Failure::internal(reason).into_response()
}
