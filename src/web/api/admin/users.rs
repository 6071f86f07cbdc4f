use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::{Error, SignUp, UserId};
use crate::service::sign_ups;
use crate::service::teams;
use crate::service::{Caller, accounts};
use crate::store::{PersonFilter, last_of};
use crate::web::App;
use crate::web::answer::Created;
use crate::web::json::{Expected, Input};
use crate::web::query::Asked;

const PAGE: i64 = 200;

/// `GET /admin/users`: the people that fit, who came last first; `next` leads to the following page.
pub async fn list(
    State(app): State<App>,
    Asked(filter): Asked<PersonFilter>,
) -> Result<Json<Value>, Error> {
    let users = app.store().people(&filter, PAGE).await?;
    let next = last_of(&users, PAGE, |user| user.id);
    Ok(Json(json!({ "users": users, "next": next })))
}

#[derive(Deserialize, Serialize)]
pub struct Role {
    organiser: bool,
}

impl Expected for Role {
    const EXPECTED: &'static str = "{\"organiser\": true or false}";
}

/// `POST /admin/users/{id}`: `{"organiser": true}` makes somebody an organiser.
pub async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<UserId>,
    Input(role): Input<Role>,
) -> Result<Json<Role>, Error> {
    accounts::set_organiser(&app.services, &caller, user, role.organiser).await?;
    Ok(Json(role))
}

/// `GET /admin/sign-ups`: who has signed up and not confirmed the address yet, the latest first.
pub async fn sign_ups(State(app): State<App>) -> Result<Json<Value>, Error> {
    Ok(Json(json!({ "sign_ups": sign_ups::waiting(&app.services).await? })))
}

/// `POST /admin/sign-ups/{id}`: makes the account of somebody whom no mail reaches.
pub async fn let_in(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Created<Json<Value>>, Error> {
    let user = sign_ups::let_in(&app.services, &caller, &id).await?;
    Ok(Created(Json(json!({ "user": user }))))
}

#[derive(Serialize)]
pub struct Settings {
    sign_up: SignUp,
}

#[derive(Deserialize)]
pub struct NewSettings {
    sign_up: SignUp,
    /// What it is believed to be until now; refused where it is something else.
    was: Option<SignUp>,
}

impl Expected for NewSettings {
    const EXPECTED: &'static str =
        "{\"sign_up\": \"open, approval or invitation\", \"was\": the same or nothing}";
}

/// `GET /admin/settings`: what holds for the challenge as a whole.
pub async fn settings(State(app): State<App>) -> Result<Json<Settings>, Error> {
    Ok(Json(Settings { sign_up: app.store().sign_up_mode().await? }))
}

/// `POST /admin/settings`
pub async fn change_settings(
    State(app): State<App>,
    caller: Caller,
    Input(NewSettings { sign_up, was }): Input<NewSettings>,
) -> Result<Json<Settings>, Error> {
    accounts::set_sign_up_mode(&app.services, &caller, was, sign_up).await?;
    Ok(Json(Settings { sign_up }))
}

#[derive(Deserialize)]
pub struct Invited {
    whom: String,
}

impl Expected for Invited {
    const EXPECTED: &'static str = "{\"whom\": who is invited, for the audit log}";
}

/// `POST /admin/invitations`: `{"whom": "…"}` gives a link with which one new person makes an account.
pub async fn invite(
    State(app): State<App>,
    caller: Caller,
    Input(Invited { whom }): Input<Invited>,
) -> Result<Created<Json<Value>>, Error> {
    let link = teams::invite_person(&app.services, &caller, &whom).await?;
    Ok(Created(Json(json!({ "link": link }))))
}
