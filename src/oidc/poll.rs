//! An app fetches its events (RFC 8936). It proves itself as at the token endpoint, in the `Authorization` header, since
//! the body is JSON. What it does not acknowledge it is given again.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::{Map, Value};

use super::{authenticate::Caller, parameter::is_json};
use crate::{
    courier::{self, SetError},
    outbox::Letter,
    partition::Told,
    types::{App, OAuthCode, app::EventChannel},
    web::{House, api::ApiError, headers, params::Params},
};

/// The most events of one answer, and how many it has if the app does not say.
const MOST: usize = 100;
/// How long an app may be kept waiting for something new. Shorter than a stop waits for what is in flight.
const LONGEST: Duration = Duration::from_secs(8);
/// How often it is looked for what another instance has put there.
const LOOK: Duration = Duration::from_secs(1);

/// What an app asks (section 2.2). What is not known is ignored.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Ask {
    max_events: Option<u64>,
    return_immediately: bool,
    ack: BTreeSet<String>,
    set_errs: BTreeMap<String, IgnoredAny>,
}

/// What it gets (section 2.3).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    sets: BTreeMap<String, String>,
    more_available: bool,
}

/// `POST /events/poll`.
pub async fn post(
    house: web::Data<House>,
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, ApiError> {
    let no_form = Params::default();
    let caller = Caller::meet(&house, &request, &no_form).await?;
    let app = caller.prove().await?.app();
    if app.is_public() || app.channels.events != Some(EventChannel::Poll) {
        let reason = "this client does not fetch events";
        return Err(ApiError::bad_request(OAuthCode::UnauthorizedClient, reason));
    }
    let ask = read(&request, body)?;
    settle(&house, app, &ask).await?;
    let most = ask.max_events.map_or(MOST, |most| usize::try_from(most).map_or(MOST, |most| most.min(MOST)));
    let (letters, more_available) = wait(&house, app, most, ask.return_immediately).await?;
    let sets = letters.iter().map(|letter| Ok((letter.id.to_string(), signed(&house, app, letter)?)));
    let answer = Answer { sets: sets.collect::<Result<_, ApiError>>()?, more_available };
    let mut response = HttpResponse::Ok();
    headers::no_store(&mut response);
    Ok(response.json(answer))
}

fn read(request: &HttpRequest, body: Result<web::Bytes, actix_web::Error>) -> Result<Ask, ApiError> {
    if !is_json(request) {
        return Err(ApiError::bad_request(OAuthCode::InvalidRequest, "the body must be JSON"));
    }
    let body = ApiError::body(body)?;
    let wrong = |_| ApiError::bad_request(OAuthCode::InvalidRequest, "the body is not a poll request");
    // An object, not a list that serde would take for one.
    let members: Map<String, Value> = serde_json::from_slice(&body).map_err(wrong)?;
    serde_json::from_value(Value::Object(members)).map_err(wrong)
}

/// What the app has, or will not have, is done. Names that are not in its own mailbox mean nothing.
async fn settle(house: &House, app: &App, ask: &Ask) -> Result<(), ApiError> {
    let now = house.clock.now();
    let taken = ask.ack.iter().map(|id| (id, Told::Acknowledged(now)));
    let refused = ask.set_errs.keys().map(|id| (id, Told::Refused(now)));
    for (id, told) in taken.chain(refused) {
        let Ok(id) = id.parse() else { continue };
        if let Some(letter) = house.outbox.in_mailbox(&app.id, id).await? {
            house.outbox.end(&letter, told).await?;
        }
    }
    Ok(())
}

/// What waits for the app; it is waited for, unless the app would rather not.
async fn wait(house: &House, app: &App, most: usize, at_once: bool) -> Result<(Vec<Letter>, bool), ApiError> {
    let until = tokio::time::Instant::now() + LONGEST;
    loop {
        let rung = house.outbox.bell().mailbox();
        let (letters, more) = house.outbox.mailbox(&app.id, most).await?;
        let is_over = tokio::time::Instant::now() >= until;
        if most == 0 || !letters.is_empty() || at_once || is_over {
            return Ok((letters, more));
        }
        let _either_way = tokio::time::timeout(LOOK, rung).await;
    }
}

fn signed(house: &House, app: &App, letter: &Letter) -> Result<String, ApiError> {
    courier::sign(letter, app, &house.issuer, &house.keyring, house.clock.now()).map_err(|error| match error {
        SetError::NotReady => ApiError::unavailable(),
        SetError::Sign(_) => ApiError::internal(&error),
    })
}
